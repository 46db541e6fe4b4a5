#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/lance/table.h"
#include "tarn/search/id_map.h"
#include "tarn/search/limits.h"
#include "tarn/search/vertices.h"

namespace tarn::search {

/// The ids and row ids of a table, the ids in blocks so that they are never copied to grow. The map
/// from an id is made by the first call that gains from it, whichever thread makes it: a process
/// that asks for one id looks through them. Of equal ids, which no writer makes, it is the first.
class VertexTable final : public Vertices {
 public:
  Dense count() const override { return static_cast<Dense>(row_ids_.size()); }
  std::string_view IdOf(Dense row) const override {
    const Block& block = blocks_[row / kBlockRows];
    const uint32_t begin = block.starts[row % kBlockRows];
    return {block.text.data() + begin, block.starts[row % kBlockRows + 1] - begin};
  }
  std::optional<Dense> Find(std::string_view id) const override;
  std::span<const uint64_t> row_ids() const override { return row_ids_; }
  const std::vector<uint64_t>& row_id_vector() const { return row_ids_; }
  /// With the map, made or not.
  int64_t bytes() const override { return bytes_; }

  /// The row of every id, kNoRow where there is none. Faster than as many calls of Find: the memory
  /// of many ids is asked for at once, and an id that repeats the one before it is not looked up.
  void FindAll(std::span<const std::string_view> ids, std::span<Dense> rows) const;

 private:
  friend class VertexTableBuilder;
  static constexpr Dense kBlockRows = 1 << 16;
  static constexpr size_t kInFlight = 64;      ///< ids whose memory is asked for at once
  static constexpr uint32_t kSearchesMax = 4;  ///< cost about what the map does
  struct Block {
    std::vector<uint32_t> starts = {0};  ///< rows + 1, into `text`
    std::string text;

    int64_t bytes() const {
      return static_cast<int64_t>(sizeof(Block) + starts.capacity() * sizeof(uint32_t) +
                                  text.capacity());
    }
  };

  explicit VertexTable(uint64_t hash_seed) : hash_seed_(hash_seed) {}
  const IdMap& Map() const;
  Dense Search(std::string_view id) const;
  void FindSome(std::span<const std::string_view> ids, std::span<Dense> rows) const;

  const uint64_t hash_seed_;
  std::vector<Block> blocks_;
  std::vector<uint64_t> row_ids_;
  int64_t bytes_ = 0;
  mutable std::atomic<uint32_t> searches_{0};
  mutable std::atomic<bool> has_map_{false};
  mutable std::once_flag map_once_;
  mutable std::unique_ptr<const IdMap> map_;  // written under map_once_
};

struct VertexOptions {
  uint64_t hash_seed = 0;
  uint64_t rows_max = kRowsMax;
};

/// Reads the "id" column and the row ids of all live rows. `name` is the table's in errors:
/// "node:Person".
///
/// Errors  kUnsupported beyond `rows_max` rows, or 4 GiB of ids within 65,536 rows; kCorruptData
/// for a null id;
///         kMemoryBudget when the request may not hold the result while it is built.
Result<std::shared_ptr<const VertexTable>> ReadVertices(const Request& request,
                                                        const lance::Table& table,
                                                        std::string_view name,
                                                        const VertexOptions& options);

}  // namespace tarn::search
