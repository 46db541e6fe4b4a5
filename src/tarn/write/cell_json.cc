#include "tarn/write/cell_json.h"

#include <cmath>

#include <arrow/api.h>
#include <fmt/format.h>

#include "tarn/base/json_writer.h"
#include "tarn/schema/values.h"
#include "tarn/write/base64.h"

namespace tarn::write {
namespace {

using schema::Scalar;

template <typename ArrayType>
const ArrayType& As(const arrow::Array& array) {
  return static_cast<const ArrayType&>(array);
}

template <typename Integer>
void AppendInteger(Integer value, std::string& out) {
  schema::AppendKeyText(value, out);
}

/// Non-finite values never come from a load; they are written as results write them, and load
/// refuses them.
void AppendFloat(double value, std::string& out) {
  if (std::isfinite(value)) {
    out += JsonNumber(value);
  } else {
    out += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  }
}

void AppendVector(const arrow::FixedSizeListArray& vectors, int64_t row, std::string& out) {
  const auto& items = As<arrow::FloatArray>(*vectors.values());
  const int64_t begin = vectors.value_offset(row);
  out += '[';
  for (int64_t i = begin; i < begin + vectors.value_length(); ++i) {
    if (i > begin) out += ',';
    items.IsNull(i) || !std::isfinite(items.Value(i)) ? out += "null"
                                                      : out += JsonNumber(items.Value(i));
  }
  out += ']';
}

/// A blob as Lance reads it (its bytes), or as a writer hands it over (bytes or an address).
void AppendBlob(const arrow::Array& blobs, int64_t row, std::string& out) {
  if (blobs.type_id() == arrow::Type::LARGE_BINARY) {
    out += "\"base64:";
    AppendBase64(As<arrow::LargeBinaryArray>(blobs).GetView(row), out);
    out += '"';
    return;
  }
  const auto& fields = As<arrow::StructArray>(blobs);
  const auto& data = As<arrow::LargeBinaryArray>(*fields.field(0));
  const auto& uris = As<arrow::StringArray>(*fields.field(1));
  if (data.IsNull(row) && uris.IsValid(row)) return AppendJsonQuoted(uris.GetView(row), out);
  out += "\"base64:";
  if (data.IsValid(row)) AppendBase64(data.GetView(row), out);
  out += '"';
}

void AppendScalar(Scalar scalar, const arrow::Array& cells, int64_t row, std::string& out) {
  switch (scalar) {
    case Scalar::kString: return AppendJsonQuoted(As<arrow::StringArray>(cells).GetView(row), out);
    case Scalar::kBool: out += As<arrow::BooleanArray>(cells).Value(row) ? "true" : "false"; return;
    case Scalar::kI32: return AppendInteger(As<arrow::Int32Array>(cells).Value(row), out);
    case Scalar::kI64: return AppendInteger(As<arrow::Int64Array>(cells).Value(row), out);
    case Scalar::kU32: return AppendInteger(As<arrow::UInt32Array>(cells).Value(row), out);
    case Scalar::kU64: return AppendInteger(As<arrow::UInt64Array>(cells).Value(row), out);
    case Scalar::kF32: return AppendFloat(As<arrow::FloatArray>(cells).Value(row), out);
    case Scalar::kF64: return AppendFloat(As<arrow::DoubleArray>(cells).Value(row), out);
    case Scalar::kDate:
      return AppendJsonQuoted(schema::FormatDate(As<arrow::Date32Array>(cells).Value(row)), out);
    case Scalar::kDateTime:
      return AppendJsonQuoted(schema::FormatDateTime(As<arrow::Date64Array>(cells).Value(row)),
                              out);
    case Scalar::kVector: return AppendVector(As<arrow::FixedSizeListArray>(cells), row, out);
    case Scalar::kBlob: return AppendBlob(cells, row, out);
  }
  TARN_UNREACHABLE("a scalar without JSON");
}

/// A storage may answer a blob column with descriptors instead of the bytes.
bool HasBlobBytes(const arrow::DataType& type) {
  if (type.id() == arrow::Type::LARGE_BINARY) return true;
  return type.id() == arrow::Type::STRUCT && type.num_fields() >= 2 &&
         type.field(0)->type()->id() == arrow::Type::LARGE_BINARY &&
         type.field(1)->type()->id() == arrow::Type::STRING;
}

}  // namespace

Result<CellJson> CellJson::Make(const schema::PropertyType& type,
                                std::shared_ptr<arrow::Array> cells) {
  if (type.scalar == Scalar::kBlob && !HasBlobBytes(*cells->type())) {
    return Error(ErrorId::kUnsupported,
                 "this storage does not give out the bytes of a Blob in a scan ({})",
                 cells->type()->ToString());
  }
  return CellJson(type, std::move(cells));
}

void CellJson::Append(int64_t row, std::string& out) const {
  if (cells_->IsNull(row)) {
    out += "null";
    return;
  }
  if (!type_.list) return AppendScalar(type_.scalar, *cells_, row, out);
  const auto& lists = As<arrow::ListArray>(*cells_);
  const arrow::Array& items = *lists.values();
  const int64_t begin = lists.value_offset(row);
  out += '[';
  for (int64_t i = begin; i < begin + lists.value_length(row); ++i) {
    if (i > begin) out += ',';
    items.IsNull(i) ? void(out += "null") : AppendScalar(type_.scalar, items, i, out);
  }
  out += ']';
}

}  // namespace tarn::write
