#include "tarn/gq/token_cursor.h"

#include <algorithm>

namespace tarn::gq {
namespace {

using schema::Token;
using schema::TokenKind;

bool IsOpening(TokenKind kind) {
  return kind == TokenKind::kLeftBrace || kind == TokenKind::kLeftParen ||
         kind == TokenKind::kLeftBracket;
}
bool IsClosing(TokenKind kind) {
  return kind == TokenKind::kRightBrace || kind == TokenKind::kRightParen ||
         kind == TokenKind::kRightBracket;
}

bool AllDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

const Token& TokenCursor::Peek(size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

const Token& TokenCursor::Take() {
  const Token& token = Peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool TokenCursor::IsWord(std::string_view word, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kIdent && token.text == word;
}

bool TokenCursor::IsWordBeforeNumber(std::string_view word, size_t ahead) const {
  const Token& token = Peek(ahead);
  if (token.kind != TokenKind::kIdent || !token.text.starts_with(word)) return false;
  return token.text.size() == word.size() ||
         AllDigits(std::string_view(token.text).substr(word.size()));
}

SourceSpan TokenCursor::TakeWordBeforeNumber(std::string_view word) {
  Token& token = tokens_[at_];
  if (token.text.size() == word.size()) return Take().span;
  const SourceSpan span{token.span.begin, token.span.begin + word.size()};
  token.kind = TokenKind::kInteger;
  token.text.erase(0, word.size());
  token.span.begin = span.end;
  token.space_before = false;
  // The lexer saw `contains0.5` as a word, a dot and a number: join the number again.
  const Token& dot = Peek(1);
  if (dot.kind == TokenKind::kDot && !dot.space_before && Is(TokenKind::kInteger, 2) &&
      !Peek(2).space_before) {
    Token& fraction = tokens_[at_ + 2];
    fraction.kind = TokenKind::kFloat;
    fraction.text = token.text + "." + fraction.text;
    fraction.span.begin = token.span.begin;
    at_ += 2;
  }
  return span;
}

bool TokenCursor::TakeIf(TokenKind kind) {
  if (!Is(kind)) return false;
  Take();
  return true;
}

void TokenCursor::SkipGroup() {
  size_t depth = 0;
  do {
    const TokenKind kind = Peek().kind;
    if (IsOpening(kind)) ++depth;
    if (IsClosing(kind) && depth > 0) --depth;
    if (kind == TokenKind::kEnd) return;
    Take();
  } while (depth > 0);
}

}  // namespace tarn::gq
