#include "tarn/search/make_topology.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "tarn/search/advance_adjacency.h"
#include "tarn/search/id_map.h"

namespace tarn::search {
namespace {

Result<SeenTable> SeeTable(const Request& request, const catalog::TableEntry& entry,
                           const lance::Table& table, const RowPlaces& known) {
  TARN_ASSIGN_OR_RETURN(RowPlaces places, ReadPlaces(request, table, known));
  return SeenTable{
      .location = entry.location, .version = entry.version, .places = std::move(places)};
}

Result<SeenTable> SeeNodes(const Request& request, const NodeTable& nodes, const RowPlaces& known) {
  TARN_ASSIGN_OR_RETURN(SeenTable seen, SeeTable(request, *nodes.entry, *nodes.table, known));
  seen.row_ids = RunsOf(nodes.vertices->row_ids());
  return seen;
}

EdgeTables EdgeTablesOf(const TopologyTables& tables) {
  return {tables.entry->Key(), tables.source.entry->Key(), tables.target.entry->Key(),
          tables.source.vertices, tables.target.vertices};
}

bool IsSame(const SeenTable& seen, const catalog::TableEntry& entry) {
  return seen.location == entry.location && seen.version == entry.version;
}

/// What became of the rows of one table, and what it is now.
struct TableStep {
  SeenTable now;
  RowMap map;

  bool IsSmall() const {
    const uint64_t rows = now.places.rows();
    return (map.RowsAdded(now.places) + map.gone) * kTopologyChangePart <= rows;
  }
  /// Rows that there were are all there, under the numbers they had.
  bool IsExtended() const { return !map.moves; }
};

/// A row that was updated is a new one in another place, with the row id it had.
void FindMoved(std::span<const RowIdRun> ids_before, std::span<const uint64_t> ids_now,
               TableStep& step) {
  if (step.map.gone == 0 || step.map.added.empty()) return;
  std::unordered_map<uint64_t, Dense> added;
  Dense begin = 0;
  for (size_t part = 0, next = 0; part < step.now.places.parts.size(); ++part) {
    const Dense rows = step.now.places.parts[part].rows;
    if (next < step.map.added.size() && step.map.added[next] == part) {
      for (Dense row = begin; row < begin + rows; ++row) added.emplace(ids_now[row], row);
      ++next;
    }
    begin += rows;
  }
  Dense before = 0;
  for (const RowIdRun& run : ids_before) {
    for (Dense i = 0; i < run.count; ++i, ++before) {
      if (step.map.to_of_from[before] != kNoRow) continue;
      const auto found = added.find(run.first + i);
      if (found != added.end()) step.map.to_of_from[before] = found->second;
    }
  }
}

/// Makes the topology of `tables` of an earlier one.
class Advance {
 public:
  Advance(const Request& request, const Topology& before, const TopologyTables& tables)
      : request_(request),
        before_(before),
        tables_(tables),
        hold_(request.Hold("what became of the rows of an edge type")) {}

  Result<std::optional<Topology>> Run() {
    if (!HangTogether()) return std::nullopt;
    TARN_RETURN_IF_ERROR(hold_.Resize(static_cast<int64_t>(
        (before_.edge.places.rows() + before_.source.places.rows() + before_.target.places.rows()) *
        sizeof(Dense))));
    TARN_RETURN_IF_ERROR(Step());
    if (!edge_.IsSmall() || !source_.IsSmall() || !target_.IsSmall() || !edge_.map.in_order) {
      return std::nullopt;
    }
    Topology now{.edge = std::move(edge_.now),
                 .source = std::move(source_.now),
                 .target = std::move(target_.now),
                 .out = before_.out};
    if (edge_.IsExtended() && edge_.map.added.empty() && near().IsExtended() &&
        far().IsExtended()) {
      now.lists = Extended();
      now.unsaved = before_.unsaved;
      return now;
    }
    TARN_ASSIGN_OR_RETURN(std::vector<AddedEdge> added, ReadAdded(now.edge.places));
    const size_t changed = added.size() + edge_.map.gone;
    now.unsaved = before_.unsaved + changed;
    AdjacencyChange change{near().map.to_of_from, far().map.to_of_from, edge_.map.to_of_from,
                           tables_.near().vertices->count(), std::move(added)};
    TARN_ASSIGN_OR_RETURN(AdjacencyLists lists,
                          AdvanceAdjacency(request_, before_.lists, std::move(change)));
    now.lists = MakeAdjacency(std::move(lists), "");
    return now;
  }

 private:
  const TableStep& near() const { return before_.out ? source_ : target_; }
  const TableStep& far() const { return before_.out ? target_ : source_; }

  /// Row ids mean the same in two versions of one line alone.
  bool HangTogether() const {
    return before_.out == tables_.out && before_.edge.location == tables_.entry->location &&
           before_.source.location == tables_.source.entry->location &&
           before_.target.location == tables_.target.entry->location;
  }

  Status Step() {
    TARN_ASSIGN_OR_RETURN(edge_.now,
                          SeeTable(request_, *tables_.entry, *tables_.table, before_.edge.places));
    edge_.map = MapRows(before_.edge.places, edge_.now.places);
    TARN_RETURN_IF_ERROR(StepNodes(before_.source, tables_.source, source_));
    if (tables_.source.entry == tables_.target.entry && before_.source == before_.target) {
      target_ = source_;
      return Status::Ok();
    }
    return StepNodes(before_.target, tables_.target, target_);
  }

