// What nothing names goes with the next cleanup, and nobody who staged it can name it any more.
//
// req: INDEX-26 INDEX-30 WRITE-18; invariant: stray-1, stray-2, stray-3, clean-5, log-7, init-1

#include "tarn/catalog/strays.h"

#include <gmock/gmock.h>

#include "tarn/catalog/crash_events.h"

namespace tarn::catalog {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

const NewNodes kWrite = {{"Person", {"a", "b"}}, {"Place", {"x"}}};

class StraysTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(writer_.Init().ok());
    catalog_ = writer_.Open().value();
  }
  CommitPlan Stage(const std::string& branch = "main") {
    const Snapshot base = catalog_->Head({}, branch).value();
    return PlanNodesOn(writer_, *catalog_, base, kWrite).value();
  }
  /// Another process cleans up, long after.
  CleanupReport Clean(bool confirm = true) {
    Process janitor(world_, next_seed_++);
    janitor.clock.Pass(2 * kRetentionMinMicros);
    auto catalog = janitor.Open(confirm ? Access::kReadWrite : Access::kReadOnly).value();
    auto report = catalog->Cleanup(janitor.request, {.keep = 1000, .confirm = confirm});
    EXPECT_TRUE(report.ok()) << report.status().ToString();
    return report.ok() ? *report : CleanupReport();
  }
  std::vector<std::string> Strays() { return StraysIn(world_, *catalog_); }
  uint64_t Manifests() { return world_.Newest(kManifestFolder); }

  World world_;
  Process writer_{world_};
  std::unique_ptr<Catalog> catalog_;
  FailpointScope scope_;
  uint64_t next_seed_ = 90;
};

TEST_F(StraysTest, APreviewListsThemAndTouchesNothing) {
  (void)Stage();
  const CleanupReport report = Clean(/*confirm=*/false);
  EXPECT_EQ(report.strays.files, 2u);
  EXPECT_GT(report.strays.bytes, 0u);
  ASSERT_EQ(report.strays.paths.size(), 2u);
  EXPECT_THAT(report.strays.paths[0], StartsWith("tables/"));
  EXPECT_EQ(Strays().size(), 2u);
  EXPECT_EQ(Manifests(), 1u);
}

TEST_F(StraysTest, WhatADeadWriterStagedGoes) {
  ASSERT_TRUE(AddNodes(writer_, *catalog_, kWrite).ok());
  scope_.Stop("commit.after_sync");  // with the rows of the manifest
  CommitPlan plan = Stage();
  writer_.faults->Add({.operation = "discard", .nth = 0});
  EXPECT_FALSE(catalog_->Commit({}, std::move(plan)).ok());
  DisarmAllFailpoints();
  EXPECT_EQ(Strays().size(), 3u);
  const CleanupReport report = Clean();
  EXPECT_EQ(report.strays.files, 3u);
  EXPECT_EQ(report.strays.error, "");
  EXPECT_THAT(Strays(), IsEmpty());
  EXPECT_EQ(Ids(catalog_->Head({}).value(), "Person").size(), 2u);
  const uint64_t manifests = Manifests();
  EXPECT_EQ(Clean().strays.files, 0u);
  EXPECT_EQ(Manifests(), manifests) << "a cleanup with nothing to do stops nobody";
}

TEST_F(StraysTest, APlanFromBeforeTheBarrierIsRefusedAndStagedAnew) {
  for (const bool has_looked : {false, true}) {
    CommitPlan plan = Stage();
    EXPECT_EQ(Clean().strays.files, 2u) << "what it staged is gone";
    if (has_looked) {
      ASSERT_TRUE(catalog_->Head({}).ok());
    }
    const auto late = catalog_->Commit({}, std::move(plan));
    EXPECT_EQ(IdOf(late), ErrorId::kCommitConflict) << late.status().ToString();
    EXPECT_THAT(late.status().message(), HasSubstr("cleanup"));
    ASSERT_TRUE(AddNodes(writer_, *catalog_, kWrite).ok());
    ExpectNothingStaysBehind(world_);
  }
}

TEST_F(StraysTest, APlanThatKeepsContentDoesNotMoveAlongAcrossABarrier) {
  CommitPlan plan = Stage();
  plan.keeps_content = true;
  ASSERT_TRUE(catalog_->CreateTag({}, "here", "main").ok());
  CommitPlan other = Stage();
  other.keeps_content = true;
  EXPECT_TRUE(catalog_->Commit({}, std::move(plan)).ok()) << "a tag does not stop it";
  EXPECT_EQ(Clean().strays.files, 2u);
  EXPECT_EQ(IdOf(catalog_->Commit({}, std::move(other))), ErrorId::kCommitConflict);
}

