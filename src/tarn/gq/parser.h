#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/gq/ast.h"
#include "tarn/gq/diagnostics.h"
#include "tarn/gq/token_cursor.h"

namespace tarn::gq {

/// The queries of one source text. If there are errors, queries that did not parse are missing.
struct ParsedFile {
  std::vector<QueryAst> queries;
  std::vector<Diagnostic> errors;  ///< E001.. of the lexer or P001.. of the parser, in text order
};

/// Parses a whole query file. Recovers behind an error at the next clause, block or query, so that
/// one pass finds several. Time is linear in the text.
///
/// Errors  P001 something else was expected; P002 sections out of order or missing; P003 empty
///         block; P004 number out of range; P005 hop bounds; P006 a modifier behind nearest; P007
///         annotation; P008 function name or argument count; P009 read and mutation mixed; P010 a
///         limit of limits.h; P011 trailing comma; P012 no such literal (null, a sign); P013
///         declared twice; P014 parameter type.
ParsedFile Parse(std::string_view text);

/// Recursive descent with one file of members per part of the grammar: parse_file, parse_match,
/// parse_traversal, parse_expr, parse_return, parse_mutation. A member that fails has reported why
/// and returns nothing.
class Parser {
 public:
  Parser(std::string_view text, std::vector<schema::Token> tokens)
      : text_(text), cursor_(std::move(tokens)) {}
  ParsedFile Run();

 private:
  using TokenKind = schema::TokenKind;

  // parse_file.cc
  std::optional<QueryAst> ParseQuery();
  bool ParseParameters(QueryAst& query);
  bool ParseParameter(QueryAst& query);
  std::optional<ParameterTypeAst> ParseParameterType();
  bool ParseParameterBase(ParameterTypeAst& type);
  bool ParseAnnotation(QueryAst& query);
  bool ParseBody(QueryAst& query);
  bool AtQueryStart() const;
  void SkipToNextQuery();

  // parse_match.cc
  std::optional<std::vector<ClauseAst>> ParseClauses(std::string_view owner);
  std::optional<ClauseAst> ParseClause();
  std::optional<ClauseAst> ParseNegation();
  std::optional<ClauseAst> ParseAny();
  std::optional<ClauseAst> ParseOptional();
  bool EnterBlock(SourceSpan span);
  std::optional<ClauseAst> ParseBinding();
  bool ParsePatterns(std::vector<PatternAst>& patterns);
  std::optional<ClauseAst> ParseFilter();
  bool AtClauseStart() const;
  void SyncClause(size_t start);
  bool CountClause();

  // parse_traversal.cc
  bool AtTraversal() const;
  std::optional<ClauseAst> ParseTraversal();
  bool ParseEdge(TraversalAst& traversal);
  std::optional<Name> ParseEdgeWord();
  bool ParseHopCondition(TraversalAst& traversal);
  std::optional<HopsAst> ParseHops();
  bool ParseHopBounds(HopsAst& hops);

  // parse_condition.cc
  std::optional<ExprAst> ParseCondition(size_t depth);
  std::optional<ExprAst> ParseConjunction(size_t depth);
  std::optional<ExprAst> ParseTest(size_t depth);
  std::optional<ExprAst> ParseNot(size_t depth);
  std::optional<ExprAst> ParseNullTest(ExprAst left);
  std::optional<ExprAst> ParseMembership(ExprAst left, size_t depth);
  std::optional<ExprAst> ParseComparison(ExprAst left, ir::CompareOp op, size_t depth);
  std::optional<ir::CompareOp> TakeOperator();
  void FailOperator(const ExprAst& left);

  // parse_arithmetic.cc
  std::optional<ExprAst> ParseExpr(size_t depth = 0);
  std::optional<ExprAst> ParseProduct(size_t depth);
  std::optional<ExprAst> ParseSigned(size_t depth);
  std::optional<ExprAst> ParseParentheses(size_t depth);
  template <typename ParseOperand>
  std::optional<ExprAst> ParseChain(TokenKind first, ir::ScalarFn first_fn, TokenKind second,
                                    ir::ScalarFn second_fn, ParseOperand parse_operand);

  // parse_expr.cc
  std::optional<ExprAst> ParsePrimary(size_t depth);
  std::optional<ExprAst> ParseVariableExpr();
  std::optional<ExprAst> ParseWordExpr(size_t depth);
  std::optional<ExprAst> ParseCall(size_t depth);
  bool ParseArguments(CallAst& call, size_t depth);
  std::optional<LiteralAst> ParseDate(LiteralAst::Kind kind);
  std::optional<LiteralAst> ParseLiteral(size_t depth);
  std::optional<LiteralAst> ParseList(size_t depth);
  std::optional<ExprAst> ParseValue();
  std::optional<uint64_t> TakeUnsigned(uint64_t max);
  void FailExpr();
  /// A word stands where only a variable can.
  void FailDollar();

  // parse_return.cc
  bool ParseRead(ReadAst& read);
  bool ParseProjections(ReadAst& read);
  bool ParseProjection(ReadAst& read);
  bool ParseHaving(ReadAst& read);
  bool ParseRowCounts(ReadAst& read);
  bool ParseOrder(ReadAst& read);
  bool ParseOrdering(ReadAst& read);
  bool ParseLimit(ReadAst& read);
  bool ParsePerGroup(ReadAst& read, RowCountAst rows, SourceSpan span);
  std::optional<RowCountAst> ParseRowCount(std::string_view word);
  void FailReadEnd(const ReadAst& read);

  // parse_mutation.cc
  bool AtStatement() const;
  bool ParseMutation(MutationAst& mutation);
  std::optional<StatementAst> ParseStatement();
  bool ParseAssignments(StatementAst& statement);
  bool ParsePredicate(StatementAst& statement);

  // parser.cc
  void Fail(std::string code, SourceSpan span, std::string message, std::string suggestion = "");
  /// Fails at the next token: "expected X, found Y".
  void FailExpected(std::string_view expected, std::string suggestion = "");
  bool Expect(TokenKind kind, std::string_view expected);
  std::optional<Name> ExpectName(TokenKind kind, std::string_view expected);
  bool TooDeep(size_t depth);
  /// Gives up the rest of the text behind a broken limit: what follows would only repeat it.
  void Abort();
  SourceSpan SpanFrom(size_t begin) const { return {begin, cursor_.last_end()}; }
  /// True when a line ends between the token before the cursor and the one at it.
  bool AtLineStart() const;
  void SkipToBlockEnd();

  std::string_view text_;
  TokenCursor cursor_;
  Diagnostics diagnostics_;
  size_t clauses_ = 0;  // of the query at hand
  size_t negation_depth_ = 0;
  bool aborted_ = false;
};

}  // namespace tarn::gq
