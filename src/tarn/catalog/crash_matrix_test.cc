// Every storage call of one commit, and of the recovery after it, as a place where something else
// happens: the process ends there, the call fails, its answer is lost, or another writer's whole
// commit comes in between. The real code runs each case; nothing is modelled.
//
// invariant: risks R1-R5, R7, R10; req: WRITE-2, WRITE-8, WRITE-30, WRITE-57, WRITE-64

#include <set>

#include <gmock/gmock.h>

#include "tarn/catalog/test_world.h"

namespace tarn::catalog {
namespace {

using store::MemoryFault;
using ::testing::IsEmpty;

constexpr const char* kOperations[] = {"get",    "put",   "list",   "delete", "open",
                                       "exists", "stage", "commit", "probe",  "scan",
                                       "take",   "sync",  "verify", "discard"};
const NewNodes kMine = {{"Person", {"mine-1", "mine-2"}}, {"Place", {"mine"}}};
const NewNodes kTheirs = {{"Place", {"theirs"}}};

enum class Event : uint8_t { kDies, kFails, kAnswerLost, kRivalCommits };
constexpr Event kEvents[] = {Event::kDies, Event::kFails, Event::kAnswerLost, Event::kRivalCommits};

std::string Name(Event event) {
  switch (event) {
    case Event::kDies: return "dies";
    case Event::kFails: return "fails";
    case Event::kAnswerLost: return "answer lost";
    case Event::kRivalCommits: return "rival commits";
  }
  return "";
}

/// From now on the process does nothing any more.
void EndProcess(store::MemoryFaults& faults) {
  for (const char* operation : kOperations) faults.Add({.operation = operation, .nth = 0});
}

/// Counts calls: how often each operation was made. The order between tables may differ from run to
/// run, the counts do not.
std::map<std::string, uint64_t> CallsOf(const store::MemoryFaults& faults) {
  std::map<std::string, uint64_t> calls;
  for (const char* operation : kOperations) calls[operation] = faults.calls(operation);
  return calls;
}

/// A warehouse with an actor about to act and a rival that may come in between.
struct Scene {
  Scene() {
    Process maker(world, 1);
    EXPECT_TRUE(maker.Init().ok());
    catalog = actor.Open().value();
    rival_catalog = rival.Open().value();
  }

  void Arm(Event event, const std::string& operation, uint64_t nth) {
    MemoryFault fault{.operation = operation, .nth = nth};
    switch (event) {
      case Event::kFails: break;
      case Event::kAnswerLost: fault.action = MemoryFault::Action::kLoseAnswer; break;
      case Event::kDies:
        // This call fails by its own action, which is chosen before `before` runs; all later ones
        // because the process has ended.
        fault.before = [this] { EndProcess(*actor.faults); };
        break;
      case Event::kRivalCommits:
        fault.action = MemoryFault::Action::kNone;
        fault.before = [this] {
          rivals = AddNodes(rival, *rival_catalog, kTheirs, /*attempts=*/3);
        };
        break;
    }
    actor.faults->Add(std::move(fault));
  }

