#include "tarn/catalog/layout.h"

#include <charconv>

#include <fmt/format.h>

namespace tarn::catalog {

std::string IntentKey(uint64_t slot) {
  return fmt::format("{}/{}/{:020}.json", kIntentFolder, kMainBranch, slot);
}

std::optional<uint64_t> SlotOf(std::string_view key) {
  const size_t name = key.rfind('/') + 1;  // npos + 1 is 0
  uint64_t slot = 0;
  const std::string_view file = key.substr(name);
  std::from_chars(file.data(), file.data() + file.size(), slot);
  if (slot == 0 || key != IntentKey(slot)) return std::nullopt;
  return slot;
}

std::string TableLocation(std::string_view table_id) {
  return fmt::format("tables/{}.lance", table_id);
}
std::string SchemaSourceKey(std::string_view schema_id) {
  return fmt::format("_schema/{}.pg", schema_id);
}
std::string SchemaFormKey(std::string_view schema_id) {
  return fmt::format("_schema/{}.json", schema_id);
}
std::string Under(std::string_view root, std::string_view location) {
  return fmt::format("{}/{}", root, location);
}

}  // namespace tarn::catalog
