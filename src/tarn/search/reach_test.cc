#include "tarn/search/reach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tarn/search/build_adjacency.h"

namespace tarn::search {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Edges = std::vector<std::pair<Dense, Dense>>;

struct Graph {
  Graph(Dense vertices, const Edges& edges) {
    EdgeEnds ends;
    for (const auto& [from, to] : edges) {
      ends.sources.push_back(from);
      ends.targets.push_back(to);
    }
    out = BuildAdjacency({}, ends.sources, ends.targets, vertices, vertices).value();
    in = Transpose({}, *out, vertices).value();
  }
  std::shared_ptr<const Adjacency> out;
  std::shared_ptr<const Adjacency> in;
};

std::vector<Dense> From(Reach& reach, Dense source, HopBounds bounds) {
  const auto found = reach.From({}, source, bounds).value();
  return {found.begin(), found.end()};
}

/// The rule of the language, written over shortest distances instead of a frontier.
std::set<Dense> Naive(Dense vertices, Edges edges, bool undirected, Dense source,
                      HopBounds bounds) {
  if (undirected) {
    const Edges forward = edges;
    for (const auto& [from, to] : forward) edges.emplace_back(to, from);
  }
  constexpr uint32_t kFar = UINT32_MAX;
  std::vector<uint32_t> depth(vertices, kFar);
  depth[source] = 0;
  for (Dense round = 0; round < vertices; ++round) {
    for (const auto& [from, to] : edges) {
      if (depth[from] != kFar) depth[to] = std::min(depth[to], depth[from] + 1);
    }
  }
  std::set<Dense> found;
  for (Dense vertex = 0; vertex < vertices; ++vertex) {
    if (vertex != source && depth[vertex] != kFar && depth[vertex] >= bounds.min &&
        depth[vertex] <= bounds.max) {
      found.insert(vertex);
    }
  }
  const bool loop = std::find(edges.begin(), edges.end(), std::pair(source, source)) != edges.end();
  if (loop && bounds.min == 1) found.insert(source);
  return found;
}

// req: GRAPH-7, trap: 25
TEST(Reach, FollowsTheHarbour) {
  constexpr Dense kSegot = 0, kPlgdn = 1, kEetll = 2, kFihel = 3;
  const Graph feeds(4, {{kSegot, kPlgdn}, {kPlgdn, kEetll}, {kEetll, kFihel}, {kFihel, kPlgdn}});
  Reach reach(feeds.out.get());
  EXPECT_THAT(From(reach, kSegot, {1, 3}), ElementsAre(kPlgdn, kEetll, kFihel));
  EXPECT_THAT(From(reach, kSegot, {2, 3}), ElementsAre(kEetll, kFihel))
      << "what one hop reaches is not at two";
  EXPECT_THAT(From(reach, kPlgdn, {1, 3}), ElementsAre(kEetll, kFihel))
      << "never the source, though a cycle returns";
  EXPECT_THAT(From(reach, kSegot, {4, UINT32_MAX}), IsEmpty());
}

// req: GRAPH-7
TEST(Reach, ReachesItselfByASelfLoopAlone) {
  const Graph graph(3, {{0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 0}, {1, 2}});
  Reach out(graph.out.get());
  EXPECT_THAT(From(out, 0, {1, 1}), ElementsAre(0u, 1u)) << "parallel loops are one neighbour";
  EXPECT_THAT(From(out, 0, {1, 2}), ElementsAre(0u, 1u, 2u));
  EXPECT_THAT(From(out, 0, {2, 2}), ElementsAre(2u)) << "the loops of 0 and 1 are one hop long";
  EXPECT_THAT(From(out, 2, {1, 3}), IsEmpty());
  Reach both(graph.out.get(), graph.in.get());
  EXPECT_THAT(From(both, 2, {1, 1}), ElementsAre(1u));
  EXPECT_THAT(From(both, 2, {1, 2}), ElementsAre(1u, 0u)) << "no way back to 2";
}

// req: GRAPH-10
TEST(Reach, AgreesWithShortestDistances) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    const Dense vertices = 1 + random() % 20;
    Edges edges;
    for (uint32_t i = random() % 50; i > 0; --i)
      edges.emplace_back(random() % vertices, random() % vertices);
    const Graph graph(vertices, edges);
    Reach out(graph.out.get());
    Reach in(graph.in.get());
    Reach both(graph.out.get(), graph.in.get());
    Edges reversed;
    for (const auto& [from, to] : edges) reversed.emplace_back(to, from);
    for (Dense source = 0; source < vertices; ++source) {
      const uint32_t min = 1 + random() % 3;
      const HopBounds bounds = {min, min + static_cast<uint32_t>(random() % 4)};
      for (auto& [reach, with, undirected] :
           {std::tuple(&out, &edges, false), std::tuple(&in, &reversed, false),
            std::tuple(&both, &edges, true)}) {
        const std::vector<Dense> found = From(*reach, source, bounds);
        const std::set<Dense> expected = Naive(vertices, *with, undirected, source, bounds);
        EXPECT_EQ(std::set<Dense>(found.begin(), found.end()), expected)
            << "seed " << seed << " source " << source;
        EXPECT_EQ(found.size(), expected.size()) << "each vertex once";
        for (Dense target = 0; target < vertices; ++target) {
          EXPECT_EQ(reach->Reaches({}, source, target, bounds).value(), expected.count(target) == 1)
              << "seed " << seed << " " << source << " -> " << target;
        }
      }
    }
  }
}

TEST(Reach, DiscoversByDepthAndCountsEdges) {
  const Graph graph(5, {{0, 4}, {0, 2}, {4, 1}, {2, 3}, {2, 4}});
  Reach reach(graph.out.get());
  EXPECT_THAT(From(reach, 0, {1, 9}), ElementsAre(2u, 4u, 3u, 1u));
  EXPECT_EQ(reach.edges_followed(), 5u);
  EXPECT_LE(reach.bytes(), Reach::BytesFor(5) + 64);
}

// req: GRAPH-25
TEST(Reach, StopsWhenTheRequestDoes) {
  const Dense vertices = 100'000;
  Edges edges;
  for (Dense i = 0; i + 1 < vertices; ++i) edges.emplace_back(i, i + 1);
  const Graph chain(vertices, edges);
  CancelToken cancel;
  Request request;
  request.cancel = &cancel;
  Reach reach(chain.out.get());
  EXPECT_EQ(reach.From(request, 0, {1, UINT32_MAX}).value().size(), vertices - 1);
  cancel.Fire();
  EXPECT_EQ(reach.From(request, 0, {1, UINT32_MAX}).status().id(), ErrorId::kCancelled);
}

}  // namespace
}  // namespace tarn::search
