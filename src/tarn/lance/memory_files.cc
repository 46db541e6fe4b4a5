#include "tarn/lance/memory_files.h"

#include <algorithm>
#include <optional>
#include <set>

namespace tarn::lance {
namespace {

/// What comes after `folder` in the address of something in it; "" for the folder itself.
std::optional<std::string_view> Below(std::string_view folder, std::string_view uri) {
  if (uri == folder) return "";
  if (!uri.starts_with(folder) || uri[folder.size()] != '/') return std::nullopt;
  return uri.substr(folder.size() + 1);
}

/// Calls `each` with every file that was staged and is there. The caller holds the lock.
template <typename Each>
void EachFile(MemoryTables& tables, Each&& each) {
  for (const auto& [uuid, transaction] : tables.staged_by_uuid) {
    if (!tables.has_files_by_uuid[uuid]) continue;
    for (const auto& [path, bytes] : transaction->files) each(*transaction, path, bytes);
  }
}

std::string PathIn(std::string_view below, const std::string& path) {
  return below.empty() ? path : fmt::format("{}/{}", below, path);
}

}  // namespace

std::vector<std::string> MemoryFolders(MemoryTables& tables, std::string_view folder) {
  std::set<std::string> names;
  const auto add = [&](std::string_view uri) {
    const auto below = Below(folder, uri);
    if (below && !below->empty()) names.emplace(below->substr(0, below->find('/')));
  };
  std::lock_guard lock(tables.mutex);
  for (const auto& [uri, versions] : tables.versions_by_uri) add(uri);
  EachFile(tables, [&](const MemoryTransaction& of, const auto&, uint64_t) { add(of.uri); });
  return {names.begin(), names.end()};
}

Removal RemoveMemoryFolder(MemoryTables& tables, std::string_view folder, bool dry_run) {
  Removal removal;
  std::lock_guard lock(tables.mutex);
  EachFile(tables, [&](const MemoryTransaction& of, const auto&, uint64_t bytes) {
    if (!Below(folder, of.uri)) return;
    ++removal.files;
    removal.bytes += bytes;
  });
  for (const auto& [uri, versions] : tables.versions_by_uri) {
    if (Below(folder, uri)) removal.files += versions.size();
  }
  if (dry_run) return removal;
  std::erase_if(tables.versions_by_uri, [&](const auto& at) { return Below(folder, at.first); });
  std::erase_if(tables.parent_by_fork, [&](const auto& at) { return Below(folder, at.first); });
  for (const auto& [uuid, transaction] : tables.staged_by_uuid) {
    if (Below(folder, transaction->uri)) tables.has_files_by_uuid[uuid] = false;
  }
  return removal;
}

std::vector<StrayFile> MemoryStrays(MemoryTables& tables, std::string_view uri) {
  std::vector<StrayFile> strays;
  std::lock_guard lock(tables.mutex);
  EachFile(tables, [&](const MemoryTransaction& of, const std::string& path, uint64_t bytes) {
    const auto below = Below(uri, of.uri);
    if (below && !tables.landed_uuids.contains(of.uuid))
      strays.push_back({.path = PathIn(*below, path), .bytes = bytes});
  });
  return strays;
}

void RemoveMemoryStrays(MemoryTables& tables, std::string_view uri,
                        std::span<const StrayFile> files) {
  std::lock_guard lock(tables.mutex);
  std::set<std::string> uuids;
  EachFile(tables, [&](const MemoryTransaction& of, const std::string& path, uint64_t) {
    const auto below = Below(uri, of.uri);
    if (!below) return;
    const std::string at = PathIn(*below, path);
    if (std::ranges::any_of(files, [&](const StrayFile& file) { return file.path == at; }))
      uuids.insert(of.uuid);
  });
  for (const std::string& uuid : uuids) tables.has_files_by_uuid[uuid] = false;
}

}  // namespace tarn::lance
