#include "tarn/wire/cell.h"

#include <cmath>

#include <arrow/array.h>
#include <fmt/format.h>

#include "tarn/base/check.h"
#include "tarn/schema/values.h"

namespace tarn::wire {
namespace {

template <typename ArrayType>
const ArrayType& As(const arrow::Array& column) {
  return static_cast<const ArrayType&>(column);
}

void WriteVector(JsonWriter& json, const arrow::Array& column, int64_t row) {
  const auto& lists = As<arrow::FixedSizeListArray>(column);
  const auto& items = As<arrow::FloatArray>(*lists.values());
  const int64_t begin = lists.value_offset(row);
  json.BeginArray();
  for (int64_t i = begin; i < begin + lists.value_length(); ++i) {
    if (items.IsNull(i) || !std::isfinite(items.Value(i))) {
      json.Null();
    } else {
      json.Double(static_cast<double>(items.Value(i)));
    }
  }
  json.EndArray();
}

void WriteList(JsonWriter& json, const arrow::Array& column, int64_t row,
               schema::PropertyType item) {
  const auto& lists = As<arrow::ListArray>(column);
  item.list = false;
  json.BeginArray();
  for (int64_t i = lists.value_offset(row); i < lists.value_offset(row) + lists.value_length(row);
       ++i) {
    WriteCell(json, *lists.values(), i, item);
  }
  json.EndArray();
}

}  // namespace

void WriteCell(JsonWriter& json, const arrow::Array& column, int64_t row,
               const schema::PropertyType& type) {
  if (column.IsNull(row)) {
    json.Null();
    return;
  }
  if (type.list) return WriteList(json, column, row, type);
  switch (type.scalar) {
    case schema::Scalar::kString: json.String(As<arrow::StringArray>(column).GetView(row)); return;
    case schema::Scalar::kBool: json.Bool(As<arrow::BooleanArray>(column).Value(row)); return;
    case schema::Scalar::kI32: json.Int(As<arrow::Int32Array>(column).Value(row)); return;
    case schema::Scalar::kI64: json.Int(As<arrow::Int64Array>(column).Value(row)); return;
    case schema::Scalar::kU32: json.Uint(As<arrow::UInt32Array>(column).Value(row)); return;
    case schema::Scalar::kU64: json.Uint(As<arrow::UInt64Array>(column).Value(row)); return;
    case schema::Scalar::kF32:
      json.Double(static_cast<double>(As<arrow::FloatArray>(column).Value(row)));
      return;
    case schema::Scalar::kF64: json.Double(As<arrow::DoubleArray>(column).Value(row)); return;
    case schema::Scalar::kDate:
      json.String(schema::FormatDate(As<arrow::Date32Array>(column).Value(row)));
      return;
    case schema::Scalar::kDateTime:
      json.String(schema::FormatDateTime(As<arrow::Date64Array>(column).Value(row)));
      return;
    case schema::Scalar::kVector: WriteVector(json, column, row); return;
    case schema::Scalar::kBlob: break;
  }
  TARN_UNREACHABLE("a blob is never a result value");
}

std::string CellText(const arrow::Array& column, int64_t row, const schema::PropertyType& type) {
  if (column.IsNull(row)) return "";
  const bool text = !type.list && (type.scalar == schema::Scalar::kString);
  if (text) return std::string(As<arrow::StringArray>(column).GetView(row));
  JsonWriter json;
  WriteCell(json, column, row, type);
  std::string out = json.Take();
  const bool quoted = !type.list && out.size() >= 2 && out.front() == '"';
  return quoted ? out.substr(1, out.size() - 2) : out;
}

std::string VisibleText(std::string_view text) {
  std::string out;
  for (char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (byte < 0x20 || byte == 0x7F)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out;
}

}  // namespace tarn::wire
