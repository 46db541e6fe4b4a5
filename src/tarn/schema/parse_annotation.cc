#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tarn/schema/limits.h"
#include "tarn/schema/parser.h"

namespace tarn::schema {

bool Parser::ParseAnnotation(DeclarationKind owner, std::vector<AnnotationAst>& out) {
  if (AtCard()) {
    FailCardPlace(owner);
    return ParseCard().has_value();
  }
  const SourceSpan first = Take().span;
  if (!Is(TokenKind::kIdent)) {
    FailExpected("the name of an annotation",
                 "annotations are named in lower case, as in `@description(\"...\")`");
    return false;
  }
  AnnotationAst annotation;
  annotation.name.text = Take().text;
  annotation.name.span = SpanFrom(first);
  if (Is(TokenKind::kLeftParen) && !ParseAnnotationArguments(annotation)) return false;
  out.push_back(std::move(annotation));
  return true;
}

/// `( [ argument ] { "," key = value } )`, at least one of them.
bool Parser::ParseAnnotationArguments(AnnotationAst& annotation) {
  Take();
  do {
    if (Is(TokenKind::kIdent) && Is(TokenKind::kEquals, 1)) {
      if (!ParseKeyword(annotation)) return false;
      continue;
    }
    std::optional<LiteralAst> literal = ParseLiteral();
    if (!literal) return false;
    if (annotation.argument || !annotation.keywords.empty()) {
      Fail(Rule::kAnnotationArguments, literal->span,
           fmt::format("@{} takes one positional argument, and it comes first",
                       annotation.name.text),
           "further arguments are written `name = value`");
      return false;
    }
    annotation.argument = std::move(*literal);
  } while (TakeIf(TokenKind::kComma));
  return Expect(TokenKind::kRightParen, "',' or ')'");
}

bool Parser::ParseKeyword(AnnotationAst& annotation) {
  const Token& token = Take();
  KeywordAst keyword{.name = {token.text, token.span}};
  Take();
  std::optional<LiteralAst> value = ParseLiteral();
  if (!value) return false;
  keyword.value = std::move(*value);
  const bool repeated = std::any_of(
      annotation.keywords.begin(), annotation.keywords.end(),
      [&keyword](const KeywordAst& other) { return other.name.text == keyword.name.text; });
  if (annotation.keywords.size() >= kAnnotationKeywordsMax) {
    Fail(Rule::kTooLarge, keyword.name.span,
         fmt::format("an annotation takes at most {} keywords", kAnnotationKeywordsMax));
    return false;
  }
  if (repeated) {
    Fail(Rule::kAnnotationArguments, keyword.name.span,
         fmt::format("@{} is given '{}' twice", annotation.name.text, Shown(keyword.name.text)));
  } else {
    annotation.keywords.push_back(std::move(keyword));
  }
  return true;
}

/// A string, a number, `true` or `false`, or a bare word, which is a string. A
/// word that starts with a capital serves `@rename_from(Vessel)`; the reference wants quotes there.
std::optional<LiteralAst> Parser::ParseLiteral() {
  const SourceSpan first = Peek().span;
  const bool negative = TakeIf(TokenKind::kMinus);
  if (negative && !Is(TokenKind::kInteger) && !Is(TokenKind::kFloat)) {
    FailExpected("a number", "put other text in double quotes");
    return std::nullopt;
  }
  Literal value;
  switch (Peek().kind) {
    case TokenKind::kString:
    case TokenKind::kTypeName: value.kind = Literal::Kind::kString; break;
    case TokenKind::kInteger: value.kind = Literal::Kind::kInteger; break;
    case TokenKind::kFloat: value.kind = Literal::Kind::kFloat; break;
    case TokenKind::kIdent: {
      const bool is_bool = IsWord("true") || IsWord("false");
      value.kind = is_bool ? Literal::Kind::kBool : Literal::Kind::kString;
      break;
    }
    default:
      FailExpected("a string, a number, true, false or a name", "put other text in double quotes");
      return std::nullopt;
  }
  const Token& token = Take();
  value.text = (negative ? "-" : "") + token.text;
  return LiteralAst{std::move(value), SpanFrom(first)};
}

/// `@unique(a, b)`
bool Parser::ParseConstraint(DeclarationAst& declaration) {
  ConstraintAst constraint{.kind = AtConstraint().value()};
  const SourceSpan first = Take().span;
  Take();
  Take();
  do {
    std::optional<ArgumentAst> argument = ParseArgument();
    if (!argument) return false;
    constraint.arguments.push_back(std::move(*argument));
  } while (TakeIf(TokenKind::kComma));
  if (!Expect(TokenKind::kRightParen, "',' or ')'")) return false;
  constraint.span = SpanFrom(first);
  declaration.constraints.push_back(std::move(constraint));
  return true;
}

std::optional<ArgumentAst> Parser::ParseArgument() {
  if (Is(TokenKind::kIdent) && Is(TokenKind::kEquals, 1)) {
    Fail(Rule::kConstraintArguments, Here(),
         fmt::format("a constraint in a body takes no keyword '{}'", Shown(Peek().text)),
         "keywords belong to the `@index(...)` that stands directly behind a property");
    return std::nullopt;
  }
  if (Is(TokenKind::kIdent)) {
    const Token& token = Take();
    return NameAst{token.text, token.span};
  }
  if (Is(TokenKind::kString)) {
    const Token& token = Take();
    return LiteralAst{.value = {.kind = Literal::Kind::kString, .text = token.text},
                      .span = token.span};
  }
  if (AtBound() || Is(TokenKind::kDotDot)) return ParseRangeOrNumber();
  FailExpected(
      "the name of a property",
      Is(TokenKind::kTypeName) ? "property names start with a lower-case letter or `_`" : "");
  return std::nullopt;
}

bool Parser::AtBound() const {
  return Is(TokenKind::kMinus) || Is(TokenKind::kInteger) || Is(TokenKind::kFloat);
}

/// `1..5`, `1..`, `..5`; or a number alone, which no constraint takes.
std::optional<ArgumentAst> Parser::ParseRangeOrNumber() {
  const SourceSpan first = Here();
  RangeAst range;
  if (AtBound()) {
    range.low = ParseBound();
    if (!range.low) return std::nullopt;
    if (!Is(TokenKind::kDotDot)) return LiteralAst{std::move(*range.low), SpanFrom(first)};
  }
  Take();
  if (AtBound() || !range.low) {
    range.high = ParseBound();
    if (!range.high) return std::nullopt;
  }
  range.span = SpanFrom(first);
  return range;
}

std::optional<Literal> Parser::ParseBound() {
  const bool negative = TakeIf(TokenKind::kMinus);
  if (!Is(TokenKind::kInteger) && !Is(TokenKind::kFloat)) {
    FailExpected("a number", "a range is written `0..9`, `0..` or `..9`");
    return std::nullopt;
  }
  const Token& token = Take();
  return Literal{
      .kind = token.kind == TokenKind::kFloat ? Literal::Kind::kFloat : Literal::Kind::kInteger,
      .text = (negative ? "-" : "") + token.text};
}

}  // namespace tarn::schema
