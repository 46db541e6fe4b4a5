#include "tarn/plan/draft.h"

#include <algorithm>
#include <limits>

#include "tarn/plan/leaves.h"

namespace tarn::plan {

Draft::Draft(PlannerContext& context, const BlockFacts& facts)
    : context_(&context), facts_(&facts), wanted_(facts.wish.wanted) {
  for (size_t i = 0; i < facts.graph.joint.size(); ++i) filters_left_.insert(i);
  for (size_t i = 0; i < facts.negations.size(); ++i) negations_left_.insert(i);
}

void Draft::StartFromSeed() {
  bound_ = facts_->graph.seeds;
  seeded_ = facts_->wish.seeded;
}

void Draft::StartFromScan(VarId variable) {
  NodeScan scan{variable, ConditionsOf(variable), nullptr};
  double work = context_->statistics.Rows(variable);
  double kept = work * context_->statistics.Keep(variable, scan.conditions);
  if (const auto lookup =
          FindKeyLookup(variable, scan.conditions, context_->query, context_->schema)) {
    scan.key = lookup->value;
    scan.conditions.erase(scan.conditions.begin() + static_cast<std::ptrdiff_t>(lookup->condition));
    work = kept = 1;
  }
  bound_.insert(variable);
  pending_.erase(variable);
  Add(std::move(scan), kept, work);
}

void Draft::Take(const std::vector<VarId>& component, const std::set<VarId>& keep) {
  Stripped stripped = StripLeaves(facts_->graph, component, keep, facts_->wish.lanes);
  for (const auto& [variable, tests] : facts_->wish.lanes) {
    const bool kept_edge =
        std::any_of(stripped.links.begin(), stripped.links.end(),
                    [&](size_t link) { return facts_->graph.links[link].edge == variable; });
    if (stripped.core.contains(variable) || kept_edge) wanted_.insert(variable);
  }
  for (const VarId variable : stripped.core) {
    if (!bound_.contains(variable)) pending_.insert(variable);
  }
  links_left_.insert(links_left_.end(), stripped.links.begin(), stripped.links.end());
  leaves_left_.merge(stripped.leaves);
  lanes_.merge(stripped.lanes);
}

void Draft::Run() {
  // What the block needs of a seed is known only once its links are taken.
  if (node_ == nullptr) Add(Seed{{bound_.begin(), bound_.end()}}, 1, 1);
  ApplyReady();
  while (!pending_.empty()) {
    // Only a path that must be walked from its other end can be in the way.
    if (!Extend()) CrossWithScan();
    ApplyReady();
  }
}

void Draft::Cross(const Draft& other) {
  bound_.insert(other.bound_.begin(), other.bound_.end());
  wanted_.insert(other.wanted_.begin(), other.wanted_.end());
  lanes_.insert(other.lanes_.begin(), other.lanes_.end());
  std::erase_if(filters_left_, [&other](size_t i) { return !other.filters_left_.contains(i); });
  std::erase_if(negations_left_, [&other](size_t i) { return !other.negations_left_.contains(i); });
  const double rows = this->rows() * other.rows();
  Add(CrossProduct{}, rows, rows + other.cost(), {other.node_});
  ApplyReady();
}

void Draft::ApplyOptionals() {
  while (optionals_done_ < facts_->optionals.size()) {
    const PlannedOptional& optional = facts_->optionals[optionals_done_++];
    bound_.insert(optional.bound.begin(), optional.bound.end());
    Add(OptionalJoin{{optional.outer.begin(), optional.outer.end()},
                     {optional.bound.begin(), optional.bound.end()}},
        rows() * std::max(1.0, optional.root->rows), rows() * optional.root->cost, {optional.root});
    ApplyReady();
  }
}

void Draft::ApplyLast() {
  last_done_ = true;
  if (facts_->graph.last.empty()) return;
  double keep = 1;
  for (const ir::ExprPtr& condition : facts_->graph.last) {
    keep *= context_->statistics.KeepJoint(condition);
  }
  Add(Filter{facts_->graph.last}, rows() * keep, rows());
}

void Draft::ApplyReady() {
  ApplyConstants();
  CloseLinks();
  ApplyFilters();
  ApplyLeaves();
  ApplyNegations();
}

void Draft::ApplyConstants() {
  if (constants_done_) return;
  constants_done_ = true;
  Filter filter{facts_->graph.constant};
  if (facts_->graph.impossible) {
    schema::PropertyType type;
    type.scalar = schema::Scalar::kBool;
    filter.conditions.push_back(ir::MakeExpr(ir::Constant{ir::Value{false}}, type));
  }
  if (!filter.conditions.empty()) Add(std::move(filter), rows(), 0);
}

void Draft::CloseLinks() {
  for (size_t i = 0; i < links_left_.size();) {
    const Link& link = facts_->graph.links[links_left_[i]];
    if (!bound_.contains(link.left) || !bound_.contains(link.right)) {
      ++i;
      continue;
    }
    links_left_.erase(links_left_.begin() + static_cast<std::ptrdiff_t>(i));
    if (link.path) {
      AddPath(link);
      continue;
    }
    CloseCycle close{link.left, link.right, link.hop, link.edge, {}};
    double keep = context_->statistics.ReachCount(link.left, link.hop) /
                  context_->statistics.Rows(link.right);
    if (link.edge) {
      close.edge_conditions = ConditionsOf(*link.edge);
      bound_.insert(*link.edge);
      keep *= context_->statistics.Keep(*link.edge, close.edge_conditions);
    }
    Add(std::move(close), rows() * std::min(1.0, keep), 2 * rows());
  }
}

void Draft::ApplyFilters() {
  Filter filter;
  double keep = 1;
  for (size_t i = 0; i < facts_->graph.joint.size(); ++i) {
    if (!filters_left_.contains(i) || !IsBound(facts_->joint_variables[i])) continue;
    filter.conditions.push_back(facts_->graph.joint[i]);
    keep *= context_->statistics.KeepJoint(facts_->graph.joint[i]);
    filters_left_.erase(i);
  }
  if (!filter.conditions.empty()) Add(std::move(filter), rows() * keep, rows());
}

void Draft::ApplyLeaves() {
  while (true) {
    const auto ready =
        std::find_if(leaves_left_.begin(), leaves_left_.end(),
                     [this](const auto& entry) { return bound_.contains(entry.first); });
    if (ready == leaves_left_.end()) return;
    const VarId variable = ready->first;
    Leaf leaf = std::move(ready->second.back());
    ready->second.pop_back();
    if (ready->second.empty()) leaves_left_.erase(ready);
    // Each vertex is weighed once: the subtree costs at most its edges, however many rows ask.
    const double visits = std::min(rows(), context_->statistics.Rows(variable));
    const double degree = context_->statistics.ReachCount(variable, leaf.hop);
    const bool counted_by_degree =
        leaf.conditions.empty() && leaf.children.empty() && leaf.hop.single();
    double work = visits * (counted_by_degree ? 1 : 1 + degree);
    double frontier = visits * degree;
    const Leaf* below = &leaf;
    while (!below->children.empty()) {
      frontier = std::min(frontier, context_->statistics.Rows(below->variable));
      const double next =
          context_->statistics.ReachCount(below->variable, below->children.front().hop);
      work += frontier * (1 + next);
      frontier *= next;
      below = &below->children.front();
    }
    const double keep =
        std::min(1.0, degree * context_->statistics.Keep(leaf.variable, leaf.conditions));
    Add(WeightLeaf{variable, std::move(leaf)}, rows() * keep, work);
  }
}

void Draft::ApplyNegations() {
  for (size_t i = 0; i < facts_->negations.size(); ++i) {
    const PlannedNegation& negation = facts_->negations[i];
    if (!negations_left_.contains(i) || !IsBound(negation.outer)) continue;
    negations_left_.erase(i);
    Add(AntiJoin{{negation.outer.begin(), negation.outer.end()}}, rows() * Selectivity::kNegation,
        rows() * negation.root->cost, {negation.root});
  }
}

bool Draft::Extend() {
  std::optional<Extension> best;
  for (const VarId variable : pending_) {
    Extension extension = ExtensionTo(variable);
    if (extension.links.empty()) continue;
    if (!best || extension.fanout < best->fanout) best = std::move(extension);
  }
  if (!best) return false;
  pending_.erase(best->variable);
  const Link& walked = facts_->graph.links[best->links.front()];
  if (walked.path) {
    std::erase(links_left_, best->links.front());
    AddPath(walked);
  } else if (walked.hop.single()) {
    AddExpand(*best);
  } else {
    AddReach(*best);
  }
  return true;
}

Draft::Extension Draft::ExtensionTo(VarId variable) const {
  Extension extension{variable, {}, 1};
  size_t walked = SIZE_MAX;
  double walked_rank = std::numeric_limits<double>::infinity();
  std::vector<size_t> lists;  // can be intersected: one hop, no edge variable
  for (const size_t index : links_left_) {
    const Link& link = facts_->graph.links[index];
    if (!link.touches(variable) || link.left == link.right ||
        !bound_.contains(link.other(variable)) || (link.path && variable != link.right))
      continue;
    const Hop hop = link.HopFrom(link.other(variable));
    const double degree = context_->statistics.ReachCount(link.other(variable), hop);
    // An edge variable cannot be intersected, so its link is walked first; bounded reach only when
    // nothing else is.
    const bool searched = link.path || !hop.single();
    const double rank = searched ? 1e300 : link.edge ? -1 : degree;
    if (rank < walked_rank) {
      walked_rank = rank;
      walked = index;
      extension.fanout = degree;
    }
    if (!searched && !link.edge) lists.push_back(index);
  }
  if (walked == SIZE_MAX) return extension;
  extension.links.push_back(walked);
  const double rows = context_->statistics.Rows(variable);
  for (const size_t index : lists) {
    const Link& first = facts_->graph.links[walked];
    if (index == walked || first.path || !first.hop.single()) continue;
    const Link& link = facts_->graph.links[index];
    const VarId from = link.other(variable);
    extension.fanout *=
        std::min(1.0, context_->statistics.ReachCount(from, link.HopFrom(from)) / rows);
    extension.links.push_back(index);
  }
  extension.fanout *= context_->statistics.Keep(variable, ConditionsOf(variable));
  return extension;
}

void Draft::AddExpand(const Extension& extension) {
  const Link& walked = facts_->graph.links[extension.links.front()];
  Expand expand;
  expand.to = extension.variable;
  expand.from = walked.other(expand.to);
  expand.hop = walked.HopFrom(expand.from);
  expand.edge = walked.edge;
  expand.conditions = ConditionsOf(expand.to);
  double work = rows() * (1 + context_->statistics.Degree(expand.from, expand.hop));
  double out = rows() * extension.fanout;
  if (walked.edge) {
    expand.edge_conditions = ConditionsOf(*walked.edge);
    out *= context_->statistics.Keep(*walked.edge, expand.edge_conditions);
    bound_.insert(*walked.edge);
  }
  for (size_t i = 1; i < extension.links.size(); ++i) {
    const Link& link = facts_->graph.links[extension.links[i]];
    const VarId from = link.other(expand.to);
    expand.also.push_back({from, link.HopFrom(from)});
    work += rows() * context_->statistics.Degree(from, link.HopFrom(from));
  }
  std::erase_if(links_left_, [&extension](size_t link) {
    return std::find(extension.links.begin(), extension.links.end(), link) != extension.links.end();
  });
  bound_.insert(expand.to);
  if (const auto own = leaves_left_.find(expand.to); own != leaves_left_.end()) {
    std::vector<Leaf> leaves = std::move(own->second);
    leaves_left_.erase(own);
    if (IsLive(expand.to)) {
      leaves_left_.emplace(expand.to, std::move(leaves));
    } else {
      expand.leaves = std::move(leaves);
    }
  }
  Add(std::move(expand), out, work);
}

void Draft::AddReach(const Extension& extension) {
  const size_t index = extension.links.front();
  const Link& link = facts_->graph.links[index];
  Reach reach;
  reach.to = extension.variable;
  reach.from = link.other(reach.to);
  reach.hop = link.HopFrom(reach.from);
  reach.conditions = ConditionsOf(reach.to);
  const double reached = context_->statistics.ReachCount(reach.from, reach.hop);
  const double work = rows() * (1 + reached * context_->statistics.Degree(reach.from, reach.hop));
  std::erase(links_left_, index);
  bound_.insert(reach.to);
  Add(std::move(reach), rows() * extension.fanout, work);
}

/// To a new variable, or as a condition on two that are bound.
void Draft::AddPath(const Link& link) {
  PathReach reach{link.left, link.right, link.hop, {}, *link.path};
  const double reached = context_->statistics.ReachCount(link.left, link.hop);
  double out = rows() * reached;
  if (bound_.contains(link.right)) {
    out = rows() * std::min(1.0, reached / context_->statistics.Rows(link.right));
  } else {
    reach.conditions = ConditionsOf(link.right);
    out *= context_->statistics.Keep(link.right, reach.conditions);
  }
  bound_.insert(link.right);
  bound_.insert(*link.path);
  const double work = rows() * (1 + reached * context_->statistics.Degree(link.left, link.hop));
  Add(std::move(reach), out, work);
}

void Draft::CrossWithScan() {
  const VarId variable =
      *std::min_element(pending_.begin(), pending_.end(), [this](VarId a, VarId b) {
        return context_->statistics.Rows(a) < context_->statistics.Rows(b);
      });
  auto scan = std::make_shared<Node>();
  scan->op = NodeScan{variable, ConditionsOf(variable), nullptr};
  scan->live = {variable};
  scan->existence = facts_->wish.existence;
  scan->rows = context_->statistics.Rows(variable);
  scan->cost = scan->rows;
  pending_.erase(variable);
  bound_.insert(variable);
  const double out = rows() * scan->rows;
  Add(CrossProduct{}, out, out + scan->cost, {scan});
}

bool Draft::IsBound(const std::set<VarId>& variables) const {
  return std::includes(bound_.begin(), bound_.end(), variables.begin(), variables.end());
}

bool Draft::IsLive(VarId variable) const {
  if (wanted_.contains(variable) || leaves_left_.contains(variable)) return true;
  if (!last_done_ && facts_->last_variables.contains(variable)) return true;
  for (const size_t link : links_left_) {
    if (facts_->graph.links[link].touches(variable)) return true;
  }
  for (size_t i = optionals_done_; i < facts_->optionals.size(); ++i) {
    if (facts_->optionals[i].outer.contains(variable)) return true;
  }
  for (const size_t filter : filters_left_) {
    if (facts_->joint_variables[filter].contains(variable)) return true;
  }
  for (const size_t negation : negations_left_) {
    if (facts_->negations[negation].outer.contains(variable)) return true;
  }
  return false;
}

std::vector<VarId> Draft::Live() const {
  std::vector<VarId> live;
  for (const VarId variable : bound_) {
    if (IsLive(variable)) live.push_back(variable);
  }
  if (seeded_) live.push_back(kSeedOrdinal);
  return live;
}

std::vector<ir::ExprPtr> Draft::ConditionsOf(VarId variable) const {
  const auto found = facts_->graph.conditions.find(variable);
  return found == facts_->graph.conditions.end() ? std::vector<ir::ExprPtr>{} : found->second;
}

void Draft::Add(Operator op, double rows, double work,
                std::vector<std::shared_ptr<Node>> more_inputs) {
  auto node = std::make_shared<Node>();
  node->op = std::move(op);
  node->live = Live();
  node->existence = facts_->wish.existence;
  node->rows = rows;
  node->cost = work;
  std::vector<VarId> before;
  if (node_ != nullptr) {
    before = node_->live;
    node->cost += node_->cost;
    node->inputs.push_back(node_);
  }
  for (std::shared_ptr<Node>& input : more_inputs) node->inputs.push_back(std::move(input));
  node_ = std::move(node);
  MergeIfShrunk(before);
}

void Draft::MergeIfShrunk(const std::vector<VarId>& before) {
  if (!facts_->wish.merge) return;
  // Every tuple of a seed carries its own ordinal: there is nothing to merge right above it.
  if (!node_->inputs.empty() && std::holds_alternative<Seed>(node_->inputs.front()->op)) return;
  const std::vector<VarId>& now = node_->live;
  if (std::includes(now.begin(), now.end(), before.begin(), before.end())) return;
  double distinct = 1;
  for (const VarId variable : now)
    distinct *= variable == kSeedOrdinal ? 1 : context_->statistics.Rows(variable);
  auto node = std::make_shared<Node>();
  node->op = Merge{};
  node->live = now;
  node->existence = node_->existence;
  node->rows = std::min(node_->rows, distinct);
  node->cost = node_->cost + node_->rows;
  node->inputs.push_back(node_);
  node_ = std::move(node);
}

}  // namespace tarn::plan
