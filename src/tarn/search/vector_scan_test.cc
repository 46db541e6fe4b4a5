#include "tarn/search/vector_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/type.h>

namespace tarn::search {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Vector = std::vector<float>;
using schema::Metric;

/// A column of vectors; an empty one is null.
std::shared_ptr<arrow::Array> Array(const std::vector<Vector>& vectors, int32_t dimension) {
  arrow::FixedSizeListBuilder list(arrow::default_memory_pool(),
                                   std::make_shared<arrow::FloatBuilder>(), dimension);
  auto& items = static_cast<arrow::FloatBuilder&>(*list.value_builder());
  for (const Vector& vector : vectors) {
    if (vector.empty()) {
      EXPECT_TRUE(list.AppendNull().ok());
    } else {
      EXPECT_TRUE(list.Append().ok() && items.AppendValues(vector).ok());
    }
  }
  return list.Finish().ValueOrDie();
}

VectorColumn Column(const std::vector<Vector>& vectors) {
  return VectorColumn::Of(Array(vectors, static_cast<int32_t>(vectors[0].size()))).value();
}

std::vector<Dense> RowsOf(const std::vector<VectorHit>& hits) {
  std::vector<Dense> rows;
  for (const VectorHit& hit : hits) rows.push_back(hit.row);
  return rows;
}

std::vector<Dense> Nearest(const VectorColumn& column, Metric metric, const Vector& probe,
                           NearestOptions options, const Candidates& candidates = AllRows()) {
  return RowsOf(
      NearestRows({}, column, VectorProbe::Make(metric, probe).value(), candidates, options)
          .value());
}

double NaiveDistance(Metric metric, const Vector& a, const Vector& b) {
  long double dot = 0, aa = 0, bb = 0, gap = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    dot += static_cast<long double>(a[i]) * b[i];
    aa += static_cast<long double>(a[i]) * a[i];
    bb += static_cast<long double>(b[i]) * b[i];
    gap += (static_cast<long double>(a[i]) - b[i]) * (static_cast<long double>(a[i]) - b[i]);
  }
  if (metric == Metric::kL2) return static_cast<double>(gap);
  return static_cast<double>(metric == Metric::kDot ? 1 - dot : 1 - dot / std::sqrt(aa * bb));
}

// req: GRAPH-11
TEST(NearestRows, AgreesWithANaiveRankingOfTheCandidates) {
  for (uint32_t seed = 0; seed < 30; ++seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    const size_t dimension = 1 + random() % 70;
    const size_t count = 1 + random() % 200;
    const auto draw = [&] {
      Vector vector(dimension);
      for (float& component : vector) component = normal(random);
      return vector;
    };
    std::vector<Vector> vectors(count);
    for (Vector& vector : vectors) {
      if (random() % 8 != 0) vector = draw();
    }
    const VectorColumn column =
        VectorColumn::Of(Array(vectors, static_cast<int32_t>(dimension))).value();
    std::vector<Dense> candidates;
    for (Dense row = 0; row < count; ++row) {
      if (random() % 3 == 0) candidates.push_back(row);
    }
    const Bitmap bitmap = Bitmap::Of(count, candidates);
    const Vector probe = draw();
    for (Metric metric : {Metric::kCosine, Metric::kL2, Metric::kDot}) {
      std::vector<std::pair<double, Dense>> expected;
      for (Dense row : candidates) {
        if (!vectors[row].empty())
          expected.emplace_back(NaiveDistance(metric, probe, vectors[row]), row);
      }
      std::sort(expected.begin(), expected.end());
      const auto hits =
          NearestRows({}, column, VectorProbe::Make(metric, probe).value(), &bitmap, {.k = 10})
              .value();
      ASSERT_EQ(hits.size(), std::min<size_t>(10, expected.size()));
      for (size_t i = 0; i < hits.size(); ++i) {
        EXPECT_EQ(hits[i].row, expected[i].second) << "seed " << seed;
        EXPECT_NEAR(hits[i].distance, expected[i].first, 1e-10 * (1 + std::abs(expected[i].first)));
      }
      EXPECT_EQ(Nearest(column, metric, probe, {.k = 10}, std::span<const Dense>(candidates)),
                RowsOf(hits));
    }
  }
}

// req: GRAPH-12
TEST(NearestRows, BreaksTiesByTheCallersOrder) {
  // Rows 0, 2 and 3 point one way, though their float quotients differ in the last bit.
  const VectorColumn column = Column({{1, 1, 0}, {0, 0, 1}, {3, 3, 0}, {7, 7, 0}});
  EXPECT_THAT(Nearest(column, Metric::kCosine, {1, 0, 0}, {.k = 4}), ElementsAre(0u, 2u, 3u, 1u));
  const TieBreak last_first = [](Dense a, Dense b) { return a > b; };
  EXPECT_THAT(Nearest(column, Metric::kCosine, {1, 0, 0}, {.k = 4, .before = last_first}),
              ElementsAre(3u, 2u, 0u, 1u));
  EXPECT_THAT(Nearest(column, Metric::kCosine, {1, 0, 0}, {.k = 1, .before = last_first}),
              ElementsAre(3u))
      << "also at the cut";
}

