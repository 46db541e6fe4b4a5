#include "tarn/write/record_reader.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/write/json_text.h"
#include "tarn/write/limits.h"

namespace tarn::write {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Reads everything; the records as short texts, the problems as "line: reason".
struct Outcome {
  std::vector<std::string> records;
  std::vector<std::string> problems;
  Status status;
};

std::string CellText(const Record& record, const JsonCell& cell) {
  switch (cell.kind) {
    case JsonCell::Kind::kNull: return "null";
    case JsonCell::Kind::kTrue: return "true";
    case JsonCell::Kind::kFalse: return "false";
    case JsonCell::Kind::kNumber: return std::string(cell.text) + (cell.is_integer ? "i" : "f");
    case JsonCell::Kind::kString: return "'" + std::string(cell.text) + "'";
    case JsonCell::Kind::kObject: return "{}";
    case JsonCell::Kind::kArray: break;
  }
  std::string text = "[";
  for (const JsonCell& item : record.ItemsOf(cell)) text += CellText(record, item) + " ";
  return text + "]";
}

Outcome Read(const std::string& text) {
  std::istringstream input(text);
  ProblemList problems("data.jsonl");
  RecordReader reader(input, problems);
  Outcome outcome;
  while (true) {
    const Result<bool> more = reader.Next();
    outcome.status = more.status();
    if (!more.ok() || !*more) break;
    const Record& record = reader.record();
    std::string shown =
        fmt::format("{} {} {}", record.line, record.is_edge ? "edge" : "node", record.type);
    if (record.is_edge) shown += fmt::format(" {}>{}", record.from, record.to);
    for (const Member& member : record.data) {
      shown += fmt::format(" {}={}", member.name, CellText(record, member.value));
    }
    outcome.records.push_back(shown);
  }
  for (const Problem& problem : problems.problems()) {
    outcome.problems.push_back(fmt::format("{}: {}", problem.line, problem.reason));
  }
  return outcome;
}

void ExpectRefused(const std::string& line, const std::string& words) {
  const Outcome outcome = Read(line);
  EXPECT_THAT(outcome.records, IsEmpty()) << line;
  ASSERT_EQ(outcome.problems.size(), 1u) << line;
  EXPECT_THAT(outcome.problems[0], HasSubstr(words)) << line;
}

// req: GRAPH-18 rests on this grammar; spec §11.1, framing of the strict reader.
TEST(RecordReader, LinesEndWithLfOrCrlfAndBlankOnesAreSkipped) {
  const Outcome outcome =
      Read("{\"type\":\"A\"}\r\n \t\f\r\n\n{\"type\":\"B\",\"data\":{}}\n{\"type\":\"C\"}");
  EXPECT_THAT(outcome.records, ElementsAre("1 node A", "4 node B", "5 node C"));
  EXPECT_THAT(outcome.problems, IsEmpty());
  EXPECT_THAT(Read("").records, IsEmpty());
  EXPECT_THAT(Read("\n\n  \n").records, IsEmpty());
}

TEST(RecordReader, MembersComeInAnyOrder) {
  const Outcome outcome = Read(R"({"data":{"nm":1.5},"to":"b","from":"a","edge":"E"})");
  EXPECT_THAT(outcome.records, ElementsAre("1 edge E a>b nm=1.5f"));
}

// trap: 58: an integer token keeps its digits.
TEST(RecordReader, ValuesKeepTheirSpelling) {
  const Outcome outcome =
      Read(R"({"type":"T","data":{"a":9007199254740993 ,"b":-0.50e+2,"c":"x\u00e9\n\"",)"
           R"("d":[1,[2,3],{"x":1},null,true ],"e":false,"f":null,"g":{},"\u0068":""}})");
  EXPECT_THAT(outcome.problems, IsEmpty());
  EXPECT_THAT(outcome.records, ElementsAre("1 node T a=9007199254740993i b=-0.50e+2f c='xé\n\"' "
                                           "d=[1i [] {} null true ] e=false f=null "
                                           "g={} h=''"));
}

