#include <bit>

#include "tarn/exec/expand.h"

namespace tarn::exec {

Result<NeighbourSet> NeighbourSet::Make(QueryState& state, const plan::Hop& hop, size_t slot,
                                        plan::VarId to) {
  NeighbourSet set;
  set.slot_ = slot;
  TARN_ASSIGN_OR_RETURN(set.lists_, HopLists::Make(state, hop));
  TARN_ASSIGN_OR_RETURN(const search::Vertices* vertices, state.VerticesOf(to));
  set.hold_ = state.request().Hold("the marks of an intersection");
  set.vertices_ = vertices->count();
  return set;
}

Status NeighbourSet::Enter(const Batch& in, uint32_t row, bool probes) {
  const Dense vertex = in.columns[slot_][row];
  if (entered_ && vertex == vertex_) {
    return probes && !marked_ ? Mark() : Status::Ok();
  }
  if (marked_) Unmark();
  vertex_ = vertex;
  entered_ = true;
  return Status::Ok();
}

double NeighbourSet::probe_cost() const {
  return marked_ ? 1 : 2 + static_cast<double>(std::bit_width(length()));
}

Status NeighbourSet::Mark() {
  if (marks_.size() == 0) {
    TARN_RETURN_IF_ERROR(hold_.Resize(vertices_ / 8 + 8));
    marks_ = search::Bitmap(vertices_);
  }
  lists_.EachNeighbour(vertex_, [this](Dense other) {
    marks_.Add(other);
    return true;
  });
  marked_ = true;
  return Status::Ok();
}

void NeighbourSet::Unmark() {
  lists_.EachNeighbour(vertex_, [this](Dense other) {
    marks_.Remove(other);
    return true;
  });
  marked_ = false;
}

}  // namespace tarn::exec
