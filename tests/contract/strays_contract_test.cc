// What the storage holds of a table that no version of it names.
//
// req: INDEX-26

#include <algorithm>

#include <gmock/gmock.h>

#include "backend.h"
#include "tarn/lance/fork_uri.h"

namespace tarn::contract {
namespace {

using lance::Staged;
using lance::StrayFile;
using lance::Table;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StraysTest : public TableTest {
 protected:
  std::vector<std::string> Paths() {
    std::vector<std::string> paths;
    for (const StrayFile& file : store_->Strays({}, uri_).value()) paths.push_back(file.path);
    std::ranges::sort(paths);
    return paths;
  }
  std::vector<std::string> FilesOf(const Staged& staged) {
    std::vector<std::string> paths;
    for (const auto& [path, bytes] : staged.Files().value()) paths.push_back(path);
    return paths;
  }
  std::unique_ptr<Staged> StageDelete(const Table& base, size_t row) {
    lance::RowDelta delta;
    delta.gone = {RowAddresses(base)[row]};
    return store_->StageDelta({}, base, std::move(delta), {}).value();
  }
};
TARN_ON_EVERY_BACKEND(StraysTest);

TEST_P(StraysTest, WhatIsNotThereHasNone) { EXPECT_THAT(Paths(), IsEmpty()); }

TEST_P(StraysTest, FilesAreStrayUntilAVersionNamesThem) {
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"Ada"],[2,"Bob"]])");
  table = Append(*table, R"([[3,"Eve"]])");
  EXPECT_THAT(Paths(), IsEmpty());
  std::unique_ptr<Staged> lost = StageAppend(*table, R"([[4,"Gil"]])");
  std::unique_ptr<Staged> lands = StageDelete(*table, 0);
  EXPECT_EQ(Paths().size(), FilesOf(*lost).size() + FilesOf(*lands).size());
  std::unique_ptr<Table> next = store_->CommitExact({}, *table, *lands, {}).value();
  EXPECT_EQ(Paths(), FilesOf(*lost));
  ASSERT_TRUE(store_->RemoveStrays({}, uri_, store_->Strays({}, uri_).value()).ok());
  EXPECT_THAT(Paths(), IsEmpty());
  EXPECT_EQ(lost->Verify({}).id(), ErrorId::kCorruptData) << "they were its files";
  EXPECT_THAT(Texts(*store_->Open({}, uri_, std::nullopt).value()),
              ElementsAre(R"(2|"Bob")", R"(3|"Eve")"));
}

TEST_P(StraysTest, OlderVersionsNameFilesToo) {
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"Ada"],[2,"Bob"]])");
  auto deleted = StageDelete(*table, 1);
  table = store_->CommitExact({}, *table, *deleted, {}).value();
  auto replaced = store_->StageOverwrite({}, *table, People(R"([[7,"Zoe"]])"), {}).value();
  table = store_->CommitExact({}, *table, *replaced, {}).value();
  EXPECT_THAT(Paths(), IsEmpty());
  EXPECT_THAT(Texts(*store_->Open({}, uri_, 2).value()), ElementsAre(R"(1|"Ada")"));
}

TEST_P(StraysTest, ForksAreLookedThroughToo) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  std::unique_ptr<Table> fork = store_->Fork({}, *base, "b_1", true).value();
  std::unique_ptr<Table> ours = Append(*fork, R"([[2,"Bob"]])");
  auto lands = StageDelete(*ours, 0);
  ours = store_->CommitExact({}, *ours, *lands, {}).value();
  std::unique_ptr<Staged> lost = StageAppend(*ours, R"([[3,"Eve"]])");
  ASSERT_EQ(Paths().size(), 1u);
  EXPECT_TRUE(Paths()[0].starts_with("tree/b_1/data/")) << Paths()[0];
  ASSERT_TRUE(store_->RemoveStrays({}, uri_, store_->Strays({}, uri_).value()).ok());
  EXPECT_EQ(lost->Verify({}).id(), ErrorId::kCorruptData);
  EXPECT_THAT(Texts(*store_->Open({}, lance::ForkUri(uri_, "b_1"), std::nullopt).value()),
              ElementsAre(R"(2|"Bob")"));
}

TEST_P(StraysTest, FoldersAreTablesAndForks) {
  const std::string tables = backend_->root() + "/tables";
  EXPECT_THAT(store_->Folders({}, tables).value(), IsEmpty());
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  auto half = store_->StageCreate({}, tables + "/02K.lance", People(R"([[1,"Ada"]])"), {}).value();
  EXPECT_THAT(store_->Folders({}, tables).value(), ElementsAre("01J.lance", "02K.lance"));
  EXPECT_THAT(store_->Folders({}, uri_ + "/tree").value(), IsEmpty());
  ASSERT_TRUE(store_->Fork({}, *base, "b_2", true).ok());
  ASSERT_TRUE(store_->Fork({}, *base, "b_1", true).ok());
  EXPECT_THAT(store_->Folders({}, uri_ + "/tree").value(), ElementsAre("b_1", "b_2"));
}

TEST_P(StraysTest, AFolderGoesWithAllThatIsInIt) {
  std::unique_ptr<Table> base = CreatePeople(R"([[1,"Ada"]])");
  ASSERT_TRUE(store_->Fork({}, *base, "b_1", true).ok());
  const uint64_t files = store_->RemoveFolder({}, uri_, /*dry_run=*/true).value().files;
  EXPECT_GT(files, 0u);
  EXPECT_TRUE(store_->Open({}, uri_, std::nullopt).ok()) << "only counted";
  EXPECT_EQ(store_->RemoveFolder({}, uri_, /*dry_run=*/false).value().files, files);
  auto fresh = backend_->Tables();
  EXPECT_EQ(fresh->Open({}, uri_, std::nullopt).status().id(), ErrorId::kObjectNotFound);
  EXPECT_THAT(fresh->Folders({}, backend_->root() + "/tables").value(), IsEmpty());
  EXPECT_EQ(fresh->RemoveFolder({}, uri_, /*dry_run=*/false).value().files, 0u);
}

}  // namespace
}  // namespace tarn::contract
