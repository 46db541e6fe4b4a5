#include "tarn/search/adjacency.h"

#include <utility>

namespace tarn::search {

namespace {

bool IsSimple(const AdjacencyLists& lists) {
  bool repeats = false;
  for (size_t vertex = 0; vertex + 1 < lists.offsets.size() && !repeats; ++vertex) {
    for (uint32_t i = lists.offsets[vertex] + 1; i < lists.offsets[vertex + 1]; ++i) {
      repeats = repeats || lists.neighbours[i] == lists.neighbours[i - 1];
    }
  }
  return !repeats;
}

}  // namespace

Adjacency MakeAdjacency(AdjacencyLists lists, std::string origin) {
  Dense place = 0;
  bool in_order = true;
  for (const Dense edge : lists.edge_rows) in_order = in_order && edge == place++;
  if (in_order) lists.edge_rows = {};
  const bool simple = IsSimple(lists);
  const auto held = std::make_shared<const AdjacencyLists>(std::move(lists));
  return {.offsets = held->offsets,
          .neighbours = held->neighbours,
          .edge_rows = held->edge_rows,
          .simple = simple,
          .memory = held,
          .origin = std::move(origin)};
}

}  // namespace tarn::search
