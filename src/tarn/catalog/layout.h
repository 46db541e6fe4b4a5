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
inline constexpr std::string_view kMainBranch = "main";

/// "__recovery/main/00000000000000000012.json": the one name for a commit that wants manifest
/// version 12.
std::string IntentKey(uint64_t slot);
/// The slot of such a key; nothing else has one.
std::optional<uint64_t> SlotOf(std::string_view key);

/// "tables/{id}.lance".
std::string TableLocation(std::string_view table_id);
/// "_schema/{id}.pg" and "_schema/{id}.json".
std::string SchemaSourceKey(std::string_view schema_id);
std::string SchemaFormKey(std::string_view schema_id);

/// "{root}/{location}".
std::string Under(std::string_view root, std::string_view location);

}  // namespace tarn::catalog
