// The corpora of bad input: tests/bad/query/*.gq and tests/bad/params/*.json, each with what must
// be said about it.
#include <filesystem>

#include <simdjson.h>

#include "tarn/gq/harbour_for_test.h"

namespace tarn::gq {
namespace {

std::vector<std::string> FilesOf(const std::string& folder, const std::string& extension) {
  std::vector<std::string> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TARN_TESTS_FOLDER) + "/bad/" + folder)) {
    if (entry.path().extension() == extension) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// req: GRAPH-1
TEST(BadQueries, AreRefusedWithTheirCodeAndWords) {
  const std::vector<std::string> paths = FilesOf("query", ".gq");
  ASSERT_GE(paths.size(), 100u);
  constexpr std::string_view kPrefix = "// expect: ";
  for (const std::string& path : paths) {
    const std::string text = ReadTestFile(path);
    ASSERT_TRUE(text.starts_with(kPrefix)) << path;
    const std::string expect = text.substr(kPrefix.size(), text.find('\n') - kPrefix.size());
    const std::string code = expect.substr(0, expect.find(' '));
    const std::string words = expect.substr(expect.find(' ') + 1);
    const std::string outcome = Outcome(text);
    EXPECT_EQ(outcome.substr(0, outcome.find(' ')), code) << path << "\n" << outcome;
    EXPECT_NE(outcome.find(words), std::string::npos) << path << "\n" << outcome;
    const SourceText source = Source(text);
    const Compiled compiled = CompileQuery(source, "", Harbour());
    for (const Diagnostic& diagnostic : compiled.diagnostics) {
      EXPECT_LT(diagnostic.span.begin, diagnostic.span.end + (code == "P001" ? 1 : 0)) << path;
      EXPECT_LE(diagnostic.span.end, text.size()) << path;
      EXPECT_GT(diagnostic.span.begin, text.find('\n')) << path << ": points at the comment";
    }
  }
}

TEST(BadParameters, AreRefusedWithTheirWords) {
  const std::vector<std::string> paths = FilesOf("params", ".json");
  ASSERT_GE(paths.size(), 30u);
  for (const std::string& path : paths) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    ASSERT_EQ(parser.parse(simdjson::padded_string(ReadTestFile(path))).get(document),
              simdjson::SUCCESS)
        << path;
    const auto member = [&document](const char* name) {
      return std::string(document[name].get_string().value());
    };
    const ir::Query query = MustRead(member("query"));
    const Result<ir::ParameterValues> values = BindParameters(query.parameters, member("params"));
    ASSERT_FALSE(values.ok()) << path;
    EXPECT_NE(values.status().message().find(member("expect")), std::string::npos)
        << path << "\n"
        << values.status().message();
    EXPECT_EQ(values.status().code(), Code::kInvalidArgument) << path;
  }
}

}  // namespace
}  // namespace tarn::gq
