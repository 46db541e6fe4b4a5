// Removes what no kept commit needs. The one way in which this room destroys.
//
// Invariants
//   clean-1  What goes was given up first: main's manifest says below which number commits of a
//   line
//            are gone, and a tag or branch made at the same time is refused or seen, because both
//            want the same version of main's manifest. Only then files are deleted.
//   clean-2  A version is removed only below the newest version that a kept commit names, so what a
//            commit under way has landed is never touched.
//   clean-3  What was current within kRetentionMinMicros stays: no reader and no writer that paused
//            for less than kPauseMaxMicros loses anything, and the others look again.
//   clean-4  One table that cannot be cleaned is reported; the others are cleaned.
//   clean-5  Every line of which something goes gets a barrier first: what its writers staged until
//            then, they stage anew.
// What nothing names goes too (strays.h). A cleanup that ends early leaves files that the next one
// finds.

#include "tarn/catalog/cleanup.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "tarn/base/failpoint.h"
#include "tarn/catalog/catalog_state.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/retention.h"
#include "tarn/catalog/strays.h"
#include "tarn/catalog/topology_name.h"
#include "tarn/catalog/while_others_win.h"
#include "tarn/lance/fork_uri.h"

namespace tarn::catalog {
namespace {

/// What stays, of all lines.
struct Keepers {
  std::map<std::string, std::set<uint64_t>> versions_by_location;
  std::map<std::string, TableEntry> table_by_location;    ///< every table there ever was
  std::map<std::string, uint64_t> manifest_from_by_line;  ///< Lance version of its manifest
  std::set<std::string> topologies;                       ///< keys of those of kept commits
  std::vector<FloorEntry> floors;                         ///< that rise
  std::vector<BranchEntry> gone_branches;
  uint64_t commits_given_up = 0;
  uint64_t commits_kept = 0;
};

class Collector {
 public:
  Collector(const Request& request, Catalog::State& state, const RetentionRule& rule)
      : request_(request), state_(state), rule_(rule) {}

  Result<Keepers> Run(const Manifest& names) {
    std::vector<OpenLine*> lines = {&state_.main};
    std::set<std::string> live;
    for (const auto* branches : {&names.branches, &names.closing}) {
      for (const BranchEntry& branch : *branches) {
        TARN_ASSIGN_OR_RETURN(OpenLine * line, state_.Open(request_, branch.line()));
        TARN_RETURN_IF_ERROR(line->reader->Look(request_).status());
        lines.push_back(line);
        live.insert(branch.id);
      }
    }
    std::vector<std::vector<CommitRecord>> histories;
    for (OpenLine* const line : lines) {
      TARN_ASSIGN_OR_RETURN(histories.emplace_back(), line->reader->Commits(request_));
    }
    const std::set<std::string> bases = MergeBases(histories);
    for (size_t i = 0; i < lines.size(); ++i) {
      TARN_RETURN_IF_ERROR(AddLine(*lines[i], histories[i], names, bases));
    }
    TARN_ASSIGN_OR_RETURN(const auto ever, state_.main.reader->BranchesEver(request_));
    for (const auto& [id, branch] : ever) {
      if (!live.contains(id)) keepers_.gone_branches.push_back(branch);
    }
    return std::move(keepers_);
  }

 private:
  Status AddLine(OpenLine& line, const std::vector<CommitRecord>& commits, const Manifest& names,
                 const std::set<std::string>& bases) {
    const Line& of = line.reader->line();
    const int64_t now = state_.location.clock->NowMicros();
    const std::vector<bool> retained = Retained(commits, of.id, names, bases, rule_, now);
    for (size_t i = 0; i < commits.size(); ++i) {
      if (retained[i]) TARN_RETURN_IF_ERROR(AddCommit(line, commits[i]));
      ++(retained[i] ? keepers_.commits_kept : keepers_.commits_given_up);
    }
    const uint64_t floor = FloorAfter(commits, retained);
    if (floor > names.FloorOf(of.id))
      keepers_.floors.push_back({.line_id = of.id, .number = floor});
    AddManifest(of, commits, now);
    TARN_ASSIGN_OR_RETURN(const auto ever, line.reader->TablesEver(request_));
    for (const auto& [location, entry] : ever)
      keepers_.table_by_location.insert_or_assign(location, entry);
    return Status::Ok();
  }

