#include <fmt/format.h>

#include "tarn/gq/literal.h"
#include "tarn/gq/resolution.h"
#include "tarn/gq/typing.h"

namespace tarn::gq {
namespace {

using ir::CompareOp;
using schema::Scalar;

bool CanContain(const ir::Expr& left, const ir::Expr& right) {
  if (!left.type.list) return IsText(left.type) && IsText(right.type);
  return IsSingle(right.type) && (IsEmptyList(left) || SameKind(left.type, right.type));
}

bool CanCompare(CompareOp op, const ir::Expr& left, const ir::Expr& right) {
  if (op == CompareOp::kContains) return CanContain(left, right);
  if (op == CompareOp::kStartsWith) return IsText(left.type) && IsText(right.type);
  return IsSingle(left.type) && IsSingle(right.type) && SameKind(left.type, right.type);
}

std::string Hint(CompareOp op, const ir::Expr& left, const ir::Expr& right) {
  for (const auto& [value, other] : {std::pair(&left, &right), std::pair(&right, &left)}) {
    const ir::Constant* constant = std::get_if<ir::Constant>(&value->node);
    if (constant == nullptr || !IsText(value->type) || other->type.list) continue;
    const std::string& text = std::get<std::string>(constant->value.held);
    if (other->type.scalar == Scalar::kDate) return fmt::format("write date(\"{}\")", text);
    if (other->type.scalar == Scalar::kDateTime) return fmt::format("write datetime(\"{}\")", text);
  }
  if (op == CompareOp::kContains) {
    return "`contains` asks a list for an item, or a String for a part of it";
  }
  if (left.type.list || right.type.list) {
    return "a list is only asked with `contains`, and stands on its left";
  }
  if (left.type.scalar == Scalar::kVector) {
    return "rank by a vector with `order { nearest(...) } limit n`";
  }
  return "";
}

/// `search(...) = true` is the bare clause.
ir::ExprPtr WithoutTrue(CompareOp op, const ir::ExprPtr& left, const ir::ExprPtr& right) {
  if (op != CompareOp::kEqual) return nullptr;
  for (const auto& [call, value] : {std::pair(left, right), std::pair(right, left)}) {
    const ir::Constant* constant = std::get_if<ir::Constant>(&value->node);
    if (constant == nullptr || constant->value != ir::Value{true}) continue;
    if (std::holds_alternative<ir::TextMatch>(call->node)) return call;
  }
  return nullptr;
}

}  // namespace

ir::ExprPtr ResolveCompare(const CompareAst& ast, SourceSpan span, Place place, Resolution& state) {
  ir::ExprPtr left = ResolveExpr(ast.operands[0], place, state);
  ir::ExprPtr right = ResolveExpr(ast.operands[1], place, state);
  if (left == nullptr || right == nullptr) return nullptr;
  if (IsNullLiteral(*left) || IsNullLiteral(*right)) {
    state.diagnostics.Error("T7", span, "a comparison with null never holds",
                            "write `... is null` or `... is not null`");
    return nullptr;
  }
  if (!CanCompare(ast.op, *left, *right)) {
    state.diagnostics.Error("T7", span,
                            fmt::format("`{}` cannot compare {} with {}", ir::CompareOpText(ast.op),
                                        KindName(left->type), KindName(right->type)),
                            Hint(ast.op, *left, *right));
    return nullptr;
  }
  if (ir::ExprPtr bare = WithoutTrue(ast.op, left, right)) return bare;
  return ir::MakeExpr(ir::Compare{.op = ast.op, .left = std::move(left), .right = std::move(right)},
                      MakeType(Scalar::kBool, true));
}

std::optional<ir::Clause> ResolveFilter(const FilterAst& filter, Resolution& state) {
  ir::ExprPtr condition = ResolveTruth(filter.condition, Place::kFilter, state);
  if (condition == nullptr) return std::nullopt;
  return ir::Filter{std::move(condition)};
}

}  // namespace tarn::gq
