// What a crashed, stalled or unlucky writer leaves, and who brings it to its end.

#include <functional>
#include <utility>

#include <gmock/gmock.h>

#include "tarn/catalog/intent.h"
#include "tarn/catalog/test_world.h"

namespace tarn::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Action = store::MemoryFault::Action;

const NewNodes kWrite = {{"Person", {"a", "b"}}, {"Place", {"x"}}};

class RecoveryTest : public testing::Test {
 protected:
  RecoveryTest() {
    EXPECT_TRUE(writer_.Init().ok());
    catalog_ = writer_.Open().value();
    base_ = std::make_unique<Snapshot>(catalog_->Head({}).value());
  }

  Result<CommitRecord> Write() { return AddNodes(writer_, *catalog_, kWrite); }
  /// "none" or "all" of kWrite, never a part of it.
  static std::string Seen(const Snapshot& snapshot) {
    const size_t people = Ids(snapshot, "Person").size();
    const size_t places = Ids(snapshot, "Place").size();
    if (people == 0 && places == 0) return "none";
    return people == 2 && places == 1 ? "all"
                                      : fmt::format("{} people and {} places", people, places);
  }
  /// What a new process sees that opens for writing; the warehouse must then be whole.
  std::string Reopened() {
    Process process(world_, next_seed_++);
    auto catalog = process.Open();
    EXPECT_TRUE(catalog.ok()) << catalog.status().ToString();
    if (!catalog.ok()) return "refused";
    const Snapshot head = (*catalog)->Head({}).value();
    for (const TableEntry& table : head.manifest().tables) {
      EXPECT_EQ(world_.Newest(table.location), table.version)
          << table.Key();  // no version that no commit names
    }
    EXPECT_THAT(world_.Intents(), IsEmpty());
    return Seen(head);
  }
  std::string ReadOnly() {
    const auto before = world_.Contents();
    Process process(world_, next_seed_++);
    auto catalog = process.Open(Access::kReadOnly);
    EXPECT_TRUE(catalog.ok()) << catalog.status().ToString();
    const std::string seen = Seen((*catalog)->Head({}).value());
    EXPECT_EQ(world_.Contents(), before);
    return seen;
  }
  std::string PersonLocation() {
    return base_->manifest().FindTable(TableKind::kNode, "Person")->location;
  }
  void Put(const std::string& key, const std::string& bytes) {
    ASSERT_TRUE(
        writer_.objects->Put({}, key, bytes, store::PutMode::kOverwrite, store::Sync::kProcess)
            .ok());
  }
  /// A commit of somebody who does not know Tarn.
  void CommitBeside(const std::string& location) {
    Process stranger(world_, 77);
    auto table = stranger.tables->Open({}, Under(kTestRoot, location), std::nullopt);
    auto staged =
        stranger.tables->StageAppend({}, **table, NodeRows((*table)->schema(), {"stranger"}), {});
    ASSERT_TRUE(stranger.tables->CommitExact({}, **table, **staged, {}).ok());
  }

  World world_;
  Process writer_{world_};
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Snapshot> base_;
  FailpointScope scope_;
  uint64_t next_seed_ = 100;
};

struct Stop {
  const char* failpoint;
  bool has_intent;     ///< the intent is there, nothing may answer "failed" any more
  const char* before;  ///< what a reader sees before anybody opens for writing
  const char* after;   ///< and after
};

// req: WRITE-2, WRITE-19, WRITE-25, WRITE-30, WRITE-54, WRITE-57
TEST_F(RecoveryTest, AProcessThatEndsAnywhereLeavesAllOrNothing) {
  for (const Stop& stop : {Stop{"commit.after_sync", false, "none", "none"},
                           Stop{"commit.after_intent", true, "none", "all"},
                           Stop{"commit.after_effect", true, "none", "all"},
                           Stop{"commit.after_effects", true, "none", "all"},
                           Stop{"commit.before_publish", true, "none", "all"},
                           Stop{"commit.after_publish", true, "all", "all"},
                           Stop{"commit.after_retire", false, "all", "all"}}) {
    world_ = World();
    Process process(world_, next_seed_++);
    ASSERT_TRUE(process.Init().ok());
    auto catalog = process.Open().value();
    scope_.Stop(stop.failpoint);
    const auto outcome = AddNodes(process, *catalog, kWrite);
    ASSERT_FALSE(outcome.ok()) << stop.failpoint;
    if (std::string(stop.failpoint) != "commit.after_sync") {
      EXPECT_EQ(IdOf(outcome), ErrorId::kUnknownOutcome) << stop.failpoint;
    }
    DisarmAllFailpoints();
    EXPECT_EQ(world_.Intents().size(), stop.has_intent ? 1u : 0u) << stop.failpoint;
    EXPECT_EQ(ReadOnly(), stop.before) << stop.failpoint;
    EXPECT_EQ(Reopened(), stop.after) << stop.failpoint;
    EXPECT_EQ(Reopened(), stop.after) << stop.failpoint;
  }
}

