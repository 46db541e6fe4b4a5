#include "tarn/columnar/c_data.h"

#include <utility>

#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>

#include "tarn/columnar/arrow_status.h"

namespace tarn::columnar {

Result<std::shared_ptr<arrow::Schema>> ImportSchema(CSchema& schema) {
  return FromArrow(arrow::ImportSchema(schema.get()));
}

Result<std::shared_ptr<arrow::RecordBatch>> ImportBatch(
    CArray& array, const std::shared_ptr<arrow::Schema>& schema) {
  return FromArrow(arrow::ImportRecordBatch(array.get(), schema));
}

Result<std::shared_ptr<arrow::RecordBatch>> ImportBatch(CArray& array, CSchema& schema) {
  return FromArrow(arrow::ImportRecordBatch(array.get(), schema.get()));
}

Result<std::shared_ptr<arrow::Array>> ImportArray(CArray& array, CSchema& schema) {
  return FromArrow(arrow::ImportArray(array.get(), schema.get()));
}

Result<std::shared_ptr<arrow::RecordBatchReader>> ImportStream(CStream& stream) {
  return FromArrow(arrow::ImportRecordBatchReader(stream.get()));
}

Status ExportSchema(const arrow::Schema& schema, CSchema& out) {
  return FromArrow(arrow::ExportSchema(schema, out.get()));
}

Status ExportBatch(const arrow::RecordBatch& batch, CArray& out, CSchema& out_schema) {
  return FromArrow(arrow::ExportRecordBatch(batch, out.get(), out_schema.get()));
}

Status ExportArray(const arrow::Array& array, CArray& out, CSchema& out_schema) {
  return FromArrow(arrow::ExportArray(array, out.get(), out_schema.get()));
}

Status ExportStream(std::shared_ptr<arrow::RecordBatchReader> reader, CStream& out) {
  return FromArrow(arrow::ExportRecordBatchReader(std::move(reader), out.get()));
}

}  // namespace tarn::columnar
