// Tables: versions, rows, ids and scans, on the fake and on Lance.

#include <gmock/gmock.h>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "backend.h"
#include "tarn/columnar/row_text.h"
#include "tarn/lance/stored_form.h"

namespace tarn::contract {
namespace {

using lance::RowDelta;
using lance::ScanSpec;
using lance::Staged;
using lance::Table;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TARN_ON_EVERY_BACKEND(TableTest);

/// The place of `needle` in `texts`.
size_t IndexOf(const std::vector<std::string>& texts, std::string_view needle) {
  return std::find(texts.begin(), texts.end(), needle) - texts.begin();
}

TEST_P(TableTest, ACreatedTableIsReadBack) {
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"Ada"],[2,null]])");
  EXPECT_EQ(table->version(), 1u);
  EXPECT_EQ(table->uri(), uri_);
  EXPECT_THAT(Texts(*table), ElementsAre(R"(1|"Ada")", "2|null"));
  EXPECT_TRUE(table->schema()->Equals(*PeopleSchema(), /*check_metadata=*/false))
      << table->schema()->ToString();
  EXPECT_EQ(table->Facts().value().rows, 2u);
  EXPECT_EQ(table->Facts().value().fragments, 1u);
  EXPECT_GT(table->Facts().value().bytes, 0u);
  std::unique_ptr<Table> other = backend_->Tables()->Open({}, uri_, std::nullopt).value();
  EXPECT_THAT(Texts(*other), ElementsAre(R"(1|"Ada")", "2|null"));
  EXPECT_THAT(Texts(*other->Clone()), ElementsAre(R"(1|"Ada")", "2|null"));
}

TEST_P(TableTest, AnEmptyTableHasItsSchemaAndNoRows) {
  std::unique_ptr<Staged> staged =
      store_->StageCreate({}, uri_, lance::StreamOf(PeopleSchema(), {}), {}).value();
  EXPECT_TRUE(staged->creates_table());
  std::unique_ptr<Table> table = store_->CommitCreate({}, *staged, {}).value();
  EXPECT_EQ(table->version(), 1u);
  EXPECT_THAT(Texts(*table), IsEmpty());
  EXPECT_TRUE(table->schema()->Equals(*PeopleSchema(), false));
  EXPECT_EQ(table->Facts().value().rows, 0u);
  EXPECT_THAT(Texts(*Append(*table, R"([[1,"Ada"]])")), ElementsAre(R"(1|"Ada")"));
}

TEST_P(TableTest, WhatDoesNotExistIsNotFound) {
  EXPECT_EQ(store_->Open({}, uri_, std::nullopt).status().id(), ErrorId::kObjectNotFound);
  EXPECT_EQ(store_->Open({}, uri_, 1).status().id(), ErrorId::kObjectNotFound);
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"Ada"]])");
  EXPECT_EQ(store_->Open({}, uri_, 2).status().id(), ErrorId::kObjectNotFound);
  EXPECT_EQ(store_->Open({}, uri_, 0).status().id(), ErrorId::kObjectNotFound);
  EXPECT_TRUE(store_->Exists({}, *table, 1).value());
  EXPECT_FALSE(store_->Exists({}, *table, 2).value());
}

// req: WRITE-52
TEST_P(TableTest, AnOpenTableDoesNotMoveAndOldVersionsStay) {
  std::unique_ptr<Table> first = CreatePeople(R"([[1,"Ada"]])");
  std::unique_ptr<Table> second = Append(*first, R"([[2,"Bob"]])");
  EXPECT_EQ(second->version(), 2u);
  EXPECT_THAT(Texts(*first), ElementsAre(R"(1|"Ada")"));
  EXPECT_THAT(Texts(*second), ElementsAre(R"(1|"Ada")", R"(2|"Bob")"));
  EXPECT_THAT(Texts(*backend_->Tables()->Open({}, uri_, 1).value()), ElementsAre(R"(1|"Ada")"));
  EXPECT_EQ(backend_->Tables()->Open({}, uri_, std::nullopt).value()->version(), 2u);
  EXPECT_TRUE(store_->Exists({}, *first, 2).value());
}

