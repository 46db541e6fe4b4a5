#include "tarn/schema/default_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "tarn/schema/decimal.h"
#include "tarn/schema/findings.h"
#include "tarn/schema/values.h"

namespace tarn::schema {
namespace {

struct Bounds {
  std::string_view least, greatest;
};

Bounds BoundsOf(Scalar scalar) {
  switch (scalar) {
    case Scalar::kI32: return {"-2147483648", "2147483647"};
    case Scalar::kI64: return {"-9223372036854775808", "9223372036854775807"};
    case Scalar::kU32: return {"0", "4294967295"};
    default: return {"0", "18446744073709551615"};
  }
}

std::string IntegerFault(Scalar scalar, const Literal& value) {
  if (value.kind != Literal::Kind::kInteger) return "is no whole number";
  const Bounds bounds = BoundsOf(scalar);
  const bool fits = CompareDecimals(value.text, bounds.least) >= 0 &&
                    CompareDecimals(value.text, bounds.greatest) <= 0;
  return fits ? "" : fmt::format("is not between {} and {}", bounds.least, bounds.greatest);
}

std::string FloatFault(Scalar scalar, const Literal& value) {
  if (value.kind != Literal::Kind::kInteger && value.kind != Literal::Kind::kFloat) {
    return "is no number";
  }
  double number = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto read = std::from_chars(value.text.data(), end, number);
  const bool fits = read.ec == std::errc() && read.ptr == end && std::isfinite(number) &&
                    (scalar == Scalar::kF64 || std::isfinite(static_cast<float>(number)));
  return fits ? "" : "is beyond what the type holds";
}

std::string TextFault(const PropertyType& type, const Literal& value) {
  if (value.kind != Literal::Kind::kString) return "is no text in quotes";
  if (type.scalar == Scalar::kDate && !ParseDate(value.text)) return "is no date";
  if (type.scalar == Scalar::kDateTime && !ParseDateTime(value.text)) {
    return "is no date and time";
  }
  const bool is_allowed = !type.is_enum() || std::binary_search(type.enum_values.begin(),
                                                                type.enum_values.end(), value.text);
  return is_allowed ? "" : "is none of the enum's values";
}

}  // namespace

std::string DefaultFault(const PropertyType& type, const Literal& value) {
  if (type.list) return "cannot stand for a list";
  switch (type.scalar) {
    case Scalar::kString:
    case Scalar::kDate:
    case Scalar::kDateTime: return TextFault(type, value);
    case Scalar::kBool:
      return value.kind == Literal::Kind::kBool ? "" : "is neither true nor false";
    case Scalar::kI32:
    case Scalar::kI64:
    case Scalar::kU32:
    case Scalar::kU64: return IntegerFault(type.scalar, value);
    case Scalar::kF32:
    case Scalar::kF64: return FloatFault(type.scalar, value);
    case Scalar::kBlob:
    case Scalar::kVector: break;
  }
  return "cannot stand for a vector or blob";
}

const Literal* DefaultOf(const Property& property) {
  for (const Annotation& annotation : property.annotations) {
    if (annotation.name != "default" || !annotation.argument) continue;
    return DefaultFault(property.type, *annotation.argument).empty() ? &*annotation.argument
                                                                     : nullptr;
  }
  return nullptr;
}

}  // namespace tarn::schema
