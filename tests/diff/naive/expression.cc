#include <algorithm>

#include "naive/compare.h"
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
  Value operator()(const ir::EntityRef& node) const { return Value{RowOf(node.variable).id}; }
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
  Value operator()(const ir::Aggregate&) const { return Value{}; }

 private:
  const Row& RowOf(ir::VarId variable) const {
    return world_.RowsOf(variable)[bindings_.at(variable)];
  }
  Column ColumnOf(const ir::PropertyRef& field) const {
    return {world_.query.variables[field.variable].type_name, field.property};
  }
  Value Property(const ir::PropertyRef& node) const {
    const Row& row = RowOf(node.variable);
    const auto found = row.values.find(node.property);
    return found == row.values.end() ? Value{} : found->second;
  }

  const World& world_;
  const Bindings& bindings_;
  const ir::Expr& expr_;
};

}  // namespace

Value ValueOf(const World& world, const ir::ExprPtr& expr, const Bindings& bindings) {
  return std::visit(Expression(world, bindings, *expr), expr->node);
}

}  // namespace tarn::naive
