#include "tarn/exec/hop_search.h"

#include <algorithm>

namespace tarn::exec {

Result<std::unique_ptr<HopSearch>> HopSearch::Make(QueryState& state, const plan::Hop& hop,
                                                   plan::VarId to) {
  auto search = std::unique_ptr<HopSearch>(new HopSearch(state));
  search->min_hops_ = hop.min_hops;
  search->max_hops_ = hop.max_hops;
  search->within_type_ = state.StaysInType(hop.edge_type);
  std::vector<std::string> types = hop.alternatives;
  types.push_back(hop.edge_type);
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  for (const std::string& type : types) {
    plan::Hop one{type, hop.direction};
    TARN_ASSIGN_OR_RETURN(HopLists lists, HopLists::Make(state, one));
    search->branches_.push_back({std::move(lists), hop.condition != nullptr});
  }
  if (hop.condition != nullptr) {
    TARN_ASSIGN_OR_RETURN(search->test_, RowPredicate::Make(state, *hop.edge, {hop.condition}));
  }
  TARN_ASSIGN_OR_RETURN(const search::Vertices* vertices, state.VerticesOf(to));
  search->hold_ = state.request().Hold("the visited set of a bounded traversal");
  TARN_RETURN_IF_ERROR(search->hold_.Resize(static_cast<int64_t>(vertices->count()) * 12));
  search->stamps_.resize(vertices->count());
  return search;
}

Result<std::span<const Dense>> HopSearch::From(Dense source) {
  if (++stamp_ == 0) {
    std::fill(stamps_.begin(), stamps_.end(), 0);
    stamp_ = 1;
  }
  source_ = source;
  self_loop_ = false;
  met_.clear();
  emitted_.clear();
  if (within_type_) stamps_[source] = stamp_;
  at_source_ = true;
  TARN_RETURN_IF_ERROR(Follow(source));
  at_source_ = false;
  if (min_hops_ == 1 && self_loop_) emitted_.push_back(source);
  size_t frontier = 0;
  for (uint32_t depth = 1; frontier < met_.size(); ++depth) {
    const size_t next = met_.size();
    if (depth >= min_hops_) {
      emitted_.insert(emitted_.end(), met_.begin() + static_cast<std::ptrdiff_t>(frontier),
                      met_.end());
    }
    if (depth == max_hops_ || !within_type_) break;
    for (; frontier < next; ++frontier) TARN_RETURN_IF_ERROR(Follow(met_[frontier]));
  }
  return std::span<const Dense>(emitted_);
}

Status HopSearch::Follow(Dense vertex) {
  for (const Branch& branch : branches_) {
    const uint64_t length = branch.lists.Length(vertex);
    TARN_RETURN_IF_ERROR(state_.Tick(1 + length));
    if (!branch.conditional) {
      branch.lists.EachNeighbour(vertex, [this](Dense neighbour) {
        Meet(neighbour);
        return true;
      });
      continue;
    }
    TARN_RETURN_IF_ERROR(test_.Expect(length));
    branch.lists.EachEdge(vertex, [this](Dense neighbour, Dense edge) {
      if (test_.Pass(edge)) Meet(neighbour);
      return true;
    });
  }
  return Status::Ok();
}

void HopSearch::Meet(Dense neighbour) {
  self_loop_ = self_loop_ || (within_type_ && at_source_ && neighbour == source_);
  if (stamps_[neighbour] == stamp_) return;
  stamps_[neighbour] = stamp_;
  met_.push_back(neighbour);
}

}  // namespace tarn::exec
