#pragma once

#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/lance/filter.h"

namespace tarn::lance {

/// Which rows of `batch` the filter keeps, for the in-memory tables. Precondition: CheckFilter
/// accepted it.
///
/// Comparison is Lance's: bytes for text; for floats, NaN equals itself and is above everything,
/// and -0.0 equals 0.0.
std::vector<bool> RowsKept(const arrow::RecordBatch& batch, const Filter& filter);

}  // namespace tarn::lance