  World world;
  Process actor{world, 2};
  Process rival{world, 3};
  std::unique_ptr<Catalog> catalog;
  std::unique_ptr<Catalog> rival_catalog;
  std::optional<Result<CommitRecord>> rivals;
};

/// What must hold however it went: everything acknowledged is there, everything is whole, everybody
/// can go on.
void CheckWhole(Scene& scene, const Result<CommitRecord>& mine) {
  Process reader(scene.world, 50);
  const auto before = scene.world.Contents();
  EXPECT_TRUE(reader.Open(Access::kReadOnly).ok());
  EXPECT_EQ(scene.world.Contents(), before) << "a read-only open wrote";

  Process next(scene.world, 51);
  auto catalog = next.Open();
  ASSERT_TRUE(catalog.ok()) << catalog.status().ToString();
  EXPECT_THAT(scene.world.Intents(), IsEmpty());
  const Snapshot head = (*catalog)->Head({}).value();
  const std::vector<std::string> people = Ids(head, "Person");
  const std::vector<std::string> places = Ids(head, "Place");
  const auto count = [](const std::vector<std::string>& ids, const char* id) {
    return std::count(ids.begin(), ids.end(), Q(id));
  };
  const bool landed = !people.empty();
  EXPECT_EQ(people.size(), landed ? 2u : 0u) << "half a table";
  EXPECT_EQ(count(places, "mine"), landed ? 1 : 0) << "half a commit";
  if (mine.ok()) {
    EXPECT_TRUE(landed) << "acknowledged, then gone";
  } else if (mine.status().id() != ErrorId::kUnknownOutcome) {
    EXPECT_FALSE(landed) << "refused, then there: " << mine.status().ToString();
  }
  if (scene.rivals) {
    ASSERT_TRUE(scene.rivals->ok()) << scene.rivals->status().ToString();
    EXPECT_EQ(count(places, "theirs"), 1) << "the rival's commit is gone";
  }
  for (const TableEntry& table : head.manifest().tables) {
    EXPECT_EQ(scene.world.Newest(table.location), table.version)
        << table.Key() << " has a version nobody names";
  }
  EXPECT_TRUE(AddNodes(next, **catalog, {{"Person", {"later"}}}).ok()) << "the warehouse is stuck";
}

TEST(CrashMatrix, OfEveryCallOfACommit) {
  Scene rehearsal;
  const auto before = CallsOf(*rehearsal.actor.faults);
  ASSERT_TRUE(AddNodes(rehearsal.actor, *rehearsal.catalog, kMine).ok());
  int cases = 0;
  std::set<bool> outcomes;
  for (const auto& [operation, calls] : CallsOf(*rehearsal.actor.faults)) {
    for (uint64_t nth = 1; nth <= calls - before.at(operation); ++nth) {
      for (Event event : kEvents) {
        SCOPED_TRACE(fmt::format("{} {} {}", operation, nth, Name(event)));
        Scene scene;
        scene.Arm(event, operation, nth);
        const auto mine = AddNodes(scene.actor, *scene.catalog, kMine);
        scene.actor.faults->Clear();
        CheckWhole(scene, mine);
        outcomes.insert(mine.ok());
        ++cases;
      }
    }
  }
  EXPECT_GE(cases, 40);
  EXPECT_EQ(outcomes.size(), 2u) << "the matrix must reach both success and failure";
}

// req: WRITE-57: recovery itself is interrupted anywhere, and the next one converges.
TEST(CrashMatrix, OfEveryCallOfARecovery) {
  const auto crash = [](Scene& scene) {
    FailpointScope scope;
    scope.Stop("commit.after_intent");
    const auto mine = AddNodes(scene.actor, *scene.catalog, kMine);
    EXPECT_EQ(IdOf(mine), ErrorId::kUnknownOutcome);
    return mine;
  };
  Scene rehearsal;
  (void)crash(rehearsal);
  const auto before = CallsOf(*rehearsal.actor.faults);
  ASSERT_TRUE(rehearsal.actor.Open().ok());
  int cases = 0;
  for (const auto& [operation, calls] : CallsOf(*rehearsal.actor.faults)) {
    for (uint64_t nth = 1; nth <= calls - before.at(operation); ++nth) {
      for (Event event : kEvents) {
        SCOPED_TRACE(fmt::format("{} {} {}", operation, nth, Name(event)));
        Scene scene;
        const auto mine = crash(scene);
        scene.Arm(event, operation, nth);
        (void)scene.actor.Open();
        scene.actor.faults->Clear();
        CheckWhole(scene, mine);
        ++cases;
      }
    }
  }
  EXPECT_GE(cases, 40);
}

}  // namespace
}  // namespace tarn::catalog
