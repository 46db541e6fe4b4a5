#pragma once

#include "tarn/base/status.h"
#include "tarn/catalog/limits.h"

namespace tarn::catalog {

/// Runs `attempt` again while others are quicker to change names.
template <typename Attempt>
auto WhileOthersWin(Attempt&& attempt) {
  for (int attempts = 1;; ++attempts) {
    auto result = attempt();
    const bool lost = !result.ok() && result.status().id() == ErrorId::kCommitConflict;
    if (!lost || attempts == kNameAttemptsMax) return result;
  }
}

}  // namespace tarn::catalog
