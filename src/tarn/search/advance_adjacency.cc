#include "tarn/search/advance_adjacency.h"

#include <algorithm>
#include <utility>

#include "tarn/search/id_map.h"
#include "tarn/search/limits.h"

namespace tarn::search {
namespace {

/// Writes the lists of the new version, vertex by vertex.
class Advancing {
 public:
  Advancing(const Request& request, const Adjacency& before, AdjacencyChange change)
      : request_(request),
        before_(before),
        change_(std::move(change)),
        hold_(request.Hold("the neighbours of an edge type")) {}

  Result<AdjacencyLists> Run() {
    const auto gone = std::count(change_.edge_to.begin(), change_.edge_to.end(), kNoRow);
    const size_t stay = before_.neighbours.size() - static_cast<size_t>(gone);
    const size_t edges = stay + change_.added.size();
    TARN_RETURN_IF_ERROR(hold_.Resize(static_cast<int64_t>(
        edges * 2 * sizeof(Dense) + (uint64_t{change_.near_count} * 2 + 1) * sizeof(Dense))));
    std::sort(change_.added.begin(), change_.added.end());
    InvertNear();
    lists_.neighbours.reserve(edges);
    lists_.edge_rows.reserve(edges);
    lists_.offsets.reserve(size_t{change_.near_count} + 1);
    lists_.offsets.push_back(0);
    for (Dense vertex = 0; vertex < change_.near_count; ++vertex) {
      if (vertex % kCheckEvery == 0) TARN_RETURN_IF_ERROR(request_.Check());
      TARN_RETURN_IF_ERROR(WriteList(vertex));
      lists_.offsets.push_back(static_cast<uint32_t>(lists_.neighbours.size()));
    }
    if (lists_.neighbours.size() != edges) return LostAnEnd();
    return std::move(lists_);
  }

 private:
  void InvertNear() {
    near_from_.assign(change_.near_count, kNoRow);
    for (size_t from = 0; from < change_.near_to.size(); ++from) {
      if (change_.near_to[from] != kNoRow)
        near_from_[change_.near_to[from]] = static_cast<Dense>(from);
    }
  }

  Status WriteList(Dense vertex) {
    const size_t begin = lists_.neighbours.size();
    bool ascending = true;
    if (near_from_[vertex] != kNoRow) {
      TARN_ASSIGN_OR_RETURN(ascending, CopyList(near_from_[vertex]));
    }
    const size_t copied = lists_.neighbours.size();
    for (; next_added_ < change_.added.size() && change_.added[next_added_].near == vertex;
         ++next_added_) {
      Append(change_.added[next_added_].far, change_.added[next_added_].edge);
    }
    if (!ascending || (copied > begin && copied < lists_.neighbours.size())) SortFrom(begin);
    return Status::Ok();
  }

  /// Is what was copied still ascending?
  Result<bool> CopyList(Dense from) {
    const std::span<const Dense> neighbours = before_.NeighboursOf(from);
    const EdgeNumbers edges = before_.EdgesOf(from);
    bool ascending = true;
    Dense last = 0;
    for (size_t i = 0; i < neighbours.size(); ++i) {
      const Dense edge = change_.edge_to[edges[i]];
      if (edge == kNoRow) continue;
      const Dense far = change_.far_to[neighbours[i]];
      if (far == kNoRow) return LostAnEnd();
      Append(far, edge);
      ascending = ascending && far >= last;
      last = far;
    }
    return ascending;
  }

  void Append(Dense far, Dense edge) {
    lists_.neighbours.push_back(far);
    lists_.edge_rows.push_back(edge);
  }

  /// By far end, then by edge.
  void SortFrom(size_t begin) {
    sorted_.clear();
    for (size_t i = begin; i < lists_.neighbours.size(); ++i) {
      sorted_.emplace_back(lists_.neighbours[i], lists_.edge_rows[i]);
    }
    std::sort(sorted_.begin(), sorted_.end());
    for (size_t i = 0; i < sorted_.size(); ++i) {
      lists_.neighbours[begin + i] = sorted_[i].first;
      lists_.edge_rows[begin + i] = sorted_[i].second;
    }
  }

  static Status LostAnEnd() {
    return Error(ErrorId::kCorruptData, "an edge that is there has lost one of its ends");
  }

  const Request& request_;
  const Adjacency& before_;
  AdjacencyChange change_;
  BudgetHold hold_;
  std::vector<Dense> near_from_;
  size_t next_added_ = 0;
  AdjacencyLists lists_;
  std::vector<std::pair<Dense, Dense>> sorted_;
};

}  // namespace

Result<AdjacencyLists> AdvanceAdjacency(const Request& request, const Adjacency& before,
                                        AdjacencyChange change) {
  return Advancing(request, before, std::move(change)).Run();
}

}  // namespace tarn::search
