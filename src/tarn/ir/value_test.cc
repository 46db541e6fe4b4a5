#include "tarn/ir/value.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace tarn::ir {
namespace {

TEST(ValueJson, FollowsTheRulesOfResults) {  // trap: 47, 48, 49
  EXPECT_EQ(ToJson({}), "null");
  EXPECT_EQ(ToJson({true}), "true");
  EXPECT_EQ(ToJson({int64_t{-5}}), "-5");
  EXPECT_EQ(ToJson({uint64_t{18446744073709551615u}}), "18446744073709551615");
  EXPECT_EQ(ToJson({3.0}), "3.0");
  EXPECT_EQ(ToJson({std::string("a\"b")}), "\"a\\\"b\"");
  EXPECT_EQ(ToJson({Date{0}}), "\"1970-01-01\"");
  EXPECT_EQ(ToJson({DateTime{1}}), "\"1970-01-01T00:00:00.001Z\"");
  EXPECT_EQ(ToJson({std::numeric_limits<double>::infinity()}), "\"Infinity\"");
}

TEST(ValueJson, NestsListsAndVectors) {  // trap: 46, 48
  EXPECT_EQ(ToJson({ValueList{{int64_t{1}}, {}, {std::string("x")}}}), "[1,null,\"x\"]");
  EXPECT_EQ(ToJson({Vector{1.0f, 0.1f, std::numeric_limits<float>::quiet_NaN()}}),
            "[1.0,0.10000000149011612,null]");
}

TEST(Value, ComparesKindAndContent) {
  EXPECT_EQ(Value{int64_t{1}}, Value{int64_t{1}});
  EXPECT_FALSE(Value{int64_t{1}} == Value{1.0});
  EXPECT_FALSE(Value{ValueList{{int64_t{1}}}} == Value{ValueList{{int64_t{2}}}});
  EXPECT_TRUE(Value{}.is_null());
}

}  // namespace
}  // namespace tarn::ir