  Status AddCommit(OpenLine& line, const CommitRecord& commit) {
    TARN_ASSIGN_OR_RETURN(const auto manifest, line.reader->At(request_, commit.id));
    for (const TableEntry& table : manifest->tables)
      keepers_.versions_by_location[table.location].insert(table.version);
    for (const schema::EdgeType& type : manifest->schema->edges) AddTopologies(*manifest, type);
    return Status::Ok();
  }

  void AddTopologies(const Manifest& manifest, const schema::EdgeType& type) {
    const TableEntry* edge = manifest.FindTable(TableKind::kEdge, type.name);
    const TableEntry* source = manifest.FindTable(TableKind::kNode, type.from);
    const TableEntry* target = manifest.FindTable(TableKind::kNode, type.to);
    if (edge == nullptr || source == nullptr || target == nullptr) return;
    for (const bool out : {true, false}) {
      keepers_.topologies.insert(TopologyKey(TopologyNameOf(*edge, *source, *target, out)));
    }
  }

  /// The past is told by the newest version of a manifest; older ones are for who is still on them.
  void AddManifest(const Line& line, const std::vector<CommitRecord>& commits, int64_t now) {
    uint64_t from = commits.front().manifest_version;
    for (const CommitRecord& commit : commits) {
      if (commit.created_at_micros < now - kRetentionMinMicros) from = commit.manifest_version;
    }
    keepers_.manifest_from_by_line[line.id] = from - line.first + 1;
  }

  const Request& request_;
  Catalog::State& state_;
  const RetentionRule& rule_;
  Keepers keepers_;
};

class Remover {
 public:
  Remover(const Request& request, Catalog::State& state, const Keepers& keepers, bool dry_run)
      : request_(request.In(Phase::kCleanup)),
        state_(state),
        keepers_(keepers),
        dry_run_(dry_run) {}

  CleanupReport Run() {
    CleanupReport report{.commits_given_up = keepers_.commits_given_up,
                         .commits_kept = keepers_.commits_kept};
    std::map<std::string, CleanedTable> by_key;
    for (const auto& [location, table] : keepers_.table_by_location) {
      const Result<lance::Removal> removal = CleanTable(location);
      Touch(table.owner, removal);
      Record(table.Key(), removal, by_key);
    }
    for (const BranchEntry& branch : keepers_.gone_branches) {
      const Result<bool> removed = RemoveBranch(branch, by_key);
      if (!removed.ok()) by_key["branch:" + branch.name].error = removed.status().message();
      if (removed.ok() && *removed) ++report.branches_removed;
    }
    for (auto& [key, table] : by_key) {
      table.key = key;
      report.tables.push_back(std::move(table));
    }
    std::map<std::string, CleanedTable> others;
    for (const auto& [line, from] : keepers_.manifest_from_by_line) {
      const Result<lance::Removal> removal = CleanManifest(line, from);
      Touch(line, removal);
      Record("manifest", removal, others);
    }
    Record("topology", CleanTopologies(), others);
    for (auto& [key, table] : others) {
      table.key = key;
      report.tables.push_back(std::move(table));
    }
    return report;
  }

  /// The lines of which something goes; a deleted branch is none any more.
  const std::set<std::string>& touched() const { return touched_; }

 private:
  void Touch(const std::string& line, const Result<lance::Removal>& removal) {
    const bool is_there = keepers_.manifest_from_by_line.contains(line);
    if (is_there && removal.ok() && removal->versions + removal->files > 0) touched_.insert(line);
  }

  static void Record(const std::string& key, const Result<lance::Removal>& removal,
                     std::map<std::string, CleanedTable>& by_key) {
    CleanedTable& table = by_key[key];
    if (!removal.ok()) {
      table.error = removal.status().message();
      return;
    }
    table.versions_removed += removal->versions;
    table.files_removed += removal->files;
    table.bytes_removed += removal->bytes;
    if (removal->failed > 0)
      table.error = fmt::format("{} files could not be deleted; run it again", removal->failed);
  }

