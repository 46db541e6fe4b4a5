// Days and instants of the proleptic Gregorian calendar: the date half of values.h. std::chrono's
// calendar ends with the year 32767, the stored types do not.
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "tarn/schema/calendar.h"
#include "tarn/schema/values.h"

namespace tarn::schema {
namespace {

constexpr int64_t kDaysPerEra = 146'097;   // 400 years
constexpr int64_t kDaysToEpoch = 719'468;  // from 0000-03-01 to 1970-01-01

bool IsLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

}  // namespace

/// Counts from the first of March, so that the leap day is the last day of its year.
/// Source: the day-count of the Gregorian calendar; 153 days are five months from March on.
int64_t DaysOf(const Civil& civil) {
  const int64_t year = civil.month <= 2 ? civil.year - 1 : civil.year;
  const int64_t month = (civil.month + 9) % 12;
  const int64_t era = FloorDivide(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * month + 2) / 5 + civil.day - 1;
  return era * kDaysPerEra + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         kDaysToEpoch;
}

Civil CivilOf(int64_t days) {
  const int64_t shifted = days + kDaysToEpoch;
  const int64_t era = FloorDivide(shifted, kDaysPerEra);
  const int64_t day_of_era = shifted - era * kDaysPerEra;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / (kDaysPerEra - 1)) / 365;
  const int64_t day_of_year =
      day_of_era - (year_of_era * 365 + year_of_era / 4 - year_of_era / 100);
  const int64_t month = (5 * day_of_year + 2) / 153;  // 0 is March
  const int64_t civil_month = month < 10 ? month + 3 : month - 9;
  return {.year = era * 400 + year_of_era + (civil_month <= 2 ? 1 : 0),
          .month = static_cast<int>(civil_month),
          .day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1)};
}

int DaysInMonth(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && IsLeap(year) ? 1 : 0);
}

