#pragma once

#include <map>
#include <set>
#include <vector>

#include "tarn/plan/match_graph.h"

namespace tarn::plan {

/// A component of a pattern after subtrees that nobody asks for were folded into weights.
struct Stripped {
  std::set<VarId> core;       ///< node variables that stay enumerated
  std::vector<size_t> links;  ///< into MatchGraph::links, those between core variables
  std::map<VarId, std::vector<Leaf>> leaves;  ///< by the core variable they hang from
  std::set<uint32_t> lanes;                   ///< lanes that a leaf restricts
};

/// Folds away, from the outside in, every variable outside `keep` that hangs by one link whose edge
/// is outside `keep`.
Stripped StripLeaves(const MatchGraph& graph, const std::vector<VarId>& component,
                     const std::set<VarId>& keep,
                     const std::map<VarId, std::vector<LaneTest>>& lanes);

}  // namespace tarn::plan
