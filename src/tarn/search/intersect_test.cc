#include "tarn/search/intersect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tarn/search/bitmap.h"

namespace tarn::search {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using List = std::vector<Dense>;

List Copy(std::span<const Dense> span) { return {span.begin(), span.end()}; }

// req: GRAPH-9
TEST(Intersection, OfListsOfEverySize) {
  Intersection intersection;
  Union all;
  for (uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const size_t count = 1 + random() % 4;
    std::vector<List> lists(count);
    for (List& list : lists) {
      const size_t size = random() % (random() % 2 == 0 ? 10 : 500);
      const Dense range = 1 + random() % 400;
      for (size_t i = 0; i < size; ++i) list.push_back(random() % range);
      std::sort(list.begin(), list.end());
    }
    std::set<Dense> common(lists[0].begin(), lists[0].end());
    std::set<Dense> any;
    for (const List& list : lists) {
      std::erase_if(common, [&list](Dense member) {
        return !std::binary_search(list.begin(), list.end(), member);
      });
      any.insert(list.begin(), list.end());
    }
    const std::vector<std::span<const Dense>> spans(lists.begin(), lists.end());
    EXPECT_EQ(Copy(intersection.Of(spans)), List(common.begin(), common.end())) << "seed " << seed;
    EXPECT_EQ(Copy(all.Of(spans)), List(any.begin(), any.end())) << "seed " << seed;
  }
}

TEST(Intersection, OfNothingIsNothing) {
  Intersection intersection;
  Union all;
  EXPECT_THAT(Copy(intersection.Of({})), IsEmpty());
  EXPECT_THAT(Copy(all.Of({})), IsEmpty());
}

TEST(Gallop, FindsTheFirstThatIsNotBelow) {
  const List list = {2, 4, 4, 9};
  EXPECT_EQ(Gallop(list, 0, 0), 0u);
  EXPECT_EQ(Gallop(list, 0, 4), 1u);
  EXPECT_EQ(Gallop(list, 2, 4), 2u);
  EXPECT_EQ(Gallop(list, 0, 5), 3u);
  EXPECT_EQ(Gallop(list, 0, 10), 4u);
  EXPECT_EQ(Gallop(list, 4, 1), 4u);
}

// req: GRAPH-8
TEST(Bitmap, IsASetOfRows) {
  Bitmap odd(130);
  for (Dense row = 1; row < 130; row += 2) odd.Add(row);
  Bitmap some = Bitmap::Of(130, List{0, 1, 63, 64, 127, 129});
  EXPECT_EQ(some.Count(), 6u);
  EXPECT_FALSE(some.AddNew(64));
  EXPECT_TRUE(some.AddNew(65));
  some.Remove(65);
  Bitmap both = some;
  both.IntersectWith(odd);
  EXPECT_THAT(both.Rows(), ElementsAre(1u, 63u, 127u, 129u));
  Bitmap rest = some;
  rest.Subtract(odd);
  EXPECT_THAT(rest.Rows(), ElementsAre(0u, 64u));
  both.UnionWith(rest);
  EXPECT_EQ(both, some);
  Dense last = 0;
  some.ForEachWhile([&last](Dense row) {
    last = row;
    return row < 64;
  });
  EXPECT_EQ(last, 64u);
  EXPECT_THAT(Bitmap(0).Rows(), IsEmpty());
}

}  // namespace
}  // namespace tarn::search
