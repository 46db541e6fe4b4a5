#include "tarn/catalog/layout.h"

#include <charconv>

#include <fmt/format.h>

#include "tarn/base/clock.h"
#include "tarn/lance/fork_uri.h"

namespace tarn::catalog {

std::string ManifestLocation(std::string_view line_id) {
  if (line_id == kMainBranch) return std::string(kManifestFolder);
  return fmt::format("{}/{}/{}", kBranchesFolder, line_id, kManifestFolder);
}

std::string IntentKey(uint64_t slot, std::string_view line_id) {
  return fmt::format("{}/{}/{:020}.json", kIntentFolder, line_id, slot);
}

std::optional<IntentName> IntentNameOf(std::string_view key) {
  const size_t file = key.rfind('/') + 1;  // npos + 1 is 0
  const size_t line = kIntentFolder.size() + 1;
  if (file <= line) return std::nullopt;
  IntentName name{.line_id = std::string(key.substr(line, file - 1 - line))};
  std::from_chars(key.data() + file, key.data() + key.size(), name.slot);
  const bool is_line = name.line_id == kMainBranch || IsUlid(name.line_id);
  if (!is_line || name.slot == 0 || key != IntentKey(name.slot, name.line_id)) return std::nullopt;
  return name;
}

std::string TableLocation(std::string_view table_id) {
  return fmt::format("{}/{}.lance", kTablesFolder, table_id);
}
std::string ForkLocation(std::string_view table_id, std::string_view fork_id) {
  return lance::ForkUri(TableLocation(table_id), fmt::format("b_{}", fork_id));
}
bool IsLocationOf(std::string_view location, std::string_view table_id) {
  const lance::ForkAddress at = lance::SplitForkUri(location);
  if (at.root != TableLocation(table_id)) return false;
  return at.fork.empty() || (at.fork.starts_with("b_") && IsUlid(std::string(at.fork.substr(2))));
}
std::string SchemaSourceKey(std::string_view schema_id) {
  return fmt::format("{}/{}.pg", kSchemaFolder, schema_id);
}
std::string SchemaFormKey(std::string_view schema_id) {
  return fmt::format("{}/{}.json", kSchemaFolder, schema_id);
}
std::string Under(std::string_view root, std::string_view location) {
  return fmt::format("{}/{}", root, location);
}

}  // namespace tarn::catalog
