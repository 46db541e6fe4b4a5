#pragma once

#include <utility>

#include <arrow/result.h>
#include <arrow/status.h>

#include "tarn/base/status.h"

/// The only place where Arrow's errors become Tarn's and back.

namespace tarn::columnar {

/// Arrow's error as a Tarn one. An error that ToArrow made comes back whole: id, hint, detail and
/// trail.
///
/// OutOfMemory becomes kMemoryBudget, NotImplemented kUnsupported, IOError kStorageUnavailable,
/// SerializationError kCorruptData, Invalid and its kin kInvalidArgument; what is left is
/// kInternal.
Status FromArrow(const arrow::Status& status);

/// Tarn's error for a callback that must answer in Arrow's terms.
arrow::Status ToArrow(const Status& status);

/// So that TARN_ASSIGN_OR_RETURN can take an Arrow result.
template <typename T>
Result<T> FromArrow(arrow::Result<T> result) {
  if (!result.ok()) return FromArrow(result.status());
  return std::move(result).MoveValueUnsafe();
}

}  // namespace tarn::columnar

#define TARN_ARROW_RETURN_IF_ERROR(expression)                                          \
  do {                                                                                  \
    ::arrow::Status tarn_arrow_status = (expression);                                   \
    if (!tarn_arrow_status.ok()) return ::tarn::columnar::FromArrow(tarn_arrow_status); \
  } while (false)

#define TARN_ARROW_ASSIGN_OR_RETURN(target, expression) \
  TARN_ARROW_ASSIGN_OR_RETURN_IMPL(TARN_CONCAT(tarn_arrow_result_, __LINE__), target, expression)
#define TARN_ARROW_ASSIGN_OR_RETURN_IMPL(result, target, expression)     \
  auto result = (expression);                                            \
  if (!result.ok()) return ::tarn::columnar::FromArrow(result.status()); \
  target = std::move(result).MoveValueUnsafe()
