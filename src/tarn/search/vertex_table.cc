#include "tarn/search/vertex_table.h"

#include <algorithm>
#include <array>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "tarn/base/check.h"
#include "tarn/search/each_batch.h"
#include "tarn/search/text_view.h"

namespace tarn::search {

const IdMap& VertexTable::Map() const {
  std::call_once(map_once_, [this] {
    auto map = std::make_unique<IdMap>(hash_seed_, row_ids_.size());
    for (Dense row = 0; row < count(); ++row) map->Add(map->HashOf(IdOf(row)), row);
    map_ = std::move(map);
    has_map_.store(true, std::memory_order_release);
  });
  return *map_;
}

Dense VertexTable::Search(std::string_view id) const {
  for (Dense row = 0; row < count(); ++row) {
    if (SameText(IdOf(row), id)) return row;
  }
  return kNoRow;
}

std::optional<Dense> VertexTable::Find(std::string_view id) const {
  if (!has_map_.load(std::memory_order_acquire) &&
      searches_.fetch_add(1, std::memory_order_relaxed) < kSearchesMax) {
    const Dense found = Search(id);
    return found == kNoRow ? std::nullopt : std::optional(found);
  }
  const IdMap& map = Map();
  const Dense row =
      map.FindIf(map.HashOf(id), [&](Dense candidate) { return SameText(IdOf(candidate), id); });
  if (row == kNoRow) return std::nullopt;
  return row;
}

void VertexTable::FindAll(std::span<const std::string_view> ids, std::span<Dense> rows) const {
  for (size_t begin = 0; begin < ids.size(); begin += kInFlight) {
    const size_t size = std::min(kInFlight, ids.size() - begin);
    FindSome(ids.subspan(begin, size), rows.subspan(begin, size));
  }
}

// One pass per level of indirection, so that the cache misses of one level overlap.
void VertexTable::FindSome(std::span<const std::string_view> ids, std::span<Dense> rows) const {
  const IdMap& map = Map();
  std::array<uint64_t, kInFlight> hashes;
  std::array<bool, kInFlight> repeats;
  TARN_DCHECK(ids.size() <= kInFlight, "too many ids at once");
  for (size_t i = 0; i < ids.size(); ++i) {
    repeats[i] = i > 0 && SameText(ids[i], ids[i - 1]);
    if (repeats[i]) continue;
    hashes[i] = map.HashOf(ids[i]);
    map.Prefetch(hashes[i]);
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if (repeats[i]) continue;
    rows[i] = map.Guess(hashes[i]);
    if (rows[i] != kNoRow)
      __builtin_prefetch(&blocks_[rows[i] / kBlockRows].starts[rows[i] % kBlockRows]);
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!repeats[i] && rows[i] != kNoRow) __builtin_prefetch(IdOf(rows[i]).data());
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if (repeats[i]) {
      rows[i] = rows[i - 1];
    } else if (rows[i] != kNoRow && !SameText(IdOf(rows[i]), ids[i])) {
      rows[i] =
          map.FindIf(hashes[i], [&](Dense candidate) { return SameText(IdOf(candidate), ids[i]); });
    }
  }
}

/// Fills a VertexTable batch by batch, its size always charged to the hold.
class VertexTableBuilder {
 public:
  VertexTableBuilder(std::string_view name, const VertexOptions& options, BudgetHold hold)
      : name_(name),
        rows_max_(options.rows_max),
        hold_(std::move(hold)),
        table_(new VertexTable(options.hash_seed)) {}

  Status Reserve(uint64_t rows) {
    TARN_RETURN_IF_ERROR(
        hold_.Resize(IdMap::BytesFor(rows) + static_cast<int64_t>(rows * sizeof(uint64_t))));
    table_->row_ids_.reserve(rows);
    return Status::Ok();
  }

  Status Append(const arrow::RecordBatch& batch) {
    TARN_ASSIGN_OR_RETURN(const TextView ids, TextView::Of(*batch.column(0), name_));
    const auto& row_ids = static_cast<const arrow::UInt64Array&>(*batch.column(1));
    for (int64_t i = 0; i < ids.size(); ++i) {
      if (ids.IsNull(i)) return Error(ErrorId::kCorruptData, "{} has a row without an id", name_);
      TARN_RETURN_IF_ERROR(Add(ids[i], row_ids.Value(i)));
    }
    return hold_.Resize(bytes() + (table_->blocks_.empty() ? 0 : table_->blocks_.back().bytes()));
  }

  std::shared_ptr<const VertexTable> Finish() {
    CloseBlock();
    table_->bytes_ = bytes() + static_cast<int64_t>(sizeof(VertexTable));
    return std::move(table_);
  }

 private:
  Status Add(std::string_view id, uint64_t row_id) {
    if (table_->row_ids_.size() >= rows_max_) return TooManyRows(name_, rows_max_);
    if (table_->blocks_.empty() || table_->blocks_.back().starts.size() > VertexTable::kBlockRows) {
      CloseBlock();
      table_->blocks_.emplace_back();
    }
    VertexTable::Block& block = table_->blocks_.back();
    if (block.text.size() + id.size() > UINT32_MAX) {
      return Error(ErrorId::kUnsupported, "{} has more than 4 GiB of ids within {} rows", name_,
                   VertexTable::kBlockRows);
    }
    block.text.append(id);
    block.starts.push_back(static_cast<uint32_t>(block.text.size()));
    table_->row_ids_.push_back(row_id);
    return Status::Ok();
  }

  void CloseBlock() {
    if (table_->blocks_.empty()) return;
    VertexTable::Block& block = table_->blocks_.back();
    block.text.shrink_to_fit();
    block.starts.shrink_to_fit();
    closed_bytes_ += block.bytes();
  }

  /// Of the map that may come, the row ids and the closed blocks.
  int64_t bytes() const {
    const size_t rows = table_->row_ids_.capacity();
    return IdMap::BytesFor(rows) + static_cast<int64_t>(rows * sizeof(uint64_t)) + closed_bytes_;
  }

  const std::string_view name_;
  const uint64_t rows_max_;
  BudgetHold hold_;
  std::unique_ptr<VertexTable> table_;
  int64_t closed_bytes_ = 0;
};

Result<std::shared_ptr<const VertexTable>> ReadVertices(const Request& request,
                                                        const lance::Table& table,
                                                        std::string_view name,
                                                        const VertexOptions& options) {
  VertexTableBuilder builder(name, options, request.Hold("the ids of a table"));
  TARN_ASSIGN_OR_RETURN(const uint64_t rows, CountRows(table, name, options.rows_max));
  TARN_RETURN_IF_ERROR(builder.Reserve(rows));
  TARN_RETURN_IF_ERROR(
      ForEachBatch(request, table, {"id"}, /*row_id=*/true,
                   [&builder](const arrow::RecordBatch& batch) { return builder.Append(batch); }));
  return builder.Finish();
}

}  // namespace tarn::search
