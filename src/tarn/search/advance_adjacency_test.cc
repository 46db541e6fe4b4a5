#include "tarn/search/advance_adjacency.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tarn/search/build_adjacency.h"
#include "tarn/search/id_map.h"

namespace tarn::search {
namespace {

/// A graph whose vertices and edges have names, so that two versions of it can be compared.
struct Version {
  std::vector<int> near;  // names of near vertices, by dense number
  std::vector<int> far;
  std::vector<std::pair<int, int>> edge_of;  // names of ends, by name of the edge
  std::vector<int> edges;                    // names of edges, by dense number
};

Dense NumberOf(const std::vector<int>& names, int name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? kNoRow : static_cast<Dense>(found - names.begin());
}

std::vector<Dense> MapOf(const std::vector<int>& before, const std::vector<int>& now) {
  std::vector<Dense> map;
  for (const int name : before) map.push_back(NumberOf(now, name));
  return map;
}

std::shared_ptr<const Adjacency> Build(const Version& version) {
  std::vector<Dense> near;
  std::vector<Dense> far;
  for (const int edge : version.edges) {
    near.push_back(NumberOf(version.near, version.edge_of[edge].first));
    far.push_back(NumberOf(version.far, version.edge_of[edge].second));
  }
  return BuildAdjacency({}, near, far, static_cast<Dense>(version.near.size()),
                        static_cast<Dense>(version.far.size()))
      .value();
}

/// Some vertices go, with their edges; some move to the end, as updated rows do; some are new.
void ChangeVertices(std::mt19937& random, std::vector<int>& names, int& next_name) {
  std::erase_if(names, [&random](int) { return random() % 6 == 0; });
  for (size_t i = 0; i < names.size() / 4; ++i) {
    const size_t moved = random() % names.size();
    const int name = names[moved];
    names.erase(names.begin() + static_cast<std::ptrdiff_t>(moved));
    names.push_back(name);
  }
  for (unsigned i = random() % 4 + 1; i > 0; --i) names.push_back(next_name++);
}

// req: GRAPH-7
TEST(AdvanceAdjacency, IsWhatBuildingItAnewGives) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    Version version;
    int next_name = 0;
    for (int i = 0; i < 12; ++i) version.near.push_back(next_name++);
    for (int i = 0; i < 9; ++i) version.far.push_back(next_name++);
    const auto add_edge = [&] {
      version.edges.push_back(static_cast<int>(version.edge_of.size()));
      version.edge_of.emplace_back(version.near[random() % version.near.size()],
                                   version.far[random() % version.far.size()]);
    };
    for (int i = 0; i < 80; ++i) add_edge();
    auto adjacency = Build(version);
    for (int round = 0; round < 6; ++round) {
      const Version before = version;
      ChangeVertices(random, version.near, next_name);
      ChangeVertices(random, version.far, next_name);
      std::erase_if(version.edges, [&](int edge) {
        return NumberOf(version.near, version.edge_of[edge].first) == kNoRow ||
               NumberOf(version.far, version.edge_of[edge].second) == kNoRow || random() % 9 == 0;
      });
      const size_t kept = version.edges.size();
      for (unsigned i = random() % 20; i > 0; --i) add_edge();
      const auto near_to = MapOf(before.near, version.near);
      const auto far_to = MapOf(before.far, version.far);
      const auto edge_to = MapOf(before.edges, version.edges);
      AdjacencyChange change{near_to, far_to, edge_to, static_cast<Dense>(version.near.size()), {}};
      for (size_t i = kept; i < version.edges.size(); ++i) {
        const auto& ends = version.edge_of[version.edges[i]];
        change.added.push_back({NumberOf(version.near, ends.first),
                                NumberOf(version.far, ends.second), static_cast<Dense>(i)});
      }
      auto lists = AdvanceAdjacency({}, *adjacency, std::move(change));
      ASSERT_TRUE(lists.ok()) << lists.status().ToString();
      const auto anew = Build(version);
      adjacency = std::make_shared<const Adjacency>(MakeAdjacency(std::move(*lists), ""));
      ASSERT_TRUE(std::ranges::equal(adjacency->offsets, anew->offsets)) << "seed " << seed;
      ASSERT_TRUE(std::ranges::equal(adjacency->neighbours, anew->neighbours)) << "seed " << seed;
      ASSERT_TRUE(std::ranges::equal(adjacency->edge_rows, anew->edge_rows)) << "seed " << seed;
    }
  }
}

TEST(AdvanceAdjacency, RefusesAnEdgeWithoutItsEnd) {
  const auto before = BuildAdjacency({}, {0, 1}, {0, 0}, 2, 1).value();
  const std::vector<Dense> all = {0, 1};
  const std::vector<Dense> far = {0};
  const std::vector<Dense> first_gone = {kNoRow, 0};
  const std::vector<Dense> none = {kNoRow};
  EXPECT_EQ(AdvanceAdjacency({}, *before, {first_gone, far, all, 1, {}}).status().id(),
            ErrorId::kCorruptData);
  EXPECT_EQ(AdvanceAdjacency({}, *before, {all, none, all, 2, {}}).status().id(),
            ErrorId::kCorruptData);
  EXPECT_TRUE(AdvanceAdjacency({}, *before, {first_gone, far, first_gone, 1, {}}).ok());
}

// req: GRAPH-25
TEST(AdvanceAdjacency, IsBoundedByTheRequest) {
  const std::vector<Dense> ends(1000, 0);
  const auto before = BuildAdjacency({}, ends, ends, 1, 1).value();
  std::vector<Dense> edge_to(1000);
  for (Dense i = 0; i < 1000; ++i) edge_to[i] = i;
  const std::vector<Dense> one = {0};
  MemoryBudget budget(4000);
  Request request;
  request.budget = &budget;
  EXPECT_EQ(AdvanceAdjacency(request, *before, {one, one, edge_to, 1, {}}).status().id(),
            ErrorId::kMemoryBudget);
  EXPECT_EQ(budget.bytes_used(), 0);
}

}  // namespace
}  // namespace tarn::search
