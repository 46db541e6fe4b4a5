#include "tarn/write/predicate_filter.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tarn/base/check.h"

namespace tarn::write {
namespace {

using schema::Scalar;
using Op = lance::Filter::Op;

/// Every integer of 64 bits and every double is one exactly.
using Number = long double;
static_assert(std::numeric_limits<Number>::digits >= 64);

Number NumberOf(const ir::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value.held)) return static_cast<Number>(*number);
  if (const auto* number = std::get_if<uint64_t>(&value.held)) return static_cast<Number>(*number);
  return static_cast<Number>(std::get<double>(value.held));
}

/// The neighbours of a number among the values that a column can hold: equal if it can hold it.
template <typename T>
struct Neighbours {
  std::optional<T> below;  // the largest that is not above
  std::optional<T> above;  // the smallest that is not below
};

template <typename T>
Neighbours<T> NeighboursOf(Number number) {
  constexpr auto kLowest = std::numeric_limits<T>::lowest();
  constexpr auto kHighest = std::numeric_limits<T>::max();
  Neighbours<T> near;
  if constexpr (std::numeric_limits<T>::is_integer) {
    if (number >= static_cast<Number>(kLowest)) {
      near.below = static_cast<T>(std::min(std::floor(number), static_cast<Number>(kHighest)));
    }
    if (number <= static_cast<Number>(kHighest)) {
      near.above = static_cast<T>(std::max(std::ceil(number), static_cast<Number>(kLowest)));
    }
    return near;
  }
  if (number > static_cast<Number>(kHighest)) return {.below = kHighest, .above = std::nullopt};
  if (number < static_cast<Number>(kLowest)) return {.below = std::nullopt, .above = kLowest};
  const T rounded = static_cast<T>(number);
  near.below = near.above = rounded;
  if (static_cast<Number>(rounded) > number) near.below = std::nextafter(rounded, kLowest);
  if (static_cast<Number>(rounded) < number) near.above = std::nextafter(rounded, kHighest);
  return near;
}

lance::Filter Leaf(const std::string& column, Op op, std::vector<lance::Value> values) {
  return {.op = op, .args = {}, .column = column, .values = std::move(values)};
}

template <typename T, typename Held>
std::optional<lance::Filter> NumberFilter(const std::string& column, lance::Value::Type type,
                                          ir::CompareOp op, Number number) {
  const Neighbours<T> near = NeighboursOf<T>(number);
  const auto against = [&](Op leaf, const std::optional<T>& bound) {
    return Leaf(column, leaf, {{.type = type, .value = static_cast<Held>(*bound)}});
  };
  const bool is_held = near.below && near.above && *near.below == *near.above;
  const lance::Filter every = Leaf(column, Op::kIsNotNull, {});
  switch (op) {
    case ir::CompareOp::kEqual:
      return is_held ? std::optional(against(Op::kEqual, near.below)) : std::nullopt;
    case ir::CompareOp::kNotEqual: return is_held ? against(Op::kNotEqual, near.below) : every;
    case ir::CompareOp::kLess: return near.above ? against(Op::kLess, near.above) : every;
    case ir::CompareOp::kGreater: return near.below ? against(Op::kGreater, near.below) : every;
    case ir::CompareOp::kLessEqual:
      return near.below ? std::optional(against(Op::kLessEqual, near.below)) : std::nullopt;
    case ir::CompareOp::kGreaterEqual:
      return near.above ? std::optional(against(Op::kGreaterEqual, near.above)) : std::nullopt;
    case ir::CompareOp::kContains:
    case ir::CompareOp::kStartsWith: break;
  }
  TARN_UNREACHABLE("a mutation's predicate is one of six comparisons");
}

Op OpOf(ir::CompareOp op) {
  switch (op) {
    case ir::CompareOp::kEqual: return Op::kEqual;
    case ir::CompareOp::kNotEqual: return Op::kNotEqual;
    case ir::CompareOp::kLess: return Op::kLess;
    case ir::CompareOp::kLessEqual: return Op::kLessEqual;
    case ir::CompareOp::kGreater: return Op::kGreater;
    case ir::CompareOp::kGreaterEqual: return Op::kGreaterEqual;
    case ir::CompareOp::kContains:
    case ir::CompareOp::kStartsWith: break;
  }
  TARN_UNREACHABLE("a mutation's predicate is one of six comparisons");
}

}  // namespace

std::optional<lance::Filter> FilterOf(const std::string& column, const schema::PropertyType& type,
                                      ir::CompareOp op, const ir::Value& value) {
  using Type = lance::Value::Type;
  if (value.is_null()) return std::nullopt;
  const auto plain = [&](Type held, auto as_held) {
    return Leaf(column, OpOf(op), {{.type = held, .value = std::move(as_held)}});
  };
  switch (type.scalar) {
    case Scalar::kString: return plain(Type::kUtf8, std::get<std::string>(value.held));
    case Scalar::kBool: return plain(Type::kBool, std::get<bool>(value.held));
    case Scalar::kDate: return plain(Type::kDate32, int64_t{std::get<ir::Date>(value.held).days});
    case Scalar::kDateTime: return plain(Type::kDate64, std::get<ir::DateTime>(value.held).ms);
    case Scalar::kI32:
      return NumberFilter<int32_t, int64_t>(column, Type::kInt32, op, NumberOf(value));
    case Scalar::kI64:
      return NumberFilter<int64_t, int64_t>(column, Type::kInt64, op, NumberOf(value));
    case Scalar::kU32:
      return NumberFilter<uint32_t, uint64_t>(column, Type::kUint32, op, NumberOf(value));
    case Scalar::kU64:
      return NumberFilter<uint64_t, uint64_t>(column, Type::kUint64, op, NumberOf(value));
    case Scalar::kF32:
      return NumberFilter<float, double>(column, Type::kFloat32, op, NumberOf(value));
    case Scalar::kF64:
      return NumberFilter<double, double>(column, Type::kFloat64, op, NumberOf(value));
    case Scalar::kBlob:
    case Scalar::kVector: break;
  }
  TARN_UNREACHABLE("the type checker lets no blob or vector be compared");
}

}  // namespace tarn::write
