#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "tarn/schema/parser.h"

namespace tarn::schema {
namespace {

DeclarationKind KindOf(std::string_view word) {
  if (word == "interface") return DeclarationKind::kInterface;
  return word == "node" ? DeclarationKind::kNode : DeclarationKind::kEdge;
}

}  // namespace

void Parser::ParseDeclaration() {
  DeclarationAst declaration{.kind = KindOf(Take().text)};
  open_parens_ = 0;
  const std::optional<NameAst> name = ExpectTypeName(fmt::format(
      "the name of the {}, which starts with a capital", DeclarationWord(declaration.kind)));
  if (!name) {
    file_.is_whole = false;
    if (!AtDeclaration()) SkipToDeclaration();
    return;
  }
  declaration.name = *name;
  ParseHeader(declaration);
  file_.declarations.push_back(std::move(declaration));
}

/// What stands behind the name, then the body.
void Parser::ParseHeader(DeclarationAst& declaration) {
  const bool is_edge = declaration.kind == DeclarationKind::kEdge;
  if (is_edge && !ParseEdgeEnds(declaration)) {
    declaration.is_whole = false;
    if (!AtDeclaration()) SkipToDeclaration();
    return;
  }
  ParseTypeAnnotations(declaration);
  if (!ParseImplements(declaration)) declaration.is_whole = false;
  if (Is(TokenKind::kLeftBrace)) {
    ParseBody(declaration);
    return;
  }
  if (is_edge) return;
  declaration.is_whole = false;
  FailExpected("'{' and the properties", fmt::format("an empty body is written `{{}}`"));
  if (!AtDeclaration()) SkipToDeclaration();
}

/// `: From -> To [ @card(...) ]`
bool Parser::ParseEdgeEnds(DeclarationAst& edge) {
  if (!Expect(TokenKind::kColon, "':'", "an edge is declared as `edge Name: From -> To`")) {
    return false;
  }
  std::optional<NameAst> from = ExpectTypeName("the node type where the edge begins");
  if (!from ||
      !Expect(TokenKind::kArrow, "'->'", "an edge is declared as `edge Name: From -> To`")) {
    return false;
  }
  std::optional<NameAst> to = ExpectTypeName("the node type where the edge ends");
  if (!to) return false;
  edge.from = std::move(*from);
  edge.to = std::move(*to);
  if (AtCard()) {
    edge.card = ParseCard();
    if (!edge.card) {
      edge.is_whole = false;
      SkipToHeaderPart();
    }
  }
  return true;
}

void Parser::ParseTypeAnnotations(DeclarationAst& declaration) {
  const bool is_interface = declaration.kind == DeclarationKind::kInterface;
  while (Is(TokenKind::kAt)) {
    const bool is_constraint = AtConstraint().has_value();
    if (is_interface) {
      Fail(Rule::kInterfaceParts, Here(), "an interface takes no annotations",
           "annotate its properties, or the node types that implement it");
    } else if (is_constraint) {
      Fail(Rule::kAnnotationPlace, Here(),
           fmt::format("the constraint @{} belongs into the body of '{}'", Peek(1).text,
                       Shown(declaration.name.text)));
    }
    std::vector<AnnotationAst> ignored;
    const bool parsed =
        is_constraint
            ? ParseConstraint(declaration)
            : ParseAnnotation(declaration.kind, is_interface ? ignored : declaration.annotations);
    if (parsed) continue;
    declaration.is_whole = false;
    SkipToHeaderPart();
  }
}

bool Parser::ParseImplements(DeclarationAst& declaration) {
  if (!IsWord("implements")) return true;
  if (declaration.kind != DeclarationKind::kNode) {
    Fail(Rule::kInterfaceParts, Here(),
         fmt::format("only a node implements interfaces, not an {}",
                     DeclarationWord(declaration.kind)));
  }
  Take();
  do {
    std::optional<NameAst> name = ExpectTypeName("the name of an interface");
    if (!name) {
      while (!AtEnd() && !Is(TokenKind::kLeftBrace) && !AtDeclaration()) Take();
      return false;
    }
    if (declaration.kind == DeclarationKind::kNode) {
      declaration.interfaces.push_back(std::move(*name));
    }
  } while (TakeIf(TokenKind::kComma));
  if (Is(TokenKind::kAt)) {
    Fail(Rule::kAnnotationPlace, Here(), "annotations of a node stand before `implements`");
    ParseTypeAnnotations(declaration);
  }
  return true;
}

void Parser::ParseBody(DeclarationAst& declaration) {
  const SourceSpan brace = Take().span;
  while (!Is(TokenKind::kRightBrace)) {
    if (findings_.full()) return;
    if (AtEnd() || AtDeclaration()) {
      Fail(Rule::kExpected, brace,
           fmt::format("the body of '{}' is not closed: expected '}}', found {}",
                       Shown(declaration.name.text), DescribeToken(Peek())));
      declaration.is_whole = false;
      return;
    }
    if (ParseMember(declaration)) continue;
    declaration.is_whole = false;
    SkipToMember();
  }
  Take();
}

bool Parser::ParseMember(DeclarationAst& declaration) {
  if (Is(TokenKind::kComma)) {
    Fail(Rule::kPropertyComma, Take().span,
         "properties are separated by white space, not by commas", "leave the comma out");
    return true;
  }
  if (AtConstraint()) {
    if (declaration.kind == DeclarationKind::kInterface) {
      Fail(Rule::kInterfaceParts, Here(),
           fmt::format("an interface takes no constraint @{}(...)", Peek(1).text),
           "write `@key`, `@unique` or `@index` behind one of its properties, or constrain the "
           "node types");
    }
    return ParseConstraint(declaration);
  }
  if (Is(TokenKind::kAt)) {
    if (!AtCard()) {
      Fail(Rule::kAnnotationPlace, Here(),
           "an annotation stands behind a type name or a property, and before constraints");
    }
    std::vector<AnnotationAst> ignored;
    return ParseAnnotation(declaration.kind, ignored);
  }
  if (Is(TokenKind::kIdent) || Is(TokenKind::kTypeName)) return ParseProperty(declaration);
  FailExpected("a property, a constraint or '}'");
  Take();
  return false;
}

bool Parser::ParseProperty(DeclarationAst& declaration) {
  PropertyAst property;
  const std::optional<NameAst> name = ParsePropertyName();
  if (!name || !Expect(TokenKind::kColon, fmt::format("':' behind '{}'", Shown(name->text)),
                       "a property is declared as `name: Type`")) {
    return false;
  }
  property.name = *name;
  const SourceSpan first = Here();
  const std::optional<ParsedType> type = ParseType();
  bool is_whole = type.has_value();
  if (is_whole && type->is_known) property.type = type->type;
  property.type_span = SpanFrom(first);
  while (is_whole && Is(TokenKind::kAt)) {
    // `@index(kind = ...)` belongs to the property; any other constraint with parentheses to the
    // body.
    const bool has_options =
        IsWord("index", 1) && Is(TokenKind::kIdent, 3) && Is(TokenKind::kEquals, 4);
    if (AtConstraint() && !has_options) break;
    is_whole = ParseAnnotation(declaration.kind, property.annotations);
  }
  if (is_whole && Is(TokenKind::kEquals)) {
    FailExpected("a property, a constraint or '}'", "the language has no default values");
    is_whole = false;
  }
  declaration.properties.push_back(std::move(property));
  return is_whole;
}

std::optional<NameAst> Parser::ParsePropertyName() {
  const Token& token = Take();
  NameAst name{token.text, token.span};
  if (token.kind == TokenKind::kIdent) return name;
  name.text[0] = static_cast<char>(name.text[0] - 'A' + 'a');
  Fail(Rule::kExpected, token.span,
       fmt::format("expected the name of a property, found {}", DescribeToken(token)),
       fmt::format("property names start with a lower-case letter or `_`: `{}`", Shown(name.text)));
  if (!Is(TokenKind::kColon)) return std::nullopt;
  return name;
}

/// `@card(min..[max])`
std::optional<CardAst> Parser::ParseCard() {
  CardAst card;
  const SourceSpan first = Take().span;
  Take();
  Take();
  const std::optional<uint32_t> min = ParseCount();
  if (!min || !Expect(TokenKind::kDotDot, "'..'",
                      "a cardinality is written `@card(0..1)` or `@card(1..)`")) {
    return std::nullopt;
  }
  card.value.min = *min;
  if (!Is(TokenKind::kRightParen)) {
    card.value.max = ParseCount();
    if (!card.value.max) return std::nullopt;
  }
  if (!Expect(TokenKind::kRightParen, "')'")) return std::nullopt;
  card.span = SpanFrom(first);
  return card;
}

std::optional<uint32_t> Parser::ParseCount() {
  if (!Is(TokenKind::kInteger)) {
    FailExpected("a whole number", "a cardinality is written `@card(0..1)` or `@card(1..)`");
    return std::nullopt;
  }
  const Token& token = Take();
  uint32_t count = 0;
  const auto read =
      std::from_chars(token.text.data(), token.text.data() + token.text.size(), count);
  if (read.ec == std::errc()) return count;
  Fail(Rule::kCardNumber, token.span,
       fmt::format("cardinality {} is beyond 4294967295", Shown(token.text)),
       "leave the greatest count out for `any number`");
  return std::nullopt;
}

void Parser::FailCardPlace(DeclarationKind kind) {
  const bool on_edge = kind == DeclarationKind::kEdge;
  Fail(Rule::kCardPlace, {Here().begin, Peek(1).span.end},
       on_edge
           ? "@card stands directly behind the target type of the edge, before other annotations"
           : fmt::format("@card is for edges, not for {} types", DeclarationWord(kind)),
       on_edge ? "write `edge Name: From -> To @card(0..1) ...`" : "");
}

}  // namespace tarn::schema
