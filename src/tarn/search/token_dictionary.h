#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/status.h"

namespace tarn::search {

/// Position of a token in order of first sight.
using TokenId = uint32_t;

/// The distinct tokens of a corpus. Grows while a corpus is built; then Freeze, and any thread may
/// read.
class TokenDictionary {
 public:
  explicit TokenDictionary(uint64_t hash_seed) : hash_seed_(hash_seed), slots_(kSlotsMin) {}

  /// kUnsupported when tokens pass 4 GiB in all.
  Result<TokenId> Add(std::string_view token);
  std::optional<TokenId> Find(std::string_view token) const;
  std::string_view TokenOf(TokenId id) const {
    return std::string_view(text_).substr(starts_[id], starts_[id + 1] - starts_[id]);
  }
  uint32_t size() const { return static_cast<uint32_t>(starts_.size() - 1); }

  /// Gives spare memory back and sorts tokens by length.
  void Freeze();
  /// Tokens of `begin` to `end` - 1 code points, after Freeze.
  std::span<const TokenId> OfLength(uint32_t begin, uint32_t end) const;

  int64_t bytes() const;

 private:
  struct Slot {
    uint32_t id_plus_one = 0;  ///< 0 = free
    uint32_t tag = 0;
  };
  static constexpr size_t kSlotsMin = 64;  // a power of two

  uint64_t HashOf(std::string_view token) const;
  /// Where `token` is, or the free slot where it belongs.
  size_t PlaceOf(std::string_view token, uint64_t hash) const;
  void Grow();

  const uint64_t hash_seed_;
  std::string text_;
  std::vector<uint32_t> starts_ = {0};
  std::vector<Slot> slots_;  // a power of two of them, at most two thirds used
  std::vector<TokenId> by_length_;
  std::vector<uint32_t> length_starts_;  // into by_length_, per length in code points, and the end
};

}  // namespace tarn::search
