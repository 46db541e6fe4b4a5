// Commits: exactly one version, exactly one winner, and a redo by anybody who has the encoded
// transaction.

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "backend.h"
#include "tarn/base/task_group.h"

namespace tarn::contract {
namespace {

using lance::CommitOptions;
using lance::ProbeOutcome;
using lance::Staged;
using lance::Table;
using lance::TableStore;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CommitTest : public TableTest {};
TARN_ON_EVERY_BACKEND(CommitTest);

// req: WRITE-2
TEST_P(CommitTest, TheSecondCommitOnOneVersionIsFencedAndHasNoEffect) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  std::unique_ptr<Staged> ours = StageAppend(*base, R"([[2,"Bob"]])");
  std::unique_ptr<Staged> theirs = StageAppend(*base, R"([[3,"Eve"]])");
  for (const bool trust : {false, true}) {
    if (!trust) {
      ASSERT_TRUE(backend_->Tables()->CommitExact({}, *base, *theirs, {}).ok());
    }
    EXPECT_EQ(store_->CommitExact({}, *base, *ours, {.trust_expected = trust}).status().id(),
              ErrorId::kFenced);
    std::unique_ptr<Table> newest = backend_->Tables()->Open({}, uri_, std::nullopt).value();
    EXPECT_EQ(newest->version(), 2u);
    EXPECT_THAT(Texts(*newest), ElementsAre(R"(1|"Ada")", R"(3|"Eve")"));
  }
}

TEST_P(CommitTest, ACommitOnAVersionFarBehindIsFenced) {
  std::unique_ptr<Table> first = CreatePeople(R"([[1,"Ada"]])");
  std::unique_ptr<Staged> late = StageAppend(*first, R"([[9,"Zoe"]])");
  std::unique_ptr<Table> second = Append(*first, R"([[2,"Bob"]])");
  std::unique_ptr<Table> third = Append(*second, R"([[3,"Eve"]])");
  EXPECT_EQ(store_->CommitExact({}, *first, *late, {}).status().id(), ErrorId::kFenced);
  EXPECT_EQ(store_->CommitExact({}, *first, *late, {.trust_expected = true}).status().id(),
            ErrorId::kFenced);
  EXPECT_EQ(store_->Open({}, uri_, std::nullopt).value()->version(), 3u);
}

TEST_P(CommitTest, EveryKindOfTransactionIsFenced) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"],[2,"Bob"]])");
  lance::RowDelta delta;
  delta.gone = {RowAddresses(*base)[0]};
  std::unique_ptr<Staged> changes = store_->StageDelta({}, *base, std::move(delta), {}).value();
  std::unique_ptr<Staged> overwrite =
      store_->StageOverwrite({}, *base, People(R"([[7,"Gil"]])"), {}).value();
  std::unique_ptr<Table> next = Append(*base, R"([[3,"Eve"]])");
  for (const bool trust : {false, true}) {
    EXPECT_EQ(store_->CommitExact({}, *base, *changes, {.trust_expected = trust}).status().id(),
              ErrorId::kFenced);
    EXPECT_EQ(store_->CommitExact({}, *base, *overwrite, {.trust_expected = trust}).status().id(),
              ErrorId::kFenced);
  }
  EXPECT_THAT(Texts(*store_->Open({}, uri_, std::nullopt).value()),
              ElementsAre(R"(1|"Ada")", R"(2|"Bob")", R"(3|"Eve")"));
}

TEST_P(CommitTest, ATransactionFollowsOnlyTheVersionItWasStagedOn) {
  std::unique_ptr<Table> first = CreatePeople(R"([[1,"Ada"]])");
  std::unique_ptr<Staged> staged = StageAppend(*first, R"([[9,"Zoe"]])");
  std::unique_ptr<Table> second = Append(*first, R"([[2,"Bob"]])");
  EXPECT_EQ(store_->CommitExact({}, *second, *staged, {}).status().id(), ErrorId::kInvalidArgument);
  EXPECT_EQ(store_->CommitCreate({}, *staged, {}).status().id(), ErrorId::kInvalidArgument);
}

