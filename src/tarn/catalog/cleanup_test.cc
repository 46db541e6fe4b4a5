// req: INDEX-26 INDEX-27 INDEX-30; invariant: clean-1, clean-2, clean-3, clean-4

#include "tarn/catalog/cleanup.h"

#include <gmock/gmock.h>

#include "tarn/catalog/limits.h"
#include "tarn/catalog/test_world.h"
#include "tarn/catalog/topology_name.h"

namespace tarn::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CleanupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(process_.Init().ok());
    catalog_ = process_.Open().value();
  }
  /// One person a commit; answers the commits.
  std::vector<CommitRecord> Add(int count) {
    std::vector<CommitRecord> made;
    for (int i = 0; i < count; ++i) {
      auto record = AddNodes(process_, *catalog_, {{"Person", {fmt::format("p{}", people_++)}}});
      EXPECT_TRUE(record.ok()) << record.status().ToString();
      made.push_back(record.value());
    }
    return made;
  }
  void Wait(int64_t micros) { process_.clock.Pass(micros); }
  /// Versions of the table of persons that can be opened.
  std::vector<uint64_t> Versions() {
    const Snapshot head = catalog_->Head({}).value();
    auto table = head.OpenTable({}, TableKind::kNode, "Person").value();
    return process_.tables->Versions({}, *table).value();
  }
  Result<CleanupReport> Clean(uint64_t keep) {
    return catalog_->Cleanup({}, {.keep = keep, .confirm = true});
  }

  World world_;
  Process process_{world_};
  std::unique_ptr<Catalog> catalog_;
  int people_ = 0;
};

TEST_F(CleanupTest, ThePreviewTouchesNothing) {
  Add(8);
  Wait(2 * kRetentionMinMicros);
  const auto before = Versions();
  const uint64_t manifests = world_.Newest(kManifestFolder);
  const CleanupReport report = catalog_->Cleanup({}, {.keep = 3}).value();
  EXPECT_EQ(report.commits_given_up, 6u);
  EXPECT_EQ(report.commits_kept, 3u);
  EXPECT_EQ(Versions(), before);
  EXPECT_EQ(world_.Newest(kManifestFolder), manifests);
}

TEST_F(CleanupTest, OldVersionsGoAndKeptCommitsRead) {
  const auto made = Add(8);
  Wait(2 * kRetentionMinMicros);
  const CleanupReport report = Clean(3).value();
  EXPECT_EQ(report.commits_given_up, 6u);
  EXPECT_THAT(Versions(), ElementsAre(7, 8, 9));
  for (int i : {5, 6, 7}) {
    EXPECT_EQ(Ids(catalog_->At({}, made[i].id).value(), "Person").size(), i + 1u);
  }
  const auto expired =
      catalog_->At({}, made[4].id).value().OpenTable({}, TableKind::kNode, "Person");
  EXPECT_EQ(IdOf(expired), ErrorId::kSnapshotExpired);
  EXPECT_EQ(catalog_->Commits({}).value().size(), 9u) << "history is still told";
  Process other(world_, 2);
  auto reopened = other.Open(Access::kReadOnly).value();
  EXPECT_EQ(reopened->Head({}).value().commit().id, made[7].id);
  EXPECT_EQ(IdOf(reopened->At({}, made[0].id).value().OpenTable({}, TableKind::kNode, "Person")),
            ErrorId::kSnapshotExpired);
  EXPECT_EQ(Add(2).size(), 2u) << "writing goes on";
  EXPECT_EQ(Clean(3).value().commits_given_up, 6u + 2u);
}

TEST_F(CleanupTest, WhatWasCurrentWithinTheHourStays) {
  Add(8);
  const auto before = Versions();
  EXPECT_EQ(Clean(3).value().commits_given_up, 0u);
  EXPECT_EQ(Versions(), before);
}

TEST_F(CleanupTest, TagsAndBranchesHoldWhatTheyStandOn) {
  const auto made = Add(8);
  ASSERT_TRUE(catalog_->CreateTag({}, "release", made[1].id).ok());
  ASSERT_TRUE(catalog_->CreateBranch({}, "work", made[3].id).ok());
  Wait(2 * kRetentionMinMicros);
  ASSERT_TRUE(Clean(3).ok());
  EXPECT_THAT(Versions(), ElementsAre(3, 5, 7, 8, 9));
  EXPECT_EQ(Ids(catalog_->AsOf({}, "main", "release").value(), "Person").size(), 2u);
  EXPECT_EQ(Ids(catalog_->Head({}, "work").value(), "Person").size(), 4u);
  EXPECT_EQ(IdOf(catalog_->CreateTag({}, "late", made[2].id)), ErrorId::kSnapshotExpired);
  EXPECT_EQ(IdOf(catalog_->CreateBranch({}, "late", made[2].id)), ErrorId::kSnapshotExpired);
  EXPECT_TRUE(catalog_->CreateTag({}, "again", made[1].id).ok()) << "a tag holds it";
}

