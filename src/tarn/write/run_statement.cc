#include "tarn/write/run_statement.h"

#include <algorithm>

#include <arrow/api.h>

#include "tarn/columnar/arrow_status.h"
#include "tarn/lance/memory_filter.h"
#include "tarn/columnar/choose_rows.h"
#include "tarn/schema/values.h"
#include "tarn/write/column_builder.h"
#include "tarn/write/predicate_filter.h"
#include "tarn/write/row_builder.h"
#include "tarn/write/value_record.h"

namespace tarn::write {
namespace {

std::string ColumnOf(const TypeLayout& layout, const std::string& property) {
  if (!layout.is_edge()) return property;
  if (property == "from") return "src";
  return property == "to" ? "dst" : property;
}

const schema::Property& PropertyOf(const TypeLayout& layout, const std::string& name) {
  const auto found = std::ranges::find(layout.properties(), name, &schema::Property::name);
  TARN_CHECK(found != layout.properties().end(), "the type checker lets no unknown property pass");
  return *found;
}

Problem Unfit(const TypeLayout& layout, const std::string& field, CellFault fault) {
  return {.id = fault.id,
          .line = 0,
          .type = layout.label(),
          .field = field,
          .reason = std::move(fault.reason)};
}

/// The table's columns of a batch that a scan or a row builder gave.
std::shared_ptr<arrow::RecordBatch> TableColumns(const TypeLayout& layout,
                                                 const arrow::RecordBatch& batch) {
  arrow::ArrayVector columns;
  for (const std::shared_ptr<arrow::Field>& field : layout.table_schema->fields()) {
    columns.push_back(batch.GetColumnByName(field->name()));
    TARN_CHECK(columns.back() != nullptr, "every column of the table is there");
  }
  return arrow::RecordBatch::Make(layout.table_schema, batch.num_rows(), std::move(columns));
}

/// The one cell of an update's assignment; what is wrong with it goes to `problems`.
Result<std::shared_ptr<arrow::Scalar>> AssignedCell(const TypeLayout& layout,
                                                    const schema::Property& property,
                                                    const ir::Value& value, ProblemList& problems) {
  std::shared_ptr<arrow::Scalar> none;
  const auto refuse = [&](Refusal refusal) {
    problems.Add(Unfit(layout, property.name, std::move(*refusal)));
    return none;
  };
  if (value.is_null() && !property.type.nullable) {
    return refuse(Refuse(ErrorId::kConstraintViolation,
                         fmt::format("non-nullable property '{}' cannot be null", property.name)));
  }
  if (std::optional<std::string> why = RefuseInexact(property, value)) {
    return refuse(Refuse(ErrorId::kDataInvalid, std::move(*why)));
  }
  TARN_ASSIGN_OR_RETURN(OwnedColumn column, MakeColumn(property, ValueChecks::None()));
  ValueRecord record;
  record.Add(property.name, value);
  Refusal refusal = value.is_null() ? column.column->AppendNull()
                                    : column.column->Append(record.record(), record.newest());
  if (refusal) return refuse(std::move(refusal));
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Array> cell, column.column->Finish());
  return columnar::FromArrow(cell->GetScalar(0));
}

/// What an update writes: a cell for each assigned column.
using Assigned = std::vector<std::pair<std::string, std::shared_ptr<arrow::Scalar>>>;

Result<std::shared_ptr<arrow::RecordBatch>> WithAssigned(std::shared_ptr<arrow::RecordBatch> batch,
                                                         const Assigned& assigned) {
  for (const auto& [column, cell] : assigned) {
    const int index = batch->schema()->GetFieldIndex(column);
    TARN_ARROW_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Array> cells,
                                arrow::MakeArrayFromScalar(*cell, batch->num_rows()));
    TARN_ARROW_ASSIGN_OR_RETURN(batch,
                                batch->SetColumn(index, batch->schema()->field(index), cells));
  }
  return batch;
}

