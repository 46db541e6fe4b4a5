#include "tarn/lance/bridge_files.h"

#include <optional>
#include <utility>

#include <simdjson.h>

#include "tarn/lance/bridge_dataset.h"
#include "tarn/lance/fork_uri.h"
#include "tarn/store/bridge_call.h"
#include "tarn/store/bridge_status.h"

namespace tarn::lance {
namespace {

using Session = std::shared_ptr<const store::Session>;

Result<std::vector<store::ObjectInfo>> ListIn(const Request& request, const Session& session,
                                              std::string_view folder) {
  TARN_ASSIGN_OR_RETURN(const auto store, store::OpenBridgeStore(session, folder));
  TARN_ASSIGN_OR_RETURN(std::vector<store::ObjectInfo> found,
                        store->List(request, "", "", kTableFilesMax));
  if (found.size() < kTableFilesMax) return found;
  return Error(ErrorId::kUnsupported, "{} holds more than {} files", folder, kTableFilesMax - 1);
}

/// Where a file is below a table.
struct Place {
  std::string_view fork;  ///< empty = the table itself
  std::string_view kind;  ///< the folder: "data", "_deletions", ...
  std::string_view name;  ///< what is below that
};

std::optional<Place> PlaceOf(std::string_view path) {
  constexpr std::string_view kTree = kForkFolder.substr(1);
  Place place;
  if (path.starts_with(kTree)) {
    path.remove_prefix(kTree.size());
    const size_t end = path.find('/');
    if (end == path.npos) return std::nullopt;
    place.fork = path.substr(0, end);
    path.remove_prefix(end + 1);
  }
  const size_t end = path.find('/');
  if (end == path.npos) return std::nullopt;
  place.kind = path.substr(0, end);
  place.name = path.substr(end + 1);
  return place;
}

std::string_view Stem(std::string_view name) { return name.substr(0, name.find_first_of("./")); }

/// What a version calls this file; nothing for a file that no version names, and that is no
/// leftover of one either.
std::optional<std::string> NameOf(const Place& place) {
  // A file that was being written: no version ever names it.
  const bool is_draft = place.name.starts_with(".tmp");
  if (place.kind == "_versions") return is_draft ? std::optional<std::string>("") : std::nullopt;
  if (place.kind == "data") return std::string(is_draft ? "" : Stem(place.name));
  const bool is_named_as_it_is = place.kind == "_deletions" || place.kind == "_transactions";
  if (is_named_as_it_is) return std::string(is_draft ? "" : place.name);
  return std::nullopt;
}

std::string_view LastSegment(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool ReadNames(const simdjson::dom::element& info, std::set<std::string>& names) {
  simdjson::dom::array fragments;
  if (info["fragments"].get(fragments) != simdjson::SUCCESS) return false;
  for (const simdjson::dom::element fragment : fragments) {
    simdjson::dom::array files;
    if (fragment["files"].get(files) != simdjson::SUCCESS) return false;
    for (const simdjson::dom::element file : files) {
      std::string_view path;
      if (file.get(path) != simdjson::SUCCESS) return false;
      names.emplace(Stem(LastSegment(path)));
    }
    std::string_view deletions;
    if (fragment["deletion_file"].get(deletions) == simdjson::SUCCESS)
      names.emplace(LastSegment(deletions));
  }
  std::string_view transaction;
  if (info["transaction_file"].get(transaction) == simdjson::SUCCESS) names.emplace(transaction);
  return true;
}

}  // namespace

Result<std::vector<std::string>> FoldersIn(const Request& request, const Session& session,
                                           std::string_view folder) {
  TARN_ASSIGN_OR_RETURN(const std::vector<store::ObjectInfo> files,
                        ListIn(request, session, folder));
  std::vector<std::string> folders;
  for (const store::ObjectInfo& file : files) {
    const size_t end = file.key.find('/');
    if (end == file.key.npos) continue;
    const std::string_view name = std::string_view(file.key).substr(0, end);
    if (folders.empty() || folders.back() != name) folders.emplace_back(name);
  }
  return folders;
}

Result<Removal> RemoveAllIn(const Request& request, const Session& session, std::string_view folder,
                            bool dry_run) {
  TARN_ASSIGN_OR_RETURN(const std::vector<store::ObjectInfo> files,
                        ListIn(request, session, folder));
  TARN_ASSIGN_OR_RETURN(const auto store, store::OpenBridgeStore(session, folder));
  Removal removal;
  for (const store::ObjectInfo& file : files) {
    if (!dry_run) TARN_RETURN_IF_ERROR(store->Delete(request, file.key));
    ++removal.files;
    removal.bytes += file.size;
  }
  return removal;
}

Result<TableFiles> FilesOf(const Request& request, const Session& session, std::string_view uri) {
  TARN_ASSIGN_OR_RETURN(std::vector<store::ObjectInfo> listed, ListIn(request, session, uri));
  TableFiles files;
  for (store::ObjectInfo& file : listed) {
    const std::optional<Place> place = PlaceOf(file.key);
    if (!place) continue;
    const bool is_version = place->kind == "_versions" && place->name.ends_with(".manifest");
    if (is_version && !place->fork.empty()) files.forks.emplace(place->fork);
    if (std::optional<std::string> name = NameOf(*place)) {
      files.by_name.emplace_back(std::move(*name),
                                 StrayFile{.path = std::move(file.key),
                                           .bytes = file.size,
                                           .modified_micros = file.modified_micros});
    }
  }
  return files;
}

Result<std::set<std::string>> NamesIn(const Table& table) {
  TARN_ASSIGN_OR_RETURN(const BridgeTable* ours, AsBridgeTable(table));
  store::BridgeBytes bytes;
  TARN_RETURN_IF_ERROR(store::CallBridge(tlb_ds_info, ours->handle(), bytes.Out()));
  simdjson::dom::parser parser;
  simdjson::dom::element info;
  std::set<std::string> names;
  if (parser.parse(bytes.view().data(), bytes.view().size()).get(info) == simdjson::SUCCESS &&
      ReadNames(info, names)) {
    return names;
  }
  return Error(ErrorId::kInternal, "the bridge's list of files of {} is not what it should be",
               table.uri());
}

Status RemoveFilesOf(const Request& request, const Session& session, std::string_view uri,
                     std::span<const StrayFile> files) {
  TARN_ASSIGN_OR_RETURN(const auto store, store::OpenBridgeStore(session, uri));
  for (const StrayFile& file : files) TARN_RETURN_IF_ERROR(store->Delete(request, file.path));
  return Status::Ok();
}

}  // namespace tarn::lance
