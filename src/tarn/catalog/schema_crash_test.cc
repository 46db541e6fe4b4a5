// Every storage call of a commit that changes the schema, as a place where the process ends, the
// call fails, its answer is lost, or another writer commits: the old schema with the old tables or
// the new one with the new ones, never a mix, and a second try succeeds.
//
// invariant: R1-R5; req: SCHEMA-17, SCHEMA-21, SCHEMA-22

#include <gmock/gmock.h>

#include "tarn/catalog/crash_events.h"
#include "tarn/catalog/limits.h"
#include "tarn/schema/compile.h"
#include "tarn/schema/migration.h"

namespace tarn::catalog {
namespace {

using ::testing::IsEmpty;

/// Person gains a column, Place becomes Spot, Lives goes, Dog comes.
constexpr const char* kNextSchema =
    "node Person { name: String @key  born: I32?  nick: String? }\n"
    "node Spot @rename_from(Place) { name: String @key }\n"
    "node Dog { name: String @key }\n";

/// Plans the change by hand, as the writer of migrations does.
Result<CommitPlan> PlanChange(Process& process, Catalog& catalog) {
  TARN_ASSIGN_OR_RETURN(const Snapshot base, catalog.Head(process.request));
  const SourceText source("next.pg", kNextSchema);
  const schema::Migration migration =
      schema::PlanMigration(base.schema(), *schema::CompileSchema(source).schema);
  const auto table = [&base](TableKind kind, std::string_view name) {
    return *base.manifest().FindTable(kind, name);
  };
  CommitPlan plan{.base = base, .operation = "schema:apply"};
  const Request stage = process.request.In(Phase::kStage);

  Effect& person = plan.effects.emplace_back();
  person.before = table(TableKind::kNode, "Person");
  TARN_ASSIGN_OR_RETURN(person.base, base.OpenTable(stage, TableKind::kNode, "Person"));
  std::vector<lance::TableColumn> columns;
  const auto people = PhysicalSchema(*migration.next.FindNode("Person"));
  for (const auto& field : people->fields()) {
    columns.push_back({.field = field, .from = field->name() == "nick" ? "" : field->name()});
  }
  TARN_ASSIGN_OR_RETURN(person.staged,
                        process.tables->StageColumns(stage, *person.base, columns, {}));
  person.rows_after = person.before.rows;

  Effect& dog = plan.effects.emplace_back();
  UlidFactory ids(process.clock);
  dog.before.id = ids.Next();
  dog.before.type_id = migration.next.FindNode("Dog")->id;
  dog.before.type_name = "Dog";
  dog.before.location = TableLocation(dog.before.id);
  TARN_ASSIGN_OR_RETURN(
      dog.staged, process.tables->StageCreate(
                      stage, base.UriOf(dog.before),
                      lance::StreamOf(PhysicalSchema(*migration.next.FindNode("Dog")), {}), {}));

  SchemaChange change;
  change.renamed.emplace(table(TableKind::kNode, "Place").id, "Spot");
  change.dropped.push_back(table(TableKind::kEdge, "Lives").id);
  TARN_ASSIGN_OR_RETURN(change.entry,
                        catalog.StageSchema(process.request, kNextSchema, migration.next));
  plan.schema = std::move(change);
  return plan;
}

Result<CommitRecord> ChangeSchema(Process& process, Catalog& catalog) {
  TARN_ASSIGN_OR_RETURN(CommitPlan plan, PlanChange(process, catalog));
  return catalog.Commit(process.request, std::move(plan));
}

struct Scene {
  Scene() {
    Process maker(world, 1);
    EXPECT_TRUE(maker.Init().ok());
    auto catalog_of_maker = maker.Open().value();
    EXPECT_TRUE(AddNodes(maker, *catalog_of_maker, {{"Person", {"p"}}, {"Place", {"q"}}}).ok());
    catalog = actor.Open().value();
    rival_catalog = rival.Open().value();
  }

  void ArmAt(Event event, const std::string& operation, uint64_t nth) {
    Arm(actor, event, operation, nth, [this] {
      rivals = AddNodes(rival, *rival_catalog, {{"Person", {"rival"}}}, /*attempts=*/3);
    });
  }

