// Every row of the table of load modes and of its examples (§11.5), and what identity means to a
// load (§2.7).

#include "tarn/write/test_graph.h"

namespace tarn::write {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Expects an error, and that nothing was staged, committed or moved.
void ExpectNoTrace(TestGraph& graph, LoadMode mode, const std::string& text, ErrorId id,
                   const std::string& words) {
  const auto before = graph.Marks();
  ExpectError(graph.Load(mode, text), id, words);
  EXPECT_EQ(graph.Marks(), before) << text;
}

// req: GRAPH-18, WRITE-3
TEST(LoadModes, ALoadIsOneCommitWhateverItsTypes) {
  TestGraph graph(HarbourSchema());
  const auto before = graph.Marks();
  const auto loaded = graph.Append(HarbourData());
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ(loaded->total_entities, 16u);
  ASSERT_EQ(loaded->nodes.size(), 2u);
  EXPECT_EQ(loaded->nodes[0].name, "Port");
  EXPECT_EQ(loaded->nodes[0].entities_loaded, 4u);
  EXPECT_EQ(loaded->nodes[1].entities_loaded, 3u);
  ASSERT_EQ(loaded->edges.size(), 3u);
  EXPECT_EQ(loaded->edges[0].name, "CallsAt");
  EXPECT_EQ(loaded->edges[0].entities_loaded, 4u);
  EXPECT_EQ(loaded->commit.operation, "load:append");
  EXPECT_EQ(loaded->commit.changes.size(), 5u);
  const auto after = graph.Marks();
  EXPECT_EQ(after.at("commits"), before.at("commits") + 1);
  for (const char* table :
       {"node:Port", "node:Ship", "edge:CallsAt", "edge:Feeds", "edge:Flagship"}) {
    const std::string key = std::string(table) + " version";
    EXPECT_EQ(after.at(key), before.at(key) + 1) << table;
  }
}

// §11.5, examples 1 and 2. req: GRAPH-19
TEST(LoadModes, AppendRefusesAnExistingIdAndMergeReplacesTheWholeRow) {
  const auto graph = LoadedHarbour();
  const std::string line = R"({"type":"Port","data":{"code":"SEGOT","name":"Göteborg"}})";
  ExpectNoTrace(*graph, LoadMode::kAppend, line, ErrorId::kKeyConflict,
                "id 'SEGOT' of node:Port exists already");
  const Status refused = graph->Append(line).status();
  EXPECT_EQ(refused.code(), Code::kConflict);
  ASSERT_TRUE(refused.detail());
  EXPECT_EQ(refused.detail()->kind, "key_conflict");
  EXPECT_EQ(refused.detail()->json,
            R"({"entity_kind":"node","type_name":"Port","entity_id":"SEGOT"})");
  // trap: 15: merge erases what the record does not say.
  const auto merged = graph->Merge(line);
  ASSERT_TRUE(merged.ok()) << merged.status().ToString();
  EXPECT_EQ(merged->commit.changes[0].updated, 1u);
  EXPECT_EQ(merged->commit.changes[0].inserted, 0u);
  EXPECT_THAT(
      graph->Export({"Port"}),
      HasSubstr(
          R"({"type":"Port","data":{"id":"SEGOT","code":"SEGOT","depth_m":null,"name":"Göteborg",)"
          R"("region":null,"seen_at":null,"tags":null}})"));
  EXPECT_EQ(graph->Rows("node:Port"), 4u);
}

// §11.5, examples 3 to 6.
TEST(LoadModes, BadLinesOfTheTable) {
  const auto graph = LoadedHarbour();
  ExpectNoTrace(*graph, LoadMode::kMerge,
                R"({"type":"Port","data":{"code":"NOOSL","name":"Oslo","depth":12}})",
                ErrorId::kDataInvalid, "line 1: unknown input field 'depth' for 'node:Port'");
  ExpectNoTrace(*graph, LoadMode::kMerge,
                R"({"type":"Ship","data":{"imo":"9300009","name":"Dag"}})", ErrorId::kDataInvalid,
                "expects Int64, got the string \"9300009\"");
  ExpectNoTrace(*graph, LoadMode::kMerge,
                R"({"type":"Ship","data":{"id":"09300001","imo":9300001,"name":"x"}})",
                ErrorId::kDataInvalid, "is not its canonical key '9300001'");
  ExpectNoTrace(*graph, LoadMode::kMerge,
                R"({"edge":"callsat","from":"9300001","to":"XXXXX","data":{"arrived":0}})",
                ErrorId::kConstraintViolation, "dst 'XXXXX' not found in Port");
  ExpectNoTrace(*graph, LoadMode::kMerge, R"({"edge":"Flagship","from":"SEGOT","to":"9300002"})",
                ErrorId::kConstraintViolation,
                "@card violation on edge Flagship: source 'SEGOT' has 2 edges (max 1)");
  ExpectNoTrace(*graph, LoadMode::kOverwrite,
                R"({"type":"Port","data":{"code":"NOOSL","name":"Oslo"}})",
                ErrorId::kConstraintViolation, "not found in Port: edge:CallsAt");
}

// req: SCHEMA-6: no placeholder node is made.
TEST(LoadModes, OrphansAreRefusedAtBothEndsInAllModes) {
  const auto graph = LoadedHarbour();
  for (const LoadMode mode : {LoadMode::kAppend, LoadMode::kMerge, LoadMode::kOverwrite}) {
    ExpectNoTrace(*graph, mode, R"({"edge":"Feeds","from":"NOONE","to":"SEGOT","data":{"nm":1}})",
                  ErrorId::kConstraintViolation, "src 'NOONE' not found in Port");
    ExpectNoTrace(*graph, mode,
                  R"({"edge":"CallsAt","from":"SEGOT","to":"9300001","data":{"arrived":0}})",
                  ErrorId::kConstraintViolation, "src 'SEGOT' not found in Ship");
  }
  EXPECT_EQ(graph->Rows("node:Port"), 4u);
}

TEST(LoadModes, AnEdgeMayPrecedeItsEndpoints) {
  TestGraph graph(HarbourSchema());
  EXPECT_TRUE(graph
                  .Append(R"({"edge":"FEEDS","from":"AAAAA","to":"BBBBB","data":{"nm":1}})"
                          "\n"
                          R"({"edge":"feeds","from":"BBBBB","to":"AAAAA","data":{"nm":2}})"
                          "\n"
                          R"({"type":"Port","data":{"code":"BBBBB","name":"b"}})"
                          "\n"
                          R"({"type":"Port","data":{"code":"AAAAA","name":"a"}})")
                  .ok());
  EXPECT_EQ(graph.Rows("edge:Feeds"), 2u);  // trap: 1
}

// trap: 16: a key twice in one file is an error even in merge mode.
TEST(LoadModes, AKeyTwiceInOneFileIsRefusedInAllModes) {
  const auto graph = LoadedHarbour();
  const std::string text =
      "{\"type\":\"Port\",\"data\":{\"code\":\"NOOSL\",\"name\":\"a\"}}\n\n"
      "{\"type\":\"Port\",\"data\":{\"code\":\"NOOSL\",\"name\":\"b\"}}\n";
  for (const LoadMode mode : {LoadMode::kAppend, LoadMode::kMerge}) {
    ExpectNoTrace(
        *graph, mode, text, ErrorId::kConstraintViolation,
        "line 3: @unique violation on Port.code: the @key 'NOOSL' is there twice; first on "
        "line 1");
  }
  TestGraph empty(HarbourSchema());
  ExpectNoTrace(empty, LoadMode::kOverwrite, text, ErrorId::kConstraintViolation,
                "@unique violation on Port.code");
}

constexpr const char* kLoose = "node Note { text: String? }\nedge Next: Note -> Note { w: I32? }\n";

// trap: 16: on unkeyed nodes and on edges the last record of an explicit id wins under merge.
TEST(LoadModes, AnExplicitIdTwiceIsAnErrorButUnderMergeTheLastWins) {
  const std::string nodes =
      "{\"type\":\"Note\",\"data\":{\"id\":\"n\",\"text\":\"first\"}}\n"
      "{\"type\":\"Note\",\"data\":{\"id\":\"m\"}}\n"
      "{\"type\":\"Note\",\"data\":{\"id\":\"n\",\"text\":\"last\"}}\n";
  const std::string edges =
      nodes +
      "{\"edge\":\"Next\",\"from\":\"n\",\"to\":\"m\",\"data\":{\"id\":\"e\",\"w\":1}}\n"
      "{\"edge\":\"Next\",\"from\":\"m\",\"to\":\"n\",\"data\":{\"id\":\"e\",\"w\":2}}\n";
  for (const LoadMode mode : {LoadMode::kAppend, LoadMode::kOverwrite}) {
    TestGraph graph(kLoose);
    ExpectNoTrace(graph, mode, edges, ErrorId::kConstraintViolation,
                  "line 3: duplicate id 'n' of node:Note; first on line 1");
    ExpectNoTrace(graph, mode, edges, ErrorId::kConstraintViolation,
                  "line 5: duplicate id 'e' of edge:Next; first on line 4");
  }
  TestGraph graph(kLoose);
  const auto loaded = graph.Merge(edges);
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ(loaded->total_entities, 3u);
  EXPECT_EQ(graph.Export(),
            "{\"type\":\"Note\",\"data\":{\"id\":\"m\",\"text\":null}}\n"
            "{\"type\":\"Note\",\"data\":{\"id\":\"n\",\"text\":\"last\"}}\n"
            "{\"edge\":\"Next\",\"from\":\"m\",\"to\":\"n\",\"data\":{\"id\":\"e\",\"w\":2}}\n");
  // A second time: everything is an update, in one version of each table.
  const auto again = graph.Merge(edges);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(graph.Rows("node:Note"), 2u);
  EXPECT_EQ(graph.Rows("edge:Next"), 1u);
}

TEST(LoadModes, MergeUpdatesAndInsertsInOneVersionOfTheTable) {
  const auto graph = LoadedHarbour();
  const auto before = graph->Marks();
  const auto merged = graph->Merge(
      "{\"type\":\"Port\",\"data\":{\"code\":\"NOOSL\",\"name\":\"Oslo\"}}\n"
      "{\"type\":\"Port\",\"data\":{\"code\":\"EETLL\",\"name\":\"Reval\"}}\n"
      "{\"type\":\"Port\",\"data\":{\"code\":\"DKCPH\",\"name\":\"Kobenhavn\"}}\n"
      "{\"type\":\"Port\",\"data\":{\"code\":\"SEGOT\",\"name\":\"Göteborg\"}}\n");
  ASSERT_TRUE(merged.ok()) << merged.status().ToString();
  ASSERT_EQ(merged->commit.changes.size(), 1u);
  EXPECT_EQ(merged->commit.changes[0].updated, 2u);
  EXPECT_EQ(merged->commit.changes[0].inserted, 2u);
  EXPECT_EQ(graph->Marks().at("node:Port version"), before.at("node:Port version") + 1);
  EXPECT_EQ(graph->Rows("node:Port"), 6u);
  const std::string ports = graph->Export({"Port"});
  for (const char* name : {"Oslo", "Reval", "Kobenhavn", "Göteborg", "Gdansk", "Helsinki"}) {
    EXPECT_THAT(ports, HasSubstr(name));
  }
  for (const char* name : {"Tallinn", "Gothenburg"}) EXPECT_THAT(ports, Not(HasSubstr(name)));
  // The same again touches the rows that were just moved.
  EXPECT_TRUE(
      graph->Merge("{\"type\":\"Port\",\"data\":{\"code\":\"EETLL\",\"name\":\"Tallinn\"}}").ok());
  EXPECT_EQ(graph->Rows("node:Port"), 6u);
}

// trap: 17: edges without an id always come new.
TEST(LoadModes, EdgesWithoutIdsAlwaysInsert) {
  const auto graph = LoadedHarbour();
  const std::string edge = R"({"edge":"Feeds","from":"SEGOT","to":"PLGDN","data":{"nm":330.0}})";
  EXPECT_TRUE(graph->Merge(edge).ok());
  EXPECT_TRUE(graph->Append(edge).ok());
  EXPECT_EQ(graph->Rows("edge:Feeds"), 6u);
}

TEST(LoadModes, ANodeWithoutKeyAndIdGetsAFreshOne) {
  TestGraph graph(kLoose);
  EXPECT_TRUE(graph.Append("{\"type\":\"Note\"}\n{\"type\":\"Note\",\"data\":{}}\n").ok());
  EXPECT_TRUE(graph.Merge("{\"type\":\"Note\"}\n").ok());
  EXPECT_EQ(graph.Rows("node:Note"), 3u);
  const std::string text = graph.Export();
  const size_t begin = text.find("\"id\":\"") + 6;
  EXPECT_TRUE(IsUlid(text.substr(begin, 26))) << text;
}

// §11.5: only the types of the file are replaced.
TEST(LoadModes, OverwriteReplacesTheTypesOfTheFileOnly) {
  const auto graph = LoadedHarbour();
  const auto before = graph->Marks();
  const auto loaded =
      graph->Overwrite(R"({"edge":"Feeds","from":"SEGOT","to":"FIHEL","data":{"nm":7}})");
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ(loaded->commit.changes[0].deleted, 4u);
  EXPECT_EQ(loaded->commit.changes[0].inserted, 1u);
  auto expected = before;
  expected["edge:Feeds rows"] = 1;
  expected["edge:Feeds version"] += 1;
  expected["commits"] += 1;
  auto after = graph->Marks();
  for (const char* calls : {"staged", "committed"}) after[calls] = expected[calls];
  EXPECT_EQ(after, expected);
}

TEST(LoadModes, OverwriteMayReplaceNodesThatKeptEdgesStillFind) {
  const auto graph = LoadedHarbour();
  std::string ports;
  for (const char* code : {"SEGOT", "PLGDN", "EETLL", "FIHEL", "NOOSL"}) {
    ports +=
        fmt::format("{{\"type\":\"Port\",\"data\":{{\"code\":\"{}\",\"name\":\"new\"}}}}\n", code);
  }
  EXPECT_TRUE(graph->Overwrite(ports).ok());
  EXPECT_EQ(graph->Rows("node:Port"), 5u);
  // All but one: the kept edges of two types lose an end, each is named.
  const auto refused =
      graph->Overwrite("{\"type\":\"Port\",\"data\":{\"code\":\"SEGOT\",\"name\":\"new\"}}\n");
  ExpectError(refused, ErrorId::kConstraintViolation,
              "dst 'PLGDN' not found in Port: edge:CallsAt");
  EXPECT_THAT(refused.status().message(), HasSubstr("src 'EETLL' not found in Port: edge:Feeds"));
}

TEST(LoadModes, OverwriteOfBothEndsAndTheirEdgesStartsAfresh) {
  const auto graph = LoadedHarbour();
  TestGraph other(HarbourSchema());
  ASSERT_TRUE(other.Append(graph->Export()).ok());
  EXPECT_TRUE(other.Overwrite(graph->Export()).ok());
  EXPECT_EQ(other.Export(), graph->Export());
}

// trap: 56: an empty file names no type; nothing is removed and nothing is committed.
TEST(LoadModes, AnEmptyInputMakesNoCommit) {
  const auto graph = LoadedHarbour();
  const auto before = graph->Marks();
  for (const LoadMode mode : {LoadMode::kAppend, LoadMode::kMerge, LoadMode::kOverwrite}) {
    for (const char* text : {"", "\n \n\r\n"}) {
      const auto loaded = graph->Load(mode, text);
      ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
      EXPECT_EQ(loaded->commit.id, "");
      EXPECT_EQ(loaded->total_entities, 0u);
      EXPECT_TRUE(loaded->nodes.empty() && loaded->edges.empty());
    }
  }
  EXPECT_EQ(graph->Marks(), before);
}

// trap: 60: identical values are a write all the same.
TEST(LoadModes, MergingTheSameRowsAgainIsACommit) {
  const auto graph = LoadedHarbour();
  const uint64_t commits = graph->Marks().at("commits");
  EXPECT_TRUE(
      graph->Merge(R"({"type":"Port","data":{"code":"EETLL","name":"Tallinn","region":"baltic"}})")
          .ok());
  EXPECT_EQ(graph->Marks().at("commits"), commits + 1);
}

constexpr const char* kKeys = R"(
node Slot { row: I32  col: String  @key(row, col) }
node Day { on: Date @key }
node Moment { at: DateTime @key }
node Weight { kg: F32 @key }
node Mass { kg: F64 @key }
node Flag { up: Bool @key }
edge Of: Slot -> Slot
edge On: Weight -> Day
edge At: Moment -> Flag
edge Of2: Mass -> Mass
)";