TEST_P(TableTest, AScanOfSomeFragmentsReadsThoseAlone) {
  std::unique_ptr<Table> first = CreatePeople(R"([[1,"Ada"]])");
  std::unique_ptr<Table> second = Append(*first, R"([[2,"Bob"],[3,"Cyd"]])");
  std::unique_ptr<Table> third = Append(*second, R"([[4,"Dov"]])");
  const std::vector<lance::Fragment> fragments = third->Fragments().value();
  ASSERT_EQ(fragments.size(), 3u);
  EXPECT_EQ(fragments[1].rows, 2u);
  EXPECT_THAT(Texts(*third, {.columns = {"id"}, .fragments = {{fragments[2].id}}}),
              ElementsAre("4"));
  EXPECT_THAT(Texts(*third, {.columns = {"id"}, .fragments = {{fragments[0].id, fragments[1].id}}}),
              ElementsAre("1", "2", "3"));
  EXPECT_TRUE(Texts(*third, {.columns = {"id"}, .fragments = {{}}}).empty());
}

// What folding `__manifest` stands on: whole fragments are rewritten as one, ids stay, and what is
// inserted comes last, in a fragment of its own.
TEST_P(TableTest, ADeltaThatRewritesWholeFragmentsLeavesOneAndWhatItInserts) {
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"Ada"]])");
  table = Append(*table, R"([[2,"Bob"],[3,"Cyd"]])");
  table = Append(*table, R"([[4,"Dov"]])");
  const std::vector<lance::Fragment> before = table->Fragments().value();
  const auto rewritten =
      lance::ReadAll(*table
                          ->Scan({}, {.columns = {"id", "name"},
                                      .fragments = {{before[1].id, before[2].id}},
                                      .row_id = true,
                                      .row_addr = true})
                          .value())
          .value();
  lance::RowDelta delta;
  std::vector<std::shared_ptr<arrow::RecordBatch>> images;
  for (const auto& batch : rewritten) {
    for (int64_t i = 0; i < batch->num_rows(); ++i) {
      delta.updated_row_ids.push_back(
          static_cast<const arrow::UInt64Array&>(*batch->column(2)).Value(i));
      delta.gone.push_back(static_cast<const arrow::UInt64Array&>(*batch->column(3)).Value(i));
    }
    images.push_back(batch->SelectColumns({0, 1}).ValueOrDie());
  }
  delta.updated = lance::StreamOf(images[0]->schema(), images);
  delta.inserted = Rows(PeopleSchema(), R"([[5,"Eve"]])");
  std::unique_ptr<Staged> staged = store_->StageDelta({}, *table, std::move(delta), {}).value();
  std::unique_ptr<Table> next = store_->CommitExact({}, *table, *staged, {}).value();
  const std::vector<lance::Fragment> after = next->Fragments().value();
  ASSERT_EQ(after.size(), 3u);
  EXPECT_EQ(after[0].rows, 1u);
  EXPECT_EQ(after[1].rows, 3u);
  EXPECT_THAT(Texts(*next, {.columns = {"id"}, .fragments = {{after[1].id}}}),
              ElementsAre("2", "3", "4"));
  EXPECT_THAT(Texts(*next, {.columns = {"id"}, .fragments = {{after[2].id}}}), ElementsAre("5"));
}

TEST_P(TableTest, RemovedVersionsAreGoneAndTheNewestStays) {
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"Ada"]])");
  for (const char* rows : {R"([[2,"Bob"]])", R"([[3,"Cyd"]])", R"([[4,"Dov"]])"}) {
    table = Append(*table, rows);
  }
  const std::vector<uint64_t> versions = {1, 3, 4, 9};
  EXPECT_EQ(store_->RemoveVersions({}, *table, versions, /*dry_run=*/true).value().versions, 2u);
  EXPECT_THAT(store_->Versions({}, *table).value(), ElementsAre(1, 2, 3, 4));
  const lance::Removal removed = store_->RemoveVersions({}, *table, versions, false).value();
  EXPECT_EQ(removed.versions, 2u);
  EXPECT_EQ(removed.failed, 0u);
  EXPECT_THAT(store_->Versions({}, *table).value(), ElementsAre(2, 4));
  EXPECT_EQ(store_->Open({}, uri_, 3).status().id(), ErrorId::kObjectNotFound);
  EXPECT_THAT(Texts(*store_->Open({}, uri_, 2).value(), {.columns = {"id"}}),
              ElementsAre("1", "2"));
  EXPECT_THAT(Texts(*store_->Open({}, uri_, std::nullopt).value(), {.columns = {"id"}}),
              ElementsAre("1", "2", "3", "4"));
  EXPECT_EQ(store_->RemoveVersions({}, *table, {}, false).value().versions, 0u);
}

