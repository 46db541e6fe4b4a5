#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tarn/ir/expr.h"

namespace tarn::ir {

/// A row that a match binds: of a node type or, for `$e:edge`, of an edge type. Every anonymous
/// `$_` is a variable of its own.
struct Variable {
  enum class Kind : uint8_t { kNode, kEdge };
  std::string name;  ///< without the dollar sign; "_" if anonymous
  Kind kind = Kind::kNode;
  std::string type_name;
  bool anonymous = false;
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
  uint32_t max_hops = 1;
  std::optional<VarId> edge;
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

using Clause = std::variant<Binding, Traversal, Filter, Negation>;

/// A conjunction. Clauses are in text order; execution order is free. Inside a Negation it may have
/// no clauses at all
/// (`not { $p: Port }` over an outer $p): an empty conjunction holds once for every outer row.
struct Match {
  std::vector<Clause> clauses;
  std::vector<VarId>
      bound;  ///< variables this block introduces, in text order (a Negation's are its own)
  std::vector<VarId> outer;  ///< variables of enclosing blocks that are mentioned here or deeper
};

struct Projection {
  ExprPtr expr;
  std::string column;  ///< result column name
};

struct Ordering {
  ExprPtr expr;  ///< a ColumnRef, a PropertyRef, or a ranking (first only)
  bool descending = false;
};

/// A checked read query. Immutable.
struct Query {
  std::string name;
  std::vector<Parameter> parameters;
  std::vector<Variable> variables;  ///< of all blocks
  Match match;
  std::vector<Projection> projections;
  std::vector<Ordering> order;
  std::optional<uint64_t> limit;
  bool aggregates = false;  ///< a projection is an aggregate; the others are the group key
};

struct Assignment {
  std::string property;  ///< "from"/"to" for the ends of an inserted edge
  ExprPtr value;         ///< Constant, ParameterRef or Now
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
