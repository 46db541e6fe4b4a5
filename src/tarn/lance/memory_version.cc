#include "tarn/lance/memory_version.h"

#include <algorithm>

#include <arrow/record_batch.h>
#include <fmt/format.h>

#include "tarn/base/check.h"

namespace tarn::lance {
namespace {

/// An address is version (16 bits), fragment (16 bits), row (32 bits): no two versions share one.
constexpr uint64_t kVersionsMax = 1 << 16;
constexpr uint64_t kFragmentsMax = 1 << 16;

std::vector<uint64_t> Range(uint64_t begin, uint64_t count) {
  std::vector<uint64_t> ids(count);
  for (uint64_t i = 0; i < count; ++i) ids[i] = begin + i;
  return ids;
}

void AddFragment(MemoryVersion& version, std::shared_ptr<arrow::RecordBatch> rows,
                 std::vector<uint64_t> row_ids) {
  const size_t count = row_ids.size();
  version.fragments.push_back({std::move(rows),
                               std::make_shared<const std::vector<uint64_t>>(std::move(row_ids)),
                               std::make_shared<const std::vector<bool>>(count, false),
                               fmt::format("{}.{}", version.uuid, version.fragments.size()), ""});
}

/// The fragments of `base` without the rows that go; a fragment without rows is dropped, as Lance
/// does.
void CarryOver(const MemoryVersion& base, const MemoryTransaction& transaction,
               MemoryVersion& next) {
  for (size_t i = 0; i < base.fragments.size(); ++i) {
    MemoryFragment fragment = base.fragments[i];
    if (auto found = transaction.gone_by_fragment.find(i);
        found != transaction.gone_by_fragment.end()) {
      std::vector<bool> gone = *fragment.gone;
      for (uint64_t row : found->second) gone[row] = true;
      fragment.gone = std::make_shared<const std::vector<bool>>(std::move(gone));
      fragment.deletions = next.uuid;
    }
    if (fragment.LiveRows() > 0) next.fragments.push_back(std::move(fragment));
  }
}

}  // namespace

uint64_t MemoryFragment::LiveRows() const { return std::count(gone->begin(), gone->end(), false); }

uint64_t MemoryVersion::AddressOf(size_t fragment, uint64_t row) const {
  TARN_CHECK(number < kVersionsMax && fragment < kFragmentsMax,
             "an in-memory table outgrew its addresses");
  return number << 48 | static_cast<uint64_t>(fragment) << 32 | row;
}

std::shared_ptr<const MemoryVersion> Apply(const MemoryVersion* base,
                                           const MemoryTransaction& transaction) {
  auto next = std::make_shared<MemoryVersion>();
  next->number = base == nullptr ? 1 : base->number + 1;
  next->schema = transaction.schema;
  next->next_row_id = base == nullptr ? 0 : base->next_row_id;
  next->uuid = transaction.uuid;
  const bool keeps_rows = transaction.kind == MemoryTransaction::Kind::kAppend ||
                          transaction.kind == MemoryTransaction::Kind::kDelta;
  if (keeps_rows) CarryOver(*base, transaction, *next);
  for (size_t i = 0; i < transaction.rewritten.size(); ++i) {
    MemoryFragment& fragment = next->fragments.emplace_back(base->fragments[i]);
    fragment.rows = transaction.rewritten[i];
    fragment.data = fmt::format("{}.{}", next->uuid, i);
  }
  auto id = transaction.updated_row_ids.begin();
  for (const std::shared_ptr<arrow::RecordBatch>& rows : transaction.updated) {
    AddFragment(*next, rows, std::vector<uint64_t>(id, id + rows->num_rows()));
    id += rows->num_rows();
  }
  for (const std::shared_ptr<arrow::RecordBatch>& rows : transaction.inserted) {
    AddFragment(*next, rows, Range(next->next_row_id, rows->num_rows()));
    next->next_row_id += rows->num_rows();
  }
  return next;
}

}  // namespace tarn::lance
