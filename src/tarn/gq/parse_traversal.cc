#include <algorithm>

#include <fmt/format.h>

#include "tarn/gq/missing_operator.h"
#include "tarn/gq/parser.h"

namespace tarn::gq {

bool Parser::AtTraversal() const {
  if (!cursor_.Is(TokenKind::kVariable)) return false;
  if (cursor_.Is(TokenKind::kVariable, 1)) return true;
  if (cursor_.Is(TokenKind::kLess, 1)) {
    return cursor_.Is(TokenKind::kIdent, 2) &&
           (cursor_.Is(TokenKind::kGreater, 3) || cursor_.Is(TokenKind::kPipe, 3));
  }
  if (cursor_.Is(TokenKind::kLeftParen, 1)) {
    return cursor_.Is(TokenKind::kIdent, 2) &&
           (cursor_.Is(TokenKind::kPipe, 3) || cursor_.Is(TokenKind::kRightParen, 3));
  }
  if (cursor_.Is(TokenKind::kTypeName, 1)) return true;  // a misspelt edge: ParseEdgeWord says how
  if (!cursor_.Is(TokenKind::kIdent, 1)) return false;
  // `$needle contains $p.name` and `$needle contains "x"` are filters; `$a contains $b` may be an
  // edge of that name, which only the schema tells: the resolver turns it into a filter if there is
  // none.
  if (cursor_.IsWordBeforeNumber("contains", 1) || cursor_.IsWordBeforeNumber("starts_with", 1)) {
    if (cursor_.Is(TokenKind::kLeftBrace, 2)) return true;
    return cursor_.Is(TokenKind::kVariable, 2) && !cursor_.Is(TokenKind::kDot, 3);
  }
  const auto is_next = [this](std::string_view word) { return cursor_.IsWord(word, 1); };
  const bool operator_word =
      std::any_of(kOperatorWords.begin(), kOperatorWords.end(), is_next) ||
      std::any_of(kMissingOperators.begin(), kMissingOperators.end(),
                  [&is_next](const MissingOperator& missing) { return is_next(missing.word); });
  if (!operator_word) return true;
  return cursor_.Is(TokenKind::kVariable, 2) || cursor_.Is(TokenKind::kLeftBrace, 2);
}

std::optional<ClauseAst> Parser::ParseTraversal() {
  TraversalAst traversal;
  const schema::Token& left = cursor_.Take();
  traversal.left = {left.text, left.span};
  if (cursor_.Is(TokenKind::kVariable)) {
    const schema::Token& edge = cursor_.Take();
    traversal.edge_variable = Name{edge.text, edge.span};
    if (!Expect(TokenKind::kColon, "':' and an edge behind the name of the edge row")) {
      return std::nullopt;
    }
  }
  if (!ParseEdge(traversal)) return std::nullopt;
  if (cursor_.Is(TokenKind::kLeftBracket) && !ParseHopCondition(traversal)) return std::nullopt;
  if (cursor_.Is(TokenKind::kLeftBrace)) {
    traversal.hops = ParseHops();
    if (!traversal.hops) return std::nullopt;
  }
  if (cursor_.Is(TokenKind::kStar) || cursor_.Is(TokenKind::kPlus)) {
    FailExpected("the variable at the other end of the edge",
                 fmt::format("several hops are written `{}{{1,3}}`", traversal.edge.text));
    return std::nullopt;
  }
  std::optional<Name> right =
      ExpectName(TokenKind::kVariable, "the variable at the other end of the edge");
  if (!right) return std::nullopt;
  traversal.right = std::move(*right);
  if (cursor_.IsWord("as")) {
    cursor_.Take();
    traversal.path = ExpectName(TokenKind::kVariable, "the variable of the path behind `as`");
    if (!traversal.path) return std::nullopt;
  }
  traversal.span = {left.span.begin, cursor_.last_end()};
  return traversal;
}

/// edge = word | "(" word { "|" word } ")" | "<" word { "|" word } ">" ;
bool Parser::ParseEdge(TraversalAst& traversal) {
  traversal.undirected = cursor_.TakeIf(TokenKind::kLess);
  const bool group = !traversal.undirected && cursor_.TakeIf(TokenKind::kLeftParen);
  std::optional<Name> edge = ParseEdgeWord();
  if (!edge) return false;
  traversal.edge = std::move(*edge);
  while ((group || traversal.undirected) && cursor_.TakeIf(TokenKind::kPipe)) {
    if (!CountClause()) return false;
    std::optional<Name> other = ParseEdgeWord();
    if (!other) return false;
    traversal.alternatives.push_back(std::move(*other));
  }
  if (group) return Expect(TokenKind::kRightParen, "'|' or ')' behind an edge");
  return !traversal.undirected || Expect(TokenKind::kGreater, "'>' behind the undirected edge");
}

std::optional<Name> Parser::ParseEdgeWord() {
  if (cursor_.Is(TokenKind::kTypeName)) {
    std::string word = cursor_.Peek().text;
    word[0] = static_cast<char>(word[0] - 'A' + 'a');
    FailExpected("an edge", fmt::format("edges are written lower-case first: `{}`", word));
    return std::nullopt;
  }
  if (cursor_.IsWord("not")) {
    FailExpected("an edge", "`not` is no edge name; a negation is `not { ... }`");
    return std::nullopt;
  }
  return ExpectName(TokenKind::kIdent, "an edge");
}

/// `[ condition ]`: asked of every edge on the way.
bool Parser::ParseHopCondition(TraversalAst& traversal) {
  cursor_.Take();
  traversal.hop_condition = ParseCondition(0);
  return traversal.hop_condition &&
         Expect(TokenKind::kRightBracket, "']' behind the condition on the edge");
}

std::optional<HopsAst> Parser::ParseHops() {
  HopsAst hops;
  const size_t begin = cursor_.Take().span.begin;
  if (!ParseHopBounds(hops)) {
    SkipToBlockEnd();
    return std::nullopt;
  }
  cursor_.Take();
  hops.span = SpanFrom(begin);
  return hops;
}

/// Stops before the closing brace.
bool Parser::ParseHopBounds(HopsAst& hops) {
  if (!cursor_.Is(TokenKind::kInteger)) {
    Fail("P005", cursor_.Peek().span, "hop bounds are written `{min,max}`");
    return false;
  }
  const std::optional<uint64_t> min = TakeUnsigned(UINT32_MAX);
  if (!min) return false;
  hops.min = static_cast<uint32_t>(*min);
  if (cursor_.Is(TokenKind::kRightBrace)) {
    Fail("P005", cursor_.Peek().span, "hop bounds need both ends",
         fmt::format("write `{{{0},{0}}}`, or `{{{0},}}` for any number from there", *min));
    return false;
  }
  if (!Expect(TokenKind::kComma, "',' between the hop bounds")) return false;
  if (cursor_.Is(TokenKind::kInteger)) {
    const std::optional<uint64_t> max = TakeUnsigned(UINT32_MAX);
    if (!max) return false;
    hops.max = static_cast<uint32_t>(*max);
  } else {
    hops.max = UINT32_MAX;  // every vertex is met once, so the visited set is the bound
  }
  if (cursor_.Is(TokenKind::kRightBrace)) return true;
  FailExpected("'}' behind the hop bounds");
  return false;
}

}  // namespace tarn::gq
