#include "tarn/exec/path_search.h"

#include <algorithm>

namespace tarn::exec {

Result<std::unique_ptr<PathSearch>> PathSearch::Make(QueryState& state, const plan::Hop& hop,
                                                     plan::VarId from, plan::VarId to) {
  auto search = std::unique_ptr<PathSearch>(new PathSearch(state));
  search->min_hops_ = hop.min_hops;
  search->max_hops_ = hop.max_hops;
  search->within_type_ = state.StaysInType(hop.edge_type);
  search->conditional_ = hop.condition != nullptr;
  std::vector<std::string> types = hop.alternatives;
  types.push_back(hop.edge_type);
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  for (const std::string& type : types) {
    const plan::Hop one{type, hop.direction};
    TARN_ASSIGN_OR_RETURN(HopLists lists, HopLists::Make(state, one));
    TARN_ASSIGN_OR_RETURN(const search::Vertices* edges, state.EdgeRowsOf(type));
    search->branches_.push_back({std::move(lists), edges});
  }
  if (search->conditional_) {
    TARN_ASSIGN_OR_RETURN(search->test_, RowPredicate::Make(state, *hop.edge, {hop.condition}));
  }
  TARN_ASSIGN_OR_RETURN(search->sources_, state.VerticesOf(from));
  TARN_ASSIGN_OR_RETURN(search->targets_, state.VerticesOf(to));
  const Dense count = search->targets_->count();
  search->hold_ = state.request().Hold("the visited set of a path search");
  TARN_RETURN_IF_ERROR(
      search->hold_.Resize(static_cast<int64_t>(count) * (12 + int64_t{sizeof(Way)})));
  search->stamps_.resize(count);
  search->places_.resize(count);
  return search;
}

Result<std::span<const Dense>> PathSearch::From(Dense source) {
  if (++stamp_ == 0) {
    std::fill(stamps_.begin(), stamps_.end(), 0);
    stamp_ = 1;
  }
  source_ = source;
  met_.clear();
  loop_.clear();
  emitted_.clear();
  if (within_type_) stamps_[source] = stamp_;
  TARN_RETURN_IF_ERROR(Follow(source, kNoParent));
  if (min_hops_ == 1 && !loop_.empty()) emitted_.push_back(source);
  size_t frontier = 0;
  for (uint32_t depth = 1; frontier < met_.size(); ++depth) {
    const size_t next = met_.size();
    for (size_t i = frontier; depth >= min_hops_ && i < next; ++i)
      emitted_.push_back(met_[i].vertex);
    if (depth == max_hops_ || !within_type_) break;
    for (; frontier < next; ++frontier) {
      TARN_RETURN_IF_ERROR(Follow(met_[frontier].vertex, static_cast<uint32_t>(frontier)));
    }
  }
  return std::span<const Dense>(emitted_);
}

Status PathSearch::Follow(Dense vertex, uint32_t place) {
  steps_.clear();
  for (uint32_t branch = 0; branch < branches_.size(); ++branch) {
    const uint64_t length = branches_[branch].lists.Length(vertex);
    TARN_RETURN_IF_ERROR(state_.Tick(1 + length));
    if (conditional_) TARN_RETURN_IF_ERROR(test_.Expect(length));
    branches_[branch].lists.EachEdge(vertex, [&](Dense neighbour, Dense edge) {
      const bool loop = within_type_ && place == kNoParent && neighbour == source_;
      const bool is_new = loop || stamps_[neighbour] != stamp_;
      if (is_new && (!conditional_ || test_.Pass(edge))) {
        steps_.push_back({neighbour, place, branch, edge});
      }
      return true;
    });
  }
  std::sort(steps_.begin(), steps_.end(), [this](const Way& a, const Way& b) {
    if (a.vertex != b.vertex) return targets_->IdOf(a.vertex) < targets_->IdOf(b.vertex);
    const int by_edge = EdgeIdOf(a).compare(EdgeIdOf(b));
    return by_edge != 0 ? by_edge < 0 : a.branch < b.branch;
  });
  for (const Way& step : steps_) {
    if (within_type_ && step.vertex == source_ && place == kNoParent) {
      if (loop_.empty()) loop_.push_back(step);
    } else if (stamps_[step.vertex] != stamp_) {
      stamps_[step.vertex] = stamp_;
      places_[step.vertex] = static_cast<uint32_t>(met_.size());
      met_.push_back(step);
    }
  }
  return Status::Ok();
}

Result<Dense> PathSearch::KeepPathTo(Dense target) {
  const bool loop = within_type_ && target == source_;
  std::vector<Cell> nodes;
  std::vector<Cell> edges;
  const Way* way = loop ? &loop_.front() : &met_[places_[target]];
  while (true) {
    nodes.push_back(Cell::String(targets_->IdOf(way->vertex)));
    edges.push_back(Cell::String(EdgeIdOf(*way)));
    if (way->parent == kNoParent) break;
    way = &met_[way->parent];
  }
  nodes.push_back(Cell::String(sources_->IdOf(source_)));
  std::reverse(nodes.begin(), nodes.end());
  std::reverse(edges.begin(), edges.end());
  TARN_RETURN_IF_ERROR(state_.Tick(nodes.size()));
  return state_.paths().Keep(std::move(nodes), std::move(edges));
}

}  // namespace tarn::exec
