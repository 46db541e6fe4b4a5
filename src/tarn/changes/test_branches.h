#pragma once

// For the tests of this room: a graph in memory with branches, and what it holds as plain text.

#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/catalog/catalog.h"
#include "tarn/changes/commit_diff.h"
#include "tarn/lance/memory_table.h"
#include "tarn/store/memory_store.h"
#include "tarn/write/export.h"
#include "tarn/write/load.h"

namespace tarn::changes {

/// One process on a warehouse in memory.
class Branches {
 public:
  explicit Branches(const std::string& schema) {
    const catalog::Location location{.root = "memory://graph",
                                     .objects = objects_.get(),
                                     .tables = tables_.get(),
                                     .clock = &clock};
    EXPECT_TRUE(catalog::Catalog::Init(request, location, schema, false).ok());
    catalog = catalog::Catalog::Open(request, location, catalog::Access::kReadWrite).value();
  }

  Result<write::LoadResult> Load(const std::string& branch, write::LoadMode mode,
                                 const std::string& text) {
    return write::Load(request, *catalog, clock,
                       [&text]() -> Result<std::unique_ptr<std::istream>> {
                         return std::make_unique<std::istringstream>(text);
                       },
                       {.mode = mode, .branch = branch});
  }
  void Merge(const std::string& branch, const std::string& text) {
    const auto loaded = Load(branch, write::LoadMode::kMerge, text);
    ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  }
  catalog::Snapshot Head(const std::string& branch = "main") {
    return catalog->Head(request, branch).value();
  }
  catalog::Snapshot At(const std::string& commit) { return catalog->At(request, commit).value(); }

  /// Every row by "node:P a" or "edge:E a", as the line that export writes.
  std::map<std::string, std::string> Rows(const catalog::Snapshot& snapshot) {
    std::map<std::string, std::string> rows;
    const Status exported = write::Export(request, snapshot, {}, [&](std::string_view line) {
      const std::string text(line);
      const auto value = [&text](const std::string& name) {
        const size_t begin = text.find("\"" + name + "\":\"") + name.size() + 4;
        return text.substr(begin, text.find('"', begin) - begin);
      };
      const bool is_edge = text.starts_with("{\"edge\"");
      rows[(is_edge ? "edge:" + value("edge") : "node:" + value("type")) + " " + value("id")] =
          text;
      return Status::Ok();
    });
    EXPECT_TRUE(exported.ok()) << exported.ToString();
    return rows;
  }

  Request request;
  FixedClock clock{1'700'000'000'000'000, 1, 1000};
  std::unique_ptr<catalog::Catalog> catalog;

 private:
  std::unique_ptr<store::ObjectStore> objects_ = store::OpenMemoryStore(store::NewMemoryObjects());
  std::unique_ptr<lance::TableStore> tables_ = lance::OpenMemoryTableStore();
};

/// "insert node:P a" and so on, by a walk over all rows of both sides.
inline std::vector<std::string> NaiveChanges(const std::map<std::string, std::string>& before,
                                             const std::map<std::string, std::string>& after) {
  std::vector<std::string> changes;
  for (const auto& [key, line] : before) {
    const auto now = after.find(key);
    if (now == after.end()) changes.push_back("delete " + key);
    if (now != after.end() && now->second != line) changes.push_back("update " + key);
  }
  for (const auto& [key, line] : after) {
    if (!before.contains(key)) changes.push_back("insert " + key);
  }
  return changes;
}

}  // namespace tarn::changes
