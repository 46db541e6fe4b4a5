#include <algorithm>

#include <fmt/format.h>

#include "tarn/base/check.h"
#include "tarn/gq/limits.h"
#include "tarn/gq/resolution.h"

namespace tarn::gq {
namespace {

/// The name of an unaliased column. An aggregate takes its argument's.
std::string ColumnName(const ExprAst& expr) {
  if (std::holds_alternative<LiteralAst>(expr.node)) return "literal";
  if (const auto* property = std::get_if<PropertyAst>(&expr.node)) {
    return property->variable.text + "." + property->property.text;
  }
  if (const auto* variable = std::get_if<VariableAst>(&expr.node)) return variable->name.text;
  if (const auto* alias = std::get_if<AliasAst>(&expr.node)) return alias->name.text;
  if (!std::holds_alternative<CallAst>(expr.node)) return "expression";
  const CallAst& call = std::get<CallAst>(expr.node);
  switch (call.function) {
    case Function::kCount:
    case Function::kSum:
    case Function::kAvg:
    case Function::kMin:
    case Function::kMax:
    case Function::kIsum:
    case Function::kCollect: return ColumnName(call.arguments.front());
    case Function::kScalar:
    case Function::kNow:
    case Function::kNearest:
    case Function::kSearch:
    case Function::kFuzzy:
    case Function::kMatchText:
    case Function::kBm25:
    case Function::kRrf: return call.word.text;
  }
  TARN_UNREACHABLE("a function outside its enum");
}

/// Nodes of an expression when the columns that it reads are spelled out.
size_t NodesOf(const ir::Expr& expr, const Resolution& state) {
  if (const auto* column = std::get_if<ir::ColumnRef>(&expr.node)) {
    return state.columns[column->projection].nodes;
  }
  size_t nodes = 1;
  for (const ir::ExprPtr& child : ir::ChildrenOf(expr)) nodes += NodesOf(*child, state);
  return nodes;
}

bool IsRanking(const ir::Expr& expr) {
  return std::holds_alternative<ir::Nearest>(expr.node) ||
         std::holds_alternative<ir::Bm25>(expr.node) || std::holds_alternative<ir::Rrf>(expr.node);
}

bool HasRanking(const ir::Expr& expr) {
  if (IsRanking(expr)) return true;
  const std::vector<ir::ExprPtr> children = ir::ChildrenOf(expr);
  return std::any_of(children.begin(), children.end(),
                     [](const ir::ExprPtr& child) { return HasRanking(*child); });
}

bool ReadsAggregate(const ir::Expr& expr, const Resolution& state) {
  if (std::holds_alternative<ir::Aggregate>(expr.node)) return true;
  if (const auto* column = std::get_if<ir::ColumnRef>(&expr.node)) {
    const ir::ExprPtr& origin = state.columns[column->projection].expr;
    return origin != nullptr && ReadsAggregate(*origin, state);
  }
  const std::vector<ir::ExprPtr> children = ir::ChildrenOf(expr);
  return std::any_of(children.begin(), children.end(),
                     [&state](const ir::ExprPtr& child) { return ReadsAggregate(*child, state); });
}

bool IsOperator(const ir::Expr& expr) {
  return std::holds_alternative<ir::Call>(expr.node) ||
         std::holds_alternative<ir::Compare>(expr.node) ||
         std::holds_alternative<ir::Logic>(expr.node) ||
         std::holds_alternative<ir::NullTest>(expr.node) ||
         std::holds_alternative<ir::Membership>(expr.node);
}

/// A column of a grouped query: part of the group key, or computed from aggregates and keys.
void CheckGrouped(Resolution::Column& column, bool only_distinct, Resolution& state) {
  const ir::ExprPtr& expr = column.expr;
  if (std::holds_alternative<ir::Aggregate>(expr->node)) return;
  if (ReadsAggregate(*expr, state)) {
    ir::ExprPtr grouped = OverGroups(expr, state);
    if (grouped == nullptr) {
      state.diagnostics.Error("T9", column.span,
                              "beside an aggregate, an expression reads what is returned as well",
                              "return the property that it reads too: it is part of the group key");
    }
    column.expr = std::move(grouped);
    return;
  }
  if (!HasRanking(*expr) && (only_distinct || ReadsRows(*expr))) return;
  state.diagnostics.Error(
      "T9", column.span,
      "beside an aggregate only what reads a row may be returned, such as `$variable.property` and "
      "`$variable`: it is the group key");
}

/// The row of `$v.*`, or null.
const Slot* AllPropertiesOf(const ExprAst& ast, const Resolution& state) {
  const auto* property = std::get_if<PropertyAst>(&ast.node);
  if (property == nullptr || property->property.text != "*") return nullptr;
  const Slot* slot = state.scope.Find(property->variable.text);
  return slot == nullptr || slot->broken() || slot->path ? nullptr : slot;
}

/// `$v.*` is every property of the row but Blobs, by name.
void ResolveAllProperties(const ProjectionAst& projection, const Slot& slot, Resolution& state) {
  const std::string& variable = std::get<PropertyAst>(projection.expr.node).variable.text;
  if (projection.alias) {
    state.diagnostics.Error("T6", projection.alias->span,
                            fmt::format("`${}.*` is several columns and takes no alias", variable));
    return;
  }
  state.scope.Mention(slot);
  size_t found = 0;
  for (const schema::Property& property :
       slot.edge != nullptr ? slot.edge->properties : slot.node->properties) {
    if (property.type.scalar == schema::Scalar::kBlob) continue;
    ++found;
    schema::PropertyType type = property.type;
    type.nullable = type.nullable || slot.maybe_absent;
    const std::string name = variable + "." + property.name;
    state.column_by_name.emplace(name, static_cast<uint32_t>(state.columns.size()));
    state.columns.push_back(
        {.expr = ir::MakeExpr(ir::PropertyRef{.variable = slot.id, .property = property.name},
                              std::move(type)),
         .name = name,
         .span = projection.expr.span});
  }
  if (found == 0) {
    state.diagnostics.Error("T6", projection.expr.span,
                            fmt::format("`${}` has no property to return", variable));
  }
  if (state.columns.size() > kProjectionsMax) {
    state.diagnostics.Error("", projection.expr.span,
                            fmt::format("a query returns at most {} columns", kProjectionsMax));
  }
}

}  // namespace

void ResolveReturn(const ReadAst& read, Resolution& state) {
  state.groups = read.distinct || !read.having.empty();
  for (const ProjectionAst& projection : read.projections) {
    if (state.diagnostics.full()) return;
    if (const Slot* slot = AllPropertiesOf(projection.expr, state)) {
      ResolveAllProperties(projection, *slot, state);
      continue;
    }
    ir::ExprPtr expr = ResolveExpr(projection.expr, Place::kReturn, state);
    const size_t nodes = expr == nullptr ? 1 : NodesOf(*expr, state);
    if (nodes > kExpressionNodesMax) {
      state.diagnostics.Error("", projection.expr.span,
                              fmt::format("with its aliases spelled out this column has {} parts; "
                                          "at most {} are computed",
                                          nodes, kExpressionNodesMax));
      return;
    }
    const uint32_t index = static_cast<uint32_t>(state.columns.size());
    std::string name = projection.alias ? projection.alias->text : ColumnName(projection.expr);
    if (projection.alias) state.column_by_alias.emplace(name, index);
    state.column_by_name.emplace(name, index);
    state.columns.push_back({.expr = std::move(expr),
                             .name = std::move(name),
                             .span = projection.expr.span,
                             .nodes = nodes});
  }
}

void CheckGrouping(Resolution& state) {
  if (!IsAggregateQuery(state)) return;
  const bool only_distinct =
      std::none_of(state.columns.begin(), state.columns.end(), [](const auto& column) {
        return column.expr != nullptr && std::holds_alternative<ir::Aggregate>(column.expr->node);
      });
  for (Resolution::Column& column : state.columns) {
    if (column.expr != nullptr) CheckGrouped(column, only_distinct, state);
  }
}

std::vector<ir::ExprPtr> ResolveHaving(const ReadAst& read, Resolution& state) {
  std::vector<ir::ExprPtr> having;
  for (const FilterAst& filter : read.having) {
    if (state.diagnostics.full()) break;
    const ir::ExprPtr condition = ResolveTruth(filter.condition, Place::kHaving, state);
    if (condition == nullptr) continue;
    ir::ExprPtr grouped = OverGroups(condition, state);
    if (grouped == nullptr) {
      state.diagnostics.Error("T9", filter.condition.span,
                              "`having` asks for what is returned, and for aggregates",
                              "a condition on rows stands in `match`");
    }
    having.push_back(std::move(grouped));
  }
  return having;
}

bool ReadsRows(const ir::Expr& expr) {
  if (std::holds_alternative<ir::PropertyRef>(expr.node) ||
      std::holds_alternative<ir::EntityRef>(expr.node) ||
      std::holds_alternative<ir::PathRef>(expr.node) ||
      std::holds_alternative<ir::ColumnRef>(expr.node) ||
      std::holds_alternative<ir::TextMatch>(expr.node) || IsRanking(expr)) {
    return true;
  }
  const std::vector<ir::ExprPtr> children = ir::ChildrenOf(expr);
  return std::any_of(children.begin(), children.end(),
                     [](const ir::ExprPtr& child) { return ReadsRows(*child); });
}

ir::ExprPtr ColumnOf(const ir::Expr& expr, const Resolution& state) {
  for (uint32_t i = 0; i < state.columns.size(); ++i) {
    const ir::ExprPtr& column = state.columns[i].expr;
    if (column != nullptr && ir::SameExpr(*column, expr)) {
      return ir::MakeExpr(ir::ColumnRef{.projection = i}, column->type);
    }
  }
  return nullptr;
}

ir::ExprPtr OverGroups(const ir::ExprPtr& expr, const Resolution& state) {
  if (std::holds_alternative<ir::ColumnRef>(expr->node) || ir::IsLeafValue(*expr)) return expr;
  if (ir::ExprPtr column = ColumnOf(*expr, state)) {
    // The expression of a derived column is not yet over groups itself.
    const uint32_t index = std::get<ir::ColumnRef>(column->node).projection;
    if (state.columns[index].expr != expr) return column;
  }
  if (!IsOperator(*expr)) return nullptr;
  std::vector<ir::ExprPtr> children;
  for (const ir::ExprPtr& child : ir::ChildrenOf(*expr)) {
    children.push_back(OverGroups(child, state));
    if (children.back() == nullptr) return nullptr;
  }
  return ir::WithChildren(*expr, std::move(children));
}

const uint32_t* FindColumn(const std::string& word, Place place, const Resolution& state) {
  const auto alias = state.column_by_alias.find(word);
  if (alias != state.column_by_alias.end()) return &alias->second;
  if (place != Place::kOrder && place != Place::kHaving) return nullptr;
  const auto column = state.column_by_name.find(word);
  return column == state.column_by_name.end() ? nullptr : &column->second;
}

ir::ExprPtr ColumnOrigin(uint32_t column, const Resolution& state) {
  const ir::ExprPtr& expr = state.columns[column].expr;
  if (expr == nullptr) return nullptr;
  // A column that names an earlier one names its origin: ResolveExpr never makes a chain.
  const ir::ColumnRef* reference = std::get_if<ir::ColumnRef>(&expr->node);
  return reference == nullptr ? expr : state.columns[reference->projection].expr;
}

bool IsAggregateQuery(const Resolution& state) {
  if (state.groups) return true;
  for (const Resolution::Column& column : state.columns) {
    if (column.expr != nullptr && std::holds_alternative<ir::Aggregate>(column.expr->node)) {
      return true;
    }
  }
  return false;
}

}  // namespace tarn::gq
