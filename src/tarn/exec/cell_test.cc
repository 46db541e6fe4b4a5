#include "tarn/exec/cell.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tarn/exec/order_range.h"

namespace tarn::exec {
namespace {

using ir::CompareOp;

const double kNan = std::numeric_limits<double>::quiet_NaN();
const double kInfinity = std::numeric_limits<double>::infinity();

bool Holds(CompareOp op, const Cell& left, const Cell& right) {
  const Cell cell = EvaluateCompare(op, left, right, /*left_is_list=*/false);
  return cell.kind == Cell::Kind::kBool && cell.boolean;
}

// §7.4: numbers compare by exact value, whatever their types.
TEST(Cell, IntegersAndFloatsCompareExactly) {
  const int64_t beyond = 9007199254740993;  // 2^53 + 1, no double
  EXPECT_GT(CompareCells(Cell::Int(beyond), Cell::Float(9007199254740992.0)), 0);
  EXPECT_LT(CompareCells(Cell::Float(9007199254740992.0), Cell::Int(beyond)), 0);
  EXPECT_GT(CompareCells(Cell::Float(4.5), Cell::Int(4)), 0);
  EXPECT_GT(CompareCells(Cell::Int(-4), Cell::Float(-4.5)), 0);
  EXPECT_EQ(CompareCells(Cell::Int(7), Cell::Float(7.0)), 0);
  EXPECT_GT(CompareCells(Cell::Uint(UINT64_MAX), Cell::Int(INT64_MAX)), 0);
  EXPECT_LT(CompareCells(Cell::Uint(UINT64_MAX), Cell::Float(18446744073709551616.0)), 0);
  EXPECT_GT(CompareCells(Cell::Int(INT64_MIN), Cell::Float(-kInfinity)), 0);
}

TEST(Cell, NanIsGreatestAndEqualToItselfAndZeroHasNoSign) {
  EXPECT_EQ(CompareCells(Cell::Float(kNan), Cell::Float(-kNan)), 0);
  EXPECT_GT(CompareCells(Cell::Float(kNan), Cell::Float(kInfinity)), 0);
  EXPECT_LT(CompareCells(Cell::Int(3), Cell::Float(kNan)), 0);
  EXPECT_EQ(CompareCells(Cell::Float(-0.0), Cell::Float(0.0)), 0);
  EXPECT_EQ(CompareCells(Cell::Int(0), Cell::Float(-0.0)), 0);
}

// §7.4: a decimal of the query is rounded when it meets a 32-bit property, a stored 64-bit float is
// not.
TEST(Cell, AQueryDecimalIsRoundedForASingleProperty) {
  const Cell stored = Cell::Float(static_cast<double>(13.1F), Cell::Width::kSingle);
  EXPECT_TRUE(Holds(CompareOp::kEqual, stored, Cell::Float(13.1, Cell::Width::kQuery)));
  EXPECT_TRUE(Holds(CompareOp::kEqual, Cell::Float(13.1, Cell::Width::kQuery), stored));
  EXPECT_FALSE(Holds(CompareOp::kEqual, stored, Cell::Float(13.1)));
  EXPECT_FALSE(Holds(CompareOp::kEqual, stored, Cell::Int(13)));
}

// trap: 23
TEST(Cell, ComparisonsWithNullAreUnknown) {
  for (const CompareOp op :
       {CompareOp::kEqual, CompareOp::kNotEqual, CompareOp::kLess, CompareOp::kGreaterEqual,
        CompareOp::kContains, CompareOp::kStartsWith}) {
    EXPECT_TRUE(EvaluateCompare(op, Cell::Null(), Cell::Int(1), false).is_null());
    EXPECT_TRUE(EvaluateCompare(op, Cell::String("a"), Cell::Null(), false).is_null());
  }
  const ir::Value list{ir::ValueList{ir::Value{int64_t{1}}}};
  EXPECT_EQ(EvaluateCompare(CompareOp::kContains, Cell::Null(), Cell::Int(1), true).kind,
            Cell::Kind::kBool);
  EXPECT_FALSE(EvaluateCompare(CompareOp::kContains, CellOf(list), Cell::Null(), true).boolean);
  EXPECT_TRUE(EvaluateCompare(CompareOp::kContains, CellOf(list), Cell::Float(1.0), true).boolean);
}

TEST(Cell, TextComparesByBytes) {
  EXPECT_GT(CompareCells(Cell::String("\xC3\xA9"), Cell::String("z")), 0);
  EXPECT_LT(CompareCells(Cell::String("B"), Cell::String("a")), 0);
  EXPECT_TRUE(Holds(CompareOp::kStartsWith, Cell::String("abc"), Cell::String("ab")));
  EXPECT_FALSE(Holds(CompareOp::kStartsWith, Cell::String("abc"), Cell::String("AB")));
  EXPECT_TRUE(Holds(CompareOp::kContains, Cell::String("50 %"), Cell::String("%")));
}

TEST(Cell, GroupKeysAreEqualExactlyWhenValuesAre) {
  const auto key = [](const Cell& cell) {
    std::string bytes;
    AppendKey(cell, bytes);
    return bytes;
  };
  EXPECT_EQ(key(Cell::Float(-0.0)), key(Cell::Float(0.0)));
  EXPECT_EQ(key(Cell::Float(kNan)), key(Cell::Float(-kNan)));
  EXPECT_NE(key(Cell::Null()), key(Cell::Int(0)));
  EXPECT_NE(key(Cell::String("")), key(Cell::Null()));
  // Two texts side by side do not flow into each other.
  std::string joined;
  AppendKey(Cell::String("a"), joined);
  AppendKey(Cell::String("bc"), joined);
  std::string other;
  AppendKey(Cell::String("ab"), other);
  AppendKey(Cell::String("c"), other);
  EXPECT_NE(joined, other);
}

/// Every number that has ever been on an edge of something.
std::vector<Cell> Numbers() {
  std::vector<Cell> numbers;
  for (const int64_t value :
       {INT64_MIN, INT64_MIN + 1, int64_t{-5}, int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{4},
        int64_t{5}, int64_t{16777217}, int64_t{9007199254740993}, INT64_MAX - 1, INT64_MAX}) {
    numbers.push_back(Cell::Int(value));
  }
  for (const uint64_t value : {uint64_t{1} << 63, UINT64_MAX - 1, UINT64_MAX})
    numbers.push_back(Cell::Uint(value));
  for (const double value : {-kInfinity, -1e300, -9223372036854775808.0, -4.5, -0.0, 0.0, 5e-324,
                             0.1, 4.5, 13.1, 16777217.0, 9007199254740992.0, 9223372036854775808.0,
                             18446744073709551616.0, 1e300, kInfinity, kNan}) {
    numbers.push_back(Cell::Float(value, Cell::Width::kQuery));
  }
  return numbers;
}

/// A column's value as a comparison sees it, and the key of its column.
struct Stored {
  Cell cell;
  int64_t key;
};

void ExpectRangesAgree(const std::vector<Stored>& column, KeyDomain domain) {
  for (const Cell& constant : Numbers()) {
    for (const CompareOp op :
         {CompareOp::kEqual, CompareOp::kNotEqual, CompareOp::kLess, CompareOp::kLessEqual,
          CompareOp::kGreater, CompareOp::kGreaterEqual}) {
      const OrderRange range = *RangeOf(op, constant, domain);
      for (const Stored& stored : column) {
        EXPECT_EQ(range.Has(stored.key), Holds(op, stored.cell, constant))
            << "domain " << static_cast<int>(domain) << " " << ir::CompareOpText(op) << " stored "
            << AsDouble(stored.cell) << " constant " << AsDouble(constant);
      }
    }
  }
}

// A comparison turned into a range of keys decides as the comparison does.
TEST(OrderRange, AgreesWithTheComparisonInEveryDomain) {
  std::vector<Stored> whole;
  std::vector<Stored> unsigned_whole;
  std::vector<Stored> real;
  std::vector<Stored> single;
  for (const Cell& number : Numbers()) {
    if (number.kind == Cell::Kind::kInt) whole.push_back({number, OrderKey(number.integer)});
    if (number.kind == Cell::Kind::kUint)
      unsigned_whole.push_back({number, OrderKey(number.unsigned_integer)});
    if (number.kind == Cell::Kind::kInt && number.integer >= 0) {
      unsigned_whole.push_back({number, OrderKey(static_cast<uint64_t>(number.integer))});
    }
    if (number.kind == Cell::Kind::kFloat) {
      real.push_back({Cell::Float(number.real), OrderKey(number.real)});
      const auto narrow = static_cast<double>(static_cast<float>(number.real));
      single.push_back({Cell::Float(narrow, Cell::Width::kSingle), OrderKey(narrow)});
    }
  }
  ExpectRangesAgree(whole, KeyDomain::kSigned);
  ExpectRangesAgree(unsigned_whole, KeyDomain::kUnsigned);
  ExpectRangesAgree(real, KeyDomain::kFloat);
  ExpectRangesAgree(single, KeyDomain::kSingle);
}

}  // namespace
}  // namespace tarn::exec
