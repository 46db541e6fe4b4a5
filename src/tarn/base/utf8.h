#pragma once

#include <cstddef>
#include <string_view>

namespace tarn {

/// Length in bytes of the well-formed UTF-8 sequence at the front of `text`, or 0 if there is none
/// (an overlong form, a surrogate, a value above U+10FFFF, a cut sequence, an empty text). Source:
/// Unicode 15, table 3-7.
size_t Utf8SequenceLength(std::string_view text);

/// Offset of the first byte that does not belong to a well-formed sequence, or npos.
size_t FindInvalidUtf8(std::string_view text);

}  // namespace tarn
