#pragma once

#include <memory>

#include <arrow/c/abi.h>
#include <arrow/type_fwd.h>

#include "tarn/base/status.h"

namespace tarn::columnar {

/// An ArrowSchema, ArrowArray or ArrowArrayStream of the C Data Interface that releases what it
/// holds when it dies. Move only by the Arrow rule: whoever takes `get()` and leaves `release` null
/// has taken the content.
template <typename T>
class COwned {
 public:
  COwned() = default;
  COwned(const COwned&) = delete;
  COwned& operator=(const COwned&) = delete;
  ~COwned() {
    if (held_.release != nullptr) held_.release(&held_);
  }
  T* get() { return &held_; }

 private:
  T held_{};
};
using CSchema = COwned<ArrowSchema>;
using CArray = COwned<ArrowArray>;
using CStream = COwned<ArrowArrayStream>;

/// Imports take the content of their arguments, also when they fail: kInvalidArgument for a layout
/// that Arrow refuses.
Result<std::shared_ptr<arrow::Schema>> ImportSchema(CSchema& schema);
Result<std::shared_ptr<arrow::RecordBatch>> ImportBatch(
    CArray& array, const std::shared_ptr<arrow::Schema>& schema);
Result<std::shared_ptr<arrow::RecordBatch>> ImportBatch(CArray& array, CSchema& schema);
Result<std::shared_ptr<arrow::Array>> ImportArray(CArray& array, CSchema& schema);
Result<std::shared_ptr<arrow::RecordBatchReader>> ImportStream(CStream& stream);

/// Exports share the buffers of what they export.
Status ExportSchema(const arrow::Schema& schema, CSchema& out);
Status ExportBatch(const arrow::RecordBatch& batch, CArray& out, CSchema& out_schema);
Status ExportArray(const arrow::Array& array, CArray& out, CSchema& out_schema);
Status ExportStream(std::shared_ptr<arrow::RecordBatchReader> reader, CStream& out);

}  // namespace tarn::columnar
