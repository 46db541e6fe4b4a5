#pragma once

#include <cstdint>
#include <string_view>

namespace tarn::write {

/// Stands for a key text. 128 bits of a hash with a random seed: two different keys that meet are
/// not expected in the lifetime of the universe, and nobody can prepare such a pair.
struct KeyHash {
  uint64_t high = 0;
  uint64_t low = 0;

  bool operator==(const KeyHash&) const = default;
  auto operator<=>(const KeyHash&) const = default;
};

KeyHash HashKey(std::string_view text, uint64_t seed);

/// So that a KeyHash can be kept in an unordered container.
struct KeyHashHasher {
  size_t operator()(const KeyHash& key) const { return key.low; }
};

}  // namespace tarn::write
