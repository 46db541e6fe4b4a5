#include "tarn/write/key_map.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace tarn::write {
namespace {

KeyHash Hash(uint64_t number) { return {number >> 3, number}; }

TEST(KeyMap, HoldsWhatASetHolds) {
  std::mt19937_64 random(1);
  KeyMap map(0);
  std::set<uint64_t> set;
  // Few low bits, so that searches run into one another and around the end.
  const auto draw = [&random] { return (random() % 64) << 40 | 16 | random() % 8; };
  for (int step = 0; step < 20'000; ++step) {
    const uint64_t number = draw();
    if (random() % 2 == 0) {
      map.Add(Hash(number));
      set.insert(number);
    } else {
      map.Remove(Hash(number));
      set.erase(number);
    }
    ASSERT_EQ(map.size(), set.size());
    const uint64_t asked = draw();
    ASSERT_EQ(map.Has(Hash(asked)), set.contains(asked)) << "step " << step;
  }
}

TEST(KeyMap, TheHashOfAFreeSlotIsAKeyToo) {
  KeyMap map(0);
  EXPECT_FALSE(map.Has({0, 0}));
  map.Add({0, 0});
  EXPECT_TRUE(map.Has({0, 0}));
  map.Remove({0, 0});
  EXPECT_FALSE(map.Has({0, 0}));
}

class KeyMapsTest : public testing::Test {
 protected:
  /// The map of table `id` at `version`, reading `ids`.
  const KeyMap* Of(const std::string& id, uint64_t version, const std::vector<std::string>& ids,
                   uint64_t rows = 0) {
    const catalog::TableEntry entry{
        .location = id, .version = version, .rows = rows == 0 ? ids.size() : rows};
    const auto map = maps_.Of(entry, [&](const std::function<void(std::string_view)>& visit) {
      ++readings_;
      for (const std::string& each : ids) visit(each);
      return Status::Ok();
    });
    EXPECT_TRUE(map.ok());
    return *map;
  }

  KeyMaps maps_{1 << 12, 7};
  int readings_ = 0;
};

// invariant: key_map-1
TEST_F(KeyMapsTest, IsReadOncePerVersion) {
  const KeyMap* map = Of("t", 3, {"a", "b"});
  ASSERT_NE(map, nullptr);
  EXPECT_TRUE(map->Has(maps_.HashOf("a")));
  EXPECT_FALSE(map->Has(maps_.HashOf("c")));
  Of("t", 3, {"a", "b"});
  EXPECT_EQ(readings_, 1);
  map = Of("t", 4, {"a"});  // somebody else moved it
  EXPECT_EQ(readings_, 2);
  EXPECT_FALSE(map->Has(maps_.HashOf("b")));
}

// invariant: key_map-2
TEST_F(KeyMapsTest, StaysWithinItsBytes) {
  EXPECT_EQ(Of("large", 1, {}, 100'000), nullptr);
  EXPECT_EQ(readings_, 0);
  for (const char* id : {"a", "b", "c", "d", "a"}) Of(id, 1, {}, 40);
  EXPECT_EQ(readings_, 4);
  for (const char* id : {"e", "f", "a"}) Of(id, 1, {}, 40);
  EXPECT_EQ(readings_, 6) << "the one used last stays";
  Of("b", 1, {}, 40);
  EXPECT_EQ(readings_, 7) << "the one not used for longest went";
}

TEST(KeyMaps, ALargeTableIsReadForWhoComesAgain) {
  KeyMaps maps(int64_t{1} << 40, 7);
  const catalog::TableEntry entry{.location = "t", .version = 1, .rows = (1 << 20) + 1};
  int readings = 0;
  const auto read = [&](const std::function<void(std::string_view)>&) {
    ++readings;
    return Status::Ok();
  };
  EXPECT_EQ(*maps.Of(entry, read), nullptr);
  EXPECT_NE(*maps.Of(entry, read), nullptr);
  EXPECT_EQ(readings, 1);
}

}  // namespace
}  // namespace tarn::write
