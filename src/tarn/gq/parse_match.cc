#include <fmt/format.h>

#include "tarn/gq/limits.h"
#include "tarn/gq/parser.h"

namespace tarn::gq {
namespace {

/// A call that can stand as a clause: it is true or false of a row.
bool IsTruthFunction(const ExprAst& expr) {
  const CallAst* call = std::get_if<CallAst>(&expr.node);
  if (call == nullptr) return false;
  if (call->function == Function::kScalar) {
    return call->scalar == ir::ScalarFn::kStartsWith || call->scalar == ir::ScalarFn::kEndsWith;
  }
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
  const bool block = cursor_.IsWord("not") || cursor_.IsWord("any") || cursor_.IsWord("optional");
  if (block && cursor_.Is(TokenKind::kLeftBrace, 1)) return true;
  return AtLineStart() && (cursor_.Is(TokenKind::kVariable) || cursor_.Is(TokenKind::kIdent));
}

void Parser::SyncClause(size_t start) {
  while (!cursor_.AtEnd() && !AtQueryStart() && !cursor_.Is(TokenKind::kRightBrace)) {
    if (cursor_.position() > start && AtClauseStart()) return;
    cursor_.SkipGroup();
  }
}

std::optional<ClauseAst> Parser::ParseClause() {
  if (cursor_.Is(TokenKind::kLeftBrace, 1)) {
    if (cursor_.IsWord("not")) return ParseNegation();
    if (cursor_.IsWord("any")) return ParseAny();
    if (cursor_.IsWord("optional")) return ParseOptional();
  }
  if (cursor_.Is(TokenKind::kVariable) && cursor_.Is(TokenKind::kColon, 1)) return ParseBinding();
  if (AtTraversal()) return ParseTraversal();
  if (cursor_.Is(TokenKind::kIdent) && cursor_.Is(TokenKind::kColon, 1)) {
    FailDollar();
    return std::nullopt;
  }
  return ParseFilter();
}

bool Parser::EnterBlock(SourceSpan span) {
  if (negation_depth_ < kNegationDepthMax) {
    ++negation_depth_;
    return true;
  }
  Fail("P010", span, fmt::format("blocks are nested more than {} deep", kNegationDepthMax));
  Abort();
  return false;
}

std::optional<ClauseAst> Parser::ParseNegation() {
  const SourceSpan span = cursor_.Take().span;
  if (!EnterBlock(span)) return std::nullopt;
  std::optional<std::vector<ClauseAst>> clauses = ParseClauses("not");
  --negation_depth_;
  if (!clauses) return std::nullopt;
  return std::make_unique<NegationAst>(NegationAst{.clauses = std::move(*clauses), .span = span});
}

std::optional<ClauseAst> Parser::ParseOptional() {
  const SourceSpan span = cursor_.Take().span;
  if (!EnterBlock(span)) return std::nullopt;
  std::optional<std::vector<ClauseAst>> clauses = ParseClauses("optional");
  --negation_depth_;
  if (!clauses) return std::nullopt;
  return std::make_unique<OptionalAst>(
      OptionalAst{.block = {.clauses = std::move(*clauses), .span = span}});
}

std::optional<ClauseAst> Parser::ParseAny() {
  auto any = std::make_unique<AnyAst>();
  any->span = cursor_.Take().span;
  cursor_.Take();
  while (!cursor_.TakeIf(TokenKind::kRightBrace)) {
    const SourceSpan span = cursor_.Peek().span;
    if (!cursor_.Is(TokenKind::kLeftBrace)) {
      FailExpected("a block of clauses, or '}' at the end of `any`",
                   "write `any { { ... } { ... } }`: one of the blocks must match");
      SkipToBlockEnd();
      return std::nullopt;
    }
    if (!CountClause() || !EnterBlock(span)) return std::nullopt;
    std::optional<std::vector<ClauseAst>> clauses = ParseClauses("any");
    --negation_depth_;
    if (!clauses) return std::nullopt;
    any->blocks.push_back({.clauses = std::move(*clauses), .span = span});
  }
  if (any->blocks.empty()) {
    Fail("P003", any->span, "`any` needs at least one block of clauses");
    return std::nullopt;
  }
  return any;
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
  if (cursor_.Is(TokenKind::kLeftBrace) && !ParsePatterns(binding.patterns)) return std::nullopt;
  return binding;
}

bool Parser::ParsePatterns(std::vector<PatternAst>& patterns) {
  cursor_.Take();
  while (!cursor_.TakeIf(TokenKind::kRightBrace)) {
    if (!CountClause()) return false;
    std::optional<Name> property = ExpectName(TokenKind::kIdent, "a property name or '}'");
    const bool unless_null = property && cursor_.TakeIf(TokenKind::kQuestion);
    if (!property || !Expect(TokenKind::kColon, "':' and the value of the property")) {
      SkipToBlockEnd();
      return false;
    }
    std::optional<ExprAst> value = ParseValue();
    if (!value) {
      SkipToBlockEnd();
      return false;
    }
    patterns.push_back(
        {.property = std::move(*property), .value = std::move(*value), .unless_null = unless_null});
    if (cursor_.Is(TokenKind::kRightBrace)) continue;
    if (!Expect(TokenKind::kComma, "',' or '}' behind a property pattern")) {
      SkipToBlockEnd();
      return false;
    }
  }
  return true;
}

/// A filter is a comparison, a test, a function that yields a Bool, or a condition in parentheses.
std::optional<ClauseAst> Parser::ParseFilter() {
  std::optional<ExprAst> condition = ParseCondition(0);
  if (!condition) return std::nullopt;
  const bool holds_by_itself = std::holds_alternative<CompareAst>(condition->node) ||
                               std::holds_alternative<LogicAst>(condition->node) ||
                               std::holds_alternative<NullTestAst>(condition->node) ||
                               std::holds_alternative<MembershipAst>(condition->node);
  if (!holds_by_itself && !IsTruthFunction(*condition) && !condition->in_parentheses) {
    FailOperator(*condition);
    return std::nullopt;
  }
  return FilterAst{.condition = std::move(*condition)};
}

}  // namespace tarn::gq
