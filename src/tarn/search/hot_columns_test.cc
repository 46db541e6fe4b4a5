#include "tarn/search/hot_columns.h"

#include <gtest/gtest.h>

#include <string>

#include "tarn/search/limits.h"

namespace tarn::search {
namespace {

constexpr int64_t kPlenty = int64_t{1} << 40;

// invariant: hot_columns-1
TEST(HotColumns, AColumnIsHotOnceItsFetchesCostAsMuchAsReadingIt) {
  HotColumns hot(kPlenty);
  EXPECT_FALSE(hot.IsHot("age")) << "nobody asked for it";
  // 8 bytes a row in a table that is as large as ten calls.
  const uint64_t rows = 10 * (kFetchCallBytes + kFetchRowBytes) / 8;
  for (int i = 0; i < 9; ++i) hot.Fetched("age", 1, 8, rows);
  EXPECT_FALSE(hot.IsHot("age"));
  hot.Fetched("age", 1, 8, rows);
  EXPECT_TRUE(hot.IsHot("age"));
  EXPECT_FALSE(hot.IsHot("name")) << "each column for itself";
  hot.Forget("age");
  EXPECT_FALSE(hot.IsHot("age"));
}

TEST(HotColumns, AColumnThatIsTooLargeNeverIs) {
  HotColumns hot(1000);
  for (int i = 0; i < 100; ++i) hot.Fetched("photo", 1, 101, 10);
  EXPECT_FALSE(hot.IsHot("photo"));
  for (int i = 0; i < 100; ++i) hot.Fetched("name", 1, 100, 10);
  EXPECT_TRUE(hot.IsHot("name"));
  HotColumns none(0);
  none.Fetched("name", 1, 0, 10);
  EXPECT_FALSE(none.IsHot("name")) << "nothing may be kept at all";
}

// invariant: hot_columns-2
TEST(HotColumns, WhatItRemembersIsBounded) {
  HotColumns hot(kPlenty);
  hot.Fetched("first", 1, 1, 1);
  for (size_t i = 0; i < kHotColumnsMax; ++i) hot.Fetched(std::to_string(i), 1, 1, 1);
  EXPECT_FALSE(hot.IsHot("first"));
  EXPECT_TRUE(hot.IsHot(std::to_string(kHotColumnsMax - 1)));
}

}  // namespace
}  // namespace tarn::search
