#include "tarn/search/token_dictionary.h"

#include <algorithm>

#include "tarn/search/edit_distance.h"
#include "tarn/search/id_map.h"

namespace tarn::search {

uint64_t TokenDictionary::HashOf(std::string_view token) const {
  return HashText(token, hash_seed_);
}

size_t TokenDictionary::PlaceOf(std::string_view token, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  for (size_t place = (hash >> 32) & mask;; place = (place + 1) & mask) {
    const Slot& slot = slots_[place];
    if (slot.id_plus_one == 0) return place;
    if (slot.tag == static_cast<uint32_t>(hash) && SameText(TokenOf(slot.id_plus_one - 1), token))
      return place;
  }
}

Result<TokenId> TokenDictionary::Add(std::string_view token) {
  const uint64_t hash = HashOf(token);
  size_t place = PlaceOf(token, hash);
  if (slots_[place].id_plus_one != 0) return slots_[place].id_plus_one - 1;
  if (text_.size() + token.size() > UINT32_MAX) {
    return Error(ErrorId::kUnsupported, "the distinct tokens of a text property pass 4 GiB");
  }
  if (starts_.size() * 3 > slots_.size() * 2) {
    Grow();
    place = PlaceOf(token, hash);
  }
  text_.append(token);
  starts_.push_back(static_cast<uint32_t>(text_.size()));
  slots_[place] = {size(), static_cast<uint32_t>(hash)};
  return size() - 1;
}

void TokenDictionary::Grow() {
  slots_.assign(slots_.size() * 2, Slot());
  for (TokenId id = 0; id < size(); ++id) {
    const uint64_t hash = HashOf(TokenOf(id));
    slots_[PlaceOf(TokenOf(id), hash)] = {id + 1, static_cast<uint32_t>(hash)};
  }
}

std::optional<TokenId> TokenDictionary::Find(std::string_view token) const {
  const Slot& slot = slots_[PlaceOf(token, HashOf(token))];
  if (slot.id_plus_one == 0) return std::nullopt;
  return slot.id_plus_one - 1;
}

void TokenDictionary::Freeze() {
  text_.shrink_to_fit();
  starts_.shrink_to_fit();
  std::vector<uint32_t> lengths(size());
  for (TokenId id = 0; id < size(); ++id) lengths[id] = CountCodePoints(TokenOf(id));
  by_length_.resize(size());
  for (TokenId id = 0; id < size(); ++id) by_length_[id] = id;
  std::stable_sort(by_length_.begin(), by_length_.end(),
                   [&lengths](TokenId a, TokenId b) { return lengths[a] < lengths[b]; });
  for (size_t place = 0; place < by_length_.size(); ++place) {
    while (length_starts_.size() <= lengths[by_length_[place]])
      length_starts_.push_back(static_cast<uint32_t>(place));
  }
  length_starts_.push_back(size());
}

std::span<const TokenId> TokenDictionary::OfLength(uint32_t begin, uint32_t end) const {
  const size_t last = length_starts_.size() - 1;
  const uint32_t first = length_starts_[std::min<size_t>(begin, last)];
  return std::span(by_length_).subspan(first, length_starts_[std::min<size_t>(end, last)] - first);
}

int64_t TokenDictionary::bytes() const {
  return static_cast<int64_t>(
      text_.capacity() + starts_.capacity() * sizeof(uint32_t) + slots_.capacity() * sizeof(Slot) +
      by_length_.capacity() * sizeof(TokenId) + length_starts_.capacity() * sizeof(uint32_t));
}

}  // namespace tarn::search
