#include "tarn/exec/accumulator.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace tarn::exec {
namespace {

Result<Cell> One(ir::AggregateFn fn, const std::vector<std::pair<Cell, uint64_t>>& rows) {
  Accumulator accumulator(fn);
  accumulator.AddGroup();
  for (const auto& [value, weight] : rows) {
    TARN_RETURN_IF_ERROR(accumulator.Add(0, value, weight));
  }
  return accumulator.Finish(0);
}

// trap: 33
TEST(Accumulator, OfNothingIsNullExceptACount) {
  EXPECT_EQ(One(ir::AggregateFn::kCount, {})->integer, 0);
  EXPECT_TRUE(One(ir::AggregateFn::kSum, {})->is_null());
  EXPECT_TRUE(One(ir::AggregateFn::kAvg, {})->is_null());
  EXPECT_TRUE(One(ir::AggregateFn::kMin, {})->is_null());
}

TEST(Accumulator, SumOfIntegersIsAFloatWithoutRoundingOnTheWay) {
  const Cell sum = *One(ir::AggregateFn::kSum, {{Cell::Int(INT64_MAX), 3},
                                                {Cell::Int(-INT64_MAX), 3},
                                                {Cell::Int(1), 1},
                                                {Cell::Int(2), 1}});
  EXPECT_EQ(sum.kind, Cell::Kind::kFloat);
  EXPECT_EQ(sum.real, 3.0);
}

TEST(Accumulator, TheOrderOfFloatsDoesNotShow) {
  const std::vector<std::pair<Cell, uint64_t>> up = {
      {Cell::Float(1), 1}, {Cell::Float(1e100), 1}, {Cell::Float(1), 1}, {Cell::Float(-1e100), 1}};
  const std::vector<std::pair<Cell, uint64_t>> down(up.rbegin(), up.rend());
  EXPECT_EQ(One(ir::AggregateFn::kSum, up)->real, 2.0);
  EXPECT_EQ(One(ir::AggregateFn::kSum, down)->real, 2.0);
}

TEST(Accumulator, NonFiniteSumsStayWhatTheyAre) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(One(ir::AggregateFn::kSum, {{Cell::Float(infinity), 2}, {Cell::Float(1), 1}})->real,
            infinity);
  EXPECT_TRUE(std::isnan(
      One(ir::AggregateFn::kSum, {{Cell::Float(infinity), 1}, {Cell::Float(-infinity), 1}})->real));
}

TEST(Accumulator, WeightsRepeatRows) {
  EXPECT_EQ(One(ir::AggregateFn::kCount, {{Cell::Null(), 5}, {Cell::Null(), 2}})->integer, 7);
  EXPECT_EQ(One(ir::AggregateFn::kAvg, {{Cell::Int(1), 3}, {Cell::Int(5), 1}})->real, 2.0);
  EXPECT_EQ(One(ir::AggregateFn::kMax, {{Cell::String("a"), 9}, {Cell::String("b"), 1}})->text(),
            "b");
}

TEST(Accumulator, ACountBeyond63BitsIsRefused) {
  const auto count = One(ir::AggregateFn::kCount, {{Cell::Null(), UINT64_MAX}, {Cell::Null(), 1}});
  ASSERT_FALSE(count.ok());
  EXPECT_EQ(count.status().id(), ErrorId::kCountOverflow);
}

TEST(Accumulator, IsumIsExactOrRefused) {
  // 2^64 - 1 - 2^63 fits again.
  const Cell sum = *One(ir::AggregateFn::kIsum, {{Cell::Int(INT64_MAX), 3},
                                                 {Cell::Int(-INT64_MAX), 3},
                                                 {Cell::Uint(UINT64_MAX), 1},
                                                 {Cell::Int(INT64_MIN), 1}});
  EXPECT_EQ(sum.kind, Cell::Kind::kInt);
  EXPECT_EQ(sum.integer, INT64_MAX);
  const auto more = One(ir::AggregateFn::kIsum, {{Cell::Int(INT64_MAX), 1}, {Cell::Int(1), 1}});
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.status().id(), ErrorId::kNotComputable);
}

TEST(Accumulator, DistinctValuesCountOnceAndListsAreSorted) {
  Accumulator count(ir::AggregateFn::kCount, /*distinct=*/true);
  Accumulator list(ir::AggregateFn::kCollect);
  for (Accumulator* accumulator : {&count, &list}) {
    accumulator->AddGroup();
    for (const int64_t value : {3, 1, 3}) {
      ASSERT_TRUE(accumulator->Add(0, Cell::Int(value), 2).ok());
    }
  }
  EXPECT_EQ(count.Finish(0)->integer, 2);
  const Cell items = *list.Finish(0);
  ASSERT_EQ(items.size, 6);
  EXPECT_EQ(ListItem(items, 0).integer, 1);
  EXPECT_EQ(ListItem(items, 5).integer, 3);
}

TEST(Accumulator, AListBeyondItsLimitIsRefusedBeforeItIsMade) {
  const auto list = One(ir::AggregateFn::kCollect, {{Cell::Int(1), uint64_t{1} << 40}});
  ASSERT_FALSE(list.ok());
  EXPECT_EQ(list.status().id(), ErrorId::kResultTooLarge);
}

}  // namespace
}  // namespace tarn::exec
