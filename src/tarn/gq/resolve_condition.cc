#include <fmt/format.h>

#include "tarn/gq/literal.h"
#include "tarn/gq/resolution.h"
#include "tarn/gq/typing.h"

namespace tarn::gq {
namespace {

using schema::Scalar;

schema::PropertyType TruthType() { return MakeType(Scalar::kBool, true); }

ir::ExprPtr Not(ir::ExprPtr condition) {
  return ir::MakeExpr(ir::Logic{.op = ir::LogicOp::kNot, .operands = {std::move(condition)}},
                      TruthType());
}

}  // namespace

ir::ExprPtr ResolveTruth(const ExprAst& ast, Place place, Resolution& state) {
  ir::ExprPtr condition = ResolveExpr(ast, place, state);
  if (condition == nullptr) return nullptr;
  if (!condition->type.list && condition->type.scalar == Scalar::kBool) return condition;
  state.diagnostics.Error("T25", ast.span,
                          fmt::format("a condition is a Bool, not {}", KindName(condition->type)),
                          "compare it with something");
  return nullptr;
}

ir::ExprPtr ResolveLogic(const LogicAst& ast, Place place, Resolution& state) {
  ir::Logic logic{.op = ast.op, .operands = {}};
  bool failed = false;
  for (const ExprAst& operand : ast.operands) {
    ir::ExprPtr condition = ResolveTruth(operand, place, state);
    failed = failed || condition == nullptr;
    logic.operands.push_back(std::move(condition));
  }
  return failed ? nullptr : ir::MakeExpr(std::move(logic), TruthType());
}

ir::ExprPtr ResolveNullTest(const NullTestAst& ast, Place place, Resolution& state) {
  const ExprAst& operand = ast.operand.front();
  // Nothing compares nodes, but a node of an optional block may be asked for.
  const bool node = std::holds_alternative<VariableAst>(operand.node) && place == Place::kFilter;
  ir::ExprPtr value = ResolveExpr(operand, node ? Place::kReturn : place, state);
  if (value == nullptr) return nullptr;
  return ir::MakeExpr(ir::NullTest{.operand = std::move(value), .negated = ast.negated},
                      MakeType(Scalar::kBool));
}

ir::ExprPtr ResolveMembership(const MembershipAst& ast, SourceSpan span, Place place,
                              Resolution& state) {
  ir::ExprPtr item = ResolveExpr(ast.operands[0], place, state);
  ir::ExprPtr list = ResolveExpr(ast.operands[1], place, state);
  if (item == nullptr || list == nullptr) return nullptr;
  const bool fits = list->type.list && IsSingle(item->type) && !IsNullLiteral(*item) &&
                    (IsEmptyList(*list) || SameKind(item->type, list->type));
  if (!fits) {
    state.diagnostics.Error(
        "T7", span,
        fmt::format("`in` cannot look for {} in {}", KindName(item->type), KindName(list->type)),
        list->type.list ? "" : "behind `in` stands a list: `in [1, 2]`");
    return nullptr;
  }
  ir::ExprPtr found =
      ir::MakeExpr(ir::Membership{.item = std::move(item), .list = std::move(list)}, TruthType());
  return ast.negated ? Not(std::move(found)) : found;
}

}  // namespace tarn::gq
