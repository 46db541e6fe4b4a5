// Warehouses with a past: made by an earlier format, and with more commits than one checkpoint
// holds.
//
// req: WRITE-21 WRITE-52
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tarn/engine/database.h"

namespace tarn::e2e {
namespace {

namespace fs = std::filesystem;

const std::string kTests = TARN_TESTS_FOLDER;

std::string TextOf(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Every file below a folder with its content.
std::map<std::string, std::string> FilesOf(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path().string()] = TextOf(entry.path());
  }
  return files;
}

class History : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("tarn-history-" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<engine::Database> Open(const fs::path& warehouse, catalog::Access access) {
    auto opened = engine::Database::Open(
        {}, warehouse.string(), {.access = access, .durability = catalog::Durability::kProcess});
    EXPECT_TRUE(opened.ok()) << opened.status().ToString();
    return std::move(opened).value();
  }
  /// A warehouse as an earlier program left it.
  fs::path Unpack(int format) {
    const std::string archive = fmt::format("{}/data/warehouses/format-{}.tar.gz", kTests, format);
    const std::string command = fmt::format("tar -xzf '{}' -C '{}'", archive, folder_.string());
    EXPECT_EQ(std::system(command.c_str()), 0);
    return folder_ / fmt::format("harbour-{}", format);
  }
  static std::string Expected(const std::string& name) {
    return TextOf(kTests + "/data/warehouses/" + name);
  }
  static std::string Export(engine::Database& database, const engine::ReadTarget& target = {}) {
    std::string text;
    const Status status = database.Export({}, target, {}, [&](std::string_view part) {
      text.append(part).append("\n");
      return Status::Ok();
    });
    EXPECT_TRUE(status.ok()) << status.ToString();
    return text;
  }
  static Status Load(engine::Database& database, const std::string& line) {
    return database
        .Load({}, [&] { return std::make_unique<std::istringstream>(line + "\n"); },
              {.mode = write::LoadMode::kAppend, .source_name = "line"})
        .status();
  }
  static std::string Port(int i) {
    std::string code = "AAAAA";
    for (int at = 4; i > 0; i /= 26) code[at--] = static_cast<char>('A' + i % 26);
    return fmt::format(R"({{"type":"Port","data":{{"code":"{}","name":"n","region":"baltic"}}}})",
                       code);
  }

  fs::path folder_;
};

TEST_F(History, AWarehouseOfFormat1IsReadAsItIsAndRaisedByTheFirstWrite) {
  const fs::path warehouse = Unpack(1);
  const std::string expected = Expected("format-1.jsonl");

  const auto before = FilesOf(warehouse);
  {
    auto reader = Open(warehouse, catalog::Access::kReadOnly);
    EXPECT_EQ(Export(*reader), expected);
    EXPECT_EQ(reader->Commits({}, "main").value().size(), 5u);
  }
  EXPECT_EQ(FilesOf(warehouse), before) << "a reader writes nothing";

  ASSERT_TRUE(Load(*Open(warehouse, catalog::Access::kReadWrite), Port(1)).ok());
  auto raised = Open(warehouse, catalog::Access::kReadOnly);
  const std::string now = Export(*raised);
  EXPECT_EQ(std::count(now.begin(), now.end(), '\n'), 20);
  const auto commits = raised->Commits({}, "main").value();
  EXPECT_EQ(commits.size(), 6u);
  EXPECT_EQ(Export(*raised, {.branch = "main", .as_of = commits[1].id}), expected)
      << "the past reads as before";
}

// With a branch, a tag, a migration, a delete, and commits that were cleaned up.
TEST_F(History, AWarehouseOfFormat2IsReadAsItIsAndRaisedByTheFirstWrite) {
  const fs::path warehouse = Unpack(2);
  const auto expect_as_it_was = [](engine::Database& database, const std::string& at) {
    EXPECT_EQ(Export(database, {.branch = "main", .as_of = at}), Expected("format-2.jsonl"));
    EXPECT_EQ(Export(database, {.branch = "side", .as_of = {}}), Expected("format-2-side.jsonl"));
    EXPECT_EQ(database.Tags({}).value().size(), 1u);
  };
  const auto before = FilesOf(warehouse);
  std::string head;
  {
    auto reader = Open(warehouse, catalog::Access::kReadOnly);
    head = reader->Commits({}, "main").value().front().id;
    expect_as_it_was(*reader, head);
    EXPECT_EQ(reader->Cleanup({}, {}).value().strays.files, 0u);
  }
  EXPECT_EQ(FilesOf(warehouse), before) << "a reader writes nothing";

  auto writer = Open(warehouse, catalog::Access::kReadWrite);
  ASSERT_TRUE(Load(*writer, Port(1)).ok());
  ASSERT_TRUE(
      writer->Cleanup({}, {.keep = 100, .confirm = true, .strays_older_than_micros = 0}).ok());
  expect_as_it_was(*Open(warehouse, catalog::Access::kReadOnly), head);
}

TEST_F(History, APastBeyondACheckpointIsWhole) {
  const fs::path warehouse = folder_ / "harbour";
  const SourceText schema("harbour.pg", TextOf(kTests + "/data/harbour/harbour.pg"));
  ASSERT_TRUE(engine::Database::Init({}, warehouse.string(), schema, false, {}).ok());
  auto writer = Open(warehouse, catalog::Access::kReadWrite);
  for (int i = 1; i < 70; ++i) ASSERT_TRUE(Load(*writer, Port(i)).ok()) << i;

  auto reader = Open(warehouse, catalog::Access::kReadOnly);
  EXPECT_EQ(reader->Commits({}, "main").value().size(), 70u);
  EXPECT_EQ(
      reader->Pin({}, {}).value().manifest().FindTable(catalog::TableKind::kNode, "Port")->rows,
      69u);
}

}  // namespace
}  // namespace tarn::e2e