// req: STORE-28
TEST_P(CommitTest, OfConcurrentCommitsExactlyOneWins) {
  constexpr int kWriters = 3;
  std::unique_ptr<Table> base = CreatePeople(R"([[0,"start"]])");
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<TableStore>> stores;
    std::vector<std::unique_ptr<Table>> bases;
    std::vector<std::unique_ptr<Staged>> staged;
    for (int w = 0; w < kWriters; ++w) {
      stores.push_back(backend_->Tables());
      bases.push_back(stores[w]->Open({}, uri_, base->version()).value());
      staged.push_back(
          stores[w]->StageAppend({}, *bases[w], People(fmt::format("[[{},null]]", w)), {}).value());
    }
    std::atomic<int> ready{0};
    std::atomic<int> wins{0};
    std::atomic<int> fenced{0};
    std::vector<std::thread> threads;
    for (int w = 0; w < kWriters; ++w) {
      threads.emplace_back([&, w] {
        ++ready;
        while (ready < kWriters) std::this_thread::yield();
        const Status status =
            stores[w]->CommitExact({}, *bases[w], *staged[w], {.durable = false}).status();
        if (status.ok()) ++wins;
        if (!status.ok() && status.id() == ErrorId::kFenced) ++fenced;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wins, 1);
    EXPECT_EQ(fenced, kWriters - 1);
    base = store_->Open({}, uri_, std::nullopt).value();
    EXPECT_EQ(base->version(), static_cast<uint64_t>(round + 2));
  }
}

TEST_P(CommitTest, ATableIsCreatedOnce) {
  std::unique_ptr<Staged> ours =
      store_->StageCreate({}, uri_, People(R"([[1,"Ada"]])"), {}).value();
  std::unique_ptr<Staged> theirs =
      store_->StageCreate({}, uri_, People(R"([[2,"Bob"]])"), {}).value();
  ASSERT_TRUE(store_->CommitCreate({}, *theirs, {}).ok());
  EXPECT_EQ(store_->CommitCreate({}, *ours, {}).status().id(), ErrorId::kFenced);
  EXPECT_THAT(Texts(*store_->Open({}, uri_, std::nullopt).value()), ElementsAre(R"(2|"Bob")"));
  EXPECT_EQ(store_->CommitCreate({}, *theirs, {}).value()->version(), 1u)
      << "a redo finds its own commit";
}

TEST_P(CommitTest, ATableThatExistsIsNotStagedAgain) {
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"Ada"]])");
  EXPECT_EQ(backend_->Tables()->StageCreate({}, uri_, People(R"([[2,"Bob"]])"), {}).status().id(),
            ErrorId::kObjectExists);
}

TEST_P(CommitTest, ProbeTellsWhoseAVersionIs) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  std::unique_ptr<Staged> ours = StageAppend(*base, R"([[2,"Bob"]])");
  std::unique_ptr<Staged> theirs = StageAppend(*base, R"([[3,"Eve"]])");
  EXPECT_EQ(store_->Probe({}, uri_, 2, ours->uuid()).value(), ProbeOutcome::kAbsent);
  ASSERT_TRUE(store_->CommitExact({}, *base, *ours, {}).ok());
  EXPECT_EQ(backend_->Tables()->Probe({}, uri_, 2, ours->uuid()).value(), ProbeOutcome::kOurs);
  EXPECT_EQ(backend_->Tables()->Probe({}, uri_, 2, theirs->uuid()).value(), ProbeOutcome::kForeign);
  EXPECT_EQ(store_->Probe({}, uri_, 3, ours->uuid()).value(), ProbeOutcome::kAbsent);
  EXPECT_EQ(store_->Probe({}, backend_->root() + "/tables/none.lance", 1, ours->uuid()).value(),
            ProbeOutcome::kAbsent);
}

// req: WRITE-25
TEST_P(CommitTest, AnotherProcessRedoesAnEncodedTransactionOnce) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"],[2,"Bob"]])");
  lance::RowDelta delta;
  delta.gone = {RowAddresses(*base)[0]};
  delta.updated = People(R"([[1,"Ad"]])");
  delta.updated_row_ids = {RowIds(*base)[0]};
  delta.inserted = People(R"([[3,"Eve"]])");
  std::unique_ptr<Staged> staged = store_->StageDelta({}, *base, std::move(delta), {}).value();
  const std::string encoded = staged->Encode().value();
  const std::string uuid = staged->uuid();
  staged.reset();
  base.reset();
  store_.reset();

  std::unique_ptr<TableStore> next = backend_->Tables();
  std::unique_ptr<Staged> redo = next->Decode(uri_, encoded).value();
  EXPECT_EQ(redo->uuid(), uuid);
  EXPECT_EQ(redo->uri(), uri_);
  EXPECT_FALSE(redo->creates_table());
  EXPECT_TRUE(redo->Verify({}).ok());
  std::unique_ptr<Table> pinned = next->Open({}, uri_, 1).value();
  std::unique_ptr<Table> landed = next->CommitExact({}, *pinned, *redo, {}).value();
  EXPECT_EQ(landed->version(), 2u);
  EXPECT_THAT(Texts(*landed, {.columns = {"id", "name"}, .row_id = true}),
              ElementsAre(R"(2|"Bob"|1)", R"(1|"Ad"|0)", R"(3|"Eve"|2)"));

  std::unique_ptr<TableStore> third = backend_->Tables();
  std::unique_ptr<Staged> again = third->Decode(uri_, encoded).value();
  std::unique_ptr<Table> same =
      third->CommitExact({}, *third->Open({}, uri_, 1).value(), *again, {}).value();
  EXPECT_EQ(same->version(), 2u) << "the redo found what it wanted to do";
  EXPECT_EQ(third->Open({}, uri_, std::nullopt).value()->version(), 2u);
}

