#include "tarn/write/stored_rows.h"

#include <arrow/api.h>

#include "tarn/lance/stored_form.h"

namespace tarn::write {

uint64_t StoredRowCount(const LoadContext& context, const TypeLayout& layout) {
  const catalog::TableEntry* entry =
      context.snapshot.manifest().FindTable(layout.kind, layout.name());
  return entry == nullptr ? 0 : entry->rows;
}

Status VisitScanned(const arrow::RecordBatch& batch,
                    const std::function<Status(const StoredBatch&)>& visit) {
  const int last = batch.num_columns() - 1;
  const auto& row_ids = static_cast<const arrow::UInt64Array&>(*batch.column(last - 1));
  const auto& row_addrs = static_cast<const arrow::UInt64Array&>(*batch.column(last));
  return visit({batch, row_ids.raw_values(), row_addrs.raw_values()});
}

Status ScanRows(const Request& request, const lance::Table& table,
                const std::vector<std::string>& columns, std::optional<lance::Filter> filter,
                const std::function<Status(const StoredBatch&)>& visit) {
  lance::ScanSpec spec{.columns = columns,
                       .filter = std::move(filter),
                       .row_id = true,
                       .row_addr = true,
                       .in_order = false};
  TARN_ASSIGN_OR_RETURN(std::unique_ptr<lance::BatchStream> scanned, table.Scan(request, spec));
  const std::unique_ptr<lance::BatchStream> stream =
      lance::InStoredForm(*table.schema(), std::move(scanned));
  while (true) {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, stream->Next());
    if (batch == nullptr) return Status::Ok();
    TARN_RETURN_IF_ERROR(VisitScanned(*batch, visit));
  }
}

Status ForEachStored(LoadContext& context, const TypeLayout& layout,
                     const std::vector<std::string>& columns,
                     const std::function<Status(const StoredBatch&)>& visit) {
  if (StoredRowCount(context, layout) == 0) return Status::Ok();
  const Request request = context.request.In(Phase::kRead);
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::Table> table,
                        context.snapshot.OpenTable(request, layout.kind, layout.name()));
  return ScanRows(request, *table, columns, std::nullopt, [&](const StoredBatch& batch) {
    TARN_RETURN_IF_ERROR(visit(batch));
    return context.group.Balance();
  });
}

}  // namespace tarn::write
