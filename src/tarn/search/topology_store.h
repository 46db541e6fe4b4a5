#pragma once

#include <cstdint>

#include "tarn/search/limits.h"
#include "tarn/store/object_store.h"

namespace tarn::search {

/// Where adjacency is kept between processes.
struct TopologyStore {
  store::ObjectStore* objects = nullptr;         ///< null: nowhere; outlives its users
  bool may_write = false;                        ///< a read-only open leaves no byte behind
  uint64_t edges_min = kStoredTopologyEdgesMin;  ///< smaller ones are as soon read from their table
};

}  // namespace tarn::search
