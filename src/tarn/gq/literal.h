#pragma once

#include <optional>

#include "tarn/gq/ast.h"
#include "tarn/gq/diagnostics.h"
#include "tarn/ir/expr.h"

namespace tarn::gq {

/// The constant a literal spells, with its own type: integer I64, float F64, a list of its first
/// item's kind, `[]` a list of String. Null after an uncoded error: an invalid date, a nested or
/// mixed list, a float out of range.
ir::ExprPtr ResolveLiteral(const LiteralAst& literal, Diagnostics& diagnostics);

/// The constant null: a nullable String that fits every kind.
ir::ExprPtr NullLiteral();
bool IsNullLiteral(const ir::Expr& expr);

/// True for the constant `[]`, which fits every list.
bool IsEmptyList(const ir::Expr& expr);

/// The vector that an all-numeric list constant spells. Nothing if an item is no number or exceeds
/// F32.
std::optional<ir::Vector> VectorOf(const ir::Expr& expr);

}  // namespace tarn::gq
