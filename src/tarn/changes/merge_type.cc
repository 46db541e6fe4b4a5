#include "tarn/changes/merge_type.h"

#include <algorithm>
#include <span>
#include <utility>

#include <arrow/api.h>
#include <arrow/util/byte_size.h>

#include "tarn/catalog/physical_schema.h"
#include "tarn/changes/limits.h"
#include "tarn/columnar/arrow_status.h"
#include "tarn/columnar/choose_rows.h"
#include "tarn/lance/stored_form.h"

namespace tarn::changes {
namespace {

/// The rows as staging takes them.
Result<std::shared_ptr<arrow::RecordBatch>> InTableForm(
    const arrow::Schema& table_schema, const std::shared_ptr<arrow::RecordBatch>& rows) {
  if (rows == nullptr) return rows;
  const auto stream = lance::InStoredForm(table_schema, lance::StreamOf(rows->schema(), {rows}));
  return stream->Next();
}

/// Calls `visit(ids, batch)` for each batch of the rows of these ids, row ids first in it.
template <typename Visit>
Status TakeAll(const Request& request, const lance::Table& table, std::span<const uint64_t> row_ids,
               size_t at_once, const std::vector<std::string>& columns, Visit&& visit) {
  for (size_t begin = 0; begin < row_ids.size(); begin += at_once) {
    TARN_RETURN_IF_ERROR(request.Check());
    const auto some = row_ids.subspan(begin, std::min(at_once, row_ids.size() - begin));
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch,
                          table.Take(request, some, columns));
    if (batch->num_rows() != static_cast<int64_t>(some.size())) {
      return Error(ErrorId::kCorruptData, "{} at version {}: {} rows of {} are there", table.uri(),
                   table.version(), batch->num_rows(), some.size());
    }
    TARN_RETURN_IF_ERROR(visit(begin, batch));
  }
  return Status::Ok();
}

}  // namespace

Result<std::vector<write::RowPlace>> PlacesOf(const Request& request, const lance::Table& table,
                                              const std::vector<uint64_t>& row_ids, bool is_edge) {
  std::vector<std::string> columns = {std::string(lance::kRowAddrColumn)};
  if (is_edge) columns.emplace_back(catalog::kSrcColumn);
  std::vector<write::RowPlace> places;
  places.reserve(row_ids.size());
  const auto note = [&](size_t, const std::shared_ptr<arrow::RecordBatch>& batch) {
    const auto& ids = static_cast<const arrow::UInt64Array&>(*batch->column(0));
    const auto& addrs = static_cast<const arrow::UInt64Array&>(*batch->column(1));
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      places.push_back({.row_id = ids.Value(row), .row_addr = addrs.Value(row)});
      if (!is_edge) continue;
      places.back().source = static_cast<const arrow::StringArray&>(*batch->column(2)).GetView(row);
    }
    return Status::Ok();
  };
  TARN_RETURN_IF_ERROR(TakeAll(request, table, row_ids, kRowIdsAtOnceMax, columns, note));
  return places;
}

TypeMerge::TypeMerge(const Request& request, TypeRef type,
                     std::shared_ptr<arrow::Schema> table_schema)
    : request_(request),
      type_(std::move(type)),
      table_schema_(std::move(table_schema)),
      hold_(request.Hold("changes to merge")) {}

Status TypeMerge::Add(const ChangeBatch& batch) {
  ChangeBatch kept{.changes = batch.changes};
  TARN_ASSIGN_OR_RETURN(kept.before, InTableForm(*table_schema_, batch.before));
  TARN_ASSIGN_OR_RETURN(kept.after, InTableForm(*table_schema_, batch.after));
  for (const auto& rows : {kept.before, kept.after}) {
    if (rows != nullptr) bytes_ += arrow::util::TotalBufferSize(*rows);
  }
  bytes_ += static_cast<int64_t>(kept.changes.size() * (sizeof(Change) + sizeof(Standing)));
  TARN_RETURN_IF_ERROR(hold_.Resize(bytes_));
  batches_.push_back(std::move(kept));
  return Status::Ok();
}

Result<TypeCount> TypeMerge::Run(write::RowCommit& rows, const TargetRows& target,
                                 const Decide& decide) {
  for (const ChangeBatch& batch : batches_) {
    for (const Change& change : batch.changes) changes_.emplace_back(&batch, &change);
  }
  TARN_RETURN_IF_ERROR(FindStandings(target));
  TypeCount count{.type = type_};
  const Standing* standings = standings_.data();
  for (const ChangeBatch& batch : batches_) {
    TARN_RETURN_IF_ERROR(request_.Check());
    Taken taken;
    for (size_t i = 0; i < batch.changes.size(); ++i) {
      if (!decide(batch, batch.changes[i], standings[i])) continue;
      if (batch.changes[i].after < 0) {
        taken.deletes.push_back(i);
      } else {
        (standings[i].exists ? taken.updates : taken.inserts).push_back(i);
      }
    }
    TARN_RETURN_IF_ERROR(Apply(rows, target, batch, standings, taken));
    count.inserted += taken.inserts.size();
    count.updated += taken.updates.size();
    count.deleted += taken.deletes.size();
    standings += batch.changes.size();
  }
  changes_.clear();
  batches_.clear();
  standings_.clear();
  TARN_RETURN_IF_ERROR(hold_.Resize(0));
  return count;
}

