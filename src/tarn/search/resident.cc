#include "tarn/search/resident.h"

#include <utility>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include "tarn/search/default_analyser.h"
#include "tarn/search/each_batch.h"
#include "tarn/search/fetch_rows.h"
#include "tarn/search/hot_columns.h"
#include "tarn/search/inverted_corpus.h"
#include "tarn/search/read_column.h"
#include "tarn/search/resident_cache.h"
#include "tarn/search/topologies.h"
#include "tarn/search/vertex_table.h"

namespace tarn::search {
namespace {

using catalog::Snapshot;
using catalog::TableEntry;
using catalog::TableKind;

using RowIds = std::vector<uint64_t>;

/// "tables/01J….lance@7/": what every key of one version of one table begins with. The location
/// tells forks of a table apart, which count their versions alike.
std::string VersionKey(const TableEntry& entry) {
  return fmt::format("{}@{}/", entry.location, entry.version);
}

class ResidentTables final : public Resident {
 public:
  ResidentTables(int64_t bytes_max, Analyser analyser, TopologyStore store, MemoryBudget* memory)
      : cache_(bytes_max, memory),
        hot_(bytes_max / kHotColumnPart),
        topologies_(cache_, store),
        analyser_(std::move(analyser)) {}

  Result<std::shared_ptr<const Vertices>> VerticesOf(const Request& request,
                                                     const Snapshot& snapshot, TableKind kind,
                                                     std::string_view type_name) override {
    TARN_ASSIGN_OR_RETURN(const TableRef table, Locate(snapshot, kind, type_name));
    TARN_ASSIGN_OR_RETURN(auto vertices, GetVertices(request, table));
    return std::shared_ptr<const Vertices>(std::move(vertices));
  }

  Result<std::shared_ptr<const Adjacency>> AdjacencyOf(const Request& request,
                                                       const Snapshot& snapshot,
                                                       std::string_view edge_type,
                                                       Side side) override {
    const schema::EdgeType* type = snapshot.schema().FindEdge(edge_type);
    if (type == nullptr)
      return Error(ErrorId::kUnknownType, "there is no edge type '{}'", edge_type);
    TARN_ASSIGN_OR_RETURN(const TableRef edge, Locate(snapshot, TableKind::kEdge, type->name));
    TARN_ASSIGN_OR_RETURN(const TableRef source, Locate(snapshot, TableKind::kNode, type->from));
    TARN_ASSIGN_OR_RETURN(const TableRef target, Locate(snapshot, TableKind::kNode, type->to));
    const bool out = side == Side::kOut;
    TARN_ASSIGN_OR_RETURN(
        const std::shared_ptr<const Topology> topology,
        topologies_.Get(request, {edge.entry, source.entry, target.entry}, out,
                        [&]() -> Result<TopologyTables> {
                          TopologyTables tables{.entry = edge.entry, .out = out};
                          TARN_ASSIGN_OR_RETURN(tables.source, OpenNodes(request, source));
                          TARN_ASSIGN_OR_RETURN(tables.target, OpenNodes(request, target));
                          TARN_ASSIGN_OR_RETURN(tables.table, Open(request, edge));
                          return tables;
                        }));
    return std::shared_ptr<const Adjacency>(topology, &topology->lists);
  }

  Result<std::shared_ptr<arrow::Array>> ColumnOf(const Request& request, const Snapshot& snapshot,
                                                 TableKind kind, std::string_view type_name,
                                                 std::string_view property) override {
    TARN_ASSIGN_OR_RETURN(const TableRef table, Locate(snapshot, kind, type_name));
    return GetColumn(request, table, std::string(property));
  }

  Result<std::shared_ptr<arrow::RecordBatch>> FetchRows(
      const Request& request, const Snapshot& snapshot, TableKind kind, std::string_view type_name,
      const std::vector<Dense>& rows, const std::vector<std::string>& properties) override {
    TARN_ASSIGN_OR_RETURN(const TableRef table, Locate(snapshot, kind, type_name));
    TARN_ASSIGN_OR_RETURN(const auto opened, Open(request, table));
    const FetchSources sources = {
        .name = table.name,
        .table = opened.get(),
        .whole = [&](const std::string& column) { return WholeColumn(request, table, column); },
        .fetched =
            [&](const std::string& column, uint64_t fetched, int64_t bytes) {
              hot_.Fetched(ColumnKey(table, column), fetched, bytes, table.entry->rows);
            },
        .row_ids = [&] { return RowIdsOf(request, table); }};
    return FetchFrom(request, sources, rows, properties);
  }

