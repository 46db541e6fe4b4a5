#include "tarn/base/status.h"

#include <memory>
#include <set>

#include <gtest/gtest.h>

namespace tarn {
namespace {

// req: OPS-22 (the table behind every typed error)
TEST(ErrorTable, NumbersAreUniqueAndEveryRowExplainsItself) {
  std::set<int> numbers;
  std::set<std::string_view> names;
  for (const ErrorRow& row : ErrorTable()) {
    EXPECT_TRUE(numbers.insert(static_cast<int>(row.id)).second) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_GT(row.meaning.size(), 20u) << row.name;
    EXPECT_NE(row.code, Code::kOk) << row.name;
  }
}

TEST(Status, OkCostsOnePointerAndCarriesNothing) {
  EXPECT_EQ(sizeof(Status), sizeof(void*));
  EXPECT_TRUE(Status::Ok().ok());
  EXPECT_EQ(Status().ToString(), "OK");
}

TEST(Status, CarriesHintDetailAndTrailInTheOrderTheyWereAdded) {
  const Status status = Error(ErrorId::kFenced, "version {} is taken", 7)
                            .WithHint("try again")
                            .WithDetail("key_conflict", R"({"a":1})")
                            .While("committing node:Port")
                            .While("loading");
  EXPECT_EQ(status.code(), Code::kConflict);
  EXPECT_EQ(status.ToString(),
            "TARN-1010 conflict: version 7 is taken (while committing node:Port) (while loading)");
  EXPECT_EQ(status.hint(), "try again");
  EXPECT_EQ(status.detail()->kind, "key_conflict");
  Status copy = status;
  EXPECT_EQ(copy.ToString(), status.ToString());
}

Result<std::unique_ptr<int>> Half(int value) {
  if (value % 2 != 0) return Error(ErrorId::kInvalidArgument, "{} is odd", value);
  return std::make_unique<int>(value / 2);
}

Result<int> Quarter(int value) {
  TARN_ASSIGN_OR_RETURN(std::unique_ptr<int> half, Half(value));
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<int> quarter, Half(*half));
  return *quarter;
}

TEST(Result, MacrosMoveValuesAndPassErrorsOn) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(6).status().message(), "3 is odd");
}

TEST(ResultDeathTest, AskingAnErrorForItsValueStopsTheProgram) {
  const Result<int> result = Quarter(5);
  EXPECT_DEATH((void)*result, "5 is odd");
}

TEST(Check, ThrowsWhenTheEmbeddingProcessAskedForIt) {
  ThrowOnCheckFailure(true);
  EXPECT_THROW(TARN_CHECK(1 == 2, "no"), CheckFailure);
  ThrowOnCheckFailure(false);
}

}  // namespace
}  // namespace tarn
