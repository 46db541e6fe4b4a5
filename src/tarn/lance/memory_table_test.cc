// What is special about the in-memory tables: faults, cost, and strictness beyond Lance. What they
// share with Lance is in tests/contract.

#include "tarn/lance/memory_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "tarn/columnar/row_text.h"
#include "tarn/store/memory_meter.h"

namespace tarn::lance {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using Action = store::MemoryFault::Action;

constexpr std::string_view kUri = "memory/tables/01J.lance";

std::shared_ptr<arrow::Schema> PeopleSchema() {
  return arrow::schema(
      {arrow::field("id", arrow::int64(), false), arrow::field("name", arrow::utf8())});
}

std::unique_ptr<BatchStream> Rows(std::string_view json) {
  return StreamOf(PeopleSchema(), {columnar::BatchFromJson(PeopleSchema(), json).value()});
}

std::vector<std::string> Texts(const Table& table, ScanSpec spec = {.columns = {"id", "name"}}) {
  std::unique_ptr<BatchStream> stream = table.Scan({}, spec).value();
  return columnar::RowTexts(ReadAll(*stream).value());
}

std::vector<uint64_t> Numbers(const Table& table, bool addresses) {
  std::unique_ptr<BatchStream> stream =
      table.Scan({}, {.row_id = !addresses, .row_addr = addresses}).value();
  std::vector<uint64_t> numbers;
  for (const auto& batch : ReadAll(*stream).value()) {
    const auto& column = static_cast<const arrow::UInt64Array&>(*batch->column(0));
    for (int64_t i = 0; i < column.length(); ++i) numbers.push_back(column.Value(i));
  }
  return numbers;
}

class MemoryTableTest : public ::testing::Test {
 protected:
  std::unique_ptr<Table> Create(std::string_view json) {
    std::unique_ptr<Staged> staged = store_->StageCreate({}, kUri, Rows(json), {}).value();
    return store_->CommitCreate({}, *staged, {}).value();
  }

