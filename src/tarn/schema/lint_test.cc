#include "tarn/schema/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/schema/compile_for_test.h"

namespace tarn::schema {
namespace {

/// "L101 depth" per finding: the code and what it points at. L111, the missing key, only when
/// asked.
std::string Lint(std::string_view text, bool with_keys = false) {
  MustCompile(text);
  std::string out;
  for (const Diagnostic& finding : LintSchema(SourceText("t.pg", std::string(text)))) {
    EXPECT_NE(finding.severity, Severity::kError);
    EXPECT_LT(finding.span.begin, finding.span.end);
    if (finding.code == "L111" && !with_keys) continue;
    out += (out.empty() ? "" : "; ") + finding.code + " " +
           std::string(text.substr(finding.span.begin, finding.span.end - finding.span.begin));
  }
  return out;
}

// req: SCHEMA-1
TEST(LintSchemaTest, HarbourIsClean) { EXPECT_EQ(Lint(HarbourText(), /*with_keys=*/true), ""); }

TEST(LintSchemaTest, SaysNothingAboutTextsThatDoNotCompile) {
  EXPECT_TRUE(LintSchema(SourceText("t.pg", "node N { a: Sting @descripton(\"x\") }")).empty());
}

TEST(LintSchemaTest, WarnsOfRangesOpenBelow) {
  EXPECT_EQ(Lint("node N { d: F32 @range(d, ..60) @range(d, 0..) @range(d, 0..60) }"), "L101 ..60");
}

// trap: 19
TEST(LintSchemaTest, NotesWhenLeastCountsAreChecked) {
  EXPECT_EQ(Lint("node N {} edge E: N -> N @card(1..1) edge F: N -> N @card(0..1)"),
            "L102 @card(1..1)");
}

// trap: 10
TEST(LintSchemaTest, WarnsOfAnnotationsThatLookLikeKnownOnes) {
  EXPECT_EQ(Lint("node N @descripton(\"x\") { a: String @uniqe @idnex @keyy @ky @rename_form(b) }"),
            "L103 @descripton; L103 @uniqe; L103 @idnex; L103 @keyy; L103 @ky; L103 @rename_form");
  EXPECT_EQ(
      Lint("node N @keyed @owner(\"x\") { a: String @indexing @key_hint @pii @checked @wobble }"),
      "");
}

TEST(LintSchemaTest, WarnsOfEmbeddingsWithoutIndex) {
  EXPECT_EQ(Lint("node N { t: String v: Vector(2) @embed(t) w: Vector(2) @embed(t) @index x: "
                 "Vector(2) @embed(t) @index(x) }"),
            "L104 v");
}

TEST(LintSchemaTest, WarnsOfAnnotationsWithoutEffect) {
  EXPECT_EQ(Lint("node N { a: I32 @range b: String @check @inverse @description(\"x\", lang=en) "
                 "} edge E: N -> N @card"),
            "L105 @range; L105 @check; L105 @inverse; L105 lang; L105 @card");
}

TEST(LintSchemaTest, WarnsOfInterfacesThatAreIdleTwiceOrAmbiguous) {
  EXPECT_EQ(
      Lint("interface I { a: I32 } interface Idle {} interface N {} node N implements I, I, N {}"),
      "L107 Idle; L108 N; L106 I");
}

TEST(LintSchemaTest, WarnsOfConstraintsThatRepeat) {
  EXPECT_EQ(Lint("node N { a: I32 @unique @key b: I32 c: I32 @index(c) @unique(b, c) @unique(c, b) "
                 "@index(c) }"),
            "L109 @unique; L109 @unique(c, b); L109 @index(c)");
  EXPECT_EQ(Lint("node N { a: I32 @index @index(a) }"), "L109 @index(a)");
}

TEST(LintSchemaTest, WarnsOfBoundsBeyondTheType) {
  EXPECT_EQ(Lint("node N { u: U32 i: I32 f: F32 @range(u, -5..) @range(u, 0..4294967296) @range(i, "
                 "3000000000..) @range(i, 0..9) @range(f, -5..) }"),
            "L110 -5..; L110 0..4294967296; L110 3000000000..");
}

TEST(LintSchemaTest, NotesNodesWithoutKey) {
  EXPECT_EQ(Lint("node N { a: I32 } node M { a: I32 @key }", /*with_keys=*/true), "L111 N");
}

TEST(LintSchemaTest, FindingsAreInTextOrderAndBounded) {
  std::string text = "node N { ";
  for (int i = 0; i < 3000; ++i) text += fmt::format("p{}: I32 @uniqe ", i);
  EXPECT_EQ(LintSchema(SourceText("t.pg", text + "}")).size(), 1000u);
}

}  // namespace
}  // namespace tarn::schema