// The barrier is no change of what was asked to be unchanged.
TEST_F(StraysTest, AConditionalWriteIsTriedAgainAndNotRefused) {
  const std::string head = catalog_->Head({}).value().commit().id;
  CommitPlan plan = Stage();
  plan.if_commit = head;
  EXPECT_EQ(Clean().strays.files, 2u);
  EXPECT_EQ(IdOf(catalog_->Commit({}, std::move(plan))), ErrorId::kCommitConflict);
  plan = Stage();
  plan.if_commit = head;
  EXPECT_TRUE(catalog_->Commit({}, std::move(plan)).ok());
}

// The writer sleeps between the steps of its commit, and the cleanup comes in between.
TEST_F(StraysTest, ASleepingWriterNeverLandsWhatACleanupTook) {
  for (const char* step : {"commit.after_stage", "commit.after_sync", "commit.after_intent",
                           "commit.after_effect", "commit.after_effects"}) {
    SCOPED_TRACE(step);
    std::optional<Status> cleaned;
    scope_.Once(step, [&] {
      Process janitor(world_, next_seed_++);
      janitor.clock.Pass(2 * kRetentionMinMicros);
      auto opened = janitor.Open().value();
      cleaned = opened->Cleanup({}, {.keep = 1000, .confirm = true}).status();
    });
    const auto record = AddNodes(writer_, *catalog_, kWrite, /*attempts=*/2);
    EXPECT_TRUE(record.ok()) << record.status().ToString();
    ASSERT_TRUE(cleaned);
    EXPECT_TRUE(cleaned->ok()) << cleaned->ToString();
    ExpectNothingStaysBehind(world_);
  }
}

// A cleanup sleeps after its barrier while writers stage, commit and die.
TEST_F(StraysTest, WhatIsStagedAfterTheBarrierStays) {
  (void)Stage();
  std::optional<CommitPlan> fresh;
  scope_.Once("cleanup.after_barrier", [&] {
    EXPECT_TRUE(AddNodes(writer_, *catalog_, kWrite, 2).ok());
    fresh = Stage();
  });
  EXPECT_EQ(Clean().strays.files, 2u);
  const auto landed = catalog_->Commit({}, std::move(*fresh));
  EXPECT_TRUE(landed.ok()) << landed.status().ToString();
  ExpectNothingStaysBehind(world_);
}

TEST_F(StraysTest, TwoCleanupsAtOnceNeedNoLease) {
  (void)Stage();
  for (const char* step : {"cleanup.after_floor", "cleanup.after_barrier"}) {
    (void)Stage();
    scope_.Once(step, [&] { EXPECT_EQ(Clean().strays.error, ""); });
    EXPECT_EQ(Clean().strays.error, "");
    ExpectNothingStaysBehind(world_);
  }
}

TEST_F(StraysTest, YoungOnesArePassedOver) {
  ASSERT_TRUE(catalog_->CreateBranch({}, "work", "main").ok());
  CommitPlan plan = Stage("work");  // the folders of forks tell their age, files in memory do not
  const auto report = catalog_->Cleanup({}, {.keep = 1000, .confirm = true});
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_EQ(report->strays.files, 0u);
  EXPECT_TRUE(catalog_->Commit({}, std::move(plan)).ok());
}

TEST_F(StraysTest, ForksOfPlansThatNeverLandedGo) {
  ASSERT_TRUE(catalog_->CreateBranch({}, "work", "main").ok());
  CommitPlan plan = Stage("work");
  EXPECT_THAT(Strays(), Not(IsEmpty()));
  EXPECT_GT(Clean().strays.files, 0u);
  EXPECT_THAT(Strays(), IsEmpty());
  EXPECT_EQ(IdOf(catalog_->Commit({}, std::move(plan))), ErrorId::kCommitConflict);
  EXPECT_TRUE(AddNodes(writer_, *catalog_, kWrite, 1, "work").ok());
  EXPECT_THAT(Strays(), IsEmpty());
}

TEST_F(StraysTest, ABranchThatNeverCameToBeGoes) {
  scope_.Stop("branch.after_stage");
  EXPECT_FALSE(catalog_->CreateBranch({}, "work", "main").ok());
  EXPECT_THAT(Strays(), Contains(StartsWith("branches/")));
  EXPECT_EQ(Clean().strays.files, 1u);
  EXPECT_THAT(Strays(), IsEmpty());
}