TEST_P(TableTest, AppendFindsColumnsByNameAndFillsMissingOnesWithNull) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  auto turned = arrow::schema(
      {arrow::field("name", arrow::utf8()), arrow::field("id", arrow::int64(), false)});
  auto partial = arrow::schema({arrow::field("id", arrow::int64(), false)});
  std::unique_ptr<Staged> staged =
      store_->StageAppend({}, *base, Rows(turned, R"([["Bob",2]])"), {}).value();
  std::unique_ptr<Table> second = store_->CommitExact({}, *base, *staged, {}).value();
  staged = store_->StageAppend({}, *second, Rows(partial, "[[3]]"), {}).value();
  std::unique_ptr<Table> third = store_->CommitExact({}, *second, *staged, {}).value();
  EXPECT_THAT(Texts(*third), ElementsAre(R"(1|"Ada")", R"(2|"Bob")", "3|null"));
}

TEST_P(TableTest, RowsThatDoNotFitAreRefused) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  const auto refused = [&](const std::shared_ptr<arrow::Schema>& schema, std::string_view json) {
    return store_->StageAppend({}, *base, Rows(schema, json), {}).status().id();
  };
  auto extra = arrow::schema(
      {arrow::field("id", arrow::int64(), false), arrow::field("age", arrow::int32())});
  auto wrong = arrow::schema({arrow::field("id", arrow::utf8(), false)});
  auto lacking = arrow::schema({arrow::field("name", arrow::utf8())});
  EXPECT_EQ(refused(extra, "[[1,2]]"), ErrorId::kStorageSchemaMismatch);
  EXPECT_EQ(refused(wrong, R"([["x"]])"), ErrorId::kStorageSchemaMismatch);
  EXPECT_EQ(refused(lacking, R"([["x"]])"), ErrorId::kStorageSchemaMismatch);
}

TEST_P(TableTest, AColumnThatIsNotNullableStaysSo) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  auto widened =
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8())});
  EXPECT_EQ(store_->StageAppend({}, *base, Rows(widened, R"([[null,"x"]])"), {}).status().id(),
            ErrorId::kInvalidArgument);
  std::unique_ptr<Staged> staged =
      store_->StageAppend({}, *base, Rows(widened, R"([[2,"Bob"]])"), {}).value();
  std::unique_ptr<Table> next = store_->CommitExact({}, *base, *staged, {}).value();
  EXPECT_TRUE(next->schema()->Equals(*PeopleSchema(), false)) << "no null came, so nothing widened";
  auto narrowed = arrow::schema(
      {arrow::field("id", arrow::int64(), false), arrow::field("name", arrow::utf8(), false)});
  staged = store_->StageAppend({}, *next, Rows(narrowed, R"([[3,"Eve"]])"), {}).value();
  next = store_->CommitExact({}, *next, *staged, {}).value();
  EXPECT_TRUE(next->schema()->Equals(*PeopleSchema(), false));
}

