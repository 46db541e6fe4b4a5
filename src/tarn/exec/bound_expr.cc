#include "tarn/exec/bound_expr.h"

#include <algorithm>

#include "tarn/exec/bound_call.h"
#include "tarn/exec/fusion.h"
#include "tarn/exec/score_tables.h"

namespace tarn::exec {
namespace {

class ConstantExpr final : public BoundExpr {
 public:
  explicit ConstantExpr(Cell value) : value_(value) {}
  Cell Eval(const Env&) const override { return value_; }

 private:
  const Cell value_;
};

class PropertyExpr final : public BoundExpr {
 public:
  PropertyExpr(const ColumnView* column, size_t slot) : column_(column), slot_(slot) {}
  Cell Eval(const Env& env) const override { return column_->At(env.slots[slot_]); }

 private:
  const ColumnView* const column_;
  const size_t slot_;
};

class EntityExpr final : public BoundExpr {
 public:
  EntityExpr(const search::Vertices* vertices, size_t slot) : vertices_(vertices), slot_(slot) {}
  Cell Eval(const Env& env) const override {
    return Cell::String(vertices_->IdOf(env.slots[slot_]));
  }

 private:
  const search::Vertices* const vertices_;
  const size_t slot_;
};

class PathExpr final : public BoundExpr {
 public:
  PathExpr(const PathStore* paths, ir::PathPart part, size_t slot)
      : paths_(paths), part_(part), slot_(slot) {}
  Cell Eval(const Env& env) const override {
    const Dense path = env.slots[slot_];
    switch (part_) {
      case ir::PathPart::kLength:
        return Cell::Int(static_cast<int64_t>(paths_->edges(path).size()));
      case ir::PathPart::kNodes: return Cell::List(paths_->nodes(path));
      case ir::PathPart::kEdges: return Cell::List(paths_->edges(path));
    }
    TARN_UNREACHABLE("a PathPart outside its enum");
  }

 private:
  const PathStore* const paths_;
  const ir::PathPart part_;
  const size_t slot_;
};

/// Of a variable that may have no row: null then.
class OptionalExpr final : public BoundExpr {
 public:
  OptionalExpr(BoundExprPtr value, size_t slot) : value_(std::move(value)), slot_(slot) {}
  Cell Eval(const Env& env) const override {
    return env.slots[slot_] == kNoRow ? Cell::Null() : value_->Eval(env);
  }

 private:
  const BoundExprPtr value_;
  const size_t slot_;
};

class CompareExpr final : public BoundExpr {
 public:
  CompareExpr(ir::CompareOp op, BoundExprPtr left, BoundExprPtr right, bool left_is_list)
      : op_(op), left_(std::move(left)), right_(std::move(right)), left_is_list_(left_is_list) {}
  Cell Eval(const Env& env) const override {
    return EvaluateCompare(op_, left_->Eval(env), right_->Eval(env), left_is_list_);
  }

 private:
  const ir::CompareOp op_;
  const BoundExprPtr left_;
  const BoundExprPtr right_;
  const bool left_is_list_;
};

/// A score table asked for one variable's row.
template <typename Table>
class ScoreExpr final : public BoundExpr {
 public:
  ScoreExpr(const Table* table, size_t slot) : table_(table), slot_(slot) {}
  Cell Eval(const Env& env) const override { return table_->Of(env.slots[slot_]); }

 private:
  const Table* const table_;
  const size_t slot_;
};

class AggregateExpr final : public BoundExpr {
 public:
  explicit AggregateExpr(size_t item) : item_(item) {}
  Cell Eval(const Env& env) const override { return env.values[item_]; }

 private:
  const size_t item_;
};

/// The place of a row in a rank fusion.
class FusedPositionExpr final : public BoundExpr {
 public:
  FusedPositionExpr(const FusedScores* fused, size_t slot) : fused_(fused), slot_(slot) {}
  Cell Eval(const Env& env) const override { return fused_->PositionOf(env.slots[slot_]); }

 private:
  const FusedScores* const fused_;
  const size_t slot_;
};

}  // namespace

struct Binder::Visitor {
  const Binder& binder;
  const ir::ExprPtr& expr;

  size_t Slot(plan::VarId variable) const {
    const auto found = std::find(binder.live_.begin(), binder.live_.end(), variable);
    TARN_CHECK(found != binder.live_.end(),
               "an expression reads a variable that the plan has dropped");
    return static_cast<size_t>(found - binder.live_.begin());
  }
  template <typename Made, typename... Args>
  static Result<BoundExprPtr> Make(Args&&... args) {
    return BoundExprPtr(std::make_unique<Made>(std::forward<Args>(args)...));
  }
  template <typename Table>
  Result<BoundExprPtr> MakeScore(Result<const Table*> table, plan::VarId variable) const {
    if (!table.ok()) return table.status();
    return Make<ScoreExpr<Table>>(*table, Slot(variable));
  }

  /// Guards the value of a variable's row where there may be none.
  BoundExprPtr Guarded(BoundExprPtr value, plan::VarId variable) const {
    if (!binder.state_.query().variables[variable].optional) return value;
    return std::make_unique<OptionalExpr>(std::move(value), Slot(variable));
  }

