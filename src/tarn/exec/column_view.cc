#include "tarn/exec/column_view.h"

#include <arrow/array.h>
#include <arrow/type.h>

namespace tarn::exec {

ColumnView::~ColumnView() = default;

Result<std::unique_ptr<ColumnView>> ColumnView::Make(std::shared_ptr<arrow::Array> array) {
  std::unique_ptr<ColumnView> view(new ColumnView());
  view->array_ = std::move(array);
  view->length_ = view->array_->length();
  if (view->array_->null_count() > 0 && view->array_->null_bitmap_data() != nullptr) {
    view->validity_ = view->array_->null_bitmap_data();
    view->validity_offset_ = view->array_->offset();
  }
  TARN_RETURN_IF_ERROR(view->Attach());
  return view;
}

namespace {

template <typename ArrayType>
const void* RawValues(const arrow::Array& array) {
  return static_cast<const ArrayType&>(array).raw_values();
}

/// Text bytes, or a valid empty place: an array of only empty strings may have no buffer.
template <typename ArrayType>
const char* RawText(const arrow::Array& array) {
  const auto& buffer = static_cast<const ArrayType&>(array).value_data();
  return buffer == nullptr ? "" : reinterpret_cast<const char*>(buffer->data());
}

}  // namespace

Status ColumnView::Attach() {
  const auto fixed = [this](Layout layout, const void* values) {
    layout_ = layout;
    values_ = values;
    return Status::Ok();
  };
  switch (array_->type_id()) {
    case arrow::Type::NA: layout_ = Layout::kNull; return Status::Ok();
    case arrow::Type::BOOL:
      bit_offset_ = array_->offset();
      return fixed(Layout::kBool, array_->data()->buffers[1] == nullptr
                                      ? nullptr
                                      : array_->data()->buffers[1]->data());
    case arrow::Type::INT32: return fixed(Layout::kInt32, RawValues<arrow::Int32Array>(*array_));
    case arrow::Type::INT64: return fixed(Layout::kInt64, RawValues<arrow::Int64Array>(*array_));
    case arrow::Type::UINT32: return fixed(Layout::kUint32, RawValues<arrow::UInt32Array>(*array_));
    case arrow::Type::UINT64: return fixed(Layout::kUint64, RawValues<arrow::UInt64Array>(*array_));
    case arrow::Type::FLOAT: return fixed(Layout::kFloat32, RawValues<arrow::FloatArray>(*array_));
    case arrow::Type::DOUBLE:
      return fixed(Layout::kFloat64, RawValues<arrow::DoubleArray>(*array_));
    case arrow::Type::DATE32: return fixed(Layout::kDate32, RawValues<arrow::Date32Array>(*array_));
    case arrow::Type::DATE64: return fixed(Layout::kDate64, RawValues<arrow::Date64Array>(*array_));
    case arrow::Type::STRING:
      layout_ = Layout::kString32;
      offsets_ = static_cast<const arrow::StringArray&>(*array_).raw_value_offsets();
      text_ = RawText<arrow::StringArray>(*array_);
      return Status::Ok();
    case arrow::Type::LARGE_STRING:
      layout_ = Layout::kString64;
      offsets_ = static_cast<const arrow::LargeStringArray&>(*array_).raw_value_offsets();
      text_ = RawText<arrow::LargeStringArray>(*array_);
      return Status::Ok();
    case arrow::Type::LIST:
      layout_ = Layout::kList32;
      offsets_ = static_cast<const arrow::ListArray&>(*array_).raw_value_offsets();
      return AttachList(static_cast<const arrow::ListArray&>(*array_).values());
    case arrow::Type::LARGE_LIST:
      layout_ = Layout::kList64;
      offsets_ = static_cast<const arrow::LargeListArray&>(*array_).raw_value_offsets();
      return AttachList(static_cast<const arrow::LargeListArray&>(*array_).values());
    case arrow::Type::FIXED_SIZE_LIST: {
      const auto& list = static_cast<const arrow::FixedSizeListArray&>(*array_);
      layout_ = Layout::kFixedList;
      fixed_size_ = list.list_type()->list_size();
      items_begin_ = list.value_offset(0);
      return AttachList(list.values());
    }
    default:
      return Error(ErrorId::kUnsupported, "a column of Arrow type {} cannot be read by a query",
                   array_->type()->ToString());
  }
}

Status ColumnView::AttachList(std::shared_ptr<arrow::Array> items) {
  TARN_ASSIGN_OR_RETURN(items_, Make(std::move(items)));
  return Status::Ok();
}

Cell ColumnView::ListAt(int64_t row) const {
  if (layout_ == Layout::kFixedList)
    return Cell::List(items_.get(), items_begin_ + row * fixed_size_, fixed_size_);
  if (layout_ == Layout::kList32) {
    const auto* offsets = static_cast<const int32_t*>(offsets_);
    return Cell::List(items_.get(), offsets[row], offsets[row + 1] - offsets[row]);
  }
  const auto* offsets = static_cast<const int64_t*>(offsets_);
  return Cell::List(items_.get(), offsets[row], offsets[row + 1] - offsets[row]);
}

Cell ColumnView::At(int64_t row) const {
  if (IsNull(row)) return Cell::Null();
  switch (layout_) {
    case Layout::kBool: return Cell::Bool(BoolAt(row));
    case Layout::kInt32: return Cell::Int(values<int32_t>()[row]);
    case Layout::kInt64: return Cell::Int(values<int64_t>()[row]);
    case Layout::kUint32: return Cell::Int(values<uint32_t>()[row]);
    case Layout::kUint64: return Cell::Uint(values<uint64_t>()[row]);
    case Layout::kFloat32: return Cell::Float(values<float>()[row], Cell::Width::kSingle);
    case Layout::kFloat64: return Cell::Float(values<double>()[row]);
    case Layout::kDate32: return Cell::Date(values<int32_t>()[row]);
    case Layout::kDate64: return Cell::DateTime(values<int64_t>()[row]);
    case Layout::kString32:
    case Layout::kString64: return Cell::String(StringAt(row));
    case Layout::kList32:
    case Layout::kList64:
    case Layout::kFixedList: return ListAt(row);
    case Layout::kNull: return Cell::Null();
  }
  TARN_UNREACHABLE("a Layout outside its enum");
}

}  // namespace tarn::exec
