#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/request.h"
#include "tarn/lance/table.h"
#include "tarn/search/vertices.h"

namespace tarn::search {

/// Where a fetch finds what is in memory already, and the row ids of its table when it must read.
struct FetchSources {
  std::string_view name;  ///< of the table: "node:Person"
  const lance::Table* table = nullptr;
  /// A whole column if it is in memory, or brought there because it is asked for so often; else
  /// nullptr.
  std::function<Result<std::shared_ptr<arrow::Array>>(const std::string& column)> whole;
  /// Told of each column that was read for `rows` rows, and how many bytes they are.
  std::function<void(const std::string& column, uint64_t rows, int64_t bytes)> fetched;
  std::function<Result<std::shared_ptr<const std::vector<uint64_t>>>()> row_ids;
};

/// Columns of `rows`, in their order, rows and columns repeated as they are named. Every distinct
/// row is read once: by row id while they are few, in one scan of the columns when they are a good
/// part of the table.
///
/// Errors  kInvalidArgument for an unknown column or a number that is no row; kCorruptData when the
/// table does not know
///         one of its own row ids; kMemoryBudget.
Result<std::shared_ptr<arrow::RecordBatch>> FetchFrom(const Request& request,
                                                      const FetchSources& sources,
                                                      const std::vector<Dense>& rows,
                                                      const std::vector<std::string>& columns);

}  // namespace tarn::search
