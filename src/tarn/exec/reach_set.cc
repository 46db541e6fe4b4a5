#include "tarn/exec/reach_set.h"

#include <algorithm>

namespace tarn::exec {

using search::Dense;

Result<ReachSet> ReachSet::Make(QueryState& state, const plan::Hop& hop, plan::VarId variable) {
  ReachSet set;
  set.state_ = &state;
  set.bounds_ = {hop.min_hops, hop.max_hops};
  if (!hop.plain()) {
    TARN_ASSIGN_OR_RETURN(set.search_, HopSearch::Make(state, hop, variable));
    return set;
  }
  const search::Adjacency* out = nullptr;
  const search::Adjacency* in = nullptr;
  if (hop.direction != ir::Direction::kBackward) {
    TARN_ASSIGN_OR_RETURN(out, state.AdjacencyOf(hop.edge_type, search::Resident::Side::kOut));
  }
  if (hop.direction != ir::Direction::kForward) {
    TARN_ASSIGN_OR_RETURN(in, state.AdjacencyOf(hop.edge_type, search::Resident::Side::kIn));
  }
  TARN_ASSIGN_OR_RETURN(const search::Vertices* vertices, state.VerticesOf(variable));
  set.hold_ = state.request().Hold("the visited set of a bounded traversal");
  TARN_RETURN_IF_ERROR(set.hold_.Resize(search::Reach::BytesFor(vertices->count())));
  set.reach_ =
      std::make_unique<search::Reach>(out != nullptr ? out : in, out != nullptr ? in : nullptr);
  return set;
}

Result<std::span<const Dense>> ReachSet::From(Dense source) {
  if (source_ == source) return reached_;
  source_.reset();
  if (search_ != nullptr) {
    TARN_ASSIGN_OR_RETURN(reached_, search_->From(source));
  } else {
    TARN_ASSIGN_OR_RETURN(reached_, reach_->From(state_->request(), source, bounds_));
  }
  TARN_RETURN_IF_ERROR(state_->Tick(1 + reached_.size()));
  source_ = source;
  return reached_;
}

Result<bool> ReachSet::Reaches(Dense source, Dense target) {
  if (search_ != nullptr) {
    TARN_ASSIGN_OR_RETURN(const std::span<const Dense> reached, From(source));
    return std::find(reached.begin(), reached.end(), target) != reached.end();
  }
  source_.reset();
  TARN_RETURN_IF_ERROR(state_->Tick(1));
  return reach_->Reaches(state_->request(), source, target, bounds_);
}

}  // namespace tarn::exec
