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
  ir::ScalarFn scalar = ir::ScalarFn::kAdd;
};
constexpr size_t kAnyNumber = 64;
constexpr std::array<FunctionRow, 42> kFunctions = {{
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
    {"isum", Function::kIsum, 1, 1},
    {"collect", Function::kCollect, 1, 1},
    {"mod", Function::kScalar, 2, 2, ir::ScalarFn::kRemainder},
    {"abs", Function::kScalar, 1, 1, ir::ScalarFn::kAbs},
    {"coalesce", Function::kScalar, 2, kAnyNumber, ir::ScalarFn::kCoalesce},
    {"lower", Function::kScalar, 1, 1, ir::ScalarFn::kLower},
    {"upper", Function::kScalar, 1, 1, ir::ScalarFn::kUpper},
    {"trim", Function::kScalar, 1, 1, ir::ScalarFn::kTrim},
    {"length", Function::kScalar, 1, 1, ir::ScalarFn::kLength},
    {"substring", Function::kScalar, 2, 3, ir::ScalarFn::kSubstring},
    {"replace", Function::kScalar, 3, 3, ir::ScalarFn::kReplace},
    {"concat", Function::kScalar, 2, kAnyNumber, ir::ScalarFn::kConcat},
    {"starts_with", Function::kScalar, 2, 2, ir::ScalarFn::kStartsWith},
    {"ends_with", Function::kScalar, 2, 2, ir::ScalarFn::kEndsWith},
    {"first", Function::kScalar, 1, 1, ir::ScalarFn::kFirst},
    {"last", Function::kScalar, 1, 1, ir::ScalarFn::kLast},
    {"item", Function::kScalar, 2, 2, ir::ScalarFn::kItem},
    {"join", Function::kScalar, 2, 2, ir::ScalarFn::kJoin},
    {"year", Function::kScalar, 1, 1, ir::ScalarFn::kYear},
    {"month", Function::kScalar, 1, 1, ir::ScalarFn::kMonth},
    {"day", Function::kScalar, 1, 1, ir::ScalarFn::kDay},
    {"hour", Function::kScalar, 1, 1, ir::ScalarFn::kHour},
    {"minute", Function::kScalar, 1, 1, ir::ScalarFn::kMinute},
    {"second", Function::kScalar, 1, 1, ir::ScalarFn::kSecond},
    {"weekday", Function::kScalar, 1, 1, ir::ScalarFn::kWeekday},
    {"date_add", Function::kScalar, 3, 3, ir::ScalarFn::kDateAdd},
    {"date_diff", Function::kScalar, 3, 3, ir::ScalarFn::kDateDiff},
    {"date_trunc", Function::kScalar, 2, 2, ir::ScalarFn::kDateTrunc},
    {"to_date", Function::kScalar, 1, 1, ir::ScalarFn::kToDate},
    {"to_datetime", Function::kScalar, 1, 1, ir::ScalarFn::kToDateTime},
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
  if (row.arguments_max == kAnyNumber) {
    return fmt::format("{} to {} arguments", row.arguments_min, row.arguments_max);
  }
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
  if (cursor.Is(TokenKind::kMinus)) {
    return cursor.Is(TokenKind::kInteger, 1) || cursor.Is(TokenKind::kFloat, 1);
  }
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
  if (cursor_.Is(TokenKind::kPlus)) {
    Fail("P012", cursor_.Peek().span, "a number has no plus sign here", "leave it out");
    return;
  }
  FailExpected("a value: `$variable`, `$variable.property`, a literal, a function or an alias");
}

void Parser::FailDollar() {
  const schema::Token& word = cursor_.Peek();
  Fail("P001", word.span, fmt::format("expected a variable, found {}", schema::DescribeToken(word)),
       fmt::format("variables begin with a dollar sign: `${}`", word.text));
}

std::optional<ExprAst> Parser::ParsePrimary(size_t depth) {
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
  std::optional<Name> property;
  if (cursor_.Is(TokenKind::kStar)) {
    property = Name{"*", cursor_.Take().span};
  } else {
    property = ExpectName(TokenKind::kIdent, "the name of a property");
  }
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
  CallAst call{.function = row->function,
               .scalar = row->scalar,
               .word = {word.text, word.span},
               .arguments = {}};
  cursor_.Take();
  if (!ParseArguments(call, depth)) return std::nullopt;
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

/// Up to and with the closing parenthesis.
bool Parser::ParseArguments(CallAst& call, size_t depth) {
  if (call.function == Function::kCount &&
      (cursor_.Is(TokenKind::kStar) || cursor_.Is(TokenKind::kRightParen))) {
    FailExpected("a value to count", "`count($p)` counts rows, `count($p.name)` those with a name");
    return false;
  }
  // `count(distinct)` alone would be the alias of that name.
  const bool has_set = call.function == Function::kCount || call.function == Function::kCollect;
  if (has_set && cursor_.IsWord("distinct") && !cursor_.Is(TokenKind::kRightParen, 1)) {
    cursor_.Take();
    call.distinct = true;
  }
  while (!cursor_.Is(TokenKind::kRightParen)) {
    std::optional<ExprAst> argument = ParseExpr(depth + 1);
    if (!argument) return false;
    call.arguments.push_back(std::move(*argument));
    if (cursor_.Is(TokenKind::kRightParen)) break;
    if (!Expect(TokenKind::kComma, "',' or ')' behind an argument")) return false;
    if (cursor_.Is(TokenKind::kRightParen)) {
      Fail("P011", cursor_.Peek().span, "no comma may stand behind the last argument");
      return false;
    }
  }
  cursor_.Take();
  return true;
}

std::optional<LiteralAst> Parser::ParseLiteral(size_t depth) {
  using Kind = LiteralAst::Kind;
  if (cursor_.Is(TokenKind::kLeftBracket)) return ParseList(depth);
  if (cursor_.IsWord("date") || cursor_.IsWord("datetime")) {
    return ParseDate(cursor_.IsWord("date") ? Kind::kDate : Kind::kDateTime);
  }
  const size_t begin = cursor_.Peek().span.begin;
  const std::string sign = cursor_.TakeIf(TokenKind::kMinus) ? "-" : "";
  const schema::Token& token = cursor_.Take();
  LiteralAst literal{.kind = Kind::kString,
                     .text = sign + token.text,
                     .items = {},
                     .span = {begin, token.span.end}};
  if (token.kind == TokenKind::kFloat) literal.kind = Kind::kFloat;
  if (token.kind == TokenKind::kIdent) literal.kind = Kind::kBool;
  if (token.kind != TokenKind::kInteger) return literal;
  literal.kind = Kind::kInteger;
  int64_t value = 0;
  const auto [end, error] =
      std::from_chars(literal.text.data(), literal.text.data() + literal.text.size(), value);
  if (error != std::errc()) {
    Fail("P004", literal.span,
         fmt::format("invalid integer: literals go from {} to {}", INT64_MIN, INT64_MAX),
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
      if (cursor_.Is(TokenKind::kPlus)) {
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
  if (is_now || IsLiteralStart(cursor_)) return ParsePrimary(0);
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
    const SourceSpan span = cursor_.Take().span;
    return ExprAst{
        .node =
            LiteralAst{.kind = LiteralAst::Kind::kNull, .text = "null", .items = {}, .span = span},
        .span = span};
  }
  if (cursor_.Is(TokenKind::kPlus)) {
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
