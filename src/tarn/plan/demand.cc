#include "tarn/plan/demand.h"

#include <algorithm>

#include "tarn/plan/expr_variables.h"

namespace tarn::plan {
namespace {

/// Named variables of the outermost block, by name.
std::vector<VarId> TieCandidates(const ir::Query& query) {
  std::set<VarId> bound;
  for (const ir::Clause& clause : query.match.clauses) {
    if (const auto* binding = std::get_if<ir::Binding>(&clause)) bound.insert(binding->variable);
    if (const auto* traversal = std::get_if<ir::Traversal>(&clause)) {
      bound.insert(traversal->left);
      bound.insert(traversal->right);
      if (traversal->edge) bound.insert(*traversal->edge);
    }
    if (const auto* optional = std::get_if<ir::Optional>(&clause)) {
      bound.insert(optional->inner->bound.begin(), optional->inner->bound.end());
    }
  }
  std::erase_if(bound, [&query](VarId variable) { return query.variables[variable].anonymous; });
  std::vector<VarId> sorted(bound.begin(), bound.end());
  std::sort(sorted.begin(), sorted.end(), [&query](VarId a, VarId b) {
    return query.variables[a].name < query.variables[b].name;
  });
  return sorted;
}

/// Projections whose value is not fixed by the order keys alone.
std::vector<std::set<VarId>> OpenProjections(const ir::Query& query,
                                             const std::set<VarId>& determined) {
  std::vector<std::set<VarId>> open;
  for (const ir::Projection& projection : query.projections) {
    const bool is_key =
        std::any_of(query.order.begin(), query.order.end(), [&](const ir::Ordering& ordering) {
          return ir::SameExpr(*Resolve(ordering.expr, query), *Resolve(projection.expr, query));
        });
    if (is_key) continue;
    std::set<VarId> reads = VariablesOf(projection.expr, query);
    for (const VarId variable : determined) reads.erase(variable);
    if (!reads.empty()) open.push_back(std::move(reads));
  }
  return open;
}

std::vector<VarId> TiesOf(const ir::Query& query, const schema::Schema& schema) {
  std::set<VarId> determined;
  for (const ir::Ordering& ordering : query.order) {
    if (IdentifiesRow(ordering.expr, query, schema))
      determined.merge(VariablesOf(ordering.expr, query));
  }
  std::vector<std::set<VarId>> open = OpenProjections(query, determined);
  std::vector<VarId> ties;
  for (const VarId variable : TieCandidates(query)) {
    if (open.empty()) break;
    if (determined.contains(variable)) continue;
    ties.push_back(variable);
    for (std::set<VarId>& reads : open) reads.erase(variable);
    std::erase_if(open, [](const std::set<VarId>& reads) { return reads.empty(); });
  }
  return ties;
}

void AddAggregate(const ir::Aggregate& aggregate, const ir::Query& query, Demand& demand) {
  const ir::ExprPtr& argument = Resolve(aggregate.argument, query);
  const auto* property = std::get_if<ir::PropertyRef>(&argument->node);
  if (aggregate.fn == ir::AggregateFn::kCount && !aggregate.distinct) {
    const bool counts_rows =
        property != nullptr || std::holds_alternative<ir::EntityRef>(argument->node);
    if (counts_rows && !argument->type.nullable) return;
    if (property != nullptr && !query.variables[property->variable].optional) {
      demand.lanes[property->variable].push_back({demand.lane_count++, argument});
      return;
    }
  }
  demand.wanted.merge(VariablesOf(argument, query));
}

}  // namespace

bool IdentifiesRow(const ir::ExprPtr& expr, const ir::Query& query, const schema::Schema& schema) {
  const ir::Expr& resolved = *Resolve(expr, query);
  if (std::holds_alternative<ir::EntityRef>(resolved.node)) return true;
  const auto* property = std::get_if<ir::PropertyRef>(&resolved.node);
  if (property == nullptr) return false;
  const ir::Variable& facts = query.variables[property->variable];
  const schema::NodeType* type =
      facts.kind == ir::Variable::Kind::kNode ? schema.FindNode(facts.type_name) : nullptr;
  return type != nullptr && type->key &&
         type->key->columns == std::vector<std::string>{property->property};
}

Demand DemandOf(const ir::Query& query, const schema::Schema& schema) {
  Demand demand;
  for (const ir::Projection& projection : query.projections) {
    if (const auto* aggregate = std::get_if<ir::Aggregate>(&projection.expr->node)) {
      AddAggregate(*aggregate, query, demand);
    } else if (!query.aggregates || !ir::ReadsAggregate(*projection.expr, query)) {
      demand.wanted.merge(VariablesOf(projection.expr, query));
    }
  }
  if (query.aggregates) return demand;
  for (const ir::Ordering& ordering : query.order)
    demand.wanted.merge(VariablesOf(ordering.expr, query));
  if (query.per_group) {
    for (const ir::ExprPtr& key : query.per_group->keys)
      demand.wanted.merge(VariablesOf(key, query));
  }
  if (!query.order.empty()) {
    demand.ties = TiesOf(query, schema);
    demand.wanted.insert(demand.ties.begin(), demand.ties.end());
  }
  return demand;
}

}  // namespace tarn::plan
