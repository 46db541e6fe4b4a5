#include "tarn/write/stored_rows.h"

#include <arrow/api.h>

namespace tarn::write {

uint64_t StoredRowCount(const LoadContext& context, const TypeLayout& layout) {
  const catalog::TableEntry* entry =
      context.snapshot.manifest().FindTable(layout.kind, layout.name());
  return entry == nullptr ? 0 : entry->rows;
}

Status ForEachStored(LoadContext& context, const TypeLayout& layout,
                     const std::vector<std::string>& columns,
                     const std::function<Status(const StoredBatch&)>& visit) {
  if (StoredRowCount(context, layout) == 0) return Status::Ok();
  const Request request = context.request.In(Phase::kRead);
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::Table> table,
                        context.snapshot.OpenTable(request, layout.kind, layout.name()));
  lance::ScanSpec spec{.columns = columns, .row_id = true, .row_addr = true, .in_order = false};
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::BatchStream> stream,
                        table->Scan(request, spec));
  while (true) {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, stream->Next());
    if (batch == nullptr) return Status::Ok();
    const int last = batch->num_columns() - 1;
    const auto& row_ids = static_cast<const arrow::UInt64Array&>(*batch->column(last - 1));
    const auto& row_addrs = static_cast<const arrow::UInt64Array&>(*batch->column(last));
    TARN_RETURN_IF_ERROR(visit({*batch, row_ids.raw_values(), row_addrs.raw_values()}));
    TARN_RETURN_IF_ERROR(context.group.Balance());
  }
}

}  // namespace tarn::write
