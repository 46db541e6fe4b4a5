// Every storage call of making, writing to, and deleting a branch, as a place where something else
// happens: the process ends there, the call fails, its answer is lost, or a rival's whole commit
// comes in between.
//
// invariant: branch-1, branch-2, branch-4; risks 2.10, 2.11; req: BRANCH-1 BRANCH-7

#include <set>

#include <gmock/gmock.h>

#include "tarn/catalog/crash_events.h"

namespace tarn::catalog {
namespace {

using ::testing::IsEmpty;

/// A warehouse with a branch "old" that has a commit, an actor about to act, and a rival.
struct Scene {
  Scene() {
    Process maker(world, 1);
    EXPECT_TRUE(maker.Init().ok());
    auto first = maker.Open().value();
    EXPECT_TRUE(AddNodes(maker, *first, {{"Person", {"ada"}}}).ok());
    EXPECT_TRUE(first->CreateBranch({}, "old", "main").ok());
    EXPECT_TRUE(AddNodes(maker, *first, {{"Person", {"bob"}}}, 1, "old").ok());
    EXPECT_TRUE(first->CreateBranch({}, "fresh", "main").ok());
    catalog = actor.Open().value();
    rival_catalog = rival.Open().value();
    // What a process knows already it does not ask for again: the calls are those of the act.
    for (const char* branch : {"main", "old", "fresh"}) {
      EXPECT_TRUE(catalog->Head({}, branch).ok());
      EXPECT_TRUE(rival_catalog->Head({}, branch).ok());
    }
  }

  void ArmAt(Event event, const std::string& operation, uint64_t nth, const char* branch) {
    Arm(actor, event, operation, nth, [this, branch] {
      rival_branch = branch;
      rivals = AddNodes(rival, *rival_catalog, {{"Place", {"theirs"}}}, 3, rival_branch);
    });
  }

  World world;
  Process actor{world, 2};
  Process rival{world, 3};
  std::unique_ptr<Catalog> catalog;
  std::unique_ptr<Catalog> rival_catalog;
  std::string rival_branch;
  std::optional<Result<CommitRecord>> rivals;
};

/// Something a user does with branches.
struct Act {
  const char* name;
  std::function<Status(Scene&)> run;
  /// What it leaves when it happened, and when not: asked of a process that opened afterwards.
  std::function<bool(Catalog&)> happened;
};

bool HasBranch(Catalog& catalog, const std::string& name) {
  for (const BranchEntry& branch : catalog.Branches({}).value()) {
    if (branch.name == name) return true;
  }
  return false;
}

const std::vector<Act>& Acts() {
  static const std::vector<Act> acts = {
      {"create",
       [](Scene& scene) {
         return scene.catalog->CreateBranch(scene.actor.request, "new", "old").status();
       },
       [](Catalog& catalog) {
         if (!HasBranch(catalog, "new")) return false;
         const auto people = Ids(catalog.Head({}, "new").value(), "Person");
         EXPECT_EQ(people, (std::vector<std::string>{Q("ada"), Q("bob")})) << "half a branch";
         return true;
       }},
      {"first write",
       [](Scene& scene) {
         return AddNodes(scene.actor, *scene.catalog,
                         {{"Person", {"mine-1", "mine-2"}}, {"Place", {"mine"}}}, 1, "fresh")
             .status();
       },
       [](Catalog& catalog) {
         const Snapshot head = catalog.Head({}, "fresh").value();
         const bool landed = Ids(head, "Person").size() == 3;
         EXPECT_EQ(Ids(head, "Person").size(), landed ? 3u : 1u) << "half a table";
         EXPECT_EQ(Ids(head, "Place").size(), landed ? 1u : 0u) << "half a commit";
         return landed;
       }},
      {"delete",
       [](Scene& scene) {
         return scene.catalog->DeleteBranch(scene.actor.request, "old").status();
       },
       [](Catalog& catalog) { return !HasBranch(catalog, "old"); }},
      {"tag",
       [](Scene& scene) {
         return scene.catalog->CreateTag(scene.actor.request, "t", "main").status();
       },
       [](Catalog& catalog) { return !catalog.Tags({}).value().empty(); }},
  };
  return acts;
}

void CheckWhole(Scene& scene, const Act& act, const Status& outcome) {
  Process reader(scene.world, 50);
  const auto before = scene.world.Contents();
  EXPECT_TRUE(reader.Open(Access::kReadOnly).ok());
  EXPECT_EQ(scene.world.Contents(), before) << "a read-only open wrote";

  Process next(scene.world, 51);
  auto opened = next.Open();
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  Catalog& catalog = **opened;
  EXPECT_THAT(scene.world.Intents(), IsEmpty());
  const bool happened = act.happened(catalog);
  if (outcome.ok()) {
    EXPECT_TRUE(happened) << "acknowledged, then gone";
  } else if (outcome.id() != ErrorId::kUnknownOutcome) {
    EXPECT_FALSE(happened) << "refused, then there: " << outcome.ToString();
  }
  const bool rival_landed = scene.rivals && scene.rivals->ok();
  if (scene.rivals && !rival_landed) {
    EXPECT_EQ(IdOf(*scene.rivals), ErrorId::kBranchNotFound) << scene.rivals->status().ToString();
    EXPECT_FALSE(HasBranch(catalog, scene.rival_branch)) << "a writer was refused without a cause";
  }
  if (rival_landed && (scene.rival_branch == "main" || HasBranch(catalog, scene.rival_branch))) {
    const auto places = Ids(catalog.Head({}, scene.rival_branch).value(), "Place");
    EXPECT_EQ(std::count(places.begin(), places.end(), Q("theirs")), 1) << "a commit is lost";
  }
  // Everybody goes on, and every name can be had.
  EXPECT_TRUE(AddNodes(next, catalog, {{"Person", {"later"}}}, 2).ok());
  EXPECT_TRUE(AddNodes(next, catalog, {{"Person", {"later"}}}, 2, "fresh").ok());
  for (const char* name : {"old", "new"}) {
    if (!HasBranch(catalog, name)) {
      EXPECT_TRUE(catalog.CreateBranch({}, name, "main").ok()) << name;
    }
    EXPECT_TRUE(AddNodes(next, catalog, {{"Person", {"latest"}}}, 2, name).ok()) << name;
  }
  EXPECT_TRUE(next.Open().ok());
  ExpectNothingStaysBehind(scene.world);
}

TEST(BranchCrashMatrix, OfEveryCall) {
  for (const Act& act : Acts()) {
    SCOPED_TRACE(act.name);
    Scene rehearsal;
    std::set<bool> outcomes;
    const auto calls = CallsOf(rehearsal.actor, [&] { ASSERT_TRUE(act.run(rehearsal).ok()); });
    const int cases =
        ForEachCase(calls, [&](const std::string& operation, uint64_t nth, Event event) {
          for (const char* rivals_branch : {"main", "old"}) {
            if (event != Event::kRivalActs && rivals_branch != std::string_view("main")) continue;
            Scene scene;
            scene.ArmAt(event, operation, nth, rivals_branch);
            const Status outcome = act.run(scene);
            scene.actor.faults->Clear();
            CheckWhole(scene, act, outcome);
            outcomes.insert(outcome.ok());
          }
        });
    RecordProperty(fmt::format("cases_{}", act.name), cases);
    EXPECT_GE(cases, 32) << act.name;
    EXPECT_EQ(outcomes.size(), 2u) << act.name << " must both succeed and fail";
  }
}

}  // namespace
}  // namespace tarn::catalog
