#include "tarn/write/graph_image.h"

#include <algorithm>

#include <arrow/api.h>

#include "tarn/columnar/arrow_status.h"
#include "tarn/lance/memory_filter.h"
#include "tarn/columnar/choose_rows.h"
#include "tarn/write/limits.h"

namespace tarn::write {
namespace {

/// Visits the rows of a scan that `before` does not hide.
Status VisitShown(const StoredBatch& batch, const PendingTable& before,
                  const std::function<Status(const StoredBatch&)>& visit) {
  const arrow::StringArray& ids = IdsOf(batch.rows);
  const auto all =
      arrow::RecordBatch::Make(batch.rows.schema(), batch.rows.num_rows(), batch.rows.columns());
  TARN_ASSIGN_OR_RETURN(
      const std::shared_ptr<arrow::RecordBatch> shown,
      columnar::ChooseRows(all, [&](int64_t row) { return !before.Has(ids.GetView(row)); }));
  return shown->num_rows() == 0 ? Status::Ok() : VisitScanned(*shown, visit);
}

/// Visits the live rows of `before` that `filter` keeps, as a scan would give them.
Status VisitPending(const PendingTable& before, const std::vector<std::string>& columns,
                    const std::optional<lance::Filter>& filter,
                    const std::function<Status(const StoredBatch&)>& visit) {
  for (const PendingTable::Images& images : before.images()) {
    const std::vector<bool> kept =
        filter ? lance::RowsKept(*images.rows, *filter)
               : std::vector<bool>(static_cast<size_t>(images.rows->num_rows()), true);
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> rows,
                          columnar::ChooseRows(images.rows, [&](int64_t row) {
                            return kept[row] && images.live[row];
                          }));
    if (rows->num_rows() == 0) continue;
    arrow::ArrayVector arrays;
    arrow::FieldVector fields;
    for (const std::string& column : columns) {
      arrays.push_back(rows->GetColumnByName(column));
      fields.push_back(rows->schema()->GetFieldByName(column));
    }
    TARN_ARROW_ASSIGN_OR_RETURN(
        const std::shared_ptr<arrow::Array> no_places,
        arrow::MakeArrayFromScalar(arrow::UInt64Scalar(0), rows->num_rows()));
    for (const std::string_view place : {lance::kRowIdColumn, lance::kRowAddrColumn}) {
      arrays.push_back(no_places);
      fields.push_back(arrow::field(std::string(place), arrow::uint64()));
    }
    TARN_RETURN_IF_ERROR(VisitScanned(
        *arrow::RecordBatch::Make(arrow::schema(fields), rows->num_rows(), arrays), visit));
  }
  return Status::Ok();
}

}  // namespace

PendingTable& GraphImage::Of(const schema::NodeType& node) { return Of(TypeLayout(node)); }
PendingTable& GraphImage::Of(const schema::EdgeType& edge) { return Of(TypeLayout(edge)); }

PendingTable& GraphImage::Of(TypeLayout layout) {
  std::unique_ptr<PendingTable>& table = tables_[layout.label()];
  if (table == nullptr) table = std::make_unique<PendingTable>(std::move(layout));
  return *table;
}

const PendingTable* GraphImage::FindNode(const std::string& name) const {
  return Find(fmt::format("node:{}", name));
}

const PendingTable* GraphImage::Find(const std::string& label) const {
  const auto found = tables_.find(label);
  return found == tables_.end() ? nullptr : found->second.get();
}

Status GraphImage::ForEachInStorage(const TypeLayout& layout,
                                    const std::vector<std::string>& columns,
                                    std::optional<lance::Filter> filter,
                                    const std::function<Status(const StoredBatch&)>& visit) {
  const catalog::TableEntry* const entry = base_.manifest().FindTable(layout.kind, layout.name());
  if (entry == nullptr || entry->rows == 0) return Status::Ok();
  const Request request = request_.In(Phase::kRead);
  std::unique_ptr<lance::Table>& table = stored_[layout.label()];
  if (table == nullptr) {
    TARN_ASSIGN_OR_RETURN(table, base_.OpenTable(request, layout.kind, layout.name()));
  }
  return ScanRows(request, *table, columns, std::move(filter), visit);
}

Result<GraphImage::HasId> GraphImage::StoredIdsOf(const TypeLayout& layout) {
  const catalog::TableEntry* const entry = base_.manifest().FindTable(layout.kind, layout.name());
  if (keys_ == nullptr || entry == nullptr) return HasId();
  const KeyMaps::ReadIds read_ids = [&](const std::function<void(std::string_view)>& visit) {
    return ForEachInStorage(layout, {"id"}, std::nullopt, [&visit](const StoredBatch& batch) {
      const arrow::StringArray& ids = IdsOf(batch.rows);
      for (int64_t row = 0; row < ids.length(); ++row) visit(ids.GetView(row));
      return Status::Ok();
    });
  };
  TARN_ASSIGN_OR_RETURN(const KeyMap* const map, keys_->Of(*entry, read_ids));
  if (map == nullptr) return HasId();
  const PendingTable* const before = below_ == nullptr ? nullptr : below_->Find(layout.label());
  return HasId([keys = keys_, map, before](std::string_view id) {
    if (before != nullptr && before->Has(id)) return before->IsLive(id);
    return map->Has(keys->HashOf(id));
  });
}

Status GraphImage::ForEachStored(const TypeLayout& layout, const std::vector<std::string>& columns,
                                 std::optional<lance::Filter> filter,
                                 const std::function<Status(const StoredBatch&)>& visit) {
  const PendingTable* const before = below_ == nullptr ? nullptr : below_->Find(layout.label());
  if (before == nullptr) return ForEachInStorage(layout, columns, std::move(filter), visit);
  TARN_RETURN_IF_ERROR(ForEachInStorage(layout, columns, filter, [&](const StoredBatch& batch) {
    return VisitShown(batch, *before, visit);
  }));
  return VisitPending(*before, columns, filter, visit);
}

Status GraphImage::Absorb(const GraphImage& later) {
  for (const auto& [label, table] : later.tables_) {
    TARN_RETURN_IF_ERROR(Of(table->layout()).Absorb(*table));
  }
  return Status::Ok();
}

bool GraphImage::HasChanges() const {
  const auto changes = [](const auto& entry) {
    return std::ranges::any_of(entry.second->rows(), [](const auto& row) {
      return row.second.live || row.second.origin == PendingTable::Origin::kStored;
    });
  };
  return std::ranges::any_of(tables_, changes);
}

Status GraphImage::Charge() {
  int64_t bytes = 0;
  for (const auto& [label, table] : tables_) bytes += table->bytes();
  return hold_.Resize(bytes);
}

std::optional<lance::Filter> AnyOf(const std::string& column,
                                   const std::vector<std::string>& texts) {
  if (texts.size() > kFilterKeysMax) return std::nullopt;
  lance::Filter filter{.op = lance::Filter::Op::kIn, .column = column};
  for (const std::string& text : texts) {
    filter.values.push_back({.type = lance::Value::Type::kUtf8, .value = text});
  }
  return filter;
}

}  // namespace tarn::write
