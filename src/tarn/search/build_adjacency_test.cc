#include "tarn/search/build_adjacency.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tarn/search/test_graph.h"

namespace tarn::search {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Pairs = std::vector<std::pair<Dense, Dense>>;

/// Every vertex's (neighbour, edge) pairs, ascending: what an adjacency must list.
std::vector<Pairs> Naive(const std::vector<Dense>& near, const std::vector<Dense>& far,
                         Dense vertices) {
  std::vector<Pairs> lists(vertices);
  for (size_t edge = 0; edge < near.size(); ++edge) lists[near[edge]].emplace_back(far[edge], edge);
  for (Pairs& list : lists) std::sort(list.begin(), list.end());
  return lists;
}

std::vector<Pairs> Listed(const Adjacency& side) {
  std::vector<Pairs> lists(side.vertices());
  for (Dense vertex = 0; vertex < lists.size(); ++vertex) {
    const auto neighbours = side.NeighboursOf(vertex);
    const auto edges = side.EdgesOf(vertex);
    for (size_t i = 0; i < neighbours.size(); ++i)
      lists[vertex].emplace_back(neighbours[i], edges[i]);
  }
  return lists;
}

// req: GRAPH-8
TEST(BuildAdjacency, ListsWhatANaiveSortLists) {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    const Dense from = 1 + random() % 30;
    const Dense to = 1 + random() % 30;
    const size_t edges = random() % 300;
    std::vector<Dense> near;
    std::vector<Dense> far;
    for (size_t i = 0; i < edges; ++i) {
      near.push_back(random() % from);
      far.push_back(random() % 4 == 0 ? 0 : random() % to);
    }
    const auto out = BuildAdjacency({}, near, far, from, to).value();
    EXPECT_EQ(Listed(*out), Naive(near, far, from)) << "seed " << seed;
    EXPECT_EQ(Listed(*Transpose({}, *out, to).value()), Naive(far, near, to)) << "seed " << seed;
  }
}

TEST(BuildAdjacency, SeesParallelEdges) {
  EXPECT_TRUE(BuildAdjacency({}, {0, 0, 1, 1}, {1, 0, 0, 1}, 2, 2).value()->simple);
  EXPECT_FALSE(BuildAdjacency({}, {0, 1, 1, 1}, {0, 1, 0, 1}, 2, 2).value()->simple);
  EXPECT_TRUE(BuildAdjacency({}, {0, 1}, {1, 1}, 2, 2).value()->simple)
      << "the last of one list and the first of the next are two";
}

TEST(BuildAdjacency, TakesNoVerticesAndNoEdges) {
  EXPECT_EQ(BuildAdjacency({}, {}, {}, 0, 0).value()->vertices(), 0u);
  EXPECT_THAT(Listed(*BuildAdjacency({}, {}, {}, 2, 5).value()), ElementsAre(Pairs{}, Pairs{}));
}

// req: GRAPH-25
TEST(BuildAdjacency, IsBoundedByTheRequest) {
  const std::vector<Dense> ends(1000, 0);
  MemoryBudget small(15'000);
  MemoryBudget enough(30'000);
  Request request;
  request.budget = &small;
  EXPECT_EQ(BuildAdjacency(request, ends, ends, 1, 1).status().id(), ErrorId::kMemoryBudget);
  request.budget = &enough;
  ASSERT_TRUE(BuildAdjacency(request, ends, ends, 1, 1).ok());
  EXPECT_LE(enough.bytes_peak(), 1000 * 16 + 64) << "8 bytes an edge beside the result";
  EXPECT_EQ(enough.bytes_used(), 0);
  CancelToken cancel;
  cancel.Fire();
  request.cancel = &cancel;
  EXPECT_EQ(BuildAdjacency(request, ends, ends, 1, 1).status().id(), ErrorId::kCancelled);
}

class EdgeEndsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto columns = arrow::schema({arrow::field("id", arrow::utf8(), false)});
    graph_.Put(kNode, "Port", columns, R"([["SEGOT"],["PLGDN"]])");
    graph_.Put(kNode, "Ship", columns, R"([["Alma"],["Birk"],["Cato"]])");
  }

  Result<EdgeEnds> Read(std::string_view json, uint64_t rows_max = kRowsMax) {
    graph_.Put(kEdge, "CallsAt", EdgeColumns(), json);
    EdgeTables tables = {"edge:CallsAt", "node:Ship", "node:Port", nullptr, nullptr, rows_max};
    tables.sources = ReadVertices({}, *graph_.Open(kNode, "Ship"), "node:Ship", {}).value();
    tables.targets = ReadVertices({}, *graph_.Open(kNode, "Port"), "node:Port", {}).value();
    graph_.log.Take();
    return ReadEdgeEnds({}, *graph_.Open(kEdge, "CallsAt"), tables);
  }

  TestGraph graph_;
};

TEST_F(EdgeEndsTest, AreDenseNumbersOfBothTables) {
  const EdgeEnds ends =
      Read(R"([["e1","Cato","SEGOT"],["e2","Cato","PLGDN"],["e3","Alma","SEGOT"]])").value();
  EXPECT_THAT(ends.sources, ElementsAre(2u, 2u, 0u));
  EXPECT_THAT(ends.targets, ElementsAre(0u, 1u, 0u));
  EXPECT_THAT(graph_.log.Take(), ElementsAre("scan root/tables/edge:CallsAt src,dst"));
}

TEST_F(EdgeEndsTest, NameTheEndThatIsNotThere) {
  const Status target = Read(R"([["e1","Cato","SEGOT"],["e2","Cato","FIHEL"]])").status();
  EXPECT_EQ(target.id(), ErrorId::kCorruptData);
  EXPECT_EQ(target.message(),
            "edge number 1 of edge:CallsAt points at 'FIHEL', which node:Port does not hold");
  const Status source = Read(R"([["e3","SEGOT","SEGOT"]])").status();
  EXPECT_THAT(source.message(), HasSubstr("leaves 'SEGOT', which node:Ship does not hold"));
}

TEST_F(EdgeEndsTest, RefuseMoreEdgesThanNumbers) {
  EXPECT_EQ(Read(R"([["e1","Cato","SEGOT"],["e2","Cato","PLGDN"]])", 1).status().id(),
            ErrorId::kUnsupported);
}

}  // namespace
}  // namespace tarn::search
