#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/request.h"
#include "tarn/lance/table.h"

namespace tarn::write {

/// The rows of a table as they would look with other columns: under the new names and types.
class StoredView {
 public:
  /// `columns` as for TableStore::StageColumns. Both outlive this.
  StoredView(const lance::Table& table, const std::vector<lance::TableColumn>& columns)
      : table_(table), columns_(columns) {}

  /// Hands every batch to `visit`, in storage order: `names` in that order. Stops at the first
  /// error.
  Status ForEach(const Request& request, const std::vector<std::string>& names,
                 const std::function<Status(const arrow::RecordBatch& batch)>& visit) const;

 private:
  const lance::Table& table_;
  const std::vector<lance::TableColumn>& columns_;
};

}  // namespace tarn::write
