#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tarn/catalog/commit_plan.h"
#include "tarn/catalog/location.h"
#include "tarn/catalog/manifest_log.h"

namespace tarn::catalog {

/// What a writer hands in, and what the catalog knows about the head it was planned on.
struct Publication {
  CommitPlan plan;
  std::string commit_id;
  std::shared_ptr<const lance::Table> manifest;  ///< pinned at plan.base's version
  std::shared_ptr<const ManifestState> state;    ///< of that version
  int64_t head_seen_at = 0;  ///< Clock::UptimeMicros when that version was last seen the newest
};

struct Published {
  CommitRecord record;
  std::vector<ManifestRow> rows;           ///< what the commit appended to the manifest
  std::unique_ptr<lance::Table> manifest;  ///< at the new version; null when a finisher landed it
};

/// Carries a plan through its steps: sync, A put intent, B and C land, D retire. From step A on
/// neither cancel nor deadline stop it: the commit is on its way and can only be waited for.
///
/// Errors  kCommitConflict when the slot belonged to another commit, which is settled before this
/// returns: nothing was
///         written. kCommitTooLarge, and whatever the storage says before step A: nothing was
///         written. kUnknownOutcome from then on; kRecoveryRequired when the commit can neither
///         land nor be given up here. In the first two cases the staged files are discarded; in the
///         others they must stay.
Result<Published> Publish(const Request& request, const Location& location,
                          Publication publication);

/// Discards the staged files and the new forks of a plan. Best effort: what stays is unreferenced.
void DiscardStaged(const Request& request, const Location& location, CommitPlan& plan);

}  // namespace tarn::catalog
