#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tarn/base/request.h"
#include "tarn/catalog/manifest.h"
#include "tarn/lance/table.h"
#include "tarn/search/build_adjacency.h"
#include "tarn/search/topology.h"

namespace tarn::search {

/// One version of a node table, opened and numbered.
struct NodeTable {
  const catalog::TableEntry* entry = nullptr;
  std::shared_ptr<const lance::Table> table;
  std::shared_ptr<const VertexTable> vertices;
};

/// What the topology of an edge type is of, at one snapshot.
struct TopologyTables {
  const catalog::TableEntry* entry = nullptr;  ///< of the edge table
  std::shared_ptr<const lance::Table> table;
  NodeTable source;
  NodeTable target;
  bool out = true;

  const NodeTable& near() const { return out ? source : target; }
  const NodeTable& far() const { return out ? target : source; }
};

/// Reads the edges of these tables.
Result<Topology> ReadTopology(const Request& request, const TopologyTables& tables);

/// The other direction of a topology of the same versions. Reads nothing.
Result<Topology> TurnTopology(const Request& request, const Topology& other);

/// Is this the topology of these versions, by what is stored there and not by their numbers alone?
/// No I/O.
Result<bool> IsTopologyOf(const Topology& topology, const TopologyTables& tables);

/// The topology of these versions, made of one of the same lines: rows that stayed are renumbered,
/// new ones read. Nothing when too much has changed for that to pay, or when the two do not hang
/// together as they should.
Result<std::optional<Topology>> AdvanceTopology(const Request& request, const Topology& before,
                                                const TopologyTables& tables);

}  // namespace tarn::search