// req: WRITE-32, WRITE-57
TEST_P(CommitTest, ARestoreBringsBackAnOldVersionOnce) {
  constexpr std::string_view kUuid = "00000000-0000-4000-8000-0000000000aa";
  std::unique_ptr<Table> first = CreatePeople(R"([[1,"Ada"]])");
  std::unique_ptr<Table> head = Append(*first, R"([[2,"Bob"]])");
  EXPECT_EQ(store_->RestoreExact({}, *head, 1, kUuid, {}).value()->version(), 3u);
  EXPECT_EQ(store_->RestoreExact({}, *head, 1, kUuid, {}).value()->version(), 3u)
      << "again is the same";
  EXPECT_EQ(store_->Probe({}, uri_, 3, kUuid).value(), ProbeOutcome::kOurs);
  std::unique_ptr<Table> restored = backend_->Tables()->Open({}, uri_, std::nullopt).value();
  EXPECT_EQ(restored->version(), 3u);
  EXPECT_THAT(Texts(*restored), ElementsAre(R"(1|"Ada")"));
  std::unique_ptr<Table> after = Append(*restored, R"([[3,"Eve"]])");
  EXPECT_THAT(Texts(*after, {.columns = {"id"}, .row_id = true}), ElementsAre("1|0", "3|2"))
      << "a row id is never given twice";
}

TEST_P(CommitTest, ARestoreThatComesLateIsFenced) {
  std::unique_ptr<Table> first = CreatePeople(R"([[1,"Ada"]])");
  std::unique_ptr<Table> head = Append(*first, R"([[2,"Bob"]])");
  std::unique_ptr<Table> newer = Append(*head, R"([[3,"Eve"]])");
  const std::string uuid = "00000000-0000-4000-8000-0000000000ab";
  EXPECT_EQ(store_->RestoreExact({}, *head, 1, uuid, {}).status().id(), ErrorId::kFenced);
  EXPECT_EQ(store_->Open({}, uri_, std::nullopt).value()->version(), 3u);
  EXPECT_EQ(store_->RestoreExact({}, *newer, 3, uuid, {}).status().id(), ErrorId::kInvalidArgument);
}

TEST_P(CommitTest, ARedoFindsItsCommitBelowNewerOnes) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  std::unique_ptr<Staged> ours = StageAppend(*base, R"([[2,"Bob"]])");
  std::unique_ptr<Table> second = store_->CommitExact({}, *base, *ours, {}).value();
  ASSERT_EQ(Append(*second, R"([[3,"Eve"]])")->version(), 3u);
  EXPECT_EQ(store_->CommitExact({}, *base, *ours, {}).value()->version(), 2u);
}

TEST_P(CommitTest, AnEncodedCreateIsRedone) {
  const std::string encoded =
      store_->StageCreate({}, uri_, People(R"([[1,"Ada"]])"), {}).value()->Encode().value();
  std::unique_ptr<TableStore> next = backend_->Tables();
  std::unique_ptr<Staged> redo = next->Decode(uri_, encoded).value();
  EXPECT_TRUE(redo->creates_table());
  EXPECT_EQ(next->CommitCreate({}, *redo, {}).value()->version(), 1u);
}

TEST_P(CommitTest, BytesThatAreNotATransactionAreRefused) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  std::string encoded = StageAppend(*base, R"([[2,"Bob"]])")->Encode().value();
  EXPECT_EQ(store_->Decode(uri_, "").status().id(), ErrorId::kCorruptData);
  EXPECT_EQ(store_->Decode(uri_, "garbage").status().id(), ErrorId::kCorruptData);
  EXPECT_EQ(store_->Decode(uri_, encoded.substr(0, encoded.size() - 1)).status().id(),
            ErrorId::kCorruptData);
  encoded[encoded.size() / 2] ^= 1;
  EXPECT_EQ(store_->Decode(uri_, encoded).status().id(), ErrorId::kCorruptData);
}

