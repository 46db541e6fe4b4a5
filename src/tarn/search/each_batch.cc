#include "tarn/search/each_batch.h"

#include <utility>

#include <arrow/record_batch.h>

#include "tarn/search/limits.h"

namespace tarn::search {

Status ForEachBatch(const Request& request, const lance::Table& table,
                    std::vector<std::string> columns, bool row_id, const BatchVisitor& visit) {
  return ForEachBatch(request, table, {.columns = std::move(columns), .row_id = row_id}, visit);
}

Status ForEachBatch(const Request& request, const lance::Table& table, lance::ScanSpec spec,
                    const BatchVisitor& visit) {
  const Request reading = request.In(Phase::kRead);
  spec.batch_rows = kBuildBatchRows;
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::BatchStream> stream,
                        table.Scan(reading, spec));
  while (true) {
    TARN_RETURN_IF_ERROR(reading.Check());
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, stream->Next());
    if (batch == nullptr) return Status::Ok();
    TARN_RETURN_IF_ERROR(visit(*batch));
  }
}

Result<uint64_t> CountRows(const lance::Table& table, std::string_view name, uint64_t rows_max) {
  TARN_ASSIGN_OR_RETURN(const lance::TableFacts facts, table.Facts());
  if (facts.rows > rows_max) return TooManyRows(name, rows_max);
  return facts.rows;
}

Status TooManyRows(std::string_view name, uint64_t rows_max) {
  return Error(ErrorId::kUnsupported,
               "{} has more than {} rows, the most that can be numbered in memory", name, rows_max);
}

}  // namespace tarn::search
