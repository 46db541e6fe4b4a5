#include "tarn/search/vertex_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include <arrow/builder.h>

#include "tarn/search/test_graph.h"

namespace tarn::search {
namespace {

using ::testing::HasSubstr;

const auto kColumns = arrow::schema({arrow::field("id", arrow::utf8())});

std::shared_ptr<arrow::RecordBatch> Batch(const std::vector<std::string>& ids) {
  arrow::StringBuilder builder;
  EXPECT_TRUE(builder.AppendValues(ids).ok());
  return arrow::RecordBatch::Make(kColumns, static_cast<int64_t>(ids.size()),
                                  {builder.Finish().ValueOrDie()});
}

Result<std::shared_ptr<const VertexTable>> Read(TestGraph& graph, const Request& request = {},
                                                VertexOptions options = {.hash_seed = 7}) {
  return ReadVertices(request, *graph.Open(kNode, "Port"), "node:Port", options);
}

// req: GRAPH-8
TEST(VertexTable, NumbersLiveRowsInStorageOrder) {
  TestGraph graph;
  graph.Put(kNode, "Port", Batch({"SEGOT", "FIHEL", ""}));
  graph.Put(kNode, "Port", Batch({"EETLL"}));
  graph.Remove(kNode, "Port", 1);
  const auto ports = Read(graph).value();
  ASSERT_EQ(ports->count(), 3u);
  EXPECT_EQ(ports->IdOf(0), "SEGOT");
  EXPECT_EQ(ports->IdOf(1), "");
  EXPECT_EQ(ports->IdOf(2), "EETLL");
  EXPECT_THAT(ports->row_ids(), ::testing::ElementsAre(0u, 2u, 3u));
  for (int round = 0; round < 4; ++round) {  // first without a map, then with one
    EXPECT_EQ(ports->Find("EETLL"), 2u);
    EXPECT_EQ(ports->Find(""), 1u);
    EXPECT_EQ(ports->Find("FIHEL"), std::nullopt) << "a deleted row has no number";
  }
  EXPECT_EQ(graph.log.Take(), std::vector<std::string>{"scan root/tables/node:Port id,_rowid"});
}

TEST(VertexTable, FindsEveryIdOfManyBlocks) {
  std::vector<std::string> ids;
  for (int i = 0; i < 150'000; ++i) ids.push_back(fmt::format("k{}", i * 7919));
  TestGraph graph;
  graph.Put(kNode, "Port", Batch(ids));
  const auto ports = Read(graph).value();
  std::vector<std::string_view> wanted;
  std::vector<Dense> expected;
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto row = static_cast<Dense>(random() % ids.size());
    for (uint32_t repeat = random() % 3; repeat < 3; ++repeat) {
      wanted.push_back(ids[row]);
      expected.push_back(row);
    }
  }
  for (size_t i = 0; i < wanted.size(); i += 11) {
    wanted[i] = "no such id";
    expected[i] = kNoRow;
  }
  std::vector<Dense> found(wanted.size());
  ports->FindAll(wanted, found);
  EXPECT_EQ(found, expected);
  for (Dense row = 0; row < ports->count(); row += 997) {
    EXPECT_EQ(ports->Find(ids[row]), row);
    EXPECT_EQ(ports->IdOf(row), ids[row]);
  }
  EXPECT_LE(IdMap::BytesFor(ids.size()), static_cast<int64_t>(16 * ids.size()));
}

TEST(VertexTable, AnEmptyTableHasNoIds) {
  TestGraph graph;
  graph.Put(kNode, "Port", Batch({}));
  const auto ports = Read(graph).value();
  EXPECT_EQ(ports->count(), 0u);
  EXPECT_EQ(ports->Find("SEGOT"), std::nullopt);
}

TEST(VertexTable, RefusesWhatItCannotNumber) {
  TestGraph graph;
  graph.Put(kNode, "Port", Batch({"a", "b", "c"}));
  const Status many = Read(graph, {}, {.rows_max = 2}).status();
  EXPECT_EQ(many.id(), ErrorId::kUnsupported);
  EXPECT_THAT(many.message(), HasSubstr("node:Port has more than 2 rows"));
  graph.Put(kNode, "Port", kColumns, "[[null]]");
  EXPECT_EQ(Read(graph).status().id(), ErrorId::kCorruptData);
}

// req: GRAPH-25
TEST(VertexTable, IsChargedToTheRequestWhileItIsBuilt) {
  TestGraph graph;
  graph.Put(kNode, "Port", Batch(std::vector<std::string>(1000, "0123456789")));
  MemoryBudget small(20'000);
  MemoryBudget enough(100'000);
  Request request;
  request.budget = &small;
  EXPECT_EQ(Read(graph, request).status().id(), ErrorId::kMemoryBudget);
  request.budget = &enough;
  const auto ports = Read(graph, request).value();
  EXPECT_GE(enough.bytes_peak(), 1000 * (8 + 4 + 10 + 14));
  EXPECT_EQ(enough.bytes_used(), 0);
  EXPECT_EQ(small.bytes_used(), 0);
  EXPECT_LT(ports->bytes(), 50'000);
}

TEST(IdMap, TellsApartIdsOfOneHash) {
  IdMap map(0, 8);
  for (Dense row = 0; row < 8; ++row) map.Add(42, row);
  for (Dense row = 0; row < 8; ++row) {
    EXPECT_EQ(map.FindIf(42, [row](Dense candidate) { return candidate == row; }), row);
  }
  EXPECT_EQ(map.FindIf(42, [](Dense) { return false; }), kNoRow);
  EXPECT_EQ(map.FindIf(43, [](Dense) { return true; }), kNoRow) << "another tag";
}

}  // namespace
}  // namespace tarn::search
