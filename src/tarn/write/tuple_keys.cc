#include "tarn/write/tuple_keys.h"

#include <cmath>
#include <cstring>

#include <arrow/api.h>

#include "tarn/schema/values.h"

namespace tarn::write {
namespace {

bool HasKeyText(arrow::Type::type id) {
  switch (id) {
    case arrow::Type::STRING:
    case arrow::Type::BOOL:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT32:
    case arrow::Type::UINT64:
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
    case arrow::Type::DATE32:
    case arrow::Type::DATE64: return true;
    default: return false;
  }
}

template <typename ArrayType>
auto At(const arrow::Array& array, int64_t row) {
  return static_cast<const ArrayType&>(array).Value(row);
}

/// Precondition: HasKeyText, the cell is not null, floats are finite.
void AppendText(const arrow::Array& array, int64_t row, std::string& out) {
  using schema::AppendKeyText;
  switch (array.type_id()) {
    case arrow::Type::STRING:
      out += static_cast<const arrow::StringArray&>(array).GetView(row);
      return;
    case arrow::Type::BOOL: return AppendKeyText(At<arrow::BooleanArray>(array, row), out);
    case arrow::Type::INT32: return AppendKeyText(At<arrow::Int32Array>(array, row), out);
    case arrow::Type::INT64: return AppendKeyText(At<arrow::Int64Array>(array, row), out);
    case arrow::Type::UINT32: return AppendKeyText(At<arrow::UInt32Array>(array, row), out);
    case arrow::Type::UINT64: return AppendKeyText(At<arrow::UInt64Array>(array, row), out);
    case arrow::Type::FLOAT: return AppendKeyText(At<arrow::FloatArray>(array, row), out);
    case arrow::Type::DOUBLE: return AppendKeyText(At<arrow::DoubleArray>(array, row), out);
    case arrow::Type::DATE32: return AppendKeyText(At<arrow::Date32Array>(array, row), out);
    case arrow::Type::DATE64: return AppendKeyText(At<arrow::Date64Array>(array, row), out);
    default: TARN_UNREACHABLE("a column without key text");
  }
}

bool IsFinite(const arrow::Array& array, int64_t row) {
  if (array.type_id() == arrow::Type::FLOAT)
    return std::isfinite(At<arrow::FloatArray>(array, row));
  if (array.type_id() == arrow::Type::DOUBLE)
    return std::isfinite(At<arrow::DoubleArray>(array, row));
  return true;
}

}  // namespace

Status TupleKeys::Bind(const arrow::RecordBatch& batch) {
  arrays_.clear();
  for (const std::string& column : columns_) {
    std::shared_ptr<arrow::Array> array = batch.GetColumnByName(column);
    if (array == nullptr)
      return Error(ErrorId::kInternal, "a batch without the key column '{}'", column);
    if (!HasKeyText(array->type_id())) {
      return Error(ErrorId::kUnsupported, "'{}' of type {} cannot be part of a key", column,
                   array->type()->ToString());
    }
    arrays_.push_back(std::move(array));
  }
  return Status::Ok();
}

Result<std::optional<KeyHash>> TupleKeys::HashOf(int64_t row) {
  for (size_t i = 0; i < arrays_.size(); ++i) {
    if (arrays_[i]->IsNull(row)) return std::optional<KeyHash>();
    if (!IsFinite(*arrays_[i], row)) {
      return Error(ErrorId::kValueNotKeyable, "'{}' is not finite and cannot be part of a key",
                   columns_[i]);
    }
  }
  if (arrays_.size() == 1 && arrays_[0]->type_id() == arrow::Type::STRING) {
    return std::optional(
        HashKey(static_cast<const arrow::StringArray&>(*arrays_[0]).GetView(row), seed_));
  }
  scratch_.clear();
  for (const std::shared_ptr<arrow::Array>& array : arrays_) {
    const size_t begin = scratch_.size();
    AppendText(*array, row, scratch_);
    if (arrays_.size() == 1) break;
    // The length behind each member keeps ("a", "bc") and ("ab", "c") apart.
    const uint64_t length = scratch_.size() - begin;
    scratch_.append(reinterpret_cast<const char*>(&length), sizeof length);
  }
  return std::optional(HashKey(scratch_, seed_));
}

std::string TupleKeys::TextOf(int64_t row) const {
  std::string text;
  for (const std::shared_ptr<arrow::Array>& array : arrays_) {
    if (!text.empty()) text += ", ";
    AppendText(*array, row, text);
  }
  return text;
}

}  // namespace tarn::write
