#include "tarn/schema/lexer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "tarn/base/utf8.h"

namespace tarn::schema {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }
bool IsIdentStart(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }
bool IsWordPart(char c) { return IsIdentStart(c) || IsCapital(c) || IsDigit(c); }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsAscii(char c) { return (static_cast<unsigned char>(c) & 0x80) == 0; }

struct Symbol {
  std::string_view text;
  TokenKind kind;
};
/// Longer ones first, so that the first match is the longest.
constexpr std::array kSymbols = {
    Symbol{"->", TokenKind::kArrow},
    Symbol{"..", TokenKind::kDotDot},
    Symbol{"!=", TokenKind::kNotEquals},
    Symbol{"<=", TokenKind::kLessEquals},
    Symbol{">=", TokenKind::kGreaterEquals},
    Symbol{"{", TokenKind::kLeftBrace},
    Symbol{"}", TokenKind::kRightBrace},
    Symbol{"(", TokenKind::kLeftParen},
    Symbol{")", TokenKind::kRightParen},
    Symbol{"[", TokenKind::kLeftBracket},
    Symbol{"]", TokenKind::kRightBracket},
    Symbol{":", TokenKind::kColon},
    Symbol{",", TokenKind::kComma},
    Symbol{"?", TokenKind::kQuestion},
    Symbol{"@", TokenKind::kAt},
    Symbol{".", TokenKind::kDot},
    Symbol{"=", TokenKind::kEquals},
    Symbol{"<", TokenKind::kLess},
    Symbol{">", TokenKind::kGreater},
    Symbol{"-", TokenKind::kMinus},
    Symbol{"|", TokenKind::kPipe},
    Symbol{"*", TokenKind::kStar},
    Symbol{"+", TokenKind::kPlus},
    Symbol{"/", TokenKind::kSlash},
};

/// The code point of the well-formed sequence `bytes`.
uint32_t CodePointOf(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (bytes.size() == 1) return lead;
  uint32_t point = lead & (0x7Fu >> bytes.size());
  for (const char c : bytes.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3Fu);
  return point;
}

class Lexer {
 public:
  Lexer(std::string_view text, Dialect dialect) : text_(text), dialect_(dialect) {}
  LexResult Run();

