#include "tarn/plan/expr_variables.h"

namespace tarn::plan {
namespace {

using namespace ir;

/// Walks an expression; null children are skipped.
class VariableWalk {
 public:
  explicit VariableWalk(const Query& query) : query_(query) {}

  void Visit(const ExprPtr& expr) {
    if (expr == nullptr) return;
    std::visit([this](const auto& node) { Node(node); }, expr->node);
  }
  std::set<VarId> Take() { return std::move(found_); }

 private:
  void Node(const Constant&) {}
  void Node(const ParameterRef&) {}
  void Node(const Now&) {}
  void Node(const PropertyRef& node) { found_.insert(node.variable); }
  void Node(const EntityRef& node) { found_.insert(node.variable); }
  void Node(const ColumnRef& node) { Visit(query_.projections[node.projection].expr); }
  void Node(const Compare& node) {
    Visit(node.left);
    Visit(node.right);
  }
  void Node(const TextMatch& node) {
    found_.insert(node.field.variable);
    Visit(node.query);
    Visit(node.edits);
  }
  void Node(const Nearest& node) {
    found_.insert(node.field.variable);
    Visit(node.query);
  }
  void Node(const Bm25& node) {
    found_.insert(node.field.variable);
    Visit(node.query);
  }
  void Node(const Rrf& node) {
    Visit(node.primary);
    Visit(node.secondary);
    Visit(node.k);
  }
  void Node(const Aggregate& node) { Visit(node.argument); }

  const Query& query_;
  std::set<VarId> found_;
};

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
  }
}

}  // namespace

std::set<VarId> VariablesOf(const ExprPtr& expr, const Query& query) {
  VariableWalk walk(query);
  walk.Visit(expr);
  return walk.Take();
}

std::set<VarId> MentionedIn(const Match& match, const Query& query, bool deep) {
  std::set<VarId> found;
  for (const Clause& clause : match.clauses) Mention(clause, query, deep, found);
  return found;
}

bool ReadsFusion(const ExprPtr& expr) {
  if (expr == nullptr) return false;
  if (std::holds_alternative<Rrf>(expr->node)) return true;
  if (const auto* compare = std::get_if<Compare>(&expr->node)) {
    return ReadsFusion(compare->left) || ReadsFusion(compare->right);
  }
  if (const auto* aggregate = std::get_if<ir::Aggregate>(&expr->node))
    return ReadsFusion(aggregate->argument);
  return false;
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
