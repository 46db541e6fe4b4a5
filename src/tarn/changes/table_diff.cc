#include "tarn/changes/table_diff.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <utility>

#include <arrow/array.h>
#include <arrow/compare.h>
#include <arrow/record_batch.h>

#include "tarn/base/check.h"
#include "tarn/catalog/physical_schema.h"
#include "tarn/changes/limits.h"
#include "tarn/lance/stored_form.h"

namespace tarn::changes {
namespace {

const std::string kId(catalog::kIdColumn);

/// A column of a scan or a take, which have the types they were asked for.
template <typename Array>
const Array& Column(const arrow::RecordBatch& batch, std::string_view name) {
  const auto* column = dynamic_cast<const Array*>(batch.GetColumnByName(std::string(name)).get());
  TARN_CHECK(column != nullptr, "a batch of a table without the column that was asked for");
  return *column;
}

Result<std::vector<uint64_t>> RowIdsOf(const Request& request, const lance::Table& table,
                                       const std::vector<uint64_t>& fragments) {
  std::vector<uint64_t> row_ids;
  if (fragments.empty()) return row_ids;
  lance::ScanSpec spec;
  spec.fragments = fragments;
  spec.row_id = true;
  spec.in_order = false;
  TARN_ASSIGN_OR_RETURN(const auto stream, table.Scan(request, spec));
  while (true) {
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, stream->Next());
    if (batch == nullptr) break;
    const auto& column = Column<arrow::UInt64Array>(*batch, lance::kRowIdColumn);
    row_ids.insert(row_ids.end(), column.raw_values(), column.raw_values() + column.length());
  }
  std::sort(row_ids.begin(), row_ids.end());
  return row_ids;
}

std::vector<uint64_t> Without(const std::vector<uint64_t>& all,
                              const std::vector<uint64_t>& others) {
  std::vector<uint64_t> rest;
  std::set_difference(all.begin(), all.end(), others.begin(), others.end(),
                      std::back_inserter(rest));
  return rest;
}

}  // namespace

std::string_view OpName(Op op) {
  switch (op) {
    case Op::kInsert: return "insert";
    case Op::kUpdate: return "update";
    case Op::kDelete: return "delete";
  }
  TARN_UNREACHABLE("an Op outside its enum");
}

bool SameRow(const arrow::RecordBatch& a, int64_t row_a, const arrow::RecordBatch& b,
             int64_t row_b) {
  static const arrow::EqualOptions options =
      arrow::EqualOptions::Defaults().nans_equal(true).signed_zeros_equal(false);
  if (a.num_columns() != b.num_columns()) return false;
  for (int i = 0; i < a.num_columns(); ++i) {
    if (!a.column(i)->RangeEquals(*b.column(i), row_a, row_a + 1, row_b, options)) return false;
  }
  return true;
}

/// The smallest ids that were offered, at most kIdsAtOnceMax.
class TableDiff::Window {
 public:
  explicit Window(std::optional<std::string> after_id) : after_id_(std::move(after_id)) {}

  void Offer(std::string_view id, uint64_t row_id, bool is_after) {
    if (after_id_ && id <= *after_id_) return;
    if (is_cut_ && id > places_.rbegin()->first) return;
    auto found = places_.find(id);
    if (found == places_.end()) found = places_.emplace(std::string(id), Place()).first;
    (is_after ? found->second.after : found->second.before) = row_id;
    if (places_.size() <= kIdsAtOnceMax) return;
    places_.erase(std::prev(places_.end()));
    is_cut_ = true;
  }

  /// More ids were offered than are here.
  bool is_cut() const { return is_cut_; }
  Places Take() { return {places_.begin(), places_.end()}; }

 private:
  const std::optional<std::string> after_id_;
  std::map<std::string, Place, std::less<>> places_;
  bool is_cut_ = false;
};

