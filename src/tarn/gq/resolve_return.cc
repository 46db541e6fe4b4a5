#include <fmt/format.h>

#include "tarn/base/check.h"
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
  const CallAst& call = std::get<CallAst>(expr.node);
  switch (call.function) {
    case Function::kCount:
    case Function::kSum:
    case Function::kAvg:
    case Function::kMin:
    case Function::kMax: return ColumnName(call.arguments.front());
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

}  // namespace

void ResolveReturn(const ReadAst& read, Resolution& state) {
  for (const ProjectionAst& projection : read.projections) {
    if (state.diagnostics.full()) return;
    ir::ExprPtr expr = ResolveExpr(projection.expr, Place::kReturn, state);
    const uint32_t index = static_cast<uint32_t>(state.columns.size());
    std::string name = projection.alias ? projection.alias->text : ColumnName(projection.expr);
    if (projection.alias) state.column_by_alias.emplace(name, index);
    state.column_by_name.emplace(name, index);
    state.columns.push_back({.expr = std::move(expr), .name = std::move(name)});
  }
}

void CheckGrouping(const ReadAst& read, Resolution& state) {
  if (!IsAggregateQuery(state)) return;
  for (size_t i = 0; i < state.columns.size(); ++i) {
    const ir::ExprPtr& expr = state.columns[i].expr;
    if (expr == nullptr || std::holds_alternative<ir::Aggregate>(expr->node) ||
        std::holds_alternative<ir::PropertyRef>(expr->node) ||
        std::holds_alternative<ir::EntityRef>(expr->node)) {
      continue;
    }
    state.diagnostics.Error(
        "T9", read.projections[i].expr.span,
        "beside an aggregate only `$variable.property` and `$variable` may be returned: they are "
        "the group key");
  }
}

const uint32_t* FindColumn(const std::string& word, Place place, const Resolution& state) {
  const auto alias = state.column_by_alias.find(word);
  if (alias != state.column_by_alias.end()) return &alias->second;
  if (place != Place::kOrder) return nullptr;
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
  for (const Resolution::Column& column : state.columns) {
    if (column.expr != nullptr && std::holds_alternative<ir::Aggregate>(column.expr->node)) {
      return true;
    }
  }
  return false;
}

}  // namespace tarn::gq