  Result<BoundExprPtr> operator()(const ir::Constant&) const {
    return Make<ConstantExpr>(binder.state_.ConstantOf(expr));
  }
  Result<BoundExprPtr> operator()(const ir::ParameterRef&) const {
    return Make<ConstantExpr>(binder.state_.ConstantOf(expr));
  }
  Result<BoundExprPtr> operator()(const ir::Now&) const {
    return Make<ConstantExpr>(binder.state_.ConstantOf(expr));
  }
  Result<BoundExprPtr> operator()(const ir::PropertyRef& node) const {
    TARN_ASSIGN_OR_RETURN(const ColumnView* column,
                          binder.state_.ColumnOf(node.variable, node.property));
    return Guarded(std::make_unique<PropertyExpr>(column, Slot(node.variable)), node.variable);
  }
  Result<BoundExprPtr> operator()(const ir::EntityRef& node) const {
    TARN_ASSIGN_OR_RETURN(const search::Vertices* vertices,
                          binder.state_.VerticesOf(node.variable));
    return Guarded(std::make_unique<EntityExpr>(vertices, Slot(node.variable)), node.variable);
  }
  Result<BoundExprPtr> operator()(const ir::PathRef& node) const {
    return Guarded(
        std::make_unique<PathExpr>(&binder.state_.paths(), node.part, Slot(node.variable)),
        node.variable);
  }
  Result<BoundExprPtr> operator()(const ir::ColumnRef& node) const {
    const ir::ExprPtr& target = binder.state_.query().projections[node.projection].expr;
    if (!std::holds_alternative<ir::Aggregate>(target->node)) return binder.Bind(target);
    TARN_CHECK(binder.items_ != nullptr, "an aggregate is read before it is computed");
    const auto found =
        std::find_if(binder.items_->begin(), binder.items_->end(),
                     [&node](const auto& item) { return item.projection == node.projection; });
    TARN_CHECK(found != binder.items_->end(), "an aggregate that the plan does not compute");
    return Make<AggregateExpr>(static_cast<size_t>(found - binder.items_->begin()));
  }
  Result<BoundExprPtr> operator()(const ir::Compare& node) const {
    TARN_ASSIGN_OR_RETURN(BoundExprPtr left, binder.Bind(node.left));
    TARN_ASSIGN_OR_RETURN(BoundExprPtr right, binder.Bind(node.right));
    return Make<CompareExpr>(node.op, std::move(left), std::move(right), node.left->type.list);
  }
  Result<std::vector<BoundExprPtr>> BindAll(const std::vector<ir::ExprPtr>& exprs) const {
    std::vector<BoundExprPtr> bound;
    for (const ir::ExprPtr& child : exprs) {
      TARN_ASSIGN_OR_RETURN(BoundExprPtr made, binder.Bind(child));
      bound.push_back(std::move(made));
    }
    return bound;
  }
  Result<BoundExprPtr> operator()(const ir::Logic& node) const {
    TARN_ASSIGN_OR_RETURN(std::vector<BoundExprPtr> operands, BindAll(node.operands));
    return MakeLogic(node.op, std::move(operands));
  }
  Result<BoundExprPtr> operator()(const ir::NullTest& node) const {
    TARN_ASSIGN_OR_RETURN(BoundExprPtr operand, binder.Bind(node.operand));
    return MakeNullTest(std::move(operand), node.negated);
  }
  Result<BoundExprPtr> operator()(const ir::Membership& node) const {
    TARN_ASSIGN_OR_RETURN(BoundExprPtr item, binder.Bind(node.item));
    TARN_ASSIGN_OR_RETURN(BoundExprPtr list, binder.Bind(node.list));
    return MakeMembership(std::move(item), std::move(list));
  }
  Result<BoundExprPtr> operator()(const ir::Call& node) const {
    TARN_ASSIGN_OR_RETURN(std::vector<BoundExprPtr> arguments, BindAll(node.arguments));
    return MakeCall(binder.state_, node.fn, expr->type, std::move(arguments));
  }
  Result<BoundExprPtr> operator()(const ir::TextMatch& node) const {
    return MakeScore(binder.state_.scores().HitsOf(expr), node.field.variable);
  }
  Result<BoundExprPtr> operator()(const ir::Nearest& node) const {
    return MakeScore(binder.state_.scores().NearestOf(expr), node.field.variable);
  }
  Result<BoundExprPtr> operator()(const ir::Bm25& node) const {
    return MakeScore(binder.state_.scores().Bm25Of(expr), node.field.variable);
  }
  Result<BoundExprPtr> operator()(const ir::Rrf& node) const {
    return Make<ScoreExpr<FusedScores>>(&binder.state_.scores().FusedOf(expr),
                                        Slot(RankedVariable(node)));
  }
  Result<BoundExprPtr> operator()(const ir::Aggregate&) const {
    TARN_UNREACHABLE("an aggregate is bound through the projection it stands in");
  }
};

Result<BoundExprPtr> Binder::Bind(const ir::ExprPtr& expr) const {
  if (const Cell* folded = state_.FoldedOf(expr)) {
    return BoundExprPtr(std::make_unique<ConstantExpr>(*folded));
  }
  return std::visit(Visitor{*this, expr}, expr->node);
}

BoundExprPtr Binder::BindFusedPosition(const ir::ExprPtr& rrf) const {
  const plan::VarId variable = RankedVariable(std::get<ir::Rrf>(rrf->node));
  const auto found = std::find(live_.begin(), live_.end(), variable);
  TARN_CHECK(found != live_.end(), "a rank fusion over a variable that the plan has dropped");
  return std::make_unique<FusedPositionExpr>(&state_.scores().FusedOf(rrf),
                                             static_cast<size_t>(found - live_.begin()));
}

}  // namespace tarn::exec
