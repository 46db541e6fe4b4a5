#include "tarn/ir/value.h"

#include <cmath>
#include <type_traits>

#include "tarn/base/json_writer.h"
#include "tarn/schema/values.h"

namespace tarn::ir {
namespace {

void WriteVector(const Vector& vector, JsonWriter& json) {
  json.BeginArray();
  for (const float item : vector) {
    if (std::isfinite(item)) {
      json.Double(static_cast<double>(item));
    } else {
      json.Null();
    }
  }
  json.EndArray();
}

void Write(const Value& value, JsonWriter& json) {
  std::visit(
      [&json](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::monostate>) {
          json.Null();
        } else if constexpr (std::is_same_v<Held, bool>) {
          json.Bool(held);
        } else if constexpr (std::is_same_v<Held, int64_t>) {
          json.Int(held);
        } else if constexpr (std::is_same_v<Held, uint64_t>) {
          json.Uint(held);
        } else if constexpr (std::is_same_v<Held, double>) {
          json.Double(held);
        } else if constexpr (std::is_same_v<Held, std::string>) {
          json.String(held);
        } else if constexpr (std::is_same_v<Held, Date>) {
          json.String(schema::FormatDate(held.days));
        } else if constexpr (std::is_same_v<Held, DateTime>) {
          json.String(schema::FormatDateTime(held.ms));
        } else if constexpr (std::is_same_v<Held, ValueList>) {
          json.BeginArray();
          for (const Value& item : held) Write(item, json);
          json.EndArray();
        } else {
          static_assert(std::is_same_v<Held, Vector>);
          WriteVector(held, json);
        }
      },
      value.held);
}

}  // namespace

bool Value::operator==(const Value& other) const { return held == other.held; }

std::string ToJson(const Value& value) {
  JsonWriter json;
  Write(value, json);
  return json.Take();
}

}  // namespace tarn::ir
