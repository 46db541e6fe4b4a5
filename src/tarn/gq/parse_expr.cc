#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tarn/gq/limits.h"
#include "tarn/gq/parser.h"

namespace tarn::gq {
namespace {

struct FunctionRow {
  std::string_view word;
  Function function;
  size_t arguments_min;
  size_t arguments_max;
};
constexpr std::array<FunctionRow, 12> kFunctions = {{
    {"now", Function::kNow, 0, 0},
    {"nearest", Function::kNearest, 2, 2},
    {"search", Function::kSearch, 2, 2},
    {"fuzzy", Function::kFuzzy, 2, 3},
    {"match_text", Function::kMatchText, 2, 2},
    {"bm25", Function::kBm25, 2, 2},
    {"rrf", Function::kRrf, 2, 3},
    {"count", Function::kCount, 1, 1},
    {"sum", Function::kSum, 1, 1},
    {"avg", Function::kAvg, 1, 1},
    {"min", Function::kMin, 1, 1},
    {"max", Function::kMax, 1, 1},
}};

const FunctionRow* FindFunction(std::string_view word) {
  const auto* row =
      std::find_if(kFunctions.begin(), kFunctions.end(),
                   [word](const FunctionRow& candidate) { return candidate.word == word; });
  return row == kFunctions.end() ? nullptr : row;
}

std::vector<std::string> FunctionNames() {
  std::vector<std::string> names = {"date", "datetime"};
  for (const FunctionRow& row : kFunctions) names.emplace_back(row.word);
  return names;
}

std::string ArgumentCount(const FunctionRow& row) {
  if (row.arguments_max == 0) return "no arguments";
  if (row.arguments_min != row.arguments_max) {
    return fmt::format("{} or {} arguments", row.arguments_min, row.arguments_max);
  }
  return row.arguments_max == 1 ? "one argument" : fmt::format("{} arguments", row.arguments_max);
}

bool IsLiteralStart(const TokenCursor& cursor) {
  using schema::TokenKind;
  if (cursor.Is(TokenKind::kString) || cursor.Is(TokenKind::kInteger) ||
      cursor.Is(TokenKind::kFloat))
    return true;
  if (cursor.Is(TokenKind::kLeftBracket) || cursor.IsWord("true") || cursor.IsWord("false")) {
    return true;
  }
  return (cursor.IsWord("date") || cursor.IsWord("datetime")) &&
         cursor.Is(TokenKind::kLeftParen, 1);
}

}  // namespace

std::optional<uint64_t> Parser::TakeUnsigned(uint64_t max) {
  if (!cursor_.Is(TokenKind::kInteger)) {
    FailExpected("an integer");
    return std::nullopt;
  }
  const schema::Token& token = cursor_.Take();
  uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
  if (error != std::errc() || end != token.text.data() + token.text.size() || value > max) {
    Fail("P004", token.span, fmt::format("invalid integer: the largest value here is {}", max));
    return std::nullopt;
  }
  return value;
}

void Parser::FailExpr() {
  if (cursor_.Is(TokenKind::kMinus) || cursor_.Is(TokenKind::kPlus)) {
    Fail("P012", cursor_.Peek().span, "a number has no sign here",
         "pass a negative value as a parameter");
    return;
  }
  FailExpected("a value: `$variable`, `$variable.property`, a literal, a function or an alias",
               cursor_.Is(TokenKind::kLeftParen)
                   ? "there are no parentheses and no `or`: clauses stand next to each other, and "
                     "all must hold"
                   : "");
}

void Parser::FailDollar() {
  const schema::Token& word = cursor_.Peek();
  Fail("P001", word.span, fmt::format("expected a variable, found {}", schema::DescribeToken(word)),
       fmt::format("variables begin with a dollar sign: `${}`", word.text));
}

std::optional<ExprAst> Parser::ParseExpr(size_t depth) {
  if (TooDeep(depth)) return std::nullopt;
  if (cursor_.Is(TokenKind::kVariable)) return ParseVariableExpr();
  if (IsLiteralStart(cursor_)) {
    std::optional<LiteralAst> literal = ParseLiteral(depth);
    if (!literal) return std::nullopt;
    const SourceSpan span = literal->span;
    return ExprAst{.node = std::move(*literal), .span = span};
  }
  if (cursor_.Is(TokenKind::kIdent)) return ParseWordExpr(depth);
  FailExpr();
  return std::nullopt;
}

std::optional<ExprAst> Parser::ParseVariableExpr() {
  const schema::Token& token = cursor_.Take();
  Name variable{token.text, token.span};
  if (!cursor_.TakeIf(TokenKind::kDot)) {
    const SourceSpan span = variable.span;
    return ExprAst{.node = VariableAst{std::move(variable)}, .span = span};
  }
  std::optional<Name> property = ExpectName(TokenKind::kIdent, "the name of a property");
  if (!property) return std::nullopt;
  const SourceSpan span{variable.span.begin, property->span.end};
  return ExprAst{
      .node = PropertyAst{.variable = std::move(variable), .property = std::move(*property)},
      .span = span};
}

std::optional<ExprAst> Parser::ParseWordExpr(size_t depth) {
  if (cursor_.Is(TokenKind::kLeftParen, 1)) return ParseCall(depth);
  if (cursor_.Is(TokenKind::kDot, 1)) {
    FailDollar();
    return std::nullopt;
  }
  const schema::Token& token = cursor_.Take();
  return ExprAst{.node = AliasAst{.name = {token.text, token.span}}, .span = token.span};
}

std::optional<ExprAst> Parser::ParseCall(size_t depth) {
  const schema::Token& word = cursor_.Take();
  const FunctionRow* row = FindFunction(word.text);
  if (row == nullptr) {
    const std::string near = SuggestName(word.text, FunctionNames());
    Fail("P008", word.span, fmt::format("there is no function `{}`", word.text),
         near.empty() ? fmt::format("there are {}", fmt::join(FunctionNames(), ", ")) : near);
    cursor_.SkipGroup();
    return std::nullopt;
  }
  CallAst call{.function = row->function, .word = {word.text, word.span}, .arguments = {}};
  cursor_.Take();
  if (row->function == Function::kCount &&
      (cursor_.Is(TokenKind::kStar) || cursor_.Is(TokenKind::kRightParen))) {
    FailExpected("a value to count", "`count($p)` counts rows, `count($p.name)` those with a name");
    return std::nullopt;
  }
  while (!cursor_.Is(TokenKind::kRightParen)) {
    std::optional<ExprAst> argument = ParseExpr(depth + 1);
    if (!argument) return std::nullopt;
    call.arguments.push_back(std::move(*argument));
    if (cursor_.Is(TokenKind::kRightParen)) break;
    if (!Expect(TokenKind::kComma, "',' or ')' behind an argument")) return std::nullopt;
    if (cursor_.Is(TokenKind::kRightParen)) {
      Fail("P011", cursor_.Peek().span, "no comma may stand behind the last argument");
      return std::nullopt;
    }
  }
  cursor_.Take();
  const SourceSpan span = SpanFrom(word.span.begin);
  if (call.arguments.size() < row->arguments_min || call.arguments.size() > row->arguments_max) {
    Fail("P008", span,
         fmt::format("`{}` takes {}, not {}", row->word, ArgumentCount(*row),
                     call.arguments.size()));
    return std::nullopt;
  }
  if (call.function == Function::kNearest &&
      !std::holds_alternative<PropertyAst>(call.arguments[0].node)) {
    Fail("P001", call.arguments[0].span,
         "`nearest` ranks by a vector property `$variable.property`");
    return std::nullopt;
  }
  return ExprAst{.node = std::move(call), .span = span};
}

std::optional<LiteralAst> Parser::ParseLiteral(size_t depth) {
  using Kind = LiteralAst::Kind;
  if (cursor_.Is(TokenKind::kLeftBracket)) return ParseList(depth);
  if (cursor_.IsWord("date") || cursor_.IsWord("datetime")) {
    return ParseDate(cursor_.IsWord("date") ? Kind::kDate : Kind::kDateTime);
  }
  const schema::Token& token = cursor_.Take();
  LiteralAst literal{.kind = Kind::kString, .text = token.text, .items = {}, .span = token.span};
  if (token.kind == TokenKind::kFloat) literal.kind = Kind::kFloat;
  if (token.kind == TokenKind::kIdent) literal.kind = Kind::kBool;
  if (token.kind != TokenKind::kInteger) return literal;
  literal.kind = Kind::kInteger;
  int64_t value = 0;
  const auto [end, error] =
      std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
  if (error != std::errc()) {
    Fail("P004", token.span, fmt::format("invalid integer: the largest literal is {}", INT64_MAX),
         "pass a larger value as a U64 parameter");
    return std::nullopt;
  }
  return literal;
}

std::optional<LiteralAst> Parser::ParseDate(LiteralAst::Kind kind) {
  const size_t begin = cursor_.Take().span.begin;
  cursor_.Take();
  if (!cursor_.Is(TokenKind::kString)) {
    FailExpected("a date in quotes");
    return std::nullopt;
  }
  LiteralAst literal{.kind = kind, .text = cursor_.Take().text, .items = {}, .span = {}};
  if (!Expect(TokenKind::kRightParen, "')' behind the date")) return std::nullopt;
  literal.span = SpanFrom(begin);
  return literal;
}

std::optional<LiteralAst> Parser::ParseList(size_t depth) {
  if (TooDeep(depth)) return std::nullopt;
  const size_t begin = cursor_.Take().span.begin;
  LiteralAst list{.kind = LiteralAst::Kind::kList, .text = {}, .items = {}, .span = {}};
  while (!cursor_.Is(TokenKind::kRightBracket)) {
    if (!IsLiteralStart(cursor_)) {
      if (cursor_.Is(TokenKind::kMinus) || cursor_.Is(TokenKind::kPlus)) {
        FailExpr();
      } else {
        FailExpected("a literal (a list holds no variables)");
      }
      return std::nullopt;
    }
    std::optional<LiteralAst> item = ParseLiteral(depth + 1);
    if (!item) return std::nullopt;
    list.items.push_back(std::move(*item));
    if (cursor_.Is(TokenKind::kRightBracket)) break;
    if (!Expect(TokenKind::kComma, "',' or ']' behind a list item")) return std::nullopt;
    if (cursor_.Is(TokenKind::kRightBracket)) {
      Fail("P011", cursor_.Peek().span, "no comma may stand behind the last list item");
      return std::nullopt;
    }
  }
  cursor_.Take();
  list.span = SpanFrom(begin);
  return list;
}

std::optional<ExprAst> Parser::ParseValue() {
  const bool is_now = cursor_.IsWord("now") && cursor_.Is(TokenKind::kLeftParen, 1);
  if (is_now || IsLiteralStart(cursor_)) return ParseExpr();
  if (cursor_.Is(TokenKind::kVariable)) {
    if (cursor_.Is(TokenKind::kDot, 1)) {
      cursor_.Take();
      FailExpected("a value: a literal, a parameter or now()",
                   "compare two properties with a filter clause");
      return std::nullopt;
    }
    return ParseVariableExpr();
  }
  if (cursor_.IsWord("null")) {
    Fail("P012", cursor_.Peek().span, "there is no null literal",
         "pass a nullable parameter and give it null");
    return std::nullopt;
  }
  if (cursor_.Is(TokenKind::kMinus) || cursor_.Is(TokenKind::kPlus)) {
    FailExpr();
    return std::nullopt;
  }
  FailExpected("a value: a literal, a parameter or now()",
               cursor_.Is(TokenKind::kIdent)
                   ? fmt::format("text is written in quotes: \"{}\"", cursor_.Peek().text)
                   : "");
  return std::nullopt;
}

}  // namespace tarn::gq
