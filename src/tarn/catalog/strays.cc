#include "tarn/catalog/strays.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "tarn/catalog/intent.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/roll_forward.h"
#include "tarn/lance/fork_uri.h"

namespace tarn::catalog {
namespace {

constexpr std::string_view kTableEnding = ".lance";

/// When a ULID was made, by the clock of who made it.
int64_t MicrosOf(std::string_view ulid) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  int64_t millis = 0;
  for (const char digit : ulid.substr(0, 10))
    millis = millis * 32 + static_cast<int64_t>(kDigits.find(digit));
  return millis * 1000;
}

/// What was there at the beginning: listed before anybody asks what is named.
struct Listing {
  std::vector<std::string> tables;                        ///< ids
  std::map<std::string, std::vector<std::string>> forks;  ///< names, by the id of the table
  std::vector<std::string> branches;                      ///< ids
  std::vector<store::ObjectInfo> schema_files;
};

/// All that the rows of all lines name, now or at any time.
struct Named {
  std::map<std::string, std::string> line_by_location;  ///< of tables and forks: who writes there
  std::set<std::string> tables;                         ///< ids
  std::set<std::string> schemas;                        ///< ids
  std::set<std::string> lines;                          ///< ids of those that are there
  std::set<std::string> removable;  ///< ids of deleted branches that cleanup can still read
};

class Finder {
 public:
  Finder(const Request& request, Catalog::State& state, int64_t before_micros)
      : request_(request), state_(state), before_(before_micros) {}

  Result<std::vector<Stray>> Run() {
    TARN_RETURN_IF_ERROR(List());
    TARN_RETURN_IF_ERROR(ReadNames());
    for (const std::string& id : listing_.tables) TARN_RETURN_IF_ERROR(AddTable(id));
    for (const std::string& id : listing_.branches) TARN_RETURN_IF_ERROR(AddBranch(id));
    TARN_RETURN_IF_ERROR(AddFiles(std::string(kManifestFolder), std::string(kMainBranch)));
    AddSchemas();
    std::ranges::sort(strays_, {}, &Stray::path);
    return std::move(strays_);
  }

 private:
  std::string UriOf(std::string_view location) const {
    return Under(state_.location.root, location);
  }
  lance::TableStore& tables() const { return *state_.location.tables; }

  Status List() {
    TARN_ASSIGN_OR_RETURN(const auto folders, tables().Folders(request_, UriOf(kTablesFolder)));
    for (const std::string& folder : folders) {
      if (!folder.ends_with(kTableEnding)) continue;
      const std::string id = folder.substr(0, folder.size() - kTableEnding.size());
      if (!IsUlid(id)) continue;  // not Tarn's
      listing_.tables.push_back(id);
      const std::string tree = UriOf(TableLocation(id)) + std::string(lance::kForkFolder);
      TARN_ASSIGN_OR_RETURN(listing_.forks[id],
                            tables().Folders(request_, tree.substr(0, tree.size() - 1)));
    }
    TARN_ASSIGN_OR_RETURN(listing_.branches, tables().Folders(request_, UriOf(kBranchesFolder)));
    std::string after;
    while (true) {
      TARN_ASSIGN_OR_RETURN(const auto page, state_.location.objects->List(request_, kSchemaFolder,
                                                                           after, kSweepPageKeys));
      listing_.schema_files.insert(listing_.schema_files.end(), page.begin(), page.end());
      if (page.size() < kSweepPageKeys) return Status::Ok();
      after = page.back().key;
    }
  }

  Status ReadNames() {
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const Manifest> main, state_.LookAtMain(request_));
    TARN_RETURN_IF_ERROR(AddNamesOf(*state_.main.reader));
    for (const auto* branches : {&main->branches, &main->closing}) {
      for (const BranchEntry& branch : *branches) {
        TARN_ASSIGN_OR_RETURN(OpenLine * line, state_.Open(request_, branch.line()));
        TARN_RETURN_IF_ERROR(line->reader->Look(request_).status());
        TARN_RETURN_IF_ERROR(AddNamesOf(*line->reader));
      }
    }
    TARN_ASSIGN_OR_RETURN(const auto ever, state_.main.reader->BranchesEver(request_));
    for (const std::string& id : listing_.branches) {
      const auto branch = ever.find(id);
      if (branch == ever.end() || named_.lines.contains(id)) continue;
      TARN_RETURN_IF_ERROR(AddDeleted(branch->second));
    }
    return Status::Ok();
  }

  Status AddNamesOf(ManifestReader& reader) {
    named_.lines.insert(reader.line().id);
    return AddTablesOf(reader);
  }