  Status StepNodes(const SeenTable& before, const NodeTable& nodes, TableStep& step) {
    TARN_ASSIGN_OR_RETURN(step.now, SeeNodes(request_, nodes, before.places));
    if (step.now.places.rows() != nodes.vertices->count()) {
      return Error(ErrorId::kCorruptData, "{} has {} rows, its metadata says {}",
                   nodes.entry->Key(), nodes.vertices->count(), step.now.places.rows());
    }
    step.map = MapRows(before.places, step.now.places);
    FindMoved(before.row_ids, nodes.vertices->row_ids(), step);
    return Status::Ok();
  }

  /// The same lists, and empty ones behind them for the vertices that are new.
  Adjacency Extended() const {
    struct Held {
      std::vector<uint32_t> offsets;
      std::shared_ptr<const void> lists;
    };
    auto held = std::make_shared<Held>();
    held->offsets.assign(before_.lists.offsets.begin(), before_.lists.offsets.end());
    held->offsets.resize(size_t{tables_.near().vertices->count()} + 1,
                         before_.lists.offsets.back());
    held->lists = before_.lists.memory;
    Adjacency extended = before_.lists;
    extended.offsets = held->offsets;
    extended.memory = held;
    return extended;
  }

  Result<std::vector<AddedEdge>> ReadAdded(const RowPlaces& places) const {
    std::vector<AddedEdge> added;
    if (edge_.map.added.empty()) return added;
    TARN_ASSIGN_OR_RETURN(const std::vector<lance::Fragment> fragments, tables_.table->Fragments());
    std::vector<uint64_t> ids;
    std::vector<Dense> numbers;
    Dense begin = 0;
    for (size_t part = 0; part < places.parts.size(); ++part) {
      const Dense rows = places.parts[part].rows;
      if (ids.size() < edge_.map.added.size() && edge_.map.added[ids.size()] == part) {
        ids.push_back(fragments[part].id);
        numbers.resize(numbers.size() + rows);
        std::iota(numbers.end() - rows, numbers.end(), begin);
      }
      begin += rows;
    }
    TARN_ASSIGN_OR_RETURN(const EdgeEnds ends, ReadEdgeEnds(request_, *tables_.table,
                                                            EdgeTablesOf(tables_), std::move(ids)));
    if (ends.sources.size() != numbers.size()) {
      return Error(ErrorId::kCorruptData, "{} has {} new rows, its metadata says {}",
                   tables_.entry->Key(), ends.sources.size(), numbers.size());
    }
    for (size_t i = 0; i < numbers.size(); ++i) {
      added.push_back(tables_.out ? AddedEdge{ends.sources[i], ends.targets[i], numbers[i]}
                                  : AddedEdge{ends.targets[i], ends.sources[i], numbers[i]});
    }
    return added;
  }

  const Request& request_;
  const Topology& before_;
  const TopologyTables& tables_;
  BudgetHold hold_;
  TableStep edge_;
  TableStep source_;
  TableStep target_;
};

}  // namespace

Result<Topology> ReadTopology(const Request& request, const TopologyTables& tables) {
  TARN_ASSIGN_OR_RETURN(EdgeEnds ends, ReadEdgeEnds(request, *tables.table, EdgeTablesOf(tables)));
  std::vector<Dense>& near = tables.out ? ends.sources : ends.targets;
  std::vector<Dense>& far = tables.out ? ends.targets : ends.sources;
  TARN_ASSIGN_OR_RETURN(
      const std::shared_ptr<const Adjacency> lists,
      BuildAdjacency(request, std::move(near), std::move(far), tables.near().vertices->count(),
                     tables.far().vertices->count()));
  Topology topology{.out = tables.out, .lists = *lists};
  TARN_ASSIGN_OR_RETURN(topology.edge, SeeTable(request, *tables.entry, *tables.table, {}));
  TARN_ASSIGN_OR_RETURN(topology.source, SeeNodes(request, tables.source, {}));
  if (tables.source.entry == tables.target.entry) {
    topology.target = topology.source;
  } else {
    TARN_ASSIGN_OR_RETURN(topology.target, SeeNodes(request, tables.target, {}));
  }
  topology.unsaved = lists->neighbours.size();
  return topology;
}

Result<Topology> TurnTopology(const Request& request, const Topology& other) {
  Topology turned{.edge = other.edge,
                  .source = other.source,
                  .target = other.target,
                  .out = !other.out,
                  .unsaved = other.lists.neighbours.size()};
  const SeenTable& near = turned.out ? turned.source : turned.target;
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const Adjacency> lists,
                        Transpose(request, other.lists, static_cast<Dense>(near.places.rows())));
  turned.lists = *lists;
  return turned;
}

Result<bool> IsTopologyOf(const Topology& topology, const TopologyTables& tables) {
  if (topology.out != tables.out || !IsSame(topology.edge, *tables.entry) ||
      !IsSame(topology.source, *tables.source.entry) ||
      !IsSame(topology.target, *tables.target.entry)) {
    return false;
  }
  TARN_ASSIGN_OR_RETURN(bool same, IsAt(*tables.table, topology.edge.places));
  for (const auto& [nodes, seen] :
       {std::pair(&tables.source, &topology.source), std::pair(&tables.target, &topology.target)}) {
    if (!same) return false;
    TARN_ASSIGN_OR_RETURN(same, IsAt(*nodes->table, seen->places));
  }
  return same;
}

Result<std::optional<Topology>> AdvanceTopology(const Request& request, const Topology& before,
                                                const TopologyTables& tables) {
  Result<std::optional<Topology>> made = Advance(request, before, tables).Run();
  // Whatever does not fit is found, and named, by reading everything.
  if (!made.ok() && made.status().id() == ErrorId::kCorruptData) return std::nullopt;
  return made;
}

}  // namespace tarn::search
