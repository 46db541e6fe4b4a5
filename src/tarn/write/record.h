#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tarn::write {

/// One JSON value as it was written: numbers keep their digits, so that nothing passes through a
/// double.
struct JsonCell {
  enum class Kind : uint8_t { kNull, kTrue, kFalse, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  bool is_integer = false;  ///< kNumber: neither fraction nor exponent
  uint32_t first_item =
      0;  ///< kArray: its items are Record::items[first_item, first_item + item_count)
  uint32_t item_count = 0;  ///< 0 for an array inside an array, whose items nobody may use
  std::string_view text;    ///< kNumber: the token; kString: the content without escapes
};

/// "a string", "the number 1.5": what a message says was found.
std::string_view KindName(JsonCell::Kind kind);

struct Member {
  std::string_view name;
  JsonCell value;
};

/// One record of graph JSONL, valid until the reader steps on. The grammar holds; names and types
/// are not judged yet.
struct Record {
  uint64_t line = 0;
  uint64_t bytes = 0;  ///< of the line
  bool is_edge = false;
  std::string_view type;  ///< value of `type` or `edge`
  std::string_view from;  ///< edges
  std::string_view to;
  std::vector<Member> data;  ///< names are unique
  std::vector<JsonCell> items;

  std::span<const JsonCell> ItemsOf(const JsonCell& cell) const {
    return std::span(items).subspan(cell.first_item, cell.item_count);
  }
};

}  // namespace tarn::write
