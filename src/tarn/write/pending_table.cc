#include "tarn/write/pending_table.h"

#include <algorithm>

#include <arrow/api.h>
#include <arrow/util/byte_size.h>

#include "tarn/base/check.h"
#include "tarn/columnar/choose_rows.h"

namespace tarn::write {
namespace {

constexpr int64_t kRowOverheadBytes = 128;  // of an entry of the map, about

}  // namespace

const arrow::StringArray& IdsOf(const arrow::RecordBatch& batch) {
  return static_cast<const arrow::StringArray&>(*batch.GetColumnByName("id"));
}

/// Kills the image that the id has, if any.
PendingTable::Row& PendingTable::Supersede(std::string_view id) {
  const auto found = rows_.find(id);
  if (found == rows_.end()) {
    bytes_ += kRowOverheadBytes + static_cast<int64_t>(id.size());
    return rows_.emplace(std::string(id), Row()).first->second;
  }
  Row& row = found->second;
  if (row.live) {
    auto images = std::ranges::upper_bound(images_, row.image, {}, &Images::first);
    --images;
    images->live[row.image - images->first] = false;
  }
  row.live = false;
  return row;
}

void PendingTable::Add(std::shared_ptr<arrow::RecordBatch> images) {
  const auto count = static_cast<uint64_t>(images->num_rows());
  bytes_ += arrow::util::TotalBufferSize(*images);
  images_.push_back({std::move(images), image_count_, std::vector<bool>(count, true)});
  image_count_ += count;
}

void PendingTable::Insert(std::shared_ptr<arrow::RecordBatch> images, Origin origin) {
  const arrow::StringArray& ids = IdsOf(*images);
  const uint64_t first = image_count_;
  Add(std::move(images));
  for (int64_t i = 0; i < ids.length(); ++i) {
    const bool known = Has(ids.GetView(i));
    Row& row = Supersede(ids.GetView(i));
    if (!known) row.origin = origin;
    row.live = true;
    row.image = first + static_cast<uint64_t>(i);
  }
  inserted_ = inserted_ || ids.length() > 0;
}

void PendingTable::Update(std::shared_ptr<arrow::RecordBatch> images, const uint64_t* row_ids,
                          const uint64_t* row_addrs, const std::vector<std::string>& columns) {
  const arrow::StringArray& ids = IdsOf(*images);
  const uint64_t first = image_count_;
  Add(std::move(images));
  for (int64_t i = 0; i < ids.length(); ++i) {
    Row& row = Supersede(ids.GetView(i));
    if (row_ids != nullptr) row.origin = Origin::kStored;
    if (row_ids != nullptr) row.row_id = row_ids[i];
    if (row_ids != nullptr) row.row_addr = row_addrs[i];
    row.live = true;
    row.image = first + static_cast<uint64_t>(i);
  }
  updated_columns_.insert(columns.begin(), columns.end());
}

void PendingTable::RemoveStored(std::string_view id, uint64_t row_id, uint64_t row_addr) {
  Row& row = Supersede(id);
  row.origin = Origin::kStored;
  row.row_id = row_id;
  row.row_addr = row_addr;
}

void PendingTable::Remove(std::string_view id) {
  TARN_CHECK(IsLive(id), "only a live row can be removed");
  Supersede(id);
}

void PendingTable::Settle(std::string_view id, Origin origin, uint64_t row_id, uint64_t row_addr) {
  const auto found = rows_.find(id);
  TARN_CHECK(found != rows_.end() && found->second.origin == Origin::kUnknown,
             "only an upsert is to be settled, and once");
  found->second.origin = origin;
  found->second.row_id = row_id;
  found->second.row_addr = row_addr;
}

Status PendingTable::Absorb(const PendingTable& later) {
  // What the later one takes for a stored row may be a row of this one, which knows its origin.
  const auto adopt = [this, &later](std::string_view id) -> Row& {
    const bool known = Has(id);
    Row& row = Supersede(id);
    if (!known) row = *later.Find(id);
    return row;
  };
  for (const Images& images : later.images_) {
    TARN_ASSIGN_OR_RETURN(
        std::shared_ptr<arrow::RecordBatch> live,
        columnar::ChooseRows(images.rows, [&](int64_t row) { return images.live[row]; }));
    if (live->num_rows() == 0) continue;
    const uint64_t first = image_count_;
    Add(live);
    const arrow::StringArray& ids = IdsOf(*live);
    for (int64_t i = 0; i < ids.length(); ++i) {
      Row& row = adopt(ids.GetView(i));
      row.live = true;
      row.image = first + static_cast<uint64_t>(i);
    }
  }
  for (const auto& [id, row] : later.rows_) {
    if (!row.live) adopt(id).live = false;
  }
  return Status::Ok();
}

const PendingTable::Row* PendingTable::Find(std::string_view id) const {
  const auto found = rows_.find(id);
  return found == rows_.end() ? nullptr : &found->second;
}

bool PendingTable::IsLive(std::string_view id) const {
  const Row* const row = Find(id);
  return row != nullptr && row->live;
}

std::vector<std::string> PendingTable::Unsettled() const {
  std::vector<std::string> ids;
  for (const auto& [id, row] : rows_) {
    if (row.origin == Origin::kUnknown) ids.push_back(id);
  }
  std::ranges::sort(ids);
  return ids;
}

bool PendingTable::Wrote(const std::vector<std::string>& columns) const {
  return inserted_ || std::ranges::any_of(columns, [this](const std::string& column) {
           return updated_columns_.contains(column);
         });
}

}  // namespace tarn::write
