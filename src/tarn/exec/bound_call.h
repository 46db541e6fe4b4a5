#pragma once

#include <vector>

#include "tarn/exec/bound_expr.h"

namespace tarn::exec {

/// A function or operator of row values. When it fails it tells `state`, which ends the query, and
/// yields null.
BoundExprPtr MakeCall(QueryState& state, ir::ScalarFn fn, const schema::PropertyType& type,
                      std::vector<BoundExprPtr> arguments);
BoundExprPtr MakeLogic(ir::LogicOp op, std::vector<BoundExprPtr> operands);
BoundExprPtr MakeNullTest(BoundExprPtr operand, bool negated);
BoundExprPtr MakeMembership(BoundExprPtr item, BoundExprPtr list);

}  // namespace tarn::exec
