// Migrations of schemas with rows, in memory.
#include "tarn/write/apply_schema.h"

#include "tarn/write/test_graph.h"

namespace tarn::write {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Result<ApplyResult> Apply(TestGraph& graph, const std::string& schema, ApplyOptions options = {}) {
  return ApplySchema(graph.request, *graph.catalog, graph.clock, SourceText("next.pg", schema),
                     options);
}

/// Expects an apply that works, and how many steps it had.
void MustApply(TestGraph& graph, const std::string& schema, size_t steps) {
  const auto applied = Apply(graph, schema);
  ASSERT_TRUE(applied.ok()) << applied.status().ToString();
  EXPECT_EQ(applied->migration.steps.size(), steps);
  EXPECT_FALSE(applied->commit.id.empty());
  EXPECT_EQ(applied->commit.operation, "schema:apply");
}

/// Expects a refusal for rows, after which everything is as before.
std::string MustRefuse(TestGraph& graph, const std::string& schema,
                       ErrorId id = ErrorId::kConstraintViolation) {
  const auto before = graph.Marks();
  const auto applied = Apply(graph, schema);
  EXPECT_FALSE(applied.ok());
  if (applied.ok()) return "";
  EXPECT_EQ(applied.status().id(), id) << applied.status().ToString();
  EXPECT_TRUE(applied.status().detail());
  EXPECT_EQ(graph.Marks(), before) << "a refused apply wrote";
  return applied.status().message();
}

std::string SchemaOf(TestGraph& graph) {
  return graph.catalog->SchemaSource(graph.request, graph.catalog->Head(graph.request).value())
      .value();
}

/// One node a line: {"type":"A","data":{...}}.
std::string Node(const std::string& type, const std::string& data) {
  return "{\"type\":\"" + type + "\",\"data\":" + data + "}\n";
}
std::string Edge(const std::string& type, const std::string& from, const std::string& to) {
  return "{\"edge\":\"" + type + "\",\"from\":\"" + from + "\",\"to\":\"" + to + "\"}\n";
}

// req: SCHEMA-10, SCHEMA-16
TEST(ApplySchemaTest, TheSameSchemaIsNoCommit) {
  TestGraph graph("node A { x: I32? }");
  const auto before = graph.Marks();
  const auto applied = Apply(graph, "// moved\nnode A { x: I32? }\n");
  ASSERT_TRUE(applied.ok());
  EXPECT_TRUE(applied->commit.id.empty());
  EXPECT_EQ(graph.Marks(), before);
}

// req: SCHEMA-14, SCHEMA-27
TEST(ApplySchemaTest, NewTypesTakeRowsAtOnce) {
  TestGraph graph("node A { x: I32? }");
  const std::string next =
      "node A { x: I32? }\nnode B { y: String @key }\nedge E: A -> B { z: I32? }";
  MustApply(graph, next, 2);
  EXPECT_EQ(SchemaOf(graph), next);
  const auto loaded = graph.Append(Node("A", R"({"id":"a","x":1})") + Node("B", R"({"y":"b"})") +
                                   Edge("E", "a", "b"));
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ(graph.Rows("edge:E"), 1u);
}

// req: SCHEMA-7, SCHEMA-9
TEST(ApplySchemaTest, RenamedTypesKeepTableVersionAndRows) {
  TestGraph graph("node Ship { imo: I64 @key }\nnode Port {}\nedge At: Ship -> Port");
  ASSERT_TRUE(graph
                  .Append(Node("Ship", R"({"imo":7})") + Node("Port", R"({"id":"p"})") +
                          Edge("At", "7", "p"))
                  .ok());
  const catalog::Snapshot before = graph.catalog->Head({}).value();
  MustApply(
      graph,
      "node Vessel @rename_from(Ship) { imo: I64 @key }\nnode Port {}\nedge At: Vessel -> Port", 1);
  const catalog::Snapshot after = graph.catalog->Head({}).value();
  const auto* ship = before.manifest().FindTable(catalog::TableKind::kNode, "Ship");
  const auto* vessel = after.manifest().FindTable(catalog::TableKind::kNode, "Vessel");
  ASSERT_NE(vessel, nullptr);
  EXPECT_EQ(vessel->id, ship->id);
  EXPECT_EQ(vessel->version, ship->version);
  EXPECT_EQ(vessel->rows, 1u);
  EXPECT_THAT(graph.Export({"Vessel"}), HasSubstr(R"("imo":7)"));
  // The past is as it was.
  const catalog::Snapshot past = graph.catalog->At({}, before.commit().id).value();
  EXPECT_NE(past.schema().FindNode("Ship"), nullptr);
  EXPECT_TRUE(past.OpenTable({}, catalog::TableKind::kNode, "Ship").ok());
}

// req: SCHEMA-7
TEST(ApplySchemaTest, RenamedPropertiesKeepTheirValues) {
  TestGraph graph("node A { x: I32?  y: String @key }");
  ASSERT_TRUE(graph.Append(Node("A", R"({"x":3,"y":"k"})")).ok());
  MustApply(graph, "node A { z: I32? @rename_from(\"x\")  y: String @key }", 1);
  EXPECT_EQ(graph.Export(), "{\"type\":\"A\",\"data\":{\"id\":\"k\",\"y\":\"k\",\"z\":3}}\n");
  ASSERT_TRUE(graph.Merge(Node("A", R"({"z":4,"y":"k"})")).ok());
  EXPECT_THAT(graph.Export(), HasSubstr("\"z\":4"));
}

// req: SCHEMA-8
TEST(ApplySchemaTest, DroppedTypesLeaveAndComeBackEmpty) {
  TestGraph graph("node A { x: I32? }\nnode B {}");
  ASSERT_TRUE(graph.Append(Node("A", R"({"id":"a","x":1})")).ok());
  const catalog::Snapshot before = graph.catalog->Head({}).value();
  MustApply(graph, "node B {}", 1);
  EXPECT_EQ(graph.catalog->Head({}).value().manifest().tables.size(), 1u);
  ExpectError(graph.Append(Node("A", R"({"id":"b"})")), ErrorId::kUnknownRecordType, "A");
  MustApply(graph, "node A { x: I32? }\nnode B {}", 1);
  EXPECT_EQ(graph.Rows("node:A"), 0u);
  const auto* now =
      graph.catalog->Head({}).value().manifest().FindTable(catalog::TableKind::kNode, "A");
  EXPECT_NE(now->id, before.manifest().FindTable(catalog::TableKind::kNode, "A")->id);
  EXPECT_NE(now->type_id, before.manifest().FindTable(catalog::TableKind::kNode, "A")->type_id);
  // Soft: what was dropped is still there for who asks for the past.
  EXPECT_TRUE(graph.catalog->At({}, before.commit().id)
                  .value()
                  .OpenTable({}, catalog::TableKind::kNode, "A")
                  .ok());
}

// req: SCHEMA-14
TEST(ApplySchemaTest, ColumnsAreAddedDroppedAndWidened) {
  TestGraph graph("node A { k: String @key  n: I32  f: F32?  gone: Bool?  l: [I32]? }");
  ASSERT_TRUE(graph
                  .Append(Node("A", R"({"k":"a","n":-7,"f":0.1,"gone":true,"l":[1,2]})") +
                          Node("A", R"({"k":"b","n":2147483647})"))
                  .ok());
  MustApply(graph, "node A { k: String @key  n: I64  f: F64?  l: [I64]?  later: Date? }", 5);
  EXPECT_EQ(
      graph.Export(),
      "{\"type\":\"A\",\"data\":{\"id\":\"a\",\"f\":0.10000000149011612,\"k\":\"a\",\"l\":[1,2],"
      "\"later\":null,\"n\":-7}}\n"
      "{\"type\":\"A\",\"data\":{\"id\":\"b\",\"f\":null,\"k\":\"b\",\"l\":null,\"later\":null,"
      "\"n\":2147483647}}\n");
  ASSERT_TRUE(
      graph.Append(Node("A", R"({"k":"c","n":9007199254740993,"later":"2026-01-01"})")).ok());
  EXPECT_EQ(graph.Rows("node:A"), 3u);
}

// req: SCHEMA-26: rows there are and rows that come without a value hold the default.
TEST(ApplySchemaTest, DefaultsFillOldRowsAndNewOnes) {
  TestGraph graph("node A { k: String @key }");
  ASSERT_TRUE(graph.Append(Node("A", R"({"k":"old"})")).ok());
  MustApply(graph,
            "node A { k: String @key  b: Bool @default(true)  d: Date @default(\"2026-01-09\")\n"
            " e: enum(x, y) @default(y)  f: F64? @default(0.50)  n: I32 @default(-007)\n"
            " s: String? @default(\"a b\")  t: DateTime @default(\"2026-01-09T08:30:00Z\") }",
            7);
  ASSERT_TRUE(
      graph.Append(Node("A", R"({"k":"new"})") + Node("A", R"({"k":"own","n":5,"f":null,"e":"x"})"))
          .ok());
  const auto row = [](const char* key, const char* e, const char* f, const char* n) {
    return fmt::format(R"({{"type":"A","data":{{"id":"{0}","b":true,"d":"2026-01-09","e":"{1}",)"
                       R"("f":{2},"k":"{0}","n":{3},"s":"a b","t":"2026-01-09T08:30:00.000Z"}}}})"
                       "\n",
                       key, e, f, n);
  };
  EXPECT_EQ(graph.Export(), row("old", "y", "0.5", "-7") + row("new", "y", "0.5", "-7") +
                                row("own", "x", "null", "5"));
  ExpectError(graph.Append(Node("A", R"({"k":"z","n":null})")), ErrorId::kConstraintViolation,
              "non-nullable property 'n'");
}

// A key may be made of what is new, if that is what the ids say.
TEST(ApplySchemaTest, RulesSeeDefaultsOfNewColumns) {
  TestGraph graph("node A { x: I32? }\nnode B { x: I32? }");
  ASSERT_TRUE(graph
                  .Append(Node("A", R"({"id":"only"})") + Node("B", R"({"id":"1"})") +
                          Node("B", R"({"id":"2"})"))
                  .ok());
  MustApply(graph, "node A { x: I32?  k: String @key @default(\"only\") }\nnode B { x: I32? }", 2);
  EXPECT_THAT(MustRefuse(graph,
                         "node A { x: I32?  k: String @key @default(\"only\") }\n"
                         "node B { x: I32?  u: I32 @unique @default(3) }"),
              HasSubstr("@unique violation on B.u: value '3' held by '1' and '2'"));
  MustApply(graph,
            "node A { x: I32?  k: String @key @default(\"only\") }\n"
            "node B { x: I32?  u: I32? @unique }",
            2);
}

// req: SCHEMA-12, SCHEMA-13, SCHEMA-18
TEST(ApplySchemaTest, IndexesAndWiderEnumsMoveNoTable) {
  TestGraph graph("node A { s: String?  e: enum(a, b)?  v: Vector(2)? }");
  ASSERT_TRUE(graph.Append(Node("A", R"({"id":"1","s":"x","e":"a"})")).ok());
  const auto before = graph.Marks();
  MustApply(graph, "node A { s: String? @index  e: enum(a, c, b)?  v: Vector(2)? @index }", 3);
  auto after = graph.Marks();
  EXPECT_EQ(after.at("node:A version"), before.at("node:A version"));
  EXPECT_EQ(after.at("staged"), before.at("staged") + 1) << "the manifest alone";
  EXPECT_EQ(graph.catalog->Head({}).value().schema().FindNode("A")->indexes.size(), 2u);
  EXPECT_TRUE(graph.Append(Node("A", R"({"id":"2","e":"c"})")).ok());
}

// req: SCHEMA-11, SCHEMA-25
TEST(ApplySchemaTest, UniquenessIsJudgedOnTheRowsThereAre) {
  TestGraph graph("node A { s: String?  t: I32? }");
  ASSERT_TRUE(graph
                  .Append(Node("A", R"({"id":"1","s":"x","t":1})") +
                          Node("A", R"({"id":"2","s":"y","t":1})") +
                          Node("A", R"({"id":"3","s":"x","t":2})") + Node("A", R"({"id":"4"})") +
                          Node("A", R"({"id":"5"})"))
                  .ok());
  EXPECT_THAT(MustRefuse(graph, "node A { s: String? @unique  t: I32? }"),
              HasSubstr("@unique violation on A.s: value 'x' held by '1' and '3'"));
  EXPECT_THAT(MustRefuse(graph, "node A { s: String?  t: I32? @unique }"),
              HasSubstr("@unique violation on A.t: value '1' held by '1' and '2'"));
  MustApply(graph, "node A { s: String?  t: I32?  @unique(s, t) }", 1);
  ExpectError(graph.Append(Node("A", R"({"id":"6","s":"y","t":1})")), ErrorId::kConstraintViolation,
              "@unique violation on A.(s, t)");
}

// The same verdict when nothing fits in memory.
TEST(ApplySchemaTest, UniquenessSpills) {
  TestGraph graph("node A { n: I32? }");
  std::string rows;
  for (int i = 0; i < 3000; ++i) {
    rows += Node("A", fmt::format(R"({{"id":"r{}","n":{}}})", i, i == 2999 ? 17 : i));
  }
  ASSERT_TRUE(graph.Append(rows).ok());
  const std::string next = "node A { n: I32? @unique }";
  const auto refused =
      Apply(graph, next, {.memory_bytes_max = 4096, .spill_folder = testing::TempDir()});
  ExpectError(refused, ErrorId::kConstraintViolation, "value '17' held by 'r17' and 'r2999'");
  const auto starved = Apply(graph, next, {.memory_bytes_max = 4096, .spill_folder = ""});
  ExpectError(starved, ErrorId::kMemoryBudget, "");
}

// req: SCHEMA-11
TEST(ApplySchemaTest, NewRulesOnValuesNameTheirOffenders) {
  TestGraph graph("node A { n: I32?  s: String?  e: String?  f: F64? }");
  ASSERT_TRUE(graph
                  .Append(Node("A", R"({"id":"1","n":5,"s":"abc","e":"a","f":1.5})") +
                          Node("A", R"({"id":"2","n":50,"s":"xyz","e":"b"})"))
                  .ok());
  const std::string message = MustRefuse(
      graph,
      "node A { n: I32?  s: String  e: enum(a)?  f: F64\n @range(n, ..9) @check(s, \"^a\") }");
  EXPECT_THAT(message, HasSubstr("4 problems in next.pg; nothing was written"));
  EXPECT_THAT(message, HasSubstr("A.f must have a value, and '2' has none"));
  EXPECT_THAT(message, HasSubstr("invalid enum value 'b' for A.e (expected: a), in '2'"));
  EXPECT_THAT(message, HasSubstr("@range violation on A.n: value 50 > max 9, in '2'"));
  EXPECT_THAT(message, HasSubstr("@check violation on A.s: value 'xyz' does not match pattern"));
  MustApply(
      graph,
      "node A { n: I32  s: String  e: enum(a, b)  f: F64?\n @range(n, ..50) @check(s, \"^[ax]\") }",
      5);
  ExpectError(graph.Append(Node("A", R"({"id":"3","n":51,"s":"a","e":"a"})")),
              ErrorId::kConstraintViolation, "@range");
  ExpectError(graph.Append(Node("A", R"({"id":"3","s":"a","e":"a"})")),
              ErrorId::kConstraintViolation, "n");
  // And back: what may be null again needs no file and no look.
  MustApply(graph, "node A { n: I32?  s: String?  e: String?  f: F64? }", 5);
  EXPECT_TRUE(graph.Append(Node("A", R"({"id":"3"})")).ok());
}

TEST(ApplySchemaTest, OffendersAreReportedUpToALimit) {
  TestGraph graph("node A { n: I32? }");
  std::string rows;
  for (int i = 0; i < 150; ++i) rows += Node("A", fmt::format(R"({{"id":"r{}"}})", i));
  ASSERT_TRUE(graph.Append(rows).ok());
  const std::string message = MustRefuse(graph, "node A { n: I32 }");
  EXPECT_THAT(message, HasSubstr("more than 100 problems"));
  EXPECT_THAT(message, HasSubstr("'r0'"));
  EXPECT_THAT(message, Not(HasSubstr("'r120'")));
}

// req: SCHEMA-11
TEST(ApplySchemaTest, AKeyIsTakenIfTheIdsAreWhatItMakes) {
  TestGraph graph("node A { s: String  n: I32 }\nnode B { m: I32  k: String }");
  ASSERT_TRUE(graph
                  .Append(Node("A", R"({"id":"x","s":"x","n":1})") +
                          Node("A", R"({"id":"y","s":"z","n":2})") +
                          Node("B", R"({"id":"[\"q\",\"5\"]","m":5,"k":"q"})"))
                  .ok());
  EXPECT_THAT(MustRefuse(graph, "node A { s: String @key  n: I32 }\nnode B { m: I32  k: String }"),
              HasSubstr("'y' would have the id 'z' by its key, and ids never change"));
  MustApply(graph, "node A { s: String  n: I32 }\nnode B { m: I32  k: String  @key(m, k) }", 1);
  ExpectError(graph.Append(Node("B", R"({"m":5,"k":"q"})")), ErrorId::kKeyConflict, "");
  // Without it ids are free again.
  MustApply(graph, "node A { s: String  n: I32 }\nnode B { m: I32  k: String }", 1);
  EXPECT_TRUE(graph.Append(Node("B", R"({"id":"free","m":5,"k":"q"})")).ok());
}

// A wider key may read otherwise, and ids never change.
TEST(ApplySchemaTest, KeysWidenOnlyIfTheirTextStays) {
  TestGraph graph("node A { f: F32 @key }\nnode B { n: I32 @key }");
  ASSERT_TRUE(graph.Append(Node("A", R"({"f":0.5})") + Node("B", R"({"n":7})")).ok());
  MustApply(graph, "node A { f: F64 @key }\nnode B { n: I64 @key }", 2);
  TestGraph other("node A { f: F32 @key }");
  ASSERT_TRUE(other.Append(Node("A", R"({"f":0.1})")).ok());
  EXPECT_THAT(MustRefuse(other, "node A { f: F64 @key }"),
              HasSubstr("'0.1' would have the id '0.10000000149011612' by its key"));
}

// req: SCHEMA-5, SCHEMA-11
TEST(ApplySchemaTest, CardinalityIsJudgedOnTheSourcesThatHaveEdges) {
  TestGraph graph("node A {}\nedge E: A -> A");
  ASSERT_TRUE(graph
                  .Append(Node("A", R"({"id":"a"})") + Node("A", R"({"id":"b"})") +
                          Node("A", R"({"id":"c"})") + Edge("E", "a", "b") + Edge("E", "a", "c") +
                          Edge("E", "b", "c"))
                  .ok());
  EXPECT_THAT(MustRefuse(graph, "node A {}\nedge E: A -> A @card(0..1)"),
              HasSubstr("@card violation on edge E: source 'a' has 2 edges (max 1)"));
  EXPECT_THAT(MustRefuse(graph, "node A {}\nedge E: A -> A @card(2..)"),
              HasSubstr("@card violation on edge E: source 'b' has 1 edges (min 2)"));
  MustApply(graph, "node A {}\nedge E: A -> A @card(1..2)", 1);
  ExpectError(graph.Append(Edge("E", "a", "a")), ErrorId::kConstraintViolation, "@card");
}

TEST(ApplySchemaTest, WhatHasNoStepIsRefusedWithPlaces) {
  TestGraph graph("node A { n: I64  s: String }");
  const std::string message = MustRefuse(graph, "node A {\n n: I32\n s: String\n t: Bool\n}",
                                         ErrorId::kMigrationUnsupported);
  EXPECT_THAT(message, HasSubstr("next.pg:2: [OG-MF-106] property A.n: changing its type"));
  EXPECT_THAT(message, HasSubstr("next.pg:4: [OG-MF-103] property A.t"));
}

TEST(ApplySchemaTest, BadTextsAndHintsAreRefusedWithPlaces) {
  TestGraph graph("node A {}");
  ExpectError(Apply(graph, "node A { x: Int }"), ErrorId::kSchemaParse, "next.pg:1:13");
  ExpectError(Apply(graph, "node B @rename_from(C) {}"), ErrorId::kRenameHint, "next.pg:1:6");
  EXPECT_EQ(graph.Marks().at("commits"), 1u);
}

// req: SCHEMA-20, SCHEMA-22: the slot is the lock. Who loses plans anew on what won.
TEST(ApplySchemaTest, ALoadThatLosesToAnApplyIsJudgedByTheNewSchema) {
  TestGraph graph("node A { n: I32? }");
  TestGraph other(graph, 2);
  const auto race = [&](const std::string& schema, const std::string& row) {
    graph.faults->Add({.operation = "stage",
                       .nth = 1,
                       .action = store::MemoryFault::Action::kNone,
                       .before = [&other, schema] { EXPECT_TRUE(Apply(other, schema).ok()); }});
    return graph.Append(row);
  };
  const auto loaded = race("node A { n: I32?  m: I32? }", Node("A", R"({"id":"a","n":1})"));
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_THAT(graph.Export(), HasSubstr("\"m\":null"));
  ExpectError(
      race("node A { n: I32?  m: I32?  @range(n, ..9) }", Node("A", R"({"id":"b","n":10})")),
      ErrorId::kConstraintViolation, "@range violation");
}

TEST(ApplySchemaTest, AnApplyThatLosesToALoadJudgesItsRows) {
  TestGraph graph("node A { n: I32? }");
  TestGraph other(graph, 2);
  graph.faults->Add(
      {.operation = "put",
       .nth = 1,
       .action = store::MemoryFault::Action::kNone,
       .before = [&other] { EXPECT_TRUE(other.Append(Node("A", R"({"id":"a","n":10})")).ok()); }});
  ExpectError(Apply(graph, "node A { n: I32? @index  @range(n, ..9) }"),
              ErrorId::kConstraintViolation, "value 10 > max 9, in 'a'");
  EXPECT_EQ(graph.Marks().at("commits"), 2u);
}

TEST(ApplySchemaTest, ARequestIdIsAnsweredOnce) {
  TestGraph graph("node A {}");
  graph.request.request_id = "r1";
  const auto first = Apply(graph, "node A {}\nnode B {}");
  ASSERT_TRUE(first.ok());
  const auto again = Apply(graph, "node A {}\nnode B {}");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->commit.id, first->commit.id);
  EXPECT_EQ(graph.Marks().at("commits"), 2u);
}

}  // namespace
}  // namespace tarn::write
