#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/changes/commit_diff.h"

namespace tarn::changes {

/// One change with its whole rows, held by itself.
struct RowChange {
  TypeRef type;
  Op op = Op::kInsert;
  std::string id;
  const std::vector<schema::Property>* properties = nullptr;  ///< of the page's snapshots
  std::shared_ptr<arrow::RecordBatch> before;  ///< one row: id, for edges src and dst, properties
  std::shared_ptr<arrow::RecordBatch> after;
};

/// Some changes between two commits, in order.
struct ChangePage {
  std::optional<catalog::Snapshot> before;
  catalog::Snapshot after;
  std::vector<RowChange> changes;
  std::optional<Position> last;  ///< more changes follow this one; absent = that was all
};

/// At most `limit` changes behind `from`.
Result<ChangePage> ReadPage(const Request& request, std::optional<catalog::Snapshot> before,
                            catalog::Snapshot after, const Filter& filter,
                            const std::optional<Position>& from, size_t limit);

}  // namespace tarn::changes
