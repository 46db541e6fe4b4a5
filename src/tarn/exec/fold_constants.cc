// What reads no row is computed once, before the match: a condition with it then compares a column
// with a constant, and a failure in it does not depend on the plan.
#include <algorithm>

#include "tarn/exec/bound_expr.h"
#include "tarn/exec/query_state.h"

namespace tarn::exec {
namespace {

bool IsOperator(const ir::Expr& expr) {
  return std::holds_alternative<ir::Call>(expr.node) ||
         std::holds_alternative<ir::Compare>(expr.node) ||
         std::holds_alternative<ir::Logic>(expr.node) ||
         std::holds_alternative<ir::NullTest>(expr.node) ||
         std::holds_alternative<ir::Membership>(expr.node);
}

bool IsConstant(const ir::Expr& expr) {
  if (ir::IsLeafValue(expr)) return true;
  if (!IsOperator(expr)) return false;
  const std::vector<ir::ExprPtr> children = ir::ChildrenOf(expr);
  return std::all_of(children.begin(), children.end(),
                     [](const ir::ExprPtr& child) { return IsConstant(*child); });
}

bool IsFalse(const Cell& cell) { return cell.kind == Cell::Kind::kBool && !cell.boolean; }
bool IsTrue(const Cell& cell) { return cell.kind == Cell::Kind::kBool && cell.boolean; }
bool IsValue(const Cell& cell) { return !cell.is_null(); }

}  // namespace

Status QueryState::FoldConstants() {
  const ir::Query& query = *plan_.query;
  TARN_RETURN_IF_ERROR(FoldMatch(query.match));
  for (const ir::Projection& projection : query.projections) {
    TARN_RETURN_IF_ERROR(Fold(projection.expr));
  }
  for (const ir::ExprPtr& condition : query.having) TARN_RETURN_IF_ERROR(Fold(condition));
  for (const ir::Ordering& ordering : query.order) TARN_RETURN_IF_ERROR(Fold(ordering.expr));
  if (!query.per_group) return Status::Ok();
  for (const ir::ExprPtr& key : query.per_group->keys) TARN_RETURN_IF_ERROR(Fold(key));
  return Status::Ok();
}

Status QueryState::FoldMatch(const ir::Match& match) {
  for (const ir::Clause& clause : match.clauses) {
    if (const auto* filter = std::get_if<ir::Filter>(&clause)) {
      TARN_RETURN_IF_ERROR(Fold(filter->condition));
    } else if (const auto* step = std::get_if<ir::Traversal>(&clause)) {
      if (step->hop_condition != nullptr) TARN_RETURN_IF_ERROR(Fold(step->hop_condition));
    } else if (const auto* negation = std::get_if<ir::Negation>(&clause)) {
      TARN_RETURN_IF_ERROR(FoldMatch(*negation->inner));
    } else if (const auto* optional = std::get_if<ir::Optional>(&clause)) {
      TARN_RETURN_IF_ERROR(FoldMatch(*optional->inner));
    }
  }
  return Status::Ok();
}

Status QueryState::Fold(const ir::ExprPtr& expr) {
  if (ir::IsLeafValue(*expr)) return Status::Ok();
  if (IsConstant(*expr)) {
    const std::vector<plan::VarId> none;
    TARN_ASSIGN_OR_RETURN(const BoundExprPtr bound, Binder(*this, none).Bind(expr));
    Cell value = bound->Eval(Env{});
    TARN_RETURN_IF_ERROR(failure_);
    TARN_ASSIGN_OR_RETURN(value, folded_texts_.Keep(value));
    folded_.emplace(expr.get(), value);
    return Status::Ok();
  }
  if (const auto* logic = std::get_if<ir::Logic>(&expr->node)) {
    return FoldOperands(logic->operands, logic->op == ir::LogicOp::kOr ? IsTrue : IsFalse);
  }
  if (const auto* call = std::get_if<ir::Call>(&expr->node);
      call != nullptr && call->fn == ir::ScalarFn::kCoalesce) {
    return FoldOperands(call->arguments, IsValue);
  }
  for (const ir::ExprPtr& child : ir::ChildrenOf(*expr)) TARN_RETURN_IF_ERROR(Fold(child));
  return Status::Ok();
}

Status QueryState::FoldOperands(const std::vector<ir::ExprPtr>& operands,
                                bool (*decides)(const Cell&)) {
  for (const ir::ExprPtr& operand : operands) {
    TARN_RETURN_IF_ERROR(Fold(operand));
    if (IsConstant(*operand) && decides(ConstantOf(operand))) break;
  }
  return Status::Ok();
}

const Cell* QueryState::FoldedOf(const ir::ExprPtr& expr) const {
  const auto found = folded_.find(expr.get());
  return found == folded_.end() ? nullptr : &found->second;
}

}  // namespace tarn::exec
