// What readers and writers see of one warehouse in ordinary traffic.

#include "tarn/catalog/catalog.h"

#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "tarn/catalog/limits.h"
#include "tarn/catalog/manifest_codec.h"
#include "tarn/catalog/test_world.h"

namespace tarn::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CatalogTest : public testing::Test {
 protected:
  CatalogTest() {
    EXPECT_TRUE(process_.Init().ok());
    catalog_ = Open(process_);
  }
  static std::unique_ptr<Catalog> Open(Process& process, Access access = Access::kReadWrite) {
    auto catalog = process.Open(access);
    EXPECT_TRUE(catalog.ok()) << catalog.status().ToString();
    return std::move(catalog).value();
  }
  Snapshot Head() { return catalog_->Head(process_.request).value(); }
  CommitPlan Plan(const Snapshot& base, const NewNodes& nodes) {
    return PlanNodes(process_, base, nodes).value();
  }
  Result<CommitRecord> Commit(CommitPlan plan) {
    return catalog_->Commit(process_.request, std::move(plan));
  }
  /// Lance versions of the two node tables and of the manifest.
  std::vector<uint64_t> Versions(const Snapshot& snapshot) {
    const Manifest& manifest = snapshot.manifest();
    return {world_.Newest(manifest.FindTable(TableKind::kNode, "Person")->location),
            world_.Newest(manifest.FindTable(TableKind::kNode, "Place")->location),
            world_.Newest("__manifest")};
  }

  World world_;
  Process process_{world_};
  std::unique_ptr<Catalog> catalog_;
};

// req: WRITE-3, WRITE-21, WRITE-56: one version per touched table and one publish, whatever the
// write holds.
TEST_F(CatalogTest, OneCommitMovesEachTouchedTableAndTheManifestByOne) {
  const Snapshot base = Head();
  process_.request.actor = "ada";
  process_.request.request_id = "r-1";
  CommitPlan plan = Plan(base, {{"Person", {"a", "b", "c"}}, {"Place", {"x"}}});
  plan.effects[0].bytes_after = 77;
  const auto record = Commit(std::move(plan));
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->manifest_version, 2u);
  EXPECT_EQ(record->parent_id, base.commit().id);
  EXPECT_EQ(record->actor, "ada");
  EXPECT_EQ(record->operation, "load:append");
  EXPECT_EQ(record->request_id, "r-1");
  EXPECT_EQ(record->changes.size(), 2u);
  EXPECT_EQ(record->changes[0].inserted, 3u);
  EXPECT_THAT(Versions(base), ElementsAre(2, 2, 2));
  EXPECT_THAT(world_.Intents(), IsEmpty());

  const Snapshot head = Head();
  EXPECT_EQ(head.commit().id, record->id);
  const TableEntry* person = head.manifest().FindTable(TableKind::kNode, "Person");
  EXPECT_EQ(person->version, 2u);
  EXPECT_EQ(person->rows, 3u);
  EXPECT_EQ(person->bytes, 77u);
  EXPECT_THAT(Ids(head, "Person"), ElementsAre(Q("a"), Q("b"), Q("c")));
  EXPECT_THAT(Ids(base, "Person"), IsEmpty());
}

// req: WRITE-52, WRITE-61: another process sees a commit as soon as it is acknowledged.
TEST_F(CatalogTest, EveryProcessSeesTheNewestCommit) {
  Process other(world_, 5);
  auto elsewhere = Open(other, Access::kReadOnly);
  for (const char* name : {"a", "b", "c"}) {
    const auto record = AddNodes(process_, *catalog_, {{"Person", {name}}});
    ASSERT_TRUE(record.ok());
    EXPECT_EQ(elsewhere->Head(other.request)->commit().id, record->id);
  }
  EXPECT_EQ(Ids(*elsewhere->Head(other.request), "Person").size(), 3u);
}

