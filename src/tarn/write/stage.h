#pragma once

#include <functional>
#include <string>

#include "tarn/catalog/catalog.h"
#include "tarn/write/graph_rows.h"

namespace tarn::write {

/// What every staged transaction of a commit is marked with.
lance::StageOptions StageOptionsFor(const Request& request, const std::string& operation);

/// Stages one transaction per type of the input, nodes before edges, and calls `begin_type` with
/// its label before each. After an error `plan` holds what was staged, for the caller to abandon.
Status StageRows(catalog::Catalog& catalog, GraphRows& rows, catalog::CommitPlan& plan,
                 const std::function<void(const std::string& label)>& begin_type);

}  // namespace tarn::write
