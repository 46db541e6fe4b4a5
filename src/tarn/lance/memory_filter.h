#pragma once

#include <cstdint>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/lance/filter.h"

namespace tarn::lance {

/// Which rows of `batch` the filter keeps, for rows that no storage filters: those of the in-memory
/// tables, and those that a write has not stored yet. Precondition: CheckFilter accepts it.
///
/// Comparison is Lance's: bytes for text; for floats, NaN equals itself and is above everything,
/// and -0.0 equals 0.0.
std::vector<bool> RowsKept(const arrow::RecordBatch& batch, const Filter& filter);

/// The cell as a filter on its column compares with it. Precondition: it is not null, and its type
/// is one that a filter compares.
Value ValueAt(const arrow::Array& array, int64_t row);

}  // namespace tarn::lance