// trap: 12, 13, 14: ids are canonical key texts, and endpoints are spelled so. req: SCHEMA-23
TEST(LoadModes, IdsAreCanonicalKeyTexts) {
  TestGraph graph(kKeys);
  const auto loaded = graph.Append(
      R"({"type":"Slot","data":{"row":7,"col":"A"}}
{"type":"Slot","data":{"id":"[\"b\\\"c\",\"-1\"]","row":-1,"col":"b\"c"}}
{"type":"Day","data":{"on":"1970-01-11"}}
{"type":"Moment","data":{"at":"1970-01-01T00:00:01Z"}}
{"type":"Weight","data":{"kg":0.1}}
{"type":"Weight","data":{"kg":-0.0}}
{"type":"Mass","data":{"kg":1e23}}
{"type":"Mass","data":{"kg":1.25}}
{"type":"Mass","data":{"id":"0.00001","kg":1e-5}}
{"type":"Flag","data":{"up":true}}
{"edge":"Of","from":"[\"A\",\"7\"]","to":"[\"b\\\"c\",\"-1\"]"}
{"edge":"On","from":"0.1","to":"10"}
{"edge":"On","from":"0","to":"10"}
{"edge":"At","from":"1000","to":"true"}
{"edge":"Of2","from":"100000000000000000000000","to":"1.25"}
{"edge":"Of2","from":"1.25","to":"0.00001"})");
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_THAT(graph.Export({"Slot"}), HasSubstr(R"("id":"[\"A\",\"7\"]")"));
  const auto refused = [&](const std::string& line, const std::string& words) {
    const auto result = graph.Append(line);
    ASSERT_FALSE(result.ok()) << line;
    EXPECT_THAT(result.status().message(), HasSubstr(words));
  };
  refused(R"({"edge":"On","from":"0.10","to":"10"})", "src '0.10' not found in Weight");
  refused(R"({"edge":"On","from":"0.1","to":"1970-01-11"})", "dst '1970-01-11' not found in Day");
  refused(R"({"edge":"Of","from":"[\"7\",\"A\"]","to":"[\"A\",\"7\"]"})", "not found in Slot");
  refused(R"({"type":"Weight","data":{"kg":0.0}})", "id '0' of node:Weight exists already");
  refused(R"({"type":"Flag","data":{"id":"True","up":false}})", "is not its canonical key 'false'");
  refused(R"({"type":"Slot","data":{"row":7,"col":"A"}}
{"type":"Slot","data":{"row":8,"col":"A"}}
{"type":"Slot","data":{"row":8,"col":"A"}})",
          R"(id '["A","7"]' of node:Slot exists already)");
  const std::string slot = R"({"type":"Slot","data":{"row":8,"col":"A"}})";
  refused(slot + "\n" + slot, R"(@unique violation on Slot.(col, row): value '["A","8"]')");
}

// trap: 62: a node and an edge may share a name.
TEST(LoadModes, TheEnvelopeTellsANodeFromAnEdgeOfTheSameName) {
  TestGraph graph("node Link { k: String @key }\nedge Link: Link -> Link\n");
  ASSERT_TRUE(graph
                  .Append(R"({"type":"Link","data":{"k":"a"}})"
                          "\n"
                          R"({"edge":"link","from":"a","to":"a"})")
                  .ok());
  EXPECT_EQ(graph.Rows("node:Link"), 1u);
  EXPECT_EQ(graph.Rows("edge:Link"), 1u);
  ExpectError(graph.Append("{\"type\":\"link\",\"data\":{\"k\":\"b\"}}"),
              ErrorId::kUnknownRecordType, "unknown node type 'link'");
  ExpectError(graph.Append("{\"edge\":\"Lnk\",\"from\":\"a\",\"to\":\"a\"}"),
              ErrorId::kUnknownRecordType, "unknown edge type 'Lnk'");
}

}  // namespace
}  // namespace tarn::write