Result<TableDiff> TableDiff::Make(const Request& request,
                                  std::shared_ptr<const lance::Table> before,
                                  std::shared_ptr<const lance::Table> after,
                                  std::vector<std::string> columns) {
  TARN_CHECK(!columns.empty() && columns[0] == kId, "the first column of a diff is id");
  TableDiff diff;
  diff.columns_ = std::move(columns);
  std::map<std::string, lance::Fragment> after_by_data;
  if (after != nullptr) {
    TARN_ASSIGN_OR_RETURN(std::vector<lance::Fragment> fragments, after->Fragments());
    for (lance::Fragment& fragment : fragments) after_by_data[fragment.data] = std::move(fragment);
  }
  std::vector<uint64_t> common_before, common_after;
  if (before != nullptr) {
    TARN_ASSIGN_OR_RETURN(const std::vector<lance::Fragment> fragments, before->Fragments());
    for (const lance::Fragment& fragment : fragments) {
      const auto same = after_by_data.find(fragment.data);
      if (same == after_by_data.end()) {
        diff.before_.fragments.push_back(fragment.id);
        continue;
      }
      if (same->second.deletions != fragment.deletions) {
        common_before.push_back(fragment.id);
        common_after.push_back(same->second.id);
      }
      after_by_data.erase(same);
    }
  }
  for (const auto& [data, fragment] : after_by_data) {
    diff.after_.fragments.push_back(fragment.id);
    diff.inserted_rows_ += fragment.rows;
  }
  std::sort(diff.after_.fragments.begin(), diff.after_.fragments.end());
  diff.before_.table = std::move(before);
  diff.after_.table = std::move(after);
  TARN_RETURN_IF_ERROR(FindDeleted(request, common_before, common_after, diff));
  return diff;
}

/// A file never changes, so of one that both versions have only the rows differ that one of them
/// deleted; an updated row is deleted there and stands in a newer file.
Status TableDiff::FindDeleted(const Request& request, const std::vector<uint64_t>& before_fragments,
                              const std::vector<uint64_t>& after_fragments, TableDiff& diff) {
  if (before_fragments.empty()) return Status::Ok();
  TARN_ASSIGN_OR_RETURN(const std::vector<uint64_t> before,
                        RowIdsOf(request, *diff.before_.table, before_fragments));
  TARN_ASSIGN_OR_RETURN(const std::vector<uint64_t> after,
                        RowIdsOf(request, *diff.after_.table, after_fragments));
  diff.before_.row_ids = Without(before, after);
  diff.after_.row_ids = Without(after, before);
  return Status::Ok();
}

Status TableDiff::ForEachId(const Request& request, const Side& side,
                            const std::function<void(std::string_view, uint64_t)>& visit) {
  const auto offer = [&](const arrow::RecordBatch& batch) {
    const auto& ids = Column<arrow::StringArray>(batch, kId);
    const auto& row_ids = Column<arrow::UInt64Array>(batch, lance::kRowIdColumn);
    for (int64_t row = 0; row < batch.num_rows(); ++row)
      visit(ids.GetView(row), row_ids.Value(row));
  };
  if (!side.fragments.empty()) {
    lance::ScanSpec spec;
    spec.columns = {kId};
    spec.fragments = side.fragments;
    spec.row_id = true;
    spec.in_order = false;
    TARN_ASSIGN_OR_RETURN(const auto stream, side.table->Scan(request, spec));
    while (true) {
      TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, stream->Next());
      if (batch == nullptr) break;
      offer(*batch);
    }
  }
  const std::span<const uint64_t> all(side.row_ids);
  for (size_t begin = 0; begin < all.size(); begin += kRowIdsAtOnceMax) {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(
        const std::shared_ptr<arrow::RecordBatch> batch,
        side.table->Take(
            request, all.subspan(begin, std::min(kRowIdsAtOnceMax, all.size() - begin)), {kId}));
    offer(*batch);
  }
  return Status::Ok();
}

Result<std::shared_ptr<arrow::RecordBatch>> TableDiff::Fetch(
    const Request& request, const Side& side, const std::vector<uint64_t>& row_ids) const {
  if (row_ids.empty()) return std::shared_ptr<arrow::RecordBatch>();
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch,
                        side.table->Take(request, row_ids, columns_));
  if (batch->num_rows() != static_cast<int64_t>(row_ids.size())) {
    return Error(ErrorId::kCorruptData, "{} at version {}: {} rows of {} are there",
                 side.table->uri(), side.table->version(), batch->num_rows(), row_ids.size());
  }
  auto columns = batch->RemoveColumn(0);  // the row id
  TARN_CHECK(columns.ok(), columns.status().ToString());
  return columns.MoveValueUnsafe();
}