/// The rows of a scan that no pending row hides, with their places.
struct Visible {
  std::shared_ptr<arrow::RecordBatch> rows;
  std::vector<uint64_t> row_ids;
  std::vector<uint64_t> row_addrs;
};

Result<Visible> VisibleRows(const PendingTable& table, const StoredBatch& batch) {
  const arrow::StringArray& ids = IdsOf(batch.rows);
  Visible visible;
  std::vector<bool> shown(ids.length());
  for (int64_t row = 0; row < ids.length(); ++row) {
    shown[row] = !table.Has(ids.GetView(row));
    if (!shown[row]) continue;
    visible.row_ids.push_back(batch.row_ids[row]);
    visible.row_addrs.push_back(batch.row_addrs[row]);
  }
  TARN_ASSIGN_OR_RETURN(visible.rows,
                        columnar::ChooseRows(TableColumns(table.layout(), batch.rows),
                                             [&shown](int64_t row) { return shown[row]; }));
  return visible;
}

/// Calls `visit(batch, row)` for the live pending rows that `filter` keeps, with their places.
void ForEachPending(const PendingTable& table, const lance::Filter& filter,
                    const std::function<void(const arrow::RecordBatch&, int64_t)>& visit) {
  for (const PendingTable::Images& images : table.images()) {
    const std::vector<bool> kept = lance::RowsKept(*images.rows, filter);
    for (size_t row = 0; row < kept.size(); ++row) {
      if (kept[row] && images.live[row]) visit(*images.rows, static_cast<int64_t>(row));
    }
  }
}

std::vector<std::string> PendingIds(const PendingTable& table, const lance::Filter& filter) {
  std::vector<std::string> ids;
  ForEachPending(table, filter, [&ids](const arrow::RecordBatch& batch, int64_t row) {
    ids.emplace_back(IdsOf(batch).GetView(row));
  });
  return ids;
}

/// The canonical text of a key part in the form of its property.
Result<std::string> KeyTextOf(schema::Scalar scalar, const ir::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.held)) return *text;
  if (const auto* flag = std::get_if<bool>(&value.held)) return schema::CanonicalText(*flag);
  if (const auto* date = std::get_if<ir::Date>(&value.held)) {
    return schema::CanonicalText(date->days);
  }
  if (const auto* time = std::get_if<ir::DateTime>(&value.held)) {
    return schema::CanonicalText(time->ms);
  }
  if (const auto* whole = std::get_if<uint64_t>(&value.held)) return schema::CanonicalText(*whole);
  const auto* integer = std::get_if<int64_t>(&value.held);
  if (integer != nullptr && schema::IsInteger(scalar)) return schema::CanonicalText(*integer);
  const double real =
      integer != nullptr ? static_cast<double>(*integer) : std::get<double>(value.held);
  if (scalar == schema::Scalar::kF32) return schema::CanonicalText(static_cast<float>(real));
  TARN_CHECK(scalar == schema::Scalar::kF64, "a number for a key that is none");
  return schema::CanonicalText(real);
}

}  // namespace

ir::Value StatementRunner::ValueOf(const ir::Expr& expr) const {
  if (const auto* constant = std::get_if<ir::Constant>(&expr.node)) return constant->value;
  if (const auto* parameter = std::get_if<ir::ParameterRef>(&expr.node)) {
    return parameters_.at(parameter->index);
  }
  TARN_CHECK(std::holds_alternative<ir::Now>(expr.node), "a mutation knows no other value");
  return {ir::DateTime{now_ms_}};
}

std::optional<lance::Filter> StatementRunner::FilterOf(const TypeLayout& layout,
                                                       const ir::Predicate& predicate) const {
  const std::string column = ColumnOf(layout, predicate.property);
  const bool is_end = column != predicate.property;
  const schema::PropertyType type =
      is_end ? schema::PropertyType() : PropertyOf(layout, predicate.property).type;
  return write::FilterOf(column, type, predicate.op, ValueOf(*predicate.value));
}

