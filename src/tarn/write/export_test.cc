#include "tarn/write/export.h"

#include <bit>
#include <cmath>
#include <random>

#include "tarn/base/json_writer.h"
#include "tarn/write/test_graph.h"

namespace tarn::write {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// §11.6, on the data of the specification.
// req: SCHEMA-1  trap: 46
TEST(Export, WritesNodesThenEdgesWithEveryProperty) {
  const auto graph = LoadedHarbour();
  const std::string text = graph->Export();
  EXPECT_THAT(
      text,
      StartsWith(
          R"({"type":"Port","data":{"id":"SEGOT","code":"SEGOT","depth_m":19.0,"name":"Gothenburg",)"
          R"("region":"north-sea","seen_at":null,"tags":["ferry","box"]}})"
          "\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"({"type":"Ship","data":{"id":"9300001","built":"2004-05-01","imo":9300001,)"
          R"("log":"calm seas then dense fog","log_vec":[1.0,0.0,0.0],"name":"Alma","photo":null,)"
          R"("seen_at":null}})"));
  EXPECT_THAT(text, HasSubstr(R"("arrived":"2026-01-09T08:30:00.000Z","berth":null}})"));
  EXPECT_LT(text.rfind("{\"type\""), text.find("{\"edge\""));
  EXPECT_THAT(graph->Export({"Flagship"}),
              StartsWith(R"({"edge":"Flagship","from":"SEGOT","to":"9300001","data":{"id":")"));
}

TEST(Export, ChoosesTypesByName) {
  TestGraph graph("node A { k: String @key }\nnode B { k: String @key }\nedge A: A -> B\n");
  ASSERT_TRUE(
      graph
          .Append(
              "{\"type\":\"A\",\"data\":{\"k\":\"1\"}}\n{\"type\":\"B\",\"data\":{\"k\":\"2\"}}\n"
              "{\"edge\":\"A\",\"from\":\"1\",\"to\":\"2\",\"data\":{\"id\":\"e\"}}\n")
          .ok());
  EXPECT_EQ(graph.Export({"A"}),
            "{\"type\":\"A\",\"data\":{\"id\":\"1\",\"k\":\"1\"}}\n"
            "{\"edge\":\"A\",\"from\":\"1\",\"to\":\"2\",\"data\":{\"id\":\"e\"}}\n");
  EXPECT_EQ(graph.Export({"B"}), "{\"type\":\"B\",\"data\":{\"id\":\"2\",\"k\":\"2\"}}\n");
  const Status unknown = Export({}, graph.catalog->Head({}).value(), {"a"},
                                [](std::string_view) { return Status::Ok(); });
  EXPECT_EQ(unknown.id(), ErrorId::kUnknownType);
  EXPECT_EQ(unknown.message(), "unknown export type 'a'");
}

TEST(Export, StopsWhenTheSinkDoes) {
  const auto graph = LoadedHarbour();
  int lines = 0;
  const Status stopped = Export({}, graph->catalog->Head({}).value(), {}, [&](std::string_view) {
    return ++lines < 3 ? Status::Ok() : Error(ErrorId::kCancelled, "closed");
  });
  EXPECT_EQ(stopped.id(), ErrorId::kCancelled);
  EXPECT_EQ(lines, 3);
}

constexpr const char* kSchema = R"(
node Keyed { a: I32  b: String  @key(a, b)
  b1: Bool?  i: I64?  u: U64?  f: F32?  g: F64?  s: String?  d: Date?  t: DateTime?
  e: enum(x, y-z)?  v: Vector(3)?  blob: Blob?  ls: [String]?  lf: [F32]?  ld: [Date]?  lt: [DateTime]?  lu: [U32]? }
node Free { s: String? }
edge Link: Keyed -> Free { w: F64?  ls: [String]? }
)";

/// Random values of every type, as JSON.
class RandomData {
 public:
  explicit RandomData(uint64_t seed) : random_(seed) {}

  std::string Make(int rows) {
    std::string text;
    for (int i = 0; i < rows; ++i) {
      const std::string b = Text();
      text += fmt::format(R"({{"type":"Keyed","data":{{"a":{},"b":{})", i, b);
      for (const auto& [name, value] : Values()) text += fmt::format(",\"{}\":{}", name, value);
      text += "}}\n";
      text += fmt::format(R"({{"type":"Free","data":{{"id":"free{}","s":{}}}}})", i, Text()) + "\n";
      const std::string id = fmt::format("[\"{}\",{}]", i, b);
      text +=
          fmt::format(R"({{"edge":"Link","from":{},"to":"free{}","data":{{"w":{},"ls":[{},{}]}}}})",
                      JsonQuoted(id), random_() % static_cast<uint64_t>(rows), Float64(), Text(),
                      Text()) +
          "\n";
    }
    return text;
  }

 private:
  std::vector<std::pair<std::string, std::string>> Values() {
    std::vector<std::pair<std::string, std::string>> values = {
        {"b1", random_() % 2 == 0 ? "true" : "false"},
        {"i", std::to_string(static_cast<int64_t>(random_()))},
        {"u", std::to_string(random_())},
        {"f", Float32()},
        {"g", Float64()},
        {"s", Text()},
        {"d", std::to_string(static_cast<int32_t>(random_()))},
        {"t", std::to_string(static_cast<int64_t>(random_()))},
        {"e", random_() % 2 == 0 ? "\"x\"" : "\"y-z\""},
        {"v", fmt::format("[{},{},{}]", Float32(), Float32(), Float32())},
        {"blob", random_() % 2 == 0 ? "\"base64:\"" : "\"base64:AP8Q\""},
        {"ls", fmt::format("[{},{}]", Text(), Text())},
        {"lf", fmt::format("[{}]", Float32())},
        {"ld", "[0,-100000]"},
        {"lt", "[1,-1]"},
        {"lu", "[4294967295]"}};
    for (auto& [name, value] : values) {
      if (random_() % 4 == 0) value = "null";
    }
    return values;
  }
  std::string Float64() {
    const double value = std::bit_cast<double>(random_());
    return std::isfinite(value) ? fmt::format("{}", value) : "0.5";
  }
  std::string Float32() {
    const float value = std::bit_cast<float>(static_cast<uint32_t>(random_()));
    return std::isfinite(value) ? fmt::format("{}", value) : "0.25";
  }
  std::string Text() {
    constexpr const char* kPieces[] = {"a",  "Z",    "é", "\u2028", "😀", "\"", "\\",
                                       "\n", "\x01", " ", "{",      "]",  ","};
    std::string text;
    for (uint64_t left = random_() % 8; left > 0; --left)
      text += kPieces[random_() % std::size(kPieces)];
    return JsonQuoted(text);
  }
  std::mt19937_64 random_;
};

// §11.6, §18: export, then load into an empty graph, is the identity on all types.
TEST(Export, ThenLoadIsTheIdentity) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    TestGraph first(kSchema), second(kSchema);
    const auto loaded = first.Append(RandomData(seed).Make(200));
    ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
    const std::string text = first.Export();
    const auto copied = second.Overwrite(text);
    ASSERT_TRUE(copied.ok()) << copied.status().ToString();
    EXPECT_EQ(second.Export(), text);
    // Once more over itself: every row replaced by its equal.
    ASSERT_TRUE(second.Overwrite(text).ok());
    EXPECT_EQ(second.Export(), text);
    ASSERT_TRUE(second.Merge(text).ok());
    EXPECT_EQ(second.Rows("node:Keyed"), 200u);
    EXPECT_EQ(second.Rows("edge:Link"), 200u);
  }
}

}  // namespace
}  // namespace tarn::write
