#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "tarn/schema/schema.h"

namespace tarn::ir {

/// Days since 1970-01-01.
struct Date {
  int32_t days = 0;
  auto operator<=>(const Date&) const = default;
};
/// Milliseconds since 1970-01-01T00:00Z.
struct DateTime {
  int64_t ms = 0;
  auto operator<=>(const DateTime&) const = default;
};

struct Value;
using ValueList = std::vector<Value>;
using Vector = std::vector<float>;

/// A typed constant: a literal, a parameter, or the bound value of now(). Null is std::monostate.
/// Signed integers are int64_t; uint64_t only carries values above INT64_MAX. Floats are double,
/// whatever width the other side has.
struct Value {
  std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, Date, DateTime,
               ValueList, Vector>
      held;

  bool is_null() const { return held.index() == 0; }
  bool operator==(const Value&) const;
};

/// As JSON, by the rules of results (dates as text, vectors as arrays).
std::string ToJson(const Value& value);

/// A declared parameter of a query.
struct Parameter {
  std::string name;
  schema::PropertyType type;
};

/// One value per declared parameter, in the order of declaration; already checked against its type.
using ParameterValues = std::vector<Value>;

}  // namespace tarn::ir
