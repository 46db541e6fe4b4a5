#include "tarn/plan/expr_variables.h"

#include <algorithm>

namespace tarn::plan {
namespace {

using namespace ir;

void AddVariables(const ExprPtr& expr, const Query& query, std::set<VarId>& found) {
  if (const auto* property = std::get_if<PropertyRef>(&expr->node)) {
    found.insert(property->variable);
  } else if (const auto* entity = std::get_if<EntityRef>(&expr->node)) {
    found.insert(entity->variable);
  } else if (const auto* path = std::get_if<PathRef>(&expr->node)) {
    found.insert(path->variable);
  } else if (const auto* column = std::get_if<ColumnRef>(&expr->node)) {
    AddVariables(query.projections[column->projection].expr, query, found);
  } else if (const auto* text = std::get_if<TextMatch>(&expr->node)) {
    found.insert(text->field.variable);
  } else if (const auto* nearest = std::get_if<Nearest>(&expr->node)) {
    found.insert(nearest->field.variable);
  } else if (const auto* bm25 = std::get_if<Bm25>(&expr->node)) {
    found.insert(bm25->field.variable);
  }
  for (const ExprPtr& child : ChildrenOf(*expr)) AddVariables(child, query, found);
}

void Mention(const Clause& clause, const Query& query, bool deep, std::set<VarId>& found) {
  if (const auto* binding = std::get_if<Binding>(&clause)) {
    found.insert(binding->variable);
  } else if (const auto* traversal = std::get_if<Traversal>(&clause)) {
    found.insert(traversal->left);
    found.insert(traversal->right);
    if (traversal->edge) found.insert(*traversal->edge);
  } else if (const auto* filter = std::get_if<Filter>(&clause)) {
    found.merge(VariablesOf(filter->condition, query));
  } else if (const auto* negation = std::get_if<Negation>(&clause); negation != nullptr && deep) {
    found.merge(MentionedIn(*negation->inner, query, deep));
  } else if (const auto* optional = std::get_if<ir::Optional>(&clause)) {
    found.merge(MentionedIn(*optional->inner, query, deep));
  }
}

}  // namespace

std::set<VarId> VariablesOf(const ExprPtr& expr, const Query& query) {
  std::set<VarId> found;
  AddVariables(expr, query, found);
  return found;
}

std::set<VarId> MentionedIn(const Match& match, const Query& query, bool deep) {
  std::set<VarId> found;
  for (const Clause& clause : match.clauses) Mention(clause, query, deep, found);
  return found;
}

bool ReadsFusion(const ExprPtr& expr) {
  if (std::holds_alternative<Rrf>(expr->node)) return true;
  const std::vector<ExprPtr> children = ChildrenOf(*expr);
  return std::any_of(children.begin(), children.end(), ReadsFusion);
}

bool CanFail(const ExprPtr& expr, const Query& query) {
  if (const auto* column = std::get_if<ColumnRef>(&expr->node)) {
    return CanFail(query.projections[column->projection].expr, query);
  }
  const auto* call = std::get_if<Call>(&expr->node);
  if (call != nullptr && FnCanFail(call->fn) && !VariablesOf(expr, query).empty()) return true;
  const std::vector<ExprPtr> children = ChildrenOf(*expr);
  return std::any_of(children.begin(), children.end(),
                     [&query](const ExprPtr& child) { return CanFail(child, query); });
}

const ExprPtr& Resolve(const ExprPtr& expr, const Query& query) {
  const ExprPtr* at = &expr;
  while (const auto* column = std::get_if<ColumnRef>(&(*at)->node))
    at = &query.projections[column->projection].expr;
  return *at;
}

bool IsRanking(const ExprPtr& expr, const Query& query) {
  const Expr& resolved = *Resolve(expr, query);
  return std::holds_alternative<Nearest>(resolved.node) ||
         std::holds_alternative<Bm25>(resolved.node) || std::holds_alternative<Rrf>(resolved.node);
}

}  // namespace tarn::plan
