#pragma once

#include <optional>
#include <vector>

#include "tarn/write/key_map.h"
#include "tarn/write/mutate.h"

namespace tarn::write {

/// One mutation of a group. What it points to outlives it.
struct GroupMember {
  const Request& request;
  const BindMutation& bind;
  const MutateOptions& options;
  /// What became of it; absent until that is known.
  std::optional<Result<MutateResult>> outcome = {};
  uint32_t retries = 0;  ///< lost races
};

/// Runs mutations one after the other, each on what those before it did, and publishes what
/// succeeded as one commit that carries the request id of each. A member that fails leaves nothing
/// behind and does not touch the others. Every member has its outcome afterwards.
///
/// Precondition: members have one branch, one actor and different request ids, and one with an
/// if_commit is alone.
void RunGroup(catalog::Catalog& catalog, Clock& clock, KeyMaps& keys,
              const std::vector<GroupMember*>& members);

}  // namespace tarn::write
