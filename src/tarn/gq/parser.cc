#include "tarn/gq/parser.h"

#include <utility>

#include <fmt/format.h>

#include "tarn/gq/limits.h"

namespace tarn::gq {

ParsedFile Parse(std::string_view text) {
  schema::LexResult lexed = schema::Lex(text, schema::Dialect::kQuery);
  // A text whose words are in doubt yields follow-up errors only, so the lexer's stand alone.
  if (!lexed.errors.empty()) return {.queries = {}, .errors = std::move(lexed.errors)};
  return Parser(text, std::move(lexed.tokens)).Run();
}

ParsedFile Parser::Run() {
  ParsedFile file;
  while (!cursor_.AtEnd()) {
    std::optional<QueryAst> query = ParseQuery();
    if (query) {
      file.queries.push_back(std::move(*query));
    } else {
      SkipToNextQuery();
    }
  }
  file.errors = diagnostics_.Take();
  return file;
}

void Parser::Fail(std::string code, SourceSpan span, std::string message, std::string suggestion) {
  if (aborted_) return;
  diagnostics_.Error(std::move(code), span, std::move(message), std::move(suggestion));
  if (diagnostics_.full()) Abort();
}

void Parser::Abort() {
  aborted_ = true;
  cursor_.JumpToEnd();
}

void Parser::FailExpected(std::string_view expected, std::string suggestion) {
  Fail("P001", cursor_.Peek().span,
       fmt::format("expected {}, found {}", expected, schema::DescribeToken(cursor_.Peek())),
       std::move(suggestion));
}

bool Parser::Expect(TokenKind kind, std::string_view expected) {
  if (cursor_.TakeIf(kind)) return true;
  FailExpected(expected);
  return false;
}

std::optional<Name> Parser::ExpectName(TokenKind kind, std::string_view expected) {
  if (!cursor_.Is(kind)) {
    FailExpected(expected);
    return std::nullopt;
  }
  const schema::Token& token = cursor_.Take();
  return Name{token.text, token.span};
}

bool Parser::TooDeep(size_t depth) {
  if (depth < kExpressionDepthMax) return false;
  Fail("P010", cursor_.Peek().span,
       fmt::format("an expression is nested more than {} deep", kExpressionDepthMax));
  Abort();
  return true;
}

bool Parser::AtLineStart() const {
  const size_t begin = cursor_.last_end();
  const size_t end = cursor_.Peek().span.begin;
  if (end < begin) return false;  // the rest of a split token, as the number in `contains0.5`
  const std::string_view between = text_.substr(begin, end - begin);
  return between.find('\n') != std::string_view::npos;
}

void Parser::SkipToBlockEnd() {
  while (!cursor_.AtEnd() && !AtQueryStart() && !cursor_.Is(TokenKind::kRightBrace)) {
    cursor_.SkipGroup();
  }
  cursor_.TakeIf(TokenKind::kRightBrace);
}

}  // namespace tarn::gq
