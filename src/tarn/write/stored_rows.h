#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/write/load_context.h"
#include "tarn/write/type_layout.h"

namespace tarn::write {

/// A batch of rows of the warehouse, with their stable ids and addresses.
struct StoredBatch {
  const arrow::RecordBatch& rows;
  const uint64_t* row_ids;
  const uint64_t* row_addrs;
};

/// Hands on a batch whose last two columns are row ids and addresses.
Status VisitScanned(const arrow::RecordBatch& batch,
                    const std::function<Status(const StoredBatch&)>& visit);

/// Streams `columns` of the rows of `table` that `filter` keeps (absent: all).
Status ScanRows(const Request& request, const lance::Table& table,
                const std::vector<std::string>& columns, std::optional<lance::Filter> filter,
                const std::function<Status(const StoredBatch&)>& visit);

/// How many rows of this type the snapshot has.
uint64_t StoredRowCount(const LoadContext& context, const TypeLayout& layout);

/// Streams `columns` of all rows of a type. Balances memory after each batch.
Status ForEachStored(LoadContext& context, const TypeLayout& layout,
                     const std::vector<std::string>& columns,
                     const std::function<Status(const StoredBatch&)>& visit);

}  // namespace tarn::write
