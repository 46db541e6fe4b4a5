#pragma once

#include <cstdint>
#include <memory>

#include <arrow/type_fwd.h>

#include "tarn/base/status.h"
#include "tarn/exec/cell.h"

namespace tarn::exec {

/// Random access to an Arrow array without a virtual call per row: raw pointers, offsets applied.
/// Keeps the array.
class ColumnView {
 public:
  /// How the values lie in memory.
  enum class Layout : uint8_t {
    kBool,
    kInt32,
    kInt64,
    kUint32,
    kUint64,
    kFloat32,
    kFloat64,
    kDate32,
    kDate64,
    kString32,
    kString64,  ///< offsets of that many bits
    kList32,
    kList64,
    kFixedList,  ///< of `items`
    kNull,
  };

  /// kUnsupported for an Arrow type that no property has.
  static Result<std::unique_ptr<ColumnView>> Make(std::shared_ptr<arrow::Array> array);
  ~ColumnView();

  Layout layout() const { return layout_; }
  int64_t length() const { return length_; }
  const std::shared_ptr<arrow::Array>& array() const { return array_; }
  const ColumnView* items() const { return items_.get(); }
  int64_t fixed_size() const { return fixed_size_; }

  bool IsNull(int64_t row) const {
    if (validity_ == nullptr) return false;
    const int64_t bit = row + validity_offset_;
    return ((validity_[bit >> 3] >> (bit & 7)) & 1) == 0;
  }
  bool has_nulls() const { return validity_ != nullptr; }
  Cell At(int64_t row) const;

  /// Values of a fixed-width layout; row 0 is the first of the array.
  template <typename T>
  const T* values() const {
    return static_cast<const T*>(values_);
  }
  bool BoolAt(int64_t row) const {
    const int64_t bit = row + bit_offset_;
    return ((static_cast<const uint8_t*>(values_)[bit >> 3] >> (bit & 7)) & 1) != 0;
  }
  std::string_view StringAt(int64_t row) const {
    if (layout_ == Layout::kString32) {
      const auto* offsets = static_cast<const int32_t*>(offsets_);
      return {text_ + offsets[row], static_cast<size_t>(offsets[row + 1] - offsets[row])};
    }
    const auto* offsets = static_cast<const int64_t*>(offsets_);
    return {text_ + offsets[row], static_cast<size_t>(offsets[row + 1] - offsets[row])};
  }

 private:
  ColumnView() = default;
  Status Attach();
  Status AttachList(std::shared_ptr<arrow::Array> items);
  Cell ListAt(int64_t row) const;

  std::shared_ptr<arrow::Array> array_;
  std::unique_ptr<ColumnView> items_;
  Layout layout_ = Layout::kNull;
  int64_t length_ = 0;
  int64_t fixed_size_ = 0;
  int64_t items_begin_ = 0;  // of a fixed-size list
  int64_t bit_offset_ = 0;
  int64_t validity_offset_ = 0;
  const uint8_t* validity_ = nullptr;
  const void* values_ = nullptr;
  const void* offsets_ = nullptr;
  const char* text_ = nullptr;
};

}  // namespace tarn::exec
