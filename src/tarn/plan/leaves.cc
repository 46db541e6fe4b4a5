#include "tarn/plan/leaves.h"

#include <algorithm>

namespace tarn::plan {
namespace {

class Stripping {
 public:
  Stripping(const MatchGraph& graph, const std::vector<VarId>& component,
            const std::set<VarId>& keep, const std::map<VarId, std::vector<LaneTest>>& lanes)
      : graph_(graph), keep_(keep), lanes_(lanes) {
    result_.core.insert(component.begin(), component.end());
    for (size_t link = 0; link < graph.links.size(); ++link) {
      if (result_.core.contains(graph.links[link].left)) result_.links.push_back(link);
    }
  }

  Stripped Run() {
    while (StripOne()) {
    }
    return std::move(result_);
  }

 private:
  /// The one link that holds `variable`, or SIZE_MAX.
  size_t OnlyLink(VarId variable) const {
    size_t only = SIZE_MAX;
    for (const size_t link : result_.links) {
      if (!graph_.links[link].touches(variable)) continue;
      if (only != SIZE_MAX || graph_.links[link].left == graph_.links[link].right) return SIZE_MAX;
      only = link;
    }
    return only;
  }

  bool StripOne() {
    for (const VarId variable : result_.core) {
      if (keep_.contains(variable)) continue;
      const size_t link = OnlyLink(variable);
      if (link == SIZE_MAX) continue;
      if (graph_.links[link].path) continue;
      const std::optional<VarId>& edge = graph_.links[link].edge;
      if (edge && keep_.contains(*edge)) continue;
      Fold(variable, link);
      return true;
    }
    return false;
  }

  void Fold(VarId variable, size_t link_index) {
    const Link& link = graph_.links[link_index];
    const VarId parent = link.other(variable);
    Leaf leaf;
    leaf.variable = variable;
    leaf.hop = link.HopFrom(parent);
    leaf.edge = link.edge;
    leaf.conditions = ConditionsOf(variable);
    if (link.edge) leaf.edge_conditions = ConditionsOf(*link.edge);
    AddLanes(variable, leaf);
    if (link.edge) AddLanes(*link.edge, leaf);
    if (const auto own = result_.leaves.find(variable); own != result_.leaves.end()) {
      leaf.children = std::move(own->second);
      result_.leaves.erase(own);
    }
    result_.leaves[parent].push_back(std::move(leaf));
    result_.core.erase(variable);
    std::erase(result_.links, link_index);
  }

  std::vector<ir::ExprPtr> ConditionsOf(VarId variable) const {
    const auto found = graph_.conditions.find(variable);
    return found == graph_.conditions.end() ? std::vector<ir::ExprPtr>{} : found->second;
  }

  void AddLanes(VarId variable, Leaf& leaf) {
    const auto found = lanes_.find(variable);
    if (found == lanes_.end()) return;
    for (const LaneTest& test : found->second) {
      leaf.lanes.push_back(test);
      result_.lanes.insert(test.lane);
    }
  }

  const MatchGraph& graph_;
  const std::set<VarId>& keep_;
  const std::map<VarId, std::vector<LaneTest>>& lanes_;
  Stripped result_;
};

}  // namespace

Stripped StripLeaves(const MatchGraph& graph, const std::vector<VarId>& component,
                     const std::set<VarId>& keep,
                     const std::map<VarId, std::vector<LaneTest>>& lanes) {
  return Stripping(graph, component, keep, lanes).Run();
}

}  // namespace tarn::plan
