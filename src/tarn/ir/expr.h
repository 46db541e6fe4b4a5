#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tarn/ir/value.h"

namespace tarn::ir {

/// Index into Query::variables.
using VarId = uint32_t;

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

struct Constant {
  Value value;
};
struct ParameterRef {
  uint32_t index = 0;
};  ///< into Query::parameters
struct Now {};  ///< the request's one timestamp, DateTime
struct PropertyRef {
  VarId variable = 0;
  std::string property;
};
/// A bare variable: the id string of its row.
struct EntityRef {
  VarId variable = 0;
};
/// What is read of a path.
enum class PathPart : uint8_t {
  kLength,  ///< hops
  kNodes,   ///< ids from the start to the end, one more than hops
  kEdges,   ///< ids of its edge rows
};
/// "length", "nodes", "edges".
std::string_view PathPartText(PathPart part);
struct PathRef {
  VarId variable = 0;
  PathPart part = PathPart::kLength;
};
/// The value of an earlier projection.
struct ColumnRef {
  uint32_t projection = 0;
};

enum class CompareOp : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kContains,
  kStartsWith
};
/// "=", "!=", "contains", ...
std::string_view CompareOpText(CompareOp op);
/// Three-valued. kContains: list membership when the left side is a list, else substring.
struct Compare {
  CompareOp op = CompareOp::kEqual;
  ExprPtr left;
  ExprPtr right;
};

enum class LogicOp : uint8_t { kAnd, kOr, kNot };
/// "and", "or", "not".
std::string_view LogicOpText(LogicOp op);
/// Three-valued: false decides an `and`, true an `or`, whatever the others are; null is unknown.
/// Operands are asked from left to right until one decides. kNot has one operand, the others two or
/// more.
struct Logic {
  LogicOp op = LogicOp::kAnd;
  std::vector<ExprPtr> operands;
};

/// `operand is null`, or `is not null`: never unknown.
struct NullTest {
  ExprPtr operand;
  bool negated = false;
};

/// `item in list`: unknown if either is null; a null item of the list equals nothing.
struct Membership {
  ExprPtr item;
  ExprPtr list;
};

/// What a row-wise function or operator computes. Unless said otherwise an argument that is null
/// makes the result null.
enum class ScalarFn : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,  ///< of integers: towards zero
  kRemainder,
  kNegate,
  kAbs,
  kCoalesce,  ///< the first argument that is not null
  kLower,
  kUpper,
  kTrim,
  kLength,  ///< characters of a text, items of a list
  kSubstring,
  kReplace,
  kConcat,
  kStartsWith,
  kEndsWith,
  kFirst,
  kLast,
  kItem,
  kJoin,
  kYear,
  kMonth,
  kDay,
  kHour,
  kMinute,
  kSecond,
  kWeekday,
  kDateAdd,
  kDateDiff,
  kDateTrunc,
  kToDate,
  kToDateTime,
};
/// As the language spells it: "+", "lower", ...
std::string_view ScalarFnText(ScalarFn fn);
/// Can it fail for arguments of the right kinds: overflow, a zero divisor, a date out of range?
bool FnCanFail(ScalarFn fn);
struct Call {
  ScalarFn fn = ScalarFn::kAdd;
  std::vector<ExprPtr> arguments;
};

enum class TextMatchKind : uint8_t { kSearch, kMatchText, kFuzzy };
/// "search", "match_text", "fuzzy".
std::string_view TextMatchKindText(TextMatchKind kind);
/// True when an analysed token of `field` is (fuzzy: is within `edits` of) an analysed token of
/// `query`.
struct TextMatch {
  TextMatchKind kind = TextMatchKind::kSearch;
  PropertyRef field;
  ExprPtr query;
  ExprPtr edits;
};
/// Distance of the stored vector to `query`, smaller is nearer. A String query is embedded first.
struct Nearest {
  PropertyRef field;
  ExprPtr query;
  schema::Metric metric = schema::Metric::kCosine;
};
/// BM25 score over the whole corpus of the property; null for a row without a matching token.
struct Bm25 {
  PropertyRef field;
  ExprPtr query;
};
/// Reciprocal rank fusion of two arms, each Nearest or Bm25 over one variable. `k` null = 60.
struct Rrf {
  ExprPtr primary;
  ExprPtr secondary;
  ExprPtr k;
};

/// kIsum adds integers to an integer; kCollect lists the values, smallest first.
enum class AggregateFn : uint8_t { kCount, kSum, kAvg, kMin, kMax, kIsum, kCollect };
/// "count", "sum", ...
std::string_view AggregateFnText(AggregateFn fn);
struct Aggregate {
  AggregateFn fn = AggregateFn::kCount;
  ExprPtr argument;
  bool distinct = false;  ///< equal values count once
};

/// A typed expression. Visited with std::visit and no default arm.
struct Expr {
  std::variant<Constant, ParameterRef, Now, PropertyRef, EntityRef, PathRef, ColumnRef, Compare,
               Logic, NullTest, Membership, Call, TextMatch, Nearest, Bm25, Rrf, Aggregate>
      node;
  schema::PropertyType type;
};

template <typename Node>
ExprPtr MakeExpr(Node node, schema::PropertyType type) {
  return std::make_shared<const Expr>(Expr{std::move(node), std::move(type)});
}

/// The expressions an expression is made of, in order; absent options are left out.
std::vector<ExprPtr> ChildrenOf(const Expr& expr);

/// The same operator over other children. Precondition: a Compare, Logic, NullTest, Membership or
/// Call.
ExprPtr WithChildren(const Expr& expr, std::vector<ExprPtr> children);

/// A literal, a parameter or now().
bool IsLeafValue(const Expr& expr);

/// True when both compute the same thing: same nodes, same variables, equal constants. Types follow
/// from the nodes.
bool SameExpr(const Expr& a, const Expr& b);

}  // namespace tarn::ir
