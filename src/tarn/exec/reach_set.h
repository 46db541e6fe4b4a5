#pragma once

#include <memory>
#include <optional>
#include <span>

#include "tarn/base/request.h"
#include "tarn/exec/hop_search.h"
#include "tarn/exec/query_state.h"
#include "tarn/search/reach.h"

namespace tarn::exec {

/// Bounded reachability as operators ask for it: from many sources, often the same one again.
class ReachSet {
 public:
  static Result<ReachSet> Make(QueryState& state, const plan::Hop& hop, plan::VarId variable);

  /// Every vertex within the bounds of `source`, each once. Valid until the next call.
  Result<std::span<const search::Dense>> From(search::Dense source);
  Result<bool> Reaches(search::Dense source, search::Dense target);

 private:
  QueryState* state_ = nullptr;
  search::HopBounds bounds_;
  std::unique_ptr<search::Reach> reach_;
  std::unique_ptr<HopSearch> search_;    // instead of `reach_`, for hops that are not plain
  std::optional<search::Dense> source_;  // of the answer that `reached_` still shows
  std::span<const search::Dense> reached_;
  BudgetHold hold_;
};

}  // namespace tarn::exec
