#pragma once

#include <cstdint>

// Days of the proleptic Gregorian calendar, in all centuries.
namespace tarn::schema {

inline constexpr int64_t kMsPerDay = 86'400'000;

/// A day: year as astronomers count, month 1 to 12, day 1 to 31.
struct Civil {
  int64_t year = 0;
  int month = 0;
  int day = 0;
};

/// Days since 1970-01-01. Precondition: the day exists.
int64_t DaysOf(const Civil& civil);
Civil CivilOf(int64_t days);
int DaysInMonth(int64_t year, int month);

/// Rounds down; `b` > 0.
inline int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace tarn::schema
