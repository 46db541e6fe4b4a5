#include "tarn/ir/expr.h"

#include "tarn/base/check.h"

namespace tarn::ir {
namespace {

bool SameChild(const ExprPtr& a, const ExprPtr& b) {
  if (a == nullptr || b == nullptr) return a == b;
  return SameExpr(*a, *b);
}

bool Same(const PropertyRef& a, const PropertyRef& b) {
  return a.variable == b.variable && a.property == b.property;
}
bool Same(const Constant& a, const Constant& b) { return a.value == b.value; }
bool Same(const ParameterRef& a, const ParameterRef& b) { return a.index == b.index; }
bool Same(const Now&, const Now&) { return true; }
bool Same(const EntityRef& a, const EntityRef& b) { return a.variable == b.variable; }
bool Same(const ColumnRef& a, const ColumnRef& b) { return a.projection == b.projection; }
bool Same(const Compare& a, const Compare& b) {
  return a.op == b.op && SameChild(a.left, b.left) && SameChild(a.right, b.right);
}
bool Same(const TextMatch& a, const TextMatch& b) {
  return a.kind == b.kind && Same(a.field, b.field) && SameChild(a.query, b.query) &&
         SameChild(a.edits, b.edits);
}
bool Same(const Nearest& a, const Nearest& b) {
  return Same(a.field, b.field) && a.metric == b.metric && SameChild(a.query, b.query);
}
bool Same(const Bm25& a, const Bm25& b) {
  return Same(a.field, b.field) && SameChild(a.query, b.query);
}
bool Same(const Rrf& a, const Rrf& b) {
  return SameChild(a.primary, b.primary) && SameChild(a.secondary, b.secondary) &&
         SameChild(a.k, b.k);
}
bool Same(const Aggregate& a, const Aggregate& b) {
  return a.fn == b.fn && SameChild(a.argument, b.argument);
}

}  // namespace

std::string_view CompareOpText(CompareOp op) {
  switch (op) {
    case CompareOp::kEqual: return "=";
    case CompareOp::kNotEqual: return "!=";
    case CompareOp::kLess: return "<";
    case CompareOp::kLessEqual: return "<=";
    case CompareOp::kGreater: return ">";
    case CompareOp::kGreaterEqual: return ">=";
    case CompareOp::kContains: return "contains";
    case CompareOp::kStartsWith: return "starts_with";
  }
  TARN_UNREACHABLE("a CompareOp outside its enum");
}

std::string_view TextMatchKindText(TextMatchKind kind) {
  switch (kind) {
    case TextMatchKind::kSearch: return "search";
    case TextMatchKind::kMatchText: return "match_text";
    case TextMatchKind::kFuzzy: return "fuzzy";
  }
  TARN_UNREACHABLE("a TextMatchKind outside its enum");
}

std::string_view AggregateFnText(AggregateFn fn) {
  switch (fn) {
    case AggregateFn::kCount: return "count";
    case AggregateFn::kSum: return "sum";
    case AggregateFn::kAvg: return "avg";
    case AggregateFn::kMin: return "min";
    case AggregateFn::kMax: return "max";
  }
  TARN_UNREACHABLE("an AggregateFn outside its enum");
}

bool SameExpr(const Expr& a, const Expr& b) {
  if (a.node.index() != b.node.index()) return false;
  return std::visit(
      [&b](const auto& node) { return Same(node, std::get<std::decay_t<decltype(node)>>(b.node)); },
      a.node);
}

}  // namespace tarn::ir
