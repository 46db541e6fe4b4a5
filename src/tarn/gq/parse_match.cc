#include <array>

#include <fmt/format.h>

#include "tarn/gq/limits.h"
#include "tarn/gq/missing_operator.h"
#include "tarn/gq/parser.h"

namespace tarn::gq {
namespace {

using schema::TokenKind;

struct Symbol {
  TokenKind kind;
  ir::CompareOp op;
};
constexpr std::array<Symbol, 6> kSymbols = {{
    {TokenKind::kEquals, ir::CompareOp::kEqual},
    {TokenKind::kNotEquals, ir::CompareOp::kNotEqual},
    {TokenKind::kLess, ir::CompareOp::kLess},
    {TokenKind::kLessEquals, ir::CompareOp::kLessEqual},
    {TokenKind::kGreater, ir::CompareOp::kGreater},
    {TokenKind::kGreaterEquals, ir::CompareOp::kGreaterEqual},
}};

bool IsTextFunction(const ExprAst& expr) {
  const CallAst* call = std::get_if<CallAst>(&expr.node);
  if (call == nullptr) return false;
  return call->function == Function::kSearch || call->function == Function::kFuzzy ||
         call->function == Function::kMatchText;
}

}  // namespace

bool Parser::CountClause() {
  if (++clauses_ <= kClausesMax) return true;
  Fail("P010", cursor_.Peek().span, fmt::format("a query has at most {} clauses", kClausesMax));
  Abort();
  return false;
}

std::optional<std::vector<ClauseAst>> Parser::ParseClauses(std::string_view owner) {
  if (!Expect(TokenKind::kLeftBrace, fmt::format("'{{' behind `{}`", owner))) return std::nullopt;
  if (cursor_.Is(TokenKind::kRightBrace)) {
    Fail("P003", cursor_.Peek().span, fmt::format("`{}` needs at least one clause", owner));
    cursor_.Take();
    return std::vector<ClauseAst>{};
  }
  std::vector<ClauseAst> clauses;
  while (!cursor_.Is(TokenKind::kRightBrace)) {
    if (cursor_.AtEnd() || AtQueryStart()) {
      FailExpected(fmt::format("'}}' at the end of `{}`", owner));
      return std::nullopt;
    }
    if (cursor_.Is(TokenKind::kComma)) {
      Fail("P011", cursor_.Take().span, "no comma stands between clauses",
           "leave it out: clauses stand next to each other, and all must hold");
      continue;
    }
    const size_t start = cursor_.position();
    std::optional<ClauseAst> clause = CountClause() ? ParseClause() : std::nullopt;
    if (clause) {
      clauses.push_back(std::move(*clause));
    } else {
      SyncClause(start);
    }
  }
  cursor_.Take();
  return clauses;
}

bool Parser::AtClauseStart() const {
  if (cursor_.IsWord("not") && cursor_.Is(TokenKind::kLeftBrace, 1)) return true;
  return AtLineStart() && (cursor_.Is(TokenKind::kVariable) || cursor_.Is(TokenKind::kIdent));
}

void Parser::SyncClause(size_t start) {
  while (!cursor_.AtEnd() && !AtQueryStart() && !cursor_.Is(TokenKind::kRightBrace)) {
    if (cursor_.position() > start && AtClauseStart()) return;
    cursor_.SkipGroup();
  }
}

std::optional<ClauseAst> Parser::ParseClause() {
  if (cursor_.IsWord("not") && cursor_.Is(TokenKind::kLeftBrace, 1)) return ParseNegation();
  if (cursor_.Is(TokenKind::kVariable) && cursor_.Is(TokenKind::kColon, 1)) return ParseBinding();
  if (AtTraversal()) return ParseTraversal();
  if (cursor_.Is(TokenKind::kIdent) && cursor_.Is(TokenKind::kColon, 1)) {
    FailDollar();
    return std::nullopt;
  }
  return ParseFilter();
}

std::optional<ClauseAst> Parser::ParseNegation() {
  const SourceSpan span = cursor_.Take().span;
  if (negation_depth_ == kNegationDepthMax) {
    Fail("P010", span, fmt::format("`not` is nested more than {} deep", kNegationDepthMax));
    Abort();
    return std::nullopt;
  }
  ++negation_depth_;
  std::optional<std::vector<ClauseAst>> clauses = ParseClauses("not");
  --negation_depth_;
  if (!clauses) return std::nullopt;
  return std::make_unique<NegationAst>(NegationAst{.clauses = std::move(*clauses), .span = span});
}

std::optional<ClauseAst> Parser::ParseBinding() {
  const schema::Token& variable = cursor_.Take();
  BindingAst binding{.variable = {variable.text, variable.span}, .type = {}, .patterns = {}};
  cursor_.Take();
  if (!cursor_.Is(TokenKind::kTypeName)) {
    FailExpected("a node type (it starts with a capital)",
                 cursor_.Is(TokenKind::kIdent)
                     ? fmt::format("an edge is bound between its ends: `$a ${}:{} $b`",
                                   variable.text, cursor_.Peek().text)
                     : "");
    return std::nullopt;
  }
  const schema::Token& type = cursor_.Take();
  binding.type = {type.text, type.span};
  if (cursor_.Is(TokenKind::kLeftBrace) && !ParsePatterns(binding)) return std::nullopt;
  return binding;
}

bool Parser::ParsePatterns(BindingAst& binding) {
  cursor_.Take();
  while (!cursor_.TakeIf(TokenKind::kRightBrace)) {
    if (!CountClause()) return false;
    std::optional<Name> property = ExpectName(TokenKind::kIdent, "a property name or '}'");
    if (!property || !Expect(TokenKind::kColon, "':' and the value of the property")) {
      SkipToBlockEnd();
      return false;
    }
    std::optional<ExprAst> value = ParseValue();
    if (!value) {
      SkipToBlockEnd();
      return false;
    }
    binding.patterns.push_back({.property = std::move(*property), .value = std::move(*value)});
    if (cursor_.Is(TokenKind::kRightBrace)) continue;
    if (!Expect(TokenKind::kComma, "',' or '}' behind a property pattern")) {
      SkipToBlockEnd();
      return false;
    }
  }
  return true;
}

std::optional<ir::CompareOp> Parser::TakeOperator() {
  for (const Symbol& symbol : kSymbols) {
    if (cursor_.TakeIf(symbol.kind)) return symbol.op;
  }
  for (const ir::CompareOp op : {ir::CompareOp::kContains, ir::CompareOp::kStartsWith}) {
    const std::string_view word = ir::CompareOpText(op);
    if (!cursor_.IsWordBeforeNumber(word)) continue;
    cursor_.TakeWordBeforeNumber(word);
    return op;
  }
  return std::nullopt;
}

void Parser::FailOperator(const ExprAst& left) {
  // A missing word may stand at the operator's place, or have been read as an alias before it.
  const AliasAst* alias = std::get_if<AliasAst>(&left.node);
  for (const MissingOperator& missing : kMissingOperators) {
    if (cursor_.IsWord(missing.word) || (alias != nullptr && alias->name.text == missing.word)) {
      Fail("P001",
           alias != nullptr && alias->name.text == missing.word ? left.span : cursor_.Peek().span,
           fmt::format("there is no operator `{}`", missing.word), std::string(missing.instead));
      return;
    }
  }
  FailExpected("a comparison: one of = != < <= > >= contains starts_with",
               SuggestName(cursor_.Peek().text, {"contains", "starts_with"}));
}

std::optional<ClauseAst> Parser::ParseFilter() {
  const size_t begin = cursor_.Peek().span.begin;
  std::optional<ExprAst> left = ParseExpr();
  if (!left) return std::nullopt;
  const std::optional<ir::CompareOp> op = TakeOperator();
  if (!op) {
    if (IsTextFunction(*left)) return TextClauseAst{.call = std::move(*left)};
    FailOperator(*left);
    return std::nullopt;
  }
  if (cursor_.Is(TokenKind::kEquals) || cursor_.Is(TokenKind::kGreater)) {
    FailExpected("a value behind the comparison", cursor_.Is(TokenKind::kEquals)
                                                      ? "equality is written with one `=`"
                                                      : "inequality is written `!=`");
    return std::nullopt;
  }
  std::optional<ExprAst> right = ParseExpr();
  if (!right) return std::nullopt;
  return FilterAst{
      .left = std::move(*left), .op = *op, .right = std::move(*right), .span = SpanFrom(begin)};
}

}  // namespace tarn::gq