// req: BRANCH-11: time travel by commit id.
TEST_F(CatalogTest, ThePastIsReadByIdOrPrefix) {
  std::vector<std::string> ids = {Head().commit().id};
  for (const char* name : {"a", "b", "c"})
    ids.push_back(AddNodes(process_, *catalog_, {{"Person", {name}}})->id);
  const auto commits = catalog_->Commits(process_.request);
  ASSERT_TRUE(commits.ok());
  std::vector<std::string> newest_first;
  for (const CommitRecord& commit : *commits) newest_first.push_back(commit.id);
  EXPECT_EQ(newest_first, std::vector<std::string>(ids.rbegin(), ids.rend()));
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto then = catalog_->At(process_.request, ids[i]);
    ASSERT_TRUE(then.ok());
    EXPECT_EQ(Ids(*then, "Person").size(), i);
    EXPECT_EQ(then->commit().id, ids[i]);
  }
  std::string lower = ids[2];
  for (char& c : lower) c = static_cast<char>(std::tolower(c));
  EXPECT_EQ(catalog_->At(process_.request, lower)->commit().id, ids[2]);
  EXPECT_EQ(catalog_->At(process_.request, ids[2].substr(0, 25))->commit().id, ids[2]);
}

TEST_F(CatalogTest, AnUnknownOrAmbiguousCommitIsATypedError) {
  for (const char* name : {"a", "b"})
    ASSERT_TRUE(AddNodes(process_, *catalog_, {{"Person", {name}}}).ok());
  const std::string id = Head().commit().id;
  for (const std::string& unknown :
       {std::string(), id.substr(0, 7), std::string("01ARZ3NDEKTSV4RRFFQ69G5FAV"), id + "0",
        std::string("HEAD~100")}) {
    EXPECT_EQ(IdOf(catalog_->At(process_.request, unknown)), ErrorId::kCommitNotFound) << unknown;
  }
  EXPECT_THAT(catalog_->At(process_.request, id.substr(0, 8)).status().message(),
              HasSubstr("begin so"));
}

TEST_F(CatalogTest, AtFindsACommitThatAnotherProcessMade) {
  Process other(world_, 5);
  auto elsewhere = Open(other);
  const auto record = AddNodes(process_, *catalog_, {{"Person", {"a"}}});
  EXPECT_EQ(elsewhere->At(other.request, record->id)->commit().id, record->id);
}

TEST_F(CatalogTest, ATypeTheSchemaDoesNotHaveIsUnknown) {
  EXPECT_EQ(IdOf(Head().OpenTable({}, TableKind::kEdge, "Person")), ErrorId::kUnknownType);
}

// req: WRITE-4, WRITE-5, WRITE-6, WRITE-8, WRITE-50: one winner; the loser learns which table and
// is told what to do.
TEST_F(CatalogTest, OfTwoWritersOnOneTableOneIsToldItsViewIsStale) {
  Process rival(world_, 5);
  auto other = Open(rival);
  const Snapshot base = Head();
  CommitPlan mine = Plan(base, {{"Person", {"mine"}}});
  ASSERT_TRUE(AddNodes(rival, *other, {{"Person", {"theirs"}}}).ok());
  const auto lost = Commit(std::move(mine));
  ASSERT_EQ(IdOf(lost), ErrorId::kCommitConflict);
  EXPECT_THAT(lost.status().message(), HasSubstr("stale view"));
  EXPECT_THAT(lost.status().hint(), HasSubstr("efresh and retry"));
  ASSERT_TRUE(lost.status().detail().has_value());
  EXPECT_EQ(lost.status().detail()->kind, "published_dataset_version_conflict");
  EXPECT_EQ(lost.status().detail()->json,
            R"({"entity_kind":"node","type_name":"Person","expected_published_dataset_version":1,)"
            R"("actual_published_dataset_version":2})");
  EXPECT_THAT(Versions(base), ElementsAre(2, 1, 2));
  ASSERT_TRUE(AddNodes(process_, *catalog_, {{"Person", {"mine"}}}).ok());
  EXPECT_THAT(Ids(Head(), "Person"), ElementsAre(Q("mine"), Q("theirs")));
}

// invariant: risks R4. A constraint may have been judged on any table of the base, so disjoint
// writers race as well.
TEST_F(CatalogTest, TheWholeBaseIsTheReadSet) {
  Process rival(world_, 5);
  auto other = Open(rival);
  const Snapshot base = Head();
  CommitPlan mine = Plan(base, {{"Place", {"x"}}});
  const auto theirs = AddNodes(rival, *other, {{"Person", {"theirs"}}});
  const auto lost = Commit(std::move(mine));
  ASSERT_EQ(IdOf(lost), ErrorId::kCommitConflict);
  EXPECT_EQ(lost.status().detail()->kind, "read_set_conflict");
  EXPECT_EQ(lost.status().detail()->json,
            fmt::format(R"({{"member":"branch_head","expected":"{}","actual":"{}"}})",
                        base.commit().id, theirs->id));
  EXPECT_THAT(Versions(base), ElementsAre(2, 1, 2));
}

