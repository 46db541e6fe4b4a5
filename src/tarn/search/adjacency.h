#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tarn/search/vertices.h"

namespace tarn::search {

/// One direction of one edge type at one version, as compressed sparse rows. The neighbours of a
/// vertex are sorted ascending; parallel edges stand next to each other, ordered by edge number.
/// Immutable, thread safe.
struct Adjacency {
  std::vector<uint64_t> offsets;  ///< vertices + 1
  std::vector<Dense> neighbours;  ///< per edge, the other end
  std::vector<Dense> edge_rows;   ///< per edge, its dense number in the edge table

  std::span<const Dense> NeighboursOf(Dense vertex) const {
    return {neighbours.data() + offsets[vertex], neighbours.data() + offsets[vertex + 1]};
  }
  std::span<const Dense> EdgesOf(Dense vertex) const {
    return {edge_rows.data() + offsets[vertex], edge_rows.data() + offsets[vertex + 1]};
  }
  int64_t bytes() const {
    return static_cast<int64_t>(offsets.size() * sizeof(uint64_t) +
                                (neighbours.size() + edge_rows.size()) * sizeof(Dense));
  }
};

}  // namespace tarn::search
