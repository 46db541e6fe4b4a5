#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "tarn/schema/parser.h"

namespace tarn::schema {
namespace {

constexpr std::array kBaseTypes = {Scalar::kString, Scalar::kBool,     Scalar::kI32, Scalar::kI64,
                                   Scalar::kU32,    Scalar::kU64,      Scalar::kF32, Scalar::kF64,
                                   Scalar::kDate,   Scalar::kDateTime, Scalar::kBlob};

constexpr uint32_t kDimensionMax = std::numeric_limits<int32_t>::max();

std::optional<Scalar> FindBaseType(std::string_view name) {
  const auto found = std::find_if(kBaseTypes.begin(), kBaseTypes.end(),
                                  [name](Scalar scalar) { return ScalarName(scalar) == name; });
  return found == kBaseTypes.end() ? std::nullopt : std::optional<Scalar>(*found);
}

struct ForeignName {
  std::string_view name;  // in lower case
  std::string_view type;
};
/// What other languages call these types; too far from ours to be found by distance.
constexpr std::array kForeignNames = {
    ForeignName{"int", "I64"},
    ForeignName{"integer", "I64"},
    ForeignName{"long", "I64"},
    ForeignName{"bigint", "I64"},
    ForeignName{"int32", "I32"},
    ForeignName{"int64", "I64"},
    ForeignName{"uint32", "U32"},
    ForeignName{"uint64", "U64"},
    ForeignName{"float", "F64"},
    ForeignName{"double", "F64"},
    ForeignName{"number", "F64"},
    ForeignName{"decimal", "F64"},
    ForeignName{"float32", "F32"},
    ForeignName{"float64", "F64"},
    ForeignName{"text", "String"},
    ForeignName{"varchar", "String"},
    ForeignName{"uuid", "String"},
    ForeignName{"json", "String"},
    ForeignName{"boolean", "Bool"},
    ForeignName{"bytes", "Blob"},
    ForeignName{"binary", "Blob"},
    ForeignName{"time", "DateTime"},
    ForeignName{"timestamp", "DateTime"},
};

std::string SuggestType(const std::string& word) {
  std::string lower = word;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  const auto foreign =
      std::find_if(kForeignNames.begin(), kForeignNames.end(),
                   [&lower](const ForeignName& candidate) { return candidate.name == lower; });
  if (foreign != kForeignNames.end()) return fmt::format("did you mean `{}`?", foreign->type);
  std::vector<std::string> names = {"Vector", "enum"};
  for (const Scalar scalar : kBaseTypes) names.emplace_back(ScalarName(scalar));
  const std::string suggestion = SuggestName(word, std::move(names));
  return suggestion.empty() ? "the types are String, Bool, I32, I64, U32, U64, F32, F64, Date, "
                              "DateTime, Blob, Vector(n), "
                              "enum(a, b), [T], and each of them with `?`"
                            : suggestion;
}

bool IsEnumPart(TokenKind kind) {
  return kind == TokenKind::kIdent || kind == TokenKind::kTypeName || kind == TokenKind::kInteger ||
         kind == TokenKind::kMinus;
}

}  // namespace

std::optional<Parser::ParsedType> Parser::ParseType() {
  std::optional<ParsedType> type = ParseCoreType();
  if (type && TakeIf(TokenKind::kQuestion)) type->type.nullable = true;
  return type;
}

std::optional<Parser::ParsedType> Parser::ParseCoreType() {
  if (Is(TokenKind::kLeftBracket)) return ParseListType();
  if (IsWord("enum") && Is(TokenKind::kLeftParen, 1)) return ParseEnumType();
  if (!Is(TokenKind::kTypeName) && !Is(TokenKind::kIdent)) {
    FailExpected("a type");
    return std::nullopt;
  }
  if (Peek().text == "Vector") return ParseVectorType();
  const std::optional<Scalar> scalar = FindBaseType(Peek().text);
  if (!scalar) return FailUnknownType();
  Take();
  return ParsedType{.type = {.scalar = *scalar}};
}

std::optional<Parser::ParsedType> Parser::FailUnknownType() {
  const Token& token = Take();
  std::string suggestion =
      node_names_.contains(token.text)
          ? fmt::format("`{}` is a node type: declare an edge that leads to it", Shown(token.text))
          : SuggestType(token.text);
  Fail(Rule::kUnknownType, token.span, fmt::format("unknown type '{}'", Shown(token.text)),
       std::move(suggestion));
  if (Is(TokenKind::kLeftParen)) {  // parameters of a type that other languages have
    Take();
    SkipOpenParens();
  }
  return ParsedType{.is_known = false};
}

std::optional<Parser::ParsedType> Parser::ParseListType() {
  Take();
  std::optional<ParsedType> item = ParseListItem();
  if (!item) return std::nullopt;
  if (Is(TokenKind::kQuestion)) {
    Fail(Rule::kListItem, Here(), "the items of a list are never null",
         "write `[T]?` for a list that may be missing");
    Take();
  }
  if (!Expect(TokenKind::kRightBracket, "']'")) return std::nullopt;
  item->type.list = true;
  return item;
}

std::optional<Parser::ParsedType> Parser::ParseListItem() {
  const SourceSpan first = Here();
  if (Is(TokenKind::kLeftBracket)) {
    Fail(Rule::kListItem, first, "a list cannot hold lists");
    return std::nullopt;
  }
  std::optional<ParsedType> item = ParseCoreType();
  if (!item || !item->is_known) return item;
  const SourceSpan span = SpanFrom(first);
  item->is_known = false;
  if (item->type.scalar == Scalar::kBlob) {
    Fail(Rule::kListOfBlob, span, "list of Blob is not supported",
         "declare a node type for the blobs and an edge to it");
  } else if (item->type.is_enum()) {
    Fail(Rule::kListItem, span, "list of enum is not supported", "write `[String]`");
  } else if (item->type.scalar == Scalar::kVector) {
    Fail(Rule::kListItem, span, "list of Vector is not supported",
         "declare a node type for the vectors and an edge to it");
  } else {
    item->is_known = true;
  }
  return item;
}

std::optional<Parser::ParsedType> Parser::ParseVectorType() {
  Take();
  if (!Expect(TokenKind::kLeftParen, "'(' and the dimension",
              "a vector type is written `Vector(3)`"))
    return std::nullopt;
  if (!Is(TokenKind::kInteger)) {
    FailExpected("the dimension, a whole number");
    return std::nullopt;
  }
  const Token& token = Take();
  ParsedType parsed{.type = {.scalar = Scalar::kVector}};
  uint32_t& dimension = parsed.type.dimension;
  const auto read =
      std::from_chars(token.text.data(), token.text.data() + token.text.size(), dimension);
  if (read.ec != std::errc() || dimension == 0 || dimension > kDimensionMax) {
    Fail(Rule::kVectorDimension, token.span,
         fmt::format("Vector dimension {} is not between 1 and {}", Shown(token.text),
                     kDimensionMax));
    parsed.is_known = false;
  }
  if (!Expect(TokenKind::kRightParen, "')'")) return std::nullopt;
  return parsed;
}

std::optional<Parser::ParsedType> Parser::ParseEnumType() {
  Take();
  Take();
  ParsedType parsed;
  std::set<std::string> values;
  do {
    std::optional<NameAst> value = ParseEnumValue();
    if (!value) return std::nullopt;
    if (values.insert(value->text).second) continue;
    Fail(Rule::kDuplicateEnumValue, value->span,
         fmt::format("enum type cannot include duplicate values: '{}' is there twice",
                     Shown(value->text)));
    parsed.is_known = false;
  } while (TakeIf(TokenKind::kComma));
  if (!Expect(TokenKind::kRightParen, "',' or ')'")) return std::nullopt;
  parsed.type.enum_values.assign(values.begin(), values.end());
  return parsed;
}

/// A value such as `24h` or `north-sea` comes in several tokens; nothing may stand between them.
std::optional<NameAst> Parser::ParseEnumValue() {
  if (!IsEnumPart(Peek().kind)) {
    Fail(Rule::kEnumValue, Here(),
         fmt::format("expected an enum value, found {}", DescribeToken(Peek())),
         Is(TokenKind::kString) ? "enum values are written without quotes"
                                : "an enum value is letters, digits, `_` and `-`");
    return std::nullopt;
  }
  const SourceSpan first = Take().span;
  while (IsEnumPart(Peek().kind) && !Peek().space_before) Take();
  const SourceSpan span = SpanFrom(first);
  return NameAst{std::string(text_.substr(span.begin, span.end - span.begin)), span};
}

}  // namespace tarn::schema
