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

std::set<VarId> Common(const std::set<VarId>& a, const std::set<VarId>& b) {
  std::set<VarId> common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                        std::inserter(common, common.begin()));
  return common;
}

/// Behind everything else of the block; each yields those of its variables that others ask for.
void PlanOptionals(PlannerContext& context, const std::set<VarId>& available, BlockFacts& facts) {
  for (const auto& inner : facts.graph.optionals) {
    PlannedOptional optional;
    optional.bound = {inner->bound.begin(), inner->bound.end()};
    optional.outer = Common(MentionedIn(*inner, context.query, /*deep=*/true), available);
    for (const VarId variable : optional.bound) optional.outer.erase(variable);
    facts.required.insert(optional.outer.begin(), optional.outer.end());
    facts.optionals.push_back(std::move(optional));
  }
  for (size_t i = 0; i < facts.optionals.size(); ++i) {
    PlannedOptional& optional = facts.optionals[i];
    std::set<VarId> asked = facts.required;  // by conditions, negations and other optionals
    asked.insert(facts.wish.wanted.begin(), facts.wish.wanted.end());
    BlockWish inside;
    inside.seeds = optional.outer;
    inside.seeded = true;
    inside.wanted = Common(optional.bound, asked);
    optional.bound = inside.wanted;
    optional.root = PlanBlock(context, *facts.graph.optionals[i], inside).root;
  }
}

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
  for (const ir::ExprPtr& condition : facts.graph.last) {
    facts.last_variables.merge(VariablesOf(condition, context.query));
  }
  facts.required.insert(facts.last_variables.begin(), facts.last_variables.end());
  const std::set<VarId> available = facts.graph.available();
  for (const auto& inner : facts.graph.negations) {
    PlannedNegation negation;
    const std::set<VarId> mentioned = MentionedIn(*inner, context.query, /*deep=*/true);
    std::set_intersection(mentioned.begin(), mentioned.end(), available.begin(), available.end(),
                          std::inserter(negation.outer, negation.outer.begin()));
    BlockWish inside;
    inside.seeds = negation.outer;
    inside.seeded = inside.existence = true;
    negation.root = PlanBlock(context, *inner, inside).root;
    facts.required.insert(negation.outer.begin(), negation.outer.end());
    facts.negations.push_back(std::move(negation));
  }
  PlanOptionals(context, available, facts);
  // A path that nobody reads leaves the planner free to walk either way.
  for (Link& link : facts.graph.links) {
    const bool read = link.path && (facts.required.contains(*link.path) ||
                                    facts.wish.wanted.contains(*link.path));
    if (!read) link.path.reset();
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
    draft.ApplyOptionals();
    draft.ApplyLast();
    return {draft.node(), draft.lanes()};
  }

 private:
  bool seeded() const { return facts_.wish.seeded; }

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