  std::shared_ptr<MemoryTables> tables_ = NewMemoryTables();
  std::shared_ptr<store::MemoryFaults> faults_ = std::make_shared<store::MemoryFaults>();
  std::unique_ptr<TableStore> store_ = OpenMemoryTableStore(tables_, faults_);
};

// req: WRITE-2
TEST_F(MemoryTableTest, ALostCommitAnswerIsUnknownAndTheProbeResolvesIt) {
  std::unique_ptr<Table> base = Create(R"([[1,"Ada"]])");
  std::unique_ptr<Staged> staged =
      store_->StageAppend({}, *base, Rows(R"([[2,"Bob"]])"), {}).value();
  faults_->Add({.operation = "commit", .action = Action::kLoseAnswer});
  EXPECT_EQ(store_->CommitExact({}, *base, *staged, {}).status().id(), ErrorId::kCommitUnknown);
  EXPECT_EQ(store_->Probe({}, kUri, 2, staged->uuid()).value(), ProbeOutcome::kOurs);
  EXPECT_EQ(store_->CommitExact({}, *base, *staged, {}).value()->version(), 2u)
      << "a redo finds its own commit";
  EXPECT_EQ(store_->Open({}, kUri, std::nullopt).value()->version(), 2u);
}

TEST_F(MemoryTableTest, AFailedCommitDidNotHappen) {
  std::unique_ptr<Table> base = Create(R"([[1,"Ada"]])");
  std::unique_ptr<Staged> staged =
      store_->StageAppend({}, *base, Rows(R"([[2,"Bob"]])"), {}).value();
  faults_->Add({.operation = "commit", .action = Action::kFail, .where = "01J"});
  EXPECT_EQ(store_->CommitExact({}, *base, *staged, {}).status().id(),
            ErrorId::kStorageUnavailable);
  EXPECT_EQ(store_->Probe({}, kUri, 2, staged->uuid()).value(), ProbeOutcome::kAbsent);
  EXPECT_EQ(store_->CommitExact({}, *base, *staged, {}).value()->version(), 2u);
}

TEST_F(MemoryTableTest, ASecondWriterCanCommitBetweenStageAndCommit) {
  std::unique_ptr<Table> base = Create(R"([[1,"Ada"]])");
  std::unique_ptr<Staged> staged =
      store_->StageAppend({}, *base, Rows(R"([[2,"Bob"]])"), {}).value();
  std::unique_ptr<TableStore> rival = OpenMemoryTableStore(tables_);
  faults_->Add({.operation = "commit", .action = Action::kNone, .before = [&] {
                  std::unique_ptr<Staged> theirs =
                      rival->StageAppend({}, *base, Rows(R"([[3,"Eve"]])"), {}).value();
                  ASSERT_TRUE(rival->CommitExact({}, *base, *theirs, {}).ok());
                }});
  EXPECT_EQ(store_->CommitExact({}, *base, *staged, {}).status().id(), ErrorId::kFenced);
  EXPECT_EQ(store_->Probe({}, kUri, 2, staged->uuid()).value(), ProbeOutcome::kForeign);
}

TEST_F(MemoryTableTest, AnotherProcessFinishesWhatWasEncoded) {
  std::unique_ptr<Table> base = Create(R"([[1,"Ada"]])");
  const std::string encoded =
      store_->StageAppend({}, *base, Rows(R"([[2,"Bob"]])"), {}).value()->Encode().value();
  store_.reset();
  std::unique_ptr<TableStore> next = OpenMemoryTableStore(tables_);
  std::unique_ptr<Staged> staged = next->Decode(kUri, encoded).value();
  std::unique_ptr<Table> landed =
      next->CommitExact({}, *next->Open({}, kUri, 1).value(), *staged, {}).value();
  EXPECT_THAT(Texts(*landed), ElementsAre(R"(1|"Ada")", R"(2|"Bob")"));
  EXPECT_EQ(next->Decode("memory/other.lance", encoded).status().id(), ErrorId::kCorruptData);
}

TEST_F(MemoryTableTest, RowAddressesOfAnOldVersionAreRefused) {
  std::unique_ptr<Table> first = Create(R"([[1,"Ada"],[2,"Bob"]])");
  std::unique_ptr<Staged> staged =
      store_->StageAppend({}, *first, Rows(R"([[3,"Eve"]])"), {}).value();
  std::unique_ptr<Table> second = store_->CommitExact({}, *first, *staged, {}).value();
  EXPECT_EQ(Numbers(*first, false), (std::vector<uint64_t>{0, 1}));
  EXPECT_EQ(Numbers(*second, false), (std::vector<uint64_t>{0, 1, 2}));
  RowDelta delta;
  delta.gone = {Numbers(*first, true)[0]};
  EXPECT_EQ(store_->StageDelta({}, *second, std::move(delta), {}).status().id(),
            ErrorId::kInvalidArgument);
}

TEST_F(MemoryTableTest, AnUpdatedIdMustBeOneThatGoes) {
  std::unique_ptr<Table> base = Create(R"([[1,"Ada"],[2,"Bob"]])");
  RowDelta delta;
  delta.gone = {Numbers(*base, true)[0]};
  delta.updated = Rows(R"([[1,"Eve"]])");
  delta.updated_row_ids = {1};
  EXPECT_EQ(store_->StageDelta({}, *base, std::move(delta), {}).status().id(),
            ErrorId::kInvalidArgument);
}

TEST_F(MemoryTableTest, CountsWhatTheStorageWouldSee) {
  std::unique_ptr<Meter> meter = store::NewMemoryMeter();
  Request request;
  request.meter = meter.get();
  std::unique_ptr<Table> base = Create(R"([[1,"Ada"],[2,"Bob"]])");
  RowDelta delta;
  delta.gone = {Numbers(*base, true)[0]};
  delta.inserted = Rows(R"([[3,"Eve"]])");
  std::unique_ptr<Staged> staged =
      store_->StageDelta(request.In(Phase::kStage), *base, std::move(delta), {}).value();
  ASSERT_TRUE(
      store_->CommitExact(request.In(Phase::kEffect), *base, *staged, {.trust_expected = true})
          .ok());
  ASSERT_TRUE(store_->Open(request.In(Phase::kRead), kUri, std::nullopt).ok());
  EXPECT_THAT(meter->Read().calls,
              ElementsAre(Pair("get/table-manifest@read", 1), Pair("list/table-manifest@read", 1),
                          Pair("put-if-absent/table-manifest@effect", 1), Pair("put/data@stage", 1),
                          Pair("put/deletion@stage", 1), Pair("put/txn@effect", 1)));
}

TEST_F(MemoryTableTest, FilesHaveAtMostTheRowsAskedFor) {
  std::unique_ptr<Staged> staged =
      store_->StageCreate({}, kUri, Rows(R"([[1,"a"],[2,"b"],[3,"c"]])"), {.rows_per_file_max = 2})
          .value();
  EXPECT_EQ(staged->Files().value().size(), 2u);
  std::unique_ptr<Table> table = store_->CommitCreate({}, *staged, {}).value();
  EXPECT_EQ(table->Facts().value().fragments, 2u);
  EXPECT_EQ(table->Facts().value().rows, 3u);
}

}  // namespace
}  // namespace tarn::lance
