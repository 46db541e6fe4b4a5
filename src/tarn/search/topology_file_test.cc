#include "tarn/search/topology_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tarn/search/build_adjacency.h"

namespace tarn::search {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Topology Sample() {
  Topology topology;
  topology.edge = {
      .location = "tables/E.lance",
      .version = 7,
      .places = {{{.data = "a.lance", .deletions = "", .rows = 3, .live = {{0, 3}}},
                  {.data = "b.lance", .deletions = "7.arrow", .rows = 1, .live = {{4, 1}}}}}};
  topology.source = {
      .location = "tables/N.lance/tree/b_1",
      .version = 2,
      .places = {{{.data = "n.lance", .deletions = "", .rows = 3, .live = {{0, 3}}}}},
      .row_ids = RunsOf(std::vector<uint64_t>{5, 6, 2})};
  topology.target = topology.source;
  topology.lists = *BuildAdjacency({}, {0, 2, 2, 0}, {1, 2, 0, 1}, 3, 3).value();
  return topology;
}

TEST(TopologyFile, GivesBackWhatItTook) {
  const Topology topology = Sample();
  const Topology read = DecodeTopology(EncodeTopology(topology)).value();
  EXPECT_EQ(read.edge, topology.edge);
  EXPECT_EQ(read.source, topology.source);
  EXPECT_EQ(read.target, topology.target);
  EXPECT_TRUE(read.out);
  EXPECT_EQ(read.lists.simple, topology.lists.simple);
  EXPECT_TRUE(std::ranges::equal(read.lists.offsets, topology.lists.offsets));
  EXPECT_TRUE(std::ranges::equal(read.lists.neighbours, topology.lists.neighbours));
  EXPECT_TRUE(std::ranges::equal(read.lists.edge_rows, topology.lists.edge_rows));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(read.lists.offsets.data()) % alignof(uint32_t), 0u);
  EXPECT_THAT(read.source.row_ids, ElementsAre(RowIdRun{5, 2}, RowIdRun{2, 1}));
}

// req: GRAPH-7
TEST(TopologyFile, RefusesEveryFlippedBitAndEveryCut) {
  const std::string whole = EncodeTopology(Sample());
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << i % 8));
    ASSERT_EQ(DecodeTopology(damaged).status().id(), ErrorId::kCorruptData) << "byte " << i;
    ASSERT_EQ(DecodeTopology(whole.substr(0, i)).status().id(), ErrorId::kCorruptData) << i;
  }
  EXPECT_EQ(DecodeTopology(whole + "x").status().id(), ErrorId::kCorruptData);
}

// Bytes that are whole but say what cannot be: a checksum alone does not make them safe to walk.
TEST(TopologyFile, RefusesListsThatDoNotFit) {
  const auto refusal = [](const std::function<void(Topology&, AdjacencyLists&)>& spoil) {
    Topology topology = Sample();
    AdjacencyLists lists;
    lists.offsets.assign(topology.lists.offsets.begin(), topology.lists.offsets.end());
    lists.neighbours.assign(topology.lists.neighbours.begin(), topology.lists.neighbours.end());
    lists.edge_rows.assign(topology.lists.edge_rows.begin(), topology.lists.edge_rows.end());
    spoil(topology, lists);
    topology.lists = MakeAdjacency(std::move(lists), "");
    const auto decoded = DecodeTopology(EncodeTopology(topology));
    return decoded.ok() ? std::string() : std::string(decoded.status().message());
  };
  EXPECT_EQ(refusal([](Topology&, AdjacencyLists&) {}), "");
  const auto names = HasSubstr("names vertices or edges that there are not");
  EXPECT_THAT(refusal([](Topology&, AdjacencyLists& l) { l.neighbours[0] = 3; }), names);
  EXPECT_THAT(refusal([](Topology&, AdjacencyLists& l) { l.edge_rows[0] = 4; }), names);
  EXPECT_THAT(refusal([](Topology&, AdjacencyLists& l) { l.offsets[1] = 9; }), names);
  EXPECT_THAT(refusal([](Topology&, AdjacencyLists& l) { l.offsets[0] = 1; }), names);
  const auto fits = HasSubstr("does not fit its tables");
  EXPECT_THAT(refusal([](Topology& t, AdjacencyLists&) { t.edge.places.parts.pop_back(); }), fits);
  EXPECT_THAT(refusal([](Topology& t, AdjacencyLists&) { t.source.places.parts.clear(); }), fits);
  EXPECT_THAT(refusal([](Topology& t, AdjacencyLists&) { t.edge.places.parts[0].rows = 2; }),
              HasSubstr("counts its rows wrong"));
}

}  // namespace
}  // namespace tarn::search
