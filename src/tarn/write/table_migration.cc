#include "tarn/write/table_migration.h"

#include <algorithm>
#include <map>
#include <memory>

#include <arrow/scalar.h>
#include <arrow/type.h>

#include "tarn/catalog/physical_schema.h"
#include "tarn/columnar/arrow_status.h"
#include "tarn/schema/default_value.h"
#include "tarn/schema/values.h"

namespace tarn::write {
namespace {

using schema::MigrationStep;
using schema::StepKind;

template <typename Type>
const Type* ById(const std::vector<Type>& types, uint64_t id) {
  const auto found = std::ranges::find(types, id, &Type::id);
  return found == types.end() ? nullptr : &*found;
}

/// What rows hold in a new property: its default, or a null pointer for null.
Result<std::shared_ptr<arrow::Scalar>> FillOf(const schema::Property& property) {
  const schema::Literal* const value = schema::DefaultOf(property);
  if (value == nullptr) return std::shared_ptr<arrow::Scalar>();
  std::shared_ptr<arrow::Scalar> scalar;
  switch (property.type.scalar) {
    case schema::Scalar::kString: scalar = arrow::MakeScalar(value->text); break;
    case schema::Scalar::kDate:
      scalar = std::make_shared<arrow::Date32Scalar>(*schema::ParseDate(value->text));
      break;
    case schema::Scalar::kDateTime:
      scalar = std::make_shared<arrow::Date64Scalar>(*schema::ParseDateTime(value->text));
      break;
    default: {
      TARN_ARROW_ASSIGN_OR_RETURN(
          scalar, arrow::Scalar::Parse(catalog::PhysicalType(property.type), value->text));
    }
  }
  return scalar;
}

/// Steps by "node Port": those of one type without a search through all.
using StepsByType =
    std::multimap<std::pair<schema::DeclarationKind, std::string_view>, const MigrationStep*>;

class TablePlanner {
 public:
  TablePlanner(const Request& request, const catalog::Snapshot& head,
               const schema::Migration& migration)
      : request_(request), head_(head), next_(migration.next) {
    for (const MigrationStep& step : migration.steps) {
      steps_.emplace(std::pair(step.type_kind, std::string_view(step.type_name)), &step);
    }
    for (const auto& node : head.schema().nodes) nodes_.emplace(node.id, &node);
    for (const auto& edge : head.schema().edges) edges_.emplace(edge.id, &edge);
  }

  Result<std::vector<TableMigration>> Run() {
    for (const schema::NodeType& node : next_.nodes) {
      TARN_RETURN_IF_ERROR(Add(node, nodes_, schema::DeclarationKind::kNode));
    }
    for (const schema::EdgeType& edge : next_.edges) {
      TARN_RETURN_IF_ERROR(Add(edge, edges_, schema::DeclarationKind::kEdge));
    }
    return std::move(out_);
  }

 private:
  template <typename Type>
  Status Add(const Type& type, const std::map<uint64_t, const Type*>& accepted,
             schema::DeclarationKind kind) {
    TableMigration table{.layout = TypeLayout(type)};
    const auto before = accepted.find(type.id);
    if (before != accepted.end()) {
      const Type& old = *before->second;
      table.entry = head_.manifest().FindTable(table.layout.kind, old.name);
      TARN_CHECK(table.entry != nullptr, "a type of the schema has a table");
      table.is_renamed = old.name != type.name;
      const auto [first, last] = steps_.equal_range({kind, type.name});
      // A type that no step names keeps its table as it is, and is not opened.
      if (first != last) {
        TARN_RETURN_IF_ERROR(PlanColumns(old, type, table));
        for (auto step = first; step != last; ++step) AddRules(*step->second, table);
        AddKeyRule(old, type, table);
      }
    }
    out_.push_back(std::move(table));
    return Status::Ok();
  }

