#pragma once

#include <string>
#include <string_view>

namespace tarn::write {

/// Appends the bytes of standard, padded base64 to `out`; false (and `out` unspecified) for any
/// other text.
bool DecodeBase64(std::string_view text, std::string& out);
void AppendBase64(std::string_view bytes, std::string& out);

}  // namespace tarn::write