  Status AddTablesOf(ManifestReader& reader) {
    TARN_ASSIGN_OR_RETURN(const auto tables, reader.TablesEver(request_));
    for (const auto& [location, entry] : tables) {
      named_.line_by_location.insert_or_assign(location, entry.owner);
      named_.tables.insert(entry.id);
    }
    TARN_ASSIGN_OR_RETURN(const std::set<std::string> schemas, reader.SchemasEver(request_));
    named_.schemas.insert(schemas.begin(), schemas.end());
    return Status::Ok();
  }

  /// What a deleted branch names goes with the branch, as long as its manifest tells.
  Status AddDeleted(const BranchEntry& branch) {
    auto newest = tables().Open(request_, UriOf(ManifestLocation(branch.id)), std::nullopt);
    if (!newest.ok() && newest.status().id() == ErrorId::kObjectNotFound) return Status::Ok();
    TARN_RETURN_IF_ERROR(newest.status());
    TARN_ASSIGN_OR_RETURN(const std::unique_ptr<ManifestReader> reader,
                          ManifestReader::Open(request_, state_.location, state_.warehouse_id,
                                               branch.line(), std::move(newest).value()));
    named_.removable.insert(branch.id);
    return AddTablesOf(*reader);
  }

  Status AddTable(const std::string& id) {
    const std::string location = TableLocation(id);
    if (!named_.tables.contains(id)) return AddFolder(Stray::Kind::kFolder, location, id, "");
    std::set<std::string> stray_forks;
    for (const std::string& name : listing_.forks[id]) {
      const std::string fork = lance::ForkUri(location, name);
      if (named_.line_by_location.contains(fork) || !IsLocationOf(fork, id)) continue;
      stray_forks.insert(fork);
      TARN_RETURN_IF_ERROR(AddFolder(Stray::Kind::kFork, fork, name.substr(2), ""));
    }
    TARN_ASSIGN_OR_RETURN(std::vector<lance::StrayFile> files,
                          tables().Strays(request_, UriOf(location)));
    for (lance::StrayFile& file : files) {
      const std::string at = LineFolderOf(location, file.path);
      if (stray_forks.contains(at)) continue;
      const auto line = named_.line_by_location.find(at);
      if (line == named_.line_by_location.end()) continue;  // a branch that another program made
      AddFile(location, std::move(file), line->second);
    }
    return Status::Ok();
  }

  /// The table or the fork whose file this is.
  static std::string LineFolderOf(const std::string& location, std::string_view path) {
    constexpr std::string_view kTree = lance::kForkFolder.substr(1);
    if (!path.starts_with(kTree)) return location;
    const size_t end = path.find('/', kTree.size());
    return lance::ForkUri(location, path.substr(kTree.size(), end - kTree.size()));
  }

  Status AddBranch(const std::string& id) {
    if (!IsUlid(id) || named_.removable.contains(id)) return Status::Ok();
    if (named_.lines.contains(id)) return AddFiles(ManifestLocation(id), id);
    return AddFolder(Stray::Kind::kFolder, fmt::format("{}/{}", kBranchesFolder, id), id,
                     std::string(kMainBranch));
  }

  Status AddFolder(Stray::Kind kind, const std::string& path, std::string_view ulid,
                   std::string line) {
    if (MicrosOf(ulid) >= before_) return Status::Ok();
    TARN_ASSIGN_OR_RETURN(const lance::Removal would,
                          tables().RemoveFolder(request_, UriOf(path), /*dry_run=*/true));
    strays_.push_back({.kind = kind,
                       .path = path,
                       .folder = path,
                       .line = std::move(line),
                       .files = would.files,
                       .bytes = would.bytes});
    return Status::Ok();
  }

  Status AddFiles(const std::string& location, const std::string& line) {
    TARN_ASSIGN_OR_RETURN(std::vector<lance::StrayFile> files,
                          tables().Strays(request_, UriOf(location)));
    for (lance::StrayFile& file : files) AddFile(location, std::move(file), line);
    return Status::Ok();
  }

  void AddFile(const std::string& location, lance::StrayFile file, std::string line) {
    if (file.modified_micros >= before_) return;
    strays_.push_back({.path = Under(location, file.path),
                       .folder = location,
                       .line = std::move(line),
                       .bytes = file.bytes});
  }