// req: WRITE-37: the next write of the same handle heals, without a restart.
TEST_F(RecoveryTest, TheSameHandleFinishesItsOwnBrokenCommit) {
  scope_.Stop("commit.after_effects");
  EXPECT_EQ(IdOf(Write()), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  const auto record = AddNodes(writer_, *catalog_, {{"Place", {"y"}}}, /*attempts=*/2);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const Snapshot head = catalog_->Head({}).value();
  EXPECT_EQ(Ids(head, "Person").size(), 2u);
  EXPECT_EQ(Ids(head, "Place").size(), 2u);
  EXPECT_EQ(head.manifest().version, 3u);
}

// req: WRITE-9: the loser of a slot is told to plan again, once the other's commit is whole.
TEST_F(RecoveryTest, AnUnknownOutcomeNamesTheCommitThatTellsLater) {
  scope_.Stop("commit.after_effects");
  const auto unknown = Write();
  DisarmAllFailpoints();
  ASSERT_EQ(unknown.status().detail()->kind, "unknown_outcome");
  const std::string json = unknown.status().detail()->json;
  const std::string id = json.substr(json.find(':') + 2, 26);
  EXPECT_EQ(IdOf(catalog_->At({}, id)), ErrorId::kCommitNotFound);
  EXPECT_EQ(Reopened(), "all");
  EXPECT_EQ(catalog_->At({}, id)->commit().id, id);
}

// A writer stalls after its intent; another one meets the intent, finishes it, plans again and
// lands. The stalled one wakes and acknowledges its own commit, which nobody wrote twice.
TEST_F(RecoveryTest, AStalledWriterIsHelpedAndAcknowledgesTheSameCommit) {
  for (const char* step : {"commit.after_intent", "commit.after_effect", "commit.after_effects",
                           "commit.before_publish", "commit.after_publish"}) {
    world_ = World();
    Process process(world_, next_seed_++);
    ASSERT_TRUE(process.Init().ok());
    auto stalled = process.Open().value();
    Process helper(world_, next_seed_++);
    auto other = helper.Open().value();
    Result<CommitRecord> helped = Error(ErrorId::kInternal, "the helper did not run");
    scope_.Once(step,
                [&] { helped = AddNodes(helper, *other, {{"Place", {"z"}}}, /*attempts=*/2); });
    const auto record = AddNodes(process, *stalled, kWrite);
    ASSERT_TRUE(record.ok()) << step << record.status().ToString();
    ASSERT_TRUE(helped.ok()) << step << helped.status().ToString();
    EXPECT_EQ(record->manifest_version, 2u);
    EXPECT_EQ(helped->manifest_version, 3u) << step;
    EXPECT_EQ(helped->parent_id, record->id);
    const Snapshot head = stalled->Head({}).value();
    EXPECT_EQ(head.commit().id, helped->id);
    EXPECT_THAT(Ids(head, "Person"), ElementsAre(Q("a"), Q("b")));
    EXPECT_THAT(Ids(head, "Place"), ElementsAre(Q("x"), Q("z")));
    EXPECT_THAT(world_.Intents(), IsEmpty());
  }
}

// req: WRITE-63: lost answers, at each step that changes something.
TEST_F(RecoveryTest, ALostAnswerIsResolvedByLooking) {
  struct Lost {
    const char* operation;
    const char* where;
  };
  for (const Lost& lost : {Lost{"put", "__recovery"}, Lost{"commit", "tables/"},
                           Lost{"commit", "__manifest"}, Lost{"delete", "__recovery"}}) {
    for (Action action : {Action::kLoseAnswer, Action::kFail}) {
      world_ = World();
      Process process(world_, next_seed_++);
      ASSERT_TRUE(process.Init().ok());
      auto catalog = process.Open().value();
      process.faults->Add(
          {.operation = lost.operation, .nth = 1, .action = action, .where = lost.where});
      const auto record = AddNodes(process, *catalog, kWrite);
      ASSERT_TRUE(record.ok()) << lost.operation << lost.where << record.status().ToString();
      EXPECT_EQ(catalog->Head({})->commit().id, record->id);
      EXPECT_EQ(Reopened(), "all");
    }
  }
}

TEST_F(RecoveryTest, WhenTheStorageStaysSilentTheOutcomeIsUnknown) {
  struct Silent {
    const char* operation;
    const char* where;
    const char* after;
  };
  for (const Silent& silent :
       {Silent{"put", "__recovery", "none"}, Silent{"exists", "__manifest", "all"},
        Silent{"commit", "tables/", "all"}, Silent{"commit", "__manifest", "all"}}) {
    world_ = World();
    Process process(world_, next_seed_++);
    ASSERT_TRUE(process.Init().ok());
    auto catalog = process.Open().value();
    CommitPlan plan = PlanNodes(process, catalog->Head({}).value(), kWrite).value();
    process.faults->Add({.operation = silent.operation, .nth = 0, .where = silent.where});
    EXPECT_EQ(IdOf(catalog->Commit({}, std::move(plan))), ErrorId::kUnknownOutcome)
        << silent.operation;
    EXPECT_EQ(process.faults->calls("discard"), 0u);  // whoever finishes it needs the files
    EXPECT_EQ(Reopened(), silent.after) << silent.operation << silent.where;
  }
}

// req: WRITE-23: failing to clear an intent away concerns nobody; the next open does it.
TEST_F(RecoveryTest, AnIntentThatCouldNotBeDeletedIsClearedByTheNextOpen) {
  writer_.faults->Add({.operation = "delete", .nth = 0, .where = "__recovery"});
  ASSERT_TRUE(Write().ok());
  ASSERT_TRUE(AddNodes(writer_, *catalog_, {{"Place", {"y"}}}).ok());
  EXPECT_EQ(world_.Intents().size(), 2u);
  Process process(world_, 8);
  auto catalog = process.Open();
  ASSERT_TRUE(catalog.ok());
  EXPECT_THAT(world_.Intents(), IsEmpty());
  EXPECT_EQ((*catalog)->Head({})->manifest().version, 3u);
}

/// A storage whose client retries by itself: a put that landed is answered with "exists already".
class Echoing final : public store::ObjectStore {
 public:
  Echoing(store::ObjectStore& below, std::function<void()> after_put)
      : below_(below), after_(std::move(after_put)) {}
  Result<std::string> Get(const Request& request, std::string_view key) override {
    return below_.Get(request, key);
  }
  Status Put(const Request& request, std::string_view key, std::string_view bytes,
             store::PutMode mode, store::Sync sync) override {
    TARN_RETURN_IF_ERROR(below_.Put(request, key, bytes, mode, sync));
    after_();
    return Error(ErrorId::kObjectExists, "the object '{}' exists", key);
  }
  Result<std::vector<store::ObjectInfo>> List(const Request& request, std::string_view prefix,
                                              std::string_view after, uint32_t max) override {
    return below_.List(request, prefix, after, max);
  }
  Status Delete(const Request& request, std::string_view key) override {
    return below_.Delete(request, key);
  }

 private:
  store::ObjectStore& below_;
  std::function<void()> after_;
};

TEST_F(RecoveryTest, ARefusalThatIsTheEchoOfTheOwnPutIsNotALoss) {
  struct Between {
    const char* what;
    std::function<void()> turn;
  };
  Process helper(world_, 5);
  for (const Between& between :
       {Between{"nothing happens", [] {}},
        Between{"another finishes it", [&] { EXPECT_TRUE(helper.Open().ok()); }},
        Between{"another finishes it and commits on top", [&] {
                  auto catalog = helper.Open();
                  EXPECT_TRUE(AddNodes(helper, **catalog, {{"Place", {"y"}}}).ok());
                }}}) {
    const uint64_t before = world_.Newest("__manifest");
    Process process(world_, next_seed_++);
    Echoing storage(*process.objects, between.turn);
    Location location = process.location();
    location.objects = &storage;
    auto catalog = Catalog::Open({}, location, Access::kReadWrite).value();
    const auto record = AddNodes(process, *catalog, {{"Person", {between.what}}});
    ASSERT_TRUE(record.ok()) << between.what << record.status().ToString();
    EXPECT_EQ(record->manifest_version, before + 1);
    EXPECT_EQ(process.faults->calls("discard"), 0u) << between.what;
  }
  EXPECT_EQ(Ids(catalog_->Head({}).value(), "Person").size(), 3u);
}

// invariant: slot-3. The winner of a slot that D had freed looks at the head before it touches
// anything.
TEST_F(RecoveryTest, AVoidIntentTouchesNothing) {
  Process rival(world_, 5);
  auto other = rival.Open().value();
  CommitPlan late = PlanNodes(writer_, *base_, kWrite).value();
  bool ran = false;
  writer_.faults->Add(
      {.operation = "put", .action = Action::kNone, .where = "__recovery", .before = [&] {
         ran = true;
         EXPECT_TRUE(AddNodes(rival, *other, {{"Place", {"y"}}}).ok());
       }});
  EXPECT_EQ(IdOf(catalog_->Commit({}, std::move(late))), ErrorId::kCommitConflict);
  EXPECT_TRUE(ran);
  EXPECT_EQ(world_.Newest(PersonLocation()), 1u);
  EXPECT_EQ(world_.Newest("__manifest"), 2u);
  EXPECT_THAT(world_.Intents(), IsEmpty());
}

TEST_F(RecoveryTest, AVoidIntentOfADeadWriterIsOnlyClearedAway) {
  Process rival(world_, 5);
  auto other = rival.Open().value();
  CommitPlan late = PlanNodes(writer_, *base_, kWrite).value();
  writer_.faults->Add(
      {.operation = "put", .action = Action::kNone, .where = "__recovery", .before = [&] {
         EXPECT_TRUE(AddNodes(rival, *other, {{"Place", {"y"}}}).ok());
       }});
  writer_.faults->Add({.operation = "exists", .nth = 0, .where = "__manifest"});
  EXPECT_EQ(IdOf(catalog_->Commit({}, std::move(late))), ErrorId::kUnknownOutcome);
  EXPECT_EQ(world_.Intents().size(), 1u);
  Process next(world_, 9);
  auto catalog = next.Open();
  ASSERT_TRUE(catalog.ok()) << catalog.status().ToString();
  EXPECT_THAT(world_.Intents(), IsEmpty());
  EXPECT_THAT(Ids((*catalog)->Head({}).value(), "Person"), IsEmpty());
  EXPECT_EQ(world_.Newest(PersonLocation()), 1u);
}

// invariant: slot-2. A finisher that reads the slot late may find the intent of somebody who came
// after the decision.
TEST_F(RecoveryTest, AnIntentThatCameAfterTheDecisionIsNotFinished) {
  scope_.Stop("commit.after_intent");
  EXPECT_EQ(IdOf(Write()), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  CommitPlan plan = PlanNodes(writer_, *base_, {{"Person", {"void"}}}).value();
  Process helper(world_, 6);
  helper.faults->Add(
      {.operation = "get", .action = Action::kNone, .where = "__recovery", .before = [&] {
         // Another process finishes the intent. Then a writer that still believes in the old head
         // takes the freed slot, and ends before it looks at the manifest.
         EXPECT_TRUE(Process(world_, 7).Open().ok());
         writer_.faults->Add({.operation = "exists", .nth = 0});
         EXPECT_EQ(IdOf(catalog_->Commit({}, std::move(plan))), ErrorId::kUnknownOutcome);
         EXPECT_EQ(world_.Intents().size(), 1u);
       }});
  auto catalog = helper.Open();
  ASSERT_TRUE(catalog.ok()) << catalog.status().ToString();
  EXPECT_EQ(Seen((*catalog)->Head({}).value()), "all");
  EXPECT_EQ(Reopened(), "all");
}

// invariant: risks R7. Redo looks at every staged file before it lands anything of a table.
TEST_F(RecoveryTest, MissingStagedFilesAreFoundBeforeTheTableMoves) {
  const NewNodes people = {{"Person", {"a"}}};
  scope_.Stop("commit.after_intent");
  ASSERT_EQ(IdOf(AddNodes(writer_, *catalog_, people)), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  const std::string text = world_.Contents().at(IntentKey(2));
  const Intent intent = DecodeIntent(IntentKey(2), text).value();
  auto staged = writer_.tables->Decode(Under(kTestRoot, PersonLocation()),
                                       intent.effects[0].transaction.encoded);
  ASSERT_TRUE((*staged)->Discard({}).ok());
  EXPECT_EQ(Reopened(), "none");
  EXPECT_EQ(world_.Newest(PersonLocation()), 1u);
  const auto records = catalog_->Recoveries({}).value();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].operation_id, intent.commit.id);
  EXPECT_THAT(records[0].reason, HasSubstr(intent.effects[0].transaction.files[0].first));
  EXPECT_EQ(records[0].tables[0].found, TableStanding::kNoMovement);
  EXPECT_TRUE(AddNodes(writer_, *catalog_, people).ok());
}

// A Lance client that rewrites the manifest beside Tarn takes the slot; what the commit has moved
// is brought back by the next writer of those tables.
TEST_F(RecoveryTest, AManifestMovedBesideTarnLeavesNoHalfCommit) {
  scope_.Stop("commit.after_effects");
  EXPECT_EQ(IdOf(Write()), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  auto manifest = writer_.tables->Open({}, Under(kTestRoot, kManifestFolder), std::nullopt);
  auto staged =
      writer_.tables->StageAppend({}, **manifest, lance::StreamOf((*manifest)->schema(), {}), {});
  ASSERT_TRUE(writer_.tables->CommitExact({}, **manifest, **staged, {}).ok());
  EXPECT_EQ(ReadOnly(), "none");
  Process next(world_, 9);
  auto catalog = next.Open();
  ASSERT_TRUE(catalog.ok()) << catalog.status().ToString();
  EXPECT_THAT(world_.Intents(), IsEmpty());
  EXPECT_EQ(Seen((*catalog)->Head({}).value()), "none");
  EXPECT_TRUE(AddNodes(next, **catalog, kWrite, /*attempts=*/3).ok());
  EXPECT_EQ(Reopened(), "all");
}

TEST_F(RecoveryTest, IntentsThatCannotBeReadStopWritersByName) {
  scope_.Stop("commit.after_intent");
  EXPECT_EQ(IdOf(Write()), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  const std::string good = world_.Contents().at(IntentKey(2));
  for (const std::string& bad :
       {std::string(), good.substr(0, good.size() / 2), std::string("{}"), good + " "}) {
    Put(IntentKey(2), bad);
    Process next(world_, next_seed_++);
    const Status refused = next.Open().status();
    EXPECT_EQ(IdOf(refused), ErrorId::kCorruptData);
    EXPECT_THAT(refused.message(), HasSubstr(IntentKey(2)));
    EXPECT_EQ(IdOf(AddNodes(writer_, *catalog_, {{"Place", {"y"}}})), ErrorId::kCorruptData);
    EXPECT_EQ(world_.Contents().at(IntentKey(2)), bad);
    EXPECT_EQ(ReadOnly(), "none");
  }
  Put(IntentKey(2), good);
  EXPECT_EQ(Reopened(), "all");
  Put("__recovery/main/notes.txt", "x");
  Process next(world_, next_seed_++);
  EXPECT_THAT(next.Open().status().message(), HasSubstr("notes.txt"));
}

TEST_F(RecoveryTest, AnIntentForASlotAboveTheNextTouchesNothing) {
  scope_.Stop("commit.after_intent");
  EXPECT_EQ(IdOf(Write()), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  Intent intent = DecodeIntent(IntentKey(2), world_.Contents().at(IntentKey(2))).value();
  ASSERT_TRUE(writer_.objects->Delete({}, IntentKey(2)).ok());
  intent.slot = 50;
  intent.publish.expected = 49;
  Put(IntentKey(50), EncodeIntent(intent).value());
  Process next(world_, 9);
  const Status refused = next.Open().status();
  EXPECT_EQ(IdOf(refused), ErrorId::kCorruptData);
  EXPECT_THAT(refused.message(), HasSubstr(IntentKey(50)));
  EXPECT_EQ(world_.Newest(PersonLocation()), 1u);
}

// An intent that names another transaction than the one it holds.
TEST_F(RecoveryTest, ATransactionThatIsNotTheOneNamedIsRefused) {
  scope_.Stop("commit.after_intent");
  EXPECT_EQ(IdOf(Write()), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  Intent intent = DecodeIntent(IntentKey(2), world_.Contents().at(IntentKey(2))).value();
  intent.effects[0].transaction.uuid = "00000000-0000-4000-8000-ffffffffffff";
  Put(IntentKey(2), EncodeIntent(intent).value());
  Process next(world_, 9);
  EXPECT_EQ(IdOf(next.Open()), ErrorId::kCorruptData);
  EXPECT_EQ(world_.Newest(PersonLocation()), 1u);
}

}  // namespace
}  // namespace tarn::catalog
