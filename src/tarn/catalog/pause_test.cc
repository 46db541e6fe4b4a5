// A writer that sleeps for an hour while others commit and old versions are cleaned away.
//
// invariant: risks R1, R8, catalog 9

#include <gmock/gmock.h>

#include "tarn/catalog/limits.h"
#include "tarn/catalog/test_world.h"

namespace tarn::catalog {
namespace {

using ::testing::ElementsAre;

class PauseTest : public testing::Test {
 protected:
  PauseTest() { EXPECT_TRUE(sleeper_.Init().ok()); }

  /// Everything that the sleeper misses: its intent is finished, others commit, cleanup runs.
  void AnHourPasses(int commits) {
    Process other(world_, next_seed_++);
    auto catalog = other.Open().value();
    for (int i = 0; i < commits; ++i) {
      ASSERT_TRUE(AddNodes(other, *catalog, {{"Place", {fmt::format("p{}", i)}}}).ok());
    }
    const Snapshot head = catalog->Head({}).value();
    lance::ForgetVersions(*world_.tables, Under(kTestRoot, kManifestFolder),
                          head.manifest().version);
    for (const TableEntry& table : head.manifest().tables) {
      lance::ForgetVersions(*world_.tables, Under(kTestRoot, table.location), table.version);
    }
    sleeper_.clock.Sleep(6 * kPauseMaxMicros);
  }

  World world_;
  Process sleeper_{world_};
  FailpointScope scope_;
  uint64_t next_seed_ = 7;
};

// bug: the model found it (tests/model, outcome_by_row): the slot's version was gone, so the writer
// took its own landed commit for another's and deleted the files of it.
TEST_F(PauseTest, AWriterWhoseSlotWasCleanedAwayFindsItsCommitInTheHistory) {
  auto catalog = sleeper_.Open().value();
  for (const char* step : {"commit.after_intent", "commit.after_effects"}) {
    scope_.Once(step, [&] { AnHourPasses(2); });
    const auto record = AddNodes(sleeper_, *catalog, {{"Person", {step}}});
    ASSERT_TRUE(record.ok()) << step << record.status().ToString();
    EXPECT_EQ(sleeper_.faults->calls("discard"), 0u) << step;
    EXPECT_TRUE(catalog->At({}, record->id).ok());
  }
  EXPECT_THAT(Ids(catalog->Head({}).value(), "Person"),
              ElementsAre(Q("commit.after_effects"), Q("commit.after_intent")));
}

TEST_F(PauseTest, AWriterThatSleptBeforeItsIntentIsToldToPlanAgain) {
  auto catalog = sleeper_.Open().value();
  scope_.Once("commit.after_sync", [&] { AnHourPasses(3); });
  EXPECT_EQ(IdOf(AddNodes(sleeper_, *catalog, {{"Person", {"late"}}})), ErrorId::kCommitConflict);
  EXPECT_TRUE(AddNodes(sleeper_, *catalog, {{"Person", {"again"}}}).ok());
  EXPECT_THAT(Ids(catalog->Head({}).value(), "Person"), ElementsAre(Q("again")));
}

}  // namespace
}  // namespace tarn::catalog