 private:
  char At(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool StartsWith(std::string_view prefix) const { return text_.substr(at_).starts_with(prefix); }
  void Fail(const char* code, size_t begin, size_t end, std::string message,
            std::string suggestion = "");
  /// Skips the longest run of characters for which `part` holds.
  template <typename Predicate>
  void SkipWhile(Predicate part) {
    while (at_ < text_.size() && part(text_[at_])) ++at_;
  }

  void CheckUtf8();
  void SkipSpace();
  void SkipBlockComment();
  void LexToken();
  void LexWord(TokenKind kind);
  void LexVariable();
  void LexNumber();
  bool TakeExponent();
  void LexString();
  void LexEscape(std::string& out);
  bool LexSymbol();
  void RejectCharacter();
  void SkipQuoted();
  std::string_view Taken() const { return text_.substr(begin_, at_ - begin_); }
  void Add(TokenKind kind, std::string text);

  std::string_view text_;
  const Dialect dialect_;
  size_t at_ = 0;
  size_t begin_ = 0;  // of the token at hand
  bool space_before_ = false;
  bool stopped_ = false;
  LexResult result_;
};

LexResult Lexer::Run() {
  if (text_.size() > kSourceBytesMax) {
    Fail("E007", 0, 1,
         fmt::format("the text has {} bytes; at most {} are read", text_.size(), kSourceBytesMax),
         "split it, or leave out what is not a declaration");
  } else {
    CheckUtf8();
    for (SkipSpace(); at_ < text_.size() && !stopped_; SkipSpace()) LexToken();
  }
  const size_t end = text_.size();
  result_.tokens.push_back(
      {.kind = TokenKind::kEnd, .text = "", .span = {end, end}, .space_before = space_before_});
  std::stable_sort(
      result_.errors.begin(), result_.errors.end(),
      [](const Diagnostic& a, const Diagnostic& b) { return a.span.begin < b.span.begin; });
  return std::move(result_);
}

void Lexer::Fail(const char* code, size_t begin, size_t end, std::string message,
                 std::string suggestion) {
  result_.errors.push_back({.severity = Severity::kError,
                            .code = code,
                            .message = std::move(message),
                            .span = {begin, end},
                            .suggestion = std::move(suggestion)});
  if (result_.errors.size() >= kLexErrorsMax) stopped_ = true;
}

/// One finding stands for the whole text: what follows bad bytes is usually bad too, being of
/// another encoding.
void Lexer::CheckUtf8() {
  const size_t bad = FindInvalidUtf8(text_);
  if (bad == std::string_view::npos) return;
  Fail("E006", bad, bad + 1,
       fmt::format("the text is not UTF-8: byte 0x{:02X} at offset {}",
                   static_cast<unsigned char>(text_[bad]), bad),
       "save the file as UTF-8");
}

void Lexer::SkipSpace() {
  space_before_ = false;
  while (at_ < text_.size()) {
    if (IsSpace(text_[at_])) {
      ++at_;
    } else if (StartsWith("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (StartsWith("/*")) {
      SkipBlockComment();
    } else {
      return;
    }
    space_before_ = true;
  }
}

void Lexer::SkipBlockComment() {
  const size_t end = text_.find("*/", at_ + 2);
  if (end == std::string_view::npos) {
    Fail("E004", at_, at_ + 2, "unterminated block comment",
         "close it with */ (block comments do not nest)");
    at_ = text_.size();
  } else {
    at_ = end + 2;
  }
}

void Lexer::LexToken() {
  begin_ = at_;
  const char c = At();
  if (result_.tokens.size() >= kTokensMax) {
    Fail("E007", at_, at_ + 1, fmt::format("the text has more than {} tokens", kTokensMax),
         "split it");
    stopped_ = true;
  } else if (IsIdentStart(c)) {
    LexWord(TokenKind::kIdent);
  } else if (IsCapital(c)) {
    LexWord(TokenKind::kTypeName);
  } else if (IsDigit(c)) {
    LexNumber();
  } else if (c == '"') {
    LexString();
  } else if (c == '$') {
    LexVariable();
  } else if (!LexSymbol()) {
    RejectCharacter();
  }
}

void Lexer::LexWord(TokenKind kind) {
  SkipWhile(IsWordPart);
  Add(kind, std::string(Taken()));
}

void Lexer::LexVariable() {
  ++at_;
  if (IsIdentStart(At())) {
    SkipWhile(IsWordPart);
    Add(TokenKind::kVariable, std::string(Taken().substr(1)));
    return;
  }
  SkipWhile(IsWordPart);
  Fail(
      "E001", begin_, at_, "unexpected character '$': no variable name follows it",
      "a variable is `$` and, without a space, a name that starts with a lower-case letter or `_`");
}

/// `1..5` is a number and a range; `5.` and `0.5.` are slips.
void Lexer::LexNumber() {
  SkipWhile(IsDigit);
  bool is_float = At() == '.' && IsDigit(At(1));
  if (is_float) {
    ++at_;
    SkipWhile(IsDigit);
  }
  is_float = TakeExponent() || is_float;
  if (At() == '.' && At(1) != '.') {
    ++at_;
    Fail("E005", begin_, at_, fmt::format("malformed number '{}'", Taken()),
         "a fraction needs digits on both sides of one point");
    return;
  }
  Add(is_float ? TokenKind::kFloat : TokenKind::kInteger, std::string(Taken()));
}

/// `e3`, `E+3`, `e-3` directly behind the digits.
bool Lexer::TakeExponent() {
  if (dialect_ != Dialect::kQuery || (At() != 'e' && At() != 'E')) return false;
  const size_t sign = At(1) == '-' || At(1) == '+' ? 1 : 0;
  if (!IsDigit(At(1 + sign))) return false;
  at_ += 1 + sign;
  SkipWhile(IsDigit);
  return true;
}

void Lexer::LexString() {
  std::string value;
  ++at_;
  while (at_ < text_.size() && text_[at_] != '"') {
    if (text_[at_] == '\\') {
      LexEscape(value);
    } else {
      value += text_[at_++];
    }
  }
  if (at_ >= text_.size()) {
    Fail("E003", begin_, begin_ + 1, "unterminated string: no closing quote follows this one",
         "close it with \"");
    return;
  }
  ++at_;
  Add(TokenKind::kString, std::move(value));
}

void Lexer::LexEscape(std::string& out) {
  constexpr std::string_view kNames = "\"\\nrt";
  constexpr std::string_view kValues = "\"\\\n\r\t";
  const size_t length =
      std::max<size_t>(1, Utf8SequenceLength(text_.substr(std::min(at_ + 1, text_.size()))));
  const size_t which = kNames.find(At(1));
  if (at_ + 1 < text_.size()) {
    if (which != std::string_view::npos) {
      out += kValues[which];
    } else {
      Fail("E002", at_, at_ + 1 + length,
           fmt::format("unsupported escape sequence: {}", text_.substr(at_, 1 + length)),
           "the escapes are \\\" \\\\ \\n \\r \\t; a backslash itself is written twice");
      out += text_.substr(at_, 1 + length);
    }
  }
  at_ = std::min(at_ + 1 + length, text_.size());
}

bool Lexer::LexSymbol() {
  const auto symbol =
      std::find_if(kSymbols.begin(), kSymbols.end(),
                   [this](const Symbol& candidate) { return StartsWith(candidate.text); });
  if (symbol == kSymbols.end()) return false;
  at_ += symbol->text.size();
  Add(symbol->kind, std::string(symbol->text));
  return true;
}

/// Behind the quote that closes what a single quote opened, if it stands on the same line.
void Lexer::SkipQuoted() {
  const size_t end = text_.find_first_of("'\n", at_);
  if (end != std::string_view::npos && text_[end] == '\'') at_ = end + 1;
}

/// A run of letters that the language does not know is one finding, not one per letter.
void Lexer::RejectCharacter() {
  const size_t length = Utf8SequenceLength(text_.substr(at_));
  if (length == 0) {
    ++at_;  // CheckUtf8 has said so
    return;
  }
  const std::string_view character = text_.substr(at_, length);
  const uint32_t point = CodePointOf(character);
  at_ += length;
  if (!IsAscii(character[0])) SkipWhile([](char c) { return !IsAscii(c) || IsWordPart(c); });
  std::string suggestion;
  if (character == "#") suggestion = "comments are written `// ...` or `/* ... */`";
  if (character == "'") {
    suggestion = "strings are written in double quotes";
    SkipQuoted();
  }
  if (point == 0xFEFF) suggestion = "save the file without a byte-order mark";
  if (point >= 0x80 && point != 0xFEFF) {
    suggestion = "names are ASCII letters, digits and `_`; other letters belong in strings";
  }
  const std::string shown =
      point >= 0x20 && point != 0x7F && point != 0xFEFF ? fmt::format("'{}' ", character) : "";
  Fail("E001", begin_, at_, fmt::format("unexpected character {}(U+{:04X})", shown, point),
       std::move(suggestion));
}

void Lexer::Add(TokenKind kind, std::string text) {
  result_.tokens.push_back({.kind = kind,
                            .text = std::move(text),
                            .span = {begin_, at_},
                            .space_before = space_before_});
}

}  // namespace

LexResult Lex(std::string_view text, Dialect dialect) { return Lexer(text, dialect).Run(); }

std::string DescribeToken(const Token& token) {
  constexpr size_t kShownMax = 40;
  std::string shown = token.text.substr(0, kShownMax);
  while (!shown.empty() && shown.size() < token.text.size() &&
         FindInvalidUtf8(shown) != std::string_view::npos) {
    shown.pop_back();
  }
  if (shown.size() < token.text.size()) shown += "...";
  switch (token.kind) {
    case TokenKind::kIdent: return fmt::format("identifier '{}'", shown);
    case TokenKind::kTypeName: return fmt::format("type name '{}'", shown);
    case TokenKind::kVariable: return fmt::format("variable '${}'", shown);
    case TokenKind::kString: return fmt::format("string \"{}\"", shown);
    case TokenKind::kInteger: return fmt::format("integer '{}'", shown);
    case TokenKind::kFloat: return fmt::format("number '{}'", shown);
    case TokenKind::kEnd: return "end of file";
    default: return fmt::format("'{}'", shown);
  }
}

}  // namespace tarn::schema
