// Functions of dates and instants, in UTC.
#include <algorithm>
#include <optional>

#include "tarn/base/check.h"
#include "tarn/exec/scalar.h"
#include "tarn/schema/calendar.h"

namespace tarn::exec {
namespace {

using ir::ScalarFn;
using schema::Civil;
using schema::FloorDivide;
using schema::kMsPerDay;

constexpr const char* kOutOfCalendar = "a date leaves the calendar";
/// No date moves further: 2^63 milliseconds are fewer months.
constexpr int64_t kStepsMax = int64_t{1} << 40;

/// A Date, or a DateTime as a day and the time in it.
struct Moment {
  bool instant = false;
  int64_t days = 0;
  int64_t ms = 0;  // since midnight

  explicit Moment(const Cell& cell) : instant(cell.kind == Cell::Kind::kDateTime) {
    days = instant ? FloorDivide(cell.integer, kMsPerDay) : cell.integer;
    // Not by subtraction: the first day there is begins before the first instant there is.
    ms = instant ? (cell.integer % kMsPerDay + kMsPerDay) % kMsPerDay : 0;
  }
  __int128 total_ms() const { return __int128{days} * kMsPerDay + ms; }
  /// Nothing beyond what the type holds.
  std::optional<Cell> ToCell() const {
    const __int128 total = total_ms();
    if (instant) {
      if (total < INT64_MIN || total > INT64_MAX) return std::nullopt;
      return Cell::DateTime(static_cast<int64_t>(total));
    }
    if (days < INT32_MIN || days > INT32_MAX) return std::nullopt;
    return Cell::Date(static_cast<int32_t>(days));
  }
};

/// Months of a calendar unit, or 0.
int64_t MonthsOf(std::string_view unit) {
  if (unit == "year") return 12;
  if (unit == "quarter") return 3;
  return unit == "month" ? 1 : 0;
}

/// Milliseconds of a unit of fixed length.
int64_t MsOf(std::string_view unit) {
  if (unit == "week") return 7 * kMsPerDay;
  if (unit == "day") return kMsPerDay;
  if (unit == "hour") return 3'600'000;
  return unit == "minute" ? 60'000 : 1000;
}

/// The same day so many months later, or the last of its month when that is shorter.
Moment PlusMonths(Moment moment, int64_t months) {
  Civil civil = schema::CivilOf(moment.days);
  const int64_t month = civil.year * 12 + (civil.month - 1) + months;
  civil.year = FloorDivide(month, 12);
  civil.month = static_cast<int>(month - civil.year * 12) + 1;
  civil.day = std::min(civil.day, schema::DaysInMonth(civil.year, civil.month));
  moment.days = schema::DaysOf(civil);
  return moment;
}

Cell Add(const Cell& date, const Cell& steps, std::string_view unit, ScalarOutput& out) {
  const bool far =
      steps.kind == Cell::Kind::kUint || steps.integer > kStepsMax || steps.integer < -kStepsMax;
  const int64_t months = MonthsOf(unit);
  std::optional<Cell> sum;
  if (!far && months != 0) sum = PlusMonths(Moment(date), steps.integer * months).ToCell();
  if (months == 0 && steps.kind != Cell::Kind::kUint) {
    Moment moment(date);
    const __int128 total = moment.total_ms() + __int128{steps.integer} * MsOf(unit);
    const __int128 limit = __int128{1} << 72;
    if (total < limit && total > -limit) {
      const auto days = static_cast<int64_t>(total / kMsPerDay) - (total % kMsPerDay < 0 ? 1 : 0);
      moment.ms = static_cast<int64_t>(total - __int128{days} * kMsPerDay);
      moment.days = days;
      sum = moment.ToCell();
    }
  }
  if (sum) return *sum;
  out.failure = kOutOfCalendar;
  return Cell::Null();
}

/// Whole months from `early` to `late`, which is not before it.
int64_t MonthsBetween(const Moment& early, const Moment& late) {
  const Civil a = schema::CivilOf(early.days);
  const Civil b = schema::CivilOf(late.days);
  const int64_t months = (b.year - a.year) * 12 + (b.month - a.month);
  return PlusMonths(early, months).total_ms() > late.total_ms() ? months - 1 : months;
}

/// Whole units from `b` to `a`, negative when `a` is the earlier one.
int64_t Difference(const Moment& a, const Moment& b, std::string_view unit) {
  if (const int64_t months = MonthsOf(unit); months != 0) {
    const bool forward = a.total_ms() >= b.total_ms();
    const int64_t between = forward ? MonthsBetween(b, a) : -MonthsBetween(a, b);
    return between / months;
  }
  return static_cast<int64_t>((a.total_ms() - b.total_ms()) / MsOf(unit));
}

Cell Truncated(Moment moment, std::string_view unit) {
  const int64_t months = MonthsOf(unit);
  if (months != 0) {
    Civil civil = schema::CivilOf(moment.days);
    civil.month -= static_cast<int>((civil.month - 1) % months);
    civil.day = 1;
    moment.days = schema::DaysOf(civil);
    moment.ms = 0;
  } else if (unit == "week") {
    moment.days = FloorDivide(moment.days + 3, 7) * 7 - 3;  // the epoch is a Thursday
    moment.ms = 0;
  } else {
    moment.ms -= moment.ms % MsOf(unit);
  }
  return moment.ToCell().value_or(Cell::Null());
}

}  // namespace

Cell EvaluateDate(ScalarFn fn, std::span<const Cell> arguments, ScalarOutput& out) {
  const Moment moment(arguments[0]);
  const Civil civil = schema::CivilOf(moment.days);
  switch (fn) {
    case ScalarFn::kYear: return Cell::Int(civil.year);
    case ScalarFn::kMonth: return Cell::Int(civil.month);
    case ScalarFn::kDay: return Cell::Int(civil.day);
    case ScalarFn::kHour: return Cell::Int(moment.ms / 3'600'000);
    case ScalarFn::kMinute: return Cell::Int(moment.ms / 60'000 % 60);
    case ScalarFn::kSecond: return Cell::Int(moment.ms / 1000 % 60);
    case ScalarFn::kWeekday:
      return Cell::Int(moment.days + 3 - FloorDivide(moment.days + 3, 7) * 7 + 1);
    case ScalarFn::kDateAdd: return Add(arguments[0], arguments[1], arguments[2].text(), out);
    case ScalarFn::kDateDiff:
      return Cell::Int(Difference(moment, Moment(arguments[1]), arguments[2].text()));
    case ScalarFn::kDateTrunc: return Truncated(moment, arguments[1].text());
    case ScalarFn::kToDate:
    case ScalarFn::kToDateTime: {
      Moment turned = moment;
      turned.instant = fn == ScalarFn::kToDateTime;
      if (!turned.instant) turned.ms = 0;
      return turned.ToCell().value_or(Cell::Null());
    }
    default: TARN_UNREACHABLE("no function of dates");
  }
}

}  // namespace tarn::exec
