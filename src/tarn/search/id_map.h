#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tarn/search/vertices.h"

namespace tarn::search {

/// "No row": never a dense number, see kRowsMax.
inline constexpr Dense kNoRow = UINT32_MAX;

inline uint64_t HashText(std::string_view text, uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

/// a == b, without a call for what ids mostly are: a few bytes.
inline bool SameText(std::string_view a, std::string_view b) {
  const size_t size = a.size();
  if (size != b.size()) return false;
  if (size < 4 || size > 32) return a == b;
  // The ends overlap where the size is no multiple of a word.
  const auto differ = [&a, &b]<typename Word>(size_t place, Word) {
    Word mine;
    Word theirs;
    std::memcpy(&mine, a.data() + place, sizeof(Word));
    std::memcpy(&theirs, b.data() + place, sizeof(Word));
    return mine ^ theirs;
  };
  if (size < 8) return (differ(0, uint32_t{}) | differ(size - 4, uint32_t{})) == 0;
  uint64_t difference = differ(size - 8, uint64_t{});
  for (size_t place = 0; place + 8 < size; place += 8) difference |= differ(place, uint64_t{});
  return difference == 0;
}

/// From an id to its dense number, over ids that the caller keeps: open addressing, a 32-bit tag
/// beside each number. Every answer is confirmed against the id itself, so it is exact whatever the
/// hash does; the seed keeps crafted ids from crowding one place. Filled by one thread, then read
/// by any.
class IdMap {
 public:
  /// Memory of a map for `rows` ids: 14 bytes each.
  static int64_t BytesFor(uint64_t rows) {
    return static_cast<int64_t>(SlotsFor(rows) * sizeof(Slot));
  }

  IdMap(uint64_t seed, uint64_t rows) : seed_(seed), slots_(SlotsFor(rows)) {}

  uint64_t HashOf(std::string_view id) const { return HashText(id, seed_); }
  void Prefetch(uint64_t hash) const { __builtin_prefetch(&slots_[PlaceOf(hash)]); }

  /// The first row, in probe order, that could be the one with this hash; kNoRow when no row is.
  Dense Guess(uint64_t hash) const {
    return FindIf(hash, [](Dense) { return true; });
  }
  /// The row for which `is_it(row)`, or kNoRow. Asks only about rows with the same tag.
  template <typename IsIt>
  Dense FindIf(uint64_t hash, IsIt is_it) const {
    for (uint64_t place = PlaceOf(hash);; place = Next(place)) {
      const Slot& slot = slots_[place];
      if (slot.row == kNoRow || (slot.tag == TagOf(hash) && is_it(slot.row))) return slot.row;
    }
  }
  /// Adds `row`. There is room for as many as the map was made for. The caller has looked for its
  /// id, if that matters.
  void Add(uint64_t hash, Dense row) {
    uint64_t place = PlaceOf(hash);
    while (slots_[place].row != kNoRow) place = Next(place);
    slots_[place] = {row, TagOf(hash)};
  }

 private:
  struct Slot {
    Dense row = kNoRow;
    uint32_t tag = 0;
  };

  /// Four rows in seven slots, and always a free one, where every search ends.
  static uint64_t SlotsFor(uint64_t rows) { return rows + rows / 4 * 3 + 4; }
  static uint32_t TagOf(uint64_t hash) { return static_cast<uint32_t>(hash); }
  uint64_t PlaceOf(uint64_t hash) const {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(hash) * slots_.size()) >> 64);
  }
  uint64_t Next(uint64_t place) const { return place + 1 == slots_.size() ? 0 : place + 1; }

  uint64_t seed_;
  std::vector<Slot> slots_;
};

/// A hash seed that is the same in one process and another in the next.
uint64_t ProcessHashSeed();

}  // namespace tarn::search
