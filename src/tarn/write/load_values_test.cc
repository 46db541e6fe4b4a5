// Every row of the value tables of the specification (§11.2 to §11.4), through a whole load.

#include "tarn/base/json_writer.h"
#include "tarn/write/test_graph.h"

namespace tarn::write {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSchema = R"(
node All {
  s: String?  b: Bool?
  i32: I32?  i64: I64?  u32: U32?  u64: U64?
  f32: F32?  f64: F64?
  d: Date?  t: DateTime?
  e: enum(red, dark-red, 24h)?
  v: Vector(3)?
  blob: Blob?
  ls: [String]?  li: [I32]?  ld: [Date]?  lb: [Bool]?  lf: [F32]?
}
node Strict { s: String  l: [String]  v: Vector(2)  b: Blob }
node Ranged {
  i: I64?  u: U64?  f: F32?  g: F64?  c: String?
  @range(i, -9007199254740993..9007199254740993)
  @range(u, 18446744073709551614..)
  @range(f, 0.5..60.0)
  @range(g, ..-1.5)
  @check(c, "[A-Z]")
}
edge Link: All -> All { kind: enum(a, b)?  n: I32? }
)";

class LoadValues : public testing::Test {
 protected:
  static std::string Line(const std::string& data, const std::string& type = "All") {
    return fmt::format(R"({{"type":"{}","data":{{{}}}}})", type, data);
  }
  /// What a value of `property` is read back as.
  std::string Kept(const std::string& property, const std::string& json) {
    TestGraph graph(kSchema);
    const auto loaded = graph.Append(Line(fmt::format(R"("id":"x","{}":{})", property, json)));
    EXPECT_TRUE(loaded.ok()) << json << ": " << loaded.status().ToString();
    const std::string line = graph.Export({"All"});
    const std::string before = fmt::format("\"{}\":", property);
    const size_t begin = line.find(before) + before.size();
    size_t end = begin;
    for (int depth = 0; end < line.size() && (depth > 0 || (line[end] != ',' && line[end] != '}'));
         ++end) {
      depth += line[end] == '[' ? 1 : line[end] == ']' ? -1 : 0;
    }
    return line.substr(begin, end - begin);
  }
  void Refused(const std::string& property, const std::string& json, const std::string& words,
               const std::string& type = "All", ErrorId id = ErrorId::kDataInvalid) {
    const auto before = shared_.Marks();
    const auto loaded = shared_.Append(Line(fmt::format(R"("{}":{})", property, json), type));
    ExpectError(loaded, id, words);
    ASSERT_TRUE(loaded.status().detail());
    EXPECT_THAT(loaded.status().message(), HasSubstr("data.jsonl: line 1: "));
    EXPECT_THAT(
        loaded.status().detail()->json,
        HasSubstr(fmt::format(R"("line":1,"type":"node:{}","field":"{}")", type, property)));
    EXPECT_EQ(shared_.Marks(), before);
  }

  TestGraph shared_{kSchema};
};