Status TypeMerge::FindStandings(const TargetRows& target) {
  standings_.assign(changes_.size(), Standing());
  std::vector<TableDiff::Place> places(changes_.size());
  if (target.moved != nullptr) {
    std::vector<std::string_view> ids;
    ids.reserve(changes_.size());
    for (const auto& [batch, change] : changes_) ids.emplace_back(change->id);
    TARN_RETURN_IF_ERROR(target.moved->Locate(request_, ids, places));
  }
  std::vector<std::pair<size_t, uint64_t>> written;  // by the target: the change, the row's id
  for (size_t i = 0; i < changes_.size(); ++i) {
    const Change& change = *changes_[i].second;
    Standing& standing = standings_[i];
    if (places[i].after) {
      written.emplace_back(i, *places[i].after);
    } else if (!places[i].before && change.before >= 0) {
      standing = {.exists = true, .is_base = true, .row_id = change.before_row_id};
    } else {
      standing = {.is_base = change.before < 0, .is_source = change.after < 0};
    }
  }
  return Meet(target, written);
}

Status TypeMerge::Meet(const TargetRows& target,
                       const std::vector<std::pair<size_t, uint64_t>>& rows) {
  std::vector<uint64_t> row_ids;
  for (const auto& [change, row_id] : rows) row_ids.push_back(row_id);
  const auto compare = [&](size_t begin,
                           const std::shared_ptr<arrow::RecordBatch>& taken) -> Status {
    TARN_ASSIGN_OR_RETURN(auto values, columnar::FromArrow(taken->RemoveColumn(0)));  // row ids
    TARN_ASSIGN_OR_RETURN(const auto now, InTableForm(*table_schema_, values));
    const auto is = [&now](int64_t row, const std::shared_ptr<arrow::RecordBatch>& side,
                           int64_t at) { return at >= 0 && SameRow(*now, row, *side, at); };
    for (int64_t row = 0; row < now->num_rows(); ++row) {
      const auto& [which, row_id] = rows[begin + static_cast<size_t>(row)];
      const ChangeBatch& batch = *changes_[which].first;
      const Change& change = *changes_[which].second;
      Standing& standing = standings_[which];
      standing.exists = true;
      standing.is_base = is(row, batch.before, change.before);
      standing.is_source = is(row, batch.after, change.after);
      standing.row_id = row_id;
    }
    return Status::Ok();
  };
  return TakeAll(request_, target.table, row_ids, kRowsAtOnceMax, table_schema_->field_names(),
                 compare);
}

Result<std::vector<write::RowPlace>> TypeMerge::Places(const TargetRows& target,
                                                       const Standing* standings,
                                                       const std::vector<size_t>& which) const {
  std::vector<uint64_t> row_ids;
  for (const size_t i : which) row_ids.push_back(standings[i].row_id);
  return PlacesOf(request_, target.table, row_ids, type_.kind == catalog::TableKind::kEdge);
}

Status TypeMerge::Apply(write::RowCommit& rows, const TargetRows& target, const ChangeBatch& batch,
                        const Standing* standings, const Taken& taken) {
  TARN_ASSIGN_OR_RETURN(const auto gone, Places(target, standings, taken.deletes));
  for (size_t i = 0; i < gone.size(); ++i) {
    const std::string& id = batch.changes[taken.deletes[i]].id;
    TARN_RETURN_IF_ERROR(rows.Delete(type_.kind, type_.name, id, gone[i]));
    deleted_.push_back(id);
  }
  const auto images = [&batch](const std::vector<size_t>& which) {
    std::vector<bool> wanted(static_cast<size_t>(batch.after->num_rows()));
    for (const size_t i : which) wanted[static_cast<size_t>(batch.changes[i].after)] = true;
    return columnar::ChooseRows(
        batch.after, [&wanted](int64_t row) { return wanted[static_cast<size_t>(row)]; });
  };
  if (!taken.updates.empty()) {
    TARN_ASSIGN_OR_RETURN(const auto places, Places(target, standings, taken.updates));
    TARN_ASSIGN_OR_RETURN(auto updated, images(taken.updates));
    TARN_RETURN_IF_ERROR(rows.Update(type_.kind, type_.name, std::move(updated), places));
  }
  if (taken.inserts.empty()) return Status::Ok();
  TARN_ASSIGN_OR_RETURN(auto inserted, images(taken.inserts));
  return rows.Insert(type_.kind, type_.name, std::move(inserted));
}

}  // namespace tarn::changes
