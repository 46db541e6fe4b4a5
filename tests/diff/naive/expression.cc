#include <algorithm>

#include "naive/compare.h"
#include "naive/functions.h"
#include "naive/match.h"

namespace tarn::naive {
namespace {

using ir::Value;

Value ToValue(Truth truth) {
  return truth == Truth::kUnknown ? Value{} : Value{truth == Truth::kTrue};
}

Value Optional(const std::optional<double>& number) { return number ? Value{*number} : Value{}; }

/// A decimal of the query, as it is compared with a 32-bit property: rounded to 32 bits.
bool IsQueryValue(const ir::ExprPtr& expr) {
  return std::holds_alternative<ir::Constant>(expr->node) ||
         std::holds_alternative<ir::ParameterRef>(expr->node);
}
bool IsSingleProperty(const ir::ExprPtr& expr) {
  return std::holds_alternative<ir::PropertyRef>(expr->node) &&
         expr->type.scalar == schema::Scalar::kF32;
}
Value Rounded(Value value) {
  if (auto* real = std::get_if<double>(&value.held))
    *real = static_cast<double>(static_cast<float>(*real));
  return value;
}

class Expression {
 public:
  Expression(const World& world, const Bindings& bindings, const ir::Expr& expr)
      : world_(world), bindings_(bindings), expr_(expr) {}

  Value operator()(const ir::Constant& node) const { return node.value; }
  Value operator()(const ir::ParameterRef& node) const {
    const bool single = world_.query.parameters[node.index].type.scalar == schema::Scalar::kF32;
    return single ? Rounded(world_.parameters[node.index]) : world_.parameters[node.index];
  }
  Value operator()(const ir::Now&) const { return Value{ir::DateTime{world_.outside.now_ms}}; }
  Value operator()(const ir::PropertyRef& node) const { return Property(node); }
  Value operator()(const ir::EntityRef& node) const {
    if (bindings_.at(node.variable) == kAbsent) return Value{};
    return Value{RowOf(node.variable).id};
  }
  Value operator()(const ir::PathRef& node) const {
    if (bindings_.at(node.variable) == kAbsent) return Value{};
    const auto& [start, path] = (*world_.paths)[bindings_.at(node.variable)];
    if (node.part == ir::PathPart::kLength) return Value{static_cast<int64_t>(path.size())};
    ir::ValueList ids;
    if (node.part == ir::PathPart::kNodes) ids.push_back(Value{start});
    for (const auto& [id, edge] : path)
      ids.push_back(Value{node.part == ir::PathPart::kNodes ? id : edge});
    return Value{ids};
  }
  Value operator()(const ir::ColumnRef& node) const {
    return ValueOf(world_, world_.query.projections[node.projection].expr, bindings_);
  }
  Value operator()(const ir::Compare& node) const {
    Value left = ValueOf(world_, node.left, bindings_);
    Value right = ValueOf(world_, node.right, bindings_);
    if (IsQueryValue(node.left) && IsSingleProperty(node.right)) left = Rounded(left);
    if (IsQueryValue(node.right) && IsSingleProperty(node.left)) right = Rounded(right);
    return ToValue(Holds(node.op, left, right, node.left->type.list));
  }
  Value operator()(const ir::Logic& node) const {
    if (node.op == ir::LogicOp::kNot) {
      const Value value = ValueOf(world_, node.operands[0], bindings_);
      return value.is_null() ? value : Value{!std::get<bool>(value.held)};
    }
    const bool decides = node.op == ir::LogicOp::kOr;
    bool unknown = false;
    for (const ir::ExprPtr& operand : node.operands) {
      const Value value = ValueOf(world_, operand, bindings_);
      if (value == Value{decides}) return value;
      unknown = unknown || value.is_null();
    }
    return unknown ? Value{} : Value{!decides};
  }
  Value operator()(const ir::NullTest& node) const {
    return Value{ValueOf(world_, node.operand, bindings_).is_null() != node.negated};
  }
  Value operator()(const ir::Membership& node) const {
    Value item = ValueOf(world_, node.item, bindings_);
    const Value list = ValueOf(world_, node.list, bindings_);
    if (item.is_null() || list.is_null()) return Value{};
    for (Value other : std::get<ir::ValueList>(list.held)) {
      if (IsQueryValue(node.list) && IsSingleProperty(node.item)) other = Rounded(other);
      if (!other.is_null() && Order(item, other) == 0) return Value{true};
    }
    return Value{false};
  }
  Value operator()(const ir::Call& node) const {
    if (node.fn == ir::ScalarFn::kCoalesce) {
      for (const ir::ExprPtr& argument : node.arguments) {
        Value value = ValueOf(world_, argument, bindings_);
        if (value.is_null()) continue;
        const auto* whole = std::get_if<int64_t>(&value.held);
        const bool real = expr_.type.scalar == schema::Scalar::kF64 && !expr_.type.list;
        return real && whole != nullptr ? Value{static_cast<double>(*whole)} : value;
      }
      return Value{};
    }
    std::vector<Value> arguments;
    for (const ir::ExprPtr& argument : node.arguments)
      arguments.push_back(ValueOf(world_, argument, bindings_));
    return Apply(node.fn, arguments);
  }
  Value operator()(const ir::TextMatch& node) const {
    const Value query = ValueOf(world_, node.query, bindings_);
    if (query.is_null()) return Value{};
    const Value text = Property(node.field);
    if (text.is_null()) return Value{false};
    const auto words = world_.outside.tokens(std::get<std::string>(text.held));
    const auto wanted = world_.outside.tokens(std::get<std::string>(query.held));
    size_t edits = node.kind == ir::TextMatchKind::kFuzzy ? 2 : 0;
    if (node.edits != nullptr) {
      const Value said = ValueOf(world_, node.edits, bindings_);
      if (!said.is_null()) edits = static_cast<size_t>(std::get<int64_t>(said.held));
    }
    for (const std::string& word : words) {
      for (const std::string& want : wanted) {
        if (EditDistance(word, want) <= edits) return Value{true};
      }
    }
    return Value{false};
  }
  Value operator()(const ir::Nearest& node) const {
    const Value query = ValueOf(world_, node.query, bindings_);
    if (query.is_null() || Property(node.field).is_null()) return Value{};
    return Optional(
        world_.outside.distance(ColumnOf(node.field), query, bindings_.at(node.field.variable)));
  }
  Value operator()(const ir::Bm25& node) const {
    const Value query = ValueOf(world_, node.query, bindings_);
    if (query.is_null() || Property(node.field).is_null()) return Value{};
    return Optional(world_.outside.bm25(ColumnOf(node.field), std::get<std::string>(query.held),
                                        bindings_.at(node.field.variable)));
  }
  Value operator()(const ir::Rrf& node) const {
    const auto* nearest = std::get_if<ir::Nearest>(&node.primary->node);
    const ir::VarId variable = nearest != nullptr
                                   ? nearest->field.variable
                                   : std::get<ir::Bm25>(node.primary->node).field.variable;
    const auto& fusion = world_.fusions.at(&expr_);
    const auto found = fusion.find(bindings_.at(variable));
    return found == fusion.end() ? Value{} : Value{found->second.first};
  }
  Value operator()(const ir::Aggregate& node) const {
    return AggregateOf(world_, node, *world_.group);
  }