  template <typename Type>
  Status PlanColumns(const Type& old, const Type& type, TableMigration& table) {
    TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::Table> stored,
                          head_.OpenTable(request_.In(Phase::kPlan), table.layout.kind, old.name));
    const arrow::Schema& physical = *stored->schema();
    for (const auto& field : table.layout.table_schema->fields()) {
      table.columns.push_back({.field = field, .from = "", .fill = nullptr});
      lance::TableColumn& column = table.columns.back();
      const auto* property = type.FindProperty(field->name());
      const auto* before = property == nullptr ? nullptr : ById(old.properties, property->id);
      if (property == nullptr) column.from = field->name();  // id, src, dst
      if (before != nullptr) column.from = before->name;
      if (property != nullptr && before == nullptr) {
        TARN_ASSIGN_OR_RETURN(column.fill, FillOf(*property));
      }
      const auto was = column.from.empty() ? nullptr : physical.GetFieldByName(column.from);
      if (!column.from.empty() && was == nullptr) {
        return Error(ErrorId::kCorruptData, "the table of {} has no column {}",
                     table.layout.label(), column.from);
      }
      // A column that may hold null stays so: the schema is stricter than the storage then.
      if (was != nullptr && was->nullable()) column.field = field->WithNullable(true);
      table.moves = table.moves || was == nullptr || was->name() != field->name() ||
                    was->nullable() != column.field->nullable() ||
                    !was->type()->Equals(column.field->type());
    }
    table.moves = table.moves || static_cast<int>(table.columns.size()) != physical.num_fields();
    return Status::Ok();
  }

  static void AddRules(const MigrationStep& step, TableMigration& table) {
    if (step.tier != schema::StepTier::kValidated) return;
    RowRules& rules = table.rules;
    if (step.kind == StepKind::kChangePropertyType) {
      if (step.type_before->nullable && !step.type_after->nullable) {
        rules.not_null.insert(step.property_name);
      }
      if (step.type_after->is_enum()) rules.values.insert(step.property_name);
      return;
    }
    const std::string_view text = step.constraint;
    if (text.starts_with("@unique(")) rules.uniques.push_back(step.columns);
    if (text.starts_with("@range(") || text.starts_with("@check(")) {
      rules.values.insert(step.columns[0]);
    }
    if (text.starts_with("@key(")) rules.key = true;
    if (text.starts_with("@card(")) rules.cardinality = true;
  }

  /// A wider number may have another text, and ids are made of these.
  static void AddKeyRule(const schema::NodeType& old, const schema::NodeType& type,
                         TableMigration& table) {
    for (const std::string& column : type.key_columns) {
      const schema::Property* property = type.FindProperty(column);
      const schema::Property* before = ById(old.properties, property->id);
      if (before != nullptr && before->type.scalar != property->type.scalar) {
        table.rules.key = true;
      }
    }
  }
  static void AddKeyRule(const schema::EdgeType&, const schema::EdgeType&, TableMigration&) {}

  const Request& request_;
  const catalog::Snapshot& head_;
  const schema::Schema& next_;
  StepsByType steps_;
  std::map<uint64_t, const schema::NodeType*> nodes_;
  std::map<uint64_t, const schema::EdgeType*> edges_;
  std::vector<TableMigration> out_;
};

}  // namespace

Result<std::vector<TableMigration>> PlanTables(const Request& request,
                                               const catalog::Snapshot& head,
                                               const schema::Migration& migration) {
  return TablePlanner(request, head, migration).Run();
}

std::vector<std::string> DroppedTables(const catalog::Snapshot& head,
                                       const schema::Migration& migration) {
  std::set<std::string> dropped;
  for (const MigrationStep& step : migration.steps) {
    if (step.kind != StepKind::kDropType) continue;
    if (step.type_kind == schema::DeclarationKind::kNode) dropped.insert("node:" + step.type_name);
    if (step.type_kind == schema::DeclarationKind::kEdge) dropped.insert("edge:" + step.type_name);
  }
  std::vector<std::string> ids;
  for (const catalog::TableEntry& table : head.manifest().tables) {
    if (dropped.contains(table.Key())) ids.push_back(table.id);
  }
  return ids;
}

}  // namespace tarn::write
