#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/source.h"

namespace tarn::schema {

/// The lexical layer shared by `.pg` and `.gq`. Keywords are contextual, so there is no keyword
/// token: a word is a kTypeName (starts with a capital) or a kIdent.
enum class TokenKind : uint8_t {
  kIdent,
  kTypeName,
  kVariable,  ///< `$name`; text is without the dollar sign; "_" is the anonymous variable
  kString,    ///< text is unescaped
  kInteger,
  kFloat,  ///< unsigned digits, in queries also with an exponent; `1..5` is kInteger kDotDot
           ///< kInteger
  kLeftBrace,
  kRightBrace,
  kLeftParen,
  kRightParen,
  kLeftBracket,
  kRightBracket,
  kColon,
  kComma,
  kQuestion,
  kAt,
  kArrow,
  kDot,
  kDotDot,
  kEquals,
  kNotEquals,
  kLess,
  kLessEquals,
  kGreater,
  kGreaterEquals,
  kMinus,
  kPipe,
  kStar,
  kPlus,
  kSlash,
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  SourceSpan span;
  /// White space or a comment stands between this token and the one before.
  bool space_before = false;
};

struct LexResult {
  std::vector<Token> tokens;  ///< ends with one kEnd
  std::vector<Diagnostic> errors;
};

enum class Dialect : uint8_t {
  kSchema,
  kQuery,  ///< numbers may have an exponent: `1e-3`
};

/// Splits `text` into tokens. Never fails as a whole: a bad character, escape, number, or an
/// unterminated string or comment becomes a diagnostic and lexing goes on behind it. Bounded by
/// kSourceBytesMax.
///
/// Errors  code "E001" unexpected character, "E002" unsupported escape sequence, "E003"
///         unterminated string, "E004" unterminated comment, "E005" malformed number, "E006"
///         invalid UTF-8, "E007" text too large.
LexResult Lex(std::string_view text, Dialect dialect = Dialect::kSchema);

inline constexpr size_t kSourceBytesMax = 4 << 20;  ///< longest accepted source text
inline constexpr size_t kTokensMax = 2 << 20;       ///< of one source text; more are E007
inline constexpr size_t kLexErrorsMax = 64;         ///< lexing stops there

/// What a message calls this token: "'{'", "identifier 'name'", "end of file".
std::string DescribeToken(const Token& token);

}  // namespace tarn::schema
