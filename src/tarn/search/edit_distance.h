#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::search {

/// The code points of UTF-8 text; a byte that begins none counts as one.
std::u32string CodePoints(std::string_view text);
uint32_t CountCodePoints(std::string_view text);

/// Compares one text with many. Not thread safe.
class EditDistance {
 public:
  /// `edits_max` is at most kEditsMax.
  EditDistance(std::string_view text, uint32_t edits_max);

  uint32_t length() const { return static_cast<uint32_t>(text_.size()); }
  uint32_t edits_max() const { return edits_max_; }

  /// Does `other` become the text in at most `edits_max` steps, each inserting, deleting or
  /// replacing one code point? Costs the length times (2 edits + 1).
  bool Near(std::string_view other);

 private:
  std::u32string text_;
  uint32_t edits_max_;
  std::vector<uint32_t> row_;  // of the table of distances, between calls only a buffer
};

}  // namespace tarn::search
