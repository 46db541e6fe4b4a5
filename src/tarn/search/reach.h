#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/search/adjacency.h"

namespace tarn::search {

/// `{min,max}` of a traversal: 1 <= min <= max.
struct HopBounds {
  uint32_t min = 1;
  uint32_t max = 1;
};

/// Bounded reachability within one node type, source by source: breadth first, each vertex once, at
/// its shortest depth, if that lies within the bounds. The source itself is reached by a stored
/// self-loop alone, at depth 1, never by a way round. Not a count of paths. Keeps its arrays from
/// one source to the next; not thread safe.
///
/// Source  graph-language.md §7.3.
class Reach {
 public:
  /// Follows one adjacency, or both for an undirected traversal. They have the same vertices and
  /// outlive this.
  explicit Reach(const Adjacency* side, const Adjacency* other_side = nullptr);

  /// Every vertex within `bounds` of `source`, in the order of discovery: by depth, and by the
  /// order of the frontier within a depth. The answer lives until the next call.
  ///
  /// Errors  kCancelled, kDeadlineExceeded.
  Result<std::span<const Dense>> From(const Request& request, Dense source, HopBounds bounds);

  /// Is `target` within `bounds` of `source`? Stops as soon as that is known.
  Result<bool> Reaches(const Request& request, Dense source, Dense target, HopBounds bounds);

  /// Edges looked at since this was made.
  uint64_t edges_followed() const { return edges_followed_; }
  int64_t bytes() const;
  /// What this may allocate, to be charged beforehand: 4 bytes a vertex at once, 8 more for each
  /// that is met.
  static int64_t BytesFor(Dense vertices) { return static_cast<int64_t>(vertices) * 12; }

 private:
  /// Depth of `target`, or 0 when the search ended without it.
  Result<uint32_t> Search(const Request& request, Dense source, HopBounds bounds,
                          const Dense* target);
  Status Follow(const Request& request, const Adjacency& side, Dense vertex);
  bool HasSelfLoop(Dense vertex) const;

  const Adjacency* const side_;
  const Adjacency* const other_side_;
  std::vector<uint32_t> stamps_;  ///< per vertex, the search that met it last
  uint32_t stamp_ = 0;
  std::vector<Dense> met_;  ///< the source, then every vertex in order of discovery
  std::vector<Dense> emitted_;
  uint64_t edges_followed_ = 0;
  uint64_t next_check_ = 0;
};

}  // namespace tarn::search
