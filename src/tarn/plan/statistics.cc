#include "tarn/plan/statistics.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tarn/plan/expr_variables.h"

namespace tarn::plan {
namespace {

/// The property of `variable` that an equality compares with something that reads no variable.
const ir::PropertyRef* EqualProperty(VarId variable, const ir::ExprPtr& condition,
                                     const ir::Query& query, ir::ExprPtr* value) {
  const auto* compare = std::get_if<ir::Compare>(&condition->node);
  if (compare == nullptr || compare->op != ir::CompareOp::kEqual) return nullptr;
  for (const auto& [side, other] :
       {std::pair(compare->left, compare->right), std::pair(compare->right, compare->left)}) {
    const auto* property = std::get_if<ir::PropertyRef>(&side->node);
    if (property == nullptr || property->variable != variable || !VariablesOf(other, query).empty())
      continue;
    if (value != nullptr) *value = other;
    return property;
  }
  return nullptr;
}

bool IsUnique(const schema::NodeType& type, const std::string& property) {
  if (type.key && type.key->columns == std::vector<std::string>{property}) return true;
  return std::any_of(type.uniques.begin(), type.uniques.end(),
                     [&property](const schema::UniqueConstraint& unique) {
                       return unique.columns == std::vector<std::string>{property};
                     });
}

/// A frontier that neither grew nor shrank so far is not followed further.
constexpr uint32_t kDepthsCompared = 4096;

/// Keys whose canonical text is easy to write: floats are left to the scan.
bool HasPlainText(schema::Scalar scalar) {
  return scalar == schema::Scalar::kString || scalar == schema::Scalar::kBool ||
         schema::IsInteger(scalar) || scalar == schema::Scalar::kDate ||
         scalar == schema::Scalar::kDateTime;
}

}  // namespace

double Statistics::TableRows(catalog::TableKind kind, const std::string& type_name) {
  const catalog::TableEntry* table = snapshot_.manifest().FindTable(kind, type_name);
  const uint64_t rows = table == nullptr ? 0 : table->rows;
  lines_.insert(fmt::format("{} {}: {} rows", catalog::TableKindName(kind), type_name, rows));
  return static_cast<double>(rows);
}

double Statistics::Rows(VarId variable) {
  const ir::Variable& facts = query_.variables[variable];
  const bool node = facts.kind == ir::Variable::Kind::kNode;
  return std::max(1.0, TableRows(node ? catalog::TableKind::kNode : catalog::TableKind::kEdge,
                                 facts.type_name));
}

double Statistics::Edges(const Hop& hop) {
  double edges = TableRows(catalog::TableKind::kEdge, hop.edge_type);
  for (const std::string& other : hop.alternatives) {
    edges += TableRows(catalog::TableKind::kEdge, other);
  }
  return hop.condition == nullptr ? edges : edges * Keep(*hop.edge, {hop.condition});
}

double Statistics::Degree(VarId from, const Hop& hop) {
  const double degree = Edges(hop) / Rows(from);
  return hop.direction == ir::Direction::kBoth ? 2 * degree : degree;
}

double Statistics::ReachCount(VarId from, const Hop& hop) {
  const double degree = Degree(from, hop);
  if (hop.single()) return degree;
  // Growth by the mean degree, capped by the number of vertices; steps beyond the cap change
  // nothing.
  const double rows = Rows(from);
  double frontier = 1;
  double reached = 0;
  const uint32_t deepest = std::min(hop.max_hops, kDepthsCompared);
  for (uint32_t depth = 1; depth <= deepest && reached < rows && frontier > 1e-3; ++depth) {
    frontier *= degree;
    if (depth >= hop.min_hops) reached += frontier;
  }
  return std::min(rows, reached);
}

double Statistics::Guess(const char* what, double share) {
  lines_.insert(fmt::format("guess: {} keeps {:g} of the rows", what, share));
  return share;
}

double Statistics::KeepEqual(VarId variable, const ir::PropertyRef& property) {
  const ir::Variable& facts = query_.variables[variable];
  const schema::NodeType* node = snapshot_.schema().FindNode(facts.type_name);
  const schema::EdgeType* edge = snapshot_.schema().FindEdge(facts.type_name);
  const bool is_node = facts.kind == ir::Variable::Kind::kNode && node != nullptr;
  if (is_node && IsUnique(*node, property.property)) return 1.0 / Rows(variable);
  const schema::Property* declared = is_node           ? node->FindProperty(property.property)
                                     : edge != nullptr ? edge->FindProperty(property.property)
                                                       : nullptr;
  if (declared != nullptr && declared->type.is_enum()) {
    lines_.insert(fmt::format("enum {}.{}: {} values", facts.type_name, property.property,
                              declared->type.enum_values.size()));
    return 1.0 / static_cast<double>(declared->type.enum_values.size());
  }
  if (declared != nullptr && declared->type.scalar == schema::Scalar::kBool)
    return Guess("= on Bool", Selectivity::kBool);
  return std::max(Guess("=", Selectivity::kEqual), 1.0 / Rows(variable));
}

double Statistics::KeepOne(VarId variable, const ir::ExprPtr& condition) {
  if (const auto* property = EqualProperty(variable, condition, query_, nullptr))
    return KeepEqual(variable, *property);
  return KeepJoint(condition);
}

double Statistics::KeepJoint(const ir::ExprPtr& condition) {
  if (std::holds_alternative<ir::TextMatch>(condition->node))
    return Guess("a text predicate", Selectivity::kText);
  const auto* compare = std::get_if<ir::Compare>(&condition->node);
  if (compare == nullptr) return Guess("another condition", Selectivity::kOther);
  if (std::holds_alternative<ir::TextMatch>(compare->left->node))
    return Guess("a text predicate", Selectivity::kText);
  switch (compare->op) {
    case ir::CompareOp::kEqual: return Guess("=", Selectivity::kEqual);
    case ir::CompareOp::kNotEqual: return Guess("!=", Selectivity::kNotEqual);
    case ir::CompareOp::kLess:
    case ir::CompareOp::kLessEqual:
    case ir::CompareOp::kGreater:
    case ir::CompareOp::kGreaterEqual: return Guess("< <= > >=", Selectivity::kRange);
    case ir::CompareOp::kContains: return Guess("contains", Selectivity::kContains);
    case ir::CompareOp::kStartsWith: return Guess("starts_with", Selectivity::kStartsWith);
  }
  TARN_UNREACHABLE("a CompareOp outside its enum");
}

double Statistics::Keep(VarId variable, const std::vector<ir::ExprPtr>& conditions) {
  double share = 1;
  for (const ir::ExprPtr& condition : conditions) share *= KeepOne(variable, condition);
  return share;
}

std::optional<KeyLookup> FindKeyLookup(VarId variable, const std::vector<ir::ExprPtr>& conditions,
                                       const ir::Query& query, const schema::Schema& schema) {
  const ir::Variable& facts = query.variables[variable];
  const schema::NodeType* type =
      facts.kind == ir::Variable::Kind::kNode ? schema.FindNode(facts.type_name) : nullptr;
  if (type == nullptr || !type->key || type->key->columns.size() != 1) return std::nullopt;
  const schema::Property* key = type->FindProperty(type->key->columns.front());
  if (key == nullptr || !HasPlainText(key->type.scalar)) return std::nullopt;
  for (size_t i = 0; i < conditions.size(); ++i) {
    ir::ExprPtr value;
    const ir::PropertyRef* property = EqualProperty(variable, conditions[i], query, &value);
    if (property == nullptr || property->property != key->name) continue;
    // 7.0 = 7 is true, but "7.0" is not the text of the key.
    if (schema::IsInteger(key->type.scalar) && !schema::IsInteger(value->type.scalar)) continue;
    return KeyLookup{i, std::move(value)};
  }
  return std::nullopt;
}

}  // namespace tarn::plan
