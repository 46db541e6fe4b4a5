#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/catalog/manifest.h"
#include "tarn/write/key_hash.h"
#include "tarn/write/pending_table.h"

namespace tarn::write {

/// Which ids the stored rows of a table have, as 128-bit hashes: 16 bytes in a slot, at least a
/// quarter of the slots free. Not thread safe.
class KeyMap {
 public:
  explicit KeyMap(uint64_t rows) : slots_(SlotsFor(rows)) {}

  static int64_t BytesFor(uint64_t rows) {
    return static_cast<int64_t>(SlotsFor(rows) * sizeof(KeyHash));
  }
  int64_t bytes() const { return static_cast<int64_t>(slots_.size() * sizeof(KeyHash)); }
  uint64_t size() const { return count_; }

  bool Has(KeyHash key) const;
  /// Adding what is there and removing what is not changes nothing.
  void Add(KeyHash key);
  void Remove(KeyHash key);

 private:
  static size_t SlotsFor(uint64_t rows);
  size_t Find(KeyHash key) const;

  std::vector<KeyHash> slots_;  // kFree marks a free one
  uint64_t count_ = 0;
};

/// The key maps of a process, each of one table at one version, kept from mutation to mutation and
/// moved on by what the process itself commits. Not thread safe.
///
///  1. A map answers for exactly the version it was read at or moved to; a table that somebody else
///     moved is read anew.
///  2. All maps together stay within their bytes; the one not used for longest goes first.
class KeyMaps {
 public:
  /// `seed` keeps crafted ids from meeting.
  KeyMaps(int64_t bytes_max, uint64_t seed) : bytes_max_(bytes_max), seed_(seed) {}

  KeyHash HashOf(std::string_view id) const { return HashKey(id, seed_); }

  using ReadIds = std::function<Status(const std::function<void(std::string_view id)>& visit)>;
  /// The map of the table as `entry` names it; null when it is not worth its bytes. `read_ids`
  /// visits all ids of the table. Valid until the next call.
  Result<const KeyMap*> Of(const catalog::TableEntry& entry, const ReadIds& read_ids);

  /// The table went from `before` to the next version by these rows.
  void Advance(const catalog::TableEntry& before, const PendingTable& changes);

 private:
  struct Kept {
    uint64_t version = 0;
    KeyMap map;
    uint64_t used_at = 0;
  };
  void MakeRoom(int64_t bytes);
  int64_t bytes() const;

  const int64_t bytes_max_;
  const uint64_t seed_;
  uint64_t uses_ = 0;
  std::map<std::string, Kept> kept_;           // by location: a fork has its own
  std::map<std::string, uint64_t> wished_at_;  // tables too large for their first use: version
};

}  // namespace tarn::write
