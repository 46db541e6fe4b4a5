#include "tarn/write/base64.h"

#include <array>
#include <cstdint>

namespace tarn::write {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNoDigit = 0xFF;

constexpr std::array<uint8_t, 256> kDigits = [] {
  std::array<uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (size_t i = 0; i < kAlphabet.size(); ++i)
    digits[static_cast<uint8_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
  return digits;
}();

/// The value of up to four digits, left-aligned in 24 bits; false when one is none.
bool ReadGroup(std::string_view group, uint32_t& bits) {
  bits = 0;
  for (size_t i = 0; i < 4; ++i) {
    const uint8_t digit = i < group.size() ? kDigits[static_cast<uint8_t>(group[i])] : 0;
    if (digit == kNoDigit) return false;
    bits = bits << 6 | digit;
  }
  return true;
}

}  // namespace

bool DecodeBase64(std::string_view text, std::string& out) {
  if (text.size() % 4 != 0) return false;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::string_view digits = text.substr(0, text.size() - padding);
  out.reserve(out.size() + text.size() / 4 * 3);
  for (size_t at = 0; at < digits.size(); at += 4) {
    const std::string_view group = digits.substr(at, 4);
    uint32_t bits = 0;
    if (!ReadGroup(group, bits)) return false;
    const size_t bytes = group.size() - 1;
    if ((bits << (8 * bytes) & 0xFFFFFF) != 0) return false;  // left-over bits of the last digit
    for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(bits >> (16 - 8 * i));
  }
  return true;
}

void AppendBase64(std::string_view bytes, std::string& out) {
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    uint32_t bits = 0;
    for (size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < group.size() ? static_cast<uint8_t>(group[i]) : 0u);
    for (size_t i = 0; i < 4; ++i)
      out += i <= group.size() ? kAlphabet[bits >> (18 - 6 * i) & 63] : '=';
  }
}

}  // namespace tarn::write
