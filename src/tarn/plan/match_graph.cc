#include "tarn/plan/match_graph.h"

#include <algorithm>

#include "tarn/base/check.h"
#include "tarn/plan/expr_variables.h"

namespace tarn::plan {
namespace {

ir::Direction Reversed(ir::Direction direction) {
  switch (direction) {
    case ir::Direction::kForward: return ir::Direction::kBackward;
    case ir::Direction::kBackward: return ir::Direction::kForward;
    case ir::Direction::kBoth: return ir::Direction::kBoth;
  }
  TARN_UNREACHABLE("a Direction outside its enum");
}

/// A path over an edge between two types cannot go on after one step.
bool LeavesItsType(const ir::Traversal& traversal, const schema::Schema& schema) {
  const schema::EdgeType* edge = schema.FindEdge(traversal.edge_type);
  return edge != nullptr && edge->from != edge->to;
}

class Analysis {
 public:
  Analysis(const ir::Query& query, const schema::Schema& schema, const std::set<VarId>& seeds)
      : query_(query), schema_(schema) {
    graph_.seeds = seeds;
  }

  void Add(const ir::Binding& binding) { BindNode(binding.variable); }

  void Add(const ir::Traversal& traversal) {
    BindNode(traversal.left);
    BindNode(traversal.right);
    if (traversal.edge) graph_.bound.insert(*traversal.edge);
    Link link{traversal.left, traversal.right,
              Hop{traversal.edge_type, traversal.direction, traversal.min_hops, traversal.max_hops,
                  traversal.alternatives, traversal.hop_edge, traversal.hop_condition},
              traversal.edge, traversal.path};
    if (traversal.path) graph_.bound.insert(*traversal.path);
    if (link.hop.max_hops > 1 && LeavesItsType(traversal, schema_)) {
      if (link.hop.min_hops > 1) graph_.impossible = true;
      link.hop.min_hops = link.hop.max_hops = 1;
    }
    graph_.links.push_back(std::move(link));
  }

  void Add(const ir::Filter& filter) {
    const std::set<VarId> read = VariablesOf(filter.condition, query_);
    if (read.empty()) {
      graph_.constant.push_back(filter.condition);
    } else if (CanFail(filter.condition, query_)) {
      graph_.last.push_back(filter.condition);
    } else if (read.size() == 1 && !graph_.seeds.contains(*read.begin()) &&
               !graph_.absent.contains(*read.begin()) && !IsPath(*read.begin())) {
      graph_.conditions[*read.begin()].push_back(filter.condition);
    } else {
      graph_.joint.push_back(filter.condition);
    }
  }

  void Add(const ir::Negation& negation) { graph_.negations.push_back(negation.inner); }

  void Add(const ir::Optional& optional) {
    graph_.optionals.push_back(optional.inner);
    graph_.absent.insert(optional.inner->bound.begin(), optional.inner->bound.end());
    graph_.bound.insert(optional.inner->bound.begin(), optional.inner->bound.end());
  }

  MatchGraph Take() { return std::move(graph_); }

 private:
  bool IsPath(VarId variable) const {
    return query_.variables[variable].kind == ir::Variable::Kind::kPath;
  }

  void BindNode(VarId variable) {
    graph_.nodes.insert(variable);
    if (!graph_.seeds.contains(variable)) graph_.bound.insert(variable);
  }

  const ir::Query& query_;
  const schema::Schema& schema_;
  MatchGraph graph_;
};

}  // namespace

Hop Link::HopFrom(VarId from) const {
  Hop turned = hop;
  if (from != left) turned.direction = Reversed(hop.direction);
  return turned;
}

std::set<VarId> MatchGraph::available() const {
  std::set<VarId> all = seeds;
  all.insert(bound.begin(), bound.end());
  return all;
}

MatchGraph AnalyseMatch(const ir::Match& match, const ir::Query& query,
                        const schema::Schema& schema, const std::set<VarId>& seeds) {
  Analysis analysis(query, schema, seeds);
  for (const ir::Clause& clause : match.clauses) {
    std::visit([&analysis](const auto& node) { analysis.Add(node); }, clause);
  }
  return analysis.Take();
}

std::vector<std::vector<VarId>> ConnectedComponents(const MatchGraph& graph) {
  std::map<VarId, VarId> group;  // variable -> smallest known member
  for (const VarId node : graph.nodes) group[node] = node;
  const auto join = [&group](VarId a, VarId b) {
    const VarId from = std::max(group[a], group[b]);
    const VarId into = std::min(group[a], group[b]);
    for (auto& [node, of] : group) {
      if (of == from) of = into;
    }
  };
  for (const Link& link : graph.links) join(link.left, link.right);
  std::optional<VarId> first_seed;
  for (const VarId node : graph.nodes) {
    if (!graph.seeds.contains(node)) continue;
    if (first_seed) join(*first_seed, node);
    first_seed = node;
  }
  std::map<VarId, std::vector<VarId>> members;
  for (const auto& [node, of] : group) members[of].push_back(node);
  std::vector<std::vector<VarId>> components;
  for (auto& [of, nodes] : members) components.push_back(std::move(nodes));
  return components;
}

}  // namespace tarn::plan
