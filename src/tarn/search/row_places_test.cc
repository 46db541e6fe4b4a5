#include "tarn/search/row_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/search/id_map.h"
#include "tarn/search/test_graph.h"

namespace tarn::search {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Dense kGone = kNoRow;

std::shared_ptr<arrow::Schema> Columns() {
  return arrow::schema({arrow::field("id", arrow::utf8(), false)});
}

class RowPlacesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    graph_.AddNodeType("Port");
    graph_.Put(kNode, "Port", Columns(), R"([["a"],["b"],["c"],["d"]])");
    graph_.Put(kNode, "Port", Columns(), R"([["e"],["f"]])");
  }
  RowPlaces Places(const RowPlaces& known = {}) {
    return ReadPlaces({}, *graph_.Open(kNode, "Port"), known).value();
  }

  TestGraph graph_;
};

TEST_F(RowPlacesTest, AreReadOnlyWherePartsHaveLostRows) {
  const RowPlaces first = Places();
  ASSERT_EQ(first.parts.size(), 2u);
  EXPECT_THAT(first.parts[0].live, ElementsAre(PlaceRun{0, 4}));
  EXPECT_THAT(first.parts[1].live, ElementsAre(PlaceRun{0, 2}));
  EXPECT_EQ(first.rows(), 6u);
  EXPECT_THAT(graph_.log.Take(), IsEmpty()) << "nothing is gone";
  graph_.Remove(kNode, "Port", 1);
  graph_.Remove(kNode, "Port", 4);  // "f"
  const RowPlaces second = Places(first);
  EXPECT_THAT(second.parts[0].live, ElementsAre(PlaceRun{0, 1}, PlaceRun{2, 2}));
  EXPECT_THAT(second.parts[1].live, ElementsAre(PlaceRun{0, 1}));
  EXPECT_THAT(graph_.log.Take(), ElementsAre("scan root/tables/node:Port "));
  graph_.Put(kNode, "Port", Columns(), R"([["g"]])");
  const RowPlaces third = Places(second);
  EXPECT_THAT(third.parts[0].live, ElementsAre(PlaceRun{0, 1}, PlaceRun{2, 2}));
  EXPECT_EQ(third, Places()) << "known or not";
  EXPECT_TRUE(IsAt(*graph_.Open(kNode, "Port"), third).value());
  EXPECT_FALSE(IsAt(*graph_.Open(kNode, "Port"), second).value());
  EXPECT_FALSE(IsAt(*graph_.Open(kNode, "Port"), first).value());
}

// req: GRAPH-7
TEST_F(RowPlacesTest, TellWhatBecameOfEachRow) {
  const RowPlaces before = Places();
  graph_.Put(kNode, "Port", Columns(), R"([["g"]])");
  const RowMap grown = MapRows(before, Places());
  EXPECT_THAT(grown.to_of_from, ElementsAre(0u, 1u, 2u, 3u, 4u, 5u));
  EXPECT_THAT(grown.added, ElementsAre(2u));
  EXPECT_FALSE(grown.moves);
  EXPECT_EQ(grown.RowsAdded(Places()), 1u);
  graph_.Remove(kNode, "Port", 2);
  graph_.Remove(kNode, "Port", 0);
  const RowPlaces now = Places();
  const RowMap shrunk = MapRows(before, now);
  EXPECT_THAT(shrunk.to_of_from, ElementsAre(kGone, 0u, kGone, 1u, 2u, 3u));
  EXPECT_EQ(shrunk.gone, 2u);
  EXPECT_TRUE(shrunk.moves && shrunk.in_order);
  // Back to what was: rows that are live again make their part an added one.
  const RowMap back = MapRows(now, before);
  EXPECT_THAT(back.to_of_from, ElementsAre(kGone, kGone, 4u, 5u, kGone));
  EXPECT_THAT(back.added, ElementsAre(0u));
}

TEST_F(RowPlacesTest, SeeAPartThatWentAndAnOrderThatChanged) {
  const RowPlaces before = Places();
  RowPlaces swapped = before;
  std::swap(swapped.parts[0], swapped.parts[1]);
  EXPECT_FALSE(MapRows(before, swapped).in_order);
  RowPlaces second_alone = before;
  second_alone.parts.erase(second_alone.parts.begin());
  const RowMap map = MapRows(before, second_alone);
  EXPECT_THAT(map.to_of_from, ElementsAre(kGone, kGone, kGone, kGone, 0u, 1u));
  EXPECT_THAT(map.added, IsEmpty());
}

}  // namespace
}  // namespace tarn::search
