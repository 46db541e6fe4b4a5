#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/request.h"
#include "tarn/catalog/snapshot.h"
#include "tarn/search/adjacency.h"
#include "tarn/search/text_corpus.h"
#include "tarn/search/topology_store.h"
#include "tarn/search/vertices.h"

namespace tarn::search {

/// Splits each text into analysed tokens (Lance's tokeniser behind the bridge; a plain one in unit
/// tests). Called from any thread. `analyser` is the JSON of default_analyser.h.
using Analyser = std::function<Result<std::vector<std::vector<std::string>>>(
    const std::vector<std::string_view>& texts, std::string_view analyser)>;

struct ResidentStats {
  int64_t bytes = 0;
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t evictions = 0;
};

/// Decoded, immutable, versioned state of tables, kept in memory between queries: built only for
/// what a query touches, keyed by (table id, version), shared by snapshots that share a version,
/// evicted least recently used under one byte budget, never stale. Answers are the same with a
/// budget of zero. Thread safe.
class Resident {
 public:
  virtual ~Resident() = default;

  virtual Result<std::shared_ptr<const Vertices>> VerticesOf(const Request& request,
                                                             const catalog::Snapshot& snapshot,
                                                             catalog::TableKind kind,
                                                             std::string_view type_name) = 0;
  enum class Side : uint8_t { kOut, kIn };  ///< neighbours of the source; of the destination
  virtual Result<std::shared_ptr<const Adjacency>> AdjacencyOf(const Request& request,
                                                               const catalog::Snapshot& snapshot,
                                                               std::string_view edge_type,
                                                               Side side) = 0;
  /// One whole column, aligned with the dense numbers of the table.
  virtual Result<std::shared_ptr<arrow::Array>> ColumnOf(const Request& request,
                                                         const catalog::Snapshot& snapshot,
                                                         catalog::TableKind kind,
                                                         std::string_view type_name,
                                                         std::string_view property) = 0;
  /// Columns of a few rows, in the order of `rows`: what the final rows of a query need.
  virtual Result<std::shared_ptr<arrow::RecordBatch>> FetchRows(
      const Request& request, const catalog::Snapshot& snapshot, catalog::TableKind kind,
      std::string_view type_name, const std::vector<Dense>& rows,
      const std::vector<std::string>& properties) = 0;
  virtual Result<std::shared_ptr<const TextCorpus>> CorpusOf(const Request& request,
                                                             const catalog::Snapshot& snapshot,
                                                             std::string_view node_type,
                                                             std::string_view property) = 0;
  virtual ResidentStats stats() const = 0;
};

/// `store` keeps adjacency from one process to the next; without one, and whatever it holds,
/// answers are the same. `memory` is what everything that is alive draws on; it outlives what was
/// handed out.
std::unique_ptr<Resident> MakeResident(int64_t bytes_max, Analyser analyser,
                                       TopologyStore store = {}, MemoryBudget* memory = nullptr);

}  // namespace tarn::search
