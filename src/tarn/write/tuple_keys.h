#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/status.h"
#include "tarn/write/key_hash.h"

namespace tarn::write {

/// Reads key tuples out of batches: the one function by which rows of the input and rows of the
/// warehouse are compared. A tuple is its members' canonical texts; members are never joined by a
/// separator.
///
/// Source  docs/spec/graph-language.md §2.7, §3.2
class TupleKeys {
 public:
  TupleKeys(std::vector<std::string> columns, uint64_t seed)
      : columns_(std::move(columns)), seed_(seed) {}

  const std::vector<std::string>& columns() const { return columns_; }

  /// Chooses the batch that the calls below read.
  /// Errors  kUnsupported for a column whose type has no canonical text (list, vector, blob);
  /// kInternal for a batch
  ///         without the columns.
  Status Bind(const arrow::RecordBatch& batch);

  /// Nothing when a member is null: such a tuple equals no other.
  /// Errors  kValueNotKeyable for NaN and infinities.
  Result<std::optional<KeyHash>> HashOf(int64_t row);
  /// "SEGOT", or "9300001, SEGOT" for several members. Precondition: no member is null.
  std::string TextOf(int64_t row) const;

 private:
  std::vector<std::string> columns_;
  uint64_t seed_;
  std::vector<std::shared_ptr<arrow::Array>> arrays_;
  std::string scratch_;
};

}  // namespace tarn::write
