#include "tarn/schema/decimal.h"

#include <gtest/gtest.h>

namespace tarn::schema {
namespace {

// trap: 22
TEST(DecimalTest, ComparesExactly) {
  EXPECT_EQ(CompareDecimals("9007199254740993", "9007199254740992"), 1);
  EXPECT_EQ(CompareDecimals("0.1", "0.10"), 0);
  EXPECT_EQ(CompareDecimals("-0", "0.0"), 0);
  EXPECT_LT(CompareDecimals("-10", "-9.5"), 0);
  EXPECT_LT(CompareDecimals("-1", "0"), 0);
  EXPECT_GT(CompareDecimals("10", "9.99"), 0);
  EXPECT_LT(CompareDecimals("0.09", "0.1"), 0);
  EXPECT_GT(CompareDecimals("007", "6"), 0);
  EXPECT_GT(CompareDecimals(std::string(400, '9'), std::string(399, '9')), 0);
}

// req: SCHEMA-1
TEST(DecimalTest, HasOneSpellingPerValue) {
  EXPECT_EQ(CanonicalDecimal("0.50"), "0.5");
  EXPECT_EQ(CanonicalDecimal("060.0"), "60");
  EXPECT_EQ(CanonicalDecimal("-0.0"), "0");
  EXPECT_EQ(CanonicalDecimal("-00.10"), "-0.1");
}

}  // namespace
}  // namespace tarn::schema