// req: STORE-40
TEST_P(CommitTest, VerifyNamesTheStagedFileThatIsMissing) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"],[2,"Bob"]])");
  lance::RowDelta delta;
  delta.gone = {RowAddresses(*base)[0]};
  delta.inserted = People(R"([[3,"Eve"]])");
  std::unique_ptr<Staged> staged = store_->StageDelta({}, *base, std::move(delta), {}).value();
  const std::vector<std::pair<std::string, uint64_t>> files = staged->Files().value();
  ASSERT_EQ(files.size(), 2u) << "one data file, one deletion file";
  for (const auto& [path, size] : files) EXPECT_GT(size, 0u) << path;
  EXPECT_TRUE(staged->Verify({}).ok());
  EXPECT_TRUE(staged->Sync({}).ok());
  std::unique_ptr<Staged> twin = store_->Decode(uri_, staged->Encode().value()).value();
  ASSERT_TRUE(staged->Discard({}).ok());
  const Status status = twin->Verify({});
  EXPECT_EQ(status.id(), ErrorId::kCorruptData);
  EXPECT_THAT(status.message(), HasSubstr(files[0].first));
  EXPECT_TRUE(staged->Discard({}).ok()) << "discarding twice is harmless";
  EXPECT_THAT(Texts(*store_->Open({}, uri_, std::nullopt).value()),
              ElementsAre(R"(1|"Ada")", R"(2|"Bob")"));
}

TEST_P(CommitTest, TransactionsHaveDistinctIdentities) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  const lance::StageOptions options{.properties = {{"commit", "01J"}, {"actor", "ada"}}};
  std::unique_ptr<Staged> one =
      store_->StageAppend({}, *base, People("[[2,null]]"), options).value();
  std::unique_ptr<Staged> two =
      store_->StageAppend({}, *base, People("[[2,null]]"), options).value();
  EXPECT_NE(one->uuid(), two->uuid());
  EXPECT_EQ(one->uuid().size(), 36u);
}

/// Fails, or fires a token, after its first batch.
class BrokenStream final : public lance::BatchStream {
 public:
  explicit BrokenStream(CancelToken* token) : token_(token) {}
  std::shared_ptr<arrow::Schema> schema() const override { return PeopleSchema(); }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (first_) {
      first_ = false;
      return People(R"([[1,"x"]])")->Next();
    }
    if (token_ == nullptr)
      return Error(ErrorId::kCorruptData, "line 7 is not JSON").WithHint("mend line 7");
    token_->Fire();
    return People(R"([[2,"y"]])")->Next();
  }

 private:
  CancelToken* const token_;
  bool first_ = true;
};

TEST_P(CommitTest, AnErrorOfTheRowsIsTheErrorOfTheCall) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  const Status append =
      store_->StageAppend({}, *base, std::make_unique<BrokenStream>(nullptr), {}).status();
  EXPECT_EQ(append.id(), ErrorId::kCorruptData);
  EXPECT_EQ(append.message(), "line 7 is not JSON");
  EXPECT_EQ(append.hint(), "mend line 7");
  lance::RowDelta delta;
  delta.inserted = std::make_unique<BrokenStream>(nullptr);
  EXPECT_EQ(store_->StageDelta({}, *base, std::move(delta), {}).status().message(),
            "line 7 is not JSON");
}

// req: GRAPH-23
TEST_P(CommitTest, StagingStopsWhenItsRequestIsCancelled) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  CancelToken token;
  Request request;
  request.cancel = &token;
  EXPECT_EQ(
      store_->StageAppend(request, *base, std::make_unique<BrokenStream>(&token), {}).status().id(),
      ErrorId::kCancelled);
  EXPECT_EQ(store_->Open({}, uri_, std::nullopt).value()->version(), 1u);
}

TEST_P(CommitTest, RowsMayComeFromAScanOfTheSameStore) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"],[2,"Bob"]])");
  std::unique_ptr<lance::BatchStream> scan = base->Scan({}, {.columns = {"id", "name"}}).value();
  std::unique_ptr<Staged> staged = store_->StageAppend({}, *base, std::move(scan), {}).value();
  EXPECT_EQ(store_->CommitExact({}, *base, *staged, {}).value()->Facts().value().rows, 4u);
}

TEST_P(CommitTest, SeveralTablesAreStagedSideBySide) {
  std::vector<Status> outcomes(4);
  TaskGroup group(3);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    group.Spawn([&, i] {
      const std::string uri = fmt::format("{}/tables/t{}.lance", backend_->root(), i);
      Result<std::unique_ptr<Staged>> staged =
          store_->StageCreate({}, uri, People(R"([[1,"x"]])"), {});
      outcomes[i] = staged.ok() ? store_->CommitCreate({}, **staged, {}).status() : staged.status();
      return outcomes[i];
    });
  }
  EXPECT_TRUE(group.Wait().ok());
  for (const Status& status : outcomes) EXPECT_TRUE(status.ok()) << status.ToString();
}

}  // namespace
}  // namespace tarn::contract
