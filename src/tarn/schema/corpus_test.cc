// The corpus of bad schemas: tests/bad/schema/*.pg, each beginning with what must be said about it.
#include <algorithm>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "tarn/schema/codes.h"
#include "tarn/schema/compile_for_test.h"

namespace tarn::schema {
namespace {

std::vector<std::string> BadSchemas() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TARN_TESTS_FOLDER) + "/bad/schema")) {
    if (entry.path().extension() == ".pg") {
      names.push_back("bad/schema/" + entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

// req: SCHEMA-1, SCHEMA-2, SCHEMA-4
TEST(BadSchemas, AreRefusedWithTheirCodeWordsAndPlace) {
  const std::vector<std::string> names = BadSchemas();
  ASSERT_GE(names.size(), 130u);
  constexpr std::string_view kPrefix = "// expect: ";
  for (const std::string& name : names) {
    const std::string text = ReadTestFile(name);
    ASSERT_TRUE(text.starts_with(kPrefix)) << name;
    const size_t line_end = text.find('\n');
    const std::string expect = text.substr(kPrefix.size(), line_end - kPrefix.size());
    const SourceText source(name, text);
    const Compiled compiled = CompileSchema(source);
    ASSERT_FALSE(compiled.schema) << name;
    const Diagnostic& first = compiled.diagnostics.at(0);
    const std::string shown = RenderDiagnostic(source, first);
    EXPECT_EQ(first.code, expect.substr(0, expect.find(' '))) << name << "\n" << shown;
    EXPECT_NE(first.message.find(expect.substr(expect.find(' ') + 1)), std::string::npos)
        << name << "\n"
        << shown;
    EXPECT_EQ(compiled.diagnostics.size(), 1u) << name << ": one mistake, one finding\n" << shown;
    for (const Diagnostic& diagnostic : compiled.diagnostics) {
      EXPECT_GT(diagnostic.span.begin, line_end) << name << ": points at the comment\n" << shown;
      EXPECT_LT(diagnostic.span.begin, diagnostic.span.end) << name << ": no caret\n" << shown;
      EXPECT_LE(diagnostic.span.end, text.size()) << name;
    }
  }
}

// Every rule of the language is shown by a file, but for limits that no small file reaches.
TEST(BadSchemas, ShowEveryRule) {
  std::set<std::string> shown;
  for (const std::string& name : BadSchemas()) {
    const std::string text = ReadTestFile(name);
    shown.insert(text.substr(std::string_view("// expect: ").size(), 4));
  }
  for (const RuleRow& row : RuleTable()) {
    EXPECT_TRUE(shown.contains(RuleCode(row.rule)) || row.rule == Rule::kTooLarge)
        << RuleCode(row.rule);
  }
}

}  // namespace
}  // namespace tarn::schema