TEST_F(CatalogTest, ALoserOfThisProcessAsksNobody) {
  const Snapshot base = Head();
  CommitPlan late = Plan(base, {{"Person", {"late"}}});
  ASSERT_TRUE(AddNodes(process_, *catalog_, {{"Person", {"first"}}}).ok());
  const auto puts = process_.faults->calls("put");
  EXPECT_EQ(IdOf(Commit(std::move(late))), ErrorId::kCommitConflict);
  EXPECT_EQ(process_.faults->calls("put"), puts);
  EXPECT_EQ(process_.faults->calls("discard"), 1u);
}

// req: WRITE-8, WRITE-58: races from many threads and two processes; every write lands once, none
// is lost.
TEST_F(CatalogTest, ManyWritersAllLandExactlyOnce) {
  Process rival(world_, 5);
  auto other = Open(rival);
  constexpr int kThreads = 4;
  constexpr int kWrites = 10;
  std::vector<std::thread> threads;
  std::atomic<int> landed{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Process& process = t % 2 == 0 ? process_ : rival;
      Catalog& catalog = t % 2 == 0 ? *catalog_ : *other;
      for (int i = 0; i < kWrites; ++i) {
        const auto record = AddNodes(process, catalog, {{"Person", {fmt::format("{}-{}", t, i)}}},
                                     /*attempts=*/10000);
        EXPECT_TRUE(record.ok()) << record.status().ToString();
        landed += record.ok();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(landed, kThreads * kWrites);
  const std::vector<std::string> ids = Ids(Head(), "Person");
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(),
            static_cast<size_t>(kThreads * kWrites));
  EXPECT_EQ(ids.size(), static_cast<size_t>(kThreads * kWrites));
  EXPECT_EQ(Head().manifest().version, 1u + kThreads * kWrites);
  EXPECT_THAT(world_.Intents(), IsEmpty());
}

TEST_F(CatalogTest, AConditionalWriteLandsOnlyOnItsCommit) {
  const Snapshot base = Head();
  CommitPlan fitting = Plan(base, {{"Person", {"a"}}});
  fitting.if_commit = base.commit().id;
  ASSERT_TRUE(Commit(std::move(fitting)).ok());
  CommitPlan stale = Plan(Head(), {{"Person", {"b"}}});
  stale.if_commit = base.commit().id;
  const auto lost = Commit(std::move(stale));
  EXPECT_EQ(IdOf(lost), ErrorId::kPreconditionFailed);
  EXPECT_EQ(lost.status().detail()->kind, "precondition_failure");
  // Planned on the right commit, but another one was quicker.
  Process rival(world_, 5);
  auto other = Open(rival);
  CommitPlan raced = Plan(Head(), {{"Person", {"c"}}});
  raced.if_commit = Head().commit().id;
  ASSERT_TRUE(AddNodes(rival, *other, {{"Place", {"x"}}}).ok());
  EXPECT_EQ(IdOf(Commit(std::move(raced))), ErrorId::kPreconditionFailed);
  EXPECT_THAT(Ids(Head(), "Person"), ElementsAre(Q("a")));
}

// req: WRITE-60: a replay answers the first result and creates nothing, also from another process.
TEST_F(CatalogTest, ARequestIdLandsOnce) {
  process_.request.request_id = "client-7";
  const auto first = AddNodes(process_, *catalog_, {{"Person", {"a"}}});
  const auto again = AddNodes(process_, *catalog_, {{"Person", {"a"}}});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->id, first->id);
  Process rival(world_, 5);
  auto other = Open(rival);
  rival.request.request_id = "client-7";
  EXPECT_EQ(AddNodes(rival, *other, {{"Person", {"a"}}})->id, first->id);
  EXPECT_THAT(Ids(Head(), "Person"), ElementsAre(Q("a")));
  EXPECT_EQ(Head().manifest().version, 2u);
  process_.request.request_id = std::string(kRequestIdBytesMax + 1, 'x');
  EXPECT_EQ(IdOf(AddNodes(process_, *catalog_, {{"Person", {"b"}}})), ErrorId::kInvalidArgument);
  process_.request.request_id = "\xff";
  EXPECT_EQ(IdOf(AddNodes(process_, *catalog_, {{"Person", {"b"}}})), ErrorId::kInvalidArgument);
}

