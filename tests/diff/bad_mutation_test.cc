// The corpus of bad mutations: each file of tests/bad/mutation is refused with the number and words
// it expects, and leaves no trace. A file begins with `// params: JSON` (if any) and `// expect:
// NUMBER WORDS`; what follows runs on the harbour graph of tests/data.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tarn/engine/memory_warehouse.h"

namespace tarn::diff {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// The rest of the line that begins with `word`, or nothing.
std::string Header(const std::string& text, const std::string& word) {
  const size_t begin = text.find(word);
  if (begin == std::string::npos) return "";
  return text.substr(begin + word.size(), text.find('\n', begin) - begin - word.size());
}

std::string Export(engine::Database& database) {
  std::string all;
  EXPECT_TRUE(database
                  .Export({}, {}, {},
                          [&all](std::string_view line) {
                            all.append(line).push_back('\n');
                            return Status::Ok();
                          })
                  .ok());
  return all;
}

// req: GRAPH-19 WRITE-42
TEST(BadMutations, EveryFileIsRefusedForItsReasonAndLeavesNoTrace) {
  const std::string tests = TARN_TESTS_FOLDER;
  auto warehouse = engine::MemoryWarehouse::Make();
  const std::string schema = ReadFile(tests + "/data/harbour/harbour.pg");
  ASSERT_TRUE(warehouse->Init({}, SourceText("harbour.pg", schema)).ok());
  auto database = std::move(warehouse->Open({}, {})).value();
  const auto input = [&]() -> Result<std::unique_ptr<std::istream>> {
    return std::unique_ptr<std::istream>(
        std::make_unique<std::ifstream>(tests + "/data/harbour/harbour.jsonl"));
  };
  ASSERT_TRUE(database->Load({}, input, {}).ok());
  const std::string content = Export(*database);
  const std::string head = database->Pin({}, {})->commit().id;
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(tests + "/bad/mutation")) {
    SCOPED_TRACE(entry.path().filename().string());
    ++files;
    const std::string text = ReadFile(entry.path());
    const std::string expected = Header(text, "// expect: ");
    const std::string number = expected.substr(0, expected.find(' '));
    const SourceText source("bad.gq", text);
    const auto answer =
        database->Mutate({}, {.source = &source, .params_json = Header(text, "// params: ")});
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ("TARN-" + std::to_string(answer.status().number()), number)
        << answer.status().ToString();
    if (expected.size() > number.size()) {
      EXPECT_NE(answer.status().message().find(expected.substr(number.size() + 1)),
                std::string::npos)
          << answer.status().message();
    }
    EXPECT_EQ(database->Pin({}, {})->commit().id, head);
  }
  EXPECT_GE(files, 30u);
  EXPECT_EQ(Export(*database), content);
}

}  // namespace
}  // namespace tarn::diff
