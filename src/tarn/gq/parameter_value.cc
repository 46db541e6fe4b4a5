#include "tarn/gq/parameter_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "tarn/gq/json_number.h"
#include "tarn/gq/limits.h"
#include "tarn/gq/typing.h"
#include "tarn/schema/values.h"

// Numbers are read from their text, never through double, so that every 64-bit integer arrives
// whole.
namespace tarn::gq {
namespace {

using schema::Scalar;
using JsonValue = simdjson::ondemand::value;
using JsonType = simdjson::ondemand::json_type;

Status Bad(std::string message) { return Status(ErrorId::kParameterInvalid, std::move(message)); }

std::string_view KindOf(JsonType type) {
  switch (type) {
    case JsonType::array: return "array";
    case JsonType::object: return "object";
    case JsonType::number: return "number";
    case JsonType::string: return "string";
    case JsonType::boolean: return "boolean";
    case JsonType::null: return "null";
    default: return "an unknown token";
  }
}

Result<JsonType> TypeOf(JsonValue& value) {
  JsonType type;
  if (const auto error = value.type().get(type)) return BadParameterJson(error);
  return type;
}

Status Expected(std::string_view what, JsonType got) {
  return Bad(fmt::format("expected {}, got {}", what, KindOf(got)));
}

Result<std::string> TakeString(JsonValue& value) {
  std::string_view text;
  if (const auto error = value.get_string().get(text)) return BadParameterJson(error);
  return std::string(text);
}

Result<std::string> NumberText(JsonValue& value) {
  std::string_view text = value.raw_json_token();
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  if (!IsJsonNumber(text)) return BadParameterJson(simdjson::NUMBER_ERROR);
  return std::string(text);
}

bool IsUnsigned(Scalar scalar) { return scalar == Scalar::kU32 || scalar == Scalar::kU64; }

/// `text` is digits behind an optional minus.
Result<ir::Value> IntegerOf(std::string_view text, Scalar scalar) {
  const char* end = text.data() + text.size();
  int64_t narrow = 0;
  if (std::from_chars(text.data(), end, narrow).ec == std::errc()) {
    const bool fits = scalar == Scalar::kI32   ? narrow >= INT32_MIN && narrow <= INT32_MAX
                      : scalar == Scalar::kU32 ? narrow >= 0 && narrow <= int64_t{UINT32_MAX}
                                               : true;
    if (fits) return ir::Value{narrow};
  } else if (scalar == Scalar::kU64) {
    uint64_t wide = 0;
    if (std::from_chars(text.data(), end, wide).ec == std::errc()) return ir::Value{wide};
  }
  return Bad(fmt::format("value {} exceeds {}", text, schema::ScalarName(scalar)));
}

Result<ir::Value> TakeInteger(JsonValue& value, JsonType type, Scalar scalar) {
  const std::string_view unsigned_word = IsUnsigned(scalar) ? "unsigned " : "";
  std::string text;
  if (type == JsonType::string) {
    TARN_ASSIGN_OR_RETURN(text, TakeString(value));
    const std::string digits = text.starts_with('+') ? text.substr(1) : text;
    if (!IsIntegerText(digits) || (text.starts_with('+') && digits.starts_with('-'))) {
      return Bad(fmt::format("expected {}integer string, got '{}'", unsigned_word, text));
    }
    text = digits;
  } else if (type == JsonType::number) {
    TARN_ASSIGN_OR_RETURN(text, NumberText(value));
    if (!IsIntegerText(text)) {
      return Bad(fmt::format("expected {}integer number, got {}", unsigned_word, text));
    }
  } else {
    return Expected(fmt::format("{}integer number", unsigned_word), type);
  }
  const bool is_zero = text.find_first_not_of("-0") == std::string::npos;
  if (IsUnsigned(scalar) && text.starts_with('-') && !is_zero) {
    return Bad(fmt::format("expected unsigned integer number, got {}", text));
  }
  return IntegerOf(text, scalar);
}

Result<double> TakeDouble(JsonValue& value, Scalar scalar) {
  TARN_ASSIGN_OR_RETURN(const std::string text, NumberText(value));
  double number = 0;
  const auto error = value.get_double().get(number);
  const bool fits =
      scalar != Scalar::kF32 || std::abs(number) <= double{std::numeric_limits<float>::max()};
  if (error || !fits) {
    return Bad(fmt::format("value {} exceeds {}", text, schema::ScalarName(scalar)));
  }
  return number;
}

Result<ir::Value> TakeDate(JsonValue& value, JsonType type, Scalar scalar) {
  if (type != JsonType::string) {
    return Expected(scalar == Scalar::kDate ? "date string" : "datetime string", type);
  }
  TARN_ASSIGN_OR_RETURN(const std::string text, TakeString(value));
  if (scalar == Scalar::kDate) {
    if (const auto days = schema::ParseDate(text)) return ir::Value{ir::Date{*days}};
    return Bad(fmt::format("invalid Date literal '{}'", text));
  }
  if (const auto ms = schema::ParseDateTime(text)) return ir::Value{ir::DateTime{*ms}};
  return Bad(fmt::format("invalid DateTime literal '{}'", text));
}

Result<ir::Value> TakeBool(JsonValue& value, JsonType type) {
  if (type != JsonType::boolean) return Expected("boolean", type);
  bool held = false;
  if (const auto error = value.get_bool().get(held)) return BadParameterJson(error);
  return ir::Value{held};
}

Result<ir::Value> TakeScalar(JsonValue& value, Scalar scalar) {
  TARN_ASSIGN_OR_RETURN(const JsonType type, TypeOf(value));
  switch (scalar) {
    case Scalar::kString:
    case Scalar::kBlob: {
      if (type != JsonType::string) {
        return Expected(scalar == Scalar::kBlob ? "blob URI string" : "string", type);
      }
      TARN_ASSIGN_OR_RETURN(std::string text, TakeString(value));
      return ir::Value{std::move(text)};
    }
    case Scalar::kBool: return TakeBool(value, type);
    case Scalar::kI32:
    case Scalar::kI64:
    case Scalar::kU32:
    case Scalar::kU64: return TakeInteger(value, type, scalar);
    case Scalar::kF32:
    case Scalar::kF64: {
      if (type != JsonType::number) return Expected("float", type);
      TARN_ASSIGN_OR_RETURN(const double number, TakeDouble(value, scalar));
      return ir::Value{number};
    }
    case Scalar::kDate:
    case Scalar::kDateTime: return TakeDate(value, type, scalar);
    case Scalar::kVector: break;
  }
  TARN_UNREACHABLE("a vector is no scalar");
}

Result<simdjson::ondemand::array> TakeArray(JsonValue& value, const schema::PropertyType& type) {
  TARN_ASSIGN_OR_RETURN(const JsonType got, TypeOf(value));
  if (got != JsonType::array) return Expected("array for " + KindName(type), got);
  simdjson::ondemand::array array;
  if (const auto error = value.get_array().get(array)) return BadParameterJson(error);
  return array;
}

Result<ir::Value> TakeList(JsonValue& value, const schema::PropertyType& type) {
  TARN_ASSIGN_OR_RETURN(simdjson::ondemand::array array, TakeArray(value, type));
  ir::ValueList list;
  for (auto element : array) {
    JsonValue item;
    if (const auto error = std::move(element).get(item)) return BadParameterJson(error);
    TARN_ASSIGN_OR_RETURN(const JsonType item_type, TypeOf(item));
    if (item_type == JsonType::null) return Bad("null is not accepted as a list element");
    TARN_ASSIGN_OR_RETURN(ir::Value held, TakeScalar(item, type.scalar));
    list.push_back(std::move(held));
  }
  return ir::Value{std::move(list)};
}

Result<ir::Value> TakeVector(JsonValue& value, const schema::PropertyType& type) {
  TARN_ASSIGN_OR_RETURN(simdjson::ondemand::array array, TakeArray(value, type));
  ir::Vector vector;
  for (auto element : array) {
    JsonValue item;
    if (const auto error = std::move(element).get(item)) return BadParameterJson(error);
    TARN_ASSIGN_OR_RETURN(const JsonType item_type, TypeOf(item));
    if (item_type != JsonType::number) return Bad("vector element is not numeric");
    TARN_ASSIGN_OR_RETURN(const double number, TakeDouble(item, Scalar::kF32));
    vector.push_back(static_cast<float>(number));
  }
  if (vector.size() != type.dimension) {
    return Bad(fmt::format("expected {} values for {}, got {}", type.dimension, KindName(type),
                           vector.size()));
  }
  return ir::Value{std::move(vector)};
}

}  // namespace

Status BadParameterJson(simdjson::error_code code) {
  // Without the parser's code name and its remarks to programmers.
  std::string_view text = simdjson::error_message(code);
  if (const size_t name_end = text.find(": "); name_end != std::string_view::npos)
    text.remove_prefix(name_end + 2);
  return Error(ErrorId::kParametersMalformed, "params is not valid JSON: {}",
               text.substr(0, text.find(". ")))
      .WithHint("write --params '{\"name\":\"value\"}', keys and strings in double quotes");
}

Result<ir::Value> TakeParameterValue(JsonValue& value, const schema::PropertyType& type) {
  TARN_ASSIGN_OR_RETURN(const JsonType got, TypeOf(value));
  if (got == JsonType::null) {
    bool is_null = false;
    if (const auto error = value.is_null().get(is_null)) return BadParameterJson(error);
    if (!is_null) return BadParameterJson(simdjson::N_ATOM_ERROR);
    if (type.nullable) return ir::Value{};
    return Bad("null is not accepted for non-nullable parameter");
  }
  if (type.list) return TakeList(value, type);
  if (type.scalar == Scalar::kVector) return TakeVector(value, type);
  return TakeScalar(value, type.scalar);
}

Status SkipUndeclaredValue(JsonValue& value, size_t depth) {
  TARN_ASSIGN_OR_RETURN(const JsonType type, TypeOf(value));
  switch (type) {
    case JsonType::object: return Bad("object is not supported");
    case JsonType::number: return NumberText(value).status();
    case JsonType::string: return TakeString(value).status();
    case JsonType::boolean: return TakeBool(value, type).status();
    case JsonType::null: {
      schema::PropertyType any = MakeType(Scalar::kString, true);
      return TakeParameterValue(value, any).status();
    }
    case JsonType::array: break;
    default: return BadParameterJson(simdjson::TAPE_ERROR);
  }
  if (depth == kParameterJsonDepthMax) {
    return Bad(fmt::format("arrays are nested more than {} deep", kParameterJsonDepthMax));
  }
  simdjson::ondemand::array array;
  if (const auto error = value.get_array().get(array)) return BadParameterJson(error);
  for (auto element : array) {
    JsonValue item;
    if (const auto error = std::move(element).get(item)) return BadParameterJson(error);
    TARN_RETURN_IF_ERROR(SkipUndeclaredValue(item, depth + 1));
  }
  return Status::Ok();
}

}  // namespace tarn::gq
