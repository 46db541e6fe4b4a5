// Other columns for the same rows, on the fake and on Lance.

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <gmock/gmock.h>

#include "backend.h"
#include "tarn/columnar/row_text.h"

namespace tarn::contract {
namespace {

using lance::Staged;
using lance::Table;
using lance::TableColumn;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ColumnsTest : public TableTest {
 protected:
  Result<std::unique_ptr<Staged>> Stage(const Table& base, std::vector<TableColumn> columns) {
    return store_->StageColumns({}, base, std::move(columns), {});
  }
  std::unique_ptr<Table> Change(const Table& base, std::vector<TableColumn> columns,
                                size_t files = 0) {
    auto staged = Stage(base, std::move(columns));
    EXPECT_TRUE(staged.ok()) << staged.status().ToString();
    EXPECT_EQ((*staged)->Files().value().size(), files);
    // As another process would finish it.
    auto decoded = store_->Decode(uri_, (*staged)->Encode().value());
    EXPECT_TRUE((*decoded)->Verify({}).ok());
    auto next = store_->CommitExact({}, base, **decoded, {});
    EXPECT_TRUE(next.ok()) << next.status().ToString();
    return std::move(next).value();
  }
  /// Three rows in two fragments, with row ids 0, 2 and 3: one was deleted.
  std::unique_ptr<Table> Base() {
    auto schema = arrow::schema({arrow::field("id", arrow::utf8(), false),
                                 arrow::field("n", arrow::int32(), false),
                                 arrow::field("s", arrow::utf8(), true)});
    auto first = Create(schema, R"([["a",1,"x"],["b",2,null],["c",3,"z"]])");
    auto staged = store_->StageAppend({}, *first, Rows(schema, R"([["d",-4,"w"]])"), {}).value();
    auto second = store_->CommitExact({}, *first, *staged, {}).value();
    lance::RowDelta delta;
    delta.gone = {RowAddresses(*second)[1]};
    staged = store_->StageDelta({}, *second, std::move(delta), {}).value();
    return store_->CommitExact({}, *second, *staged, {}).value();
  }
};

TARN_ON_EVERY_BACKEND(ColumnsTest);

std::shared_ptr<arrow::Field> Text(const std::string& name, bool nullable = true) {
  return arrow::field(name, arrow::utf8(), nullable);
}
std::shared_ptr<arrow::Field> Number(const std::string& name,
                                     const std::shared_ptr<arrow::DataType>& type,
                                     bool nullable = false) {
  return arrow::field(name, type, nullable);
}
const TableColumn kId{.field = arrow::field("id", arrow::utf8(), false), .from = "id"};

// req: SCHEMA-7, SCHEMA-9
TEST_P(ColumnsTest, RenamesDropsAndMayBeNullCostNoFileAndKeepRowIds) {
  auto base = Base();
  auto next = Change(*base, {kId, {.field = Number("count", arrow::int32(), true), .from = "n"}});
  EXPECT_EQ(next->version(), base->version() + 1);
  EXPECT_THAT(Texts(*next, {.columns = {"id", "count"}, .row_id = true}),
              ElementsAre(R"("a"|1|0)", R"("c"|3|2)", R"("d"|-4|3)"));
  EXPECT_EQ(next->schema()->field_names(), (std::vector<std::string>{"id", "count"}));
  EXPECT_TRUE(next->schema()->field(1)->nullable());
  EXPECT_THAT(Texts(*base, {.columns = {"id", "n", "s"}}),
              ElementsAre(R"("a"|1|"x")", R"("c"|3|"z")", R"("d"|-4|"w")"));
}

TEST_P(ColumnsTest, NamesMayBeSwapped) {
  auto base = Base();
  auto next = Change(*base, {{.field = Text("s", false), .from = "id"},
                             {.field = Number("n", arrow::int32()), .from = "n"},
                             {.field = Text("id"), .from = "s"}});
  EXPECT_THAT(Texts(*next, {.columns = {"id", "s"}}),
              ElementsAre(R"("x"|"a")", R"("z"|"c")", R"("w"|"d")"));
}

TEST_P(ColumnsTest, NewColumnsAreNullOrFilled) {
  auto base = Base();
  auto next = Change(*base, {kId,
                             {.field = Text("later")},
                             {.field = Number("n", arrow::int32()), .from = "n"},
                             {.field = Text("s"), .from = "s"}});
  EXPECT_THAT(Texts(*next, {.columns = {"id", "later", "s"}, .row_id = true}),
              ElementsAre(R"("a"|null|"x"|0)", R"("c"|null|"z"|2)", R"("d"|null|"w"|3)"));
  auto filled = Change(*next,
                       {kId,
                        {.field = Text("t", false), .fill = arrow::MakeScalar("new")},
                        {.field = Number("n", arrow::int32()), .from = "n"},
                        {.field = Text("later"), .from = "later"},
                        {.field = Number("z", arrow::float64()), .fill = arrow::MakeScalar(0.5)}},
                       /*files=*/2);
  EXPECT_THAT(Texts(*filled, {.columns = {"id", "n", "t", "z"}, .row_id = true}),
              ElementsAre(R"("a"|1|"new"|0.5|0)", R"("c"|3|"new"|0.5|2)", R"("d"|-4|"new"|0.5|3)"));
  EXPECT_EQ(filled->Facts().value().rows, 3u);
}

TEST_P(ColumnsTest, NumbersBecomeWider) {
  auto base = Base();
  auto next = Change(*base,
                     {kId,
                      {.field = Number("n", arrow::int64(), true), .from = "n"},
                      {.field = Text("s"), .from = "s"}},
                     /*files=*/2);
  EXPECT_EQ(next->schema()->field(1)->type()->id(), arrow::Type::INT64);
  EXPECT_THAT(Texts(*next, {.columns = {"n", "s"}, .row_id = true}),
              ElementsAre(R"(1|"x"|0)", R"(3|"z"|2)", R"(-4|"w"|3)"));
  EXPECT_THAT(Texts(*base, {.columns = {"n"}}), ElementsAre("1", "3", "-4"));
}

// Everything at once: what a migration of one type may ask for in one commit.
TEST_P(ColumnsTest, AllKindsInOneVersion) {
  auto base = Base();
  auto next = Change(*base,
                     {kId,
                      {.field = Text("n", false), .fill = arrow::MakeScalar("was a number")},
                      {.field = Number("m", arrow::float64()), .from = "n"},
                      {.field = Number("extra", arrow::int32(), true)}},
                     /*files=*/2);
  EXPECT_THAT(Texts(*next, {.columns = {"id", "m", "n", "extra"}}),
              ElementsAre(R"("a"|1.0|"was a number"|null)", R"("c"|3.0|"was a number"|null)",
                          R"("d"|-4.0|"was a number"|null)"));
  // And the table takes rows as ever.
  auto staged = store_->StageAppend(
      {}, *next,
      Rows(arrow::schema({Text("id", false), Text("n", false), Number("m", arrow::float64())}),
           R"([["e","k",7]])"),
      {});
  ASSERT_TRUE(staged.ok()) << staged.status().ToString();
  auto last = store_->CommitExact({}, *next, **staged, {}).value();
  EXPECT_THAT(Texts(*last, {.columns = {"id", "m"}, .row_id = true}),
              ElementsAre(R"("a"|1.0|0)", R"("c"|3.0|2)", R"("d"|-4.0|3)", R"("e"|7.0|4)"));
  lance::RowDelta delta;
  delta.gone = {RowAddresses(*last)[0]};
  staged = store_->StageDelta({}, *last, std::move(delta), {});
  ASSERT_TRUE(staged.ok()) << staged.status().ToString();
  last = store_->CommitExact({}, *last, **staged, {}).value();
  EXPECT_THAT(Texts(*last, {.columns = {"id", "n"}}),
              ElementsAre(R"("c"|"was a number")", R"("d"|"was a number")", R"("e"|"k")"));
}

TEST_P(ColumnsTest, ANameThatWasDroppedComesBackEmpty) {
  auto base = Base();
  auto without = Change(*base, {kId, {.field = Number("n", arrow::int32()), .from = "n"}});
  auto again = Change(
      *without, {kId, {.field = Number("n", arrow::int32()), .from = "n"}, {.field = Text("s")}});
  EXPECT_THAT(Texts(*again, {.columns = {"id", "s"}}),
              ElementsAre(R"("a"|null)", R"("c"|null)", R"("d"|null)"));
}

TEST_P(ColumnsTest, AnEmptyTableChangesToo) {
  auto schema = arrow::schema({Text("id", false), Number("n", arrow::int32())});
  auto base = Create(schema, "[]");
  auto next = Change(*base, {kId,
                             {.field = Number("n", arrow::int64()), .from = "n"},
                             {.field = Text("t", false), .fill = arrow::MakeScalar("x")}});
  auto staged =
      store_->StageAppend({}, *next, Rows(next->schema(), R"([["a",5,"y"]])"), {}).value();
  auto last = store_->CommitExact({}, *next, *staged, {}).value();
  EXPECT_THAT(Texts(*last, {.columns = {"id", "n", "t"}}), ElementsAre(R"("a"|5|"y")"));
}

// A fork changes its columns alone, over files that are its parent's.
TEST_P(ColumnsTest, AForkHasColumnsOfItsOwn) {
  auto base = Base();
  auto fork = store_->Fork({}, *base, "b_1", true).value();
  auto staged = Stage(*fork, {kId,
                              {.field = Number("n", arrow::int64()), .from = "n"},
                              {.field = Text("label"), .from = "s"},
                              {.field = Text("t", false), .fill = arrow::MakeScalar("x")}});
  ASSERT_TRUE(staged.ok()) << staged.status().ToString();
  EXPECT_EQ((*staged)->Files().value().size(), 2u);
  auto decoded = store_->Decode(fork->uri(), (*staged)->Encode().value()).value();
  ASSERT_TRUE(decoded->Sync({}).ok());
  ASSERT_TRUE(decoded->Verify({}).ok());
  auto next = store_->CommitExact({}, *fork, *decoded, {});
  ASSERT_TRUE(next.ok()) << next.status().ToString();
  auto read = backend_->Tables()->Open({}, fork->uri(), (*next)->version()).value();
  EXPECT_THAT(Texts(*read, {.columns = {"n", "label", "t"}, .row_id = true}),
              ElementsAre(R"(1|"x"|"x"|0)", R"(3|"z"|"x"|2)", R"(-4|"w"|"x"|3)"));
  EXPECT_THAT(Texts(*store_->Open({}, uri_, std::nullopt).value(), {.columns = {"n", "s"}}),
              ElementsAre(R"(1|"x")", R"(3|"z")", R"(-4|"w")"));
}

TEST_P(ColumnsTest, MetadataIsTaken) {
  auto base = Base();
  auto metadata = arrow::key_value_metadata({"tarn:property_id"}, {"12"});
  auto next = Change(*base, {kId,
                             {.field = Text("s")->WithMetadata(metadata), .from = "s"},
                             {.field = Text("t")->WithMetadata(metadata)}});
  for (const char* name : {"s", "t"}) {
    const auto field = next->schema()->GetFieldByName(name);
    ASSERT_NE(field->metadata(), nullptr) << name;
    EXPECT_EQ(field->metadata()->Get("tarn:property_id").ValueOr(""), "12") << name;
  }
}

TEST_P(ColumnsTest, WhatIsDiscardedIsGoneAndWhatIsLateIsFenced) {
  auto base = Base();
  const std::vector<TableColumn> wider = {kId, {.field = Number("n", arrow::int64()), .from = "n"}};
  auto late = Stage(*base, wider).value();
  auto gone = Stage(*base, wider).value();
  ASSERT_TRUE(gone->Discard({}).ok());
  EXPECT_EQ(gone->Verify({}).id(), ErrorId::kCorruptData);
  Change(*base, wider, 2);
  EXPECT_EQ(store_->CommitExact({}, *base, *late, {}).status().id(), ErrorId::kFenced);
}

// As two finishers of one commit would do it.
TEST_P(ColumnsTest, LandingTwiceIsOnce) {
  auto base = Base();
  for (const std::vector<TableColumn>& columns :
       {std::vector<TableColumn>{kId},
        {kId, {.field = Number("n", arrow::int64()), .from = "n"}, {.field = Text("new")}}}) {
    auto staged = Stage(*base, columns).value();
    auto other = store_->Decode(uri_, staged->Encode().value()).value();
    auto first = store_->CommitExact({}, *base, *staged, {}).value();
    auto again = store_->CommitExact({}, *base, *other, {});
    ASSERT_TRUE(again.ok()) << again.status().ToString();
    EXPECT_EQ((*again)->version(), first->version());
    EXPECT_EQ(store_->Open({}, uri_, std::nullopt).value()->version(), first->version());
    // Back to what it was, for the next one.
    auto back = store_->StageOverwrite({}, *first, Rows(base->schema(), R"([["a",1,"x"]])"), {});
    base = store_->CommitExact({}, *first, **back, {}).value();
  }
}

TEST_P(ColumnsTest, WhatCannotBeIsRefused) {
  auto base = Base();
  const auto refused = [&](std::vector<TableColumn> columns) {
    return Stage(*base, std::move(columns)).status().id();
  };
  const TableColumn n{.field = Number("n", arrow::int32()), .from = "n"};
  for (const std::vector<TableColumn>& columns : std::vector<std::vector<TableColumn>>{
           {},
           {kId, kId},
           {kId, {.field = Text("other", false), .from = "id"}},
           {{.field = Text("x"), .from = "nowhere"}},
           {{.field = Text("s", false), .from = "s"}},
           {{.field = Number("n", arrow::int16()), .from = "n"}},
           {{.field = Number("n", arrow::uint64()), .from = "n"}},
           {{.field = Text("n"), .from = "n"}},
           {kId, {.field = Text("t", false)}},
           {kId, {.field = Text("t"), .fill = arrow::MakeScalar(1)}},
           {kId, {.field = Text("s"), .from = "s", .fill = arrow::MakeScalar("x")}}}) {
    EXPECT_EQ(refused(columns), ErrorId::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tarn::contract
