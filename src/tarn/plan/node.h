#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tarn/ir/query.h"

namespace tarn::plan {

using ir::VarId;

/// A hidden column of the tuples below an AntiJoin or OptionalJoin: which outer tuple a row belongs
/// to.
inline constexpr VarId kSeedOrdinal = std::numeric_limits<VarId>::max();

/// One step over an edge type, seen from the vertex it starts at: kForward leaves a source.
struct Hop {
  std::string edge_type;
  ir::Direction direction = ir::Direction::kForward;
  uint32_t min_hops = 1;
  uint32_t max_hops = 1;
  std::vector<std::string> alternatives = {};  ///< further edge types, followed as well
  std::optional<VarId> edge = {};              ///< the row that `condition` is about
  ir::ExprPtr condition = nullptr;             ///< of every edge on the way

  /// The neighbours by one edge type, as they are stored.
  bool single() const { return max_hops == 1 && plain(); }
  bool plain() const { return alternatives.empty() && condition == nullptr; }
};

/// Every row of a node type that passes `conditions`; with `key`, at most the one row of that key.
struct NodeScan {
  VarId variable = 0;
  std::vector<ir::ExprPtr> conditions;  ///< over `variable` alone
  ir::ExprPtr key;                      ///< what the type's only key property must equal, or null
};

/// The outer tuples of an AntiJoin or OptionalJoin.
struct Seed {
  std::vector<VarId> variables;
};

/// Restricts one lane to rows where `argument` is not null.
struct LaneTest {
  uint32_t lane = 0;
  ir::ExprPtr argument;
};

/// A subtree of the pattern that hangs by one traversal and is never enumerated: it only multiplies
/// weights. weight(parent) = sum over neighbours that pass `conditions` of the product of the
/// children's weights.
struct Leaf {
  VarId variable = 0;
  Hop hop;                                   ///< from the parent to `variable`
  std::optional<VarId> edge;                 ///< bound edge: counts edges, not distinct neighbours
  std::vector<ir::ExprPtr> edge_conditions;  ///< over `edge` alone
  std::vector<ir::ExprPtr> conditions;       ///< over `variable` alone
  std::vector<LaneTest> lanes;               ///< over `variable` or `edge`
  std::vector<Leaf> children;
};

/// A further neighbourhood that the new variable of an Expand must lie in.
struct Constraint {
  VarId from = 0;
  Hop hop;
};

/// One hop to a new variable: distinct neighbours, or one row per edge when `edge` is bound. `also`
/// makes it an intersection of sorted neighbour lists. If `to` is not in the output, its matches
/// are summed into the weight.
struct Expand {
  VarId from = 0;
  VarId to = 0;
  Hop hop;
  std::optional<VarId> edge;
  std::vector<ir::ExprPtr> edge_conditions;
  std::vector<ir::ExprPtr> conditions;
  std::vector<Constraint> also;
  std::vector<Leaf> leaves;  ///< of `to`, when it is not in the output
};

/// Bounded reachability to a new variable.
struct Reach {
  VarId from = 0;
  VarId to = 0;
  Hop hop;
  std::vector<ir::ExprPtr> conditions;
};

/// Reachability with the shortest path to what is reached: to a new variable, or to one that is
/// bound.
struct PathReach {
  VarId from = 0;
  VarId to = 0;
  Hop hop;
  std::vector<ir::ExprPtr> conditions;  ///< over `to`, when it is new
  VarId path = 0;
};

/// A traversal whose ends are both bound: a join condition.
struct CloseCycle {
  VarId left = 0;
  VarId right = 0;
  Hop hop;  ///< from left to right
  std::optional<VarId> edge;
  std::vector<ir::ExprPtr> edge_conditions;
};

/// Pairs every row of the first input with every row of the second, which is read once and kept.
struct CrossProduct {};

/// Conditions over several variables, or none.
struct Filter {
  std::vector<ir::ExprPtr> conditions;
};

/// Keeps rows of the first input for which the second, seeded with `outer`, yields nothing.
struct AntiJoin {
  std::vector<VarId> outer;
};

/// Pairs every row of the first input with what the second, seeded with `outer`, yields for it; a
/// row for which it yields nothing stays, and the variables in `bound` have no row then.
struct OptionalJoin {
  std::vector<VarId> outer;
  std::vector<VarId> bound;
};

/// Multiplies weights by those of a pattern subtree; drops rows of weight zero.
struct WeightLeaf {
  VarId variable = 0;
  Leaf leaf;
};

/// Adds up the weights of equal tuples within a bounded buffer.
struct Merge {};

/// Makes a score available; `required` drops rows without one.
struct Rank {
  ir::ExprPtr score;
  bool required = false;
};

struct AggregateItem {
  uint32_t projection = 0;
  ir::AggregateFn fn = ir::AggregateFn::kCount;
  ir::ExprPtr argument;
  uint32_t lane = 0;         ///< whose weights it adds up
  bool counts_rows = false;  ///< the argument is never null, or its lane has dropped its nulls
  bool distinct = false;     ///< equal values count once
};

/// Groups by the values of some projections. `identified`: the group key holds a key of each of its
/// variables, so the tuple of vertices is the group.
struct Aggregate {
  std::vector<uint32_t> group;  ///< projections
  std::vector<AggregateItem> items;
  bool identified = false;
};

struct SortKey {
  ir::ExprPtr expr;
  bool descending = false;
};

/// Keeps groups for which every condition is TRUE.
struct Having {
  std::vector<ir::ExprPtr> conditions;
};

/// A total order: keys, then the ids of `ties` ascending. With `limit` it yields no more rows than
/// `offset` and `limit` together; with `per_group` first the rows that are kept of each group.
struct Sort {
  std::vector<SortKey> keys;
  std::vector<VarId> ties;
  std::optional<ir::PerGroup> per_group;
  std::optional<ir::RowCount> offset;
  std::optional<ir::RowCount> limit;
};

/// Drops the first `offset` rows and all behind `limit` more.
struct Limit {
  std::optional<ir::RowCount> offset;
  std::optional<ir::RowCount> limit;
};

/// Fetches the projected columns of the final rows.
struct Project {};

using Operator = std::variant<NodeScan, Seed, Expand, Reach, PathReach, CloseCycle, CrossProduct,
                              Filter, AntiJoin, OptionalJoin, WeightLeaf, Merge, Rank, Aggregate,
                              Having, Sort, Limit, Project>;

/// One operator of a plan. Immutable once chosen.
struct Node {
  uint32_t id = 0;
  Operator op;
  std::vector<std::shared_ptr<Node>> inputs;
  std::vector<VarId> live;  ///< variables whose dense numbers its output carries, in column order
  bool existence = false;   ///< below an AntiJoin: whether there is a row matters, not how many
  double rows = 0;          ///< estimates: rows it yields,
  double cost = 0;          ///< and rows or edges touched up to here
};

}  // namespace tarn::plan
