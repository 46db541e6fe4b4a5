// The corpus of bad data: each file of tests/bad/data is refused with the words it expects, and
// leaves no trace.
//
// A file begins with comment lines that the loader never sees: `// mode: append` (append, merge or
// overwrite) and
// `// expect: WORDS`, any number of times. What follows is loaded into the harbour graph of
// tests/data.

#include <algorithm>
#include <filesystem>

#include "tarn/write/test_graph.h"

namespace tarn::write {
namespace {

struct BadFile {
  std::string name;
  LoadMode mode = LoadMode::kAppend;
  std::vector<std::string> expected;
  std::string data;
};

BadFile ReadBadFile(const std::filesystem::path& path) {
  BadFile file{.name = path.stem().string()};
  std::string text = ReadFile(path.string());
  while (text.starts_with("// ")) {
    const size_t end = text.find('\n');
    const std::string line = text.substr(0, end);
    text.erase(0, end + 1);
    if (line == "// mode: merge") {
      file.mode = LoadMode::kMerge;
    } else if (line == "// mode: overwrite") {
      file.mode = LoadMode::kOverwrite;
    } else if (line.starts_with("// expect: ")) {
      file.expected.push_back(line.substr(11));
    } else {
      EXPECT_EQ(line, "// mode: append") << path;
    }
  }
  file.data = text;
  return file;
}

// req: SCHEMA-4, GRAPH-19, WRITE-42
TEST(BadData, EveryFileIsRefusedForItsReasonAndLeavesNoTrace) {
  const auto graph = LoadedHarbour();
  const auto before = graph->Marks();
  const std::string content = graph->Export();
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TestsFolder() + "/bad/data")) {
    const BadFile file = ReadBadFile(entry.path());
    SCOPED_TRACE(file.name);
    ++files;
    EXPECT_FALSE(file.expected.empty());
    const auto loaded = graph->Load(file.mode, file.data);
    ASSERT_FALSE(loaded.ok());
    for (const std::string& words : file.expected) {
      EXPECT_THAT(loaded.status().message(), testing::HasSubstr(words));
    }
    EXPECT_TRUE(loaded.status().detail()) << "a client needs file, line, field and reason";
    EXPECT_EQ(graph->Marks(), before);
  }
  EXPECT_GE(files, 50u);
  EXPECT_EQ(graph->Export(), content);
}

}  // namespace
}  // namespace tarn::write