// spec §11.1: envelope keys.
TEST(RecordReader, TheEnvelopeIsClosed) {
  ExpectRefused(R"({"type":"A","edge":"B","from":"x","to":"y"})",
                "must contain exactly one of 'type' or 'edge'");
  ExpectRefused(R"({"data":{}})", "expected 'type' or 'edge' field");
  ExpectRefused(R"({})", "expected 'type' or 'edge' field");
  ExpectRefused(R"({"edge":"E","to":"y"})", "edge missing 'from'");
  ExpectRefused(R"({"edge":"E","from":"y"})", "requires field 'to'");
  ExpectRefused(R"({"type":"A","note":1})", "unknown top-level graph batch field 'note'");
  ExpectRefused(R"({"type":"A","from":"x"})", "unknown top-level graph batch field 'from'");
  ExpectRefused(R"({"type":1})", "'type' must be a string");
  ExpectRefused(R"({"edge":"E","from":7,"to":"y"})", "'from' must be a string");
  ExpectRefused(R"({"type":"A","data":[]})", "'data' must be an object");
  ExpectRefused(R"({"type":"A","data":null})", "'data' must be an object");
  ExpectRefused(R"(["type","A"])", "a record is a JSON object");
  ExpectRefused(R"("type")", "a record is a JSON object");
}

// trap: 57: duplicate keys at any depth.
TEST(RecordReader, DuplicateKeysAreRefusedAtAnyDepth) {
  ExpectRefused(R"({"type":"A","type":"A"})", "duplicate key 'type'");
  ExpectRefused(R"({"type":"A","data":{},"data":{}})", "duplicate key 'data'");
  ExpectRefused(R"({"type":"A","data":{"x":1,"x":1}})", "duplicate key 'x'");
  ExpectRefused(R"({"type":"A","data":{"x":1,"\u0078":1}})", "duplicate key 'x'");
  ExpectRefused(R"({"type":"A","data":{"x":{"y":{"z":1,"z":2}}}})", "duplicate key 'z'");
  ExpectRefused(R"({"type":"A","data":{"x":[[{"z":1,"z":2}]]}})", "duplicate key 'z'");
  std::string many = R"({"type":"A","data":{)";
  for (int i = 0; i < 200; ++i) many += fmt::format("\"k{}\":0,", i);
  ExpectRefused(many + R"("k7":1}})", "duplicate key 'k7'");
  EXPECT_THAT(Read(many + R"("k200":1}})").problems, IsEmpty());
}

TEST(RecordReader, BrokenJsonIsRefusedWithItsLine) {
  for (const char* line : {"{",
                           "}",
                           "{\"type\":\"A\"",
                           "{\"type\":\"A\"}}",
                           "{\"type\":\"A\"} {\"type\":\"A\"}",
                           "{\"type\":\"A\",}",
                           "{'type':'A'}",
                           "{\"type\":\"A\" \"data\":{}}",
                           "{\"type\":\"A\",\"data\":{\"x\":}}",
                           "{\"type\":\"A\",\"data\":{\"x\":01}}",
                           "{\"type\":\"A\",\"data\":{\"x\":1.}}",
                           "{\"type\":\"A\",\"data\":{\"x\":.5}}",
                           "{\"type\":\"A\",\"data\":{\"x\":+1}}",
                           "{\"type\":\"A\",\"data\":{\"x\":NaN}}",
                           "{\"type\":\"A\",\"data\":{\"x\":1e}}",
                           "{\"type\":\"A\",\"data\":{\"x\":tru}}",
                           "{\"type\":\"A\",\"data\":{\"x\":nul}}",
                           "{\"type\":\"A\",\"data\":{\"x\":\"\\q\"}}",
                           "{\"type\":\"A\",\"data\":{\"x\":\"\\ud800\"}}",
                           "{\"type\":\"A\",\"data\":{\"x\":\"a\tb\"}}",
                           "{\"type\":\"A\",\"data\":{\"x\":\"\xff\"}}",
                           "{\"type\":\"A\",\"data\":{\"x\":[1,]}}",
                           "{\"type\":\"A\",\"data\":{\"x\":[1 2]}}",
                           "{\"type\":\"A\",\"data\":{\"x\":[1}}",
                           "{\"type\":\"A\",\"data\":{x:1}}",
                           "// comment",
                           "\xEF\xBB\xBF{\"type\":\"A\"}"}) {
    ExpectRefused(line, "invalid strict JSON at line 1");
  }
}

TEST(RecordReader, OneRunNamesManyBadLines) {
  const Outcome outcome = Read("{\"type\":\"A\"}\n{bad\n\n{\"type\":1}\n{\"type\":\"B\"}\n");
  EXPECT_THAT(outcome.records, ElementsAre("1 node A", "5 node B"));
  ASSERT_EQ(outcome.problems.size(), 2u);
  EXPECT_THAT(outcome.problems[0], HasSubstr("2: invalid strict JSON at line 2"));
  EXPECT_THAT(outcome.problems[1], HasSubstr("4: 'type' must be a string"));
}

