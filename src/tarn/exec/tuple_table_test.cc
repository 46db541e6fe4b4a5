#include "tarn/exec/tuple_table.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tarn/exec/dense_map.h"

namespace tarn::exec {
namespace {

// req: GRAPH-8 (merged tuples add their weights)
TEST(TupleTable, NumbersTuplesInTheOrderTheyCome) {
  TupleTable table(2);
  std::map<std::pair<Dense, Dense>, uint32_t> expected;
  std::mt19937 bits(7);
  for (int i = 0; i < 20000; ++i) {
    const Dense tuple[2] = {static_cast<Dense>(bits() % 90), static_cast<Dense>(bits() % 90)};
    bool is_new = false;
    const uint32_t number = table.Insert(tuple, &is_new);
    const auto [known, inserted] = expected.try_emplace({tuple[0], tuple[1]}, table.size() - 1);
    EXPECT_EQ(is_new, inserted);
    EXPECT_EQ(number, known->second);
  }
  EXPECT_EQ(table.size(), expected.size());
}

TEST(TupleTable, WithoutColumnsThereIsOneTuple) {
  TupleTable table(0);
  bool is_new = false;
  EXPECT_EQ(table.Insert(nullptr, &is_new), 0U);
  EXPECT_TRUE(is_new);
  EXPECT_EQ(table.Insert(nullptr, &is_new), 0U);
  EXPECT_FALSE(is_new);
  table.Clear();
  EXPECT_EQ(table.Insert(nullptr, &is_new), 0U);
  EXPECT_TRUE(is_new);
}

TEST(DenseMap, FindsWhatWasInserted) {
  DenseMap map;
  EXPECT_EQ(map.Find(3), DenseMap::kAbsent);
  for (Dense key = 0; key < 5000; ++key) EXPECT_EQ(map.Insert(key * 977), key);
  for (Dense key = 0; key < 5000; ++key) EXPECT_EQ(map.Find(key * 977), key);
  EXPECT_EQ(map.Insert(977), 1U);
  EXPECT_EQ(map.Find(1), DenseMap::kAbsent);
}

}  // namespace
}  // namespace tarn::exec
