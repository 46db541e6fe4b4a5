#include <fmt/format.h>

#include "tarn/gq/limits.h"
#include "tarn/gq/parser.h"

namespace tarn::gq {

/// Operands of one precedence, from left to right. Operators that follow one another are bounded,
/// since each one nests what stands before it.
template <typename ParseOperand>
std::optional<ExprAst> Parser::ParseChain(TokenKind first, ir::ScalarFn first_fn, TokenKind second,
                                          ir::ScalarFn second_fn, ParseOperand parse_operand) {
  std::optional<ExprAst> left = parse_operand();
  size_t operators = 0;
  while (left && (cursor_.Is(first) || cursor_.Is(second))) {
    if (++operators > kOperatorsMax) {
      Fail("P010", cursor_.Peek().span,
           fmt::format("more than {} operators follow one another", kOperatorsMax));
      Abort();
      return std::nullopt;
    }
    const ir::ScalarFn fn = cursor_.Is(first) ? first_fn : second_fn;
    cursor_.Take();
    std::optional<ExprAst> right = parse_operand();
    if (!right) return std::nullopt;
    const SourceSpan span{left->span.begin, right->span.end};
    OperatorAst operation{.fn = fn, .operands = {}};
    operation.operands.push_back(std::move(*left));
    operation.operands.push_back(std::move(*right));
    left = ExprAst{.node = std::move(operation), .span = span};
  }
  return left;
}

/// expr = product { ( "+" | "-" ) product } ;
std::optional<ExprAst> Parser::ParseExpr(size_t depth) {
  if (TooDeep(depth)) return std::nullopt;
  return ParseChain(TokenKind::kPlus, ir::ScalarFn::kAdd, TokenKind::kMinus,
                    ir::ScalarFn::kSubtract, [this, depth] { return ParseProduct(depth); });
}

/// product = signed { ( "*" | "/" ) signed } ;
std::optional<ExprAst> Parser::ParseProduct(size_t depth) {
  return ParseChain(TokenKind::kStar, ir::ScalarFn::kMultiply, TokenKind::kSlash,
                    ir::ScalarFn::kDivide, [this, depth] { return ParseSigned(depth); });
}

/// signed = "-" signed | "(" condition ")" | primary ; a sign before digits belongs to the literal.
std::optional<ExprAst> Parser::ParseSigned(size_t depth) {
  const bool number = cursor_.Is(TokenKind::kInteger, 1) || cursor_.Is(TokenKind::kFloat, 1);
  if (!cursor_.Is(TokenKind::kMinus) || number) {
    return cursor_.Is(TokenKind::kLeftParen) ? ParseParentheses(depth) : ParsePrimary(depth);
  }
  if (TooDeep(depth + 1)) return std::nullopt;
  const size_t begin = cursor_.Take().span.begin;
  std::optional<ExprAst> operand = ParseSigned(depth + 1);
  if (!operand) return std::nullopt;
  OperatorAst negation{.fn = ir::ScalarFn::kNegate, .operands = {}};
  negation.operands.push_back(std::move(*operand));
  return ExprAst{.node = std::move(negation), .span = SpanFrom(begin)};
}

std::optional<ExprAst> Parser::ParseParentheses(size_t depth) {
  if (TooDeep(depth + 1)) return std::nullopt;
  const size_t begin = cursor_.Take().span.begin;
  std::optional<ExprAst> inside = ParseCondition(depth + 1);
  if (!inside) return std::nullopt;
  if (!Expect(TokenKind::kRightParen, "')' that closes the parenthesis")) return std::nullopt;
  inside->span = SpanFrom(begin);
  inside->in_parentheses = true;
  return inside;
}

}  // namespace tarn::gq
