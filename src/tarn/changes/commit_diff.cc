#include "tarn/changes/commit_diff.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <arrow/type.h>

#include "tarn/base/json_writer.h"
#include "tarn/catalog/physical_schema.h"

namespace tarn::changes {
namespace {

using catalog::Snapshot;
using catalog::TableEntry;
using catalog::TableKind;

/// One type on both sides.
struct Pair {
  const TableEntry* before = nullptr;
  const TableEntry* after = nullptr;

  const TableEntry& any() const { return after != nullptr ? *after : *before; }
};

struct Columns {
  std::shared_ptr<arrow::Schema> physical;
  const std::vector<schema::Property>* properties = nullptr;
};

Columns ColumnsOf(const Snapshot& snapshot, const TableEntry& table) {
  const schema::Schema& schema = snapshot.schema();
  Columns columns{.physical = RowSchema(schema, table.kind, table.type_name)};
  TARN_CHECK(columns.physical != nullptr, "a table without a type in its schema");
  columns.properties = table.kind == TableKind::kNode
                           ? &schema.FindNode(table.type_name)->properties
                           : &schema.FindEdge(table.type_name)->properties;
  return columns;
}

Status ChangedInBetween(const TableEntry& table) {
  return SchemaBoundary(
      table.type_name,
      fmt::format("the schema of {} changed in between, so its rows cannot be compared",
                  table.Key()),
      "Compare commits of one schema, or leave the type out.");
}

bool SameRows(const Pair& pair) {
  if (pair.before == nullptr) return pair.after->rows == 0;
  if (pair.after == nullptr) return pair.before->rows == 0;
  return SameVersion(*pair.before, *pair.after);
}

/// The types whose tables differ, in the order of changes.
std::vector<Pair> PairUp(const std::optional<Snapshot>& before, const Snapshot& after) {
  std::map<std::tuple<bool, uint64_t>, Pair> pairs;
  const auto key = [](const TableEntry& table) {
    return std::tuple(table.kind == TableKind::kEdge, table.type_id);
  };
  if (before) {
    for (const TableEntry& table : before->manifest().tables) pairs[key(table)].before = &table;
  }
  for (const TableEntry& table : after.manifest().tables) pairs[key(table)].after = &table;
  std::vector<Pair> differing;
  for (const auto& [place, pair] : pairs) {
    if (!SameRows(pair)) differing.push_back(pair);
  }
  return differing;
}

/// Only the changes behind a position, of the ops that are wanted.
ChangeBatch Wanted(const ChangeBatch& batch, const Filter& filter) {
  ChangeBatch wanted{.changes = {}, .before = batch.before, .after = batch.after};
  for (const Change& change : batch.changes) {
    if (filter.Admits(change.op)) wanted.changes.push_back(change);
  }
  return wanted;
}

}  // namespace

std::shared_ptr<arrow::Schema> RowSchema(const schema::Schema& schema, TableKind kind,
                                         const std::string& type) {
  if (kind == TableKind::kNode) {
    const schema::NodeType* const node = schema.FindNode(type);
    return node == nullptr ? nullptr : catalog::PhysicalSchema(*node);
  }
  const schema::EdgeType* const edge = schema.FindEdge(type);
  return edge == nullptr ? nullptr : catalog::PhysicalSchema(*edge);
}

bool SameVersion(const TableEntry& a, const TableEntry& b) {
  return a.location == b.location && a.version == b.version;
}

Status SchemaBoundary(const std::string& type, std::string message, std::string hint) {
  JsonWriter detail;
  detail.BeginObject().Key("reason").String("schema_boundary");
  detail.Key("type_name").String(type).EndObject();
  return Status(ErrorId::kDiffRefused, std::move(message))
      .WithHint(std::move(hint))
      .WithDetail("change_diff_refusal", detail.Take());
}

bool Filter::Admits(TableKind kind, const std::string& type) const {
  const bool has_kind = kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  return has_kind && (types.empty() || std::find(types.begin(), types.end(), type) != types.end());
}

bool Filter::Admits(Op op) const {
  return ops.empty() || std::find(ops.begin(), ops.end(), op) != ops.end();
}

Status ForEachTypeDiff(const Request& request, const std::optional<Snapshot>& before,
                       const Snapshot& after, const Filter& filter,
                       const std::optional<Position>& from,
                       const std::function<Result<bool>(const TypeDiff&)>& visit) {
  for (const Pair& pair : PairUp(before, after)) {
    const TableEntry& table = pair.any();
    const TypeRef type{.kind = table.kind, .id = table.type_id, .name = table.type_name};
    const Position begin{.is_edge = type.kind == TableKind::kEdge, .type_id = type.id, .id = ""};
    const bool is_resumed =
        from && from->is_edge == begin.is_edge && from->type_id == begin.type_id;
    if (!filter.Admits(type.kind, type.name) || (from && begin < *from && !is_resumed)) continue;

    const Columns columns = ColumnsOf(pair.after != nullptr ? after : *before, table);
    if (pair.before != nullptr && pair.after != nullptr &&
        !ColumnsOf(*before, *pair.before).physical->Equals(*columns.physical, true)) {
      return ChangedInBetween(table);
    }
    const bool is_new = pair.before == nullptr && filter.new_types;
    if (before && !is_new && (pair.before == nullptr || pair.after == nullptr)) {
      return ChangedInBetween(table);
    }
    std::shared_ptr<const lance::Table> old_table, new_table;
    if (pair.before != nullptr) {
      TARN_ASSIGN_OR_RETURN(old_table,
                            before->OpenTable(request, type.kind, pair.before->type_name));
    }
    if (pair.after != nullptr) {
      TARN_ASSIGN_OR_RETURN(new_table, after.OpenTable(request, type.kind, type.name));
    }
    TARN_ASSIGN_OR_RETURN(const TableDiff diff,
                          TableDiff::Make(request, std::move(old_table), std::move(new_table),
                                          columns.physical->field_names()));
    Result<bool> go_on = visit({.type = type,
                                .properties = *columns.properties,
                                .rows = diff,
                                .after_id = is_resumed ? std::optional(from->id) : std::nullopt});
    if (!go_on.ok()) return std::move(go_on).status().While(table.Key());
    if (!*go_on) return Status::Ok();
  }
  return Status::Ok();
}

Status ForEachChange(const Request& request, const std::optional<Snapshot>& before,
                     const Snapshot& after, const Filter& filter,
                     const std::optional<Position>& from,
                     const std::function<Result<bool>(const TypeChanges&)>& visit) {
  const auto walk = [&](const TypeDiff& diff) -> Result<bool> {
    bool go_on = true;
    const auto hand_on = [&](const ChangeBatch& batch) -> Result<bool> {
      const ChangeBatch wanted = Wanted(batch, filter);
      if (wanted.changes.empty()) return true;
      TARN_ASSIGN_OR_RETURN(
          go_on, visit({.type = diff.type, .properties = diff.properties, .batch = wanted}));
      return go_on;
    };
    TARN_RETURN_IF_ERROR(diff.rows.ForEach(request, diff.after_id, hand_on));
    return go_on;
  };
  return ForEachTypeDiff(request, before, after, filter, from, walk);
}

Result<std::vector<TypeCount>> CountChanges(const Request& request,
                                            const std::optional<Snapshot>& before,
                                            const Snapshot& after, const Filter& filter) {
  std::vector<TypeCount> counts;
  const auto count = [&counts](const TypeChanges& changes) -> Result<bool> {
    if (counts.empty() || counts.back().type.kind != changes.type.kind ||
        counts.back().type.id != changes.type.id) {
      counts.push_back({.type = changes.type});
    }
    TypeCount& type = counts.back();
    for (const Change& change : changes.batch.changes) {
      switch (change.op) {
        case Op::kInsert: ++type.inserted; break;
        case Op::kUpdate: ++type.updated; break;
        case Op::kDelete: ++type.deleted; break;
      }
    }
    return true;
  };
  TARN_RETURN_IF_ERROR(ForEachChange(request, before, after, filter, std::nullopt, count));
  return counts;
}

}  // namespace tarn::changes