// req: GRAPH-11
TEST(NearestRows, NeverRanksWhatHasNoDistance) {
  const float nan = std::nanf("");
  const VectorColumn column = Column({{0, 0}, {}, {1, nan}, {2, 2}, {INFINITY, 1}});
  EXPECT_THAT(Nearest(column, Metric::kCosine, {1, 0}, {.k = 9}), ElementsAre(3u));
  EXPECT_THAT(Nearest(column, Metric::kL2, {1, 0}, {.k = 9}), ElementsAre(0u, 3u));
  EXPECT_THAT(Nearest(column, Metric::kDot, {1, 1}, {.k = 9}), ElementsAre(3u, 0u));
  EXPECT_THAT(Nearest(column, Metric::kL2, {1, 0}, {.k = 0}), IsEmpty());
  const auto distances =
      DistancesOf({}, column, VectorProbe::Make(Metric::kL2, Vector{1, 0}).value(),
                  std::vector<Dense>{3, 1, 0, 3})
          .value();
  EXPECT_THAT(distances, ElementsAre(5.0, ::testing::IsNan(), 1.0, 5.0));
}

TEST(NearestRows, ReadsSlicesAndNullsInsideAVector) {
  arrow::FixedSizeListBuilder list(arrow::default_memory_pool(),
                                   std::make_shared<arrow::FloatBuilder>(), 2);
  auto& items = static_cast<arrow::FloatBuilder&>(*list.value_builder());
  for (float x : {9.0f, 1.0f, 2.0f, 3.0f}) {
    ASSERT_TRUE(list.Append().ok() && items.Append(x).ok());
    ASSERT_TRUE((x == 2.0f ? items.AppendNull() : items.Append(0)).ok());
  }
  const auto whole = list.Finish().ValueOrDie();
  const VectorColumn column = VectorColumn::Of(whole->Slice(1)).value();
  EXPECT_EQ(column.rows(), 3u);
  EXPECT_THAT(Nearest(column, Metric::kL2, {3, 0}, {.k = 3}), ElementsAre(2u, 0u));
}

TEST(VectorProbe, RefusesWhatHasNoDistance) {
  EXPECT_EQ(VectorProbe::Make(Metric::kCosine, Vector{0, 0}).status().id(),
            ErrorId::kInvalidArgument);
  EXPECT_TRUE(VectorProbe::Make(Metric::kL2, Vector{0, 0}).ok());
  EXPECT_EQ(VectorProbe::Make(Metric::kL2, Vector{}).status().id(), ErrorId::kInvalidArgument);
  EXPECT_THAT(VectorProbe::Make(Metric::kL2, Vector{0, INFINITY}).status().message(),
              HasSubstr("component 1"));
  const auto probe = VectorProbe::Make(Metric::kL2, Vector{1, 2, 3}).value();
  EXPECT_EQ(NearestRows({}, Column({{1, 2}}), probe, AllRows(), {.k = 1}).status().message(),
            "a query vector of 3 components cannot be compared with vectors of 2");
  arrow::DoubleBuilder numbers;
  EXPECT_EQ(VectorColumn::Of(numbers.Finish().ValueOrDie()).status().id(),
            ErrorId::kInvalidArgument);
}

// req: GRAPH-12
TEST(VectorProbe, AnswersExactNumbers) {
  const Vector a = {0.1f, -0.25f, 3};
  EXPECT_EQ(VectorProbe::Make(Metric::kCosine, a).value().DistanceTo(a.data()), 0.0);
  const Vector opposite = {-0.1f, 0.25f, -3};
  EXPECT_EQ(VectorProbe::Make(Metric::kCosine, a).value().DistanceTo(opposite.data()), 2.0);
  const Vector b = {4, 0, 3};
  const Vector origin = {0, 0, 0};
  EXPECT_EQ(VectorProbe::Make(Metric::kL2, b).value().DistanceTo(origin.data()), 25.0);
  EXPECT_EQ(VectorProbe::Make(Metric::kDot, b).value().DistanceTo(b.data()), -24.0);
}

// req: GRAPH-25
TEST(NearestRows, StopsWhenTheRequestDoes) {
  CancelToken cancel;
  cancel.Fire();
  Request request;
  request.cancel = &cancel;
  const auto probe = VectorProbe::Make(Metric::kL2, Vector{1, 2}).value();
  EXPECT_EQ(NearestRows(request, Column({{1, 2}}), probe, AllRows(), {.k = 1}).status().id(),
            ErrorId::kCancelled);
}

}  // namespace
}  // namespace tarn::search