TEST_P(TableTest, ManyBatchesBecomeFilesOfTheSizeAskedFor) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (std::string_view json :
       {"[[0,null],[1,null],[2,null]]", "[]", "[[3,null],[4,null],[5,null],[6,null]]", "[[7,null]]",
        "[[8,null],[9,null]]"}) {
    batches.push_back(columnar::BatchFromJson(PeopleSchema(), json).value());
  }
  std::unique_ptr<Staged> staged =
      store_
          ->StageCreate({}, uri_, lance::StreamOf(PeopleSchema(), batches),
                        {.rows_per_file_max = 4})
          .value();
  EXPECT_EQ(staged->Files().value().size(), 3u);
  std::unique_ptr<Table> table = store_->CommitCreate({}, *staged, {}).value();
  EXPECT_EQ(table->Facts().value().fragments, 3u);
  EXPECT_THAT(Texts(*table, {.columns = {"id"}}),
              ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
}

TEST_P(TableTest, OverwriteReplacesRowsAndSchemaInOneVersion) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"],[2,"Bob"]])");
  auto schema = arrow::schema(
      {arrow::field("id", arrow::int64(), false), arrow::field("age", arrow::int32())});
  std::unique_ptr<Staged> staged =
      store_->StageOverwrite({}, *base, Rows(schema, "[[7,70]]"), {}).value();
  EXPECT_FALSE(staged->creates_table());
  std::unique_ptr<Table> next = store_->CommitExact({}, *base, *staged, {}).value();
  EXPECT_EQ(next->version(), 2u);
  EXPECT_THAT(Texts(*next, {.columns = {"id", "age"}}), ElementsAre("7|70"));
  EXPECT_THAT(Texts(*base), ElementsAre(R"(1|"Ada")", R"(2|"Bob")"));
  staged = store_->StageOverwrite({}, *next, lance::StreamOf(schema, {}), {}).value();
  std::unique_ptr<Table> empty = store_->CommitExact({}, *next, *staged, {}).value();
  EXPECT_EQ(empty->Facts().value().rows, 0u);
}

// req: GRAPH-8
TEST_P(TableTest, RowIdsAreStableAndNeverReused) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"],[2,"Bob"]])");
  EXPECT_THAT(RowIds(*base), ElementsAre(0, 1));
  std::unique_ptr<Table> second = Append(*base, R"([[3,"Eve"]])");
  EXPECT_THAT(RowIds(*second), ElementsAre(0, 1, 2));
  std::unique_ptr<Staged> staged =
      store_->StageOverwrite({}, *second, People(R"([[9,"Zoe"]])"), {}).value();
  std::unique_ptr<Table> third = store_->CommitExact({}, *second, *staged, {}).value();
  EXPECT_THAT(RowIds(*third), ElementsAre(3));
}

// req: WRITE-2
TEST_P(TableTest, ADeltaInsertsUpdatesAndDeletesInOneVersion) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"],[2,"Bob"],[3,"Eve"]])");
  const std::vector<uint64_t> ids = RowIds(*base);
  const std::vector<uint64_t> addresses = RowAddresses(*base);
  RowDelta delta;
  delta.gone = {addresses[0], addresses[1]};
  delta.updated = People(R"([[2,"Bo"]])");
  delta.updated_row_ids = {ids[1]};
  delta.inserted = People(R"([[4,"Dan"],[5,"Fay"]])");
  std::unique_ptr<Staged> staged = store_->StageDelta({}, *base, std::move(delta), {}).value();
  EXPECT_THAT(Texts(*store_->Open({}, uri_, std::nullopt).value()).size(), 3u)
      << "staged is not visible";
  std::unique_ptr<Table> next = store_->CommitExact({}, *base, *staged, {}).value();
  EXPECT_EQ(next->version(), 2u);
  EXPECT_THAT(Texts(*next, {.columns = {"id", "name"}, .row_id = true}),
              ElementsAre(R"(3|"Eve"|2)", R"(2|"Bo"|1)", R"(4|"Dan"|3)", R"(5|"Fay"|4)"));
  EXPECT_EQ(next->Facts().value().rows, 4u);
  EXPECT_THAT(Texts(*base), ElementsAre(R"(1|"Ada")", R"(2|"Bob")", R"(3|"Eve")"));
}

