#include "tarn/write/value_record.h"

#include <optional>

#include <fmt/format.h>

#include "tarn/base/json_writer.h"

namespace tarn::write {
namespace {

using Kind = JsonCell::Kind;

JsonCell Integer(std::string_view digits) {
  return {.kind = Kind::kNumber, .is_integer = true, .text = digits};
}

/// Does a float of the property's width hold this integer?
template <typename Integer>
bool IsExact(Integer value, schema::Scalar scalar) {
  const auto wide = static_cast<long double>(value);
  if (scalar == schema::Scalar::kF32) return static_cast<long double>(float(value)) == wide;
  return static_cast<long double>(double(value)) == wide;
}

bool IsExact(const ir::Value& value, schema::Scalar scalar) {
  if (const auto* number = std::get_if<int64_t>(&value.held)) return IsExact(*number, scalar);
  if (const auto* number = std::get_if<uint64_t>(&value.held)) return IsExact(*number, scalar);
  return true;
}

}  // namespace

void ValueRecord::Add(const std::string& property, const ir::Value& value) {
  record_.data.push_back({.name = property, .value = CellOf(value)});
}

void ValueRecord::SetEnds(std::string from, std::string to) {
  record_.is_edge = true;
  record_.from = Keep(std::move(from));
  record_.to = Keep(std::move(to));
}

JsonCell ValueRecord::CellOf(const ir::Value& value) {
  struct Arms {
    ValueRecord& self;
    JsonCell operator()(std::monostate) { return {}; }
    JsonCell operator()(bool held) { return {.kind = held ? Kind::kTrue : Kind::kFalse}; }
    JsonCell operator()(int64_t held) { return Integer(self.Keep(fmt::to_string(held))); }
    JsonCell operator()(uint64_t held) { return Integer(self.Keep(fmt::to_string(held))); }
    JsonCell operator()(double held) {
      return {.kind = Kind::kNumber, .text = self.Keep(JsonNumber(held))};
    }
    JsonCell operator()(const std::string& held) {
      return {.kind = Kind::kString, .text = self.Keep(held)};
    }
    JsonCell operator()(ir::Date held) { return Integer(self.Keep(fmt::to_string(held.days))); }
    JsonCell operator()(ir::DateTime held) { return Integer(self.Keep(fmt::to_string(held.ms))); }
    JsonCell operator()(const ir::ValueList& held) { return self.ArrayOf(held); }
    JsonCell operator()(const ir::Vector& held) {
      ir::ValueList items;
      for (const float item : held) items.push_back({double{item}});
      return self.ArrayOf(items);
    }
  };
  return std::visit(Arms{*this}, value.held);
}

JsonCell ValueRecord::ArrayOf(const ir::ValueList& items) {
  std::vector<JsonCell> cells;
  for (const ir::Value& item : items) cells.push_back(CellOf(item));
  const JsonCell array{.kind = Kind::kArray,
                       .first_item = static_cast<uint32_t>(record_.items.size()),
                       .item_count = static_cast<uint32_t>(cells.size())};
  record_.items.insert(record_.items.end(), cells.begin(), cells.end());
  return array;
}

std::optional<std::string> RefuseInexact(const schema::Property& property, const ir::Value& value) {
  const schema::Scalar scalar = property.type.scalar;
  if (scalar != schema::Scalar::kF32 && scalar != schema::Scalar::kF64) return std::nullopt;
  const auto* const list = std::get_if<ir::ValueList>(&value.held);
  const ir::ValueList items = list != nullptr ? *list : ir::ValueList{value};
  for (const ir::Value& item : items) {
    if (IsExact(item, scalar)) continue;
    return fmt::format("property '{}': the integer {} has no exact {}", property.name,
                       ir::ToJson(item), schema::ScalarName(scalar));
  }
  return std::nullopt;
}

}  // namespace tarn::write