  Result<lance::Removal> CleanTable(const std::string& location) {
    const auto kept = keepers_.versions_by_location.find(location);
    if (kept == keepers_.versions_by_location.end()) return RemoveTable(location);
    const uint64_t newest_kept = *kept->second.rbegin();
    return RemoveVersions(location, [&](uint64_t version) {
      return version < newest_kept && !kept->second.contains(version);
    });
  }

  Result<lance::Removal> CleanManifest(const std::string& line_id, uint64_t from) {
    return RemoveVersions(ManifestLocation(line_id),
                          [from](uint64_t version) { return version < from; });
  }

  /// One that a reader is about to load may go: it reads the edges then.
  Result<lance::Removal> CleanTopologies() {
    return RemoveObjects(std::string(kTopologyFolder), [this](const store::ObjectInfo& object) {
      return !keepers_.topologies.contains(object.key);
    });
  }

  template <typename Wanted>
  Result<lance::Removal> RemoveVersions(const std::string& location, Wanted&& wanted) {
    lance::TableStore& tables = *state_.location.tables;
    auto newest = tables.Open(request_, Under(state_.location.root, location), std::nullopt);
    if (!newest.ok() && newest.status().id() == ErrorId::kObjectNotFound) return lance::Removal();
    TARN_RETURN_IF_ERROR(newest.status());
    TARN_ASSIGN_OR_RETURN(std::vector<uint64_t> versions, tables.Versions(request_, **newest));
    std::erase_if(versions, [&](uint64_t version) { return !wanted(version); });
    if (versions.empty()) return lance::Removal();
    return tables.RemoveVersions(request_, **newest, versions, dry_run_);
  }

  /// A table or fork that no kept commit has.
  Result<lance::Removal> RemoveTable(const std::string& location) {
    const std::string uri = Under(state_.location.root, location);
    const bool is_fork = !lance::SplitForkUri(uri).fork.empty();
    const auto below = [&](const auto& kept) {
      return std::string_view(kept.first).starts_with(location + std::string(lance::kForkFolder));
    };
    if (!is_fork && std::ranges::any_of(keepers_.versions_by_location, below))
      return lance::Removal();  // its forks live on its files
    lance::TableStore& tables = *state_.location.tables;
    if (!is_fork || dry_run_) return tables.RemoveFolder(request_, uri, dry_run_);
    TARN_ASSIGN_OR_RETURN(const lance::Removal would,
                          tables.RemoveFolder(request_, uri, /*dry_run=*/true));
    TARN_RETURN_IF_ERROR(tables.DropFork(request_, uri));
    return would;
  }

  template <typename Each>
  Status EachObject(const std::string& folder, Each&& each) {
    std::string after;
    while (true) {
      TARN_ASSIGN_OR_RETURN(const std::vector<store::ObjectInfo> page,
                            state_.location.objects->List(request_, folder, after, kSweepPageKeys));
      for (const store::ObjectInfo& object : page) TARN_RETURN_IF_ERROR(each(object));
      if (page.size() < kSweepPageKeys) return Status::Ok();
      after = page.back().key;
    }
  }

  template <typename Wanted>
  Result<lance::Removal> RemoveObjects(const std::string& folder, Wanted&& wanted) {
    lance::Removal removal;
    TARN_RETURN_IF_ERROR(EachObject(folder, [&](const store::ObjectInfo& object) {
      if (!wanted(object)) return Status::Ok();
      ++removal.files;
      removal.bytes += object.size;
      return dry_run_ ? Status::Ok() : state_.location.objects->Delete(request_, object.key);
    }));
    return removal;
  }

