#include "tarn/columnar/choose_rows.h"

#include <arrow/api.h>
#include <arrow/compute/api.h>

#include "tarn/columnar/arrow_status.h"

namespace tarn::columnar {

Result<std::shared_ptr<arrow::RecordBatch>> ChooseRows(
    std::shared_ptr<arrow::RecordBatch> batch, const std::function<bool(int64_t row)>& chosen) {
  arrow::BooleanBuilder mask;
  TARN_ARROW_RETURN_IF_ERROR(mask.Reserve(batch->num_rows()));
  int64_t wanted = 0;
  for (int64_t row = 0; row < batch->num_rows(); ++row) {
    const bool keep = chosen(row);
    mask.UnsafeAppend(keep);
    wanted += keep ? 1 : 0;
  }
  if (wanted == batch->num_rows()) return batch;
  if (wanted == 0) return batch->Slice(0, 0);
  TARN_ARROW_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Array> keep, mask.Finish());
  TARN_ARROW_ASSIGN_OR_RETURN(const arrow::Datum filtered,
                              arrow::compute::Filter(arrow::Datum(batch), keep));
  return filtered.record_batch();
}

}  // namespace tarn::columnar
