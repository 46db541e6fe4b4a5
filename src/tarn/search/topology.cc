#include "tarn/search/topology.h"

namespace tarn::search {

std::vector<RowIdRun> RunsOf(std::span<const uint64_t> row_ids) {
  std::vector<RowIdRun> runs;
  for (const uint64_t id : row_ids) {
    if (!runs.empty() && runs.back().first + runs.back().count == id) {
      ++runs.back().count;
    } else {
      runs.push_back({id, 1});
    }
  }
  return runs;
}

int64_t SeenTable::bytes() const {
  return static_cast<int64_t>(location.size() + row_ids.size() * sizeof(RowIdRun)) + places.bytes();
}

int64_t Topology::bytes() const {
  return static_cast<int64_t>(sizeof(Topology)) + edge.bytes() + source.bytes() + target.bytes() +
         lists.bytes();
}

}  // namespace tarn::search
