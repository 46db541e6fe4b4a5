#include "tarn/plan/block.h"

#include <algorithm>

#include <fmt/format.h>

#include "tarn/plan/draft.h"
#include "tarn/plan/expr_text.h"
#include "tarn/plan/expr_variables.h"

namespace tarn::plan {
namespace {

/// More start variables than this are not compared: the cheapest scans stand for the rest.
constexpr size_t kStartsMax = 16;

BlockFacts FactsOf(PlannerContext& context, const ir::Match& match, const BlockWish& wish) {
  BlockFacts facts;
  facts.graph = AnalyseMatch(match, context.query, context.schema, wish.seeds);
  facts.wish = wish;
  facts.required = wish.wanted;
  facts.required.insert(wish.seeds.begin(), wish.seeds.end());
  for (const ir::ExprPtr& condition : facts.graph.joint) {
    facts.joint_variables.push_back(VariablesOf(condition, context.query));
    facts.required.insert(facts.joint_variables.back().begin(), facts.joint_variables.back().end());
  }
  const std::set<VarId> available = facts.graph.available();
  for (const auto& inner : facts.graph.negations) {
    PlannedNegation negation;
    const std::set<VarId> mentioned = MentionedIn(*inner, context.query, /*deep=*/true);
    std::set_intersection(mentioned.begin(), mentioned.end(), available.begin(), available.end(),
                          std::inserter(negation.outer, negation.outer.begin()));
    negation.root = PlanBlock(context, *inner, BlockWish{negation.outer, {}, {}, true, true}).root;
    facts.required.insert(negation.outer.begin(), negation.outer.end());
    facts.negations.push_back(std::move(negation));
  }
  return facts;
}

class BlockPlanner {
 public:
  BlockPlanner(PlannerContext& context, BlockFacts facts)
      : context_(context), facts_(std::move(facts)) {}

  PlannedBlock Plan() {
    std::vector<std::vector<VarId>> components = ConnectedComponents(facts_.graph);
    Draft draft = Base(components);
    std::vector<Draft> others;
    for (const std::vector<VarId>& component : components) others.push_back(BestOf(component));
    std::stable_sort(others.begin(), others.end(),
                     [](const Draft& a, const Draft& b) { return a.rows() < b.rows(); });
    if (!seeded() && !others.empty()) {
      // The largest streams; the others are read once and kept.
      draft = std::move(others.back());
      others.pop_back();
    }
    for (const Draft& other : others) draft.Cross(other);
    return {draft.node(), draft.lanes()};
  }

 private:
  bool seeded() const { return facts_.wish.existence; }

  /// What the block starts from: the seeds with their component, or one empty tuple.
  Draft Base(std::vector<std::vector<VarId>>& components) {
    Draft draft(context_, facts_);
    if (!seeded() && !components.empty()) return draft;
    draft.StartFromSeed();
    const auto with_seeds =
        std::find_if(components.begin(), components.end(), [this](const auto& component) {
          return std::any_of(component.begin(), component.end(),
                             [this](VarId node) { return facts_.graph.seeds.contains(node); });
        });
    if (with_seeds != components.end()) {
      draft.Take(*with_seeds, facts_.required);
      components.erase(with_seeds);
    }
    draft.Run();
    return draft;
  }

  /// The cheapest plan of a component over its possible first variables.
  Draft BestOf(const std::vector<VarId>& component) {
    std::optional<Draft> best;
    VarId best_start = 0;
    std::string compared;
    for (const VarId start : Starts(component)) {
      Draft draft(context_, facts_);
      std::set<VarId> keep = facts_.required;
      keep.insert(start);
      draft.Take(component, keep);
      draft.StartFromScan(start);
      draft.Run();
      compared += fmt::format("{}{} {:.0f}", compared.empty() ? "" : ", ",
                              VariableText(start, context_.query), draft.cost());
      if (!best || draft.cost() < best->cost()) {
        best = std::move(draft);
        best_start = start;
      }
    }
    context_.choices.push_back(fmt::format("start at {}; rows and edges touched by start: {}",
                                           VariableText(best_start, context_.query), compared));
    return std::move(*best);
  }

  std::vector<VarId> Starts(const std::vector<VarId>& component) {
    std::vector<std::pair<double, VarId>> scans;
    for (const VarId variable : component) {
      const auto found = facts_.graph.conditions.find(variable);
      const double keep = found == facts_.graph.conditions.end()
                              ? 1
                              : context_.statistics.Keep(variable, found->second);
      scans.emplace_back(context_.statistics.Rows(variable) * keep, variable);
    }
    std::sort(scans.begin(), scans.end());
    if (scans.size() > kStartsMax) scans.resize(kStartsMax);
    std::vector<VarId> starts;
    for (const auto& [rows, variable] : scans) starts.push_back(variable);
    return starts;
  }

  PlannerContext& context_;
  const BlockFacts facts_;
};

}  // namespace

PlannedBlock PlanBlock(PlannerContext& context, const ir::Match& match, const BlockWish& wish) {
  return BlockPlanner(context, FactsOf(context, match, wish)).Plan();
}

}  // namespace tarn::plan
