// Arrow's errors, memory and C structs in Tarn's terms.

#include <cmath>
#include <limits>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/columnar/arrow_status.h"
#include "tarn/columnar/budget_pool.h"
#include "tarn/columnar/c_data.h"
#include "tarn/columnar/row_text.h"

namespace tarn::columnar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<arrow::Schema> PeopleSchema() {
  return arrow::schema({arrow::field("id", arrow::uint64(), false),
                        arrow::field("name", arrow::utf8()),
                        arrow::field("scores", arrow::list(arrow::float32()))});
}

TEST(ArrowStatus, EveryFamilyOfErrorsKeepsItsMeaning) {
  EXPECT_TRUE(FromArrow(arrow::Status::OK()).ok());
  EXPECT_EQ(FromArrow(arrow::Status::Invalid("x")).id(), ErrorId::kInvalidArgument);
  EXPECT_EQ(FromArrow(arrow::Status::TypeError("x")).id(), ErrorId::kInvalidArgument);
  EXPECT_EQ(FromArrow(arrow::Status::OutOfMemory("x")).id(), ErrorId::kMemoryBudget);
  EXPECT_EQ(FromArrow(arrow::Status::IOError("x")).id(), ErrorId::kStorageUnavailable);
  EXPECT_EQ(FromArrow(arrow::Status::NotImplemented("x")).id(), ErrorId::kUnsupported);
  EXPECT_EQ(FromArrow(arrow::Status::Cancelled("x")).id(), ErrorId::kCancelled);
  EXPECT_EQ(FromArrow(arrow::Status::SerializationError("x")).id(), ErrorId::kCorruptData);
  EXPECT_EQ(FromArrow(arrow::Status::UnknownError("boom")).id(), ErrorId::kInternal);
  EXPECT_EQ(FromArrow(arrow::Status::UnknownError("boom")).message(), "boom");
}

TEST(ArrowStatus, ATarnErrorSurvivesTheRoundTripWhole) {
  const Status before =
      Error(ErrorId::kFenced, "version {} is taken", 7).WithHint("try again").While("table Person");
  const arrow::Status arrow_status = ToArrow(before);
  EXPECT_FALSE(arrow_status.ok());
  const Status after = FromArrow(arrow_status.WithMessage("wrapped by Arrow"));
  EXPECT_EQ(after.id(), ErrorId::kFenced);
  EXPECT_EQ(after.message(), "version 7 is taken");
  EXPECT_EQ(after.hint(), "try again");
  EXPECT_THAT(after.trail(), ElementsAre("table Person"));
  EXPECT_TRUE(ToArrow(Status::Ok()).ok());
}

Result<int> Doubled(arrow::Result<int> result) {
  TARN_ARROW_ASSIGN_OR_RETURN(const int value, std::move(result));
  TARN_ARROW_RETURN_IF_ERROR(value < 0 ? arrow::Status::Invalid("negative") : arrow::Status::OK());
  return value * 2;
}

TEST(ArrowStatus, MacrosReturnTheErrorOrTheValue) {
  EXPECT_EQ(Doubled(21).value(), 42);
  EXPECT_EQ(Doubled(-1).status().message(), "negative");
  EXPECT_EQ(Doubled(arrow::Status::KeyError("no")).status().id(), ErrorId::kInvalidArgument);
}

// req: SQL-11 (Arrow memory is part of the budget)
TEST(BudgetPool, AnArrayBeyondTheBudgetFailsAndLeavesNothingTaken) {
  MemoryBudget budget(1 << 16);
  BudgetPool pool(&budget, "the sort");
  {
    arrow::Int64Builder builder(&pool);
    ASSERT_TRUE(builder.Reserve(1000).ok());
    EXPECT_GE(budget.bytes_used(), 8000);
    EXPECT_EQ(budget.bytes_used(), pool.bytes_allocated());
    const Status status = FromArrow(builder.Reserve(100'000));
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.id(), ErrorId::kMemoryBudget);
    EXPECT_THAT(status.message(), HasSubstr("the sort"));
    ASSERT_TRUE(status.detail().has_value());
    EXPECT_EQ(status.detail()->kind, "resource_limit");
  }
  EXPECT_EQ(budget.bytes_used(), 0);
  EXPECT_EQ(pool.bytes_allocated(), 0);
}

TEST(BudgetPool, GrowingAndShrinkingFollowsTheBudget) {
  MemoryBudget budget(1 << 20);
  BudgetPool pool(&budget);
  uint8_t* bytes = nullptr;
  ASSERT_TRUE(pool.Allocate(1024, &bytes).ok());
  ASSERT_TRUE(pool.Reallocate(1024, 4096, &bytes).ok());
  EXPECT_EQ(budget.bytes_used(), 4096);
  EXPECT_TRUE(pool.Reallocate(4096, 1 << 21, &bytes).IsOutOfMemory());
  EXPECT_EQ(budget.bytes_used(), 4096) << "a refused growth must not be charged";
  ASSERT_TRUE(pool.Reallocate(4096, 512, &bytes).ok());
  EXPECT_EQ(budget.bytes_used(), 512);
  pool.Free(bytes, 512);
  EXPECT_EQ(budget.bytes_used(), 0);
  EXPECT_EQ(budget.bytes_peak(), 4096);
}

TEST(BudgetPool, WithoutABudgetEverythingIsAllowed) {
  BudgetPool pool(nullptr);
  uint8_t* bytes = nullptr;
  ASSERT_TRUE(pool.Allocate(1 << 20, &bytes).ok());
  pool.Free(bytes, 1 << 20);
}

TEST(RowText, PrintsEveryKindOfCell) {
  Result<std::shared_ptr<arrow::RecordBatch>> batch = BatchFromJson(
      PeopleSchema(), R"([[1,"A\"da",[1,2.5,null]],[18446744073709551615,null,null],[3,"",[]]])");
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_THAT(RowTexts(**batch), ElementsAre(R"(1|"A\"da"|[1.0,2.5,null])",
                                             "18446744073709551615|null|null", R"(3|""|[])"));
}