TEST_P(TableTest, ADeltaMayOnlyDeleteOrOnlyInsert) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"],[2,"Bob"]])");
  RowDelta deletion;
  deletion.gone = {RowAddresses(*base)[0]};
  std::unique_ptr<Staged> staged = store_->StageDelta({}, *base, std::move(deletion), {}).value();
  std::unique_ptr<Table> second = store_->CommitExact({}, *base, *staged, {}).value();
  EXPECT_THAT(Texts(*second), ElementsAre(R"(2|"Bob")"));
  RowDelta insertion;
  insertion.inserted = People(R"([[3,"Eve"]])");
  staged = store_->StageDelta({}, *second, std::move(insertion), {}).value();
  std::unique_ptr<Table> third = store_->CommitExact({}, *second, *staged, {}).value();
  EXPECT_THAT(Texts(*third, {.columns = {"id"}, .row_id = true}), ElementsAre("2|1", "3|2"));
  RowDelta all;
  all.gone = RowAddresses(*third);
  staged = store_->StageDelta({}, *third, std::move(all), {}).value();
  std::unique_ptr<Table> fourth = store_->CommitExact({}, *third, *staged, {}).value();
  EXPECT_THAT(Texts(*fourth), IsEmpty());
  EXPECT_EQ(fourth->Facts().value().rows, 0u);
  EXPECT_THAT(Texts(*Append(*fourth, R"([[4,"Dan"]])"), {.columns = {"id"}, .row_id = true}),
              ElementsAre("4|3"));
}

TEST_P(TableTest, RowIdsSurviveManyUpdates) {
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"a0"],[2,"b0"],[3,"c0"]])");
  for (int round = 1; round <= 4; ++round) {
    const std::vector<std::string> before = Texts(*table, {.columns = {"id"}});
    const size_t at = IndexOf(before, "2");
    RowDelta delta;
    delta.gone = {RowAddresses(*table)[at]};
    delta.updated = People(fmt::format(R"([[2,"b{}"]])", round));
    delta.updated_row_ids = {RowIds(*table)[at]};
    std::unique_ptr<Staged> staged = store_->StageDelta({}, *table, std::move(delta), {}).value();
    table = store_->CommitExact({}, *table, *staged, {}).value();
  }
  EXPECT_THAT(Texts(*table, {.columns = {"id", "name"}, .row_id = true}),
              UnorderedElementsAre(R"(1|"a0"|0)", R"(2|"b4"|1)", R"(3|"c0"|2)"));
  const std::vector<uint64_t> wanted = {1, 0};
  EXPECT_THAT(columnar::RowTexts(*table->Take({}, wanted, {"name"}).value()),
              ElementsAre(R"(1|"b4")", R"(0|"a0")"));
}

TEST_P(TableTest, ADeltaThatDoesNotAddUpIsRefused) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"],[2,"Bob"]])");
  const std::vector<uint64_t> addresses = RowAddresses(*base);
  const auto refused = [&](std::vector<uint64_t> gone, std::string_view updated,
                           std::vector<uint64_t> ids) {
    RowDelta delta;
    delta.gone = std::move(gone);
    if (!updated.empty()) delta.updated = People(updated);
    delta.updated_row_ids = std::move(ids);
    return store_->StageDelta({}, *base, std::move(delta), {}).status().id();
  };
  const uint64_t nowhere = addresses[1] + 1000;
  EXPECT_EQ(refused({nowhere}, "", {}), ErrorId::kInvalidArgument) << "no such row";
  EXPECT_EQ(refused({addresses[0], addresses[0]}, "", {}), ErrorId::kInvalidArgument) << "twice";
  EXPECT_EQ(refused({addresses[0]}, R"([[1,"A"],[2,"B"]])", {0}), ErrorId::kInvalidArgument)
      << "more images than ids";
  EXPECT_EQ(refused({addresses[0]}, "", {0}), ErrorId::kInvalidArgument)
      << "an id without an image";
  EXPECT_EQ(refused({addresses[0]}, R"([[1,"A"]])", {1}), ErrorId::kInvalidArgument)
      << "the id of a row that stays";
}

