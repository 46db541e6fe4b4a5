#pragma once

#include <string>
#include <string_view>

namespace tarn::schema {

/// A bound of @range in the one spelling of its value: no superfluous zeros, no "-0". `text` is a
/// Literal's.
std::string CanonicalDecimal(std::string_view text);

/// Exact order of two such literals: negative, zero or positive. Linear in their digits.
int CompareDecimals(std::string_view a, std::string_view b);

}  // namespace tarn::schema
