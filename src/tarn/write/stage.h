#pragma once

#include <functional>
#include <string>

#include "tarn/catalog/catalog.h"
#include "tarn/write/graph_rows.h"

namespace tarn::write {

/// An effect on the table of a type as the head `snapshot` has it: nothing staged, nothing changed
/// yet, but the table may have been forked. It goes into a plan before anything else can fail.
Result<catalog::Effect> EffectOn(const Request& request, catalog::Catalog& catalog,
                                 const catalog::Snapshot& snapshot, catalog::TableKind kind,
                                 const std::string& type_name);

/// What the storage keeps in each transaction about who made it.
lance::StageOptions StageOptionsFor(const Request& request, const std::string& operation);

/// The bytes of all files that were staged.
Result<uint64_t> StagedBytes(const lance::Staged& staged);

/// Stages one transaction per type of the input, nodes before edges, and calls `begin_type` with
/// its label before each. After an error `plan` holds what was staged, for the caller to abandon.
Status StageRows(catalog::Catalog& catalog, GraphRows& rows, catalog::CommitPlan& plan,
                 const std::function<void(const std::string& label)>& begin_type);

}  // namespace tarn::write
