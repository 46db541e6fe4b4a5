#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/request.h"
#include "tarn/lance/table.h"
#include "tarn/search/limits.h"

namespace tarn::search {

/// The field of `column`. kInvalidArgument when the table has no such column; `name` is the
/// table's: "node:Person".
Result<std::shared_ptr<arrow::Field>> FieldOf(const lance::Table& table, std::string_view name,
                                              const std::string& column);

/// One column of all live rows as one array, in storage order.
///
/// Errors  kInvalidArgument for an unknown column; kUnsupported when its text or lists pass what
/// 32-bit offsets can
///         address (2 GiB); kMemoryBudget: twice the column is charged, because joining the parts
///         copies them.
Result<std::shared_ptr<arrow::Array>> ReadColumn(const Request& request, const lance::Table& table,
                                                 std::string_view name, const std::string& column);

/// The row ids of all live rows, in storage order. Errors as for ReadVertices.
Result<std::shared_ptr<const std::vector<uint64_t>>> ReadRowIds(const Request& request,
                                                                const lance::Table& table,
                                                                std::string_view name,
                                                                uint64_t rows_max = kRowsMax);

/// What an array holds, shared buffers counted by the part that is used.
int64_t BytesOf(const arrow::Array& array);

/// Joins the parts of a column; the first error of ReadColumn's list that applies.
Result<std::shared_ptr<arrow::Array>> Join(const std::shared_ptr<arrow::Field>& field,
                                           std::string_view name,
                                           const std::vector<std::shared_ptr<arrow::Array>>& parts);

}  // namespace tarn::search
