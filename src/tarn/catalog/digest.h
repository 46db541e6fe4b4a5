#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tarn::catalog {

/// SHA-256 as 64 lower-case hex digits.
std::string Sha256Hex(std::string_view bytes);

/// RFC 4648 base 64 with padding, in one line.
std::string Base64(std::string_view bytes);
/// The bytes of such a text, or nothing for any text that Base64 does not write.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace tarn::catalog
