#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tarn/search/vertices.h"

namespace tarn::search {

/// Numbers of the edges in one list.
class EdgeNumbers {
 public:
  EdgeNumbers(const Dense* rows, uint32_t first, uint32_t count)
      : rows_(rows), first_(first), count_(count) {}
  uint32_t size() const { return count_; }
  Dense operator[](size_t i) const {
    return rows_ == nullptr ? first_ + static_cast<Dense>(i) : rows_[first_ + i];
  }

 private:
  const Dense* rows_;
  uint32_t first_;
  uint32_t count_;
};

/// One direction of one edge type at one version, as compressed sparse rows. The neighbours of a
/// vertex are sorted ascending; parallel edges stand next to each other, ordered by edge number.
/// Immutable, thread safe.
struct Adjacency {
  std::span<const uint32_t> offsets;  ///< vertices + 1
  std::span<const Dense> neighbours;  ///< per edge, the other end
  /// Per edge, its dense number in the edge table. Empty when that is its place here, as it is in a
  /// table that was loaded in order.
  std::span<const Dense> edge_rows;
  bool simple = false;                 ///< no two edges are parallel: each neighbour is there once
  std::shared_ptr<const void> memory;  ///< that the spans lie in
  std::string origin;                  ///< how it came to be, for who asks why a query took so long

  Dense vertices() const { return static_cast<Dense>(offsets.size() - 1); }
  std::span<const Dense> NeighboursOf(Dense vertex) const {
    return neighbours.subspan(offsets[vertex], offsets[vertex + 1] - offsets[vertex]);
  }
  EdgeNumbers EdgesOf(Dense vertex) const {
    return {edge_rows.empty() ? nullptr : edge_rows.data(), offsets[vertex],
            offsets[vertex + 1] - offsets[vertex]};
  }
  /// The edge whose place in `neighbours` this is.
  Dense EdgeAt(uint32_t place) const { return edge_rows.empty() ? place : edge_rows[place]; }
  int64_t bytes() const {
    return static_cast<int64_t>(offsets.size_bytes() + neighbours.size_bytes() +
                                edge_rows.size_bytes());
  }
};

/// The arrays of an adjacency while it is made.
struct AdjacencyLists {
  std::vector<uint32_t> offsets;
  std::vector<Dense> neighbours;
  std::vector<Dense> edge_rows;
};

/// Takes the arrays over, but for edge numbers that say nothing, and sees whether it is simple.
Adjacency MakeAdjacency(AdjacencyLists lists, std::string origin);

}  // namespace tarn::search
