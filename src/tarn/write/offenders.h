#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "tarn/write/key_hash.h"
#include "tarn/write/limits.h"

namespace tarn::write {

/// A key that breaks a rule.
struct Offender {
  uint64_t row = 0;  ///< the first row of the input that holds it; UINT64_MAX: none does
  KeyHash key;
  uint64_t count = 0;
};

/// The first offenders by their place in the input, one more than are reported: which these are
/// depends neither on the hash seed nor on what was spilled.
class Offenders {
 public:
  void Add(const Offender& offender) {
    kept_.push_back(offender);
    std::ranges::push_heap(kept_, {}, Place);
    if (kept_.size() <= kProblemsMax + 1) return;
    std::ranges::pop_heap(kept_, {}, Place);
    kept_.pop_back();
  }
  bool empty() const { return kept_.empty(); }
  const std::vector<Offender>& kept() const { return kept_; }

 private:
  static std::pair<uint64_t, KeyHash> Place(const Offender& offender) {
    return {offender.row, offender.key};
  }
  std::vector<Offender> kept_;
};

using KeySet = std::unordered_set<KeyHash, KeyHashHasher>;

}  // namespace tarn::write