TEST_F(CleanupTest, ADeletedBranchLeavesNothing) {
  Add(2);
  ASSERT_TRUE(catalog_->CreateBranch({}, "work", "main").ok());
  const Snapshot head = catalog_->Head({}, "work").value();
  auto plan = PlanNodesOn(process_, *catalog_, head, {{"Person", {"forked"}}});
  ASSERT_TRUE(catalog_->Commit({}, std::move(plan).value()).ok());
  const std::string fork =
      catalog_->Head({}, "work").value().manifest().FindTable(TableKind::kNode, "Person")->location;
  ASSERT_GT(world_.Newest(fork), 0u);
  ASSERT_TRUE(catalog_->DeleteBranch({}, "work").ok());
  Wait(2 * kRetentionMinMicros);
  ASSERT_TRUE(Clean(3).ok());
  EXPECT_EQ(world_.Newest(fork), 0u);
  EXPECT_EQ(Ids(catalog_->Head({}).value(), "Person").size(), 2u);
}

TEST_F(CleanupTest, ARecentlyDeletedTagNoLongerHolds) {
  const auto made = Add(8);
  ASSERT_TRUE(catalog_->CreateTag({}, "release", made[1].id).ok());
  Wait(2 * kRetentionMinMicros);
  ASSERT_TRUE(Clean(3).ok());
  ASSERT_TRUE(catalog_->DeleteTag({}, "release").ok());
  ASSERT_TRUE(Clean(3).ok());
  EXPECT_THAT(Versions(), ElementsAre(7, 8, 9));
}

TEST_F(CleanupTest, TooFewToKeepIsRefused) {
  Add(5);
  EXPECT_EQ(IdOf(Clean(2)), ErrorId::kInvalidArgument);
  EXPECT_TRUE(catalog_->Cleanup({}, {.keep = 1, .confirm = true, .below_minimum = true}).ok());
}

TEST_F(CleanupTest, ACommitUnderWayIsWaitedFor) {
  Add(5);
  Wait(2 * kRetentionMinMicros);
  FailpointScope failpoints;
  failpoints.Stop("commit.after_intent");
  EXPECT_EQ(IdOf(AddNodes(process_, *catalog_, {{"Person", {"late"}}})), ErrorId::kUnknownOutcome);
  DisarmAllFailpoints();
  EXPECT_EQ(IdOf(Clean(3)), ErrorId::kRecoveryRequired);
}

TEST_F(CleanupTest, EndingAfterTheFloorIsFinishedByTheNext) {
  const auto made = Add(8);
  Wait(2 * kRetentionMinMicros);
  FailpointScope failpoints;
  failpoints.Stop("cleanup.after_floor");
  EXPECT_FALSE(Clean(3).ok());
  DisarmAllFailpoints();
  EXPECT_EQ(Versions().size(), 9u);
  EXPECT_EQ(Ids(catalog_->At({}, made[0].id).value(), "Person").size(), 1u) << "still readable";
  ASSERT_TRUE(Clean(3).ok());
  EXPECT_THAT(Versions(), ElementsAre(7, 8, 9));
}

TEST_F(CleanupTest, OneTableThatFailsIsReportedAndTheOthersAreCleaned) {
  Add(4);
  for (const char* place : {"a", "b", "c", "d"}) {
    ASSERT_TRUE(AddNodes(process_, *catalog_, {{"Place", {place}}}).ok());
  }
  Wait(2 * kRetentionMinMicros);
  const std::string person =
      catalog_->Head({}).value().manifest().FindTable(TableKind::kNode, "Person")->location;
  process_.faults->Add({.operation = "remove", .nth = 0, .where = person});
  const CleanupReport report = Clean(3).value();
  for (const CleanedTable& table : report.tables) {
    EXPECT_EQ(table.error.empty(), table.key != "node:Person") << table.key << table.error;
  }
  process_.faults->Clear();
  EXPECT_TRUE(Clean(3).ok());
}

TEST_F(CleanupTest, TopologiesOfCommitsThatAreGoneGo) {
  const auto key_of = [](const Snapshot& snapshot) {
    const Manifest& manifest = snapshot.manifest();
    return TopologyKey(TopologyNameOf(*manifest.FindTable(TableKind::kEdge, "Lives"),
                                      *manifest.FindTable(TableKind::kNode, "Person"),
                                      *manifest.FindTable(TableKind::kNode, "Place"), true));
  };
  const auto store = [this](const std::string& key) {
    EXPECT_TRUE(
        process_.objects->Put({}, key, "x", store::PutMode::kOverwrite, store::Sync::kProcess)
            .ok());
    return key;
  };
  const auto there = [this](const std::string& key) { return process_.objects->Get({}, key).ok(); };
  const auto made = Add(8);
  const std::string old = store(key_of(catalog_->At({}, made[1].id).value()));
  const std::string kept = store(key_of(catalog_->At({}, made[6].id).value()));
  const std::string head = store(key_of(catalog_->Head({}).value()));
  const std::string foreign = store("_topology/anything");
  Wait(2 * kRetentionMinMicros);
  const CleanupReport preview = catalog_->Cleanup({}, {.keep = 3}).value();
  EXPECT_EQ(preview.tables.back().key, "topology");
  EXPECT_EQ(preview.tables.back().files_removed, 2u);
  EXPECT_TRUE(there(old) && there(foreign));
  EXPECT_EQ(Clean(3).value().tables.back().bytes_removed, 2u);
  EXPECT_FALSE(there(old) || there(foreign));
  EXPECT_TRUE(there(kept) && there(head));
}

}  // namespace
}  // namespace tarn::catalog
