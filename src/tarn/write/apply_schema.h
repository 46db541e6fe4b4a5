#pragma once

#include <cstdint>
#include <string>

#include "tarn/base/clock.h"
#include "tarn/base/request.h"
#include "tarn/base/source.h"
#include "tarn/catalog/catalog.h"
#include "tarn/schema/migration.h"

namespace tarn::write {

struct ApplyOptions {
  std::string branch = "main";
  int64_t memory_bytes_max = int64_t{512} << 20;  ///< beyond it, checks over several rows spill
  /// Absolute. Empty: a check that would spill fails with kMemoryBudget.
  std::string spill_folder;
  uint32_t conflict_retries_max = 5;
};

struct ApplyResult {
  schema::Migration migration;
  catalog::CommitRecord commit;  ///< id is empty when the schema says what is accepted already
};

/// What would have to happen so that `wanted` becomes the schema of `head`. Reads no rows.
/// Errors  those of the schema's text; kRenameHint. A plan with unsupported changes is no error.
Result<schema::Migration> PlanSchema(const catalog::Snapshot& head, const SourceText& wanted);

/// Makes `wanted` the accepted schema of a branch in one commit, or changes nothing: rows are held
/// to the rules that are new, tables of new types are made, those of dropped types leave the
/// manifest, columns are renamed, added, widened and dropped. Rows keep their ids and row ids.
/// Other branches keep their schema. When another commit is quicker, all of it is planned anew. A
/// request id that a commit carries already is answered with that commit.
///
/// Errors  as PlanSchema; kMigrationUnsupported names every change that no step makes;
///         kConstraintViolation names the rows that break a new rule, up to kProblemsMax;
///         kCommitConflict when others kept winning; kUnsupported for a blob column (see
///         TableStore::StageColumns).
Result<ApplyResult> ApplySchema(const Request& request, catalog::Catalog& catalog, Clock& clock,
                                const SourceText& wanted, const ApplyOptions& options);

}  // namespace tarn::write
