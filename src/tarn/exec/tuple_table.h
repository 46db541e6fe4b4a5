#pragma once

#include <cstdint>
#include <vector>

#include "tarn/exec/batch.h"

namespace tarn::exec {

/// Numbers distinct tuples of dense numbers in the order they are first seen. Linear probing, at
/// most half full.
class TupleTable {
 public:
  explicit TupleTable(size_t width) : width_(width) {}

  uint32_t size() const { return size_; }
  const Dense* tuple(uint32_t number) const { return keys_.data() + number * width_; }
  int64_t bytes() const {
    return static_cast<int64_t>(slots_.capacity() * sizeof(uint32_t) +
                                keys_.capacity() * sizeof(Dense));
  }
  /// What bytes() may become when one more tuple comes.
  int64_t bytes_after_growth() const { return 2 * bytes() + 1024; }
  bool at_growth() const { return 2 * (size_t{size_} + 1) > slots_.size(); }

  /// The number of `tuple`; `is_new` tells whether it was just given.
  uint32_t Insert(const Dense* tuple, bool* is_new);
  void Clear();

 private:
  static constexpr uint32_t kFree = UINT32_MAX;

  size_t Hash(const Dense* tuple) const;
  void Grow();

  const size_t width_;
  uint32_t size_ = 0;
  std::vector<uint32_t> slots_;
  std::vector<Dense> keys_;
};

}  // namespace tarn::exec
