#pragma once

#include <string_view>

namespace tarn::gq {

/// Digits behind an optional minus; leading zeros are allowed.
bool IsIntegerText(std::string_view text);

/// Whether the text is a number of JSON: a tokenizer only splits, so `01` or `1x` reach us as they
/// are.
bool IsJsonNumber(std::string_view text);

}  // namespace tarn::gq
