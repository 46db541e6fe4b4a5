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
  enum class Kind : uint8_t { kString, kInteger, kFloat, kBool, kDate, kDateTime, kList };
  Kind kind = Kind::kString;
  std::string text;  ///< unescaped, the digits, or "true"/"false"
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
  kMax
};

struct ExprAst;

struct CallAst {
  Function function = Function::kNow;
  Name word;
  std::vector<ExprAst> arguments;
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

struct ExprAst {
  std::variant<LiteralAst, CallAst, PropertyAst, VariableAst, AliasAst> node;
  SourceSpan span;
};

struct PatternAst {
  Name property;
  ExprAst value;  ///< literal, variable or now()
};
struct BindingAst {
  Name variable;
  Name type;
  std::vector<PatternAst> patterns;
};
struct HopsAst {
  uint32_t min = 0;
  std::optional<uint32_t> max;
  SourceSpan span;
};
struct TraversalAst {
  Name left;
  std::optional<Name> edge_variable;
  Name edge;
  bool undirected = false;
  std::optional<HopsAst> hops;
  Name right;
  SourceSpan span;
};
struct FilterAst {
  ExprAst left;
  ir::CompareOp op = ir::CompareOp::kEqual;
  ExprAst right;
  SourceSpan span;
};
/// A bare `search(...)`, `fuzzy(...)` or `match_text(...)`.
struct TextClauseAst {
  ExprAst call;
};

struct NegationAst;
using ClauseAst =
    std::variant<BindingAst, TraversalAst, FilterAst, TextClauseAst, std::unique_ptr<NegationAst>>;
struct NegationAst {
  std::vector<ClauseAst> clauses;
  SourceSpan span;  ///< of the word `not`
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
struct ReadAst {
  std::vector<ClauseAst> clauses;
  std::vector<ProjectionAst> projections;
  std::vector<OrderingAst> order;
  std::optional<uint64_t> limit;
};

struct AssignmentAst {
  Name property;
  ExprAst value;
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
