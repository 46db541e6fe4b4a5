#pragma once

#include <memory>
#include <string>

#include <arrow/type_fwd.h>

#include "tarn/base/status.h"
#include "tarn/schema/schema.h"

namespace tarn::write {

/// Appends the cells of one property as JSON that load reads back equal: full digits, dates as
/// text, floats with the fewest digits of their 64-bit value, blobs as base64, null as null.
class CellJson {
 public:
  /// Errors  kUnsupported for a blob column that was not scanned as bytes.
  static Result<CellJson> Make(const schema::PropertyType& type,
                               std::shared_ptr<arrow::Array> cells);

  void Append(int64_t row, std::string& out) const;

 private:
  CellJson(schema::PropertyType type, std::shared_ptr<arrow::Array> cells)
      : type_(std::move(type)), cells_(std::move(cells)) {}

  schema::PropertyType type_;
  std::shared_ptr<arrow::Array> cells_;
};

}  // namespace tarn::write
