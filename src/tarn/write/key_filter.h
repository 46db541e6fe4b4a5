#pragma once

#include <cstdint>
#include <vector>

#include "tarn/write/key_hash.h"

namespace tarn::write {

/// Answers "this key was surely never added" in a few bits a key, so that the stored rows which
/// nobody asked about are dropped at once. Grows with its keys up to kKeyFilterBytesMax; beyond
/// that it only answers "maybe" more often.
class KeyFilter {
 public:
  KeyFilter();
  void Add(KeyHash key);
  bool MayHold(KeyHash key) const { return (words_[Bit(key) / 64] >> (Bit(key) % 64) & 1) != 0; }
  int64_t bytes_held() const { return static_cast<int64_t>(words_.size() * sizeof(uint64_t)); }

 private:
  /// The upper bits choose, so that a filter of twice the size splits each bit in two neighbours.
  uint64_t Bit(KeyHash key) const { return key.low >> shift_; }
  void Grow();

  int shift_;
  uint64_t added_ = 0;
  std::vector<uint64_t> words_;
};

}  // namespace tarn::write
