#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tarn/catalog/snapshot.h"
#include "tarn/lance/table.h"

namespace tarn::catalog {

/// What a writer is about to do to one table: one staged Lance transaction, one new version.
struct Effect {
  TableEntry before;                      ///< as the base snapshot names it
  std::unique_ptr<lance::Table> base;     ///< pinned at before.version
  std::unique_ptr<lance::Staged> staged;  ///< files written, nothing visible
  TableChange change;                     ///< counts; version is before.version + 1
  uint64_t rows_after = 0;
  uint64_t bytes_after = 0;
};

/// Everything one commit changes, planned on `base`. Handed to Catalog::Commit, which is the only
/// door to a new warehouse version. The base snapshot is the read set: the commit lands only
/// directly on top of it, so every constraint that was judged against it still holds.
struct CommitPlan {
  Snapshot base;
  std::string operation;  ///< "load:append", ...
  std::vector<Effect> effects;
  /// Lands only if the head is this commit; a mismatch is kPreconditionFailed and never retried.
  std::string if_commit;
  /// The plan changes no content, so it holds on every head that has its tables at the same
  /// versions, whatever else happened since `base`.
  bool keeps_content = false;
};

}  // namespace tarn::catalog