// req: SCHEMA-4
TEST_F(LoadValues, StringsAndBools) {
  EXPECT_EQ(Kept("s", R"("a\u00e9\n\"\\\u0000")"), R"("aé\n\"\\\u0000")");
  EXPECT_EQ(Kept("s", R"("")"), R"("")");
  EXPECT_EQ(Kept("s", "null"), "null");
  EXPECT_EQ(Kept("b", "true"), "true");
  EXPECT_EQ(Kept("b", "false"), "false");
  Refused("s", "12", "property 's' expects String, got the number 12");
  Refused("s", "true", "expects String, got true");
  Refused("s", "{}", "expects String, got an object");
  Refused("b", "1", "expects Boolean");
  Refused("b", R"("true")", "expects Boolean, got the string \"true\"");
}

// req: SCHEMA-4; trap: 58, 59: integers are exact, and only integer tokens are integers.
TEST_F(LoadValues, Integers) {
  EXPECT_EQ(Kept("i32", "-2147483648"), "-2147483648");
  EXPECT_EQ(Kept("i32", "2147483647"), "2147483647");
  EXPECT_EQ(Kept("i64", "9007199254740993"), "9007199254740993");
  EXPECT_EQ(Kept("i64", "-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(Kept("u32", "4294967295"), "4294967295");
  EXPECT_EQ(Kept("u64", "18446744073709551615"), "18446744073709551615");  // trap: 49
  EXPECT_EQ(Kept("u64", "-0"), "0");
  EXPECT_EQ(Kept("i32", "-0"), "0");
  Refused("i32", "1.0", "property 'i32' expects Int32, got the number 1.0");
  Refused("i32", "1e3", "expects Int32, got the number 1e3");
  Refused("i64", R"("1")", "expects Int64, got the string \"1\"");
  Refused("i32", "2147483648", "property 'i32' value 2147483648 exceeds Int32 range");
  Refused("i32", "-2147483649", "exceeds Int32 range");
  Refused("i64", "9223372036854775808", "exceeds Int64 range");
  Refused("u32", "-1", "property 'u32' value -1 exceeds UInt32 range");
  Refused("u32", "4294967296", "exceeds UInt32 range");
  Refused("u64", "18446744073709551616", "exceeds UInt64 range");
}

// trap: 46: F32 is widened, not shortened.
TEST_F(LoadValues, Floats) {
  EXPECT_EQ(Kept("f32", "0.1"), "0.10000000149011612");
  EXPECT_EQ(Kept("f64", "0.1"), "0.1");
  EXPECT_EQ(Kept("f64", "3"), "3.0");
  EXPECT_EQ(Kept("f64", "-0.0"), "-0.0");
  EXPECT_EQ(Kept("f64", "1e-400"), "0.0");
  EXPECT_EQ(Kept("f64", "1.7976931348623157e308"), "1.7976931348623157e+308");
  EXPECT_EQ(Kept("f32", "3.4028234663852886e38"), "3.4028234663852886e+38");
  Refused("f64", "1e400", "exceeds Float64 range");
  Refused("f64", "-1e400", "must be finite for Float64");
  Refused("f32", "3.5e38", "property 'f32' value 3.5e38 exceeds Float32 range");
  Refused("f32", "1e400", "must be finite for Float32");
  Refused("f64", R"("1.5")", "expects Float64");
  Refused("f64", R"("NaN")", "expects Float64");
}

// spec §11.3; trap: 47.
TEST_F(LoadValues, DatesAndDateTimes) {
  for (const char* text :
       {R"("2026-01-09")", R"("20260109")", R"("2026-1-9")", R"("2026-01-09T23:59:59Z")", "20462",
        R"("2026-01-10T00:30:00+01:00")"}) {
    EXPECT_EQ(Kept("d", text), R"("2026-01-09")") << text;
  }
  EXPECT_EQ(Kept("d", "-1"), R"("1969-12-31")");
  EXPECT_EQ(Kept("t", R"("2026-01-09T09:30:00+01:00")"), R"("2026-01-09T08:30:00.000Z")");
  EXPECT_EQ(Kept("t", R"("2026-01-09 08:30:00.1239")"), R"("2026-01-09T08:30:00.123Z")");
  EXPECT_EQ(Kept("t", R"("2026-01-09")"), R"("2026-01-09T00:00:00.000Z")");
  EXPECT_EQ(Kept("t", "0"), R"("1970-01-01T00:00:00.000Z")");
  EXPECT_EQ(Kept("t", "-1"), R"("1969-12-31T23:59:59.999Z")");
  // Instants beyond the year 9999 keep their value through export and load.
  EXPECT_EQ(Kept("t", "9223372036854775807"), Kept("t", Kept("t", "9223372036854775807")));
  Refused("d", R"("2026-02-30")", "invalid Date literal '2026-02-30'");
  Refused("d", R"("soon")", "invalid Date literal 'soon'");
  Refused("d", "2147483648", "exceeds Date range");
  Refused("d", "1.5", "expects Date");
  Refused("d", "true", "expects Date");
  Refused("t", R"("2026-01-09T25:00:00Z")", "invalid DateTime literal");
  Refused("t", "1e3", "expects DateTime");
}

// trap: 9
TEST_F(LoadValues, Enums) {
  EXPECT_EQ(Kept("e", R"("dark-red")"), R"("dark-red")");
  EXPECT_EQ(Kept("e", R"("24h")"), R"("24h")");
  Refused("e", R"("blue")", "invalid enum value 'blue' for All.e (expected: 24h, dark-red, red)",
          "All", ErrorId::kConstraintViolation);
  Refused("e", R"("")", "invalid enum value ''", "All", ErrorId::kConstraintViolation);
  Refused("e", "1", "expects String");
  TestGraph graph(kSchema);
  ASSERT_TRUE(graph.Append(Line(R"("id":"x")")).ok());
  ExpectError(graph.Append(R"({"edge":"Link","from":"x","to":"x","data":{"kind":"c"}})"),
              ErrorId::kConstraintViolation,
              "invalid enum value 'c' for Link.kind (expected: a, b)");
}

TEST_F(LoadValues, Lists) {
  EXPECT_EQ(Kept("ls", R"(["b","a",""])"), R"(["b","a",""])");
  EXPECT_EQ(Kept("ls", "[]"), "[]");
  EXPECT_EQ(Kept("ls", "null"), "null");
  EXPECT_EQ(Kept("li", "[3,-1]"), "[3,-1]");
  EXPECT_EQ(Kept("ld", R"(["2026-01-09",0])"), R"(["2026-01-09","1970-01-01"])");
  EXPECT_EQ(Kept("lb", "[true,false]"), "[true,false]");
  EXPECT_EQ(Kept("lf", "[0.5]"), "[0.5]");
  Refused("ls", R"("a")", "property 'ls' expects a JSON array, got the string \"a\"");
  Refused("ls", R"(["a",null])", "null or invalid item");
  Refused("ls", R"(["a",1])",
          "null or invalid item: property 'ls' expects String, got the number 1");
  Refused("li", "[1.0]", "null or invalid item");
  Refused("li", "[[1]]", "null or invalid item");
  Refused("ld", R"(["soon"])", "invalid Date literal 'soon'");
}

// trap: 48
TEST_F(LoadValues, Vectors) {
  EXPECT_EQ(Kept("v", "[1,0.5,-2e0]"), "[1.0,0.5,-2.0]");
  EXPECT_EQ(Kept("v", "null"), "null");
  Refused("v", "[1,2]", "vector property 'v' expects 3 dimensions, got 2");
  Refused("v", "[1,2,3,4]", "expects 3 dimensions, got 4");
  Refused("v", "[]", "expects 3 dimensions, got 0");
  Refused("v", "[1,2,null]", "elements must be numeric");
  Refused("v", R"([1,2,"3"])", "elements must be numeric");
  Refused("v", "[1,2,[3]]", "elements must be numeric");
  Refused("v", "[1,2,1e39]", "must be finite for Float32");
  Refused("v", "1", "expects a JSON array");
}

// spec §11.4; trap: 50: null, empty and absent are two states.
TEST_F(LoadValues, Blobs) {
  EXPECT_EQ(Kept("blob", R"("base64:")"), R"("base64:")");
  EXPECT_EQ(Kept("blob", "null"), "null");
  for (const char* text : {"AA==", "AAE=", "AAEC", "/+8=", "c3VyZS4="}) {
    const std::string json = fmt::format(R"("base64:{}")", text);
    EXPECT_EQ(Kept("blob", json), json);
  }
  for (const char* text : {"AA", "AA=", "AAA",
                           "A===", "====", "AA==AA==", "AB==", "AAF=", "-_8=", "AA ==", "A\\nA="}) {
    Refused("blob", fmt::format(R"("base64:{}")", text), "not base64");
  }
  Refused("blob", R"("s3://bucket/photo.jpg")", "ExternalBlobPolicy");
  Refused("blob", R"("")", "1 to 65536 bytes");
  Refused("blob", fmt::format(R"("{}")", std::string(65537, 'u')), "got 65537");
  Refused("blob", "7", "Blob");
}

// req: SCHEMA-4: non-null holds for absent and for null.
TEST_F(LoadValues, RequiredProperties) {
  const std::string words = "has null or invalid values";
  const auto refused = [&](const std::string& data, const std::string& field) {
    const auto loaded = shared_.Append(Line(data, "Strict"));
    ExpectError(loaded, ErrorId::kConstraintViolation,
                fmt::format("non-nullable property '{}' {}", field, words));
  };
  refused(R"("s":null,"l":[],"v":[1,2],"b":"base64:")", "s");
  refused(R"("l":[],"v":[1,2],"b":"base64:")", "s");
  refused(R"("s":"","v":[1,2],"b":"base64:")", "l");
  refused(R"("s":"","l":[],"v":null,"b":"base64:")", "v");
  refused(R"("s":"","l":[],"v":[1,2])", "b");
  EXPECT_TRUE(shared_.Append(Line(R"("s":"","l":[],"v":[1,2],"b":"base64:")", "Strict")).ok());
}

// req: SCHEMA-4; trap: 22: [fix] bounds of integers are compared exactly, the reference rounds them
// to a double.
TEST_F(LoadValues, Ranges) {
  const auto accepted = [&](const std::string& property, const std::string& value) {
    const auto loaded = shared_.Append(Line(fmt::format(R"("{}":{})", property, value), "Ranged"));
    EXPECT_TRUE(loaded.ok()) << loaded.status().ToString();
  };
  const auto refused = [&](const std::string& property, const std::string& value,
                           const std::string& words) {
    Refused(property, value, fmt::format("@range violation on Ranged.{}: {}", property, words),
            "Ranged", ErrorId::kConstraintViolation);
  };
  accepted("i", "9007199254740993");
  accepted("i", "-9007199254740993");
  accepted("i", "null");
  refused("i", "9007199254740994", "value 9007199254740994 > max 9007199254740993");
  refused("i", "-9007199254740994", "value -9007199254740994 < min -9007199254740993");
  accepted("u", "18446744073709551614");
  refused("u", "18446744073709551613", "value 18446744073709551613 < min 18446744073709551614");
  accepted("f", "0.5");
  accepted("f", "60");
  refused("f", "0.25", "value 0.25 < min 0.5");
  refused("f", "60.5", "value 60.5 > max 60.0");
  accepted("g", "-1.5");  // [fix] the reference reads `..hi` as a lower bound
  refused("g", "-1.25", "value -1.25 > max -1.5");
}

// trap: 21: a search, not a whole match.
TEST_F(LoadValues, Checks) {
  EXPECT_TRUE(shared_.Append(Line(R"("c":"xAx")", "Ranged")).ok());
  EXPECT_TRUE(shared_.Append(Line(R"("c":null)", "Ranged")).ok());
  Refused("c", R"("xax")",
          "@check violation on Ranged.c: value 'xax' does not match pattern '[A-Z]'", "Ranged",
          ErrorId::kConstraintViolation);
}

TEST_F(LoadValues, UnknownAndReservedFields) {
  Refused("S", "1", "unknown input field 'S' for 'node:All'");
  Refused("i_32", "1", "did you mean 'i32'?");
  for (const char* name : {"_tombstone", "_rowid", "_rowaddr", "_rowoffset",
                           "_row_created_at_version", "_row_last_updated_at_version"}) {
    Refused(name, "1", "is reserved");
  }
  for (const char* name : {"src", "dst"}) {
    Refused(name, R"("x")", "unknown input field");
    ExpectError(shared_.Append(fmt::format(
                    R"({{"edge":"Link","from":"x","to":"x","data":{{"{}":"y"}}}})", name)),
                ErrorId::kDataInvalid, "is reserved");
  }
  Refused("id", "7", "'id' must be a string");
  Refused("id", "null", "'id' must be a string");
}

TEST_F(LoadValues, EveryFaultOfEveryLineIsReportedAtOnce) {
  const auto loaded = shared_.Append(Line(R"("i32":"x","b":1,"nope":2)") + "\n{bad\n" +
                                     Line(R"("e":"blue")") + "\n" + R"({"type":"Alll"})" + "\n");
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.status().id(), ErrorId::kDataInvalid);
  const std::string message = loaded.status().message();
  EXPECT_THAT(message, HasSubstr("6 problems in data.jsonl; nothing was written"));
  for (const char* words :
       {"\n  line 1: property 'i32'", "\n  line 1: property 'b'", "\n  line 1: unknown input field",
        "\n  invalid strict JSON at line 2", "\n  line 3: invalid enum value",
        "\n  line 4: unknown node type 'Alll'; did you mean 'All'?"}) {
    EXPECT_THAT(message, HasSubstr(words));
  }
}

TEST_F(LoadValues, AHundredProblemsAreEnough) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += Line(R"("i32":"x")") + "\n";
  const auto loaded = shared_.Append(text);
  ExpectError(loaded, ErrorId::kDataInvalid, "more than 100 problems in data.jsonl");
  EXPECT_THAT(loaded.status().message(), HasSubstr("\n  line 100: "));
  EXPECT_THAT(loaded.status().message(), testing::Not(HasSubstr("line 101: ")));
  EXPECT_THAT(loaded.status().detail()->json, HasSubstr("\"more\":true"));
}

// A value of megabytes must not become a message of megabytes.
TEST_F(LoadValues, MessagesShowLongValuesCut) {
  const auto loaded = shared_.Append(Line(fmt::format(R"("e":"{}")", std::string(1 << 20, 'x'))));
  ASSERT_FALSE(loaded.ok());
  EXPECT_LT(loaded.status().message().size(), 1000u);
  EXPECT_LT(loaded.status().detail()->json.size(), 1000u);
}

}  // namespace
}  // namespace tarn::write
