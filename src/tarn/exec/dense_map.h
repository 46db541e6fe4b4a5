#pragma once

#include <cstdint>
#include <vector>

#include "tarn/search/vertices.h"

namespace tarn::exec {

/// Numbers dense vertex numbers in the order they are first seen: 0, 1, 2, ... Linear probing, at
/// most half full.
class DenseMap {
 public:
  static constexpr uint32_t kAbsent = UINT32_MAX;

  uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
  search::Dense key(uint32_t index) const { return keys_[index]; }
  int64_t bytes() const {
    return static_cast<int64_t>((slots_.capacity() + keys_.capacity()) * sizeof(uint32_t));
  }

  uint32_t Find(search::Dense key) const {
    if (slots_.empty()) return kAbsent;
    for (size_t at = Hash(key);; at = (at + 1) & mask_) {
      if (slots_[at] == kAbsent || keys_[slots_[at]] == key) return slots_[at];
    }
  }

  /// The number of `key`; a new one gets the next number.
  uint32_t Insert(search::Dense key) {
    if (2 * (keys_.size() + 1) > slots_.size()) Grow();
    size_t at = Hash(key);
    while (slots_[at] != kAbsent) {
      if (keys_[slots_[at]] == key) return slots_[at];
      at = (at + 1) & mask_;
    }
    slots_[at] = size();
    keys_.push_back(key);
    return slots_[at];
  }

  void Clear() {
    slots_.clear();
    keys_.clear();
    mask_ = 0;
  }

 private:
  size_t Hash(search::Dense key) const { return (key * 0x9E3779B97F4A7C15ULL >> 32) & mask_; }

  void Grow() {
    const size_t slots = slots_.empty() ? 16 : 2 * slots_.size();
    slots_.assign(slots, kAbsent);
    mask_ = slots - 1;
    for (uint32_t index = 0; index < keys_.size(); ++index) {
      size_t at = Hash(keys_[index]);
      while (slots_[at] != kAbsent) at = (at + 1) & mask_;
      slots_[at] = index;
    }
  }

  std::vector<uint32_t> slots_;
  std::vector<search::Dense> keys_;
  size_t mask_ = 0;
};

}  // namespace tarn::exec
