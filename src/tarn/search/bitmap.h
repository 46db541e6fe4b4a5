#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tarn/base/check.h"
#include "tarn/search/vertices.h"

namespace tarn::search {

/// A set of dense numbers below `size`, one bit each. A value: copies are deep.
class Bitmap {
 public:
  Bitmap() = default;
  explicit Bitmap(uint64_t size) : size_(size), words_((size + 63) / 64) {}
  static Bitmap Of(uint64_t size, std::span<const Dense> rows) {
    Bitmap set(size);
    for (Dense row : rows) set.Add(row);
    return set;
  }

  uint64_t size() const { return size_; }
  int64_t bytes() const { return static_cast<int64_t>(words_.capacity() * sizeof(uint64_t)); }

  bool Has(Dense row) const {
    TARN_DCHECK(row < size_, "a row outside its bitmap");
    return (words_[row >> 6] >> (row & 63) & 1) != 0;
  }
  void Add(Dense row) {
    TARN_DCHECK(row < size_, "a row outside its bitmap");
    words_[row >> 6] |= uint64_t{1} << (row & 63);
  }
  /// True when `row` was absent.
  bool AddNew(Dense row) {
    const bool is_new = !Has(row);
    Add(row);
    return is_new;
  }
  void Remove(Dense row) {
    TARN_DCHECK(row < size_, "a row outside its bitmap");
    words_[row >> 6] &= ~(uint64_t{1} << (row & 63));
  }

  uint64_t Count() const {
    uint64_t count = 0;
    for (uint64_t word : words_) count += static_cast<uint64_t>(std::popcount(word));
    return count;
  }

  /// The other set has the same size.
  void UnionWith(const Bitmap& other) {
    Combine(other, [](uint64_t mine, uint64_t theirs) { return mine | theirs; });
  }
  void IntersectWith(const Bitmap& other) {
    Combine(other, [](uint64_t mine, uint64_t theirs) { return mine & theirs; });
  }
  void Subtract(const Bitmap& other) {
    Combine(other, [](uint64_t mine, uint64_t theirs) { return mine & ~theirs; });
  }

  /// Members in ascending order, until `visit` answers false.
  template <typename Visit>
  void ForEachWhile(Visit visit) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
        if (!visit(static_cast<Dense>(i * 64 + static_cast<size_t>(std::countr_zero(word)))))
          return;
      }
    }
  }
  template <typename Visit>
  void ForEach(Visit visit) const {
    ForEachWhile([&visit](Dense row) {
      visit(row);
      return true;
    });
  }
  std::vector<Dense> Rows() const {
    std::vector<Dense> rows;
    rows.reserve(Count());
    ForEach([&rows](Dense row) { rows.push_back(row); });
    return rows;
  }

  bool operator==(const Bitmap&) const = default;

 private:
  template <typename Op>
  void Combine(const Bitmap& other, Op op) {
    TARN_CHECK(size_ == other.size_, "bitmaps over different tables");
    for (size_t i = 0; i < words_.size(); ++i) words_[i] = op(words_[i], other.words_[i]);
  }

  uint64_t size_ = 0;
  std::vector<uint64_t> words_;
};

}  // namespace tarn::search
