#include "tarn/exec/tuple_table.h"

#include <algorithm>

namespace tarn::exec {

size_t TupleTable::Hash(const Dense* tuple) const {
  uint64_t hash = 0x2545F4914F6CDD1DULL;
  for (size_t i = 0; i < width_; ++i) {
    hash = (hash ^ tuple[i]) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 29;
  }
  return (hash >> 16) & (slots_.size() - 1);
}

uint32_t TupleTable::Insert(const Dense* tuple, bool* is_new) {
  if (at_growth()) Grow();
  size_t at = Hash(tuple);
  while (slots_[at] != kFree) {
    if (std::equal(tuple, tuple + width_, keys_.data() + slots_[at] * width_)) {
      *is_new = false;
      return slots_[at];
    }
    at = (at + 1) & (slots_.size() - 1);
  }
  *is_new = true;
  slots_[at] = size_;
  keys_.insert(keys_.end(), tuple, tuple + width_);
  return size_++;
}

void TupleTable::Grow() {
  slots_.assign(slots_.empty() ? 64 : 2 * slots_.size(), kFree);
  for (uint32_t number = 0; number < size_; ++number) {
    size_t at = Hash(tuple(number));
    while (slots_[at] != kFree) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = number;
  }
}

void TupleTable::Clear() {
  std::fill(slots_.begin(), slots_.end(), kFree);
  keys_.clear();
  size_ = 0;
}

}  // namespace tarn::exec
