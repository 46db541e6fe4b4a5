#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "tarn/lance/table.h"
#include "tarn/store/bridge_session.h"

namespace tarn::lance {

inline constexpr size_t kSqlBytesMax = 1 << 20;  ///< of one SQL text

struct SqlOptions {
  uint64_t memory_bytes = uint64_t{256}
                          << 20;  ///< sorts, joins and groups beyond it spill, or kMemoryBudget
  uint64_t spill_bytes = uint64_t{4} << 30;
  uint32_t partitions = 2;
  uint32_t batch_rows = 8192;
};

/// One read-only SQL context: only the tables named to it exist. Made for one query, or a few on
/// one snapshot.
class Sql {
 public:
  static Result<std::unique_ptr<Sql>> Open(std::shared_ptr<const store::Environment> environment,
                                           const SqlOptions& options);
  virtual ~Sql() = default;

  /// Makes `table` readable as `name`, at the version it is pinned at. It must come from a bridge
  /// table store.
  virtual Status AddTable(std::string_view name, const Table& table) = 0;
  /// Makes a local Parquet file (an absolute path) readable as `name`. kObjectNotFound,
  /// kCorruptData.
  virtual Status AddParquet(const Request& request, std::string_view name,
                            std::string_view path) = 0;
  /// Plans and runs exactly one query; kSqlRefused for anything else, naming what is wrong with it.
  /// The stream keeps the context alive.
  virtual Result<std::unique_ptr<BatchStream>> Run(const Request& request,
                                                   std::string_view sql) = 0;
};

}  // namespace tarn::lance
