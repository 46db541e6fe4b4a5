#include "tarn/exec/hop_lists.h"

namespace tarn::exec {

Result<HopLists> HopLists::Make(QueryState& state, const plan::Hop& hop) {
  HopLists lists;
  if (hop.direction != ir::Direction::kBackward) {
    TARN_ASSIGN_OR_RETURN(lists.out_,
                          state.AdjacencyOf(hop.edge_type, search::Resident::Side::kOut));
  }
  if (hop.direction != ir::Direction::kForward) {
    TARN_ASSIGN_OR_RETURN(lists.in_, state.AdjacencyOf(hop.edge_type, search::Resident::Side::kIn));
  }
  return lists;
}

uint64_t HopLists::CountNeighbours(Dense vertex) const {
  if (out_ != nullptr && in_ != nullptr) {
    uint64_t count = 0;
    EachNeighbour(vertex, [&count](Dense) { return ++count > 0; });
    return count;
  }
  const std::span<const Dense> list = One().NeighboursOf(vertex);
  if (One().simple) return list.size();
  uint64_t count = list.empty() ? 0 : 1;
  for (size_t i = 1; i < list.size(); ++i) count += list[i] != list[i - 1];
  return count;
}

uint64_t HopLists::CountEdges(Dense vertex) const {
  if (out_ == nullptr || in_ == nullptr) return One().NeighboursOf(vertex).size();
  const std::span<const Dense> in = in_->NeighboursOf(vertex);
  const auto [first, last] = std::equal_range(in.begin(), in.end(), vertex);
  return out_->NeighboursOf(vertex).size() + in.size() - static_cast<uint64_t>(last - first);
}

bool HopLists::Connects(Dense vertex, Dense other) const {
  const auto holds = [other](std::span<const Dense> list) {
    return std::binary_search(list.begin(), list.end(), other);
  };
  return (out_ != nullptr && holds(out_->NeighboursOf(vertex))) ||
         (in_ != nullptr && holds(in_->NeighboursOf(vertex)));
}

std::span<const HopLists::Dense> HopLists::Distinct(Dense vertex,
                                                    std::vector<Dense>& scratch) const {
  if (out_ == nullptr || in_ == nullptr) {
    const std::span<const Dense> list = One().NeighboursOf(vertex);
    if (One().simple || std::adjacent_find(list.begin(), list.end()) == list.end()) return list;
  }
  scratch.clear();
  EachNeighbour(vertex, [&scratch](Dense neighbour) {
    scratch.push_back(neighbour);
    return true;
  });
  return scratch;
}

}  // namespace tarn::exec
