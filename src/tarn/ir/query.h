#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tarn/ir/expr.h"

namespace tarn::ir {

/// What a match binds: a row of a node type, for `$e:edge` of an edge type, or for `as $p` a path
/// over edges of `type_name`. Every anonymous `$_` is a variable of its own.
struct Variable {
  enum class Kind : uint8_t { kNode, kEdge, kPath };
  std::string name;  ///< without the dollar sign; "_" if anonymous
  Kind kind = Kind::kNode;
  std::string type_name;
  bool anonymous = false;
  bool optional = false;  ///< bound inside an Optional: outside it there may be no row
};

/// Every row of the variable's type. Property patterns are lowered to Filters behind it.
struct Binding {
  VarId variable = 0;
};

enum class Direction : uint8_t {
  kForward,   ///< left is the edge's source
  kBackward,  ///< left is the edge's destination
  kBoth,      ///< undirected; endpoint types are equal
};

/// `left` reaches `right` over `min`..`max` hops of one edge type (reachability at the shortest
/// depth, each pair once). With `edge` bound: exactly one hop, one row per edge. If both ends are
/// bound already it is a join condition.
struct Traversal {
  VarId left = 0;
  VarId right = 0;
  std::string edge_type;  ///< declared name
  Direction direction = Direction::kForward;
  uint32_t min_hops = 1;
  uint32_t max_hops = 1;  ///< UINT32_MAX: any number
  std::optional<VarId> edge;
  std::vector<std::string> alternatives = {};  ///< further edge types that join the same types
  /// With `hop_condition`: the nameless row of each edge on the way, which must satisfy it.
  std::optional<VarId> hop_edge = {};
  ExprPtr hop_condition = nullptr;
  /// The shortest path from `left` to `right`. Of several it is the one whose steps, as pairs of a
  /// node id and an edge id, come first byte by byte.
  std::optional<VarId> path = {};
};

/// Keeps rows for which `condition` (Bool) is TRUE.
struct Filter {
  ExprPtr condition;
};

struct Match;
/// Keeps an outer row when the inner pattern has no match for it.
struct Negation {
  std::shared_ptr<const Match> inner;
};

/// Pairs an outer row with every match of the inner pattern; without one the row stays, and the
/// variables that the pattern binds have no row. It comes behind all other clauses of its block but
/// the Filters and Negations that mention those variables, and behind Optionals before it.
struct Optional {
  std::shared_ptr<const Match> inner;
};

using Clause = std::variant<Binding, Traversal, Filter, Negation, Optional>;

/// A conjunction. Clauses are in text order; execution order is free. Inside a Negation it may have
/// no clauses at all
/// (`not { $p: Port }` over an outer $p): an empty conjunction holds once for every outer row.
struct Match {
  std::vector<Clause> clauses;
  std::vector<VarId> bound;  ///< variables this block introduces, in text order, those of its
                             ///< Optionals included (a Negation's are its own)
  std::vector<VarId> outer;  ///< variables of enclosing blocks that are mentioned here or deeper
};

struct Projection {
  ExprPtr expr;
  std::string column;   ///< result column name
  bool hidden = false;  ///< computed for others to read, not returned
};

struct Ordering {
  ExprPtr expr;  ///< a ColumnRef, a PropertyRef, or a ranking (first only)
  bool descending = false;
};

/// A number of rows, written down or given by an integer parameter.
struct RowCount {
  RowCount(uint64_t rows) : literal(rows) {}  // NOLINT: a number is a count
  static RowCount OfParameter(uint32_t index) {
    RowCount count(0);
    count.parameter = index;
    return count;
  }
  std::optional<uint32_t> parameter;  ///< into Query::parameters
  uint64_t literal = 0;
};

/// At most `rows` rows of each group of rows with equal `keys`: the first ones by the order.
struct PerGroup {
  RowCount rows;
  std::vector<ExprPtr> keys;
};

/// A checked read query. Immutable.
struct Query {
  std::string name;
  std::vector<Parameter> parameters;
  std::vector<Variable> variables;  ///< of all blocks
  Match match;
  std::vector<Projection> projections;
  std::vector<ExprPtr> having;  ///< all must hold; over ColumnRefs
  std::vector<Ordering> order;
  std::optional<PerGroup> per_group;
  std::optional<RowCount> offset;
  std::optional<RowCount> limit;
  /// Rows are grouped: projections that read no aggregate are the group key. Also `distinct`.
  bool aggregates = false;
};

/// Does the expression read an aggregate, itself or through a column?
bool ReadsAggregate(const Expr& expr, const Query& query);
/// "7" or "$n".
std::string RowCountText(const RowCount& rows, const Query& query);

/// A part of the key by which an end of an edge is named.
struct KeyPart {
  std::string property;
  ExprPtr value;  ///< Constant, ParameterRef or Now
};
struct Assignment {
  std::string property;           ///< "from"/"to" for the ends of an inserted edge
  ExprPtr value;                  ///< Constant, ParameterRef or Now; null for an end with `key`
  std::vector<KeyPart> key = {};  ///< of the node at that end, every part of it
};
/// `property` is "from"/"to" for the ends of an edge to delete.
struct Predicate {
  std::string property;
  CompareOp op = CompareOp::kEqual;
  ExprPtr value;
};
struct Insert {
  std::string type_name;
  bool is_edge = false;
  std::vector<Assignment> assignments;
};
struct Update {
  std::string type_name;
  std::vector<Assignment> assignments;
  Predicate where;
};
struct Delete {
  std::string type_name;
  bool is_edge = false;
  Predicate where;
};
using Statement = std::variant<Insert, Update, Delete>;

/// A checked mutation query. Immutable.
struct Mutation {
  std::string name;
  std::vector<Parameter> parameters;
  std::vector<Statement> statements;
};

/// Indented text of the whole query, stable: the IR dump.
std::string ToText(const Query& query);
std::string ToText(const Mutation& mutation);
std::string ToText(const Expr& expr, const std::vector<Variable>& variables);

}  // namespace tarn::ir
