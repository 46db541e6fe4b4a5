#pragma once

// For the tests of this room: a graph in memory that loads and exports text, and tells whether it
// was touched.

#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/catalog/catalog.h"
#include "tarn/lance/memory_table.h"
#include "tarn/store/memory_store.h"
#include "tarn/write/export.h"
#include "tarn/write/load.h"

namespace tarn::write {

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::string TestsFolder() { return TARN_TESTS_FOLDER; }
inline std::string HarbourSchema() { return ReadFile(TestsFolder() + "/data/harbour/harbour.pg"); }
inline std::string HarbourData() { return ReadFile(TestsFolder() + "/data/harbour/harbour.jsonl"); }

/// The storage of one warehouse and one process on it. Several graphs may share a storage.
class TestGraph {
 public:
  struct Storage {
    std::shared_ptr<store::MemoryObjects> objects = store::NewMemoryObjects();
    std::shared_ptr<lance::MemoryTables> tables = lance::NewMemoryTables();
  };

  explicit TestGraph(const std::string& schema) : TestGraph(std::make_shared<Storage>(), 1) {
    const Status made = catalog::Catalog::Init(request, Location(), schema, false);
    EXPECT_TRUE(made.ok()) << made.ToString();
    Open();
  }
  /// A second process on the storage of `other`.
  TestGraph(const TestGraph& other, uint64_t seed) : TestGraph(other.storage_, seed) { Open(); }

  Result<LoadResult> Load(LoadMode mode, const std::string& text, LoadOptions options = {}) {
    options.mode = mode;
    options.source_name = "data.jsonl";
    return write::Load(
        request, *catalog, clock,
        [&text]() -> Result<std::unique_ptr<std::istream>> {
          return std::make_unique<std::istringstream>(text);
        },
        options);
  }
  Result<LoadResult> Append(const std::string& text) { return Load(LoadMode::kAppend, text); }
  Result<LoadResult> Merge(const std::string& text) { return Load(LoadMode::kMerge, text); }
  Result<LoadResult> Overwrite(const std::string& text) { return Load(LoadMode::kOverwrite, text); }

  std::string Export(const std::vector<std::string>& types = {}) {
    std::string text;
    const Status exported =
        write::Export(request, catalog->Head(request).value(), types, [&](std::string_view line) {
          text += line;
          text += '\n';
          return Status::Ok();
        });
    EXPECT_TRUE(exported.ok()) << exported.ToString();
    return text;
  }

  /// Everything that a write could move: the commits and the version and rows of each table. And
  /// how many versions the storage was asked to stage or commit.
  std::map<std::string, uint64_t> Marks() {
    std::map<std::string, uint64_t> marks;
    marks["commits"] = catalog->Commits(request).value().size();
    const catalog::Snapshot head = catalog->Head(request).value();
    for (const catalog::TableEntry& table : head.manifest().tables) {
      marks[table.Key() + " version"] = table.version;
      marks[table.Key() + " rows"] = table.rows;
    }
    marks["staged"] = faults->calls("stage");
    marks["committed"] = faults->calls("commit");
    return marks;
  }
  uint64_t Rows(const std::string& key) { return Marks().at(key + " rows"); }

  Request request;
  FixedClock clock;
  std::shared_ptr<store::MemoryFaults> faults = std::make_shared<store::MemoryFaults>();
  std::unique_ptr<catalog::Catalog> catalog;

 private:
  TestGraph(std::shared_ptr<Storage> storage, uint64_t seed)
      : clock(1'700'000'000'000'000, seed, 1000),
        storage_(std::move(storage)),
        objects_(store::OpenMemoryStore(storage_->objects, faults)),
        tables_(lance::OpenMemoryTableStore(storage_->tables, faults)) {}
  catalog::Location Location() {
    return {.root = "memory://graph",
            .objects = objects_.get(),
            .tables = tables_.get(),
            .clock = &clock};
  }
  void Open() {
    auto opened = catalog::Catalog::Open(request, Location(), catalog::Access::kReadWrite);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    catalog = std::move(opened).value();
  }

  std::shared_ptr<Storage> storage_;
  std::unique_ptr<store::ObjectStore> objects_;
  std::unique_ptr<lance::TableStore> tables_;
};

/// Harbour with its data.
inline std::unique_ptr<TestGraph> LoadedHarbour() {
  auto graph = std::make_unique<TestGraph>(HarbourSchema());
  const auto loaded = graph->Append(HarbourData());
  EXPECT_TRUE(loaded.ok()) << loaded.status().ToString();
  return graph;
}

/// Expects that `result` failed with `id`, that its message holds `words`, and returns the message.
template <typename T>
void ExpectError(const Result<T>& result, ErrorId id, const std::string& words) {
  ASSERT_FALSE(result.ok()) << "expected: " << words;
  EXPECT_EQ(result.status().id(), id) << result.status().ToString();
  EXPECT_THAT(result.status().message(), testing::HasSubstr(words));
}

}  // namespace tarn::write
