#pragma once

#include <span>
#include <vector>

#include "tarn/search/vertices.h"

namespace tarn::search {

/// Lists of neighbours: ascending, with repeats where edges are parallel.
using NeighbourLists = std::span<const std::span<const Dense>>;

/// Members common to some lists, again and again, in one buffer. Not thread safe.
class Intersection {
 public:
  /// Ascending, each once. Costs the shortest list times the logarithm of the gaps in the others.
  /// No list: nothing. The answer lives until the next call.
  std::span<const Dense> Of(NeighbourLists lists);

 private:
  std::vector<std::span<const Dense>> by_size_;
  std::vector<Dense> found_;
};

/// Members of any of some lists, in one buffer. Not thread safe.
class Union {
 public:
  /// Ascending, each once. The answer lives until the next call.
  std::span<const Dense> Of(NeighbourLists lists);

 private:
  std::vector<Dense> found_;
  std::vector<Dense> merged_;
};

/// Position of the first member of `list` that is not below `value`, at or after `from`: doubling
/// steps, then a binary search, so that it costs the logarithm of the distance.
size_t Gallop(std::span<const Dense> list, size_t from, Dense value);

}  // namespace tarn::search
