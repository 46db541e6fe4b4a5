// The corpus of migrations that are refused: tests/bad/migration/*.pg, each an accepted schema and
// a wanted one, beginning with what must be said about the way between them.
#include <filesystem>

#include <gtest/gtest.h>

#include "tarn/schema/compile_for_test.h"
#include "tarn/schema/ids.h"
#include "tarn/schema/migration.h"

namespace tarn::schema {
namespace {

/// "M001 message" for a hint, else the text of the step; one a line.
std::string RefusalsOf(const Migration& migration) {
  std::string out;
  for (const Diagnostic& diagnostic : migration.diagnostics) {
    if (diagnostic.severity != Severity::kError) continue;
    EXPECT_LT(diagnostic.span.begin, diagnostic.span.end) << "no place";
    out += diagnostic.code + " " + diagnostic.message + "\n";
  }
  for (const MigrationStep& step : migration.steps) {
    if (step.kind != StepKind::kUnsupported) continue;
    EXPECT_LT(step.span.begin, step.span.end) << "no place";
    EXPECT_FALSE(step.reason.empty());
    out += StepText(step) + "\n";
  }
  return out;
}

// req: SCHEMA-10, SCHEMA-11
TEST(BadMigrations, AreRefusedOnceWithTheirReasonAndPlace) {
  constexpr std::string_view kPrefix = "// expect: ";
  constexpr std::string_view kBetween = "// ---- wanted\n";
  size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TARN_TESTS_FOLDER) + "/bad/migration")) {
    const std::string name = entry.path().filename().string();
    SCOPED_TRACE(name);
    ++files;
    const std::string text = ReadTestFile("bad/migration/" + name);
    ASSERT_TRUE(text.starts_with(kPrefix));
    const size_t line_end = text.find('\n');
    const std::string expect = text.substr(kPrefix.size(), line_end - kPrefix.size());
    const size_t between = text.find(kBetween);
    ASSERT_NE(between, std::string::npos);
    Schema accepted = MustCompile(text.substr(0, between));
    AssignIds(&accepted);
    const Migration migration =
        PlanMigration(accepted, MustCompile(text.substr(between + kBetween.size())));
    EXPECT_FALSE(migration.is_supported());
    const std::string refusals = RefusalsOf(migration);
    EXPECT_NE(refusals.find(expect), std::string::npos) << refusals;
    EXPECT_EQ(std::count(refusals.begin(), refusals.end(), '\n'), 1)
        << "one mistake, one finding: " << refusals;
  }
  EXPECT_GE(files, 30u);
}

}  // namespace
}  // namespace tarn::schema
