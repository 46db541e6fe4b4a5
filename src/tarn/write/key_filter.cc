#include "tarn/write/key_filter.h"

#include "tarn/write/limits.h"

namespace tarn::write {
namespace {

constexpr int kFirstBits = 16;  // 2^16 bits: 8 KiB
constexpr int kGrowthBits = 2;  // four times the size per step
constexpr uint64_t kBitsPerKey = 16;

}  // namespace

KeyFilter::KeyFilter() : shift_(64 - kFirstBits), words_((size_t{1} << kFirstBits) / 64) {}

void KeyFilter::Add(KeyHash key) {
  const bool can_grow = words_.size() * sizeof(uint64_t) < kKeyFilterBytesMax;
  if (can_grow && added_ * kBitsPerKey >= words_.size() * 64) Grow();
  words_[Bit(key) / 64] |= uint64_t{1} << (Bit(key) % 64);
  ++added_;
}

void KeyFilter::Grow() {
  std::vector<uint64_t> wider(words_.size() << kGrowthBits);
  for (size_t bit = 0; bit < words_.size() * 64; ++bit) {
    if ((words_[bit / 64] >> (bit % 64) & 1) == 0) continue;
    const size_t first = bit << kGrowthBits;  // four neighbours, never across a word
    wider[first / 64] |= uint64_t{15} << (first % 64);
  }
  words_ = std::move(wider);
  shift_ -= kGrowthBits;
}

}  // namespace tarn::write
