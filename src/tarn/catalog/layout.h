#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Where everything of a warehouse is, below its root.

namespace tarn::catalog {

inline constexpr std::string_view kIdentityKey = "_tarn/warehouse.json";
inline constexpr std::string_view kManifestFolder = "__manifest";
inline constexpr std::string_view kIntentFolder = "__recovery";
inline constexpr std::string_view kBranchesFolder = "branches";
inline constexpr std::string_view kTablesFolder = "tables";
inline constexpr std::string_view kSchemaFolder = "_schema";
/// The name of the line that is there from the start, and its id.
inline constexpr std::string_view kMainBranch = "main";

/// "__manifest" for main, "branches/{id}/__manifest" for a branch.
std::string ManifestLocation(std::string_view line_id);

/// "__recovery/{line}/00000000000000000012.json": the one name for a commit that wants version 12
/// of the manifest of that line.
std::string IntentKey(uint64_t slot, std::string_view line_id = kMainBranch);
struct IntentName {
  std::string line_id;
  uint64_t slot = 0;

  bool operator==(const IntentName&) const = default;
};
/// The parts of such a key; nothing else has any.
std::optional<IntentName> IntentNameOf(std::string_view key);

/// "tables/{id}.lance".
std::string TableLocation(std::string_view table_id);
/// "tables/{id}.lance/tree/b_{ulid}": where the rows of a table go on when a branch first writes
/// to it.
std::string ForkLocation(std::string_view table_id, std::string_view fork_id);
/// Is `location` the folder of this table, or of a fork of it?
bool IsLocationOf(std::string_view location, std::string_view table_id);
/// "_schema/{id}.pg" and "_schema/{id}.json".
std::string SchemaSourceKey(std::string_view schema_id);
std::string SchemaFormKey(std::string_view schema_id);

/// "{root}/{location}".
std::string Under(std::string_view root, std::string_view location);

}  // namespace tarn::catalog
