#pragma once

// For the crash matrices of this room: every storage call of an act as a place where something else
// happens, and what must hold of the storage when all is over.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "tarn/catalog/limits.h"
#include "tarn/catalog/test_world.h"
#include "tarn/lance/fork_uri.h"

namespace tarn::catalog {

/// Every storage call there is (memory_faults.h).
inline constexpr const char* kOperations[] = {
    "get",   "put",  "list", "delete", "open",   "exists",  "fork",   "drop",    "stage", "commit",
    "probe", "scan", "take", "sync",   "verify", "discard", "remove", "folders", "strays"};

enum class Event : uint8_t { kDies, kFails, kAnswerLost, kRivalActs };
inline constexpr Event kEvents[] = {Event::kDies, Event::kFails, Event::kAnswerLost,
                                    Event::kRivalActs};

inline std::string Name(Event event) {
  switch (event) {
    case Event::kDies: return "dies";
    case Event::kFails: return "fails";
    case Event::kAnswerLost: return "answer lost";
    case Event::kRivalActs: return "a rival acts";
  }
  return "";
}

/// From now on the process does nothing any more.
inline void EndProcess(store::MemoryFaults& faults) {
  for (const char* operation : kOperations) faults.Add({.operation = operation, .nth = 0});
}

/// Makes `event` happen at the nth call of `operation` by `actor`, counted from now.
inline void Arm(Process& actor, Event event, const std::string& operation, uint64_t nth,
                std::function<void()> rival) {
  store::MemoryFault fault{.operation = operation, .nth = nth};
  switch (event) {
    case Event::kFails: break;
    case Event::kAnswerLost: fault.action = store::MemoryFault::Action::kLoseAnswer; break;
    case Event::kDies:
      // This call fails by its own action, which is chosen before `before` runs; all later ones
      // because the process has ended.
      fault.before = [&actor] { EndProcess(*actor.faults); };
      break;
    case Event::kRivalActs:
      fault.action = store::MemoryFault::Action::kNone;
      fault.before = std::move(rival);
      break;
  }
  actor.faults->Add(std::move(fault));
}

/// How often each operation is called while `act` runs. The order between tables may differ from
/// run to run, the counts do not.
inline std::map<std::string, uint64_t> CallsOf(const Process& actor,
                                               const std::function<void()>& act) {
  std::map<std::string, uint64_t> calls;
  for (const char* operation : kOperations) calls[operation] = actor.faults->calls(operation);
  act();
  for (auto& [operation, count] : calls) count = actor.faults->calls(operation) - count;
  return calls;
}

/// Calls `visit(operation, nth, event)` for each of these calls and events; answers how often.
template <typename Visit>
int ForEachCase(const std::map<std::string, uint64_t>& calls, const std::vector<Event>& events,
                Visit&& visit) {
  int cases = 0;
  for (const auto& [operation, count] : calls) {
    for (uint64_t nth = 1; nth <= count; ++nth) {
      for (const Event event : events) {
        SCOPED_TRACE(fmt::format("{} {} {}", operation, nth, Name(event)));
        visit(operation, nth, event);
        ++cases;
      }
    }
  }
  return cases;
}
template <typename Visit>
int ForEachCase(const std::map<std::string, uint64_t>& calls, Visit&& visit) {
  return ForEachCase(calls, {std::begin(kEvents), std::end(kEvents)}, visit);
}

/// All that the commits of all branches name.
struct NamedByCommits {
  std::set<std::string> locations;  ///< of tables and forks
  std::set<std::string> schemas;    ///< ids
  std::set<std::string> branches;   ///< ids

  explicit NamedByCommits(Catalog& catalog) {
    AddBranch(catalog, "main");
    for (const BranchEntry& branch : catalog.Branches({}).value()) {
      branches.insert(branch.id);
      AddBranch(catalog, branch.name);
    }
  }

 private:
  void AddBranch(Catalog& catalog, const std::string& branch) {
    for (const CommitRecord& commit : catalog.Commits({}, branch).value()) {
      const Snapshot at = catalog.At({}, commit.id).value();
      schemas.insert(at.manifest().schema_entry.id);
      for (const TableEntry& table : at.manifest().tables) locations.insert(table.location);
    }
  }
};

/// Everything that is stored and that nothing names, found without the code that removes it.
inline std::vector<std::string> StraysIn(const World& world, Catalog& catalog) {
  const NamedByCommits named(catalog);
  const auto tables = lance::OpenMemoryTableStore(world.tables);
  const auto at = [](std::string_view location) { return Under(kTestRoot, location); };
  std::vector<std::string> found;
  const auto files_of = [&](const std::string& location) {
    for (const lance::StrayFile& file : tables->Strays({}, at(location)).value())
      found.push_back(Under(location, file.path));
  };
  for (const std::string& folder : tables->Folders({}, at(kTablesFolder)).value()) {
    const std::string location = fmt::format("{}/{}", kTablesFolder, folder);
    if (!named.locations.contains(location)) found.push_back(location);
    for (const std::string& fork : tables->Folders({}, at(location + "/tree")).value()) {
      const std::string uri = lance::ForkUri(location, fork);
      if (!named.locations.contains(uri)) found.push_back(uri);
    }
    files_of(location);
  }
  for (const std::string& id : tables->Folders({}, at(kBranchesFolder)).value()) {
    if (!named.branches.contains(id)) found.push_back(fmt::format("{}/{}", kBranchesFolder, id));
    files_of(ManifestLocation(id));
  }
  files_of(std::string(kManifestFolder));
  for (const auto& [key, bytes] : world.Contents()) {
    if (!key.starts_with(kSchemaFolder)) continue;
    const std::string id = key.substr(kSchemaFolder.size() + 1, 26);
    if (!named.schemas.contains(id)) found.push_back(key);
  }
  return found;
}

/// The next cleanup takes all that nothing names and nothing else.
/// req: INDEX-26
inline void ExpectNothingStaysBehind(const World& world) {
  Process janitor(world, 1000 + world.Newest(kManifestFolder));  // its ids are its own
  janitor.clock.Pass(2 * kRetentionMinMicros);
  auto catalog = janitor.Open();
  ASSERT_TRUE(catalog.ok()) << catalog.status().ToString();
  const auto report = (*catalog)->Cleanup({}, {.keep = 1000, .confirm = true});
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_EQ(report->strays.error, "");
  EXPECT_EQ(report->commits_given_up, 0u);
  EXPECT_THAT(StraysIn(world, **catalog), testing::IsEmpty());
  EXPECT_TRUE(AddNodes(janitor, **catalog, {{"Person", {"afterwards"}}}).ok());
}

}  // namespace tarn::catalog