  void AddSchemas() {
    for (const store::ObjectInfo& file : listing_.schema_files) {
      const std::string id = file.key.substr(kSchemaFolder.size() + 1, kUlidBytes);
      const bool is_ours =
          IsUlid(id) && (file.key == SchemaSourceKey(id) || file.key == SchemaFormKey(id));
      if (!is_ours || named_.schemas.contains(id) || MicrosOf(id) >= before_) continue;
      strays_.push_back({.kind = Stray::Kind::kObject,
                         .path = file.key,
                         .folder = file.key,
                         .line = "",
                         .bytes = file.size});
    }
  }

  static constexpr size_t kUlidBytes = 26;

  const Request& request_;
  Catalog::State& state_;
  const int64_t before_;
  Listing listing_;
  Named named_;
  std::vector<Stray> strays_;
};

/// What the intents of commits under way need.
struct Promised {
  std::set<std::string> files;      ///< their names, which are unique
  std::set<std::string> locations;  ///< of the tables, forks and manifests they write to

  bool Needs(const Stray& stray) const {
    if (stray.kind == Stray::Kind::kFile)
      return files.contains(stray.path.substr(stray.path.rfind('/') + 1));
    const auto within = [&stray](const std::string& location) {
      return location == stray.path || location.starts_with(stray.path + "/");
    };
    return std::ranges::any_of(locations, within);
  }
};

Result<Promised> ReadPromised(const Request& request, const Location& location) {
  TARN_ASSIGN_OR_RETURN(const std::vector<std::string> keys, ListIntents(request, location));
  Promised promised;
  const auto add = [&promised](const IntentTransaction& transaction) {
    promised.locations.insert(transaction.location);
    for (const auto& [path, bytes] : transaction.files)
      promised.files.insert(path.substr(path.rfind('/') + 1));
  };
  for (const std::string& key : keys) {
    const Result<std::string> text = location.objects->Get(request, key);
    if (!text.ok() && text.status().id() == ErrorId::kObjectNotFound) continue;
    TARN_RETURN_IF_ERROR(text.status());
    TARN_ASSIGN_OR_RETURN(const Intent intent, DecodeIntent(key, *text));
    for (const Intent::TableEffect& effect : intent.effects) add(effect.transaction);
    add(intent.publish);
  }
  return promised;
}

/// Those of one table that follow each other, in one call.
Status RemoveFiles(const Request& request, const Location& location,
                   const std::vector<Stray>& strays, size_t begin, size_t end) {
  const std::string& folder = strays[begin].folder;
  std::vector<lance::StrayFile> files;
  for (size_t i = begin; i < end; ++i)
    files.push_back({.path = strays[i].path.substr(folder.size() + 1), .bytes = strays[i].bytes});
  return location.tables->RemoveStrays(request, Under(location.root, folder), files);
}

}  // namespace

Result<std::vector<Stray>> FindStrays(const Request& request, Catalog::State& state,
                                      int64_t older_than_micros) {
  return Finder(request, state, state.location.clock->NowMicros() - older_than_micros).Run();
}

Result<std::vector<Stray>> StillStrays(const Request& request, Catalog::State& state,
                                       const std::vector<Stray>& before) {
  TARN_ASSIGN_OR_RETURN(std::vector<Stray> now, FindStrays(request, state, 0));
  TARN_ASSIGN_OR_RETURN(const Promised promised, ReadPromised(request, state.location));
  std::set<std::string_view> known;
  for (const Stray& stray : before) known.insert(stray.path);
  std::erase_if(now, [&](const Stray& stray) {
    return !known.contains(stray.path) || promised.Needs(stray);
  });
  return now;
}

Status RemoveStrays(const Request& request, const Location& location,
                    const std::vector<Stray>& strays) {
  for (size_t begin = 0; begin < strays.size();) {
    const Stray& stray = strays[begin];
    const std::string uri = Under(location.root, stray.path);
    size_t end = begin + 1;
    switch (stray.kind) {
      case Stray::Kind::kFile:
        while (end < strays.size() && strays[end].kind == Stray::Kind::kFile &&
               strays[end].folder == stray.folder) {
          ++end;
        }
        TARN_RETURN_IF_ERROR(RemoveFiles(request, location, strays, begin, end));
        break;
      case Stray::Kind::kFork: TARN_RETURN_IF_ERROR(location.tables->DropFork(request, uri)); break;
      case Stray::Kind::kFolder:
        TARN_RETURN_IF_ERROR(
            location.tables->RemoveFolder(request, uri, /*dry_run=*/false).status());
        break;
      case Stray::Kind::kObject:
        TARN_RETURN_IF_ERROR(location.objects->Delete(request, stray.path));
        break;
    }
    begin = end;
  }
  return Status::Ok();
}

}  // namespace tarn::catalog