  /// A deleted branch: the forks that only it wrote, then its manifest, so that a removal that ends
  /// early still finds the forks.
  Result<bool> RemoveBranch(const BranchEntry& branch,
                            std::map<std::string, CleanedTable>& by_key) {
    const std::string uri = Under(state_.location.root, ManifestLocation(branch.id));
    auto newest = state_.location.tables->Open(request_, uri, std::nullopt);
    if (!newest.ok() && newest.status().id() == ErrorId::kObjectNotFound) return false;
    TARN_RETURN_IF_ERROR(newest.status());
    TARN_ASSIGN_OR_RETURN(const std::unique_ptr<ManifestReader> reader,
                          ManifestReader::Open(request_, state_.location, state_.warehouse_id,
                                               branch.line(), std::move(newest).value()));
    TARN_ASSIGN_OR_RETURN(const auto tables, reader->TablesEver(request_));
    for (const auto& [location, entry] : tables) {
      if (entry.owner != branch.id) continue;
      Result<lance::Removal> removal = RemoveTable(location);
      TARN_RETURN_IF_ERROR(removal.status());
      Record(entry.Key(), removal, by_key);
    }
    const std::string folder =
        Under(state_.location.root, fmt::format("{}/{}", kBranchesFolder, branch.id));
    TARN_ASSIGN_OR_RETURN(const lance::Removal removal,
                          state_.location.tables->RemoveFolder(request_, folder, dry_run_));
    return removal.files > 0;
  }

  const Request request_;
  Catalog::State& state_;
  const Keepers& keepers_;
  const bool dry_run_;
  std::set<std::string> touched_;
};

CleanedStrays ReportOf(const std::vector<Stray>& strays) {
  CleanedStrays report;
  for (const Stray& stray : strays) {
    report.files += stray.files;
    report.bytes += stray.bytes;
    const bool is_folder = stray.kind == Stray::Kind::kFork || stray.kind == Stray::Kind::kFolder;
    if (report.paths.size() < kStraysListedMax)
      report.paths.push_back(stray.path + (is_folder ? "/" : ""));
  }
  return report;
}

/// The lines on which somebody may be about to name one of them. `names` were read after they were
/// listed: what is staged on a line that is newer than that is none of them.
std::set<std::string> LinesOf(const std::vector<Stray>& strays, const Manifest& names) {
  std::set<std::string> lines;
  bool any = false;
  for (const Stray& stray : strays) {
    any = any || stray.line.empty();
    if (!stray.line.empty()) lines.insert(stray.line);
  }
  if (!any) return lines;
  lines.insert(std::string(kMainBranch));
  for (const auto* branches : {&names.branches, &names.closing}) {
    for (const BranchEntry& branch : *branches) lines.insert(branch.id);
  }
  return lines;
}

/// A branch that is there, or is being deleted and may still take a commit.
std::optional<Line> FindLineById(const Manifest& names, std::string_view id) {
  if (id == kMainBranch) return Line();
  for (const auto* branches : {&names.branches, &names.closing}) {
    for (const BranchEntry& branch : *branches) {
      if (branch.id == id) return branch.line();
    }
  }
  return std::nullopt;
}

Result<RetentionRule> RuleOf(const CleanupOptions& options) {
  RetentionRule rule;
  if (!options.keep && !options.older_than_micros) {
    rule.keep = kKeepCommitsDefault;
  } else {
    rule.keep = options.keep.value_or(0);
    rule.older_than_micros = options.older_than_micros.value_or(0);
  }
  if (options.keep && *options.keep < kKeepCommitsMin && !options.below_minimum) {
    return Error(
               ErrorId::kInvalidArgument,
               "keeping {} commits would remove what recovery may have to go back to; the least is "
               "{}",
               *options.keep, kKeepCommitsMin)
        .WithHint("--force does it all the same");
  }
  return rule;
}

/// What was found before the barriers and is named by nothing after them.
CleanedStrays SweepStrays(const Request& request, Catalog::State& state,
                          const std::vector<Stray>& before) {
  if (before.empty()) return {};
  const Result<std::vector<Stray>> strays = StillStrays(request, state, before);
  CleanedStrays report;
  if (strays.ok()) report = ReportOf(*strays);
  const Status removed =
      strays.ok() ? RemoveStrays(request, state.location, *strays) : strays.status();
  if (!removed.ok()) report.error = removed.message();
  return report;
}

Status CheckNoIntents(const Request& request, const Location& location) {
  TARN_ASSIGN_OR_RETURN(const std::vector<store::ObjectInfo> found,
                        location.objects->List(request, kIntentFolder, "", 1));
  if (found.empty()) return Status::Ok();
  return Error(ErrorId::kRecoveryRequired, "{}: a commit is under way", found[0].key)
      .WithHint("Try again. If it stays, open the warehouse for writing: that finishes it.");
}

}  // namespace

/// A deleted branch needs none: nothing lands on it any more.
Status Catalog::RaiseBarriers(const Request& request, const std::set<std::string>& line_ids) {
  const Request read = request.In(Phase::kRead);
  for (const std::string& id : line_ids) {
    const auto attempt = [&]() -> Result<bool> {
      TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const Manifest> names, state_->LookAtMain(read));
      const std::optional<Line> of = FindLineById(*names, id);
      if (!of) return true;
      TARN_ASSIGN_OR_RETURN(OpenLine * line, state_->Open(read, *of));
      TARN_ASSIGN_OR_RETURN(const ManifestReader::Head head, line->reader->Look(read));
      if (head.manifest->closed) return true;
      CommitPlan plan{.base = state_->SnapshotOf(head.manifest), .operation = "cleanup"};
      plan.names.push_back(BarrierEntry{.epoch = head.manifest->barrier + 1,
                                        .actor = request.actor,
                                        .created_at_micros = state_->location.clock->NowMicros()});
      TARN_RETURN_IF_ERROR(Commit(request, std::move(plan)).status());
      return true;
    };
    TARN_RETURN_IF_ERROR(WhileOthersWin(kNameRetriesMax, attempt).status());
  }
  return Status::Ok();
}