TEST(StraysOfInit, AnInterruptedInitLeavesNothing) {
  for (const char* step : {"init.after_schema", "init.after_tables", "init.before_publish"}) {
    SCOPED_TRACE(step);
    World world;
    {
      FailpointScope scope;
      scope.Stop(step);
      EXPECT_FALSE(Process(world, 1).Init().ok());
    }
    Process second(world, 2);
    ASSERT_TRUE(second.Init().ok());
    EXPECT_THAT(StraysIn(world, *second.Open().value()), Not(IsEmpty()));
    ExpectNothingStaysBehind(world);
  }
}

TEST_F(StraysTest, WhatIsNotTarnsStays) {
  for (const char* key : {"tables/notes.txt", "_schema/readme.md", "other/file"}) {
    ASSERT_TRUE(
        writer_.objects->Put({}, key, "x", store::PutMode::kCreate, store::Sync::kProcess).ok());
  }
  (void)Stage();
  (void)Clean();
  for (const char* key : {"tables/notes.txt", "_schema/readme.md", "other/file"})
    EXPECT_TRUE(writer_.objects->Get({}, key).ok()) << key;
}

TEST_F(StraysTest, AFailureIsToldAndTheNextCleanupGoesOn) {
  (void)Stage();
  Process janitor(world_, 90);
  janitor.clock.Pass(2 * kRetentionMinMicros);
  auto catalog = janitor.Open().value();
  janitor.faults->Add({.operation = "remove", .nth = 0});
  const auto report = catalog->Cleanup({}, {.keep = 1000, .confirm = true});
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_THAT(report->strays.error, HasSubstr("scripted fault"));
  EXPECT_EQ(Strays().size(), 2u);
  ExpectNothingStaysBehind(world_);
}

/// Every call of a cleanup that has something to take, with a writer that had staged before.
struct Scene {
  Scene() {
    Process maker(world, 1);
    EXPECT_TRUE(maker.Init().ok());
    auto first = maker.Open().value();
    EXPECT_TRUE(AddNodes(maker, *first, kWrite).ok());
    EXPECT_TRUE(first->CreateBranch({}, "work", "main").ok());
    dead_plan = PlanNodes(maker, first->Head({}).value(), kWrite).value();
    actor.clock.Pass(2 * kRetentionMinMicros);
    rival.clock.Pass(2 * kRetentionMinMicros);
    catalog = actor.Open().value();
    rival_catalog = rival.Open().value();
    late_plan = PlanNodes(rival, rival_catalog->Head({}).value(), {{"Place", {"late"}}}).value();
  }

  World world;
  Process actor{world, 2};
  Process rival{world, 3};
  std::unique_ptr<Catalog> catalog;
  std::unique_ptr<Catalog> rival_catalog;
  std::optional<CommitPlan> dead_plan;
  std::optional<CommitPlan> late_plan;
};

TEST(StraysCrashMatrix, OfEveryCallOfACleanup) {
  const CleanupOptions options{.keep = 1000, .confirm = true};
  Scene rehearsal;
  const auto calls = CallsOf(rehearsal.actor, [&] {
    ASSERT_EQ(rehearsal.catalog->Cleanup({}, options).value().strays.files, 3u);
  });
  std::set<bool> lates;
  const int cases = ForEachCase(calls, [&](const std::string& operation, uint64_t nth,
                                           Event event) {
    Scene scene;
    std::optional<Result<CommitRecord>> late;
    const auto land = [&] { late = scene.rival_catalog->Commit({}, std::move(*scene.late_plan)); };
    Arm(scene.actor, event, operation, nth, land);
    (void)scene.catalog->Cleanup({}, options);
    scene.actor.faults->Clear();
    if (!late) land();
    lates.insert(late->ok());
    if (!late->ok()) {
      EXPECT_EQ(IdOf(*late), ErrorId::kCommitConflict) << late->status().ToString();
    }
    ExpectNothingStaysBehind(scene.world);
    Process reader(scene.world, 50);
    const auto catalog = reader.Open(Access::kReadOnly).value();
    const auto places = Ids(catalog->Head({}).value(), "Place");
    EXPECT_EQ(std::count(places.begin(), places.end(), Q("late")), late->ok() ? 1 : 0);
  });
  EXPECT_GE(cases, 40);
  EXPECT_EQ(lates.size(), 2u) << "the late writer must both land and be refused";
}

}  // namespace
}  // namespace tarn::catalog
