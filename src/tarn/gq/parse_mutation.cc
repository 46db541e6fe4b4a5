#include <fmt/format.h>

#include "tarn/gq/limits.h"
#include "tarn/gq/parser.h"

namespace tarn::gq {

bool Parser::AtStatement() const {
  return cursor_.IsWord("insert") || cursor_.IsWord("update") || cursor_.IsWord("delete");
}

bool Parser::ParseMutation(MutationAst& mutation) {
  while (AtStatement()) {
    if (mutation.size() == kStatementsMax) {
      Fail("P010", cursor_.Peek().span,
           fmt::format("a mutation has at most {} statements", kStatementsMax));
      Abort();
      return false;
    }
    std::optional<StatementAst> statement = ParseStatement();
    if (!statement) return false;
    mutation.push_back(std::move(*statement));
  }
  if (cursor_.TakeIf(TokenKind::kRightBrace)) return true;
  if (cursor_.IsWord("match")) {
    Fail("P009", cursor_.Peek().span, "a query reads or mutates, never both", "write two queries");
  } else {
    FailExpected("'insert', 'update', 'delete' or '}'",
                 SuggestName(cursor_.Peek().text, {"insert", "update", "delete", "where", "set"}));
  }
  return false;
}

std::optional<StatementAst> Parser::ParseStatement() {
  using Kind = StatementAst::Kind;
  StatementAst statement;
  statement.kind = cursor_.IsWord("insert")   ? Kind::kInsert
                   : cursor_.IsWord("update") ? Kind::kUpdate
                                              : Kind::kDelete;
  statement.span = cursor_.Take().span;
  std::optional<Name> type =
      ExpectName(TokenKind::kTypeName, "a node or edge type (it starts with a capital)");
  if (!type) return std::nullopt;
  statement.type = std::move(*type);
  if (statement.kind == Kind::kUpdate) {
    if (!cursor_.IsWord("set")) {
      FailExpected("'set' behind the type to update");
      return std::nullopt;
    }
    cursor_.Take();
  }
  if (statement.kind != Kind::kDelete && !ParseAssignments(statement)) return std::nullopt;
  if (statement.kind != Kind::kInsert && !ParsePredicate(statement)) return std::nullopt;
  return statement;
}

bool Parser::ParseAssignments(StatementAst& statement) {
  if (!Expect(TokenKind::kLeftBrace, "'{' and the properties to set")) return false;
  while (!cursor_.TakeIf(TokenKind::kRightBrace)) {
    if (!CountClause()) return false;
    std::optional<Name> property = ExpectName(TokenKind::kIdent, "a property name or '}'");
    if (!property) return false;
    if (cursor_.Is(TokenKind::kEquals)) {
      FailExpected("':' behind the property", fmt::format("write `{}: value`", property->text));
      return false;
    }
    if (!Expect(TokenKind::kColon, "':' and the value of the property")) return false;
    if (cursor_.Is(TokenKind::kLeftBrace)) {
      AssignmentAst end{.property = std::move(*property), .value = {}, .key = {}};
      if (!ParsePatterns(end.key)) return false;
      if (end.key.empty()) {
        Fail("P003", end.property.span, "a key needs the properties that form it",
             fmt::format("write `{}: {{ property: value }}`", end.property.text));
      }
      statement.assignments.push_back(std::move(end));
      cursor_.TakeIf(TokenKind::kComma);
      continue;
    }
    std::optional<ExprAst> value = ParseValue();
    if (!value) return false;
    statement.assignments.push_back(
        {.property = std::move(*property), .value = std::move(*value), .key = {}});
    cursor_.TakeIf(TokenKind::kComma);
  }
  return true;
}

bool Parser::ParsePredicate(StatementAst& statement) {
  if (!cursor_.IsWord("where")) {
    FailExpected("'where' and a condition",
                 "a mutation of every row needs a condition that every row meets");
    return false;
  }
  cursor_.Take();
  std::optional<Name> property = ExpectName(TokenKind::kIdent, "the name of a property");
  if (!property) return false;
  const SourceSpan at = cursor_.Peek().span;
  const std::optional<ir::CompareOp> op = TakeOperator();
  if (!op) {
    FailExpected("one of = != < <= > >=");
    return false;
  }
  if (*op == ir::CompareOp::kContains || *op == ir::CompareOp::kStartsWith) {
    Fail("P001", at,
         fmt::format("a mutation compares with = != < <= > >=, not with {}",
                     ir::CompareOpText(*op)));
    return false;
  }
  std::optional<ExprAst> value = ParseValue();
  if (!value) return false;
  statement.where =
      PredicateAst{.property = std::move(*property), .op = *op, .value = std::move(*value)};
  return true;
}

}  // namespace tarn::gq
