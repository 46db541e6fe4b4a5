#include "tarn/ir/expr.h"

#include <algorithm>

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
bool Same(const PathRef& a, const PathRef& b) {
  return a.variable == b.variable && a.part == b.part;
}
bool Same(const ColumnRef& a, const ColumnRef& b) { return a.projection == b.projection; }
bool Same(const Compare& a, const Compare& b) {
  return a.op == b.op && SameChild(a.left, b.left) && SameChild(a.right, b.right);
}
bool SameAll(const std::vector<ExprPtr>& a, const std::vector<ExprPtr>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), SameChild);
}
bool Same(const Logic& a, const Logic& b) {
  return a.op == b.op && SameAll(a.operands, b.operands);
}
bool Same(const NullTest& a, const NullTest& b) {
  return a.negated == b.negated && SameChild(a.operand, b.operand);
}
bool Same(const Membership& a, const Membership& b) {
  return SameChild(a.item, b.item) && SameChild(a.list, b.list);
}
bool Same(const Call& a, const Call& b) {
  return a.fn == b.fn && SameAll(a.arguments, b.arguments);
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
  return a.fn == b.fn && a.distinct == b.distinct && SameChild(a.argument, b.argument);
}

/// Collects children; null ones are options that were not written.
struct ChildWalk {
  std::vector<ExprPtr> found;

  void Add(const ExprPtr& child) {
    if (child != nullptr) found.push_back(child);
  }
  void operator()(const Constant&) {}
  void operator()(const ParameterRef&) {}
  void operator()(const Now&) {}
  void operator()(const PropertyRef&) {}
  void operator()(const EntityRef&) {}
  void operator()(const PathRef&) {}
  void operator()(const ColumnRef&) {}
  void operator()(const Compare& node) {
    Add(node.left);
    Add(node.right);
  }
  void operator()(const Logic& node) { found = node.operands; }
  void operator()(const NullTest& node) { Add(node.operand); }
  void operator()(const Membership& node) {
    Add(node.item);
    Add(node.list);
  }
  void operator()(const Call& node) { found = node.arguments; }
  void operator()(const TextMatch& node) {
    Add(node.query);
    Add(node.edits);
  }
  void operator()(const Nearest& node) { Add(node.query); }
  void operator()(const Bm25& node) { Add(node.query); }
  void operator()(const Rrf& node) {
    Add(node.primary);
    Add(node.secondary);
    Add(node.k);
  }
  void operator()(const Aggregate& node) { Add(node.argument); }
};

}  // namespace

std::vector<ExprPtr> ChildrenOf(const Expr& expr) {
  ChildWalk walk;
  std::visit(walk, expr.node);
  return std::move(walk.found);
}

ExprPtr WithChildren(const Expr& expr, std::vector<ExprPtr> children) {
  if (const auto* compare = std::get_if<Compare>(&expr.node)) {
    return MakeExpr(Compare{compare->op, children[0], children[1]}, expr.type);
  }
  if (const auto* logic = std::get_if<Logic>(&expr.node)) {
    return MakeExpr(Logic{logic->op, std::move(children)}, expr.type);
  }
  if (const auto* test = std::get_if<NullTest>(&expr.node)) {
    return MakeExpr(NullTest{children[0], test->negated}, expr.type);
  }
  if (std::holds_alternative<Membership>(expr.node)) {
    return MakeExpr(Membership{children[0], children[1]}, expr.type);
  }
  return MakeExpr(Call{std::get<Call>(expr.node).fn, std::move(children)}, expr.type);
}

bool IsLeafValue(const Expr& expr) {
  return std::holds_alternative<Constant>(expr.node) ||
         std::holds_alternative<ParameterRef>(expr.node) || std::holds_alternative<Now>(expr.node);
}

