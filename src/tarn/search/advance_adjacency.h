#pragma once

#include <memory>
#include <span>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/search/adjacency.h"

namespace tarn::search {

/// One edge as its ends see it: dense numbers of a new version.
struct AddedEdge {
  Dense near = 0;
  Dense far = 0;
  Dense edge = 0;

  auto operator<=>(const AddedEdge&) const = default;
};

/// What became of an adjacency's vertices and edges: dense numbers before -> now, kNoRow for what
/// is gone. Edges that stay keep their order.
struct AdjacencyChange {
  std::span<const Dense> near_to;
  std::span<const Dense> far_to;
  std::span<const Dense> edge_to;
  Dense near_count = 0;          ///< vertices now
  std::vector<AddedEdge> added;  ///< in any order
};

/// The adjacency of the new version, out of the one before: each list is copied with its numbers
/// changed, never read. Costs a pass over memory.
///
/// Errors  kCorruptData when an edge that stays has lost an end; kMemoryBudget; kCancelled.
Result<AdjacencyLists> AdvanceAdjacency(const Request& request, const Adjacency& before,
                                        AdjacencyChange change);

}  // namespace tarn::search
