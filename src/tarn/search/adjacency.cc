#include "tarn/search/adjacency.h"

#include <utility>

namespace tarn::search {

Adjacency MakeAdjacency(AdjacencyLists lists, std::string origin) {
  Dense place = 0;
  bool in_order = true;
  for (const Dense edge : lists.edge_rows) in_order = in_order && edge == place++;
  if (in_order) lists.edge_rows = {};
  const auto held = std::make_shared<const AdjacencyLists>(std::move(lists));
  return {held->offsets, held->neighbours, held->edge_rows, held, std::move(origin)};
}

}  // namespace tarn::search
