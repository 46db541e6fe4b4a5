#include "tarn/columnar/row_text.h"

#include <algorithm>
#include <cmath>

#include <arrow/array.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/visit_array_inline.h>

#include "tarn/base/json_writer.h"
#include "tarn/columnar/arrow_status.h"

namespace tarn::columnar {
namespace {

std::string HexText(std::string_view bytes) {
  std::string out = "0x";
  for (unsigned char byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

/// Writes the non-null value at `row` of whatever array it visits.
struct CellWriter {
  int64_t row;
  std::string out;

  arrow::Status Visit(const arrow::BooleanArray& array) {
    out = array.Value(row) ? "true" : "false";
    return arrow::Status::OK();
  }
  template <typename A>
  std::enable_if_t<arrow::is_integer_type<typename A::TypeClass>::value, arrow::Status> Visit(
      const A& array) {
    out = fmt::format("{}", array.Value(row));
    return arrow::Status::OK();
  }
  arrow::Status Visit(const arrow::FloatArray& array) { return Real(array.Value(row)); }
  arrow::Status Visit(const arrow::DoubleArray& array) { return Real(array.Value(row)); }
  template <typename A>
  std::enable_if_t<arrow::is_base_binary_type<typename A::TypeClass>::value, arrow::Status> Visit(
      const A& array) {
    out = A::TypeClass::is_utf8 ? JsonQuoted(array.GetView(row)) : HexText(array.GetView(row));
    return arrow::Status::OK();
  }
  arrow::Status Visit(const arrow::FixedSizeBinaryArray& array) {
    out = HexText(array.GetView(row));
    return arrow::Status::OK();
  }
  arrow::Status Visit(const arrow::ListArray& array) { return List(*array.value_slice(row)); }
  arrow::Status Visit(const arrow::LargeListArray& array) { return List(*array.value_slice(row)); }
  arrow::Status Visit(const arrow::FixedSizeListArray& array) {
    return List(*array.value_slice(row));
  }
  arrow::Status Visit(const arrow::StructArray& array) {
    out = "{";
    for (int i = 0; i < array.num_fields(); ++i) {
      if (i > 0) out += ",";
      out += array.struct_type()->field(i)->name() + ":" + CellText(*array.field(i), row);
    }
    out += "}";
    return arrow::Status::OK();
  }
  /// Dates, times, decimals, views, dictionaries: Arrow's own spelling.
  arrow::Status Visit(const arrow::Array& array) {
    ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::Scalar> scalar, array.GetScalar(row));
    out = scalar->ToString();
    return arrow::Status::OK();
  }

 private:
  template <typename F>
  arrow::Status Real(F value) {
    // A float keeps its own shortest text: 0.1f is not 0.10000000149011612.
    out = std::isfinite(value) ? fmt::format("{}", value)
                               : fmt::format("{}", static_cast<double>(value));
    if (std::isfinite(value) && out.find_first_of(".e") == std::string::npos) out += ".0";
    return arrow::Status::OK();
  }
  arrow::Status List(const arrow::Array& items) {
    out = "[";
    for (int64_t i = 0; i < items.length(); ++i) out += (i > 0 ? "," : "") + CellText(items, i);
    out += "]";
    return arrow::Status::OK();
  }
};

}  // namespace

std::string CellText(const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) return "null";
  CellWriter writer{row, {}};
  arrow::Status status = arrow::VisitArrayInline(array, &writer);
  return status.ok() ? writer.out : "<" + status.ToString() + ">";
}

std::string RowText(const arrow::RecordBatch& batch, int64_t row) {
  std::string out;
  for (int i = 0; i < batch.num_columns(); ++i) {
    if (i > 0) out += "|";
    out += CellText(*batch.column(i), row);
  }
  return out;
}

std::vector<std::string> RowTexts(const Batches& batches) {
  std::vector<std::string> out;
  for (const std::shared_ptr<arrow::RecordBatch>& batch : batches) {
    for (int64_t row = 0; row < batch->num_rows(); ++row) out.push_back(RowText(*batch, row));
  }
  return out;
}

std::vector<std::string> RowTexts(const arrow::RecordBatch& batch) {
  std::vector<std::string> out;
  for (int64_t row = 0; row < batch.num_rows(); ++row) out.push_back(RowText(batch, row));
  return out;
}

std::vector<std::string> SortedRowTexts(const Batches& batches) {
  std::vector<std::string> out = RowTexts(batches);
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::shared_ptr<arrow::RecordBatch>> BatchFromJson(
    const std::shared_ptr<arrow::Schema>& schema, std::string_view rows) {
  TARN_ARROW_ASSIGN_OR_RETURN(
      std::shared_ptr<arrow::Array> table,
      arrow::json::ArrayFromJSONString(arrow::struct_(schema->fields()), rows));
  TARN_ARROW_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch,
                              arrow::RecordBatch::FromStructArray(table));
  batch = batch->ReplaceSchemaMetadata(schema->metadata());
  // Not ValidateFull: it refuses a date64 with a time of day, which is how Lance tables keep
  // DateTime.
  TARN_ARROW_RETURN_IF_ERROR(batch->Validate());
  for (int i = 0; i < batch->num_columns(); ++i) {
    if (!schema->field(i)->nullable() && batch->column(i)->null_count() > 0) {
      return Error(ErrorId::kInvalidArgument, "column {} does not allow null",
                   schema->field(i)->name());
    }
  }
  return batch;
}

}  // namespace tarn::columnar
