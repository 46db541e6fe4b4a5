#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/catalog/topology_name.h"
#include "tarn/search/topology.h"
#include "tarn/search/topology_store.h"

namespace tarn::search {

/// The files below `_topology`. They are never the truth: what is there may be damaged, of another
/// time, or gone in the next moment, and everything works without. Thread safe.
class TopologyShelf {
 public:
  explicit TopologyShelf(TopologyStore store) : store_(store) {}

  /// May an adjacency of so many edges be here?
  bool Holds(uint64_t edges) const {
    return store_.objects != nullptr && edges >= store_.edges_min;
  }

  struct Found {
    std::optional<Topology> topology;  ///< of these versions, or of the newest before them
    std::string trouble;               ///< why there is none, if there should be one
  };
  /// Whether it is of these versions is for the caller to see. kCancelled, kDeadlineExceeded and
  /// kMemoryBudget only: all other failures are `trouble`.
  Result<Found> Load(const Request& request, const catalog::TopologyName& name) const;

  /// Writes it, if that is allowed and worth it, and removes all but the newest of its line. Was it
  /// written? A failure is no failure of the query.
  bool Save(const Request& request, const catalog::TopologyName& name,
            const Topology& topology) const;

 private:
  Result<std::string> Read(const Request& request, const catalog::TopologyName& name) const;
  Result<std::vector<catalog::TopologyName>> List(const Request& request,
                                                  const catalog::TopologyName& line) const;

  const TopologyStore store_;
};

}  // namespace tarn::search
