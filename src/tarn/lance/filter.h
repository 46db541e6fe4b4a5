#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace tarn::lance {

/// A value as a column of that Arrow type would hold it; dates are days, datetimes milliseconds.
struct Value {
  enum class Type : uint8_t {
    kBool,
    kInt32,
    kInt64,
    kUint32,
    kUint64,
    kFloat32,
    kFloat64,
    kUtf8,
    kDate32,
    kDate64
  };
  Type type = Type::kUtf8;
  std::variant<bool, int64_t, uint64_t, double, std::string> value;
};

inline constexpr int kFilterDepthMax = 64;           ///< nesting of kAnd, kOr, kNot
inline constexpr size_t kFilterValuesMax = 1 << 16;  ///< members of one kIn

/// A condition pushed into a scan. Three-valued: a null operand is unknown, and only TRUE keeps a
/// row.
///
/// Text compares by bytes; among floats NaN equals itself and is above everything, and -0.0 equals
/// 0.0. An empty kIn is false, for null unknown. A null member of a list is a value like no other:
/// it equals nothing.
struct Filter {
  enum class Op : uint8_t {
    kAnd,
    kOr,
    kNot,  ///< over `args`
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,  ///< column against values[0]
    kIn,            ///< column among values
    kIsNull,
    kIsNotNull,  ///< column alone
    kStartsWith,
    kContains,      ///< String column against values[0]
    kListContains,  ///< list column holds values[0]
  };
  Op op = Op::kAnd;
  std::vector<Filter> args;
  std::string column;
  std::vector<Value> values;
};

}  // namespace tarn::lance