// req: WRITE-25: whoever may only read never writes.
TEST_F(CatalogTest, AReadOnlyCatalogRefusesToCommit) {
  auto reader = Open(process_, Access::kReadOnly);
  const auto before = world_.Contents();
  const Snapshot base = reader->Head({}).value();
  EXPECT_EQ(IdOf(reader->Commit({}, Plan(base, {{"Person", {"a"}}}))), ErrorId::kReadOnlyWarehouse);
  EXPECT_EQ(world_.Contents(), before);
  EXPECT_THAT(Versions(base), ElementsAre(1, 1, 1));
}

TEST_F(CatalogTest, ACancelledCommitIsAbsentAndDiscardsItsFiles) {
  CommitPlan plan = Plan(Head(), {{"Person", {"a"}}});
  CancelToken token;
  token.Fire();
  process_.request.cancel = &token;
  EXPECT_EQ(IdOf(Commit(std::move(plan))), ErrorId::kCancelled);
  process_.request.cancel = nullptr;
  EXPECT_EQ(process_.faults->calls("discard"), 1u);
  EXPECT_THAT(world_.Intents(), IsEmpty());
  EXPECT_EQ(Head().manifest().version, 1u);
}

TEST_F(CatalogTest, AfterTheIntentACancelComesTooLate) {
  FailpointScope scope;
  CancelToken token;
  scope.Once("commit.after_intent", [&] { token.Fire(); });
  process_.request.cancel = &token;
  CommitPlan plan = Plan(Head(), {{"Person", {"a"}}});
  EXPECT_TRUE(Commit(std::move(plan)).ok());
}

TEST_F(CatalogTest, AnAbandonedPlanLeavesNoFiles) {
  catalog_->Abandon(process_.request, Plan(Head(), {{"Person", {"a"}}, {"Place", {"b"}}}));
  EXPECT_EQ(process_.faults->calls("discard"), 2u);
}

TEST_F(CatalogTest, ACommitMayTouchNothingButHistory) {
  const auto record =
      Commit(CommitPlan{.base = Head(), .operation = "note", .effects = {}, .if_commit = ""});
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(Head().commit().id, record->id);
}

// req: SCHEMA-3, STORE-40: the accepted schema is checked against the manifest whenever it is read.
TEST_F(CatalogTest, AlteredSchemaFilesAreCorruptionByName) {
  const SchemaEntry entry = Head().manifest().schema_entry;
  for (const std::string& key : {SchemaSourceKey(entry.id), SchemaFormKey(entry.id)}) {
    const std::string good = world_.Contents().at(key);
    for (const std::string& bad : {good + " ", good.substr(1), std::string()}) {
      ASSERT_TRUE(
          process_.objects->Put({}, key, bad, store::PutMode::kOverwrite, store::Sync::kProcess)
              .ok());
      auto reader = process_.Open(Access::kReadOnly);
      const Status status = reader.ok() ? (*reader)->SchemaSource({}, *(*reader)->Head({})).status()
                                        : reader.status();
      EXPECT_EQ(IdOf(status), ErrorId::kCorruptData) << key << status.ToString();
      EXPECT_THAT(status.message(), HasSubstr(key));
    }
    ASSERT_TRUE(process_.objects->Delete({}, key).ok());
    auto reader = process_.Open(Access::kReadOnly);
    const Status missing =
        reader.ok() ? (*reader)->SchemaSource({}, *(*reader)->Head({})).status() : reader.status();
    EXPECT_EQ(IdOf(missing), ErrorId::kCorruptData) << key;
    ASSERT_TRUE(
        process_.objects->Put({}, key, good, store::PutMode::kOverwrite, store::Sync::kProcess)
            .ok());
  }
}