Status StatementRunner::Run(const ir::Statement& statement, const std::string& name) {
  TARN_RETURN_IF_ERROR(image_.request().Check());
  struct Arms {
    StatementRunner& self;
    const std::string& name;
    Status operator()(const ir::Insert& insert) { return self.Insert(insert, name); }
    Status operator()(const ir::Update& update) { return self.Update(update, name); }
    Status operator()(const ir::Delete& statement) { return self.Delete(statement); }
  };
  TARN_RETURN_IF_ERROR(std::visit(Arms{*this, name}, statement));
  return image_.Charge();
}

/// The id of the node that has this key. A problem is noted when a part has no such value.
Result<std::string> StatementRunner::EndIdOf(const schema::NodeType& node,
                                             const ir::Assignment& end, const TypeLayout& layout,
                                             ProblemList& problems) const {
  std::vector<std::string> parts;
  for (const std::string& column : node.key_columns) {
    const ir::KeyPart& part = *std::ranges::find(end.key, column, &ir::KeyPart::property);
    const schema::Property& property = *node.FindProperty(part.property);
    const ir::Value value = ValueOf(*part.value);
    std::optional<std::string> why = RefuseInexact(property, value);
    if (value.is_null()) why = fmt::format("'{}' of a key cannot be null", part.property);
    if (schema::IsInteger(property.type.scalar) && std::holds_alternative<double>(value.held)) {
      why = fmt::format("'{}' of the key is an integer, not {}", part.property, ir::ToJson(value));
    }
    if (why) {
      problems.Add(Unfit(layout, end.property, {ErrorId::kDataInvalid, std::move(*why)}));
      return std::string();
    }
    TARN_ASSIGN_OR_RETURN(std::string text, KeyTextOf(property.type.scalar, value));
    parts.push_back(std::move(text));
  }
  return schema::KeyId(parts);
}

Status StatementRunner::Insert(const ir::Insert& insert, const std::string& name) {
  const schema::Schema& schema = image_.schema();
  PendingTable& table = insert.is_edge ? image_.Of(*schema.FindEdge(insert.type_name))
                                       : image_.Of(*schema.FindNode(insert.type_name));
  const TypeLayout& layout = table.layout();
  ProblemList problems(name);
  ValueRecord record;
  ir::Value from, to;
  for (const ir::Assignment& assignment : insert.assignments) {
    if (!assignment.key.empty()) {
      const schema::EdgeType& edge = *layout.edge;
      const bool is_from = assignment.property == "from";
      TARN_ASSIGN_OR_RETURN(
          (is_from ? from : to).held,
          EndIdOf(*schema.FindNode(is_from ? edge.from : edge.to), assignment, layout, problems));
      continue;
    }
    ir::Value value = ValueOf(*assignment.value);
    const std::string column = ColumnOf(layout, assignment.property);
    if (column != assignment.property) {
      if (value.is_null()) {
        problems.Add(Unfit(layout, assignment.property,
                           {ErrorId::kConstraintViolation,
                            fmt::format("'{}' of an edge cannot be null", assignment.property)}));
      }
      (column == "src" ? from : to) = std::move(value);
      continue;
    }
    if (auto why = RefuseInexact(PropertyOf(layout, column), value)) {
      problems.Add(Unfit(layout, column, {ErrorId::kDataInvalid, std::move(*why)}));
    }
    record.Add(assignment.property, value);
  }
  TARN_RETURN_IF_ERROR(problems.ToStatus());
  if (insert.is_edge) {
    record.SetEnds(std::get<std::string>(from.held), std::get<std::string>(to.held));
  }
  TARN_ASSIGN_OR_RETURN(
      const std::unique_ptr<RowBuilder> builder,
      RowBuilder::Make(layout, ulids_, problems, RowBuilder::Values::kCheckedLater));
  builder->Append(record.record());
  TARN_RETURN_IF_ERROR(problems.ToStatus());
  TARN_ASSIGN_OR_RETURN(const RowBatch built, builder->Flush());
  table.Insert(TableColumns(layout, *built.rows),
               layout.is_keyed() ? PendingTable::Origin::kUnknown : PendingTable::Origin::kNew);
  ++(insert.is_edge ? affected_.edges : affected_.nodes);
  return Status::Ok();
}

