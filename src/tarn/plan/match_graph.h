#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "tarn/plan/node.h"
#include "tarn/schema/schema.h"

namespace tarn::plan {

/// A traversal as a labelled edge between two node variables of a pattern.
struct Link {
  VarId left = 0;
  VarId right = 0;
  Hop hop;  ///< from left to right
  std::optional<VarId> edge;
  std::optional<VarId> path = {};  ///< wanted: the link is walked from `left` then

  bool touches(VarId variable) const { return left == variable || right == variable; }
  VarId other(VarId variable) const { return left == variable ? right : left; }
  /// The hop as it is walked when `from` is bound first.
  Hop HopFrom(VarId from) const;
};

/// One block of a match taken apart: what is joined, and which conditions touch one, several or no
/// variables.
struct MatchGraph {
  std::set<VarId> seeds;  ///< bound by enclosing blocks
  std::set<VarId> nodes;  ///< node variables of this block, and seeds that are ends of its links
  std::set<VarId> bound;  ///< variables this block introduces, edges included
  std::vector<Link> links;
  std::map<VarId, std::vector<ir::ExprPtr>>
      conditions;                     ///< by the one variable they read; never a seed
  std::vector<ir::ExprPtr> joint;     ///< over several variables or over seeds
  std::vector<ir::ExprPtr> constant;  ///< over no variable
  /// Those whose value can be an error: asked last, in text order, of rows that pass all others.
  std::vector<ir::ExprPtr> last;
  std::vector<std::shared_ptr<const ir::Match>> negations;
  std::vector<std::shared_ptr<const ir::Match>> optionals;  ///< in text order
  std::set<VarId> absent;                                   ///< variables that `optionals` bind
  bool impossible = false;                                  ///< a traversal that no path satisfies

  std::set<VarId> available() const;
};

/// Takes a block apart. Bounded traversals over an edge between two types become one hop, or
/// impossible.
MatchGraph AnalyseMatch(const ir::Match& match, const ir::Query& query,
                        const schema::Schema& schema, const std::set<VarId>& seeds);

/// Groups of node variables that links connect, each in ascending order. All seeds are in one
/// group.
std::vector<std::vector<VarId>> ConnectedComponents(const MatchGraph& graph);

}  // namespace tarn::plan
