#include "tarn/exec/scalar.h"

#include <gtest/gtest.h>

namespace tarn::exec {
namespace {

using ir::ScalarFn;

constexpr double kLargest = 1.7976931348623157e308;

/// The value, its text copied out, or "!" and why there is none.
std::string Text(ScalarFn fn, const std::vector<Cell>& arguments) {
  ScalarOutput out;
  const Cell cell = EvaluateScalar(fn, arguments, out);
  if (out.failure != nullptr) return std::string("!") + out.failure;
  switch (cell.kind) {
    case Cell::Kind::kNull: return "null";
    case Cell::Kind::kBool: return cell.boolean ? "true" : "false";
    case Cell::Kind::kString: return std::string(cell.text());
    case Cell::Kind::kFloat: return std::to_string(cell.real);
    default: return std::to_string(cell.integer);
  }
}

// The ends of 64 bits, where wrapping would be silent. req: GRAPH-1
TEST(Scalar, IntegersAreExactOrRefused) {
  const std::string overflow = "!an integer leaves 64 bits";
  const Cell least = Cell::Int(INT64_MIN), most = Cell::Int(INT64_MAX), minus = Cell::Int(-1);
  EXPECT_EQ(Text(ScalarFn::kAdd, {most, Cell::Int(1)}), overflow);
  EXPECT_EQ(Text(ScalarFn::kSubtract, {least, Cell::Int(1)}), overflow);
  EXPECT_EQ(Text(ScalarFn::kMultiply, {least, minus}), overflow);
  EXPECT_EQ(Text(ScalarFn::kMultiply, {Cell::Uint(UINT64_MAX), Cell::Uint(UINT64_MAX)}), overflow);
  EXPECT_EQ(Text(ScalarFn::kDivide, {least, minus}), overflow);
  EXPECT_EQ(Text(ScalarFn::kRemainder, {least, minus}), "0");
  EXPECT_EQ(Text(ScalarFn::kNegate, {least}), overflow);
  EXPECT_EQ(Text(ScalarFn::kAbs, {least}), overflow);
  EXPECT_EQ(Text(ScalarFn::kSubtract, {Cell::Uint(UINT64_MAX), Cell::Uint(UINT64_MAX - 5)}), "5");
  EXPECT_EQ(Text(ScalarFn::kDivide, {Cell::Int(-7), Cell::Int(2)}), "-3");
  EXPECT_EQ(Text(ScalarFn::kRemainder, {Cell::Int(-7), Cell::Int(2)}), "-1");
  EXPECT_EQ(Text(ScalarFn::kDivide, {Cell::Int(1), Cell::Int(0)}), "!division by zero");
}

TEST(Scalar, FloatsStayFinite) {
  EXPECT_EQ(Text(ScalarFn::kMultiply, {Cell::Float(kLargest), Cell::Int(2)}),
            "!a number grows beyond the largest float");
  EXPECT_EQ(Text(ScalarFn::kDivide, {Cell::Float(1), Cell::Float(-0.0)}), "!division by zero");
  EXPECT_EQ(Text(ScalarFn::kDivide, {Cell::Int(7), Cell::Float(2)}), "3.500000");
}

TEST(Scalar, TextsAreCountedInCharacters) {
  EXPECT_EQ(Text(ScalarFn::kLength, {Cell::String("\u00C5sa \U0001F6A2")}), "5");
  EXPECT_EQ(Text(ScalarFn::kUpper, {Cell::String("\u00E5\u03C9 abc")}),
            "\u00C5\u03A9 ABC");
  EXPECT_EQ(Text(ScalarFn::kLower, {Cell::String("\u0416\u00C4")}), "\u0436\u00E4");
  EXPECT_EQ(
      Text(ScalarFn::kSubstring, {Cell::String("\u00C5ngstr\u00F6m"), Cell::Int(6), Cell::Int(1)}),
      "\u00F6");
  EXPECT_EQ(Text(ScalarFn::kSubstring, {Cell::String("abc"), Cell::Int(-3), Cell::Int(2)}), "ab");
  EXPECT_EQ(Text(ScalarFn::kSubstring, {Cell::String("abc"), Cell::Int(9)}), "");
  EXPECT_EQ(Text(ScalarFn::kReplace, {Cell::String("aaa"), Cell::String(""), Cell::String("b")}),
            "aaa");
  const std::string long_text(kMadeTextBytesMax / 2 + 1, 'x');
  EXPECT_EQ(Text(ScalarFn::kConcat, {Cell::String(long_text), Cell::String(long_text)}),
            "!a text grows beyond 16 MiB");
  EXPECT_EQ(
      Text(ScalarFn::kReplace, {Cell::String(long_text), Cell::String("x"), Cell::String("xy")}),
      "!a text grows beyond 16 MiB");
}

TEST(Scalar, DatesKeepToTheCalendar) {
  const Cell leap_january = Cell::Date(19753);  // 2024-01-31
  const auto plus = [](const Cell& date, int64_t steps, const char* unit) {
    return Text(ScalarFn::kDateAdd, {date, Cell::Int(steps), Cell::String(unit)});
  };
  EXPECT_EQ(plus(leap_january, 1, "month"), "19782");   // 2024-02-29
  EXPECT_EQ(plus(leap_january, 13, "month"), "20147");  // 2025-02-28
  EXPECT_EQ(plus(leap_january, -1, "year"), "19388");   // 2023-01-31
  EXPECT_EQ(plus(Cell::Date(INT32_MAX), 1, "day"), "!a date leaves the calendar");
  EXPECT_EQ(plus(Cell::Date(0), INT64_MAX, "year"), "!a date leaves the calendar");
  EXPECT_EQ(plus(Cell::Date(0), INT64_MIN, "day"), "!a date leaves the calendar");
  EXPECT_EQ(plus(Cell::DateTime(INT64_MAX), 1, "second"), "!a date leaves the calendar");
  EXPECT_EQ(plus(Cell::DateTime(-1), 1, "hour"), "3599999");
  const Cell february = Cell::Date(19782);
  const auto between = [](const Cell& a, const Cell& b, const char* unit) {
    return Text(ScalarFn::kDateDiff, {a, b, Cell::String(unit)});
  };
  EXPECT_EQ(between(february, leap_january, "month"), "1");
  EXPECT_EQ(between(leap_january, february, "month"), "-1");
  EXPECT_EQ(between(leap_january, Cell::Date(19388), "year"), "1");
  EXPECT_EQ(between(Cell::DateTime(INT64_MAX), Cell::DateTime(INT64_MIN), "week"), "30500568904");
  EXPECT_EQ(Text(ScalarFn::kDateTrunc, {Cell::DateTime(-1), Cell::String("day")}), "-86400000");
  EXPECT_EQ(Text(ScalarFn::kWeekday, {Cell::Date(-1)}), "3");  // 1969-12-31
}

}  // namespace
}  // namespace tarn::exec
