#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tarn/base/source.h"
#include "tarn/ir/expr.h"

// The query language as written: names are not resolved, types are not known. Private to gq.
namespace tarn::gq {

/// A word of the text; variables are without their dollar sign.
struct Name {
  std::string text;
  SourceSpan span;
};

struct LiteralAst {
  enum class Kind : uint8_t { kString, kInteger, kFloat, kBool, kDate, kDateTime, kList, kNull };
  Kind kind = Kind::kString;
  std::string text;  ///< unescaped, the digits with their sign, or "true"/"false"
  std::vector<LiteralAst> items;
  SourceSpan span;
};

enum class Function : uint8_t {
  kNow,
  kNearest,
  kSearch,
  kFuzzy,
  kMatchText,
  kBm25,
  kRrf,
  kCount,
  kSum,
  kAvg,
  kMin,
  kMax,
  kIsum,
  kCollect,
  kScalar,  ///< CallAst::scalar says which
};

struct ExprAst;

struct CallAst {
  Function function = Function::kNow;
  ir::ScalarFn scalar = ir::ScalarFn::kAdd;
  Name word;
  std::vector<ExprAst> arguments;
  bool distinct = false;  ///< `count(distinct x)`, `collect(distinct x)`
};
struct PropertyAst {
  Name variable;
  Name property;
};
struct VariableAst {
  Name name;
};
/// A bare word: the alias of a projection.
struct AliasAst {
  Name name;
};

/// Arithmetic: one operand behind a minus sign, else two.
struct OperatorAst {
  ir::ScalarFn fn = ir::ScalarFn::kAdd;
  std::vector<ExprAst> operands;
};
struct CompareAst {
  ir::CompareOp op = ir::CompareOp::kEqual;
  std::vector<ExprAst> operands;  ///< left and right
};
struct LogicAst {
  ir::LogicOp op = ir::LogicOp::kAnd;
  std::vector<ExprAst> operands;
};
struct NullTestAst {
  std::vector<ExprAst> operand;  ///< one
  bool negated = false;
};
/// `item in list`, `item not in list`.
struct MembershipAst {
  std::vector<ExprAst> operands;
  bool negated = false;
};

struct ExprAst {
  std::variant<LiteralAst, CallAst, PropertyAst, VariableAst, AliasAst, OperatorAst, CompareAst,
               LogicAst, NullTestAst, MembershipAst>
      node;
  SourceSpan span;
  bool in_parentheses = false;
};

struct PatternAst {
  Name property;
  ExprAst value;             ///< literal, variable or now()
  bool unless_null = false;  ///< `p ?: $x`: no condition when $x is null
};
struct BindingAst {
  Name variable;
  Name type;
  std::vector<PatternAst> patterns;
};
struct HopsAst {
  uint32_t min = 0;
  uint32_t max = 0;
  SourceSpan span;
};
struct TraversalAst {
  Name left;
  std::optional<Name> edge_variable;
  Name edge;
  std::vector<Name> alternatives;        ///< further edges of `(a|b)`
  std::optional<ExprAst> hop_condition;  ///< of `edge[...]`: bare words are properties of the edge
  bool undirected = false;
  std::optional<HopsAst> hops;
  Name right;
  std::optional<Name> path;  ///< of `... $b as $path`
  SourceSpan span;
};
struct FilterAst {
  ExprAst condition;
};

struct NegationAst;
struct AnyAst;
struct OptionalAst;
using ClauseAst = std::variant<BindingAst, TraversalAst, FilterAst, std::unique_ptr<NegationAst>,
                               std::unique_ptr<AnyAst>, std::unique_ptr<OptionalAst>>;
struct NegationAst {
  std::vector<ClauseAst> clauses;
  SourceSpan span;  ///< of the word `not`
};
/// `any { {...} {...} }`: one of the blocks has a match.
struct AnyAst {
  std::vector<NegationAst> blocks;  ///< each with the span of its opening brace
  SourceSpan span;                  ///< of the word `any`
};
/// `optional { ... }`: what it binds is null where it has no match.
struct OptionalAst {
  NegationAst block;  ///< with the span of the word `optional`
};

struct ProjectionAst {
  ExprAst expr;
  std::optional<Name> alias;
};
struct OrderingAst {
  enum class Direction : uint8_t { kUnsaid, kAscending, kDescending };
  ExprAst expr;
  Direction direction = Direction::kUnsaid;
  SourceSpan span;
};
/// A number of rows: digits or a parameter.
struct RowCountAst {
  uint64_t literal = 0;
  std::optional<Name> parameter;
};
/// `limit n per { ... }`.
struct PerGroupAst {
  RowCountAst rows;
  std::vector<ExprAst> keys;
  SourceSpan span;
};
struct ReadAst {
  std::vector<ClauseAst> clauses;
  bool distinct = false;
  std::vector<ProjectionAst> projections;
  std::vector<FilterAst> having;
  std::vector<OrderingAst> order;
  std::optional<PerGroupAst> per_group;
  std::optional<RowCountAst> offset;
  std::optional<RowCountAst> limit;
};

struct AssignmentAst {
  Name property;
  ExprAst value;
  std::vector<PatternAst> key;  ///< of `from: { code: "A" }`, instead of a value
};
struct PredicateAst {
  Name property;
  ir::CompareOp op = ir::CompareOp::kEqual;
  ExprAst value;
};
struct StatementAst {
  enum class Kind : uint8_t { kInsert, kUpdate, kDelete };
  Kind kind = Kind::kInsert;
  Name type;
  std::vector<AssignmentAst> assignments;
  std::optional<PredicateAst> where;
  SourceSpan span;  ///< of the first word
};
using MutationAst = std::vector<StatementAst>;

struct ParameterTypeAst {
  Name base;
  bool list = false;
  bool nullable = false;
  uint64_t dimension = 0;
  SourceSpan span;
};
struct ParameterAst {
  Name name;
  ParameterTypeAst type;
};

struct QueryAst {
  Name name;
  std::vector<ParameterAst> parameters;
  std::optional<std::string> description;
  std::optional<std::string> instruction;
  std::variant<ReadAst, MutationAst> body;

  bool is_mutation() const { return body.index() == 1; }
};

}  // namespace tarn::gq
