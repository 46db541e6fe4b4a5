#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/clock.h"
#include "tarn/catalog/catalog.h"
#include "tarn/changes/conflict.h"

namespace tarn::changes {

/// Whose row a conflict is settled for: the target's, or the source's.
enum class Keep : uint8_t { kOurs, kTheirs };

struct MergeOptions {
  bool dry_run = false;        ///< finds everything out, and writes nothing
  std::optional<Keep> keep{};  ///< settles every conflict of two rows
  /// Settles single rows, named "node:Port SEGOT", before `keep`, and whether they are in conflict
  /// or not: `ours` leaves the row as the target has it, `theirs` makes it what the source has,
  /// which for an orphaned edge means that it goes with its node.
  std::map<std::string, Keep> keep_of{};
  uint32_t conflict_retries_max = 5;  ///< plans again while others commit to the target
};

enum class Outcome : uint8_t { kAlreadyUpToDate, kFastForward, kMerged };
/// "already_up_to_date", "fast_forward", "merged".
std::string_view OutcomeName(Outcome outcome);

struct MergeResult {
  Outcome outcome = Outcome::kAlreadyUpToDate;
  std::string base;                             ///< the commit both sides stand on
  std::string source;                           ///< the commit of the source that was merged
  std::vector<TypeCount> counts;                ///< rows that change on the target
  std::vector<Conflict> conflicts;              ///< of a dry run; else they are an error
  std::optional<catalog::CommitRecord> commit;  ///< absent for a dry run, and when up to date
};

/// Brings what changed on branch `source` since the newest commit both sides have into branch
/// `target`, row by row, as one commit with two parents, or changes nothing.
///
/// A row is taken over when the target still has it as it was at the base, left alone when both
/// sides made the same of it, and a conflict otherwise. Every constraint is judged on the merged
/// rows. The source's head is pinned at first; a commit that lands on the target meanwhile makes
/// the merge plan again on it. What is derived from rows is not merged.
///
/// Cost    what changed on the source, and on the target in the types that the source changed.
///         Memory: the rows that the source changed, within the request's budget; but a type that
///         only gained rows, merged into a target that has nothing of its own, is streamed.
/// Errors  kMergeConflict with every conflict up to kConflictsMax, by type and id; kDiffRefused
///         when a type that has changes has other properties on the other side; kInvalidArgument
///         for a branch and itself; kBranchNotFound; kSnapshotExpired when the base was cleaned
///         away; kMemoryBudget; kCommitConflict when others kept winning; those of Catalog::Commit.
Result<MergeResult> Merge(const Request& request, catalog::Catalog& catalog, Clock& clock,
                          const std::string& source, const std::string& target,
                          const MergeOptions& options);

}  // namespace tarn::changes