  World world;
  Process actor{world, 2};
  Process rival{world, 3};
  std::unique_ptr<Catalog> catalog;
  std::unique_ptr<Catalog> rival_catalog;
  std::optional<Result<CommitRecord>> rivals;
};

std::vector<std::string> Keys(const Snapshot& snapshot) {
  std::vector<std::string> keys;
  for (const TableEntry& table : snapshot.manifest().tables) keys.push_back(table.Key());
  return keys;
}

/// All of the new or all of the old; answers which.
bool CheckUnmixed(const Snapshot& head) {
  const bool is_new = head.schema().FindNode("Dog") != nullptr;
  EXPECT_EQ(Keys(head),
            is_new ? (std::vector<std::string>{"node:Dog", "node:Person", "node:Spot"})
                   : (std::vector<std::string>{"edge:Lives", "node:Person", "node:Place"}));
  auto person = head.OpenTable({}, TableKind::kNode, "Person");
  EXPECT_TRUE(person.ok());
  EXPECT_EQ((*person)->schema()->GetFieldByName("nick") != nullptr, is_new);
  const std::vector<std::string> ids = Ids(head, "Person");
  EXPECT_EQ(std::count(ids.begin(), ids.end(), Q("p")), 1);
  EXPECT_THAT(Ids(head, is_new ? "Spot" : "Place"), ::testing::ElementsAre(Q("q")));
  return is_new;
}

void CheckWhole(Scene& scene, const Result<CommitRecord>& mine) {
  Process next(scene.world, 51);
  auto catalog = next.Open();
  ASSERT_TRUE(catalog.ok()) << catalog.status().ToString();
  EXPECT_THAT(scene.world.Intents(), IsEmpty());
  const Snapshot head = (*catalog)->Head({}).value();
  const bool landed = CheckUnmixed(head);
  EXPECT_TRUE((*catalog)->SchemaSource({}, head).ok());
  if (mine.ok()) {
    EXPECT_TRUE(landed) << "acknowledged, then gone";
  } else if (mine.status().id() != ErrorId::kUnknownOutcome) {
    EXPECT_FALSE(landed) << "refused, then there: " << mine.status().ToString();
  }
  if (scene.rivals) {
    ASSERT_TRUE(scene.rivals->ok()) << scene.rivals->status().ToString();
    const std::vector<std::string> ids = Ids(head, "Person");
    EXPECT_EQ(std::count(ids.begin(), ids.end(), Q("rival")), 1) << "the rival's commit is gone";
  }
  for (const TableEntry& table : head.manifest().tables) {
    EXPECT_EQ(scene.world.Newest(table.location), table.version)
        << table.Key() << " has a version nobody names";
  }
  if (landed) return ExpectNothingStaysBehind(scene.world);
  const auto again = ChangeSchema(next, **catalog);
  ASSERT_TRUE(again.ok()) << "the second try: " << again.status().ToString();
  EXPECT_TRUE(CheckUnmixed((*catalog)->Head({}).value()));
  ExpectNothingStaysBehind(scene.world);
}

TEST(SchemaCrashTest, OfEveryCallOfASchemaChange) {
  Scene rehearsal;
  const auto calls = CallsOf(rehearsal.actor, [&] {
    ASSERT_TRUE(ChangeSchema(rehearsal.actor, *rehearsal.catalog).ok());
  });
  int landed = 0;
  const int cases =
      ForEachCase(calls, [&](const std::string& operation, uint64_t nth, Event event) {
        Scene scene;
        scene.ArmAt(event, operation, nth);
        const auto mine = ChangeSchema(scene.actor, *scene.catalog);
        scene.actor.faults->Clear();
        CheckWhole(scene, mine);
        landed += mine.ok();
      });
  EXPECT_GE(cases, 40);
  EXPECT_GT(landed, 0);
  EXPECT_LT(landed, cases);
}

// req: SCHEMA-21: whoever opens next finishes the change, wherever its own process ends.
TEST(SchemaCrashTest, OfEveryCallOfItsRecovery) {
  const auto crash = [](Scene& scene) {
    FailpointScope scope;
    scope.Stop("commit.after_intent");
    return ChangeSchema(scene.actor, *scene.catalog);
  };
  Scene rehearsal;
  EXPECT_EQ(IdOf(crash(rehearsal)), ErrorId::kUnknownOutcome);
  const auto calls = CallsOf(rehearsal.actor, [&] { ASSERT_TRUE(rehearsal.actor.Open().ok()); });
  const int cases = ForEachCase(calls, {Event::kDies, Event::kFails, Event::kAnswerLost},
                                [&](const std::string& operation, uint64_t nth, Event event) {
                                  Scene scene;
                                  const auto mine = crash(scene);
                                  scene.ArmAt(event, operation, nth);
                                  (void)scene.actor.Open();
                                  scene.actor.faults->Clear();
                                  CheckWhole(scene, mine);
                                });
  EXPECT_GE(cases, 30);
}

// A refused change leaves no schema files behind.
TEST(SchemaCrashTest, FilesOfASchemaThatDidNotLandAreTakenAway) {
  Scene scene;
  const auto count = [&scene] {
    int files = 0;
    for (const auto& [key, bytes] : scene.world.Contents()) files += key.starts_with("_schema/");
    return files;
  };
  ASSERT_EQ(count(), 2);
  CommitPlan plan = PlanChange(scene.actor, *scene.catalog).value();
  EXPECT_EQ(count(), 4);
  scene.catalog->Abandon({}, std::move(plan));
  EXPECT_EQ(count(), 2);
  plan = PlanChange(scene.actor, *scene.catalog).value();
  ASSERT_TRUE(AddNodes(scene.rival, *scene.rival_catalog, {{"Person", {"r"}}}).ok());
  EXPECT_EQ(IdOf(scene.catalog->Commit({}, std::move(plan))), ErrorId::kCommitConflict);
  EXPECT_EQ(count(), 2);
  auto reader = scene.rival.Open(Access::kReadOnly).value();
  EXPECT_EQ(IdOf(reader->StageSchema({}, kNextSchema, {})), ErrorId::kReadOnlyWarehouse);
}

// req: SCHEMA-17
TEST(SchemaCrashTest, TheTableOfADroppedTypeGoesOnceNoKeptCommitHasIt) {
  Scene scene;
  const std::string lives =
      scene.catalog->Head({}).value().manifest().FindTable(TableKind::kEdge, "Lives")->location;
  ASSERT_TRUE(ChangeSchema(scene.actor, *scene.catalog).ok());
  const CleanupOptions options{.keep = 3, .confirm = true};
  scene.actor.clock.Pass(2 * kRetentionMinMicros);
  ASSERT_TRUE(scene.catalog->Cleanup({}, options).ok());
  EXPECT_GT(scene.world.Newest(lives), 0u) << "a kept commit reads it";
  for (const char* id : {"1", "2", "3", "4"}) {
    ASSERT_TRUE(AddNodes(scene.actor, *scene.catalog, {{"Person", {id}}}).ok());
  }
  scene.actor.clock.Pass(2 * kRetentionMinMicros);
  const CleanupReport report = scene.catalog->Cleanup({}, options).value();
  EXPECT_EQ(scene.world.Newest(lives), 0u);
  EXPECT_EQ(report.strays.files, 0u) << "it was named once";
  EXPECT_TRUE(CheckUnmixed(scene.catalog->Head({}).value()));
}

// The version of a checkpoint repeats the whole state; a reader that begins there has to take it.
TEST(SchemaCrashTest, AChangeMayLandInACheckpoint) {
  for (const uint64_t slot : {kFoldEvery - 1, kFoldEvery, kFoldEvery + 1}) {
    Scene scene;
    while (scene.catalog->Head({}).value().manifest().version + 1 < slot) {
      const uint64_t version = scene.catalog->Head({}).value().manifest().version;
      ASSERT_TRUE(
          AddNodes(scene.actor, *scene.catalog, {{"Person", {fmt::format("x{}", version)}}}).ok());
    }
    const auto changed = ChangeSchema(scene.actor, *scene.catalog);
    ASSERT_TRUE(changed.ok()) << changed.status().ToString();
    ASSERT_EQ(changed->manifest_version, slot);
    Process fresh(scene.world, 9);
    auto catalog = fresh.Open();
    ASSERT_TRUE(catalog.ok()) << catalog.status().ToString();
    EXPECT_TRUE(CheckUnmixed((*catalog)->Head({}).value()));
    EXPECT_FALSE(CheckUnmixed((*catalog)->At({}, *changed->parent_id).value()));
    EXPECT_TRUE(CheckUnmixed(scene.rival_catalog->Head({}).value()));
  }
}

TEST(SchemaCrashTest, TimeTravelReadsTheOldSchema) {
  Scene scene;
  const std::string before = scene.catalog->Head({}).value().commit().id;
  ASSERT_TRUE(ChangeSchema(scene.actor, *scene.catalog).ok());
  for (Catalog* catalog : {scene.catalog.get(), scene.rival_catalog.get()}) {
    EXPECT_TRUE(CheckUnmixed(catalog->Head({}).value()));
    EXPECT_FALSE(CheckUnmixed(catalog->At({}, before).value()));
  }
  Process later(scene.world, 9);
  EXPECT_FALSE(CheckUnmixed(later.Open(Access::kReadOnly).value()->At({}, before).value()));
}

}  // namespace
}  // namespace tarn::catalog