/// Appends rows to the manifest beside the protocol.
void ForgeRows(Process& process, const std::vector<ManifestRow>& rows) {
  auto manifest = process.tables->Open({}, Under(kTestRoot, kManifestFolder), std::nullopt);
  auto staged = process.tables->StageAppend(
      {}, **manifest, lance::StreamOf(ManifestSchema(), {RowsToBatch(rows)}), {});
  ASSERT_TRUE(process.tables->CommitExact({}, **manifest, **staged, {}).ok());
}

TEST_F(CatalogTest, ForgedManifestRowsAreCorruptionByName) {
  ForgeRows(process_, {{"table/../../etc", 2, "{}"}});
  EXPECT_THAT(catalog_->Head({}).status().message(), HasSubstr("table/../../etc"));
  EXPECT_EQ(IdOf(catalog_->Head({})), ErrorId::kCorruptData);
  EXPECT_EQ(IdOf(process_.Open()), ErrorId::kCorruptData);
}

// req: WRITE-51; invariant: risks R7. Every staged file is durable before the intent that promises
// it.
TEST_F(CatalogTest, FilesAreSyncedBeforeTheIntentAndOnlyForFullDurability) {
  uint64_t synced = 0;
  process_.faults->Add({.operation = "put",
                        .nth = 0,
                        .action = store::MemoryFault::Action::kNone,
                        .where = "__recovery",
                        .before = [&] { synced = process_.faults->calls("sync"); }});
  const uint64_t before = process_.faults->calls("sync");
  ASSERT_TRUE(AddNodes(process_, *catalog_, {{"Person", {"a"}}, {"Place", {"b"}}}).ok());
  EXPECT_EQ(synced, before + 3);  // two tables and the rows of the publish

  Location fast = process_.location();
  fast.durability = Durability::kProcess;
  auto catalog = Catalog::Open({}, fast, Access::kReadWrite).value();
  ASSERT_TRUE(AddNodes(process_, *catalog, {{"Person", {"c"}}}).ok());
  EXPECT_EQ(process_.faults->calls("sync"), synced);
}

TEST_F(CatalogTest, AWriteThatCannotBeMadeDurableDoesNotHappen) {
  for (const char* where : {"tables/", "__manifest"}) {
    process_.faults->Add({.operation = "sync", .nth = 1, .where = where});
    EXPECT_EQ(IdOf(AddNodes(process_, *catalog_, {{"Person", {"a"}}})),
              ErrorId::kStorageUnavailable);
  }
  EXPECT_THAT(world_.Intents(), IsEmpty());
  EXPECT_THAT(Versions(Head()), ElementsAre(1, 1, 1));
}

// invariant: risks R8. After a long pause a probe proves nothing: reader and writer look at the
// newest version.
TEST_F(CatalogTest, AfterALongPauseTheHeadIsLookedUpByListing) {
  auto meter = store::NewMemoryMeter();
  process_.request.meter = meter.get();
  ASSERT_TRUE(catalog_->Head(process_.request).ok());
  EXPECT_EQ(meter->Read().lists(), 0u);
  process_.clock.Sleep(kPauseMaxMicros);
  ASSERT_TRUE(catalog_->Head(process_.request).ok());
  EXPECT_EQ(meter->Read().lists(), 1u);
  ASSERT_TRUE(catalog_->Head(process_.request).ok());
  EXPECT_EQ(meter->Read().lists(), 1u);
}

TEST_F(CatalogTest, AWriterThatSleptBeforeAcknowledgingLooksWhetherItIsHistory) {
  FailpointScope scope;
  auto meter = store::NewMemoryMeter();
  process_.request.meter = meter.get();
  scope.Once("commit.after_effects", [&] { process_.clock.Sleep(kPauseMaxMicros); });
  const auto record = AddNodes(process_, *catalog_, {{"Person", {"a"}}});
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(meter->Read().calls.at("list/manifest@publish"), 1u);
  EXPECT_EQ(Head().commit().id, record->id);
  // And one that slept before it began trusts nothing it knew.
  process_.clock.Sleep(kPauseMaxMicros);
  CommitPlan plan = Plan(Head(), {{"Person", {"b"}}});
  process_.clock.Sleep(kPauseMaxMicros);
  ASSERT_TRUE(Commit(std::move(plan)).ok());
  EXPECT_EQ(meter->Read().calls.at("list/manifest@read"), 2u);
}

}  // namespace
}  // namespace tarn::catalog
