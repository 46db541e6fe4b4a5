#pragma once

#include <string_view>
#include <vector>

#include "tarn/schema/lexer.h"

namespace tarn::gq {

/// Walks the tokens of one source text. Reading past the end yields the end token for ever.
class TokenCursor {
 public:
  using Token = schema::Token;
  using TokenKind = schema::TokenKind;

  /// `tokens` ends with one kEnd.
  explicit TokenCursor(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& Peek(size_t ahead = 0) const;
  const Token& Take();
  void JumpToEnd() { at_ = tokens_.size() - 1; }

  bool Is(TokenKind kind, size_t ahead = 0) const { return Peek(ahead).kind == kind; }
  bool AtEnd() const { return Is(TokenKind::kEnd); }
  /// The exact lower-case word; keywords are contextual, so this is the only notion of a keyword.
  bool IsWord(std::string_view word, size_t ahead = 0) const;
  /// The word, or the word with digits glued to it, as in `limit10`.
  bool IsWordBeforeNumber(std::string_view word, size_t ahead = 0) const;
  /// Takes what IsWordBeforeNumber saw; of `limit10` the number stays as the next token.
  SourceSpan TakeWordBeforeNumber(std::string_view word);

  bool TakeIf(TokenKind kind);

  /// End of the token taken last, for spans.
  size_t last_end() const { return at_ == 0 ? 0 : tokens_[at_ - 1].span.end; }
  size_t position() const { return at_; }

  /// Steps behind the bracket that closes the one at the cursor, or to the end.
  void SkipGroup();

 private:
  std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace tarn::gq
