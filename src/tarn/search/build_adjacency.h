#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/lance/table.h"
#include "tarn/search/adjacency.h"
#include "tarn/search/limits.h"
#include "tarn/search/vertex_table.h"

namespace tarn::search {

/// Both ends of every edge, by edge number.
struct EdgeEnds {
  std::vector<Dense> sources;
  std::vector<Dense> targets;
};

/// An edge table's node tables at the same snapshot, and the names that errors call the three by:
/// "edge:Knows".
struct EdgeTables {
  std::string edge_name;
  std::string source_name;
  std::string target_name;
  std::shared_ptr<const VertexTable> sources;
  std::shared_ptr<const VertexTable> targets;
  uint64_t rows_max = kRowsMax;
};

/// Reads the "src" and "dst" columns of all live edges, or of those in some fragments, and turns
/// ids into dense numbers.
///
/// Errors  kCorruptData naming table and id for an end that its node table does not hold;
/// kUnsupported beyond
///         `rows_max` edges; kMemoryBudget when the request may not hold the result.
Result<EdgeEnds> ReadEdgeEnds(const Request& request, const lance::Table& edges,
                              const EdgeTables& tables,
                              std::optional<std::vector<uint64_t>> fragments = {});

/// Groups edges by `near` ends: two passes of a counting sort, so each list comes out ascending by
/// far end, then by edge number, without a comparison. Extra memory: 8 bytes an edge, and 4 a
/// vertex of either side.
Result<std::shared_ptr<const Adjacency>> BuildAdjacency(const Request& request,
                                                        std::vector<Dense> near,
                                                        std::vector<Dense> far, Dense near_count,
                                                        Dense far_count);

/// The other side of an adjacency, over `far_count` vertices, sorted as above whether `side` was or
/// not.
Result<std::shared_ptr<const Adjacency>> Transpose(const Request& request, const Adjacency& side,
                                                   Dense far_count);

}  // namespace tarn::search
