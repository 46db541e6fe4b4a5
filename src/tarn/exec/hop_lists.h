#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "tarn/exec/query_state.h"

namespace tarn::exec {

/// The neighbours of a vertex by one hop of a plan: sorted, seen as distinct vertices or edge by
/// edge.
class HopLists {
 public:
  using Dense = search::Dense;

  HopLists() = default;
  static Result<HopLists> Make(QueryState& state, const plan::Hop& hop);

  /// Length of the lists of `vertex`: what walking them costs.
  uint64_t Length(Dense vertex) const {
    return (out_ == nullptr ? 0 : out_->NeighboursOf(vertex).size()) +
           (in_ == nullptr ? 0 : in_->NeighboursOf(vertex).size());
  }

  /// Calls visit(neighbour) once per distinct neighbour, ascending, until it returns false; false
  /// if it did.
  template <typename Visit>
  bool EachNeighbour(Dense vertex, Visit visit) const {
    if (out_ != nullptr && in_ != nullptr)
      return EachOfBoth(out_->NeighboursOf(vertex), in_->NeighboursOf(vertex), visit);
    const std::span<const Dense> list = One().NeighboursOf(vertex);
    const bool simple = One().simple;
    for (size_t i = 0; i < list.size(); ++i) {
      if (!simple && i > 0 && list[i] == list[i - 1]) continue;
      if (!visit(list[i])) return false;
    }
    return true;
  }

  /// Calls visit(neighbour, edge row) once per edge until it returns false; false if it did. An
  /// undirected self-loop is one edge.
  template <typename Visit>
  bool EachEdge(Dense vertex, Visit visit) const {
    if (out_ != nullptr && !EachEdgeOf(*out_, vertex, false, visit)) return false;
    return in_ == nullptr || EachEdgeOf(*in_, vertex, out_ != nullptr, visit);
  }

  /// Calls visit(edge row) for every edge from `vertex` to `other`, as EachEdge does.
  template <typename Visit>
  bool EachEdgeTo(Dense vertex, Dense other, Visit visit) const {
    if (out_ != nullptr && !EachEdgeBetween(*out_, vertex, other, visit)) return false;
    if (in_ == nullptr || (out_ != nullptr && vertex == other)) return true;
    return EachEdgeBetween(*in_, vertex, other, visit);
  }

  uint64_t CountNeighbours(Dense vertex) const;
  /// Is a count the length of a list?
  bool counts_at_once() const { return (out_ == nullptr || in_ == nullptr) && One().simple; }
  uint64_t CountEdges(Dense vertex) const;
  bool Connects(Dense vertex, Dense other) const;
  /// The stored list of `vertex`, where it holds every neighbour once.
  std::optional<std::span<const Dense>> Stored(Dense vertex) const {
    if ((out_ != nullptr && in_ != nullptr) || !One().simple) return std::nullopt;
    return One().NeighboursOf(vertex);
  }
  /// The distinct neighbours ascending; in `scratch` unless the stored list serves.
  std::span<const Dense> Distinct(Dense vertex, std::vector<Dense>& scratch) const;

 private:
  const search::Adjacency& One() const { return out_ != nullptr ? *out_ : *in_; }

  template <typename Visit>
  static bool EachOfBoth(std::span<const Dense> a, std::span<const Dense> b, Visit visit) {
    size_t i = 0;
    size_t j = 0;
    while (i < a.size() || j < b.size()) {
      const Dense next = j == b.size() || (i < a.size() && a[i] < b[j]) ? a[i] : b[j];
      while (i < a.size() && a[i] == next) ++i;
      while (j < b.size() && b[j] == next) ++j;
      if (!visit(next)) return false;
    }
    return true;
  }

  template <typename Visit>
  static bool EachEdgeOf(const search::Adjacency& side, Dense vertex, bool skip_loops,
                         Visit visit) {
    const std::span<const Dense> list = side.NeighboursOf(vertex);
    const search::EdgeNumbers edges = side.EdgesOf(vertex);
    for (size_t i = 0; i < list.size(); ++i) {
      if (skip_loops && list[i] == vertex) continue;
      if (!visit(list[i], edges[i])) return false;
    }
    return true;
  }

  template <typename Visit>
  static bool EachEdgeBetween(const search::Adjacency& side, Dense vertex, Dense other,
                              Visit visit) {
    const std::span<const Dense> list = side.NeighboursOf(vertex);
    const search::EdgeNumbers edges = side.EdgesOf(vertex);
    const auto first = std::lower_bound(list.begin(), list.end(), other);
    for (auto at = first; at != list.end() && *at == other; ++at) {
      if (!visit(edges[static_cast<size_t>(at - list.begin())])) return false;
    }
    return true;
  }

  const search::Adjacency* out_ = nullptr;  // walked from source to destination
  const search::Adjacency* in_ = nullptr;   // walked backwards; undirected hops have both
};

}  // namespace tarn::exec
