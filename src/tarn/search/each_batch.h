#pragma once

#include <functional>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/request.h"
#include "tarn/lance/table.h"

namespace tarn::search {

using BatchVisitor = std::function<Status(const arrow::RecordBatch& batch)>;

/// Hands every batch of a scan of all live rows to `visit`, in storage order: the order that dense
/// numbers count. Reads `columns` and, with `row_id`, the row ids after them; nothing else. Stops
/// at the first error of either.
Status ForEachBatch(const Request& request, const lance::Table& table,
                    std::vector<std::string> columns, bool row_id, const BatchVisitor& visit);
/// The same of a scan that its caller describes, in batches of this room's size.
Status ForEachBatch(const Request& request, const lance::Table& table, lance::ScanSpec spec,
                    const BatchVisitor& visit);

/// Live rows of `table` as its metadata counts them: a hint, because foreign writers may leave
/// counts out. TooManyRows when there are more than `rows_max`; `name` is the table's in the error.
Result<uint64_t> CountRows(const lance::Table& table, std::string_view name, uint64_t rows_max);
/// kUnsupported, saying so.
Status TooManyRows(std::string_view name, uint64_t rows_max);

}  // namespace tarn::search
