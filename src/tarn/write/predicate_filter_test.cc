#include "tarn/write/predicate_filter.h"

#include <cmath>
#include <limits>

#include <arrow/api.h>
#include <gtest/gtest.h>

#include "tarn/lance/memory_filter.h"

namespace tarn::write {
namespace {

using ir::CompareOp;
using schema::Scalar;

constexpr CompareOp kOps[] = {CompareOp::kEqual,   CompareOp::kNotEqual,
                              CompareOp::kLess,    CompareOp::kLessEqual,
                              CompareOp::kGreater, CompareOp::kGreaterEqual};

bool Holds(CompareOp op, long double left, long double right) {
  switch (op) {
    case CompareOp::kEqual: return left == right;
    case CompareOp::kNotEqual: return left != right;
    case CompareOp::kLess: return left < right;
    case CompareOp::kLessEqual: return left <= right;
    case CompareOp::kGreater: return left > right;
    default: return left >= right;
  }
}

long double NumberOf(const ir::Value& value) {
  return std::visit(
      [](const auto& held) -> long double {
        if constexpr (std::is_arithmetic_v<std::decay_t<decltype(held)>>) {
          return static_cast<long double>(held);
        } else {
          return 0;
        }
      },
      value.held);
}

template <typename T>
std::vector<T> Samples() {
  constexpr T kHighest = std::numeric_limits<T>::max();
  constexpr T kLowest = std::numeric_limits<T>::lowest();
  std::vector<T> samples = {T{0}, T{1}, T{2}, T{100}, kHighest, kLowest};
  if constexpr (std::numeric_limits<T>::is_integer) {
    samples.insert(samples.end(), {static_cast<T>(kHighest - 1), static_cast<T>(kLowest + 1)});
  } else {
    samples.insert(samples.end(), {T(-0.0), T(0.5), T(-1.5), T(0.1), T(16777216), T(16777218)});
  }
  return samples;
}

std::vector<ir::Value> Values() {
  std::vector<ir::Value> values;
  for (const int64_t number :
       {int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{2}, int64_t{1} << 31, (int64_t{1} << 31) - 1,
        -(int64_t{1} << 31), -(int64_t{1} << 31) - 1, int64_t{16777217}, (int64_t{1} << 53) + 1,
        std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()}) {
    values.push_back({number});
  }
  for (const uint64_t number : {uint64_t{1} << 63, std::numeric_limits<uint64_t>::max()}) {
    values.push_back({number});
  }
  for (const double number : {-0.0, 0.5, 1.5, -1.5, 0.1, 4294967295.5, 9.3e18, 1.9e19, -1e300,
                              1e300, std::nextafter(1.0, 2.0), double(0.1F)}) {
    values.push_back({number});
  }
  return values;
}

/// Every sample against every value in every way, beside a null.
template <typename Builder>
void ExpectExact(Scalar scalar) {
  using T = typename Builder::value_type;
  const std::vector<T> samples = Samples<T>();
  Builder builder;
  ASSERT_TRUE(builder.AppendValues(samples).ok());
  ASSERT_TRUE(builder.AppendNull().ok());
  const std::shared_ptr<arrow::Array> column = builder.Finish().ValueOrDie();
  const auto batch = arrow::RecordBatch::Make(arrow::schema({arrow::field("c", column->type())}),
                                              column->length(), {column});
  schema::PropertyType type;
  type.scalar = scalar;
  for (const ir::Value& value : Values()) {
    for (const CompareOp op : kOps) {
      const std::optional<lance::Filter> filter = FilterOf("c", type, op, value);
      const std::vector<bool> kept =
          filter ? lance::RowsKept(*batch, *filter) : std::vector<bool>(samples.size() + 1);
      for (size_t i = 0; i < samples.size(); ++i) {
        EXPECT_EQ(kept[i], Holds(op, static_cast<long double>(samples[i]), NumberOf(value)))
            << +samples[i] << " " << ir::CompareOpText(op) << " " << ir::ToJson(value);
      }
      EXPECT_FALSE(kept[samples.size()]) << "null passes nothing";
    }
  }
}

// req: GRAPH-17
TEST(PredicateFilter, ComparesEveryPairOfNumbersExactly) {
  ExpectExact<arrow::Int32Builder>(Scalar::kI32);
  ExpectExact<arrow::Int64Builder>(Scalar::kI64);
  ExpectExact<arrow::UInt32Builder>(Scalar::kU32);
  ExpectExact<arrow::UInt64Builder>(Scalar::kU64);
  ExpectExact<arrow::FloatBuilder>(Scalar::kF32);
  ExpectExact<arrow::DoubleBuilder>(Scalar::kF64);
}

TEST(PredicateFilter, ANullValuePassesNothing) {
  EXPECT_FALSE(FilterOf("c", {}, CompareOp::kNotEqual, {}));
}

}  // namespace
}  // namespace tarn::write
