#include "tarn/write/key_map.h"

#include <algorithm>
#include <utility>

#include "tarn/write/limits.h"

namespace tarn::write {
namespace {

constexpr KeyHash kFree{0, 0};

/// The hash of no id: a free slot has that one.
KeyHash NotFree(KeyHash key) { return key == kFree ? KeyHash{0, 1} : key; }

}  // namespace

size_t KeyMap::SlotsFor(uint64_t rows) {
  size_t slots = 16;
  while (slots / 4 * 3 <= rows) slots *= 2;
  return slots;
}

/// The slot that holds `key`, or the free one where it would go.
size_t KeyMap::Find(KeyHash key) const {
  const size_t mask = slots_.size() - 1;
  size_t at = key.low & mask;
  while (slots_[at] != kFree && slots_[at] != key) at = (at + 1) & mask;
  return at;
}

bool KeyMap::Has(KeyHash key) const { return slots_[Find(NotFree(key))] != kFree; }

void KeyMap::Add(KeyHash key) {
  key = NotFree(key);
  if (slots_[Find(key)] == key) return;
  if (SlotsFor(count_ + 1) > slots_.size()) {
    std::vector<KeyHash> old = std::exchange(slots_, std::vector<KeyHash>(slots_.size() * 2));
    for (const KeyHash& each : old) {
      if (each != kFree) slots_[Find(each)] = each;
    }
  }
  slots_[Find(key)] = key;
  ++count_;
}

void KeyMap::Remove(KeyHash key) {
  const size_t mask = slots_.size() - 1;
  size_t hole = Find(NotFree(key));
  if (slots_[hole] == kFree) return;
  --count_;
  // Close the gap, so that no search ends early: move back what is not in its own place's reach.
  for (size_t at = (hole + 1) & mask; slots_[at] != kFree; at = (at + 1) & mask) {
    const size_t home = slots_[at].low & mask;
    const bool stays = ((at - home) & mask) < ((at - hole) & mask);
    if (stays) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = kFree;
}

int64_t KeyMaps::bytes() const {
  int64_t bytes = 0;
  for (const auto& [id, kept] : kept_) bytes += kept.map.bytes();
  return bytes;
}

void KeyMaps::MakeRoom(int64_t wanted) {
  while (!kept_.empty() && bytes() + wanted > bytes_max_) {
    kept_.erase(std::ranges::min_element(kept_, {},
                                         [](const auto& entry) { return entry.second.used_at; }));
  }
}

Result<const KeyMap*> KeyMaps::Of(const catalog::TableEntry& entry, const ReadIds& read_ids) {
  const KeyMap* const none = nullptr;
  const auto found = kept_.find(entry.location);
  if (found != kept_.end() && found->second.version == entry.version) {
    found->second.used_at = ++uses_;
    return &found->second.map;
  }
  if (found != kept_.end()) kept_.erase(found);
  const int64_t wanted = KeyMap::BytesFor(entry.rows);
  if (wanted > bytes_max_) return none;
  // Reading all ids costs what one filter costs; a large map pays only for who comes again.
  const bool is_first = wished_at_.emplace(entry.location, entry.version).second;
  if (is_first && entry.rows > kKeyMapAtOnceRowsMax) return none;
  MakeRoom(wanted);
  KeyMap map(entry.rows);
  TARN_RETURN_IF_ERROR(read_ids([&](std::string_view id) { map.Add(HashOf(id)); }));
  Kept& kept =
      kept_.emplace(entry.location, Kept{entry.version, std::move(map), ++uses_}).first->second;
  return &kept.map;
}

void KeyMaps::Advance(const catalog::TableEntry& before, const PendingTable& changes) {
  const auto found = kept_.find(before.location);
  if (found == kept_.end() || found->second.version != before.version) return;
  for (const auto& [id, row] : changes.rows()) {
    if (row.live) {
      found->second.map.Add(HashOf(id));
    } else {
      found->second.map.Remove(HashOf(id));
    }
  }
  found->second.version = before.version + 1;
  if (bytes() > bytes_max_) kept_.erase(found);
}

}  // namespace tarn::write
