#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "tarn/write/graph_rows.h"
#include "tarn/write/offenders.h"
#include "tarn/write/violation.h"

namespace tarn::write {

/// The first rows that hold each of some keys: a ledger keeps hashes, so a failed load reads its
/// rows once more.
class Witnesses {
 public:
  /// At most `most` rows are kept for a key.
  Witnesses(const Offenders& wanted, TupleKeys keys, size_t most);

  /// Looks through the rows of the input that `chosen` wants (null: all).
  Status ReadInput(const RowSpool& spool, const std::function<bool(uint64_t ordinal)>& chosen);
  /// Looks through the rows of the warehouse that are not among `gone`.
  Status ReadStored(LoadContext& context, const TypeLayout& layout,
                    const std::vector<uint64_t>& gone);

  const std::vector<Witness>& Of(KeyHash key) const { return found_.at(key); }

 private:
  Status ReadRow(const arrow::RecordBatch& batch, int64_t row, bool has_line);

  TupleKeys keys_;
  size_t most_;
  std::unordered_map<KeyHash, std::vector<Witness>, KeyHashHasher> found_;
};

}  // namespace tarn::write
