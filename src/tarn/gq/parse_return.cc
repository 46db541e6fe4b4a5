#include <fmt/format.h>

#include "tarn/gq/limits.h"
#include "tarn/gq/parser.h"

namespace tarn::gq {

bool Parser::ParseRead(ReadAst& read) {
  cursor_.Take();
  std::optional<std::vector<ClauseAst>> clauses = ParseClauses("match");
  if (!clauses) return false;
  read.clauses = std::move(*clauses);
  if (!cursor_.IsWord("return")) {
    Fail("P002", cursor_.Peek().span,
         fmt::format("expected 'return' behind `match`, found {}",
                     schema::DescribeToken(cursor_.Peek())),
         "a read is `match { ... } return { ... }`, then `order` and `limit` if wanted");
    return false;
  }
  cursor_.Take();
  if (!ParseProjections(read)) return false;
  if (cursor_.IsWord("order") && !ParseOrder(read)) return false;
  if (cursor_.IsWordBeforeNumber("limit") && !ParseLimit(read)) return false;
  if (cursor_.TakeIf(TokenKind::kRightBrace)) return true;
  if (AtStatement()) {
    Fail("P009", cursor_.Peek().span, "a query reads or mutates, never both", "write two queries");
  } else if (cursor_.IsWord("order") || cursor_.IsWord("match") || cursor_.IsWord("return")) {
    Fail("P002", cursor_.Peek().span, fmt::format("`{}` stands too late", cursor_.Peek().text),
         "the order is match, return, order, limit, each at most once");
  } else {
    const bool skips = cursor_.IsWordBeforeNumber("offset") || cursor_.IsWordBeforeNumber("skip");
    FailExpected(read.limit ? "'}' at the end of the query" : "'order', 'limit' or '}'",
                 skips ? "there is no offset: ask for what comes behind the last row seen"
                       : SuggestName(cursor_.Peek().text, {"order", "limit"}));
  }
  return false;
}

bool Parser::ParseProjections(ReadAst& read) {
  if (!Expect(TokenKind::kLeftBrace, "'{' behind `return`")) return false;
  if (cursor_.Is(TokenKind::kRightBrace)) {
    Fail("P003", cursor_.Peek().span, "`return` needs at least one column");
  }
  while (!cursor_.TakeIf(TokenKind::kRightBrace)) {
    if (cursor_.AtEnd() || AtQueryStart()) {
      FailExpected("'}' at the end of `return`");
      return false;
    }
    if (read.projections.size() == kProjectionsMax) {
      Fail("P010", cursor_.Peek().span,
           fmt::format("a query returns at most {} columns", kProjectionsMax));
      Abort();
      return false;
    }
    if (!ParseProjection(read)) {
      SkipToBlockEnd();
      return true;
    }
  }
  return true;
}

bool Parser::ParseProjection(ReadAst& read) {
  std::optional<ExprAst> expr = ParseExpr();
  if (!expr) return false;
  ProjectionAst projection{.expr = std::move(*expr), .alias = {}};
  if (cursor_.IsWord("as")) {
    cursor_.Take();
    projection.alias = ExpectName(TokenKind::kIdent, "an alias (it starts lower-case)");
    if (!projection.alias) return false;
  }
  read.projections.push_back(std::move(projection));
  cursor_.TakeIf(TokenKind::kComma);
  return true;
}

bool Parser::ParseOrder(ReadAst& read) {
  cursor_.Take();
  if (!cursor_.TakeIf(TokenKind::kLeftBrace)) {
    FailExpected("'{' behind `order`", "write `order { $p.name desc }`");
    return false;
  }
  if (cursor_.Is(TokenKind::kRightBrace)) {
    Fail("P003", cursor_.Peek().span, "`order` needs at least one key");
    cursor_.Take();
    return true;
  }
  do {
    if (read.order.size() == kOrderKeysMax) {
      Fail("P010", cursor_.Peek().span,
           fmt::format("a query orders by at most {} keys", kOrderKeysMax));
      Abort();
      return false;
    }
    if (!ParseOrdering(read)) {
      SkipToBlockEnd();
      return true;
    }
  } while (cursor_.TakeIf(TokenKind::kComma));
  if (cursor_.TakeIf(TokenKind::kRightBrace)) return true;
  FailExpected("',' between order keys, or '}'", SuggestName(cursor_.Peek().text, {"asc", "desc"}));
  SkipToBlockEnd();
  return true;
}

bool Parser::ParseOrdering(ReadAst& read) {
  if (cursor_.Is(TokenKind::kRightBrace) && !read.order.empty()) {
    Fail("P011", cursor_.Peek().span, "no comma may stand behind the last order key");
    return false;
  }
  const size_t begin = cursor_.Peek().span.begin;
  std::optional<ExprAst> expr = ParseExpr();
  if (!expr) return false;
  OrderingAst ordering{
      .expr = std::move(*expr), .direction = OrderingAst::Direction::kUnsaid, .span = {}};
  if (cursor_.IsWord("asc") || cursor_.IsWord("desc")) {
    const CallAst* call = std::get_if<CallAst>(&ordering.expr.node);
    if (call != nullptr && call->function == Function::kNearest) {
      Fail("P006", cursor_.Peek().span, "nearest does not accept asc/desc modifiers",
           "the nearest rows always come first");
      return false;
    }
    ordering.direction = cursor_.IsWord("asc") ? OrderingAst::Direction::kAscending
                                               : OrderingAst::Direction::kDescending;
    cursor_.Take();
  }
  ordering.span = SpanFrom(begin);
  read.order.push_back(std::move(ordering));
  return true;
}

bool Parser::ParseLimit(ReadAst& read) {
  cursor_.TakeWordBeforeNumber("limit");
  if (!cursor_.Is(TokenKind::kInteger)) {
    FailExpected("an integer behind `limit`", cursor_.Is(TokenKind::kVariable)
                                                  ? "the limit is a literal number, not a parameter"
                                                  : "");
    return false;
  }
  read.limit = TakeUnsigned(UINT64_MAX);
  return read.limit.has_value();
}

}  // namespace tarn::gq
