#include "tarn/catalog/json_value.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <simdjson.h>

#include "tarn/base/clock.h"
#include "tarn/catalog/limits.h"

namespace tarn::catalog {
namespace {

const JsonValue::Object kNoMembers;
const JsonValue::Array kNoItems;
const JsonValue kNull;

/// Copies a parsed element into the tree. Answers why it cannot, or "".
std::string Convert(const simdjson::dom::element& element, int depth, JsonValue& out);

std::string ConvertArray(const simdjson::dom::array& array, int depth, JsonValue& out) {
  JsonValue::Array items;
  for (const simdjson::dom::element item : array) {
    if (std::string why = Convert(item, depth + 1, items.emplace_back()); !why.empty()) return why;
  }
  out.held = std::move(items);
  return "";
}

std::string ConvertObject(const simdjson::dom::object& object, int depth, JsonValue& out) {
  JsonValue::Object members;
  for (const simdjson::dom::key_value_pair field : object) {
    auto [member, is_new] = members.try_emplace(std::string(field.key));
    if (!is_new) return fmt::format("member '{}' is there twice", member->first);
    if (std::string why = Convert(field.value, depth + 1, member->second); !why.empty()) return why;
  }
  out.held = std::move(members);
  return "";
}

std::string Convert(const simdjson::dom::element& element, int depth, JsonValue& out) {
  if (depth > kJsonDepthMax) return "it is nested too deeply";
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::ARRAY:
      return ConvertArray(simdjson::dom::array(element.get_array().value_unsafe()), depth, out);
    case element_type::OBJECT:
      return ConvertObject(simdjson::dom::object(element.get_object().value_unsafe()), depth, out);
    case element_type::STRING:
      out.held = std::string(element.get_string().value_unsafe());
      return "";
    case element_type::BOOL: out.held = element.get_bool().value_unsafe(); return "";
    case element_type::NULL_VALUE: out.held = nullptr; return "";
    case element_type::UINT64: out.held = element.get_uint64().value_unsafe(); return "";
    case element_type::DOUBLE: out.held = element.get_double().value_unsafe(); return "";
    case element_type::INT64: break;
  }
  const int64_t number = element.get_int64().value_unsafe();
  if (number >= 0) {
    out.held = static_cast<uint64_t>(number);
  } else {
    out.held = number;
  }
  return "";
}

}  // namespace

Result<JsonValue> ParseJson(std::string_view text, const std::string& where) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (auto error = parser.parse(text.data(), text.size()).get(root); error != simdjson::SUCCESS) {
    return Error(ErrorId::kCorruptData, "{}: not JSON: {}", where, simdjson::error_message(error));
  }
  JsonValue value;
  if (std::string why = Convert(root, 0, value); !why.empty()) {
    return Error(ErrorId::kCorruptData, "{}: {}", where, why);
  }
  return value;
}

JsonFields::JsonFields(const JsonValue& value, std::string where)
    : object_(std::get_if<JsonValue::Object>(&value.held)), where_(std::move(where)) {
  if (object_ == nullptr) {
    object_ = &kNoMembers;
    Require(false, "it is not a JSON object");
  }
}

template <typename T>
const T* JsonFields::Find(std::string_view name, std::string_view wanted) {
  asked_.push_back(name);
  auto member = object_->find(name);
  if (member == object_->end()) {
    Require(false, fmt::format("member '{}' is missing", name));
    return nullptr;
  }
  const T* value = std::get_if<T>(&member->second.held);
  if (value == nullptr) Require(false, fmt::format("member '{}' is not {}", name, wanted));
  return ok() ? value : nullptr;
}

std::string JsonFields::String(std::string_view name) {
  const auto* value = Find<std::string>(name, "text");
  return value == nullptr ? "" : *value;
}

std::string JsonFields::Ulid(std::string_view name) {
  std::string id = String(name);
  Require(IsUlid(id), fmt::format("member '{}' is not a ULID", name));
  return id;
}

std::optional<std::string> JsonFields::OptionalUlid(std::string_view name) {
  if (!Has(name)) return std::nullopt;
  return Ulid(name);
}

uint64_t JsonFields::Uint(std::string_view name) {
  const auto* value = Find<uint64_t>(name, "a whole number from 0 up");
  return value == nullptr ? 0 : *value;
}

int64_t JsonFields::Int(std::string_view name) {
  if (auto member = object_->find(name); member != object_->end()) {
    if (const auto* negative = std::get_if<int64_t>(&member->second.held)) {
      asked_.push_back(name);
      return *negative;
    }
  }
  const uint64_t value = Uint(name);
  const bool fits = value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  Require(fits, fmt::format("member '{}' is out of range", name));
  return fits ? static_cast<int64_t>(value) : 0;
}

bool JsonFields::Bool(std::string_view name) {
  const auto* value = Find<bool>(name, "true or false");
  return value != nullptr && *value;
}

const JsonValue::Array& JsonFields::Array(std::string_view name) {
  const auto* value = Find<JsonValue::Array>(name, "a list");
  return value == nullptr ? kNoItems : *value;
}

const JsonValue& JsonFields::Value(std::string_view name) {
  asked_.push_back(name);
  auto member = object_->find(name);
  Require(member != object_->end(), fmt::format("member '{}' is missing", name));
  return member == object_->end() ? kNull : member->second;
}

void JsonFields::Require(bool holds, std::string_view why) {
  if (!holds && ok()) failure_ = Error(ErrorId::kCorruptData, "{}: {}", where_, why);
}

void JsonFields::Adopt(Status status) {
  if (!status.ok() && ok()) failure_ = std::move(status);
}

Status JsonFields::Finish() {
  for (const auto& [name, value] : *object_) {
    const bool asked = std::find(asked_.begin(), asked_.end(), name) != asked_.end();
    Require(asked, fmt::format("member '{}' is unknown", name));
  }
  return failure_;
}

}  // namespace tarn::catalog
