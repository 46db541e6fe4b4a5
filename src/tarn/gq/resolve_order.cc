#include <fmt/format.h>

#include "tarn/gq/resolution.h"
#include "tarn/gq/suggest.h"
#include "tarn/gq/typing.h"

namespace tarn::gq {
namespace {

using Direction = OrderingAst::Direction;
using schema::Scalar;

bool IsRanking(const ir::Expr& expr) {
  return std::holds_alternative<ir::Nearest>(expr.node) ||
         std::holds_alternative<ir::Bm25>(expr.node) || std::holds_alternative<ir::Rrf>(expr.node);
}

/// The ranking that a term spells out, or nothing for an alias.
std::optional<Function> RankingCall(const ExprAst& ast) {
  const CallAst* call = std::get_if<CallAst>(&ast.node);
  if (call == nullptr) return std::nullopt;
  const Function function = call->function;
  const bool ranks =
      function == Function::kNearest || function == Function::kBm25 || function == Function::kRrf;
  return ranks ? std::optional(function) : std::nullopt;
}

std::nullptr_t Fail(std::string_view code, SourceSpan span, std::string message,
                    std::string suggestion, Resolution& state) {
  state.diagnostics.Error(std::string(code), span, std::move(message), std::move(suggestion));
  return nullptr;
}

ir::ExprPtr CheckSortable(ir::ExprPtr key, SourceSpan span, Resolution& state) {
  if (IsSingle(key->type)) return key;
  return Fail("T7", span, fmt::format("rows cannot be ordered by a {}", KindName(key->type)),
              key->type.list ? "" : "rank by a vector with `nearest(...)`", state);
}

/// `key` is what the term says, before it is tied to a column.
ir::ExprPtr GroupedKey(const ir::ExprPtr& key, SourceSpan span, Resolution& state) {
  if (std::holds_alternative<ir::ColumnRef>(key->node)) return CheckSortable(key, span, state);
  ir::ExprPtr grouped = OverGroups(key, state);
  if (grouped != nullptr && ReadsRows(*grouped)) {
    return CheckSortable(std::move(grouped), span, state);
  }
  return Fail("T9", span,
              "groups are ordered by result columns, by aggregates and by expressions over them",
              "return this expression as well", state);
}

/// Where a ranking call stands is for CheckRanking, behind the coded checks.
ir::ExprPtr RowKey(const ir::ExprPtr& key, bool is_first, SourceSpan span, Resolution& state) {
  if (const auto* column = std::get_if<ir::ColumnRef>(&key->node)) {
    ir::ExprPtr origin = ColumnOrigin(column->projection, state);
    // Ordering by the alias of a ranking is the ranking; behind the first key it is a column like
    // any other.
    return origin != nullptr && is_first && IsRanking(*origin) ? origin
                                                               : CheckSortable(key, span, state);
  }
  if (std::holds_alternative<ir::PropertyRef>(key->node)) return CheckSortable(key, span, state);
  if (IsRanking(*key)) return key;
  ir::ExprPtr column = ColumnOf(*key, state);
  if (column != nullptr) return CheckSortable(std::move(column), span, state);
  if (ReadsRows(*key)) return CheckSortable(key, span, state);
  return Fail("", span, "rows are ordered by what reads a row, by an alias or by a ranking", "",
              state);
}

/// The ranking a key stands for, also through a column, or null.
const ir::Expr* RankingOf(const ir::ExprPtr& key, const Resolution& state) {
  if (IsRanking(*key)) return key.get();
  const ir::ColumnRef* column = std::get_if<ir::ColumnRef>(&key->node);
  if (column == nullptr) return nullptr;
  const ir::ExprPtr origin = ColumnOrigin(column->projection, state);
  return origin != nullptr && IsRanking(*origin) ? origin.get() : nullptr;
}

std::optional<ir::Ordering> ResolveOrdering(const OrderingAst& ast, bool is_first,
                                            Resolution& state) {
  const ir::ExprPtr said = ResolveExpr(ast.expr, Place::kOrder, state);
  if (said == nullptr) return std::nullopt;
  const ir::ExprPtr key = IsAggregateQuery(state) ? GroupedKey(said, ast.expr.span, state)
                                                  : RowKey(said, is_first, ast.expr.span, state);
  if (key == nullptr) return std::nullopt;
  bool descending = ast.direction == Direction::kDescending;
  if (const ir::Expr* ranking = RankingOf(key, state)) {
    if (std::holds_alternative<ir::Nearest>(ranking->node)) {
      if (descending) {
        Fail("", ast.span, "a distance does not accept desc", "the nearest rows always come first",
             state);
        return std::nullopt;
      }
    } else {
      descending = ast.direction !=
                   Direction::kAscending;  // the best score comes first unless `asc` is written
    }
  }
  return ir::Ordering{.expr = key, .descending = descending};
}

/// The function a term ranks by, also through an alias.
std::optional<Function> RankedBy(const ExprAst& ast, const Resolution& state) {
  if (const std::optional<Function> call = RankingCall(ast)) return call;
  const AliasAst* alias = std::get_if<AliasAst>(&ast.node);
  const uint32_t* column =
      alias == nullptr ? nullptr : FindColumn(alias->name.text, Place::kOrder, state);
  const ir::ExprPtr origin = column == nullptr ? nullptr : ColumnOrigin(*column, state);
  if (origin == nullptr) return std::nullopt;
  if (std::holds_alternative<ir::Nearest>(origin->node)) return Function::kNearest;
  if (std::holds_alternative<ir::Rrf>(origin->node)) return Function::kRrf;
  return std::nullopt;
}

void RequireLimit(const ReadAst& read, Function function, std::string_view code,
                  Resolution& state) {
  if (read.limit) return;
  for (const OrderingAst& term : read.order) {
    if (RankedBy(term.expr, state) != function) continue;
    state.diagnostics.Error(std::string(code), term.span,
                            fmt::format("ordering by `{}` needs a limit",
                                        function == Function::kRrf ? "rrf" : "nearest"),
                            "write `limit n` behind `order { ... }`");
    return;
  }
}

void CheckNearestAlone(const ReadAst& read, Resolution& state) {
  bool has_nearest = false;
  const OrderingAst* alias = nullptr;
  for (const OrderingAst& term : read.order) {
    if (RankingCall(term.expr) == Function::kNearest) has_nearest = true;
    if (alias == nullptr && std::holds_alternative<AliasAst>(term.expr.node)) alias = &term;
  }
  if (!has_nearest || alias == nullptr) return;
  state.diagnostics.Error(
      "T18", alias->span, "a `nearest(...)` key cannot be combined with an alias key",
      "order by the property itself, or give the distance an alias in `return` and order by that");
}

}  // namespace

std::vector<ir::Ordering> ResolveOrder(const ReadAst& read, Resolution& state) {
  std::vector<ir::Ordering> order;
  for (size_t i = 0; i < read.order.size() && !state.diagnostics.full(); ++i) {
    std::optional<ir::Ordering> term = ResolveOrdering(read.order[i], i == 0, state);
    if (term) order.push_back(std::move(*term));
  }
  return order;
}

std::optional<ir::RowCount> ResolveRowCount(const RowCountAst& ast, std::string_view word,
                                            Resolution& state) {
  if (!ast.parameter) return ir::RowCount(ast.literal);
  const Name& name = *ast.parameter;
  const Resolution::Declared* declared = state.FindParameter(name.text);
  if (declared == nullptr) {
    Fail("", name.span, fmt::format("variable ${} is not bound", name.text),
         SuggestParameter(name.text, state), state);
    return std::nullopt;
  }
  if (!declared->known) return std::nullopt;
  const schema::PropertyType& type = state.parameters[declared->index].type;
  if (!type.list && !type.nullable && schema::IsInteger(type.scalar)) {
    return ir::RowCount::OfParameter(declared->index);
  }
  Fail("T25", name.span,
       fmt::format("`{}` takes an integer that is not null, and `${}` is {}", word, name.text,
                   schema::TypeName(type)),
       "", state);
  return std::nullopt;
}

std::optional<ir::PerGroup> ResolvePerGroup(const ReadAst& read, Resolution& state) {
  if (!read.per_group) return std::nullopt;
  const std::optional<ir::RowCount> rows = ResolveRowCount(read.per_group->rows, "limit", state);
  if (read.order.empty()) {
    Fail("T25", read.per_group->span, "`limit n per` needs an order: it keeps the first of a group",
         "write `order { ... }` before it", state);
  }
  ir::PerGroup per_group{.rows = rows.value_or(0), .keys = {}};
  for (const ExprAst& ast : read.per_group->keys) {
    const ir::ExprPtr said = ResolveExpr(ast, Place::kOrder, state);
    if (said == nullptr) continue;
    ir::ExprPtr key = IsAggregateQuery(state) ? GroupedKey(said, ast.span, state)
                                              : RowKey(said, /*is_first=*/false, ast.span, state);
    per_group.keys.push_back(std::move(key));
  }
  return per_group;
}

void CheckRanking(const ReadAst& read, Resolution& state) {
  RequireLimit(read, Function::kRrf, "T21", state);
  RequireLimit(read, Function::kNearest, "T17", state);
  const size_t errors_before = state.diagnostics.size();
  CheckNearestAlone(read, state);
  if (state.diagnostics.size() > errors_before) return;
  for (size_t i = 1; i < read.order.size(); ++i) {
    if (!RankingCall(read.order[i].expr)) continue;
    state.diagnostics.Error("", read.order[i].span, "a ranking must be the first order key",
                            "give it an alias in `return` and order by that behind other keys");
  }
}

}  // namespace tarn::gq