TEST(RowText, PrintsNumbersSoThatTheyReadBackEqual) {
  arrow::DoubleBuilder builder;
  const double inf = std::numeric_limits<double>::infinity();
  ASSERT_TRUE(builder.AppendValues({0.1, 1e300, 2.0, -0.0, std::nan(""), inf}).ok());
  std::shared_ptr<arrow::Array> array = builder.Finish().ValueOrDie();
  std::vector<std::string> cells;
  for (int64_t i = 0; i < array->length(); ++i) cells.push_back(CellText(*array, i));
  EXPECT_THAT(cells, ElementsAre("0.1", "1e+300", "2.0", "-0.0", "nan", "inf"));
}

TEST(RowText, SortsRowsOfResultsWithoutOrder) {
  auto schema = arrow::schema({arrow::field("x", arrow::int32())});
  Batches batches = {BatchFromJson(schema, "[[3],[1]]").value(),
                     BatchFromJson(schema, "[[2]]").value()};
  EXPECT_THAT(RowTexts(batches), ElementsAre("3", "1", "2"));
  EXPECT_THAT(SortedRowTexts(batches), ElementsAre("1", "2", "3"));
}

TEST(RowText, RefusesRowsThatDoNotFit) {
  EXPECT_EQ(BatchFromJson(PeopleSchema(), R"([["x",1,2]])").status().id(),
            ErrorId::kInvalidArgument);
  EXPECT_EQ(BatchFromJson(PeopleSchema(), R"([[null,"a",null]])").status().id(),
            ErrorId::kInvalidArgument);
}

TEST(CData, ABatchCrossesTheBorderAndBack) {
  std::shared_ptr<arrow::RecordBatch> batch =
      BatchFromJson(PeopleSchema(), R"([[1,"Ada",[1]],[2,null,null]])").value();
  CArray array;
  CSchema schema;
  ASSERT_TRUE(ExportBatch(*batch, array, schema).ok());
  Result<std::shared_ptr<arrow::RecordBatch>> back = ImportBatch(array, schema);
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_TRUE((*back)->Equals(*batch));
  EXPECT_EQ(array.get()->release, nullptr);
}

TEST(CData, ReleasesWhatNobodyImported) {
  MemoryBudget budget(1 << 20);
  BudgetPool pool(&budget);
  arrow::Int64Builder builder(&pool);
  ASSERT_TRUE(builder.AppendValues({1, 2, 3}).ok());
  std::shared_ptr<arrow::Array> ints = builder.Finish().ValueOrDie();
  {
    CArray array;
    CSchema schema;
    ASSERT_TRUE(ExportArray(*ints, array, schema).ok());
    ints.reset();
    EXPECT_GT(budget.bytes_used(), 0);
  }
  EXPECT_EQ(budget.bytes_used(), 0);
}

TEST(CData, RefusesAnArrayOfAnotherSchema) {
  std::shared_ptr<arrow::RecordBatch> batch =
      BatchFromJson(PeopleSchema(), R"([[1,"Ada",[1]]])").value();
  CArray array;
  CSchema schema;
  ASSERT_TRUE(ExportBatch(*batch, array, schema).ok());
  EXPECT_FALSE(ImportBatch(array, arrow::schema({arrow::field("x", arrow::int32())})).ok());
}

}  // namespace
}  // namespace tarn::columnar