TEST_P(TableTest, TakeAnswersInTheOrderAskedAndLeavesOutWhatIsGone) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"],[2,"Bob"],[3,"Eve"]])");
  RowDelta delta;
  delta.gone = {RowAddresses(*base)[1]};
  std::unique_ptr<Staged> staged = store_->StageDelta({}, *base, std::move(delta), {}).value();
  std::unique_ptr<Table> table = store_->CommitExact({}, *base, *staged, {}).value();
  const std::vector<uint64_t> wanted = {2, 1, 0, 99, 2};
  std::shared_ptr<arrow::RecordBatch> batch = table->Take({}, wanted, {"name", "id"}).value();
  EXPECT_THAT(columnar::RowTexts(*batch),
              ElementsAre(R"(2|"Eve"|3)", R"(0|"Ada"|1)", R"(2|"Eve"|3)"));
  EXPECT_EQ(batch->schema()->field(0)->name(), lance::kRowIdColumn);
  EXPECT_EQ(columnar::RowTexts(*table->Take({}, wanted, {}).value()).size(), 3u);
  const std::shared_ptr<arrow::RecordBatch> none = table->Take({}, {}, {"name"}).value();
  EXPECT_EQ(none->num_rows(), 0);
  EXPECT_EQ(none->num_columns(), 2);
  EXPECT_EQ(table->Take({}, wanted, {"nope"}).status().id(), ErrorId::kInvalidArgument);
}

TEST_P(TableTest, TakeTellsWhereRowsAre) {
  std::unique_ptr<Table> table =
      Append(*CreatePeople(R"([[1,"Ada"],[2,"Bob"]])"), R"([[3,"Eve"]])");
  const std::vector<uint64_t> addresses = RowAddresses(*table);
  const std::vector<uint64_t> wanted = {2, 0};
  const auto batch = table->Take({}, wanted, {std::string(lance::kRowAddrColumn), "id"}).value();
  EXPECT_THAT(columnar::RowTexts(*batch), ElementsAre("2|" + std::to_string(addresses[2]) + "|3",
                                                      "0|" + std::to_string(addresses[0]) + "|1"));
}

TEST_P(TableTest, TakeAnswersTheBytesOfBlobsAsAScanDoes) {
  const auto type = arrow::struct_(
      {arrow::field("data", arrow::large_binary()), arrow::field("uri", arrow::utf8())});
  const auto schema = arrow::schema(
      {arrow::field("id", arrow::int64()),
       arrow::field("photo", type, true,
                    arrow::key_value_metadata({"ARROW:extension:name"}, {"lance.blob.v2"}))});
  std::unique_ptr<Table> table =
      Create(schema, R"([[1,{"data":"abc","uri":null}],[2,null],[3,{"data":"","uri":null}]])");
  const auto in_form = [&](std::unique_ptr<lance::BatchStream> stream) {
    return columnar::RowTexts(
        lance::ReadAll(*lance::InStoredForm(*table->schema(), std::move(stream))).value());
  };
  const std::vector<std::string> columns = {"id", "photo"};
  const std::vector<uint64_t> wanted = {0, 1, 2};
  const auto taken = table->Take({}, wanted, columns).value()->RemoveColumn(0).ValueOrDie();
  EXPECT_EQ(in_form(lance::StreamOf(taken->schema(), {taken})),
            in_form(table->Scan({}, {.columns = columns}).value()));
}

TEST_P(TableTest, ScanAnswersTheColumnsAskedInTheirOrder) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"],[2,"Bob"]])");
  EXPECT_THAT(Texts(*base, {.columns = {"name", "id"}}), ElementsAre(R"("Ada"|1)", R"("Bob"|2)"));
  EXPECT_THAT(Texts(*base, {.columns = {"name"}, .row_id = true}),
              ElementsAre(R"("Ada"|0)", R"("Bob"|1)"));
  ScanSpec spec{.columns = {"id"}, .row_id = true, .row_addr = true};
  std::unique_ptr<lance::BatchStream> stream = base->Scan({}, spec).value();
  EXPECT_THAT(stream->schema()->field_names(), ElementsAre("id", "_rowid", "_rowaddr"));
  EXPECT_EQ(stream->schema()->field(1)->type()->id(), arrow::Type::UINT64);
  std::unique_ptr<lance::BatchStream> empty = base->Scan({}, ScanSpec{}).value();
  int64_t rows = 0;
  for (const auto& batch : lance::ReadAll(*empty).value()) rows += batch->num_rows();
  EXPECT_EQ(rows, 2) << "no columns at all still counts";
}

