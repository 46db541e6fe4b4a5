// Forks: a second line of versions that shares the files of the first, and what each line sees of
// the other: nothing.

#include <gmock/gmock.h>

#include <arrow/type.h>

#include "backend.h"
#include "tarn/lance/fork_uri.h"

namespace tarn::contract {
namespace {

using lance::ProbeOutcome;
using lance::Staged;
using lance::Table;
using ::testing::ElementsAre;

class ForkTest : public TableTest {
 protected:
  std::string ForkAt(std::string_view name) const { return lance::ForkUri(uri_, name); }
};
TARN_ON_EVERY_BACKEND(ForkTest);

TEST(ForkUri, PartsAndWhole) {
  EXPECT_EQ(lance::ForkUri("/w/tables/a.lance", "b_1"), "/w/tables/a.lance/tree/b_1");
  EXPECT_EQ(lance::SplitForkUri("/w/tables/a.lance/tree/b_1").root, "/w/tables/a.lance");
  EXPECT_EQ(lance::SplitForkUri("/w/tables/a.lance/tree/b_1").fork, "b_1");
  EXPECT_EQ(lance::SplitForkUri("/tree/of/life/a.lance").fork, "") << "a folder of that name";
  EXPECT_EQ(lance::SplitForkUri("/tree/of/life/a.lance").root, "/tree/of/life/a.lance");
}

// req: BRANCH-2
TEST_P(ForkTest, GoesOnByItself) {
  std::unique_ptr<Table> first = CreatePeople(R"([[1,"Ada"]])");
  std::unique_ptr<Table> base = Append(*first, R"([[2,"Bob"]])");
  std::unique_ptr<Table> fork = store_->Fork({}, *base, "b_1", true).value();
  EXPECT_EQ(fork->uri(), ForkAt("b_1"));
  EXPECT_EQ(fork->version(), 2u) << "version numbers go on";

  std::unique_ptr<Table> ours = Append(*fork, R"([[3,"Eve"]])");
  std::unique_ptr<Table> theirs = Append(*base, R"([[4,"Gil"]])");
  EXPECT_EQ(ours->version(), 3u);
  EXPECT_EQ(ours->uri(), ForkAt("b_1"));
  EXPECT_EQ(theirs->version(), 3u);
  auto other = backend_->Tables();
  EXPECT_THAT(Texts(*other->Open({}, ForkAt("b_1"), std::nullopt).value()),
              ElementsAre(R"(1|"Ada")", R"(2|"Bob")", R"(3|"Eve")"));
  EXPECT_THAT(Texts(*other->Open({}, ForkAt("b_1"), 2).value()),
              ElementsAre(R"(1|"Ada")", R"(2|"Bob")"));
  EXPECT_THAT(Texts(*other->Open({}, uri_, std::nullopt).value()),
              ElementsAre(R"(1|"Ada")", R"(2|"Bob")", R"(4|"Gil")"));
  EXPECT_TRUE(other->Exists({}, *fork, 3).value());
  EXPECT_FALSE(other->Exists({}, *fork, 4).value());
  EXPECT_EQ(other->Open({}, ForkAt("b_1"), 1).status().id(), ErrorId::kObjectNotFound)
      << "what was before the fork is the parent's";
  EXPECT_EQ(RowIds(*ours).back(), RowIds(*theirs).back()) << "one id, two rows";
}

TEST_P(ForkTest, RowsOfTheParentChangeOnOneSideOnly) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"],[2,"Bob"]])");
  std::unique_ptr<Table> fork = store_->Fork({}, *base, "b_1", false).value();
  lance::RowDelta delta;
  delta.gone = {RowAddresses(*fork)[0]};
  std::unique_ptr<Staged> staged = store_->StageDelta({}, *fork, std::move(delta), {}).value();
  ASSERT_TRUE(staged->Sync({}).ok());
  ASSERT_TRUE(staged->Verify({}).ok());
  EXPECT_EQ(store_->CommitExact({}, *base, *staged, {}).status().id(), ErrorId::kInvalidArgument)
      << "it was staged on the fork";
  std::unique_ptr<Table> ours = store_->CommitExact({}, *fork, *staged, {}).value();
  EXPECT_THAT(Texts(*ours), ElementsAre(R"(2|"Bob")"));
  EXPECT_THAT(Texts(*store_->Open({}, uri_, std::nullopt).value()),
              ElementsAre(R"(1|"Ada")", R"(2|"Bob")"));
}

// req: WRITE-8
TEST_P(ForkTest, AnotherProcessFinishesACommitOnAFork) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  std::unique_ptr<Table> fork = store_->Fork({}, *base, "b_1", true).value();
  std::unique_ptr<Staged> staged = StageAppend(*fork, R"([[2,"Bob"]])");
  const std::string encoded = staged->Encode().value();
  auto other = backend_->Tables();
  EXPECT_EQ(other->Probe({}, ForkAt("b_1"), 2, staged->uuid()).value(), ProbeOutcome::kAbsent);
  std::unique_ptr<Staged> again = other->Decode(ForkAt("b_1"), encoded).value();
  ASSERT_TRUE(again->Verify({}).ok());
  std::unique_ptr<Table> at = other->Open({}, ForkAt("b_1"), 1).value();
  EXPECT_THAT(Texts(*other->CommitExact({}, *at, *again, {}).value()),
              ElementsAre(R"(1|"Ada")", R"(2|"Bob")"));
  EXPECT_EQ(other->Probe({}, ForkAt("b_1"), 2, staged->uuid()).value(), ProbeOutcome::kOurs);
  EXPECT_EQ(other->Probe({}, uri_, 2, staged->uuid()).value(), ProbeOutcome::kAbsent);
}

TEST_P(ForkTest, ANameIsUsedOnceAndDropped) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  std::unique_ptr<Table> one = store_->Fork({}, *base, "b_1", false).value();
  EXPECT_EQ(store_->Fork({}, *base, "b_1", false).status().id(), ErrorId::kObjectExists);
  std::unique_ptr<Table> two = store_->Fork({}, *one, "b_2", false).value();
  EXPECT_EQ(two->uri(), ForkAt("b_2")) << "a fork of a fork is beside it";
  EXPECT_EQ(store_->DropFork({}, ForkAt("b_1")).id(), ErrorId::kStorageConflict);
  EXPECT_TRUE(store_->DropFork({}, ForkAt("b_2")).ok());
  EXPECT_TRUE(store_->DropFork({}, ForkAt("b_1")).ok());
  EXPECT_TRUE(store_->DropFork({}, ForkAt("b_1")).ok()) << "gone already";
  EXPECT_EQ(store_->DropFork({}, uri_).id(), ErrorId::kInvalidArgument) << "that is no fork";
  EXPECT_EQ(store_->Open({}, ForkAt("b_1"), std::nullopt).status().id(), ErrorId::kObjectNotFound);
  EXPECT_THAT(Texts(*store_->Open({}, uri_, std::nullopt).value()), ElementsAre(R"(1|"Ada")"));
}

}  // namespace
}  // namespace tarn::contract
