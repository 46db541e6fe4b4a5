#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/catalog/catalog.h"
#include "tarn/write/limits.h"

namespace tarn::write {

struct OptimizeOptions {
  uint64_t file_rows_target = kFileRowsTarget;
  uint32_t conflict_retries_max = 5;
};

struct OptimizedTable {
  std::string key;  ///< "node:Port"
  uint64_t fragments_removed = 0;
  uint64_t fragments_added = 0;
  bool committed = false;
  /// Why the table was left alone though it wanted work; empty otherwise. "DriftNeedsRepair": it
  /// has versions that no commit names.
  std::string skipped;
  uint64_t published_version = 0;
  uint64_t newest_version = 0;  ///< that storage has
};

struct OptimizeResult {
  catalog::CommitRecord commit;  ///< id is empty when nothing wanted work: no commit was made
  std::vector<OptimizedTable> tables;
};

/// Rewrites small files, and files with many deleted rows, as larger ones: every row stays, with
/// its row id. All tables in one commit; no version is removed. Each table is a row delta that
/// replaces whole files, so the commit takes the one way that all commits take.
///
/// Errors  kCommitConflict when others kept changing the same tables; those of the storage.
/// Memory  16 bytes a rewritten row, at most kOptimizeRowsMax rows a table and run: a larger table
///         takes several runs.
Result<OptimizeResult> Optimize(const Request& request, catalog::Catalog& catalog,
                                const OptimizeOptions& options);

}  // namespace tarn::write