 private:
  const Row& RowOf(ir::VarId variable) const {
    return world_.RowsOf(variable)[bindings_.at(variable)];
  }
  Column ColumnOf(const ir::PropertyRef& field) const {
    return {world_.query.variables[field.variable].type_name, field.property};
  }
  Value Property(const ir::PropertyRef& node) const {
    if (bindings_.at(node.variable) == kAbsent) return Value{};
    const Row& row = RowOf(node.variable);
    const auto found = row.values.find(node.property);
    return found == row.values.end() ? Value{} : found->second;
  }

  const World& world_;
  const Bindings& bindings_;
  const ir::Expr& expr_;
};

void Compute(const World& world, const ir::ExprPtr& expr) {
  if (IsFixed(expr)) {
    ValueOf(world, expr, {});
    return;
  }
  const auto* logic = std::get_if<ir::Logic>(&expr->node);
  const auto* call = std::get_if<ir::Call>(&expr->node);
  for (const ir::ExprPtr& child : ir::ChildrenOf(*expr)) {
    Compute(world, child);
    if (!IsFixed(child)) continue;
    const Value value = ValueOf(world, child, {});
    // What stands behind an operand that decides is never asked for.
    if (logic != nullptr && value == Value{logic->op == ir::LogicOp::kOr}) return;
    if (call != nullptr && call->fn == ir::ScalarFn::kCoalesce && !value.is_null()) return;
  }
}

void ComputeIn(const World& world, const ir::Match& match) {
  for (const ir::Clause& clause : match.clauses) {
    if (const auto* filter = std::get_if<ir::Filter>(&clause)) Compute(world, filter->condition);
    const auto* step = std::get_if<ir::Traversal>(&clause);
    if (step != nullptr && step->hop_condition != nullptr) Compute(world, step->hop_condition);
    if (const auto* negation = std::get_if<ir::Negation>(&clause))
      ComputeIn(world, *negation->inner);
    if (const auto* optional = std::get_if<ir::Optional>(&clause))
      ComputeIn(world, *optional->inner);
  }
}

}  // namespace

bool IsFixed(const ir::ExprPtr& expr) {
  const bool leaf = std::holds_alternative<ir::Constant>(expr->node) ||
                    std::holds_alternative<ir::ParameterRef>(expr->node) ||
                    std::holds_alternative<ir::Now>(expr->node);
  if (leaf) return true;
  const std::vector<ir::ExprPtr> children = ir::ChildrenOf(*expr);
  const bool reads = std::holds_alternative<ir::TextMatch>(expr->node) ||
                     std::holds_alternative<ir::Nearest>(expr->node) ||
                     std::holds_alternative<ir::Bm25>(expr->node) ||
                     std::holds_alternative<ir::Rrf>(expr->node) ||
                     std::holds_alternative<ir::Aggregate>(expr->node);
  return !reads && !children.empty() && std::all_of(children.begin(), children.end(), IsFixed);
}

void ComputeFixed(const World& world) {
  ComputeIn(world, world.query.match);
  for (const ir::Projection& projection : world.query.projections) Compute(world, projection.expr);
  for (const ir::ExprPtr& condition : world.query.having) Compute(world, condition);
  for (const ir::Ordering& ordering : world.query.order) Compute(world, ordering.expr);
  if (!world.query.per_group) return;
  for (const ir::ExprPtr& key : world.query.per_group->keys) Compute(world, key);
}

Value ValueOf(const World& world, const ir::ExprPtr& expr, const Bindings& bindings) {
  return std::visit(Expression(world, bindings, *expr), expr->node);
}

}  // namespace tarn::naive