std::string_view PathPartText(PathPart part) {
  switch (part) {
    case PathPart::kLength: return "length";
    case PathPart::kNodes: return "nodes";
    case PathPart::kEdges: return "edges";
  }
  TARN_UNREACHABLE("a PathPart outside its enum");
}

std::string_view LogicOpText(LogicOp op) {
  switch (op) {
    case LogicOp::kAnd: return "and";
    case LogicOp::kOr: return "or";
    case LogicOp::kNot: return "not";
  }
  TARN_UNREACHABLE("a LogicOp outside its enum");
}

bool FnCanFail(ScalarFn fn) {
  switch (fn) {
    case ScalarFn::kAdd:
    case ScalarFn::kSubtract:
    case ScalarFn::kMultiply:
    case ScalarFn::kDivide:
    case ScalarFn::kRemainder:
    case ScalarFn::kNegate:
    case ScalarFn::kAbs:
    case ScalarFn::kConcat:
    case ScalarFn::kReplace:
    case ScalarFn::kJoin:
    case ScalarFn::kDateAdd: return true;
    case ScalarFn::kCoalesce:
    case ScalarFn::kLower:
    case ScalarFn::kUpper:
    case ScalarFn::kTrim:
    case ScalarFn::kLength:
    case ScalarFn::kSubstring:
    case ScalarFn::kStartsWith:
    case ScalarFn::kEndsWith:
    case ScalarFn::kFirst:
    case ScalarFn::kLast:
    case ScalarFn::kItem:
    case ScalarFn::kYear:
    case ScalarFn::kMonth:
    case ScalarFn::kDay:
    case ScalarFn::kHour:
    case ScalarFn::kMinute:
    case ScalarFn::kSecond:
    case ScalarFn::kWeekday:
    case ScalarFn::kDateDiff:
    case ScalarFn::kDateTrunc:
    case ScalarFn::kToDate:
    case ScalarFn::kToDateTime: return false;
  }
  TARN_UNREACHABLE("a ScalarFn outside its enum");
}

std::string_view ScalarFnText(ScalarFn fn) {
  switch (fn) {
    case ScalarFn::kAdd: return "+";
    case ScalarFn::kSubtract: return "-";
    case ScalarFn::kMultiply: return "*";
    case ScalarFn::kDivide: return "/";
    case ScalarFn::kRemainder: return "mod";
    case ScalarFn::kNegate: return "-";
    case ScalarFn::kAbs: return "abs";
    case ScalarFn::kCoalesce: return "coalesce";
    case ScalarFn::kLower: return "lower";
    case ScalarFn::kUpper: return "upper";
    case ScalarFn::kTrim: return "trim";
    case ScalarFn::kLength: return "length";
    case ScalarFn::kSubstring: return "substring";
    case ScalarFn::kReplace: return "replace";
    case ScalarFn::kConcat: return "concat";
    case ScalarFn::kStartsWith: return "starts_with";
    case ScalarFn::kEndsWith: return "ends_with";
    case ScalarFn::kFirst: return "first";
    case ScalarFn::kLast: return "last";
    case ScalarFn::kItem: return "item";
    case ScalarFn::kJoin: return "join";
    case ScalarFn::kYear: return "year";
    case ScalarFn::kMonth: return "month";
    case ScalarFn::kDay: return "day";
    case ScalarFn::kHour: return "hour";
    case ScalarFn::kMinute: return "minute";
    case ScalarFn::kSecond: return "second";
    case ScalarFn::kWeekday: return "weekday";
    case ScalarFn::kDateAdd: return "date_add";
    case ScalarFn::kDateDiff: return "date_diff";
    case ScalarFn::kDateTrunc: return "date_trunc";
    case ScalarFn::kToDate: return "to_date";
    case ScalarFn::kToDateTime: return "to_datetime";
  }
  TARN_UNREACHABLE("a ScalarFn outside its enum");
}

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
    case AggregateFn::kIsum: return "isum";
    case AggregateFn::kCollect: return "collect";
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