Status StatementRunner::Update(const ir::Update& update, const std::string& name) {
  PendingTable& table = image_.Of(*image_.schema().FindNode(update.type_name));
  const TypeLayout& layout = table.layout();
  ProblemList problems(name);
  Assigned assigned;
  std::vector<std::string> columns;
  for (const ir::Assignment& assignment : update.assignments) {
    const schema::Property& property = PropertyOf(layout, assignment.property);
    TARN_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Scalar> cell,
                          AssignedCell(layout, property, ValueOf(*assignment.value), problems));
    assigned.emplace_back(property.name, std::move(cell));
    columns.push_back(property.name);
  }
  TARN_RETURN_IF_ERROR(problems.ToStatus());
  const std::optional<lance::Filter> filter = FilterOf(layout, update.where);
  if (!filter) return Status::Ok();
  // The pending rows first: what this statement writes, it does not look at again.
  for (size_t i = 0, count = table.images().size(); i < count; ++i) {
    const PendingTable::Images& images = table.images()[i];
    const std::vector<bool> kept = lance::RowsKept(*images.rows, *filter);
    TARN_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> rows,
                          columnar::ChooseRows(images.rows, [&](int64_t row) {
                            return kept[row] && images.live[row];
                          }));
    if (rows->num_rows() == 0) continue;
    affected_.nodes += static_cast<uint64_t>(rows->num_rows());
    TARN_ASSIGN_OR_RETURN(rows, WithAssigned(std::move(rows), assigned));
    table.Update(std::move(rows), nullptr, nullptr, columns);
  }
  return image_.ForEachStored(
      layout, layout.table_schema->field_names(), *filter, [&](const StoredBatch& batch) -> Status {
        TARN_ASSIGN_OR_RETURN(Visible visible, VisibleRows(table, batch));
        if (visible.row_ids.empty()) return Status::Ok();
        affected_.nodes += visible.row_ids.size();
        TARN_ASSIGN_OR_RETURN(visible.rows, WithAssigned(std::move(visible.rows), assigned));
        table.Update(std::move(visible.rows), visible.row_ids.data(), visible.row_addrs.data(),
                     columns);
        return image_.Charge();
      });
}

Status StatementRunner::Delete(const ir::Delete& statement) {
  return statement.is_edge ? DeleteEdges(statement) : DeleteNodes(statement);
}

Status StatementRunner::DeleteNodes(const ir::Delete& statement) {
  PendingTable& table = image_.Of(*image_.schema().FindNode(statement.type_name));
  const std::optional<lance::Filter> filter = FilterOf(table.layout(), statement.where);
  if (!filter) return Status::Ok();
  std::vector<std::string> ids = PendingIds(table, *filter);
  for (const std::string& id : ids) table.Remove(id);
  TARN_RETURN_IF_ERROR(
      image_.ForEachStored(table.layout(), {"id"}, *filter, [&](const StoredBatch& batch) {
        const arrow::StringArray& stored = IdsOf(batch.rows);
        for (int64_t row = 0; row < stored.length(); ++row) {
          if (table.Has(stored.GetView(row))) continue;
          table.RemoveStored(stored.GetView(row), batch.row_ids[row], batch.row_addrs[row]);
          ids.emplace_back(stored.GetView(row));
        }
        return image_.Charge();
      }));
  affected_.nodes += ids.size();
  return ids.empty() ? Status::Ok() : Cascade(statement.type_name, ids);
}