TEST_P(TableTest, ScanStopsAtItsLimitAndCutsBatches) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"a"],[2,"b"],[3,"c"]])");
  std::unique_ptr<Table> table = Append(*base, R"([[4,"d"],[5,"e"]])");
  EXPECT_THAT(Texts(*table, {.columns = {"id"}, .limit = 4}), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(Texts(*table, {.columns = {"id"}, .limit = 0}), IsEmpty());
  std::unique_ptr<lance::BatchStream> stream =
      table->Scan({}, {.columns = {"id"}, .batch_rows = 2}).value();
  for (const auto& batch : lance::ReadAll(*stream).value()) EXPECT_LE(batch->num_rows(), 2);
  EXPECT_EQ(stream->Next().value(), nullptr) << "the end stays the end";
  EXPECT_EQ(table->Scan({}, {.columns = {"nope"}}).status().id(), ErrorId::kInvalidArgument);
  EXPECT_EQ(table->Scan({}, {.columns = {"id", "id"}}).status().id(), ErrorId::kInvalidArgument);
  EXPECT_EQ(table->Scan({}, {.columns = {"id"}, .batch_rows = 0}).status().id(),
            ErrorId::kInvalidArgument);
}

TEST_P(TableTest, AStoppedRequestReadsNothing) {
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"a"]])");
  CancelToken token;
  Request request;
  request.cancel = &token;
  std::unique_ptr<lance::BatchStream> stream = table->Scan(request, {.columns = {"id"}}).value();
  token.Fire();
  EXPECT_EQ(stream->Next().status().id(), ErrorId::kCancelled);
  EXPECT_EQ(table->Scan(request, {.columns = {"id"}}).status().id(), ErrorId::kCancelled);
  const std::vector<uint64_t> wanted = {0};
  EXPECT_EQ(table->Take(request, wanted, {"id"}).status().id(), ErrorId::kCancelled);
  EXPECT_EQ(store_->Open(request, uri_, std::nullopt).status().id(), ErrorId::kCancelled);
  EXPECT_EQ(store_->StageAppend(request, *table, People("[[2,null]]"), {}).status().id(),
            ErrorId::kCancelled);
}

TEST_P(TableTest, EveryColumnTypeIsKept) {
  auto schema = arrow::schema({
      arrow::field("b", arrow::boolean()),
      arrow::field("i32", arrow::int32()),
      arrow::field("i64", arrow::int64()),
      arrow::field("u32", arrow::uint32()),
      arrow::field("u64", arrow::uint64()),
      arrow::field("f32", arrow::float32()),
      arrow::field("f64", arrow::float64()),
      arrow::field("s", arrow::utf8()),
      arrow::field("d", arrow::date32()),
      arrow::field("t", arrow::date64()),
      arrow::field("names", arrow::list(arrow::field("item", arrow::utf8()))),
      arrow::field("vector", arrow::fixed_size_list(arrow::field("item", arrow::float32()), 2)),
      arrow::field("raw", arrow::binary()),
  });
  constexpr std::string_view kRows = R"([
      [true,-1,-9007199254740993,4294967295,18446744073709551615,0.1,0.1,"x",19000,1700000000123,["a",null],[1,2],"Zg"],
      [null,null,null,null,null,null,null,null,null,null,null,null,null],
      [false,0,0,0,0,-0.0,1e300,"",0,0,[],[0,0],""]])";
  std::unique_ptr<Table> table = Create(schema, kRows);
  EXPECT_TRUE(table->schema()->Equals(*schema, false)) << table->schema()->ToString();
  EXPECT_EQ(Texts(*table, {.columns = schema->field_names()}),
            columnar::RowTexts({columnar::BatchFromJson(schema, kRows).value()}));
}

}  // namespace
}  // namespace tarn::contract
