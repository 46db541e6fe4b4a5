// What a commit, a look and an open cost the storage, by verb, class and phase; and that neither
// history nor the number of tables changes it. The fakes count what the real storage would be asked
// for.
//
// req: WRITE-21; benchmarks: lists 0, flat in history and tables

#include <gmock/gmock.h>

#include "tarn/catalog/limits.h"
#include "tarn/catalog/test_world.h"

namespace tarn::catalog {
namespace {

using Calls = std::map<std::string, uint64_t>;

std::string SchemaOf(int nodes) {
  std::string text = "node Person { name: String @key }\n";
  for (int i = 1; i < nodes; ++i) text += fmt::format("node Other{} {{ name: String @key }}\n", i);
  return text;
}

uint64_t FilesRead(uint64_t version) {
  return version < kFoldEvery ? version : version % kFoldEvery + 1;
}

/// A warehouse of so many tables with so many commits.
struct Warehouse {
  Warehouse(int tables, int history) {
    EXPECT_TRUE(process.Init(SchemaOf(tables)).ok());
    catalog = process.Open().value();
    for (int i = 1; i < history; ++i) {
      EXPECT_TRUE(AddNodes(process, *catalog, {{"Person", {fmt::format("p{}", i)}}}).ok());
    }
  }
  template <typename Work>
  store::Cost CostOf(Work&& work) {
    auto meter = store::NewMemoryMeter();
    process.request.meter = meter.get();
    work();
    process.request.meter = nullptr;
    return meter->Read();
  }
  store::Cost CostOfCommit(const NewNodes& nodes) {
    CommitPlan plan = PlanNodes(process, catalog->Head({}).value(), nodes).value();
    return CostOf([&] { EXPECT_TRUE(catalog->Commit(process.request, std::move(plan)).ok()); });
  }

  World world;
  Process process{world};
  std::unique_ptr<Catalog> catalog;
};

const Calls kOneTable = {
    {"put/manifest@stage", 1},           // the rows of the publish
    {"put-if-absent/intent@intent", 1},  // A
    {"head/manifest@intent", 1},         // the look after winning A
    {"put/txn@effect", 1},               // B
    {"put-if-absent/table-manifest@effect", 1},
    {"put/manifest@publish", 1},  // C
    {"put-if-absent/manifest@publish", 1},
    {"delete/intent@cleanup", 1},  // D
};

TEST(Cost, OfACommitOnOneTable) {
  Warehouse warehouse(1, 1);
  const store::Cost cost = warehouse.CostOfCommit({{"Person", {"a"}}});
  EXPECT_EQ(cost.calls, kOneTable);
  EXPECT_EQ(cost.lists(), 0u);
  EXPECT_EQ(cost.reads(), 1u);
  EXPECT_EQ(cost.writes(), 7u);
}

TEST(Cost, OfACommitOnThreeTables) {
  Warehouse warehouse(3, 1);
  Calls expected = kOneTable;
  expected["put/txn@effect"] = 3;
  expected["put-if-absent/table-manifest@effect"] = 3;
  EXPECT_EQ(warehouse.CostOfCommit({{"Person", {"a"}}, {"Other1", {"b"}}, {"Other2", {"c"}}}).calls,
            expected);
}

TEST(Cost, OfACommitIsFlatInHistoryAndTables) {
  for (int history : {1, 10, 100})
    EXPECT_EQ(Warehouse(1, history).CostOfCommit({{"Person", {"z"}}}).calls, kOneTable);
  for (int tables : {1, 10, 100})
    EXPECT_EQ(Warehouse(tables, 1).CostOfCommit({{"Person", {"z"}}}).calls, kOneTable);
}

TEST(Cost, OfALookIsOneProbe) {
  for (int history : {1, 10, 100}) {
    Warehouse warehouse(1, history);
    const store::Cost cost = warehouse.CostOf(
        [&] { ASSERT_TRUE(warehouse.catalog->Head(warehouse.process.request).ok()); });
    EXPECT_EQ(cost.calls, (Calls{{"head/manifest@read", 1}}));
  }
}

TEST(Cost, OfALookThatFindsACommitIsItsDelta) {
  Warehouse warehouse(1, 10);
  Process reader(warehouse.world, 9);
  auto elsewhere = reader.Open().value();
  ASSERT_TRUE(AddNodes(warehouse.process, *warehouse.catalog, {{"Person", {"z"}}}).ok());
  auto meter = store::NewMemoryMeter();
  reader.request.meter = meter.get();
  ASSERT_TRUE(elsewhere->Head(reader.request).ok());
  Calls calls = meter->Read().calls;
  calls.erase("get/manifest@read");  // the version, and a file per publish until old rows are
                                     // folded together
  EXPECT_EQ(calls, (Calls{{"head/manifest@read", 1}, {"list/manifest@read", 1}}))
      << "the schema is known";
}

TEST(Cost, OfAReadOfThePastIsNothing) {
  Warehouse warehouse(1, 10);
  const std::string id = warehouse.catalog->Commits({})->at(5).id;
  const store::Cost cost = warehouse.CostOf(
      [&] { ASSERT_TRUE(warehouse.catalog->At(warehouse.process.request, id).ok()); });
  EXPECT_EQ(cost.calls, Calls{});
}

// The files since the last checkpoint; everything else about an open is flat.
TEST(Cost, OfAnOpenForReading) {
  for (int tables : {1, 10, 100}) {
    for (uint64_t history : {1, 10, 63, 64, 65, 150}) {
      Warehouse warehouse(tables, static_cast<int>(history));
      const store::Cost cost =
          warehouse.CostOf([&] { ASSERT_TRUE(warehouse.process.Open(Access::kReadOnly).ok()); });
      EXPECT_EQ(cost.calls, (Calls{{"get/identity@read", 1},
                                   {"list/manifest@read", 1},
                                   {"get/manifest@read", 1 + FilesRead(history)},
                                   {"get/schema@read", 1}}));
      EXPECT_EQ(cost.writes(), 0u);
    }
  }
}

TEST(Cost, OfAnOpenForWritingIsOneListMore) {
  Warehouse warehouse(1, 1);
  const Calls reading =
      warehouse.CostOf([&] { ASSERT_TRUE(warehouse.process.Open(Access::kReadOnly).ok()); }).calls;
  Calls expected = reading;
  expected["list/intent@recovery"] = 1;
  EXPECT_EQ(warehouse.CostOf([&] { ASSERT_TRUE(warehouse.process.Open().ok()); }).calls, expected);
}

}  // namespace
}  // namespace tarn::catalog
