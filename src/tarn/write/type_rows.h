#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tarn/write/key_ledger.h"
#include "tarn/write/load_context.h"
#include "tarn/write/row_bits.h"
#include "tarn/write/row_builder.h"
#include "tarn/write/row_spool.h"
#include "tarn/write/tuple_keys.h"
#include "tarn/write/type_layout.h"

namespace tarn::write {

/// One `@unique` during a load: which rows hold which tuple.
struct UniqueRule {
  std::string name;  ///< "Port.code", "CallsAt.(arrived, dst, src)"
  TupleKeys keys;
  std::unique_ptr<KeyLedger> ledger;
};

/// What becomes of the rows of one type, by ordinal. Rows in neither set are inserted.
struct RowFates {
  RowBits superseded;                     ///< a later record has the same id
  RowBits updated;                        ///< replaces a stored row
  std::vector<uint64_t> updated_row_ids;  ///< stable ids of those, in the order of the ordinals
  std::vector<uint64_t> gone;             ///< addresses of the replaced rows, ascending
};

/// The rows of one type in the input, and where their keys were entered.
class TypeRows {
 public:
  /// `node_ids` (nodes: its own; edges: null) and the endpoint ledgers (edges only) outlive this.
  struct Ledgers {
    KeyLedger* node_ids = nullptr;
    KeyLedger* sources = nullptr;
    KeyLedger* targets = nullptr;
  };
  static Result<std::unique_ptr<TypeRows>> Make(LoadContext& context, TypeLayout layout,
                                                const Ledgers& ledgers);

  const TypeLayout& layout() const { return layout_; }
  RowBuilder& builder() { return *builder_; }
  const RowSpool& spool() const { return spool_; }
  KeyLedger& ids() { return *ids_; }
  std::vector<UniqueRule>& uniques() { return uniques_; }
  /// Edges of each source; null without a bound to hold.
  KeyLedger* cardinality() { return cardinality_.get(); }
  RowFates& fates() { return fates_; }
  const RowFates& fates() const { return fates_; }
  uint64_t live_rows() const { return spool_.rows() - fates_.superseded.count(); }

  /// Lets the rows go, once they are staged.
  void Free() { spool_.Free(); }
  /// Moves the finished rows into the spool and enters their keys.
  Status Flush();

 private:
  TypeRows(LoadContext& context, TypeLayout layout, const Ledgers& ledgers);
  void MakeRules();
  Status EnterKeys(const RowBatch& batch);

  LoadContext& context_;
  TypeLayout layout_;
  RowSpool spool_;
  std::unique_ptr<RowBuilder> builder_;
  std::unique_ptr<KeyLedger> edge_ids_;
  KeyLedger* ids_;
  KeyLedger* sources_;
  KeyLedger* targets_;
  std::vector<UniqueRule> uniques_;
  std::unique_ptr<KeyLedger> cardinality_;
  RowFates fates_;
};

/// A ledger for keys of one type.
std::unique_ptr<KeyLedger> MakeLedger(LoadContext& context, const TypeLayout& layout);

}  // namespace tarn::write
