#include "tarn/schema/parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "tarn/base/check.h"
#include "tarn/schema/parse.h"

namespace tarn::schema {
namespace {

constexpr std::array<std::string_view, 5> kConstraintNames = {"key", "unique", "index", "range",
                                                              "check"};

bool IsOpening(TokenKind kind) {
  return kind == TokenKind::kLeftParen || kind == TokenKind::kLeftBracket;
}
bool IsClosing(TokenKind kind) {
  return kind == TokenKind::kRightParen || kind == TokenKind::kRightBracket;
}

/// Names that follow the word `node`, so that a property of such a type can be told what to do.
std::set<std::string, std::less<>> NodeNames(const std::vector<Token>& tokens) {
  std::set<std::string, std::less<>> names;
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    const bool names_node = tokens[i].kind == TokenKind::kIdent && tokens[i].text == "node";
    if (names_node && tokens[i + 1].kind == TokenKind::kTypeName) names.insert(tokens[i + 1].text);
  }
  return names;
}

}  // namespace

std::string_view ConstraintName(ConstraintKind kind) {
  return kConstraintNames.at(static_cast<size_t>(kind));
}

std::optional<ConstraintKind> FindConstraintKind(std::string_view name) {
  const auto found = std::find(kConstraintNames.begin(), kConstraintNames.end(), name);
  if (found == kConstraintNames.end()) return std::nullopt;
  return static_cast<ConstraintKind>(found - kConstraintNames.begin());
}

std::string_view DeclarationWord(DeclarationKind kind) {
  switch (kind) {
    case DeclarationKind::kInterface: return "interface";
    case DeclarationKind::kNode: return "node";
    case DeclarationKind::kEdge: return "edge";
  }
  TARN_UNREACHABLE("a DeclarationKind outside its enum");
}

FileAst Parse(std::string_view text, Findings& findings) {
  LexResult lexed = Lex(text);
  // A bad escape spoils one string; any other error puts the words behind it in doubt, so it stands
  // alone.
  const bool words_hold = std::all_of(lexed.errors.begin(), lexed.errors.end(),
                                      [](const Diagnostic& error) { return error.code == "E002"; });
  findings.Adopt(std::move(lexed.errors));
  if (!words_hold) return {.declarations = {}, .is_whole = false};
  return Parser(text, std::move(lexed.tokens), findings).Run();
}

Parser::Parser(std::string_view text, std::vector<Token> tokens, Findings& findings)
    : text_(text),
      tokens_(std::move(tokens)),
      findings_(findings),
      node_names_(NodeNames(tokens_)) {}

FileAst Parser::Run() {
  while (!AtEnd() && !findings_.full()) {
    if (IsWord("interface") || IsWord("node") || IsWord("edge")) {
      ParseDeclaration();
      continue;
    }
    Fail(Rule::kExpectedDeclaration, Here(),
         fmt::format("expected 'interface', 'node' or 'edge', found {}", DescribeToken(Peek())),
         Is(TokenKind::kIdent) ? SuggestName(Peek().text, {"interface", "node", "edge"}) : "");
    file_.is_whole = false;
    SkipToDeclaration();
  }
  return std::move(file_);
}

const Token& Parser::Peek(size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

const Token& Parser::Take() {
  const Token& token = Peek();
  if (token.kind == TokenKind::kEnd) return token;
  ++at_;
  last_end_ = token.span.end;
  if (IsOpening(token.kind)) ++open_parens_;
  if (IsClosing(token.kind) && open_parens_ > 0) --open_parens_;
  return token;
}

bool Parser::IsWord(std::string_view word, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kIdent && token.text == word;
}

bool Parser::TakeIf(TokenKind kind) {
  if (!Is(kind)) return false;
  Take();
  return true;
}

bool Parser::AtDeclaration() const {
  return Is(TokenKind::kTypeName, 1) && (IsWord("interface") || IsWord("node") || IsWord("edge"));
}

std::optional<ConstraintKind> Parser::AtConstraint() const {
  if (!Is(TokenKind::kAt) || !Is(TokenKind::kIdent, 1) || !Is(TokenKind::kLeftParen, 2)) {
    return std::nullopt;
  }
  return FindConstraintKind(Peek(1).text);
}

SourceSpan Parser::Here() const {
  if (!AtEnd() || at_ == 0) return Peek().span;
  return tokens_[at_ - 1].span;
}

void Parser::Fail(Rule rule, SourceSpan span, std::string message, std::string suggestion) {
  findings_.Error(rule, span, std::move(message), std::move(suggestion));
}

void Parser::FailExpected(std::string_view expected, std::string suggestion) {
  Fail(Rule::kExpected, Here(),
       fmt::format("expected {}, found {}", expected, DescribeToken(Peek())),
       std::move(suggestion));
}

bool Parser::Expect(TokenKind kind, std::string_view expected, std::string suggestion) {
  if (TakeIf(kind)) return true;
  FailExpected(expected, std::move(suggestion));
  return false;
}

std::optional<NameAst> Parser::ExpectTypeName(std::string_view what) {
  const Token& token = Peek();
  if (Is(TokenKind::kTypeName)) {
    Take();
    return NameAst{token.text, token.span};
  }
  const bool capitalises = Is(TokenKind::kIdent) && token.text[0] != '_' && !IsWord("implements");
  if (!capitalises) {
    FailExpected(what);
    return std::nullopt;
  }
  NameAst name{token.text, token.span};
  name.text[0] = static_cast<char>(name.text[0] - 'a' + 'A');
  FailExpected(what, fmt::format("type names start with a capital: `{}`", Shown(name.text)));
  Take();
  return name;
}

/// Over the rest of a declaration, its body included.
void Parser::SkipToDeclaration() {
  open_parens_ = 0;
  do {
    Take();
  } while (!AtEnd() && !AtDeclaration());
  open_parens_ = 0;
}

/// To where a property or constraint can begin, or the body ends.
void Parser::SkipToMember() {
  SkipOpenParens();
  while (!AtEnd() && !AtDeclaration() && !Is(TokenKind::kRightBrace) && !AtConstraint()) {
    const bool at_property =
        (Is(TokenKind::kIdent) || Is(TokenKind::kTypeName)) && Is(TokenKind::kColon, 1);
    if (at_property) break;
    Take();
  }
  open_parens_ = 0;
}

/// Behind the sign that closes an argument list in which parsing failed, if it stands on the same
/// line: what follows on further lines is more likely the rest of the body.
void Parser::SkipOpenParens() {
  const size_t line_end = std::min(text_.find('\n', last_end_), text_.size());
  size_t open = open_parens_;
  for (size_t i = at_; open > 0 && tokens_[i].span.end <= line_end; ++i) {
    const TokenKind kind = tokens_[i].kind;
    if (kind == TokenKind::kRightBrace || kind == TokenKind::kEnd) return;
    if (IsOpening(kind)) ++open;
    if (IsClosing(kind)) --open;
    if (open > 0) continue;
    while (at_ <= i) Take();
  }
}

/// To the next part of the header of a declaration: an annotation, `implements`, or the body.
void Parser::SkipToHeaderPart() {
  SkipOpenParens();
  while (!AtEnd() && !Is(TokenKind::kAt) && !Is(TokenKind::kLeftBrace) && !IsWord("implements") &&
         !AtDeclaration()) {
    Take();
  }
  open_parens_ = 0;
}

}  // namespace tarn::schema
