#pragma once

#include <cstdint>

#include "tarn/base/status.h"

namespace tarn::catalog {

/// Runs `attempt` again, up to `retries_max` times, while it fails because others committed first:
/// kCommitConflict means that nothing was written, and that a newer head may let it succeed.
template <typename Attempt>
auto WhileOthersWin(uint32_t retries_max, Attempt&& attempt) {
  for (uint32_t retries = 0;; ++retries) {
    auto result = attempt();
    const bool lost = !result.ok() && result.status().id() == ErrorId::kCommitConflict;
    if (!lost || retries == retries_max) return result;
  }
}

}  // namespace tarn::catalog
