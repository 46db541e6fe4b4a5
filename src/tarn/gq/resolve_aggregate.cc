#include <fmt/format.h>

#include "tarn/base/check.h"
#include "tarn/gq/resolution.h"
#include "tarn/gq/typing.h"

namespace tarn::gq {
namespace {

using schema::Scalar;

ir::AggregateFn FnOf(Function function) {
  switch (function) {
    case Function::kCount: return ir::AggregateFn::kCount;
    case Function::kSum: return ir::AggregateFn::kSum;
    case Function::kAvg: return ir::AggregateFn::kAvg;
    case Function::kMin: return ir::AggregateFn::kMin;
    case Function::kMax: return ir::AggregateFn::kMax;
    case Function::kIsum: return ir::AggregateFn::kIsum;
    case Function::kCollect: return ir::AggregateFn::kCollect;
    default: TARN_UNREACHABLE("no aggregate");
  }
}

/// Why `fn` refuses the argument, or "".
std::string_view Refusal(ir::AggregateFn fn, const ir::Expr& argument) {
  if (fn == ir::AggregateFn::kCount) return "";
  const bool is_node = std::holds_alternative<ir::EntityRef>(argument.node);
  if (fn == ir::AggregateFn::kCollect) return IsSingle(argument.type) ? "" : "needs single values";
  if (fn == ir::AggregateFn::kSum || fn == ir::AggregateFn::kAvg) {
    return is_node || !IsNumber(argument.type) ? "needs a numeric argument" : "";
  }
  if (fn == ir::AggregateFn::kIsum) {
    const bool whole = IsNumber(argument.type) && schema::IsInteger(argument.type.scalar);
    return is_node || !whole ? "needs an integer argument" : "";
  }
  return is_node || !IsSingle(argument.type) ? "needs an argument with an order" : "";
}

schema::PropertyType ResultType(ir::AggregateFn fn, const ir::Expr& argument) {
  if (fn == ir::AggregateFn::kCount) return MakeType(Scalar::kI64);
  if (fn == ir::AggregateFn::kSum || fn == ir::AggregateFn::kAvg) {
    return MakeType(Scalar::kF64, true);
  }
  if (fn == ir::AggregateFn::kIsum) return MakeType(Scalar::kI64, true);
  if (fn == ir::AggregateFn::kCollect) {
    schema::PropertyType list = MakeType(argument.type.scalar);
    list.list = true;
    return list;
  }
  schema::PropertyType type = argument.type;
  type.nullable = true;
  return type;
}

}  // namespace

ir::ExprPtr ResolveAggregate(const CallAst& call, SourceSpan span, Resolution& state) {
  const ir::AggregateFn fn = FnOf(call.function);
  const ExprAst& ast = call.arguments.front();
  ir::ExprPtr argument = ResolveExpr(ast, Place::kAggregate, state);
  if (argument == nullptr) return nullptr;
  const std::string_view refusal = Refusal(fn, *argument);
  if (!refusal.empty()) {
    const bool is_node = std::holds_alternative<ir::EntityRef>(argument->node);
    state.diagnostics.Error("T8", span,
                            fmt::format("`{}` {}, not {}", ir::AggregateFnText(fn), refusal,
                                        is_node ? "a node" : KindName(argument->type)));
    return nullptr;
  }
  schema::PropertyType type = ResultType(fn, *argument);
  return ir::MakeExpr(
      ir::Aggregate{.fn = fn, .argument = std::move(argument), .distinct = call.distinct},
      std::move(type));
}

}  // namespace tarn::gq
