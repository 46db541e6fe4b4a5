#include "tarn/schema/form_object.h"

#include <utility>

#include <fmt/format.h>

namespace tarn::schema {

using simdjson::dom::element;

void FormFailure::Set(const std::string& where, std::string_view why) {
  if (is_set()) return;
  status_ = Error(ErrorId::kSchemaFormCorrupt, "the typed form of the schema is damaged: {}: {}",
                  where, why);
}

FormObject::FormObject(std::optional<element> element, std::string where, FormFailure& failure)
    : where_(std::move(where)), failure_(failure) {
  simdjson::dom::object object;
  if (element && element->get(object) == simdjson::SUCCESS) {
    object_ = object;
  } else {
    Fail("it is no object");
  }
}

std::optional<element> FormObject::Find(std::string_view name) const {
  element found;
  if (failure_.is_set() || !object_ || object_->at_key(name).get(found) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return found;
}

std::optional<element> FormObject::Ask(std::string_view name) {
  asked_.insert(name);
  std::optional<element> found = Find(name);
  if (!found) Fail(fmt::format("member '{}' is missing", name));
  return found;
}

bool FormObject::Has(std::string_view name) const { return Find(name).has_value(); }

bool FormObject::IsNull(std::string_view name) const {
  const std::optional<element> found = Find(name);
  return found && found->is_null();
}

bool FormObject::IsText(std::string_view name) const {
  const std::optional<element> found = Find(name);
  return found && found->is_string();
}

std::string FormObject::Text(std::string_view name) {
  const std::optional<element> found = Ask(name);
  std::string_view text;
  if (found && found->get(text) != simdjson::SUCCESS) {
    Fail(fmt::format("member '{}' is no text", name));
  }
  return std::string(text);
}

std::optional<std::string> FormObject::OptionalText(std::string_view name) {
  if (!Has(name)) return std::nullopt;
  return Text(name);
}

std::vector<element> FormObject::Items(std::string_view name) {
  std::vector<element> items;
  const std::optional<element> found = Ask(name);
  simdjson::dom::array array;
  if (found && found->get(array) != simdjson::SUCCESS) {
    Fail(fmt::format("member '{}' is no list", name));
  }
  if (found && !failure_.is_set()) {
    for (const element item : array) items.push_back(item);
  }
  return items;
}

std::vector<element> FormObject::OptionalItems(std::string_view name) {
  return Has(name) ? Items(name) : std::vector<element>();
}

std::vector<std::string> FormObject::Texts(std::string_view name) {
  std::vector<std::string> texts;
  for (const element item : Items(name)) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) {
      Fail(fmt::format("member '{}' is no list of texts", name));
    }
    texts.emplace_back(text);
  }
  return texts;
}

uint64_t FormObject::Number(std::string_view name, uint64_t most) {
  const std::optional<element> found = Ask(name);
  uint64_t number = 0;
  if (found && found->get(number) == simdjson::SUCCESS && number <= most) return number;
  Fail(fmt::format("member '{}' is no whole number from 0 to {}", name, most));
  return 0;
}

std::optional<uint64_t> FormObject::NumberOrNull(std::string_view name, uint64_t most) {
  if (IsNull(name)) {
    asked_.insert(name);
    return std::nullopt;
  }
  return Number(name, most);
}

bool FormObject::Flag(std::string_view name) {
  const std::optional<element> found = Ask(name);
  bool flag = false;
  if (found && found->get(flag) != simdjson::SUCCESS) {
    Fail(fmt::format("member '{}' is neither true nor false", name));
  }
  return flag;
}

FormObject FormObject::Object(std::string_view name) {
  const std::optional<element> found = Ask(name);
  return FormObject(found, fmt::format("{}.{}", where_, name), failure_);
}

void FormObject::Finish() {
  if (failure_.is_set() || !object_) return;
  std::set<std::string_view> seen;
  for (const simdjson::dom::key_value_pair member : *object_) {
    if (!asked_.contains(member.key)) Fail(fmt::format("member '{}' is unknown", member.key));
    if (!seen.insert(member.key).second) {
      Fail(fmt::format("member '{}' is there twice", member.key));
    }
  }
}

}  // namespace tarn::schema
