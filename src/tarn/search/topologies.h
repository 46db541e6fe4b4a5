#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "tarn/base/request.h"
#include "tarn/catalog/manifest.h"
#include "tarn/search/make_topology.h"
#include "tarn/search/resident_cache.h"
#include "tarn/search/topology_shelf.h"

namespace tarn::search {

/// The adjacency of edge types, by the cheapest way there is: from the cache; turned round from the
/// other direction; made of the version before, in memory or stored; as it is stored; else read
/// from the edge table. Every way gives the same. Thread safe.
class Topologies {
 public:
  Topologies(ResidentCache& cache, TopologyStore store) : cache_(cache), shelf_(store) {}

  /// The versions of one edge type's tables.
  struct Versions {
    const catalog::TableEntry* edge = nullptr;
    const catalog::TableEntry* source = nullptr;
    const catalog::TableEntry* target = nullptr;
  };
  /// Opens the tables and numbers their rows, when that is needed.
  using OpenTables = std::function<Result<TopologyTables>()>;

  Result<std::shared_ptr<const Topology>> Get(const Request& request, const Versions& versions,
                                              bool out, const OpenTables& open);

 private:
  Result<Topology> Make(const Request& request, const Versions& versions,
                        const TopologyTables& tables);
  Result<std::optional<Topology>> FromMemory(const Request& request, const Versions& versions,
                                             const TopologyTables& tables);
  Result<std::optional<Topology>> FromShelf(const Request& request, const Versions& versions,
                                            const TopologyTables& tables, std::string& trouble);
  std::string NewestInMemory(const std::string& line);
  void RememberNewest(const std::string& line, const std::string& key);

  ResidentCache& cache_;
  const TopologyShelf shelf_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::string> key_by_line_;  // guarded by mutex_
};

}  // namespace tarn::search
