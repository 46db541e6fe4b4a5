#include "tarn/search/edit_distance.h"

#include <algorithm>

namespace tarn::search {
namespace {

bool Continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// Bytes that a sequence beginning with `byte` should have.
size_t SequenceLength(unsigned char byte) {
  if (byte >= 0xF0) return 4;
  if (byte >= 0xE0) return 3;
  return byte >= 0xC0 ? 2 : 1;
}

}  // namespace

std::u32string CodePoints(std::string_view text) {
  std::u32string points;
  points.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = SequenceLength(lead);
    char32_t point = length == 1 ? lead : lead & (0x7Fu >> length);
    size_t used = 1;
    for (; used < length && i + used < text.size() && Continues(text[i + used]); ++used) {
      point = point << 6 | (static_cast<unsigned char>(text[i + used]) & 0x3Fu);
    }
    points.push_back(point);
    i += used;
  }
  return points;
}

uint32_t CountCodePoints(std::string_view text) {
  return static_cast<uint32_t>(CodePoints(text).size());
}

EditDistance::EditDistance(std::string_view text, uint32_t edits_max)
    : text_(CodePoints(text)), edits_max_(edits_max) {}

bool EditDistance::Near(std::string_view other) {
  const std::u32string theirs = CodePoints(other);
  const size_t rows = theirs.size();
  const size_t columns = text_.size();
  const size_t limit = edits_max_;
  if (std::max(rows, columns) - std::min(rows, columns) > limit) return false;
  // Distances of prefixes; what is further than `limit` from the diagonal is out of reach and stays
  // at limit + 1.
  const auto beyond = static_cast<uint32_t>(limit + 1);
  row_.assign(columns + 1, beyond);
  for (size_t j = 0; j <= std::min(columns, limit); ++j) row_[j] = static_cast<uint32_t>(j);
  for (size_t i = 1; i <= rows; ++i) {
    const size_t begin = i > limit ? i - limit : 1;
    const size_t end = std::min(columns, i + limit);
    uint32_t diagonal = row_[begin - 1];
    row_[begin - 1] = begin == 1 ? std::min(static_cast<uint32_t>(i), beyond) : beyond;
    uint32_t best = row_[begin - 1];
    for (size_t j = begin; j <= end; ++j) {
      const uint32_t replaced = diagonal + (theirs[i - 1] == text_[j - 1] ? 0 : 1);
      diagonal = row_[j];
      row_[j] = std::min({replaced, diagonal + 1, row_[j - 1] + 1, beyond});
      best = std::min(best, row_[j]);
    }
    if (best == beyond) return false;
  }
  return row_[columns] <= limit;
}

}  // namespace tarn::search
