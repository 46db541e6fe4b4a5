#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/lance/memory_table.h"

/// The data behind the in-memory tables. A version never changes once it is made.

namespace tarn::lance {

/// Some rows and which of them are gone. Rows keep their stable ids for ever; their addresses hold
/// for one version.
struct MemoryFragment {
  std::shared_ptr<arrow::RecordBatch> rows;
  std::shared_ptr<const std::vector<uint64_t>> row_ids;
  std::shared_ptr<const std::vector<bool>> gone;
  std::string data;  ///< names its rows: the transaction that wrote them, and which of its files
  std::string deletions;  ///< the transaction that last took rows away; empty = none did

  uint64_t LiveRows() const;
};

struct MemoryVersion {
  uint64_t number = 0;
  std::shared_ptr<arrow::Schema> schema;
  std::vector<MemoryFragment> fragments;
  uint64_t next_row_id = 0;
  std::string uuid;  ///< of the transaction that made it

  uint64_t AddressOf(size_t fragment, uint64_t row) const;
};

/// A staged transaction. Its files "exist" until it is discarded.
struct MemoryTransaction {
  enum class Kind : uint8_t { kCreate, kAppend, kOverwrite, kDelta, kColumns };
  Kind kind = Kind::kAppend;
  std::string uri;
  std::string uuid;
  uint64_t read_version = 0;
  std::shared_ptr<arrow::Schema> schema;  ///< of the table afterwards
  std::vector<std::shared_ptr<arrow::RecordBatch>> updated;
  std::vector<uint64_t> updated_row_ids;
  std::vector<std::shared_ptr<arrow::RecordBatch>> inserted;
  std::map<size_t, std::vector<uint64_t>>
      gone_by_fragment;  ///< rows of the fragments of the base version
  std::vector<std::shared_ptr<arrow::RecordBatch>>
      rewritten;  ///< kColumns: the rows of each fragment of the base version, gone ones included
  std::vector<std::pair<std::string, uint64_t>> files;
};

/// The version that `transaction` makes of `base` (null for a create).
std::shared_ptr<const MemoryVersion> Apply(const MemoryVersion* base,
                                           const MemoryTransaction& transaction);

class MemoryTables {
 public:
  std::mutex mutex;
  // All below is guarded by mutex. The version n of a table is at index n - 1: null once forgotten,
  // and in a fork when it is from before the fork.
  std::map<std::string, std::vector<std::shared_ptr<const MemoryVersion>>, std::less<>>
      versions_by_uri;
  std::map<std::string, std::string, std::less<>> parent_by_fork;  ///< addresses
  std::map<std::string, std::shared_ptr<const MemoryTransaction>, std::less<>> staged_by_uuid;
  std::map<std::string, bool, std::less<>> has_files_by_uuid;
  std::set<std::string, std::less<>> landed_uuids;  ///< of transactions that made a version
  uint64_t next_uuid = 1;
};

}  // namespace tarn::lance
