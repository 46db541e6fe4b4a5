#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/status.h"

/// Rows as text and back, so that tests compare and print them readably. Not for results that a
/// user sees.

namespace tarn::columnar {

using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

/// One cell: null, numbers as JSON writes them, strings quoted, lists in brackets, structs in
/// braces, binary as hex, dates and times as Arrow prints them.
std::string CellText(const arrow::Array& array, int64_t row);

/// One row: "1|\"Ada\"|null".
std::string RowText(const arrow::RecordBatch& batch, int64_t row);

/// Every row of every batch, in order.
std::vector<std::string> RowTexts(const Batches& batches);
std::vector<std::string> RowTexts(const arrow::RecordBatch& batch);
/// The same, sorted: for results without an order.
std::vector<std::string> SortedRowTexts(const Batches& batches);

/// A batch from rows written as JSON: `[[1,"Ada"],[2,null]]` or `[{"id":1,"name":"Ada"}]`.
/// kInvalidArgument when the text does not fit the schema.
Result<std::shared_ptr<arrow::RecordBatch>> BatchFromJson(
    const std::shared_ptr<arrow::Schema>& schema, std::string_view rows);

}  // namespace tarn::columnar