TEST(RecordReader, StopsWhenTheListOfProblemsIsFull) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "{bad\n";
  EXPECT_EQ(Read(text).problems.size(), kProblemsMax + 1);
}

std::string Padded(size_t bytes) {
  const std::string head = R"({"type":"A","data":{"x":")", tail = "\"}}";
  return head + std::string(bytes - head.size() - tail.size(), 'x') + tail;
}

// spec §11.1, limits: 32 MiB a line, however the input is cut into reads.
TEST(RecordReader, ALineOfTheLimitIsReadAndOneByteMoreIsNot) {
  const Outcome longest = Read(Padded(kLineBytesMax) + "\r\n" + Padded(100));
  EXPECT_TRUE(longest.status.ok()) << longest.status.ToString();
  EXPECT_EQ(longest.records.size(), 2u);
  for (const std::string end : {"\n", "\r\n", ""}) {
    const Outcome outcome = Read(Padded(100) + "\n" + Padded(kLineBytesMax + 1) + end);
    ASSERT_FALSE(outcome.status.ok());
    EXPECT_EQ(outcome.status.id(), ErrorId::kInputTooLarge);
    EXPECT_THAT(outcome.status.message(), HasSubstr("line 2"));
    EXPECT_THAT(outcome.status.detail()->json,
                HasSubstr("\"resource\":\"graph_batch_line_bytes\",\"limit\":33554432"));
  }
}

TEST(RecordReader, StructuralCharactersAreBounded) {
  // {"type":"A","data":{"x":[...]}} has 8 characters of structure around the array's own two, and
  // one comma an item after the first.
  const auto line = [](size_t slots) {
    std::string text = R"({"type":"A","data":{"x":[0)";
    for (size_t i = 10; i < slots; ++i) text += ",0";
    return text + "]}}";
  };
  ASSERT_EQ(CountSlots(line(500), 10000), 500u);
  EXPECT_EQ(Read(line(kLineSlotsMax)).records.size(), 1u);
  const Outcome outcome = Read(line(kLineSlotsMax + 1));
  ASSERT_FALSE(outcome.status.ok());
  EXPECT_EQ(outcome.status.id(), ErrorId::kInputTooLarge);
  EXPECT_THAT(
      outcome.status.detail()->json,
      HasSubstr(
          "\"resource\":\"graph_batch_json_structural_slots\",\"limit\":131072,\"actual\":131073"));
  // Characters inside strings are no structure.
  EXPECT_EQ(Read(R"({"type":"A","data":{"x":")" + std::string(kLineSlotsMax, ',') + "\"}}")
                .records.size(),
            1u);
}

TEST(RecordReader, NestingIsBounded) {
  const auto line = [](size_t depth) {
    return R"({"type":"A","data":{"x":)" + std::string(depth, '[') + std::string(depth, ']') + "}}";
  };
  EXPECT_EQ(Read(line(60)).records.size(), 1u);
  ExpectRefused(line(100), "nested deeper than 64 levels");
  ExpectRefused(line(60000), "nested deeper than 64 levels");
}

TEST(RecordReader, LinesThatStraddleBlocksAreWhole) {
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 400; ++i) {
    text += Padded(100 + static_cast<size_t>(i) * 137 % 20011) + "\n";
    expected.push_back(fmt::format("{} node A", i + 1));
  }
  const Outcome outcome = Read(text);
  ASSERT_EQ(outcome.records.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_TRUE(outcome.records[i].starts_with(expected[i]));
}

TEST(FormOfNumber, KnowsTheNumbersOfJson) {
  for (const char* token : {"0", "-0", "7", "-12", "9007199254740993", "18446744073709551616"}) {
    EXPECT_EQ(FormOfNumber(token), NumberForm::kInteger) << token;
  }
  for (const char* token : {"0.0", "-1.5", "1e3", "1E-3", "1.25e+10", "0e0"}) {
    EXPECT_EQ(FormOfNumber(token), NumberForm::kFraction) << token;
  }
  for (const char* token :
       {"", "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "1a", "0x1", "1.5.2", "Infinity"}) {
    EXPECT_EQ(FormOfNumber(token), NumberForm::kNone) << token;
  }
}

}  // namespace
}  // namespace tarn::write
