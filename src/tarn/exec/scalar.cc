#include "tarn/exec/scalar.h"

#include <algorithm>
#include <cmath>

#include "tarn/base/check.h"

namespace tarn::exec {
namespace {

using ir::ScalarFn;

constexpr const char* kOverflow = "an integer leaves 64 bits";
constexpr const char* kZeroDivisor = "division by zero";
constexpr const char* kRealOverflow = "a number grows beyond the largest float";

Cell Fail(ScalarOutput& out, const char* why) {
  out.failure = why;
  return Cell::Null();
}

__int128 Wide(const Cell& cell) {
  return cell.kind == Cell::Kind::kUint ? static_cast<__int128>(cell.unsigned_integer)
                                        : static_cast<__int128>(cell.integer);
}

/// Two operands of 64 bits each never leave 128.
Cell Whole(ScalarFn fn, __int128 a, __int128 b, ScalarOutput& out) {
  __int128 result = 0;
  switch (fn) {
    case ScalarFn::kAdd: result = a + b; break;
    case ScalarFn::kSubtract: result = a - b; break;
    case ScalarFn::kMultiply:
      if (__builtin_mul_overflow(a, b, &result)) return Fail(out, kOverflow);
      break;
    case ScalarFn::kDivide:
    case ScalarFn::kRemainder:
      if (b == 0) return Fail(out, kZeroDivisor);
      result = fn == ScalarFn::kDivide ? a / b : a % b;
      break;
    case ScalarFn::kNegate: result = -a; break;
    default: result = a < 0 ? -a : a; break;
  }
  if (result < INT64_MIN || result > INT64_MAX) return Fail(out, kOverflow);
  return Cell::Int(static_cast<int64_t>(result));
}

Cell Real(ScalarFn fn, double a, double b, ScalarOutput& out) {
  double result = 0;
  switch (fn) {
    case ScalarFn::kAdd: result = a + b; break;
    case ScalarFn::kSubtract: result = a - b; break;
    case ScalarFn::kMultiply: result = a * b; break;
    case ScalarFn::kDivide:
    case ScalarFn::kRemainder:
      if (b == 0) return Fail(out, kZeroDivisor);
      result = fn == ScalarFn::kDivide ? a / b : std::fmod(a, b);
      break;
    case ScalarFn::kNegate: result = -a; break;
    default: result = std::abs(a); break;
  }
  if (!std::isfinite(result) && std::isfinite(a) && std::isfinite(b)) {
    return Fail(out, kRealOverflow);
  }
  return Cell::Float(result);
}

Cell ItemAt(const Cell& list, int64_t index) {
  return index >= 0 && index < list.size ? ListItem(list, index) : Cell::Null();
}

/// A position that may lie beyond 63 bits.
int64_t PositionOf(const Cell& cell) {
  return cell.kind == Cell::Kind::kUint ? INT64_MAX : cell.integer;
}

}  // namespace

Cell EvaluateArithmetic(ScalarFn fn, std::span<const Cell> arguments, ScalarOutput& out) {
  const Cell& a = arguments.front();
  const Cell& b = arguments.back();
  const bool real = a.kind == Cell::Kind::kFloat || b.kind == Cell::Kind::kFloat;
  return real ? Real(fn, AsDouble(a), AsDouble(b), out) : Whole(fn, Wide(a), Wide(b), out);
}

Cell EvaluateScalar(ScalarFn fn, std::span<const Cell> arguments, ScalarOutput& out) {
  out.failure = nullptr;
  const auto is_null = [](const Cell& cell) { return cell.is_null(); };
  if (std::any_of(arguments.begin(), arguments.end(), is_null)) return Cell::Null();
  switch (fn) {
    case ScalarFn::kAdd:
    case ScalarFn::kSubtract:
    case ScalarFn::kMultiply:
    case ScalarFn::kDivide:
    case ScalarFn::kRemainder:
    case ScalarFn::kNegate:
    case ScalarFn::kAbs: return EvaluateArithmetic(fn, arguments, out);
    case ScalarFn::kLower:
    case ScalarFn::kUpper:
    case ScalarFn::kTrim:
    case ScalarFn::kLength:
    case ScalarFn::kSubstring:
    case ScalarFn::kReplace:
    case ScalarFn::kConcat:
    case ScalarFn::kStartsWith:
    case ScalarFn::kEndsWith:
    case ScalarFn::kJoin: return EvaluateText(fn, arguments, out);
    case ScalarFn::kFirst: return ItemAt(arguments[0], 0);
    case ScalarFn::kLast: return ItemAt(arguments[0], arguments[0].size - 1);
    case ScalarFn::kItem: return ItemAt(arguments[0], PositionOf(arguments[1]));
    case ScalarFn::kYear:
    case ScalarFn::kMonth:
    case ScalarFn::kDay:
    case ScalarFn::kHour:
    case ScalarFn::kMinute:
    case ScalarFn::kSecond:
    case ScalarFn::kWeekday:
    case ScalarFn::kDateAdd:
    case ScalarFn::kDateDiff:
    case ScalarFn::kDateTrunc:
    case ScalarFn::kToDate:
    case ScalarFn::kToDateTime: return EvaluateDate(fn, arguments, out);
    case ScalarFn::kCoalesce: break;
  }
  TARN_UNREACHABLE("coalesce looks at its arguments one by one");
}

}  // namespace tarn::exec