Result<CleanupReport> Catalog::Cleanup(const Request& request, const CleanupOptions& options) {
  TARN_ASSIGN_OR_RETURN(const RetentionRule rule, RuleOf(options));
  const Request read = request.In(Phase::kRead);
  if (options.confirm) {
    if (state_->access == Access::kReadOnly) {
      return Error(ErrorId::kReadOnlyWarehouse, "{} was opened read-only", state_->location.root);
    }
    TARN_RETURN_IF_ERROR(FinishDeletes(request));
  }
  TARN_RETURN_IF_ERROR(CheckNoIntents(read, state_->location));
  TARN_ASSIGN_OR_RETURN(
      const Keepers keepers, WhileOthersWin(kNameRetriesMax, [&]() -> Result<Keepers> {
        TARN_ASSIGN_OR_RETURN(const Snapshot base, Head(request));
        TARN_ASSIGN_OR_RETURN(Keepers found, Collector(read, *state_, rule).Run(base.manifest()));
        if (!options.confirm || found.floors.empty()) return found;
        CommitPlan plan{.base = base, .operation = "cleanup"};
        for (const FloorEntry& floor : found.floors) plan.names.push_back(floor);
        TARN_RETURN_IF_ERROR(Commit(request, std::move(plan)).status());
        return found;
      }));
  TARN_FAILPOINT("cleanup.after_floor");
  Remover preview(read, *state_, keepers, /*dry_run=*/true);
  CleanupReport report = preview.Run();
  TARN_ASSIGN_OR_RETURN(const std::vector<Stray> strays,
                        FindStrays(read, *state_, options.strays_older_than_micros));
  report.strays = ReportOf(strays);
  if (!options.confirm) return report;
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const Manifest> names, state_->LookAtMain(read));
  std::set<std::string> lines = LinesOf(strays, *names);
  lines.insert(preview.touched().begin(), preview.touched().end());
  TARN_RETURN_IF_ERROR(RaiseBarriers(request, lines));
  TARN_FAILPOINT("cleanup.after_barrier");
  report = Remover(request, *state_, keepers, /*dry_run=*/false).Run();
  report.strays = SweepStrays(request.In(Phase::kCleanup), *state_, strays);
  TARN_FAILPOINT("cleanup.after_strays");
  return report;
}

}  // namespace tarn::catalog
