#include "tarn/schema/values.h"

#include <charconv>
#include <cmath>
#include <string>

#include <fmt/format.h>

namespace tarn::schema {
namespace {

/// Digits without an exponent. to_chars alone will not do: its default form may pick an exponent,
/// and its fixed form writes out the exact binary value of a large one. Its scientific form has the
/// fewest digits; they are shifted here.
template <typename Float>
void AppendShortest(Float value, std::string& out) {
  TARN_CHECK(std::isfinite(value), "a float that is not finite has no canonical text");
  if (value == 0) {
    out += '0';
    return;
  }
  if (value < 0) out += '-';
  char text[64];
  const char* const end =
      std::to_chars(text, text + sizeof text, std::fabs(value), std::chars_format::scientific).ptr;
  const std::string_view scientific(text, static_cast<size_t>(end - text));
  const size_t e = scientific.find('e');
  std::string digits(1, scientific[0]);
  if (e > 2) digits += scientific.substr(2, e - 2);
  int exponent = 0;
  const char* const first = text + e + (scientific[e + 1] == '+' ? 2 : 1);
  std::from_chars(first, end, exponent);
  const int point = exponent + 1;  // digits before the decimal point
  const int size = static_cast<int>(digits.size());
  if (point <= 0) {
    out += "0." + std::string(static_cast<size_t>(-point), '0') + digits;
  } else if (point >= size) {
    out += digits + std::string(static_cast<size_t>(point - size), '0');
  } else {
    out += digits.substr(0, static_cast<size_t>(point)) + '.' +
           digits.substr(static_cast<size_t>(point));
  }
}

template <typename Integer>
void AppendInteger(Integer value, std::string& out) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

template <typename Float>
Result<std::string> FiniteText(Float value) {
  if (!std::isfinite(value)) {
    return Error(ErrorId::kValueNotKeyable, "{} cannot be part of a key: only finite numbers can",
                 std::isnan(value) ? "NaN" : "an infinity");
  }
  std::string out;
  AppendShortest(value, out);
  return out;
}

}  // namespace

void AppendKeyText(std::string_view value, std::string& out) { out += value; }
void AppendKeyText(int32_t value, std::string& out) { AppendInteger(value, out); }
void AppendKeyText(int64_t value, std::string& out) { AppendInteger(value, out); }
void AppendKeyText(uint32_t value, std::string& out) { AppendInteger(value, out); }
void AppendKeyText(uint64_t value, std::string& out) { AppendInteger(value, out); }
void AppendKeyText(float value, std::string& out) { AppendShortest(value, out); }
void AppendKeyText(double value, std::string& out) { AppendShortest(value, out); }
Result<std::string> CanonicalText(float value) { return FiniteText(value); }
Result<std::string> CanonicalText(double value) { return FiniteText(value); }

void AppendIdString(std::string_view part, std::string& out) {
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
  constexpr std::string_view kNames = "\"\\bfnrt";
  out += '"';
  for (const char c : part) {
    if (const size_t which = kShort.find(c); which != std::string_view::npos) {
      out += '\\';
      out += kNames[which];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string KeyId(std::span<const std::string> parts) {
  TARN_CHECK(!parts.empty(), "a key has at least one part");
  if (parts.size() == 1) return parts[0];
  std::string id;
  for (const std::string& part : parts) {
    id += id.empty() ? '[' : ',';
    AppendIdString(part, id);
  }
  return id + ']';
}

}  // namespace tarn::schema
