// Opening, publishing and the past across checkpoints.
//
// req: WRITE-21; invariant: fold-1, fold-2, fold-3

#include "tarn/catalog/fold.h"

#include <gmock/gmock.h>

#include "tarn/catalog/limits.h"
#include "tarn/catalog/test_world.h"

namespace tarn::catalog {
namespace {

using ::testing::HasSubstr;

std::string Name(int i) { return fmt::format("p{:04}", i); }

/// Adds people, one a commit, and answers the commits.
std::vector<CommitRecord> AddPeople(Process& process, Catalog& catalog, int first, int count) {
  std::vector<CommitRecord> made;
  for (int i = first; i < first + count; ++i) {
    process.request.request_id = fmt::format("request {}", i);
    auto record = AddNodes(process, catalog, {{"Person", {Name(i)}}});
    EXPECT_TRUE(record.ok()) << record.status().ToString();
    made.push_back(record.value());
  }
  process.request.request_id.clear();
  return made;
}

struct Warehouse {
  Warehouse() {
    EXPECT_TRUE(process.Init().ok());
    catalog = process.Open().value();
  }
  std::vector<lance::Fragment> Files() {
    auto table = process.tables->Open({}, Under(kTestRoot, kManifestFolder), std::nullopt).value();
    return table->Fragments().value();
  }
  World world;
  Process process{world};
  std::unique_ptr<Catalog> catalog;
};

TEST(Fold, EveryVersionIsReadAlikeByOpenersAndFollowers) {
  Warehouse warehouse;
  Process follower(warehouse.world, 2);
  auto behind = follower.Open(Access::kReadOnly).value();
  for (int i = 0; i < 140; ++i) {
    const CommitRecord made = AddPeople(warehouse.process, *warehouse.catalog, i, 1).front();
    Process opener(warehouse.world, 3);
    const Snapshot opened = opener.Open(Access::kReadOnly).value()->Head({}).value();
    EXPECT_EQ(opened.commit().id, made.id);
    EXPECT_EQ(opened.manifest().tables.size(), 3u);
    EXPECT_EQ(opened.manifest().FindTable(TableKind::kNode, "Person")->rows, i + 1u);
    const Snapshot followed = behind->Head({}).value();
    EXPECT_EQ(followed.commit().id, made.id);
  }
}

TEST(Fold, AReaderThatFellFarBehindCatchesUp) {
  for (int distance : {1, 62, 63, 64, 65, 127, 128, 129, 200}) {
    for (int start : {1, 60, 64, 100}) {
      Warehouse warehouse;
      AddPeople(warehouse.process, *warehouse.catalog, 0, start);
      Process follower(warehouse.world, 2);
      auto behind = follower.Open(Access::kReadOnly).value();
      const auto made = AddPeople(warehouse.process, *warehouse.catalog, start, distance);
      EXPECT_EQ(behind->Head({}).value().commit().id, made.back().id) << start << "+" << distance;
      EXPECT_EQ(behind->Commits({}).value().size(), 1u + start + distance);
      if (distance > 1 && start > 1) break;  // the arithmetic of the first start is the finest
    }
  }
}

TEST(Fold, TheWholePastIsThereForWhoAsks) {
  Warehouse warehouse;
  const auto made = AddPeople(warehouse.process, *warehouse.catalog, 0, 200);
  Process process(warehouse.world, 2);
  auto catalog = process.Open().value();
  for (int i : {0, 1, 62, 63, 64, 130, 199}) {
    const Snapshot past = catalog->At({}, made[i].id).value();
    EXPECT_EQ(past.manifest().FindTable(TableKind::kNode, "Person")->rows, i + 1u);
    EXPECT_EQ(Ids(past, "Person").size(), i + 1u);
  }
  const auto commits = catalog->Commits({}).value();
  ASSERT_EQ(commits.size(), 201u);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(commits[199 - i].id, made[i].id);
}

TEST(Fold, ARequestFromBeforeTheCheckpointIsAnsweredWithItsCommit) {
  Warehouse warehouse;
  const auto made = AddPeople(warehouse.process, *warehouse.catalog, 0, 100);
  Process process(warehouse.world, 2);
  auto catalog = process.Open().value();
  process.request.request_id = "request 7";
  const uint64_t before = warehouse.world.Newest(kManifestFolder);
  auto plan = PlanNodes(process, catalog->Head({}).value(), {{"Person", {"again"}}});
  EXPECT_EQ(catalog->Commit(process.request, std::move(plan).value()).value().id, made[7].id);
  EXPECT_EQ(warehouse.world.Newest(kManifestFolder), before);
}

TEST(Fold, FilesGrowWithTheLogarithmOfHistory) {
  Warehouse warehouse;
  AddPeople(warehouse.process, *warehouse.catalog, 0, 700);
  EXPECT_LE(warehouse.Files().size(), kFoldEvery + 5);
  AddPeople(warehouse.process, *warehouse.catalog, 700, 3);
  uint64_t rows = 0;
  for (const lance::Fragment& file : warehouse.Files()) rows += file.rows;
  EXPECT_GT(rows, 3 * 700u) << "nothing of the past is dropped";
}

TEST(Fold, AFinisherLandsACheckpointToo) {
  Warehouse warehouse;
  AddPeople(warehouse.process, *warehouse.catalog, 0, 62);
  FailpointScope failpoints;
  failpoints.Stop("commit.after_intent");
  auto stopped = AddNodes(warehouse.process, *warehouse.catalog, {{"Person", {"late"}}});
  EXPECT_EQ(IdOf(stopped), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  Process other(warehouse.world, 2);
  auto catalog = other.Open().value();
  const Snapshot head = catalog->Head({}).value();
  EXPECT_GE(head.manifest().version, 64u) << "one more says who finished it";
  EXPECT_EQ(head.manifest().FindTable(TableKind::kNode, "Person")->rows, 63u);
  EXPECT_EQ(AddPeople(other, *catalog, 100, 1).size(), 1u);
}

TEST(Fold, WhatTheCheckpointSaysIsCheckedAgainstTheRest) {
  Warehouse warehouse;
  AddPeople(warehouse.process, *warehouse.catalog, 0, 62);
  // A publish by somebody who knows no checkpoints.
  const auto head =
      warehouse.process.tables->Open({}, Under(kTestRoot, kManifestFolder), std::nullopt).value();
  CommitRecord record = warehouse.catalog->Head({}).value().commit();
  record.parent_id = record.id;
  record.id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  const auto rows = RowsToBatch({EncodeRow(64, record)});
  auto staged =
      warehouse.process.tables->StageAppend({}, *head, lance::StreamOf(rows->schema(), {rows}), {});
  ASSERT_TRUE(warehouse.process.tables->CommitExact({}, *head, **staged, {}).ok());
  Process other(warehouse.world, 2);
  auto catalog = other.Open().value();
  EXPECT_EQ(catalog->Head({}).value().commit().id, record.id) << "everything was read instead";
  EXPECT_EQ(AddPeople(other, *catalog, 100, 70).size(), 70u);
  EXPECT_EQ(other.Open().value()->Commits({}).value().size(), 1u + 62 + 1 + 70);
}

}  // namespace
}  // namespace tarn::catalog
