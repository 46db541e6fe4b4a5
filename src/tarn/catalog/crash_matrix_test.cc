// Every storage call of one commit, and of the recovery after it, as a place where something else
// happens: the process ends there, the call fails, its answer is lost, or another writer's whole
// commit comes in between. The real code runs each case; nothing is modelled.
//
// invariant: risks R1-R5, R7, R10; req: WRITE-2, WRITE-8, WRITE-30, WRITE-57, WRITE-64

#include <set>

#include <gmock/gmock.h>

#include "tarn/catalog/crash_events.h"

namespace tarn::catalog {
namespace {

using ::testing::IsEmpty;

const NewNodes kMine = {{"Person", {"mine-1", "mine-2"}}, {"Place", {"mine"}}};
const NewNodes kTheirs = {{"Place", {"theirs"}}};

/// A warehouse with an actor about to act and a rival that may come in between.
struct Scene {
  Scene() {
    Process maker(world, 1);
    EXPECT_TRUE(maker.Init().ok());
    catalog = actor.Open().value();
    rival_catalog = rival.Open().value();
  }

  void ArmAt(Event event, const std::string& operation, uint64_t nth) {
    Arm(actor, event, operation, nth,
        [this] { rivals = AddNodes(rival, *rival_catalog, kTheirs, /*attempts=*/3); });
  }
  /// A commit of somebody who does not know Tarn.
  void CommitBeside(std::string_view type) {
    Process stranger(world, 77);
    const std::string location =
        catalog->Head({})->manifest().FindTable(TableKind::kNode, type)->location;
    auto table = stranger.tables->Open({}, Under(kTestRoot, location), std::nullopt).value();
    auto staged =
        stranger.tables->StageAppend({}, *table, NodeRows(table->schema(), {"stranger"}), {});
    ASSERT_TRUE(stranger.tables->CommitExact({}, *table, **staged, {}).ok());
    has_stranger = true;
  }

  World world;
  Process actor{world, 2};
  Process rival{world, 3};
  std::unique_ptr<Catalog> catalog;
  std::unique_ptr<Catalog> rival_catalog;
  std::optional<Result<CommitRecord>> rivals;
  bool has_stranger = false;
};

void ExpectNoDrift(const Scene& scene, const Snapshot& head) {
  for (const TableEntry& table : head.manifest().tables) {
    EXPECT_EQ(scene.world.Newest(table.location), table.version)
        << table.Key() << " has a version nobody names";
  }
}

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
  if (!scene.has_stranger) ExpectNoDrift(scene, head);
  // A stranger's version costs who meets it one conflict.
  const auto later = AddNodes(next, **catalog, {{"Person", {"later"}}, {"Place", {"later"}}},
                              /*attempts=*/scene.has_stranger ? 2 : 1);
  EXPECT_TRUE(later.ok()) << "the warehouse is stuck: " << later.status().ToString();
  ExpectNoDrift(scene, (*catalog)->Head({}).value());
  ExpectNothingStaysBehind(scene.world);
}

TEST(CrashMatrix, OfEveryCallOfACommit) {
  Scene rehearsal;
  std::set<bool> outcomes;
  const auto calls = CallsOf(rehearsal.actor, [&] {
    ASSERT_TRUE(AddNodes(rehearsal.actor, *rehearsal.catalog, kMine).ok());
  });
  const int cases =
      ForEachCase(calls, [&](const std::string& operation, uint64_t nth, Event event) {
        Scene scene;
        scene.ArmAt(event, operation, nth);
        const auto mine = AddNodes(scene.actor, *scene.catalog, kMine);
        scene.actor.faults->Clear();
        CheckWhole(scene, mine);
        outcomes.insert(mine.ok());
      });
  EXPECT_GE(cases, 40);
  EXPECT_EQ(outcomes.size(), 2u) << "the matrix must reach both success and failure";
}

/// What is left to do for whoever opens next.
using Crash = std::function<Result<CommitRecord>(Scene&)>;

void CheckEveryCallOfRecovery(const Crash& crash) {
  Scene rehearsal;
  (void)crash(rehearsal);
  const auto calls = CallsOf(rehearsal.actor, [&] { ASSERT_TRUE(rehearsal.actor.Open().ok()); });
  const int cases =
      ForEachCase(calls, [&](const std::string& operation, uint64_t nth, Event event) {
        Scene scene;
        const auto mine = crash(scene);
        scene.ArmAt(event, operation, nth);
        (void)scene.actor.Open();
        scene.actor.faults->Clear();
        CheckWhole(scene, mine);
      });
  EXPECT_GE(cases, 40);
}

Result<CommitRecord> StopAfterIntent(Scene& scene) {
  FailpointScope scope;
  scope.Stop("commit.after_intent");
  const auto mine = AddNodes(scene.actor, *scene.catalog, kMine);
  EXPECT_EQ(IdOf(mine), ErrorId::kUnknownOutcome);
  return mine;
}

// req: WRITE-57: recovery itself is interrupted anywhere, and the next one converges.
TEST(CrashMatrix, OfEveryCallOfARecovery) { CheckEveryCallOfRecovery(StopAfterIntent); }

// The same where the commit cannot go forward: it is given up, wherever that is interrupted.
TEST(CrashMatrix, OfEveryCallOfAnUndo) {
  CheckEveryCallOfRecovery([](Scene& scene) {
    auto mine = StopAfterIntent(scene);
    scene.CommitBeside("Place");
    return mine;
  });
}

// And of the writer that meets it itself.
TEST(CrashMatrix, OfEveryCallOfACommitThatIsUndone) {
  Scene rehearsal;
  rehearsal.CommitBeside("Person");
  const auto calls = CallsOf(rehearsal.actor, [&] {
    EXPECT_EQ(IdOf(AddNodes(rehearsal.actor, *rehearsal.catalog, kMine)), ErrorId::kCommitConflict);
  });
  const int cases =
      ForEachCase(calls, [&](const std::string& operation, uint64_t nth, Event event) {
        Scene scene;
        scene.CommitBeside("Person");
        scene.ArmAt(event, operation, nth);
        const auto mine = AddNodes(scene.actor, *scene.catalog, kMine);
        scene.actor.faults->Clear();
        CheckWhole(scene, mine);
      });
  EXPECT_GE(cases, 40);
}

}  // namespace
}  // namespace tarn::catalog
