// The small text rooms of base: sources and diagnostics, JSON writing, UTF-8, ids and time.
#include <limits>

#include <gtest/gtest.h>

#include "tarn/base/clock.h"
#include "tarn/base/failpoint.h"
#include "tarn/base/json_writer.h"
#include "tarn/base/source.h"
#include "tarn/base/utf8.h"

namespace tarn {
namespace {

TEST(Diagnostic, ShowsFileLineColumnTheLineAndACaret) {
  const SourceText source("a.pg", "node Å {\n\tnmae: Sting\n}\n");
  const size_t begin = source.text().find("Sting");
  const Diagnostic diagnostic{.code = "S014",
                              .message = "unknown type 'Sting'",
                              .span = {begin, begin + 5},
                              .suggestion = "did you mean 'String'?"};
  EXPECT_EQ(RenderDiagnostic(source, diagnostic),
            "a.pg:2:8: error[S014]: unknown type 'Sting'\n"
            "  |\n"
            "2 | \tnmae: Sting\n"
            "  | \t      ^^^^^\n"
            "  = help: did you mean 'String'?\n");
}

TEST(Diagnostic, PointsBehindTheLastByteAndOverSeveralLinesWithoutHarm) {
  const SourceText source("a.gq", "ab\ncd");
  EXPECT_NE(RenderDiagnostic(source, {.message = "end", .span = {5, 5}}).find("2 | cd\n  |   ^\n"),
            std::string::npos);
  EXPECT_NE(RenderDiagnostic(source, {.message = "both", .span = {0, 5}}).find("1 | ab\n  | ^^\n"),
            std::string::npos);
  EXPECT_NE(RenderDiagnostic(SourceText("e", ""), {.message = "empty"}).find("e:1:1"),
            std::string::npos);
}

TEST(RenderDiagnostic, ShowsOfAVeryLongLineThePartAroundThePlace) {
  const std::string line = std::string(5000, 'a') + "XY" + std::string(5000, 'b');
  const std::string shown =
      RenderDiagnostic(SourceText("f", line), {.message = "m", .span = {5000, 5002}});
  EXPECT_LT(shown.size(), 1000u);
  EXPECT_NE(shown.find("1 | ..." + std::string(120, 'a') + "XYb"), std::string::npos);
  EXPECT_NE(shown.find("b...\n  |    " + std::string(120, ' ') + "^^\n"), std::string::npos);
  const std::string wide =
      RenderDiagnostic(SourceText("f", line), {.message = "m", .span = {0, 10002}});
  EXPECT_NE(wide.find("  | " + std::string(400, '^') + "\n"), std::string::npos);
}

TEST(NearestName, FindsSlipsAndKeepsQuietOtherwise) {
  const std::vector<std::string> names = {"String", "Date", "DateTime"};
  EXPECT_EQ(NearestName("Sting", names), "String");
  EXPECT_EQ(NearestName("datetime", names), "DateTime");
  EXPECT_EQ(NearestName("Vector", names), "");
  EXPECT_EQ(NearestName("Daet", names), "Date");  // two letters swapped are one slip
}

// trap: 48, 49
TEST(JsonWriter, WritesNumbersThatReadBackEqual) {
  JsonWriter json;
  json.BeginArray().Double(3).Double(0.1f).Double(1e300).Uint(18446744073709551615u).Int(-7);
  json.Double(std::numeric_limits<double>::infinity()).EndArray();
  EXPECT_EQ(json.text(), R"([3.0,0.10000000149011612,1e+300,18446744073709551615,-7,"Infinity"])");
}

TEST(JsonWriter, LaysOutNestedContainersAndEscapes) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject()
      .Key("a")
      .BeginArray()
      .EndArray()
      .Key("b")
      .BeginObject()
      .Key("c")
      .Null()
      .EndObject()
      .EndObject();
  EXPECT_EQ(json.text(), "{\n  \"a\": [],\n  \"b\": {\n    \"c\": null\n  }\n}");
  EXPECT_EQ(JsonQuoted("a\"\\\n\x01\xC3\xA5\xFF"), "\"a\\\"\\\\\\n\\u0001\xC3\xA5\xEF\xBF\xBD\"");
}

TEST(Utf8, AcceptsWellFormedSequencesOnly) {
  EXPECT_EQ(FindInvalidUtf8("a\xC3\xA5\xE2\x82\xAC\xF0\x9F\x98\x80"), std::string_view::npos);
  for (const char* bad :
       {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80", "\xF5\x80\x80\x80"}) {
    EXPECT_EQ(FindInvalidUtf8(bad), 0u) << JsonQuoted(bad);
  }
}

TEST(Ulid, SortsInOrderOfMakingWithinAMillisecondAndWhenTheClockGoesBack) {
  FixedClock still(1700000000000000, 7, 0);
  UlidFactory factory(still);
  std::string last = factory.Next();
  EXPECT_TRUE(IsUlid(last));
  for (int i = 0; i < 1000; ++i) {
    std::string next = factory.Next();
    EXPECT_LT(last, next);
    last = std::move(next);
  }
  FixedClock backwards(1700000000000000, 7, -1000000);
  UlidFactory second(backwards);
  const std::string a = second.Next();
  EXPECT_LT(a, second.Next());
}

TEST(FormatMicros, PrintsMicrosecondsAlsoBefore1970) {
  EXPECT_EQ(FormatMicros(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(FormatMicros(-1), "1969-12-31T23:59:59.999999Z");
}

Status Step() {
  TARN_FAILPOINT("commit.after_intent");
  return Status::Ok();
}

TEST(Failpoint, FiresOnlyWhileArmedAndKnowsItsNames) {
  EXPECT_TRUE(Step().ok());
  ASSERT_TRUE(ArmFailpointsFromText("commit.after_intent=fail").ok());
  EXPECT_EQ(Step().code(), Code::kUnavailable);
  DisarmAllFailpoints();
  EXPECT_TRUE(Step().ok());
  EXPECT_FALSE(ArmFailpointsFromText("commit.nowhere=fail").ok());
}

}  // namespace
}  // namespace tarn
