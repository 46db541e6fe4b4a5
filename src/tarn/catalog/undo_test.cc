// Commits that nobody can finish, and tables that somebody moved beside Tarn.

#include <gmock/gmock.h>

#include "tarn/catalog/test_world.h"
#include "tarn/catalog/undo.h"

namespace tarn::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Action = store::MemoryFault::Action;
using Kind = RecoveryRecord::Kind;

const NewNodes kWrite = {{"Person", {"a", "b"}}, {"Place", {"x"}}};

class UndoTest : public testing::Test {
 protected:
  UndoTest() {
    writer_.request.actor = "ada";
    EXPECT_TRUE(writer_.Init().ok());
    catalog_ = writer_.Open().value();
  }

  std::string LocationOf(std::string_view type) {
    return catalog_->Head({})->manifest().FindTable(TableKind::kNode, type)->location;
  }
  /// A commit of somebody who does not know Tarn.
  void CommitBeside(std::string_view type, int times = 1) {
    Process stranger(world_, 77);
    for (int i = 0; i < times; ++i) {
      auto table = stranger.tables->Open({}, Under(kTestRoot, LocationOf(type)), std::nullopt);
      auto staged =
          stranger.tables->StageAppend({}, **table, NodeRows((*table)->schema(), {"stranger"}), {});
      ASSERT_TRUE(stranger.tables->CommitExact({}, **table, **staged, {}).ok());
    }
  }
  /// Nobody is refused, nothing of a stranger is visible, and every table stands where it is named.
  void ExpectWhole(const std::vector<std::string>& people) {
    Process next(world_, next_seed_++);
    auto catalog = next.Open();
    ASSERT_TRUE(catalog.ok()) << catalog.status().ToString();
    EXPECT_THAT(world_.Intents(), IsEmpty());
    ASSERT_TRUE(AddNodes(next, **catalog, {{"Person", {"z"}}, {"Place", {"z"}}}, 3).ok());
    const Snapshot head = (*catalog)->Head({}).value();
    std::vector<std::string> expected = people;
    expected.push_back(Q("z"));
    EXPECT_EQ(Ids(head, "Person"), expected);
    EXPECT_THAT(Ids(head, "Place"), testing::Not(testing::Contains(Q("stranger"))));
    for (const TableEntry& table : head.manifest().tables) {
      EXPECT_EQ(world_.Newest(table.location), table.version) << table.Key();
    }
  }

  World world_;
  Process writer_{world_};
  std::unique_ptr<Catalog> catalog_;
  FailpointScope scope_;
  uint64_t next_seed_ = 100;
};

// req: WRITE-32, WRITE-34, WRITE-36, WRITE-42, WRITE-44, WRITE-50, WRITE-64
TEST_F(UndoTest, AStrangersVersionInTheWayIsSteppedOverAndNeverAdopted) {
  CommitBeside("Person");
  const auto refused = AddNodes(writer_, *catalog_, kWrite);
  EXPECT_EQ(IdOf(refused), ErrorId::kCommitConflict) << refused.status().ToString();
  EXPECT_THAT(refused.status().message(), HasSubstr("stale view"));
  EXPECT_THAT(world_.Intents(), IsEmpty());

  const auto records = catalog_->Recoveries({}).value();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].kind, Kind::kRolledBack);
  EXPECT_EQ(records[0].for_actor, "ada");
  const RecoveredTable& person = records[0].tables[0];
  EXPECT_EQ(person.table_key, "node:Person");
  EXPECT_EQ(person.found, TableStanding::kUnexpectedAtP1);
  EXPECT_EQ(person.to_version, 1u) << "the version rolled back to";
  EXPECT_EQ(person.version, 3u) << "the version with that content";
  const CommitRecord newest = catalog_->Commits({})->front();
  EXPECT_EQ(newest.id, records[0].commit_id);
  EXPECT_EQ(newest.actor, kRecoveryActor);
  EXPECT_EQ(catalog_->Head({})->manifest().FindTable(TableKind::kNode, "Person")->version, 3u);

  EXPECT_TRUE(AddNodes(writer_, *catalog_, kWrite).ok()) << "the same writer, no restart";
  ExpectWhole({Q("a"), Q("b")});
}

