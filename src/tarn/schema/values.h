#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tarn/base/status.h"

/// Scalar text rules that loader, queries and keys share. Pure functions.
///
/// Source  docs/spec/graph-language.md §2.7, §10.3, §11.3

namespace tarn::schema {

/// Appends the canonical text of a key part, by which keys are compared and ids are made: integers
/// in decimal, dates as days and instants as milliseconds since 1970, floats as the fewest digits
/// that read back equal in their own width, never with an exponent, both zeros "0".
///
/// Precondition of the float forms: the value is finite. CanonicalText checks it.
void AppendKeyText(std::string_view value, std::string& out);
void AppendKeyText(int32_t value, std::string& out);
void AppendKeyText(int64_t value, std::string& out);
void AppendKeyText(uint32_t value, std::string& out);
void AppendKeyText(uint64_t value, std::string& out);
void AppendKeyText(float value, std::string& out);
void AppendKeyText(double value, std::string& out);
/// A template, so that no pointer turns into a truth value.
template <std::same_as<bool> Bool>
void AppendKeyText(Bool value, std::string& out) {
  out += value ? "true" : "false";
}

template <typename T>
  requires(!std::floating_point<T>)
std::string CanonicalText(const T& value) {
  std::string out;
  AppendKeyText(value, out);
  return out;
}
/// Errors  kValueNotKeyable for NaN and the infinities.
Result<std::string> CanonicalText(float value);
Result<std::string> CanonicalText(double value);

/// The id of a row from the canonical texts of its key parts, in key order: the text itself for one
/// part, else a compact JSON array of strings such as `["SE","7"]`. Precondition: at least one
/// part.
std::string KeyId(std::span<const std::string> parts);

/// Appends `part` as a JSON string in the one spelling that ids use: no escape but those JSON
/// demands, the short forms \b \f \n \r \t, `\u00xx` in lower case for other controls.
void AppendIdString(std::string_view part, std::string& out);

/// Days since 1970-01-01. Accepts `YYYY-MM-DD`, month and day without their leading zero,
/// `YYYYMMDD`, a year with a sign and more digits as FormatDate writes it, and any text of
/// ParseDateTime, which counts as its UTC day. Leap years follow the Gregorian rule in all
/// centuries.
std::optional<int32_t> ParseDate(std::string_view text);

/// Milliseconds since 1970-01-01T00:00Z. Accepts `YYYY-MM-DD`, then optionally `T` or one space and
/// `HH:MM[:SS]`, a fraction of any length (cut to milliseconds), and `Z`, `±hh:mm`, `±hhmm` or
/// `±hh`; UTC when no zone is named.
std::optional<int64_t> ParseDateTime(std::string_view text);

/// "2026-01-09"; outside the years 0 to 9999 with a sign: "+12026-01-09", "-0001-01-09".
std::string FormatDate(int32_t days);

/// "2026-01-09T08:30:00.000Z": always three digits and the zone.
std::string FormatDateTime(int64_t ms);

}  // namespace tarn::schema
