#pragma once

#include <functional>
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

/// How many rows of this type the snapshot has.
uint64_t StoredRowCount(const LoadContext& context, const TypeLayout& layout);

/// Streams `columns` of all rows of a type. Balances memory after each batch.
Status ForEachStored(LoadContext& context, const TypeLayout& layout,
                     const std::vector<std::string>& columns,
                     const std::function<Status(const StoredBatch&)>& visit);

}  // namespace tarn::write