// req: WRITE-27, WRITE-35
TEST_F(UndoTest, EveryStandingOfATableIsTold) {
  struct Case {
    const char* stop;
    int strangers;
    TableStanding person;
  };
  for (const Case& c : {Case{"commit.after_intent", 1, TableStanding::kUnexpectedAtP1},
                        Case{"commit.after_intent", 3, TableStanding::kUnexpectedMultistep}}) {
    SCOPED_TRACE(c.strangers);
    world_ = World();
    Process writer(world_, next_seed_++);
    ASSERT_TRUE(writer.Init().ok());
    catalog_ = writer.Open().value();
    scope_.Stop(c.stop);
    EXPECT_EQ(IdOf(AddNodes(writer, *catalog_, kWrite)), ErrorId::kUnknownOutcome);
    DisarmAllFailpoints();
    CommitBeside("Person", c.strangers);
    Process next(world_, next_seed_++);
    auto catalog = next.Open().value();
    const auto records = catalog->Recoveries({}).value();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].tables[0].found, c.person);
    // Redo goes table by table, side by side: the other one may have been reached or not.
    const TableStanding place = records[0].tables[1].found;
    EXPECT_TRUE(place == TableStanding::kNoMovement || place == TableStanding::kRolledPastExpected);
    ExpectWhole({});
  }
}

// A stranger on top of a commit that is otherwise whole does not stop it.
TEST_F(UndoTest, AStrangerOnTopOfALandedCommitDoesNotUndoIt) {
  scope_.Stop("commit.after_effects");
  EXPECT_EQ(IdOf(AddNodes(writer_, *catalog_, kWrite)), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  CommitBeside("Person");
  ExpectWhole({Q("a"), Q("b")});
}

// invariant: undo-1, undo-3. The writer wakes up after its commit was given up by somebody else.
TEST_F(UndoTest, AStalledWriterLearnsThatItsCommitWasGivenUp) {
  const auto give_up = [&] {
    CommitBeside("Person");
    Process helper(world_, next_seed_++);
    EXPECT_TRUE(helper.Open().ok());
  };
  scope_.Once("commit.after_intent", give_up);
  EXPECT_EQ(IdOf(AddNodes(writer_, *catalog_, kWrite)), ErrorId::kCommitConflict);
  EXPECT_EQ(catalog_->Recoveries({})->size(), 1u);
  ExpectWhole({});
}

// invariant: undo-3. An effect lands after the commit was given up: the next writer steps over it.
TEST_F(UndoTest, ALateEffectOfADeadCommitBlocksNobody) {
  scope_.Once("commit.after_intent", [&] { CommitBeside("Person"); });
  writer_.faults->Add({.operation = "commit",
                       .nth = 1,
                       .action = Action::kNone,
                       .where = LocationOf("Place"),
                       .before = [&] {
                         Process helper(world_, next_seed_++);
                         helper.faults->Add(
                             {.operation = "commit", .nth = 0, .where = LocationOf("Place")});
                         (void)helper.Open();
                       }});
  EXPECT_FALSE(AddNodes(writer_, *catalog_, kWrite).ok());
  ExpectWhole({});
}

// req: WRITE-57: recovery itself is interrupted anywhere, and the next one converges.
TEST_F(UndoTest, AnUndoThatEndsAnywhereIsGoneOnWith) {
  for (const char* step : {"undo.after_restore", "undo.after_publish"}) {
    world_ = World();
    Process writer(world_, next_seed_++);
    ASSERT_TRUE(writer.Init().ok());
    catalog_ = writer.Open().value();
    CommitBeside("Person");
    scope_.Stop(step);
    EXPECT_EQ(IdOf(AddNodes(writer, *catalog_, kWrite)), ErrorId::kUnknownOutcome) << step;
    DisarmAllFailpoints();
    ExpectWhole({});
    EXPECT_EQ(catalog_->Recoveries({})->size(), 1u) << step;
  }
}

// req: WRITE-36, WRITE-45: a commit that an opener finished is written down by the recovery actor,
// and keeps its own.
TEST_F(UndoTest, ARollForwardIsWrittenDown) {
  scope_.Stop("commit.after_effects");
  EXPECT_EQ(IdOf(AddNodes(writer_, *catalog_, kWrite)), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  ASSERT_EQ(catalog_->Pending({})->size(), 1u);
  const PendingCommit pending = catalog_->Pending({})->front();
  EXPECT_EQ(pending.commit.actor, "ada");
  Process next(world_, 9);
  auto catalog = next.Open().value();
  EXPECT_THAT(catalog->Pending({}).value(), IsEmpty());
  const auto records = catalog->Recoveries({}).value();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].kind, Kind::kRolledForward);
  EXPECT_EQ(records[0].operation_id, pending.commit.id);
  EXPECT_EQ(records[0].tables[0].found, TableStanding::kRolledPastExpected);
  const auto commits = catalog->Commits({}).value();
  EXPECT_EQ(commits[0].actor, kRecoveryActor);
  EXPECT_EQ(commits[0].id, records[0].commit_id);
  EXPECT_EQ(commits[1].id, pending.commit.id);
  EXPECT_EQ(commits[1].actor, "ada");
}

