#include "tarn/exec/accumulator.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace tarn::exec {
namespace {

Result<Cell> One(ir::AggregateFn fn, const std::vector<std::pair<Cell, uint64_t>>& rows) {
  Accumulator accumulator(fn);
  accumulator.AddGroup();
  for (const auto& [value, weight] : rows) accumulator.Add(0, value, weight);
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

}  // namespace
}  // namespace tarn::exec