Status StatementRunner::DeleteEdges(const ir::Delete& statement) {
  PendingTable& table = image_.Of(*image_.schema().FindEdge(statement.type_name));
  const std::optional<lance::Filter> filter = FilterOf(table.layout(), statement.where);
  if (!filter) return Status::Ok();
  const std::vector<std::string> ids = PendingIds(table, *filter);
  for (const std::string& id : ids) table.Remove(id);
  affected_.edges += ids.size();
  return image_.ForEachStored(
      table.layout(), {"id", "src"}, *filter, [&](const StoredBatch& batch) {
        const arrow::StringArray& stored = IdsOf(batch.rows);
        const auto& sources =
            static_cast<const arrow::StringArray&>(*batch.rows.GetColumnByName("src"));
        for (int64_t row = 0; row < stored.length(); ++row) {
          if (table.Has(stored.GetView(row))) continue;
          table.RemoveStored(stored.GetView(row), batch.row_ids[row], batch.row_addrs[row]);
          table.TouchSource(sources.GetView(row));
          ++affected_.edges;
        }
        return image_.Charge();
      });
}

Status StatementRunner::Cascade(const std::string& node, const std::vector<std::string>& ids) {
  for (const schema::EdgeType& edge : image_.schema().edges) {
    if (edge.from != node && edge.to != node) continue;
    TARN_RETURN_IF_ERROR(CascadeInto(image_.Of(edge), edge, node, ids));
  }
  return Status::Ok();
}

/// Removes the edges of one type that begin or end at nodes that are gone.
Status StatementRunner::CascadeInto(PendingTable& edges, const schema::EdgeType& edge,
                                    const std::string& node, const std::vector<std::string>& ids) {
  const TextSet gone(ids.begin(), ids.end());
  const auto is_incident = [&](const arrow::RecordBatch& batch, int64_t row) {
    const auto ends_at = [&](const char* column, const std::string& type) {
      const auto& ends = static_cast<const arrow::StringArray&>(*batch.GetColumnByName(column));
      return type == node && gone.contains(ends.GetView(row));
    };
    return ends_at("src", edge.from) || ends_at("dst", edge.to);
  };
  std::vector<std::string> pending;
  for (const PendingTable::Images& images : edges.images()) {
    for (int64_t row = 0; row < images.rows->num_rows(); ++row) {
      if (images.live[row] && is_incident(*images.rows, row)) {
        pending.emplace_back(IdsOf(*images.rows).GetView(row));
      }
    }
  }
  for (const std::string& id : pending) edges.Remove(id);
  affected_.edges += pending.size();

  std::optional<lance::Filter> filter;
  if (ids.size() <= kFilterKeysMax) {
    filter = lance::Filter{.op = lance::Filter::Op::kOr};
    if (edge.from == node) filter->args.push_back(*AnyOf("src", ids));
    if (edge.to == node) filter->args.push_back(*AnyOf("dst", ids));
  }
  return image_.ForEachStored(
      edges.layout(), {"id", "src", "dst"}, std::move(filter), [&](const StoredBatch& batch) {
        const arrow::StringArray& stored = IdsOf(batch.rows);
        const auto& sources =
            static_cast<const arrow::StringArray&>(*batch.rows.GetColumnByName("src"));
        for (int64_t row = 0; row < stored.length(); ++row) {
          if (edges.Has(stored.GetView(row)) || !is_incident(batch.rows, row)) continue;
          edges.RemoveStored(stored.GetView(row), batch.row_ids[row], batch.row_addrs[row]);
          edges.TouchSource(sources.GetView(row));
          ++affected_.edges;
        }
        return image_.Charge();
      });
}

Status CheckStatement(const schema::Schema& schema, const ir::Statement& statement) {
  const auto* const update = std::get_if<ir::Update>(&statement);
  if (update == nullptr) return Status::Ok();
  const schema::NodeType& node = *schema.FindNode(update->type_name);
  for (const ir::Assignment& assignment : update->assignments) {
    if (std::ranges::find(node.key_columns, assignment.property) == node.key_columns.end()) {
      continue;
    }
    return Error(ErrorId::kConstraintViolation, "cannot update @key property '{}' of node:{}",
                 assignment.property, node.name)
        .WithHint("Insert a node with the new key, and delete the old one.");
  }
  return Status::Ok();
}

}  // namespace tarn::write
