#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tarn/base/check.h"
#include "tarn/gq/literal.h"
#include "tarn/gq/resolution.h"
#include "tarn/gq/typing.h"

namespace tarn::gq {
namespace {

using ir::ScalarFn;
using schema::PropertyType;
using schema::Scalar;

constexpr std::array<std::string_view, 5> kDateUnits = {"day", "week", "month", "quarter", "year"};
constexpr std::array<std::string_view, 3> kTimeUnits = {"hour", "minute", "second"};

/// One operator or call whose arguments are known.
struct ScalarCall {
  ScalarFn fn;
  const std::vector<ExprAst>& asts;
  std::vector<ir::ExprPtr> arguments;
  SourceSpan span;
  Resolution& state;

  const PropertyType& type(size_t i) const { return arguments[i]->type; }
  size_t size() const { return arguments.size(); }

  std::optional<PropertyType> Fail(SourceSpan where, std::string message,
                                   std::string suggestion = "") const {
    state.diagnostics.Error("T25", where, std::move(message), std::move(suggestion));
    return std::nullopt;
  }
  /// Null fits every kind.
  bool Is(size_t i, bool (*fits)(const PropertyType&)) const {
    return IsNullLiteral(*arguments[i]) || fits(type(i));
  }
  /// Reports the first argument in [begin, end) that does not fit.
  bool Want(size_t begin, size_t end, bool (*fits)(const PropertyType&),
            std::string_view what) const {
    for (size_t i = begin; i < std::min(end, size()); ++i) {
      if (Is(i, fits)) continue;
      Fail(asts[i].span,
           fmt::format("`{}` wants {}, not {}", ir::ScalarFnText(fn), what, KindName(type(i))));
      return false;
    }
    return true;
  }
  bool nullable() const {
    return std::any_of(arguments.begin(), arguments.end(),
                       [](const ir::ExprPtr& argument) { return argument->type.nullable; });
  }
  PropertyType Yields(Scalar scalar) const { return MakeType(scalar, nullable()); }
};

using Typed = std::optional<PropertyType>;

bool IsWhole(const PropertyType& type) { return !type.list && schema::IsInteger(type.scalar); }
bool IsList(const PropertyType& type) { return type.list; }
bool IsTextList(const PropertyType& type) { return type.list && type.scalar == Scalar::kString; }
bool IsDay(const PropertyType& type) {
  return !type.list && (type.scalar == Scalar::kDate || type.scalar == Scalar::kDateTime);
}
bool IsInstant(const PropertyType& type) { return !type.list && type.scalar == Scalar::kDateTime; }
bool HasLength(const PropertyType& type) { return type.list || IsText(type); }

bool IsZero(const ir::Expr& expr) {
  const auto* constant = std::get_if<ir::Constant>(&expr.node);
  return constant != nullptr &&
         (constant->value == ir::Value{int64_t{0}} || constant->value == ir::Value{0.0});
}

Typed TypeArithmetic(const ScalarCall& call) {
  if (!call.Want(0, call.size(), IsNumber, "numbers")) return std::nullopt;
  const bool divides = call.fn == ScalarFn::kDivide || call.fn == ScalarFn::kRemainder;
  if (divides && IsZero(*call.arguments[1]))
    return call.Fail(call.asts[1].span, "division by zero");
  bool real = false;
  for (size_t i = 0; i < call.size(); ++i) {
    real = real || (IsNumber(call.type(i)) && !schema::IsInteger(call.type(i).scalar));
  }
  return call.Yields(real ? Scalar::kF64 : Scalar::kI64);
}

/// The kind that holds every number of both, or nothing for U64 beside what may be negative.
std::optional<Scalar> CommonNumber(const ir::Expr& a, const ir::Expr& b) {
  const Scalar x = a.type.scalar;
  const Scalar y = b.type.scalar;
  if (x == y) return x;
  if (!schema::IsInteger(x) || !schema::IsInteger(y)) return Scalar::kF64;
  if (x != Scalar::kU64 && y != Scalar::kU64) return Scalar::kI64;
  const ir::Expr& other = x == Scalar::kU64 ? b : a;
  const auto* constant = std::get_if<ir::Constant>(&other.node);
  const auto* whole = constant == nullptr ? nullptr : std::get_if<int64_t>(&constant->value.held);
  if (other.type.scalar == Scalar::kU32 || (whole != nullptr && *whole >= 0)) return Scalar::kU64;
  return std::nullopt;
}

Typed TypeCoalesce(const ScalarCall& call) {
  ir::ExprPtr common;
  for (size_t i = 0; i < call.size(); ++i) {
    const ir::ExprPtr& argument = call.arguments[i];
    if (IsNullLiteral(*argument)) continue;
    if (common == nullptr) {
      common = argument;
      continue;
    }
    PropertyType type = common->type;
    const bool same = SameKind(type, argument->type) && type.list == argument->type.list &&
                      type.dimension == argument->type.dimension;
    const bool numbers = same && IsNumber(type);
    const std::optional<Scalar> number =
        numbers ? CommonNumber(*common, *argument) : std::optional(type.scalar);
    if (!same || !number || (type.list && type.scalar != argument->type.scalar)) {
      return call.Fail(
          call.asts[i].span,
          fmt::format("the arguments of `coalesce` are of one kind: {} before, {} here",
                      KindName(type), KindName(argument->type)));
    }
    type.scalar = *number;
    type.enum_values.clear();
    common = ir::MakeExpr(common->node, type);
  }
  if (common == nullptr) return call.Fail(call.span, "one argument of `coalesce` must not be null");
  PropertyType type = common->type;
  type.nullable = std::all_of(call.arguments.begin(), call.arguments.end(),
                              [](const ir::ExprPtr& argument) { return argument->type.nullable; });
  return type;
}

Typed TypeText(const ScalarCall& call) {
  switch (call.fn) {
    case ScalarFn::kLength:
      if (!call.Want(0, 1, HasLength, "a String or a list")) return std::nullopt;
      return call.Yields(Scalar::kI64);
    case ScalarFn::kSubstring:
      if (!call.Want(0, 1, IsText, "a String") || !call.Want(1, 3, IsWhole, "an integer")) {
        return std::nullopt;
      }
      return call.Yields(Scalar::kString);
    case ScalarFn::kStartsWith:
    case ScalarFn::kEndsWith:
      if (!call.Want(0, 2, IsText, "Strings")) return std::nullopt;
      return call.Yields(Scalar::kBool);
    default: break;
  }
  if (!call.Want(0, call.size(), IsText, "Strings")) return std::nullopt;
  return call.Yields(Scalar::kString);
}

Typed TypeList(const ScalarCall& call) {
  if (call.fn == ScalarFn::kJoin) {
    if (!call.Want(0, 1, IsTextList, "a list of Strings") ||
        !call.Want(1, 2, IsText, "a String between them")) {
      return std::nullopt;
    }
    return call.Yields(Scalar::kString);
  }
  if (!call.Want(0, 1, IsList, "a list") || !call.Want(1, 2, IsWhole, "an integer")) {
    return std::nullopt;
  }
  return MakeType(call.type(0).scalar, /*nullable=*/true);
}

bool CheckUnit(const ScalarCall& call, size_t at, bool with_time) {
  std::vector<std::string> units(kDateUnits.begin(), kDateUnits.end());
  if (with_time) units.insert(units.end(), kTimeUnits.begin(), kTimeUnits.end());
  const auto* constant = std::get_if<ir::Constant>(&call.arguments[at]->node);
  const auto* unit =
      constant == nullptr ? nullptr : std::get_if<std::string>(&constant->value.held);
  if (unit != nullptr && std::find(units.begin(), units.end(), *unit) != units.end()) return true;
  call.Fail(call.asts[at].span,
            fmt::format("`{}` of a {} wants one of the units {}", ir::ScalarFnText(call.fn),
                        with_time ? "DateTime" : "Date", fmt::join(units, ", ")),
            unit == nullptr ? "write the unit in quotes" : SuggestName(*unit, units));
  return false;
}

Typed TypeDate(const ScalarCall& call) {
  if (!call.Want(0, 1, IsDay, "a Date or DateTime")) return std::nullopt;
  const bool with_time = IsInstant(call.type(0));
  PropertyType same = MakeType(with_time ? Scalar::kDateTime : Scalar::kDate, call.nullable());
  switch (call.fn) {
    case ScalarFn::kToDate: return call.Yields(Scalar::kDate);
    case ScalarFn::kToDateTime: return call.Yields(Scalar::kDateTime);
    case ScalarFn::kDateAdd:
      if (!call.Want(1, 2, IsWhole, "an integer")) return std::nullopt;
      return CheckUnit(call, 2, with_time) ? Typed(same) : std::nullopt;
    case ScalarFn::kDateTrunc: return CheckUnit(call, 1, with_time) ? Typed(same) : std::nullopt;
    case ScalarFn::kDateDiff:
      if (!call.Want(1, 2, IsDay, "a Date or DateTime")) return std::nullopt;
      if (!SameKind(call.type(0), call.type(1))) {
        return call.Fail(call.asts[1].span,
                         fmt::format("`date_diff` takes two of one kind: {} before, {} here",
                                     KindName(call.type(0)), KindName(call.type(1))),
                         "to_date(...) and to_datetime(...) turn one into the other");
      }
      return CheckUnit(call, 2, with_time) ? Typed(call.Yields(Scalar::kI64)) : std::nullopt;
    default: break;
  }
  const bool of_time =
      call.fn == ScalarFn::kHour || call.fn == ScalarFn::kMinute || call.fn == ScalarFn::kSecond;
  if (of_time && !call.Want(0, 1, IsInstant, "a DateTime")) return std::nullopt;
  return call.Yields(Scalar::kI64);
}

Typed TypeOf(const ScalarCall& call) {
  switch (call.fn) {
    case ScalarFn::kAdd:
    case ScalarFn::kSubtract:
    case ScalarFn::kMultiply:
    case ScalarFn::kDivide:
    case ScalarFn::kRemainder:
    case ScalarFn::kNegate:
    case ScalarFn::kAbs: return TypeArithmetic(call);
    case ScalarFn::kCoalesce: return TypeCoalesce(call);
    case ScalarFn::kLower:
    case ScalarFn::kUpper:
    case ScalarFn::kTrim:
    case ScalarFn::kLength:
    case ScalarFn::kSubstring:
    case ScalarFn::kReplace:
    case ScalarFn::kConcat:
    case ScalarFn::kStartsWith:
    case ScalarFn::kEndsWith: return TypeText(call);
    case ScalarFn::kFirst:
    case ScalarFn::kLast:
    case ScalarFn::kItem:
    case ScalarFn::kJoin: return TypeList(call);
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
    case ScalarFn::kToDateTime: return TypeDate(call);
  }
  TARN_UNREACHABLE("a ScalarFn outside its enum");
}

}  // namespace

ir::ExprPtr ResolveScalar(ScalarFn fn, const std::vector<ExprAst>& arguments, SourceSpan span,
                          Place place, Resolution& state) {
  ScalarCall call{fn, arguments, {}, span, state};
  bool failed = false;
  for (const ExprAst& argument : arguments) {
    call.arguments.push_back(ResolveExpr(argument, place, state));
    failed = failed || call.arguments.back() == nullptr;
  }
  if (failed) return nullptr;
  const Typed type = TypeOf(call);
  if (!type) return nullptr;
  return ir::MakeExpr(ir::Call{.fn = fn, .arguments = std::move(call.arguments)}, *type);
}

}  // namespace tarn::gq
