#include <array>

#include <fmt/format.h>

#include "tarn/gq/limits.h"
#include "tarn/gq/missing_operator.h"
#include "tarn/gq/parser.h"

namespace tarn::gq {
namespace {

using schema::TokenKind;

struct Symbol {
  TokenKind kind;
  ir::CompareOp op;
};
constexpr std::array<Symbol, 6> kSymbols = {{
    {TokenKind::kEquals, ir::CompareOp::kEqual},
    {TokenKind::kNotEquals, ir::CompareOp::kNotEqual},
    {TokenKind::kLess, ir::CompareOp::kLess},
    {TokenKind::kLessEquals, ir::CompareOp::kLessEqual},
    {TokenKind::kGreater, ir::CompareOp::kGreater},
    {TokenKind::kGreaterEquals, ir::CompareOp::kGreaterEqual},
}};

/// The spans of both ends joined.
SourceSpan Around(const ExprAst& first, const ExprAst& last) {
  return {first.span.begin, last.span.end};
}

ExprAst Joined(ir::LogicOp op, std::vector<ExprAst> operands) {
  const SourceSpan span = Around(operands.front(), operands.back());
  return {.node = LogicAst{.op = op, .operands = std::move(operands)}, .span = span};
}

}  // namespace

/// condition = conjunction { "or" conjunction } ;
std::optional<ExprAst> Parser::ParseCondition(size_t depth) {
  std::optional<ExprAst> first = ParseConjunction(depth);
  if (!first || !cursor_.IsWord("or")) return first;
  std::vector<ExprAst> operands;
  operands.push_back(std::move(*first));
  while (cursor_.IsWord("or")) {
    cursor_.Take();
    std::optional<ExprAst> next = CountClause() ? ParseConjunction(depth) : std::nullopt;
    if (!next) return std::nullopt;
    operands.push_back(std::move(*next));
  }
  return Joined(ir::LogicOp::kOr, std::move(operands));
}

/// conjunction = test { "and" test } ;
std::optional<ExprAst> Parser::ParseConjunction(size_t depth) {
  std::optional<ExprAst> first = ParseTest(depth);
  if (!first || !cursor_.IsWord("and")) return first;
  std::vector<ExprAst> operands;
  operands.push_back(std::move(*first));
  while (cursor_.IsWord("and")) {
    cursor_.Take();
    std::optional<ExprAst> next = CountClause() ? ParseTest(depth) : std::nullopt;
    if (!next) return std::nullopt;
    operands.push_back(std::move(*next));
  }
  return Joined(ir::LogicOp::kAnd, std::move(operands));
}

/// test = "not" "(" condition ")" | expr [ op expr | "is" [ "not" ] "null" | [ "not" ] "in" expr ]
/// ;
std::optional<ExprAst> Parser::ParseTest(size_t depth) {
  if (cursor_.IsWord("not") && cursor_.Is(TokenKind::kLeftParen, 1)) return ParseNot(depth);
  std::optional<ExprAst> left = ParseExpr(depth);
  if (!left) return std::nullopt;
  if (cursor_.IsWord("is")) return ParseNullTest(std::move(*left));
  if (cursor_.IsWord("in") || (cursor_.IsWord("not") && cursor_.IsWord("in", 1))) {
    return ParseMembership(std::move(*left), depth);
  }
  const std::optional<ir::CompareOp> op = TakeOperator();
  return op ? ParseComparison(std::move(*left), *op, depth) : left;
}

std::optional<ExprAst> Parser::ParseNot(size_t depth) {
  const size_t begin = cursor_.Take().span.begin;
  std::optional<ExprAst> condition = ParseParentheses(depth);
  if (!condition) return std::nullopt;
  LogicAst logic{.op = ir::LogicOp::kNot, .operands = {}};
  logic.operands.push_back(std::move(*condition));
  return ExprAst{.node = std::move(logic), .span = SpanFrom(begin)};
}

std::optional<ExprAst> Parser::ParseNullTest(ExprAst left) {
  cursor_.Take();
  NullTestAst test;
  if (cursor_.IsWord("not")) {
    cursor_.Take();
    test.negated = true;
  }
  if (!cursor_.IsWord("null")) {
    FailExpected(test.negated ? "'null' behind `is not`" : "'null' or 'not null' behind `is`",
                 "values are compared with `=` and `!=`");
    return std::nullopt;
  }
  cursor_.Take();
  const SourceSpan span = SpanFrom(left.span.begin);
  test.operand.push_back(std::move(left));
  return ExprAst{.node = std::move(test), .span = span};
}

std::optional<ExprAst> Parser::ParseMembership(ExprAst left, size_t depth) {
  MembershipAst membership;
  membership.negated = cursor_.IsWord("not");
  if (membership.negated) cursor_.Take();
  cursor_.Take();
  if (cursor_.Is(TokenKind::kLeftParen)) {
    FailExpected("a list", "a list is written in brackets: `in [1, 2]`");
    return std::nullopt;
  }
  std::optional<ExprAst> list = ParseExpr(depth);
  if (!list) return std::nullopt;
  const SourceSpan span = Around(left, *list);
  membership.operands.push_back(std::move(left));
  membership.operands.push_back(std::move(*list));
  return ExprAst{.node = std::move(membership), .span = span};
}

std::optional<ExprAst> Parser::ParseComparison(ExprAst left, ir::CompareOp op, size_t depth) {
  if (cursor_.Is(TokenKind::kEquals) || cursor_.Is(TokenKind::kGreater)) {
    FailExpected("a value behind the comparison", cursor_.Is(TokenKind::kEquals)
                                                      ? "equality is written with one `=`"
                                                      : "inequality is written `!=`");
    return std::nullopt;
  }
  std::optional<ExprAst> right = ParseExpr(depth);
  if (!right) return std::nullopt;
  const SourceSpan span = Around(left, *right);
  CompareAst compare{.op = op, .operands = {}};
  compare.operands.push_back(std::move(left));
  compare.operands.push_back(std::move(*right));
  return ExprAst{.node = std::move(compare), .span = span};
}

std::optional<ir::CompareOp> Parser::TakeOperator() {
  for (const Symbol& symbol : kSymbols) {
    if (cursor_.TakeIf(symbol.kind)) return symbol.op;
  }
  for (const ir::CompareOp op : {ir::CompareOp::kContains, ir::CompareOp::kStartsWith}) {
    const std::string_view word = ir::CompareOpText(op);
    if (!cursor_.IsWordBeforeNumber(word)) continue;
    cursor_.TakeWordBeforeNumber(word);
    return op;
  }
  return std::nullopt;
}

void Parser::FailOperator(const ExprAst& left) {
  // A missing word may stand at the operator's place, or have been read as an alias before it.
  const AliasAst* alias = std::get_if<AliasAst>(&left.node);
  for (const MissingOperator& missing : kMissingOperators) {
    if (cursor_.IsWord(missing.word) || (alias != nullptr && alias->name.text == missing.word)) {
      Fail("P001",
           alias != nullptr && alias->name.text == missing.word ? left.span : cursor_.Peek().span,
           fmt::format("there is no operator `{}`", missing.word), std::string(missing.instead));
      return;
    }
  }
  FailExpected("a comparison: one of = != < <= > >= contains starts_with in is",
               SuggestName(cursor_.Peek().text, {"contains", "starts_with"}));
}

}  // namespace tarn::gq
