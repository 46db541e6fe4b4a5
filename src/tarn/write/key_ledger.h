#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/write/key_filter.h"
#include "tarn/write/key_hash.h"
#include "tarn/write/limits.h"
#include "tarn/write/record_run.h"
#include "tarn/write/scratch.h"

namespace tarn::write {

/// What a ledger learned about one key.
struct KeyFacts {
  KeyHash key;
  uint64_t first_row = 0;  ///< ordinals of rows of the input; only if rows > 0
  uint64_t last_row = 0;
  uint64_t row_id = 0;  ///< of the stored row seen last; only if stored > 0
  uint64_t row_addr = 0;
  uint32_t rows = 0;
  uint32_t stored = 0;
  bool asked = false;
};

/// The bounded-memory heart of a load: who holds which key, who asks for one, and which keys are
/// stored already.
///
/// Entries are appended to partitions by hash, which move to a scratch file when memory is short,
/// and are joined partition by partition at the end. One mechanism serves duplicates within the
/// input, stored ids, uniqueness, endpoints and cardinality; only the meaning of "row", "stored"
/// and "asked" differs.
///
/// Life    AddRow and Ask, then AddStored, then one Finish. Rows are added in ascending order of
/// their ordinals.
class KeyLedger final : public Spillable {
 public:
  struct Options {
    bool filters_stored =
        false;  ///< drop stored keys nobody asked about: what AddStored adds is joined, not listed
    int64_t resolve_bytes_max =
        int64_t{64} << 20;  ///< for the table of one partition; above it, several passes
  };

  /// `scratch` and `group` outlive this.
  KeyLedger(ScratchSpace& scratch, SpillGroup& group, Options options);
  ~KeyLedger() override;
  KeyLedger(const KeyLedger&) = delete;
  KeyLedger& operator=(const KeyLedger&) = delete;

  /// A row of the input holds `key`.
  void AddRow(KeyHash key, uint64_t ordinal);
  /// Somebody needs `key` to exist. Asking again soon costs nothing.
  void Ask(KeyHash key);
  /// From here on every stored key is kept, for an Ask that comes late.
  void KeepAllStored() { filter_.reset(); }
  /// A row of the warehouse holds `key`.
  void AddStored(KeyHash key, uint64_t row_id, uint64_t row_addr);

  uint64_t rows() const { return rows_; }
  /// Would a stored row change anything?
  bool wants_stored() const { return rows_ + asked_ > 0; }

  int64_t bytes_held() const override;
  Status Spill() override;

  struct Visitor {
    std::function<void(const KeyFacts&)> on_key;  ///< once per key
    /// A row that holds the key of an earlier one; all of them before on_key of that key. May be
    /// null.
    std::function<void(uint64_t earlier, uint64_t later)> on_repeat;
    std::function<bool(uint64_t ordinal)> skip_row;  ///< leaves a row out; may be null
  };
  /// Joins everything, in no particular order of keys, and frees it.
  Status Finish(const Request& request, const Visitor& visitor);

 private:
  struct Row {
    KeyHash key;
    uint64_t ordinal;
  };
  struct Stored {
    KeyHash key;
    uint64_t row_id;
    uint64_t row_addr;
  };
  struct Partition {
    RecordRun<Row> rows;
    RecordRun<Stored> stored;
    RecordRun<KeyHash> asked;
  };
  class FactTable;

  Partition& PartitionOf(KeyHash key) { return partitions_[key.high >> 56]; }
  Status Join(const Partition& partition, FactTable& table, const Visitor& visitor) const;

  static_assert(kLedgerPartitions == 256, "PartitionOf takes the upper eight bits");
  static constexpr size_t kRecentKeys = 4096;

  ScratchSpace& scratch_;
  SpillGroup& group_;
  Options options_;
  std::unique_ptr<ScratchFile> file_;
  std::vector<Partition> partitions_;
  std::optional<KeyFilter> filter_;
  std::vector<KeyHash>
      recently_asked_;  // by some bits of the key; spares repeated entries of one endpoint
  uint64_t rows_ = 0;
  uint64_t asked_ = 0;
};

}  // namespace tarn::write