// req: WRITE-23, WRITE-36: a roll-forward that cannot be written down has happened all the same.
TEST_F(UndoTest, ARollForwardThatIsNotWrittenDownStaysDone) {
  scope_.Stop("commit.after_effects");
  EXPECT_EQ(IdOf(AddNodes(writer_, *catalog_, kWrite)), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  Process next(world_, 9);
  next.faults->Add({.operation = "put", .nth = 0, .where = "__recovery"});
  ASSERT_TRUE(next.Open().ok());
  ExpectWhole({Q("a"), Q("b")});
}

// req: WRITE-37, OPS-22: a process that stays recovers without a restart.
TEST_F(UndoTest, AProcessThatStaysRecoversOthersCommits) {
  Process other(world_, 9);
  auto staying = other.Open().value();
  scope_.Stop("commit.after_effects");
  EXPECT_EQ(IdOf(AddNodes(writer_, *catalog_, kWrite)), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  ASSERT_TRUE(staying->Recover({}).ok());
  EXPECT_THAT(world_.Intents(), IsEmpty());
  EXPECT_THAT(Ids(staying->Head({}).value(), "Person"), ElementsAre(Q("a"), Q("b")));
  Process reader(world_, 10);
  auto read_only = reader.Open(Access::kReadOnly).value();
  EXPECT_EQ(IdOf(read_only->Recover({})), ErrorId::kReadOnlyWarehouse);
}

TEST_F(UndoTest, RepairBringsBackWhatWasMovedBesideTarn) {
  EXPECT_THAT(catalog_->Drift({}).value(), IsEmpty());
  EXPECT_FALSE(catalog_->Repair({})->has_value());
  ASSERT_TRUE(AddNodes(writer_, *catalog_, kWrite).ok());
  CommitBeside("Person");
  CommitBeside("Place", 2);
  const auto before = world_.Contents();
  const auto drifts = catalog_->Drift({}).value();
  EXPECT_EQ(world_.Contents(), before) << "a look changes nothing";
  ASSERT_EQ(drifts.size(), 2u);
  EXPECT_EQ(drifts[0].found, TableStanding::kUnexpectedAtP1);
  EXPECT_EQ(drifts[0].head, 3u);
  EXPECT_EQ(drifts[1].found, TableStanding::kUnexpectedMultistep);
  const auto record = catalog_->Repair({});
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  ASSERT_TRUE(record->has_value());
  EXPECT_EQ((*record)->kind, Kind::kRepaired);
  EXPECT_EQ((*record)->tables.size(), 2u);
  EXPECT_EQ(catalog_->Commits({})->front().actor, kRecoveryActor);
  EXPECT_THAT(catalog_->Drift({}).value(), IsEmpty());
  EXPECT_THAT(Ids(catalog_->Head({}).value(), "Person"), ElementsAre(Q("a"), Q("b")));
  ExpectWhole({Q("a"), Q("b")});
}

// req: WRITE-29, INDEX-19
TEST_F(UndoTest, DriftIsNotToldWhileACommitIsUnderWay) {
  scope_.Stop("commit.after_effects");
  EXPECT_EQ(IdOf(AddNodes(writer_, *catalog_, kWrite)), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  EXPECT_EQ(IdOf(catalog_->Drift({})), ErrorId::kRecoveryRequired);
  EXPECT_FALSE(catalog_->Repair({})->has_value()) << "it finishes the commit: nothing is left";
  ExpectWhole({Q("a"), Q("b")});
}

// invariant: log-6: an undo is a commit too.
TEST_F(UndoTest, ABranchThatIsBeingDeletedTakesNoUndo) {
  const BranchEntry branch = catalog_->CreateBranch({}, "work", "main").value();
  scope_.Stop("branch.after_close");
  ASSERT_TRUE(catalog_->DeleteBranch({}, "work").ok());
  DisarmAllFailpoints();
  Intent intent{.line_id = branch.id};
  intent.publish.location = ManifestLocation(branch.id);
  intent.slot = world_.Newest(intent.publish.location) + 1;
  intent.commit.id = branch.id;
  const Status undone = UndoIntent({}, writer_.location(), intent, "a test");
  EXPECT_EQ(IdOf(undone), ErrorId::kRecoveryRequired) << undone.ToString();
  EXPECT_THAT(undone.message(), HasSubstr("being deleted"));
  EXPECT_EQ(world_.Newest(intent.publish.location) + 1, intent.slot);
}

}  // namespace
}  // namespace tarn::catalog
