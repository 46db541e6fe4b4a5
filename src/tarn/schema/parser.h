#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/schema/ast.h"
#include "tarn/schema/findings.h"
#include "tarn/schema/lexer.h"

namespace tarn::schema {

/// Recursive descent over the tokens of one file. A function that fails has reported why; its
/// caller skips to a place where a property, a constraint or a declaration can begin.
///
/// Invariants
///   parser-1  Every loop takes a token per round or ends.
///   parser-2  One error per skipped stretch of text.
class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens, Findings& findings);
  FileAst Run();

 private:
  // parser.cc: tokens and recovery
  const Token& Peek(size_t ahead = 0) const;
  const Token& Take();
  bool Is(TokenKind kind, size_t ahead = 0) const { return Peek(ahead).kind == kind; }
  bool IsWord(std::string_view word, size_t ahead = 0) const;
  bool TakeIf(TokenKind kind);
  bool AtEnd() const { return Is(TokenKind::kEnd); }
  bool AtDeclaration() const;
  bool AtCard() const {
    return Is(TokenKind::kAt) && IsWord("card", 1) && Is(TokenKind::kLeftParen, 2);
  }
  /// `@key(` and its like: a constraint wherever it stands.
  std::optional<ConstraintKind> AtConstraint() const;
  /// From the begin of `first` to the end of the token taken last.
  SourceSpan SpanFrom(const SourceSpan& first) const { return {first.begin, last_end_}; }
  /// The place of the token at hand; of the last one when the text has ended, since the end itself
  /// shows nothing.
  SourceSpan Here() const;

  void Fail(Rule rule, SourceSpan span, std::string message, std::string suggestion = "");
  void FailExpected(std::string_view expected, std::string suggestion = "");
  bool Expect(TokenKind kind, std::string_view expected, std::string suggestion = "");
  /// A type name; a name that starts in lower case is reported and taken for what was meant.
  std::optional<NameAst> ExpectTypeName(std::string_view what);
  void SkipToDeclaration();
  void SkipToMember();
  void SkipOpenParens();
  void SkipToHeaderPart();

  // parse_declaration.cc
  void ParseDeclaration();
  void ParseHeader(DeclarationAst& declaration);
  bool ParseEdgeEnds(DeclarationAst& edge);
  void ParseTypeAnnotations(DeclarationAst& declaration);
  bool ParseImplements(DeclarationAst& declaration);
  void ParseBody(DeclarationAst& declaration);
  bool ParseMember(DeclarationAst& declaration);
  bool ParseProperty(DeclarationAst& declaration);
  std::optional<NameAst> ParsePropertyName();
  std::optional<CardAst> ParseCard();
  std::optional<uint32_t> ParseCount();
  void FailCardPlace(DeclarationKind kind);

  // parse_type.cc
  /// A type that is well-formed. One that does not exist has been reported and is not known.
  struct ParsedType {
    PropertyType type;
    bool is_known = true;
  };
  std::optional<ParsedType> ParseType();
  std::optional<ParsedType> ParseCoreType();
  std::optional<ParsedType> ParseListType();
  std::optional<ParsedType> ParseListItem();
  std::optional<ParsedType> ParseVectorType();
  std::optional<ParsedType> ParseEnumType();
  std::optional<NameAst> ParseEnumValue();
  std::optional<ParsedType> FailUnknownType();

  // parse_annotation.cc
  bool ParseAnnotation(DeclarationKind owner, std::vector<AnnotationAst>& out);
  bool ParseAnnotationArguments(AnnotationAst& annotation);
  bool ParseKeyword(AnnotationAst& annotation);
  std::optional<LiteralAst> ParseLiteral();
  bool ParseConstraint(DeclarationAst& declaration);
  std::optional<ArgumentAst> ParseArgument();
  std::optional<ArgumentAst> ParseRangeOrNumber();
  std::optional<Literal> ParseBound();
  bool AtBound() const;

  std::string_view text_;
  std::vector<Token> tokens_;
  Findings& findings_;
  size_t at_ = 0;
  size_t last_end_ = 0;
  size_t open_parens_ = 0;  // `(` and `[` taken and not closed
  std::set<std::string, std::less<>> node_names_;
  FileAst file_;
};

}  // namespace tarn::schema