Result<ChangeBatch> TableDiff::Compare(const Request& request, Places::const_iterator begin,
                                       Places::const_iterator end) const {
  std::vector<uint64_t> before_ids, after_ids;
  for (auto at = begin; at != end; ++at) {
    if (at->second.before) before_ids.push_back(*at->second.before);
    if (at->second.after) after_ids.push_back(*at->second.after);
  }
  ChangeBatch batch;
  TARN_ASSIGN_OR_RETURN(batch.before, Fetch(request, before_, before_ids));
  TARN_ASSIGN_OR_RETURN(batch.after, Fetch(request, after_, after_ids));
  int64_t before = 0, after = 0;
  for (auto at = begin; at != end; ++at) {
    Change change{.id = at->first};
    if (at->second.before) {
      change.before = before++;
      change.before_row_id = *at->second.before;
    }
    if (at->second.after) {
      change.after = after++;
      change.after_row_id = *at->second.after;
    }
    if (change.before >= 0 && change.after >= 0) {
      if (SameRow(*batch.before, change.before, *batch.after, change.after)) continue;
      change.op = Op::kUpdate;
    } else {
      change.op = change.after >= 0 ? Op::kInsert : Op::kDelete;
    }
    batch.changes.push_back(std::move(change));
  }
  return batch;
}

Result<std::unique_ptr<lance::BatchStream>> TableDiff::Inserted(const Request& request) const {
  TARN_CHECK(only_inserts(), "rows were deleted, too");
  lance::ScanSpec spec;
  spec.columns = columns_;
  spec.fragments = after_.fragments;
  TARN_ASSIGN_OR_RETURN(std::unique_ptr<lance::BatchStream> rows,
                        after_.table->Scan(request, spec));
  return lance::InStoredForm(*after_.table->schema(), std::move(rows));
}

Status TableDiff::Locate(const Request& request, std::span<const std::string_view> ids,
                         std::vector<Place>& places) const {
  places.assign(ids.size(), Place());
  const auto place_of = [&](std::string_view id) -> Place* {
    const auto found = std::lower_bound(ids.begin(), ids.end(), id);
    return found == ids.end() || *found != id ? nullptr : &places[found - ids.begin()];
  };
  TARN_RETURN_IF_ERROR(ForEachId(request, before_, [&](std::string_view id, uint64_t row) {
    if (Place* place = place_of(id)) place->before = row;
  }));
  return ForEachId(request, after_, [&](std::string_view id, uint64_t row) {
    if (Place* place = place_of(id)) place->after = row;
  });
}

Status TableDiff::ForEach(const Request& request, std::optional<std::string> after_id,
                          const std::function<Result<bool>(const ChangeBatch&)>& visit) const {
  for (bool is_cut = true; is_cut;) {
    Window window(after_id);
    TARN_RETURN_IF_ERROR(ForEachId(request, before_, [&](std::string_view id, uint64_t row) {
      window.Offer(id, row, false);
    }));
    TARN_RETURN_IF_ERROR(ForEachId(
        request, after_, [&](std::string_view id, uint64_t row) { window.Offer(id, row, true); }));
    is_cut = window.is_cut();
    const Places places = window.Take();
    for (auto begin = places.begin(); begin != places.end();) {
      const auto end = begin + std::min<ptrdiff_t>(kRowsAtOnceMax, places.end() - begin);
      TARN_RETURN_IF_ERROR(request.Check());
      TARN_ASSIGN_OR_RETURN(const ChangeBatch batch, Compare(request, begin, end));
      begin = end;
      if (batch.changes.empty()) continue;
      TARN_ASSIGN_OR_RETURN(const bool go_on, visit(batch));
      if (!go_on) return Status::Ok();
    }
    if (!places.empty()) after_id = places.back().first;
  }
  return Status::Ok();
}

}  // namespace tarn::changes
