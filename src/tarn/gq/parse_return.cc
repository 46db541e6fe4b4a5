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
  if (cursor_.IsWord("distinct") && cursor_.Is(TokenKind::kLeftBrace, 1)) {
    cursor_.Take();
    read.distinct = true;
  }
  if (!ParseProjections(read)) return false;
  if (cursor_.IsWord("having") && !ParseHaving(read)) return false;
  if (cursor_.IsWord("order") && !ParseOrder(read)) return false;
  if (!ParseRowCounts(read)) return false;
  if (cursor_.TakeIf(TokenKind::kRightBrace)) return true;
  FailReadEnd(read);
  return false;
}

void Parser::FailReadEnd(const ReadAst& read) {
  const bool late = cursor_.IsWord("order") || cursor_.IsWord("match") ||
                    cursor_.IsWord("return") || cursor_.IsWord("having") ||
                    cursor_.IsWordBeforeNumber("limit") || cursor_.IsWordBeforeNumber("offset");
  if (AtStatement()) {
    Fail("P009", cursor_.Peek().span, "a query reads or mutates, never both", "write two queries");
  } else if (late) {
    Fail("P002", cursor_.Peek().span, fmt::format("`{}` stands too late", cursor_.Peek().text),
         "the order is match, return, having, order, limit per, offset and limit, each at most "
         "once");
  } else {
    FailExpected(read.limit ? "'}' at the end of the query" : "'order', 'limit' or '}'",
                 cursor_.IsWordBeforeNumber("skip")
                     ? "rows are skipped with `offset n`"
                     : SuggestName(cursor_.Peek().text, {"order", "limit", "offset", "having"}));
  }
}

/// having = "having" "{" { condition } "}" ;
bool Parser::ParseHaving(ReadAst& read) {
  cursor_.Take();
  if (!Expect(TokenKind::kLeftBrace, "'{' behind `having`")) return false;
  if (cursor_.Is(TokenKind::kRightBrace)) {
    Fail("P003", cursor_.Peek().span, "`having` needs at least one condition");
  }
  while (!cursor_.TakeIf(TokenKind::kRightBrace)) {
    if (cursor_.AtEnd() || AtQueryStart()) {
      FailExpected("'}' at the end of `having`");
      return false;
    }
    std::optional<ClauseAst> filter = CountClause() ? ParseFilter() : std::nullopt;
    if (!filter) {
      SkipToBlockEnd();
      return true;
    }
    read.having.push_back(std::move(std::get<FilterAst>(*filter)));
  }
  return true;
}

/// `limit n per { ... }`, `offset n` and `limit n`, each at most once.
bool Parser::ParseRowCounts(ReadAst& read) {
  while (true) {
    if (cursor_.IsWordBeforeNumber("limit") && !read.limit) {
      if (!ParseLimit(read)) return false;
    } else if (cursor_.IsWordBeforeNumber("offset") && !read.offset) {
      read.offset = ParseRowCount("offset");
      if (!read.offset) return false;
    } else {
      return true;
    }
  }
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
  const SourceSpan span = cursor_.Peek().span;
  std::optional<RowCountAst> rows = ParseRowCount("limit");
  if (!rows) return false;
  if (cursor_.IsWord("per")) return ParsePerGroup(read, std::move(*rows), span);
  read.limit = std::move(rows);
  return true;
}

bool Parser::ParsePerGroup(ReadAst& read, RowCountAst rows, SourceSpan span) {
  cursor_.Take();
  if (read.per_group || read.offset) {
    Fail("P002", span, "`limit n per { ... }` stands once, before `offset` and `limit`");
    return false;
  }
  if (!Expect(TokenKind::kLeftBrace, "'{' and what the groups have in common")) return false;
  PerGroupAst per_group{.rows = std::move(rows), .keys = {}, .span = span};
  do {
    if (per_group.keys.size() == kOrderKeysMax) {
      Fail("P010", cursor_.Peek().span, fmt::format("a group has at most {} keys", kOrderKeysMax));
      Abort();
      return false;
    }
    std::optional<ExprAst> key = ParseExpr();
    if (!key) return false;
    per_group.keys.push_back(std::move(*key));
  } while (cursor_.TakeIf(TokenKind::kComma));
  read.per_group = std::move(per_group);
  return Expect(TokenKind::kRightBrace, "',' between the keys of a group, or '}'");
}

std::optional<RowCountAst> Parser::ParseRowCount(std::string_view word) {
  cursor_.TakeWordBeforeNumber(word);
  if (cursor_.Is(TokenKind::kVariable)) {
    const schema::Token& token = cursor_.Take();
    return RowCountAst{.literal = 0, .parameter = Name{token.text, token.span}};
  }
  if (!cursor_.Is(TokenKind::kInteger)) {
    FailExpected(fmt::format("an integer or a parameter behind `{}`", word));
    return std::nullopt;
  }
  const std::optional<uint64_t> literal = TakeUnsigned(UINT64_MAX);
  if (!literal) return std::nullopt;
  return RowCountAst{.literal = *literal, .parameter = {}};
}

}  // namespace tarn::gq
