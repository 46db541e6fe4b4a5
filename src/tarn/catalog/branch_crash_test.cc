// Every storage call of making, writing to, and deleting a branch, as a place where something else
// happens: the process ends there, the call fails, its answer is lost, or a rival's whole commit
// comes in between.
//
// invariant: branch-1, branch-2, branch-4; risks 2.10, 2.11; req: BRANCH-1 BRANCH-7

#include <set>

#include <gmock/gmock.h>

#include "tarn/catalog/test_world.h"

namespace tarn::catalog {
namespace {

using store::MemoryFault;
using ::testing::IsEmpty;

constexpr const char* kOperations[] = {"get",  "put",    "list",    "delete", "open", "exists",
                                       "fork", "stage",  "commit",  "probe",  "scan", "take",
                                       "sync", "verify", "discard", "drop"};

enum class Event : uint8_t { kDies, kFails, kAnswerLost, kRivalOnMain, kRivalOnBranch };
constexpr Event kEvents[] = {Event::kDies, Event::kFails, Event::kAnswerLost, Event::kRivalOnMain,
                             Event::kRivalOnBranch};

std::string Name(Event event) {
  switch (event) {
    case Event::kDies: return "dies";
    case Event::kFails: return "fails";
    case Event::kAnswerLost: return "answer lost";
    case Event::kRivalOnMain: return "rival commits on main";
    case Event::kRivalOnBranch: return "rival commits on the branch";
  }
  return "";
}

std::map<std::string, uint64_t> CallsOf(const store::MemoryFaults& faults) {
  std::map<std::string, uint64_t> calls;
  for (const char* operation : kOperations) calls[operation] = faults.calls(operation);
  return calls;
}

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

  void Arm(Event event, const std::string& operation, uint64_t nth) {
    MemoryFault fault{.operation = operation, .nth = nth};
    switch (event) {
      case Event::kFails: break;
      case Event::kAnswerLost: fault.action = MemoryFault::Action::kLoseAnswer; break;
      case Event::kDies:
        fault.before = [this] {
          for (const char* each : kOperations) actor.faults->Add({.operation = each, .nth = 0});
        };
        break;
      case Event::kRivalOnMain:
      case Event::kRivalOnBranch:
        fault.action = MemoryFault::Action::kNone;
        fault.before = [this, event] {
          rival_branch = event == Event::kRivalOnMain ? "main" : "old";
          rivals = AddNodes(rival, *rival_catalog, {{"Place", {"theirs"}}}, 3, rival_branch);
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
}

TEST(BranchCrashMatrix, OfEveryCall) {
  for (const Act& act : Acts()) {
    Scene rehearsal;
    const auto before = CallsOf(*rehearsal.actor.faults);
    ASSERT_TRUE(act.run(rehearsal).ok());
    int cases = 0;
    std::set<bool> outcomes;
    for (const auto& [operation, calls] : CallsOf(*rehearsal.actor.faults)) {
      for (uint64_t nth = 1; nth <= calls - before.at(operation); ++nth) {
        for (Event event : kEvents) {
          SCOPED_TRACE(fmt::format("{}: {} {} {}", act.name, operation, nth, Name(event)));
          Scene scene;
          scene.Arm(event, operation, nth);
          const Status outcome = act.run(scene);
          scene.actor.faults->Clear();
          CheckWhole(scene, act, outcome);
          outcomes.insert(outcome.ok());
          ++cases;
        }
      }
    }
    RecordProperty(fmt::format("cases_{}", act.name), cases);
    EXPECT_GE(cases, 40) << act.name;
    EXPECT_EQ(outcomes.size(), 2u) << act.name << " must both succeed and fail";
  }
}

}  // namespace
}  // namespace tarn::catalog
