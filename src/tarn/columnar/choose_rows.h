#pragma once

#include <functional>
#include <memory>

#include <arrow/type_fwd.h>

#include "tarn/base/status.h"

namespace tarn::columnar {

/// The rows of `batch` that `chosen` wants, in their order; `batch` itself when it wants all.
Result<std::shared_ptr<arrow::RecordBatch>> ChooseRows(
    std::shared_ptr<arrow::RecordBatch> batch, const std::function<bool(int64_t row)>& chosen);

}  // namespace tarn::columnar
