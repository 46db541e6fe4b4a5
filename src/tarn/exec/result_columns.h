#pragma once

#include <memory>
#include <span>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/status.h"
#include "tarn/exec/cell.h"
#include "tarn/ir/query.h"

namespace tarn::exec {

/// The Arrow form of a property type in results: Utf8, Int64, Date64, List, FixedSizeList, ...
std::shared_ptr<arrow::DataType> ArrowTypeOf(const schema::PropertyType& type);

/// The type of a projection's column: count is I64, sum and avg are F64, scores are F64, a bare
/// variable is a String.
schema::PropertyType ResultTypeOf(const ir::ExprPtr& expr, const ir::Query& query);

/// A column whose row r is cells[positions[r]].
Result<std::shared_ptr<arrow::Array>> BuildColumn(const schema::PropertyType& type,
                                                  std::span<const Cell> cells,
                                                  std::span<const uint32_t> positions);

/// A column whose row r is column[positions[r]], by Arrow's take. kResultTooLarge when its text
/// outgrows one array.
Result<std::shared_ptr<arrow::Array>> TakeColumn(const std::shared_ptr<arrow::Array>& column,
                                                 std::span<const uint32_t> positions);

}  // namespace tarn::exec
