#include "tarn/exec/bound_call.h"

#include <algorithm>

#include "tarn/exec/scalar.h"

namespace tarn::exec {
namespace {

bool AnyTransient(const std::vector<BoundExprPtr>& exprs) {
  return std::any_of(exprs.begin(), exprs.end(),
                     [](const BoundExprPtr& expr) { return expr->transient(); });
}

/// What is computed is no literal any more: it keeps its 64 bits when it meets 32.
Cell Computed(Cell cell) {
  if (cell.kind == Cell::Kind::kFloat) cell.width = Cell::Width::kDouble;
  return cell;
}

class CallExpr final : public BoundExpr {
 public:
  CallExpr(QueryState& state, ir::ScalarFn fn, std::vector<BoundExprPtr> arguments)
      : state_(state),
        fn_(fn),
        arguments_(std::move(arguments)),
        cells_(arguments_.size()),
        hold_(state.request().Hold("a computed text")) {}
  Cell Eval(const Env& env) const override {
    for (size_t i = 0; i < arguments_.size(); ++i) cells_[i] = arguments_[i]->Eval(env);
    const Cell value = EvaluateScalar(fn_, cells_, out_);
    if (out_.failure != nullptr) {
      state_.Fail(Error(ErrorId::kNotComputable, "`{}` cannot be computed: {}",
                        ir::ScalarFnText(fn_), out_.failure));
    }
    HoldText();
    return Computed(value);
  }
  bool transient() const override { return true; }

 private:
  /// A text in the making counts against the budget like everything that is kept.
  void HoldText() const {
    const auto bytes = static_cast<int64_t>(out_.text.capacity());
    if (bytes <= hold_.bytes()) return;
    if (Status held = hold_.Resize(bytes); !held.ok()) state_.Fail(std::move(held));
  }

  QueryState& state_;
  const ir::ScalarFn fn_;
  const std::vector<BoundExprPtr> arguments_;
  // Reused from row to row: nobody else writes here, and one query is run by one thread.
  mutable std::vector<Cell> cells_;
  mutable ScalarOutput out_;
  mutable BudgetHold hold_;
};

class CoalesceExpr final : public BoundExpr {
 public:
  CoalesceExpr(bool real, std::vector<BoundExprPtr> arguments)
      : real_(real), arguments_(std::move(arguments)) {}
  Cell Eval(const Env& env) const override {
    for (const BoundExprPtr& argument : arguments_) {
      const Cell cell = argument->Eval(env);
      if (cell.is_null()) continue;
      const bool whole = cell.kind == Cell::Kind::kInt || cell.kind == Cell::Kind::kUint;
      return real_ && whole ? Cell::Float(AsDouble(cell)) : Computed(cell);
    }
    return Cell::Null();
  }
  bool transient() const override { return AnyTransient(arguments_); }

 private:
  const bool real_;  // the value is a float whatever the arguments are
  const std::vector<BoundExprPtr> arguments_;
};

class LogicExpr final : public BoundExpr {
 public:
  LogicExpr(bool decides, std::vector<BoundExprPtr> operands)
      : decides_(decides), operands_(std::move(operands)) {}
  Cell Eval(const Env& env) const override {
    bool unknown = false;
    for (const BoundExprPtr& operand : operands_) {
      const Cell cell = operand->Eval(env);
      unknown = unknown || cell.is_null();
      if (!cell.is_null() && cell.boolean == decides_) return cell;
    }
    return unknown ? Cell::Null() : Cell::Bool(!decides_);
  }

 private:
  const bool decides_;  // false decides an `and`, true an `or`
  const std::vector<BoundExprPtr> operands_;
};

class NotExpr final : public BoundExpr {
 public:
  explicit NotExpr(BoundExprPtr operand) : operand_(std::move(operand)) {}
  Cell Eval(const Env& env) const override {
    const Cell cell = operand_->Eval(env);
    return cell.is_null() ? cell : Cell::Bool(!cell.boolean);
  }

 private:
  const BoundExprPtr operand_;
};

class NullTestExpr final : public BoundExpr {
 public:
  NullTestExpr(BoundExprPtr operand, bool negated)
      : operand_(std::move(operand)), negated_(negated) {}
  Cell Eval(const Env& env) const override {
    return Cell::Bool(operand_->Eval(env).is_null() != negated_);
  }

 private:
  const BoundExprPtr operand_;
  const bool negated_;
};

class MembershipExpr final : public BoundExpr {
 public:
  MembershipExpr(BoundExprPtr item, BoundExprPtr list)
      : item_(std::move(item)), list_(std::move(list)) {}
  Cell Eval(const Env& env) const override {
    const Cell item = item_->Eval(env);
    const Cell list = list_->Eval(env);
    if (item.is_null() || list.is_null()) return Cell::Null();
    return EvaluateCompare(ir::CompareOp::kContains, list, item, /*left_is_list=*/true);
  }

 private:
  const BoundExprPtr item_;
  const BoundExprPtr list_;
};

}  // namespace

BoundExprPtr MakeCall(QueryState& state, ir::ScalarFn fn, const schema::PropertyType& type,
                      std::vector<BoundExprPtr> arguments) {
  if (fn == ir::ScalarFn::kCoalesce) {
    const bool real = !type.list && type.scalar == schema::Scalar::kF64;
    return std::make_unique<CoalesceExpr>(real, std::move(arguments));
  }
  return std::make_unique<CallExpr>(state, fn, std::move(arguments));
}

BoundExprPtr MakeLogic(ir::LogicOp op, std::vector<BoundExprPtr> operands) {
  if (op == ir::LogicOp::kNot) return std::make_unique<NotExpr>(std::move(operands.front()));
  return std::make_unique<LogicExpr>(op == ir::LogicOp::kOr, std::move(operands));
}

BoundExprPtr MakeNullTest(BoundExprPtr operand, bool negated) {
  return std::make_unique<NullTestExpr>(std::move(operand), negated);
}

BoundExprPtr MakeMembership(BoundExprPtr item, BoundExprPtr list) {
  return std::make_unique<MembershipExpr>(std::move(item), std::move(list));
}

}  // namespace tarn::exec
