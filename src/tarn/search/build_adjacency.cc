#include "tarn/search/build_adjacency.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "tarn/search/each_batch.h"
#include "tarn/search/text_view.h"

namespace tarn::search {
namespace {

constexpr const char* kHoldName = "the neighbours of an edge type";

int64_t BytesOf(uint64_t vertices, uint64_t edges) {
  return static_cast<int64_t>((vertices + 1) * sizeof(uint32_t) + edges * 2 * sizeof(Dense));
}

/// Where the list of each vertex ends. A counting sort that fills lists from their ends down turns
/// them into where the lists begin; in 32 bits, because half the memory misses the cache less
/// often.
std::vector<uint32_t> EndsOfLists(std::span<const Dense> keys, uint64_t vertices) {
  std::vector<uint32_t> ends(vertices + 1);
  for (Dense key : keys) ++ends[key];
  uint32_t end = 0;
  for (uint32_t& count : ends) {
    end += count;
    count = end;
  }
  return ends;
}

/// Edges as (near end, number), grouped by far end, in the order of their numbers.
struct Grouped {
  std::vector<uint32_t> begins;  ///< per far vertex, and the end
  std::vector<uint64_t> edges;   ///< near end in the high half, number in the low one
};

Result<Grouped> GroupByFar(const Request& request, std::span<const Dense> near,
                           std::span<const Dense> far, Dense far_count) {
  Grouped grouped = {EndsOfLists(far, far_count), std::vector<uint64_t>(far.size())};
  for (uint64_t edge = far.size(); edge-- > 0;) {
    if (edge % kCheckEvery == 0) TARN_RETURN_IF_ERROR(request.Check());
    grouped.edges[--grouped.begins[far[edge]]] = uint64_t{near[edge]} << 32 | edge;
  }
  return grouped;
}

/// Fills the lists of an adjacency from their ends down, by edges that come from the last far
/// vertex to the first.
class Filling {
 public:
  /// `ends` says where the list of each vertex ends.
  explicit Filling(std::vector<uint32_t> ends) {
    lists_.offsets = std::move(ends);
    lists_.neighbours.resize(lists_.offsets.back());
    lists_.edge_rows.resize(lists_.offsets.back());
  }

  void Add(Dense near, Dense far, Dense edge) {
    const uint32_t place = --lists_.offsets[near];
    lists_.neighbours[place] = far;
    lists_.edge_rows[place] = edge;
  }
  std::shared_ptr<const Adjacency> Finish() {
    return std::make_shared<const Adjacency>(MakeAdjacency(std::move(lists_), ""));
  }

 private:
  AdjacencyLists lists_;
};

/// Appends the row of every id of one column of ends.
Status AppendEnds(const arrow::Array& column, const EdgeTables& tables, bool is_source,
                  std::vector<std::string_view>& ids, std::vector<Dense>& ends) {
  TARN_ASSIGN_OR_RETURN(const TextView texts, TextView::Of(column, tables.edge_name));
  ids.resize(static_cast<size_t>(texts.size()));
  const size_t begin = ends.size();
  for (int64_t i = 0; i < texts.size(); ++i) {
    if (texts.IsNull(i)) {
      return Error(ErrorId::kCorruptData, "edge number {} of {} has no {}",
                   begin + static_cast<size_t>(i), tables.edge_name,
                   is_source ? "source" : "destination");
    }
    ids[static_cast<size_t>(i)] = texts[i];
  }
  ends.resize(begin + ids.size());
  (is_source ? tables.sources : tables.targets)->FindAll(ids, std::span(ends).subspan(begin));
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ends[begin + i] != kNoRow) continue;
    return Error(ErrorId::kCorruptData, "edge number {} of {} {} '{}', which {} does not hold",
                 begin + i, tables.edge_name, is_source ? "leaves" : "points at", ids[i],
                 is_source ? tables.source_name : tables.target_name);
  }
  return Status::Ok();
}

}  // namespace

Result<EdgeEnds> ReadEdgeEnds(const Request& request, const lance::Table& edges,
                              const EdgeTables& tables,
                              std::optional<std::vector<uint64_t>> fragments) {
  uint64_t rows = 0;
  if (!fragments) {
    TARN_ASSIGN_OR_RETURN(rows, CountRows(edges, tables.edge_name, tables.rows_max));
  }
  BudgetHold hold = request.Hold(kHoldName);
  const auto hold_rows = [&hold](uint64_t count) {
    return hold.Resize(static_cast<int64_t>(count * 2 * sizeof(Dense)));
  };
  TARN_RETURN_IF_ERROR(hold_rows(rows));
  EdgeEnds ends;
  ends.sources.reserve(rows);
  ends.targets.reserve(rows);
  std::vector<std::string_view> ids;
  TARN_RETURN_IF_ERROR(ForEachBatch(
      request, edges, {.columns = {"src", "dst"}, .fragments = std::move(fragments)},
      [&](const arrow::RecordBatch& batch) -> Status {
        const uint64_t count = ends.sources.size() + static_cast<uint64_t>(batch.num_rows());
        if (count > tables.rows_max) return TooManyRows(tables.edge_name, tables.rows_max);
        TARN_RETURN_IF_ERROR(hold_rows(std::max(count, rows)));
        TARN_RETURN_IF_ERROR(AppendEnds(*batch.column(0), tables, true, ids, ends.sources));
        return AppendEnds(*batch.column(1), tables, false, ids, ends.targets);
      }));
  return ends;
}

Result<std::shared_ptr<const Adjacency>> BuildAdjacency(const Request& request,
                                                        std::vector<Dense> near,
                                                        std::vector<Dense> far, Dense near_count,
                                                        Dense far_count) {
  BudgetHold hold = request.Hold(kHoldName);
  const auto ends_bytes = static_cast<int64_t>(near.size() * sizeof(Dense));
  TARN_RETURN_IF_ERROR(hold.Resize(2 * ends_bytes + BytesOf(far_count, near.size())));
  TARN_ASSIGN_OR_RETURN(const Grouped grouped, GroupByFar(request, near, far, far_count));
  far = {};
  std::vector<uint32_t> ends = EndsOfLists(near, near_count);
  near = {};
  const uint64_t edges = grouped.edges.size();
  TARN_RETURN_IF_ERROR(hold.Resize(BytesOf(far_count, edges) + BytesOf(near_count, edges)));
  Filling lists(std::move(ends));
  for (Dense vertex = far_count; vertex-- > 0;) {
    if (vertex % kCheckEvery == 0) TARN_RETURN_IF_ERROR(request.Check());
    for (uint32_t i = grouped.begins[vertex + 1]; i-- > grouped.begins[vertex];) {
      lists.Add(static_cast<Dense>(grouped.edges[i] >> 32), vertex,
                static_cast<Dense>(grouped.edges[i]));
    }
  }
  return lists.Finish();
}

Result<std::shared_ptr<const Adjacency>> Transpose(const Request& request, const Adjacency& side,
                                                   Dense far_count) {
  BudgetHold hold = request.Hold(kHoldName);
  TARN_RETURN_IF_ERROR(hold.Resize(BytesOf(far_count, side.neighbours.size())));
  Filling lists(EndsOfLists(side.neighbours, far_count));
  for (Dense vertex = side.vertices(); vertex-- > 0;) {
    if (vertex % kCheckEvery == 0) TARN_RETURN_IF_ERROR(request.Check());
    for (uint32_t i = side.offsets[vertex + 1]; i-- > side.offsets[vertex];) {
      lists.Add(side.neighbours[i], vertex, side.EdgeAt(i));
    }
  }
  return lists.Finish();
}

}  // namespace tarn::search
