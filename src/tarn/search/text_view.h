#pragma once

#include <cstdint>
#include <string_view>

#include <arrow/type_fwd.h>

#include "tarn/base/status.h"

namespace tarn::search {

/// The strings of an Arrow text column, whichever width its offsets have. Borrows the array.
class TextView {
 public:
  /// kCorruptData when `array` holds anything but text; `what` names it in the error.
  static Result<TextView> Of(const arrow::Array& array, std::string_view what);

  int64_t size() const { return size_; }
  bool IsNull(int64_t row) const {
    if (validity_ == nullptr) return false;
    const int64_t bit = row + validity_offset_;
    return ((validity_[bit >> 3] >> (bit & 7)) & 1) == 0;
  }
  /// Undefined for a null.
  std::string_view operator[](int64_t row) const {
    const int64_t begin = small_ != nullptr ? small_[row] : large_[row];
    const int64_t end = small_ != nullptr ? small_[row + 1] : large_[row + 1];
    return {text_ + begin, static_cast<size_t>(end - begin)};
  }

 private:
  int64_t size_ = 0;
  const uint8_t* validity_ = nullptr;
  int64_t validity_offset_ = 0;
  const int32_t* small_ = nullptr;
  const int64_t* large_ = nullptr;
  const char* text_ = nullptr;
};

}  // namespace tarn::search