  Result<std::shared_ptr<const TextCorpus>> CorpusOf(const Request& request,
                                                     const Snapshot& snapshot,
                                                     std::string_view node_type,
                                                     std::string_view property) override {
    TARN_ASSIGN_OR_RETURN(const TableRef table, Locate(snapshot, TableKind::kNode, node_type));
    const schema::NodeType* type = snapshot.schema().FindNode(node_type);
    if (type == nullptr)
      return Error(ErrorId::kUnknownType, "there is no node type '{}'", node_type);
    TARN_ASSIGN_OR_RETURN(const std::string parameters, AnalyserParametersOf(*type, property));
    const std::string key =
        fmt::format("{}corpus/{}/{}", VersionKey(*table.entry), property, parameters);
    TARN_ASSIGN_OR_RETURN(auto corpus, cache_.Get<InvertedCorpus>(request, key, [&] {
      return BuildCorpus(request, table, std::string(property), parameters);
    }));
    return std::shared_ptr<const TextCorpus>(std::move(corpus));
  }

  ResidentStats stats() const override { return cache_.stats(); }

 private:
  /// A table of a snapshot; the snapshot outlives it.
  struct TableRef {
    const Snapshot* snapshot = nullptr;
    const TableEntry* entry = nullptr;
    std::string name;  ///< "node:Person"
  };

  static Result<TableRef> Locate(const Snapshot& snapshot, TableKind kind,
                                 std::string_view type_name) {
    const TableEntry* entry = snapshot.manifest().FindTable(kind, type_name);
    if (entry != nullptr) return TableRef{&snapshot, entry, entry->Key()};
    return Error(ErrorId::kUnknownType, "there is no {} type '{}' at commit {}",
                 catalog::TableKindName(kind), type_name, snapshot.commit().id);
  }

  static std::string ColumnKey(const TableRef& table, const std::string& column) {
    return fmt::format("{}column/{}", VersionKey(*table.entry), column);
  }

  // Arrow's arrays are immutable, but its interfaces take pointers to mutable ones.
  static std::shared_ptr<arrow::Array> Shared(std::shared_ptr<const arrow::Array> array) {
    return std::const_pointer_cast<arrow::Array>(std::move(array));
  }

  Result<std::shared_ptr<arrow::Array>> GetColumn(const Request& request, const TableRef& table,
                                                  const std::string& column) {
    TARN_ASSIGN_OR_RETURN(
        std::shared_ptr<const arrow::Array> array,
        cache_.Get<arrow::Array>(
            request, ColumnKey(table, column), [&]() -> Result<ResidentCache::Built<arrow::Array>> {
              TARN_ASSIGN_OR_RETURN(const auto opened, Open(request, table));
              TARN_ASSIGN_OR_RETURN(auto read, ReadColumn(request, *opened, table.name, column));
              const int64_t bytes = BytesOf(*read);
              return ResidentCache::Built<arrow::Array>{std::move(read), bytes};
            }));
    return Shared(std::move(array));
  }

  /// A column that is in memory, or is asked for so often that it should be; else nullptr.
  Result<std::shared_ptr<arrow::Array>> WholeColumn(const Request& request, const TableRef& table,
                                                    const std::string& column) {
    const std::string key = ColumnKey(table, column);
    if (auto held = cache_.Find<arrow::Array>(key)) return Shared(std::move(held));
    if (!hot_.IsHot(key)) return std::shared_ptr<arrow::Array>();
    hot_.Forget(key);
    Result<std::shared_ptr<arrow::Array>> read = GetColumn(request, table, column);
    // What is too large for this request, or for one array, is fetched row by row as before.
    if (!read.ok() && (read.status().id() == ErrorId::kMemoryBudget ||
                       read.status().id() == ErrorId::kUnsupported)) {
      return std::shared_ptr<arrow::Array>();
    }
    return read;
  }

