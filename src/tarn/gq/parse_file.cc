#include <unordered_set>

#include <fmt/format.h>

#include "tarn/gq/limits.h"
#include "tarn/gq/parser.h"

namespace tarn::gq {
namespace {

constexpr std::string_view kTypeHint =
    "a parameter is String, Blob, Bool, I32, I64, U32, U64, F32, F64, Date, DateTime, [T] or "
    "Vector(n), each with an "
    "optional `?`";
constexpr std::string_view kQueryHint =
    "a query is written `query name($x: String) { match { $p: Type } return { $p.property } }`";

}  // namespace

bool Parser::AtQueryStart() const {
  return cursor_.IsWord("query") && cursor_.Is(TokenKind::kIdent, 1) &&
         cursor_.Is(TokenKind::kLeftParen, 2);
}

void Parser::SkipToNextQuery() {
  while (!cursor_.AtEnd() && !AtQueryStart()) cursor_.Take();
}

std::optional<QueryAst> Parser::ParseQuery() {
  clauses_ = 0;
  negation_depth_ = 0;
  if (!cursor_.IsWord("query")) {
    const std::string& text = cursor_.Peek().text;
    const bool glued =
        cursor_.Is(TokenKind::kIdent) && text.starts_with("query") && text.size() > 5;
    FailExpected("'query'",
                 glued ? fmt::format("put a space behind `query`: `query {}`", text.substr(5))
                       : std::string(kQueryHint));
    cursor_.Take();
    return std::nullopt;
  }
  cursor_.Take();
  std::optional<Name> name =
      ExpectName(TokenKind::kIdent, "the name of the query (it starts lower-case)");
  if (!name) return std::nullopt;
  QueryAst query{
      .name = std::move(*name), .parameters = {}, .description = {}, .instruction = {}, .body = {}};
  if (!cursor_.TakeIf(TokenKind::kLeftParen)) {
    FailExpected("'(' behind the name of the query",
                 fmt::format("write `query {}() {{ ... }}`: the parentheses hold the parameters",
                             query.name.text));
    return std::nullopt;
  }
  if (!ParseParameters(query)) return std::nullopt;
  while (cursor_.Is(TokenKind::kAt)) {
    if (!ParseAnnotation(query)) return std::nullopt;
  }
  if (!Expect(TokenKind::kLeftBrace, "'{' before the body of the query")) return std::nullopt;
  if (!ParseBody(query)) return std::nullopt;
  return query;
}

bool Parser::ParseParameters(QueryAst& query) {
  if (cursor_.TakeIf(TokenKind::kRightParen)) return true;
  std::unordered_set<std::string> names;
  while (true) {
    if (!ParseParameter(query)) return false;
    const Name& name = query.parameters.back().name;
    if (!names.insert(name.text).second) {
      Fail("P013", name.span, fmt::format("parameter `${}` is declared twice", name.text));
    }
    if (query.parameters.size() > kParametersMax) {
      Fail("P010", name.span,
           fmt::format("a query declares at most {} parameters", kParametersMax));
      Abort();
      return false;
    }
    if (cursor_.TakeIf(TokenKind::kRightParen)) return true;
    if (!Expect(TokenKind::kComma, "',' or ')' behind a parameter")) return false;
    if (cursor_.Is(TokenKind::kRightParen)) {
      Fail("P011", cursor_.Peek().span, "no comma may stand behind the last parameter");
      return false;
    }
  }
}

bool Parser::ParseParameter(QueryAst& query) {
  std::optional<Name> name =
      ExpectName(TokenKind::kVariable, "a parameter such as `$code: String`");
  if (!name) return false;
  if (!Expect(TokenKind::kColon, "':' and the type of the parameter")) return false;
  std::optional<ParameterTypeAst> type = ParseParameterType();
  if (!type) return false;
  query.parameters.push_back({.name = std::move(*name), .type = std::move(*type)});
  return true;
}

std::optional<ParameterTypeAst> Parser::ParseParameterType() {
  ParameterTypeAst type;
  const size_t begin = cursor_.Peek().span.begin;
  type.list = cursor_.TakeIf(TokenKind::kLeftBracket);
  if (!ParseParameterBase(type)) return std::nullopt;
  if (type.list && !Expect(TokenKind::kRightBracket, "']' behind the type of the items")) {
    return std::nullopt;
  }
  type.nullable = cursor_.TakeIf(TokenKind::kQuestion);
  type.span = SpanFrom(begin);
  return type;
}

bool Parser::ParseParameterBase(ParameterTypeAst& type) {
  if (cursor_.IsWord("enum")) {
    Fail("P014", cursor_.Peek().span, "there is no enum parameter", "declare it as String");
    return false;
  }
  if (!cursor_.Is(TokenKind::kTypeName) && !cursor_.Is(TokenKind::kIdent)) {
    FailExpected("a parameter type", std::string(kTypeHint));
    return false;
  }
  const schema::Token& token = cursor_.Take();
  type.base = {token.text, token.span};
  if (token.text != "Vector") return true;
  if (type.list) {
    Fail("P014", token.span, "there is no list of vectors");
    return false;
  }
  if (!Expect(TokenKind::kLeftParen, "'(' and the dimension of the vector")) return false;
  const std::optional<uint64_t> dimension = TakeUnsigned(INT32_MAX);
  if (!dimension) return false;
  type.dimension = *dimension;
  return Expect(TokenKind::kRightParen, "')' behind the dimension");
}

bool Parser::ParseAnnotation(QueryAst& query) {
  const size_t begin = cursor_.Take().span.begin;
  std::optional<Name> name = ExpectName(TokenKind::kIdent, "`description` or `instruction`");
  if (!name) return false;
  const SourceSpan span{begin, name->span.end};
  if (name->text != "description" && name->text != "instruction") {
    Fail("P007", span, fmt::format("a query takes no annotation `@{}`", name->text),
         SuggestName(name->text, {"description", "instruction"}));
    return false;
  }
  if (!Expect(TokenKind::kLeftParen, "'(' and a string")) return false;
  if (!cursor_.Is(TokenKind::kString)) {
    FailExpected("a string in quotes");
    return false;
  }
  std::string value = cursor_.Take().text;
  std::optional<std::string>& slot =
      name->text == "description" ? query.description : query.instruction;
  if (slot) {
    Fail("P007", span, fmt::format("`@{}` is written twice", name->text));
    return false;
  }
  slot = std::move(value);
  return Expect(TokenKind::kRightParen, "')' behind the string");
}

bool Parser::ParseBody(QueryAst& query) {
  if (AtStatement()) {
    query.body = MutationAst{};
    return ParseMutation(std::get<MutationAst>(query.body));
  }
  if (cursor_.IsWord("match")) {
    query.body = ReadAst{};
    return ParseRead(std::get<ReadAst>(query.body));
  }
  if (cursor_.IsWord("return")) {
    Fail("P002", cursor_.Peek().span, "a read starts with `match { ... }`",
         "put `match { $x: Type }` before `return`");
    return false;
  }
  if (cursor_.Is(TokenKind::kRightBrace)) {
    Fail("P003", cursor_.Peek().span, fmt::format("query `{}` is empty", query.name.text),
         "write `match { ... } return { ... }` or a mutation");
    return false;
  }
  FailExpected("'match', 'insert', 'update' or 'delete'",
               SuggestName(cursor_.Peek().text, {"match", "insert", "update", "delete"}));
  return false;
}

}  // namespace tarn::gq