namespace {

bool IsValid(const Civil& civil) {
  if (civil.month < 1 || civil.month > 12 || civil.day < 1) return false;
  return civil.day <= DaysInMonth(civil.year, civil.month);
}

/// Reads a text front to back.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }
  char Peek() const { return text_.empty() ? '\0' : text_.front(); }
  bool TakeIf(char c) {
    if (Peek() != c || done()) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// A run of digits of a permitted length.
  std::optional<int64_t> Digits(size_t least, size_t most) {
    size_t count = 0;
    while (count < text_.size() && count < most && text_[count] >= '0' && text_[count] <= '9') {
      ++count;
    }
    if (count < least) return std::nullopt;
    int64_t value = 0;
    std::from_chars(text_.data(), text_.data() + count, value);
    text_.remove_prefix(count);
    return value;
  }

 private:
  std::string_view text_;
};

/// Of a year with a sign: all that 64 bits of milliseconds reach.
constexpr size_t kYearDigitsMax = 9;

std::optional<int64_t> ScanYear(Scanner& scanner) {
  const bool negative = scanner.Peek() == '-';
  if (!scanner.TakeIf('-') && !scanner.TakeIf('+')) return scanner.Digits(4, 4);
  const std::optional<int64_t> year = scanner.Digits(4, kYearDigitsMax);
  if (!year) return std::nullopt;
  return negative ? -*year : *year;
}

/// `YYYY-MM-DD`; `least` digits of month and day. Nothing for a day that does not exist.
std::optional<int64_t> ScanDashed(Scanner& scanner, size_t least) {
  const std::optional<int64_t> year = ScanYear(scanner);
  if (!year || !scanner.TakeIf('-')) return std::nullopt;
  const std::optional<int64_t> month = scanner.Digits(least, 2);
  if (!month || !scanner.TakeIf('-')) return std::nullopt;
  const std::optional<int64_t> day = scanner.Digits(least, 2);
  if (!day) return std::nullopt;
  const Civil civil{
      .year = *year, .month = static_cast<int>(*month), .day = static_cast<int>(*day)};
  if (!IsValid(civil)) return std::nullopt;
  return DaysOf(civil);
}

std::optional<int64_t> ScanCompact(std::string_view text) {
  Scanner scanner(text);
  const std::optional<int64_t> digits = scanner.Digits(8, 8);
  if (!digits || !scanner.done()) return std::nullopt;
  const Civil civil{.year = *digits / 10'000,
                    .month = static_cast<int>(*digits / 100 % 100),
                    .day = static_cast<int>(*digits % 100)};
  if (!IsValid(civil)) return std::nullopt;
  return DaysOf(civil);
}

/// The first three digits of a fraction, filled up with zeros; the rest is cut.
std::optional<int64_t> ScanFraction(Scanner& scanner) {
  int64_t ms = 0;
  int taken = 0;
  for (; !scanner.done() && scanner.Peek() >= '0' && scanner.Peek() <= '9'; ++taken) {
    if (taken < 3) ms = ms * 10 + (scanner.Peek() - '0');
    scanner.TakeIf(scanner.Peek());
  }
  if (taken == 0) return std::nullopt;
  for (; taken < 3; ++taken) ms *= 10;
  return ms;
}

/// Milliseconds since midnight.
std::optional<int64_t> ScanTime(Scanner& scanner) {
  const std::optional<int64_t> hour = scanner.Digits(2, 2);
  if (!hour || *hour > 23 || !scanner.TakeIf(':')) return std::nullopt;
  const std::optional<int64_t> minute = scanner.Digits(2, 2);
  if (!minute || *minute > 59) return std::nullopt;
  int64_t ms = (*hour * 60 + *minute) * 60'000;
  if (!scanner.TakeIf(':')) return ms;
  const std::optional<int64_t> second = scanner.Digits(2, 2);
  if (!second || *second > 59) return std::nullopt;
  ms += *second * 1000;
  if (!scanner.TakeIf('.')) return ms;
  const std::optional<int64_t> fraction = ScanFraction(scanner);
  if (!fraction) return std::nullopt;
  return ms + *fraction;
}

/// Milliseconds to subtract, up to the end of the text.
std::optional<int64_t> ScanZone(Scanner& scanner) {
  if (scanner.done()) return 0;
  scanner.TakeIf(' ');
  if (scanner.TakeIf('Z') || scanner.TakeIf('z')) {
    return scanner.done() ? std::optional<int64_t>(0) : std::nullopt;
  }
  const bool negative = scanner.Peek() == '-';
  if (!scanner.TakeIf('-') && !scanner.TakeIf('+')) return std::nullopt;
  const std::optional<int64_t> hours = scanner.Digits(2, 2);
  if (!hours || *hours > 23) return std::nullopt;
  int64_t minutes = 0;
  if (!scanner.done()) {
    scanner.TakeIf(':');
    const std::optional<int64_t> read = scanner.Digits(2, 2);
    if (!read || *read > 59 || !scanner.done()) return std::nullopt;
    minutes = *read;
  }
  const int64_t ms = (*hours * 60 + minutes) * 60'000;
  return negative ? -ms : ms;
}

std::string FormatDays(int64_t days) {
  const Civil civil = CivilOf(days);
  if (civil.year >= 0 && civil.year <= 9999) {
    return fmt::format("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
  }
  return fmt::format("{}{:04}-{:02}-{:02}", civil.year < 0 ? '-' : '+',
                     civil.year < 0 ? -civil.year : civil.year, civil.month, civil.day);
}

}  // namespace

std::optional<int64_t> ParseDateTime(std::string_view text) {
  Scanner scanner(text);
  const std::optional<int64_t> days = ScanDashed(scanner, 2);
  if (!days) return std::nullopt;
  __int128 ms = static_cast<__int128>(*days) * kMsPerDay;
  if (!scanner.done()) {
    if (!scanner.TakeIf('T') && !scanner.TakeIf('t') && !scanner.TakeIf(' ')) return std::nullopt;
    const std::optional<int64_t> time = ScanTime(scanner);
    if (!time) return std::nullopt;
    const std::optional<int64_t> zone = ScanZone(scanner);
    if (!zone) return std::nullopt;
    ms += *time - *zone;
  }
  if (ms < std::numeric_limits<int64_t>::min() || ms > std::numeric_limits<int64_t>::max()) {
    return std::nullopt;
  }
  return static_cast<int64_t>(ms);
}

std::optional<int32_t> ParseDate(std::string_view text) {
  Scanner scanner(text);
  std::optional<int64_t> days = ScanDashed(scanner, 1);
  if (!days || !scanner.done()) days = ScanCompact(text);
  if (!days) {
    const std::optional<int64_t> ms = ParseDateTime(text);
    if (!ms) return std::nullopt;
    days = FloorDivide(*ms, kMsPerDay);
  }
  if (*days < std::numeric_limits<int32_t>::min() || *days > std::numeric_limits<int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<int32_t>(*days);
}

std::string FormatDate(int32_t days) { return FormatDays(days); }

std::string FormatDateTime(int64_t ms) {
  const int64_t days = FloorDivide(ms, kMsPerDay);
  const int64_t rest = (ms % kMsPerDay + kMsPerDay) % kMsPerDay;
  return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", FormatDays(days), rest / 3'600'000,
                     rest / 60'000 % 60, rest / 1000 % 60, rest % 1000);
}

}  // namespace tarn::schema