  /// Open tables are kept as well: opening one reads its manifest.
  Result<std::shared_ptr<const lance::Table>> Open(const Request& request, const TableRef& table) {
    return cache_.Get<lance::Table>(
        request, VersionKey(*table.entry) + "open",
        [&]() -> Result<ResidentCache::Built<lance::Table>> {
          TARN_ASSIGN_OR_RETURN(
              std::unique_ptr<lance::Table> opened,
              table.snapshot->OpenTable(request.In(Phase::kRead), table.entry->kind,
                                        table.entry->type_name));
          return ResidentCache::Built<lance::Table>{std::move(opened), kOpenTableBytes};
        });
  }

  Result<std::shared_ptr<const VertexTable>> GetVertices(const Request& request,
                                                         const TableRef& table) {
    return cache_.Get<VertexTable>(
        request, VerticesKey(table), [&]() -> Result<ResidentCache::Built<VertexTable>> {
          TARN_ASSIGN_OR_RETURN(const auto opened, Open(request, table));
          TARN_ASSIGN_OR_RETURN(auto vertices, ReadVertices(request, *opened, table.name,
                                                            {.hash_seed = ProcessHashSeed()}));
          const int64_t bytes = vertices->bytes();
          return ResidentCache::Built<VertexTable>{std::move(vertices), bytes};
        });
  }
  static std::string VerticesKey(const TableRef& table) {
    return VersionKey(*table.entry) + "vertices";
  }

  /// A fetch alone does not read the ids of a whole table.
  Result<std::shared_ptr<const RowIds>> RowIdsOf(const Request& request, const TableRef& table) {
    if (const auto vertices = cache_.Find<VertexTable>(VerticesKey(table))) {
      return std::shared_ptr<const RowIds>(vertices, &vertices->row_id_vector());
    }
    return cache_.Get<RowIds>(
        request, VersionKey(*table.entry) + "row_ids",
        [&]() -> Result<ResidentCache::Built<RowIds>> {
          TARN_ASSIGN_OR_RETURN(const auto opened, Open(request, table));
          TARN_ASSIGN_OR_RETURN(auto row_ids, ReadRowIds(request, *opened, table.name));
          const auto bytes = static_cast<int64_t>(row_ids->capacity() * sizeof(uint64_t));
          return ResidentCache::Built<RowIds>{std::move(row_ids), bytes};
        });
  }

  Result<NodeTable> OpenNodes(const Request& request, const TableRef& table) {
    NodeTable nodes{.entry = table.entry};
    TARN_ASSIGN_OR_RETURN(nodes.table, Open(request, table));
    TARN_ASSIGN_OR_RETURN(nodes.vertices, GetVertices(request, table));
    return nodes;
  }

  Result<ResidentCache::Built<InvertedCorpus>> BuildCorpus(const Request& request,
                                                           const TableRef& table,
                                                           const std::string& column,
                                                           const std::string& parameters) {
    if (!analyser_)
      return Error(ErrorId::kUnsupported, "text search needs an analyser, and none is configured");
    TARN_ASSIGN_OR_RETURN(const auto opened, Open(request, table));
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Field> field,
                          FieldOf(*opened, table.name, column));
    if (!arrow::is_string(field->type()->id())) {
      return Error(ErrorId::kInvalidArgument,
                   "property '{}' of {} is no String and cannot be searched", column, table.name);
    }
    CorpusBuilder builder({analyser_, parameters, ProcessHashSeed()},
                          request.Hold("the words of a text property"));
    TARN_RETURN_IF_ERROR(ForEachBatch(
        request, *opened, {column}, /*row_id=*/false,
        [&](const arrow::RecordBatch& batch) -> Status {
          TARN_ASSIGN_OR_RETURN(const TextView texts, TextView::Of(*batch.column(0), column));
          return builder.Append(texts);
        }));
    TARN_ASSIGN_OR_RETURN(auto corpus, builder.Finish());
    const int64_t bytes = corpus->bytes();
    return ResidentCache::Built<InvertedCorpus>{std::move(corpus), bytes};
  }

  ResidentCache cache_;
  HotColumns hot_;
  Topologies topologies_;
  const Analyser analyser_;
};

}  // namespace

std::unique_ptr<Resident> MakeResident(int64_t bytes_max, Analyser analyser, TopologyStore store,
                                       MemoryBudget* memory) {
  return std::make_unique<ResidentTables>(bytes_max, std::move(analyser), store, memory);
}

}  // namespace tarn::search
