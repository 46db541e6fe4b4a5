#pragma once

#include <cstdint>
#include <vector>

namespace tarn::write {

/// A set of row ordinals, one bit each, that grows as needed.
class RowBits {
 public:
  void Set(uint64_t ordinal) {
    if (ordinal / 64 >= words_.size()) words_.resize(ordinal / 64 + 1);
    uint64_t& word = words_[ordinal / 64];
    const uint64_t bit = uint64_t{1} << (ordinal % 64);
    count_ += (word & bit) == 0 ? 1 : 0;
    word |= bit;
  }
  bool Test(uint64_t ordinal) const {
    return ordinal / 64 < words_.size() && (words_[ordinal / 64] >> (ordinal % 64) & 1) != 0;
  }
  uint64_t count() const { return count_; }

 private:
  std::vector<uint64_t> words_;
  uint64_t count_ = 0;
};

}  // namespace tarn::write
