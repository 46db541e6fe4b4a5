// The rules of §2: one positive and one negative test each, and every departure from the reference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/schema/codes.h"
#include "tarn/schema/compile_for_test.h"
#include "tarn/schema/limits.h"

namespace tarn::schema {
namespace {

using ::testing::HasSubstr;

/// A node with one property of each shape, and `more` in its body.
std::string Node(const std::string& more) {
  return "node T { s: String  t: String  n: String?  i: I32  j: I64?  f: F64  e: enum(a, b)  l: "
         "[String]  il: [I32] "
         "v: Vector(2)  b: Blob?  d: Date  o: Bool " +
         more + " }";
}
std::string Edge(const std::string& more) {
  return "node A {} edge E: A -> A { s: String  n: I32?  l: [I32]  b: Blob?  v: Vector(2) " + more +
         " }";
}

// req: SCHEMA-2
TEST(CheckKeyTest, TakesEveryKeyableType) {
  for (const char* column : {"s", "i", "f", "e", "d", "o"}) {
    const NodeType node = MustCompile(Node(std::string("@key(") + column + ")")).nodes[0];
    EXPECT_EQ(node.key->columns, std::vector<std::string>{column});
  }
  EXPECT_EQ(MustCompile(Node("@key(s, i)")).nodes[0].key->columns,
            (std::vector<std::string>{"s", "i"}));
}

// req: SCHEMA-2
TEST(CheckKeyTest, RefusesTheRest) {
  EXPECT_EQ(ErrorsOf(Node("@key(x)")), "S040 @key on 'T' references unknown property 'x'");
  EXPECT_EQ(ErrorsOf(Node("@key(n)")), "S041 @key property T.n cannot be nullable");
  EXPECT_EQ(ErrorsOf(Node("@key(l)")), "S042 @key is not supported on list property T.l");
  EXPECT_EQ(ErrorsOf(Node("@key(v)")), "S042 @key is not supported on vector property T.v");
  EXPECT_THAT(ErrorsOf(Node("@key(b)")),
              HasSubstr("S042 @key is not supported on blob property T.b"));
  EXPECT_EQ(ErrorsOf(Node("@key(s) @key(t)")), "S043 node 'T' has multiple @key constraints");
  EXPECT_EQ(ErrorsOf(Node("k: I32 @key @key(s)")), "S043 node 'T' has multiple @key constraints");
  EXPECT_EQ(CodesOf(Node("k: I32 @key m: I32 @key")), "S043");
  EXPECT_EQ(CodesOf(Node("k: I32 @key @key")), "S030");
  EXPECT_EQ(CodesOf(Node("@key()")), "S001");
  EXPECT_THAT(ErrorsOf(Edge("@key(s)")), HasSubstr("S044 @key is not supported on edges"));
  EXPECT_EQ(CodesOf(Edge("k: I32 @key")), "S044");
}

// req: SCHEMA-2, SCHEMA-23
TEST(CheckUniqueTest, TakesScalarsAndEndpoints) {
  EXPECT_EQ(CodesOf(Node("@unique(s) @unique(s, n, e) u: I32? @unique")), "");
  EXPECT_EQ(CodesOf(Edge("@unique(src) @unique(src, dst) @unique(dst, s)")), "");
  EXPECT_EQ(CodesOf(Node("@unique(src)")), "S040");
  EXPECT_EQ(CodesOf(Edge("@unique(from)")), "S040");
  EXPECT_EQ(CodesOf(Edge("@unique(id)")), "S040");
}

// The reference accepts lists and vectors in a body @unique, and then every write fails.
// req: SCHEMA-23
TEST(CheckUniqueTest, RefusesWhatHasNoKeyText) {
  EXPECT_EQ(ErrorsOf(Node("@unique(s, v)")),
            "S042 @unique is not supported on vector property T.v");
  EXPECT_EQ(ErrorsOf(Node("@unique(l)")), "S042 @unique is not supported on list property T.l");
  EXPECT_EQ(ErrorsOf(Node("@unique(b)")), "S042 @unique is not supported on blob property T.b");
  EXPECT_EQ(CodesOf(Edge("@unique(l)")), "S042");
  EXPECT_EQ(CodesOf(Node("w: Vector(2) @unique")), "S042");
  EXPECT_EQ(CodesOf(Node("w: [I32] @unique")), "S042");
  EXPECT_EQ(CodesOf(Node("w: Blob? @unique")), "S042");
}

// req: SCHEMA-2
TEST(CheckIndexTest, RefusesBlobsAndPropertyFormsOfLists) {
  EXPECT_EQ(CodesOf(Node("@index(s, i) @index(l) @index(v) w: Vector(2) @index")), "");
  EXPECT_EQ(CodesOf(Edge("@index(src) @index(s, dst) x: I32 @index")), "");
  EXPECT_EQ(ErrorsOf(Node("@index(b)")), "S042 @index is not supported on blob property T.b");
  EXPECT_EQ(ErrorsOf(Node("w: [I32] @index")), "S042 @index is not supported on list property T.w");
  EXPECT_EQ(CodesOf(Node("w: Blob? @index")), "S042");
  EXPECT_EQ(CodesOf(Node("w: I32 @index @index")), "S030");
}

TEST(CheckIndexTest, OptionsStandBehindAProperty) {
  const NodeType node = MustCompile(
                            "node T { v: Vector(2) @index(kind=\"ivf_pq\", metric=l2) w: Vector(2) "
                            "@index s: String @index(kind=ngram, analyzer=\"simple\") "
                            "@description(\"d\") i: I32 @index(kind=btree) }")
                            .nodes[0];
  EXPECT_EQ(node.FindProperty("v")->metric, Metric::kL2);
  EXPECT_EQ(node.FindProperty("w")->metric, Metric::kCosine);
  EXPECT_EQ(node.FindProperty("s")->description, "d");
  ASSERT_EQ(node.indexes.size(), 4u);
  EXPECT_EQ(node.indexes[1].options, (IndexOptions{.kind = "ngram", .analyzer = "simple"}));
  EXPECT_EQ(node.indexes[2].options, (IndexOptions{.kind = "ivf_pq", .metric = Metric::kL2}));
}

TEST(CheckIndexTest, OptionsFitTheProperty) {
  EXPECT_EQ(CodesOf(Node("w: Vector(2) @index(metric=manhattan)")), "S037");
  EXPECT_EQ(CodesOf(Node("w: I32 @index(metric=l2)")), "S037");
  EXPECT_EQ(CodesOf(Node("w: I32 @index(kind=ivf_pq)")), "S037");
  EXPECT_EQ(CodesOf(Node("w: I32 @index(analyzer=simple)")), "S037");
  EXPECT_EQ(CodesOf(Node("w: enum(a) @index(analyzer=simple)")), "S037");
  EXPECT_EQ(CodesOf(Node("w: I32 @index(kind=5)")), "S037");
  EXPECT_EQ(SuggestionOf(Node("w: I32 @index(knd=btree)")), "did you mean `kind`?");
  EXPECT_EQ(CodesOf(Node("@index(s, kind=btree)")), "S015");
  EXPECT_EQ(CodesOf(Node("w: I32 @index(kind=btree, kind=btree)")), "S016");
}

// trap: 22
TEST(CheckRangeTest, BoundsStandOnTheirOwnSide) {
  // The reference stores the number of `..hi` as the lower bound.
  const NodeType node =
      MustCompile(Node("@range(f, ..60) @range(i, 1..) @range(j, -5..-5)")).nodes[0];
  ASSERT_EQ(node.ranges.size(), 3u);
  EXPECT_FALSE(node.ranges[0].low);
  EXPECT_EQ(node.ranges[0].high->text, "60");
  EXPECT_EQ(node.ranges[1].low->text, "1");
  EXPECT_FALSE(node.ranges[1].high);
  EXPECT_EQ(node.ranges[2].low->text, "-5");
}

TEST(CheckRangeTest, RefusesWhatHoldsNever) {
  EXPECT_EQ(ErrorsOf(Node("@range(i, 9..1)")),
            "S049 @range on T.i holds for no value: 9 exceeds 1");
  EXPECT_EQ(CodesOf(Node("@range(j, 9007199254740993..9007199254740992)")), "S049");
  EXPECT_EQ(CodesOf(Node("@range(f, 0.5..0.50)")), "");
  EXPECT_EQ(ErrorsOf(Node("@range(s, 0..1)")),
            "S046 @range on T.s requires a numeric type, got String");
  EXPECT_EQ(ErrorsOf(Node("@range(n, 0..1)")),
            "S046 @range on T.n requires a numeric type, got String?");
  EXPECT_EQ(CodesOf(Node("@range(d, 0..1)")), "S046");
  EXPECT_EQ(CodesOf(Node("@range(v, 0..1)")), "S046");
  EXPECT_EQ(CodesOf(Node("@range(zz, 0..1)")), "S040");
  EXPECT_EQ(ErrorsOf(Edge("@range(n, 0..1)")), "S045 @range is not supported on edges");
  // The reference accepts a list and never looks at it.
  EXPECT_EQ(ErrorsOf(Node("@range(il, 0..1)")),
            "S042 @range is not supported on list property T.il");
}

TEST(CheckRangeTest, RefusesOtherArguments) {
  for (const char* arguments :
       {"i", "0..1", "i, 5", "i, \"0..1\"", "i, 0..1, 2..3", "i, j", "0..1, i"}) {
    EXPECT_EQ(CodesOf(Node(std::string("@range(") + arguments + ")")), "S015") << arguments;
  }
}

// trap: 21
TEST(CheckPatternTest, CompilesThePattern) {
  EXPECT_EQ(MustCompile(Node("@check(s, \"[A-Z]\") @check(n, \"\") @check(e, \"a|b\")"))
                .nodes[0]
                .checks.size(),
            3u);
  // The reference finds a bad pattern on the first write.
  EXPECT_THAT(ErrorsOf(Node("@check(s, \"[A-Z\")")),
              HasSubstr("S048 the pattern of @check on T.s does not compile"));
  EXPECT_EQ(CodesOf(Node("@check(s, \"(?=a)\")")), "S048");
  EXPECT_EQ(CodesOf(Node("@check(s, \"(a)\\\\1\")")), "S048");
  EXPECT_EQ(ErrorsOf(Node("@check(i, \"a\")")), "S047 @check on T.i requires String type, got I32");
  EXPECT_EQ(ErrorsOf(Node("@check(l, \"a\")")),
            "S042 @check is not supported on list property T.l");
  EXPECT_EQ(ErrorsOf(Edge("@check(s, \"a\")")), "S045 @check is not supported on edges");
  for (const char* arguments : {"s", "\"a\"", "s, t", "s, 5", "s, \"a\", \"b\""}) {
    EXPECT_EQ(CodesOf(Node(std::string("@check(") + arguments + ")")), "S015") << arguments;
  }
}

TEST(CheckPatternTest, PatternsAreBounded) {
  EXPECT_EQ(CodesOf(Node("@check(s, \"" + std::string(kPatternBytesMax + 1, 'a') + "\")")), "S060");
  std::string text = "node T { s: String\n";
  for (int i = 0; i < 500; ++i) text += fmt::format("@check(s, \"{}.{{500}}\")\n", i);
  EXPECT_THAT(CodesOf(text + "}"), HasSubstr("S060"));
}

TEST(CheckConstraintTest, NamesEachPropertyOnce) {
  EXPECT_EQ(ErrorsOf(Node("@unique(s, s)")), "S050 @unique on 'T' names property 's' twice");
  EXPECT_EQ(CodesOf(Node("@key(i, s, i)")), "S050");
  EXPECT_EQ(CodesOf(Edge("@index(src, src)")), "S050");
}

// req: SCHEMA-5
TEST(CheckCardTest, BoundsAreOrderedAndFit) {
  const auto card = [](const std::string& text) {
    return "node A {} edge E: A -> A @card(" + text + ")";
  };
  EXPECT_EQ(MustCompile(card("1..1")).edges[0].cardinality, (Cardinality{1, 1}));
  EXPECT_EQ(MustCompile(card("2..")).edges[0].cardinality, (Cardinality{2, std::nullopt}));
  EXPECT_EQ(MustCompile(card("0..4294967295")).edges[0].cardinality, (Cardinality{0, 4294967295u}));
  EXPECT_EQ(MustCompile("node A {} edge E: A -> A").edges[0].cardinality, Cardinality{});
  EXPECT_EQ(ErrorsOf(card("3..1")), "S011 cardinality min (3) exceeds max (1)");
  EXPECT_EQ(CodesOf(card("0..4294967296")), "S012");
  for (const char* text : {"", "..", "..1", "1", "1..x", "-1..2", "1.0..2", "0..1, 2"}) {
    EXPECT_NE(CodesOf(card(text)), "") << text;
  }
}

// trap: 1
// trap: 62
TEST(CheckNameTest, NamesAreTakenOncePerKind) {
  EXPECT_EQ(CodesOf("node A {} edge A: A -> A interface A {}"), "");
  EXPECT_EQ(ErrorsOf("node A {}\n\nnode A {}"),
            "S023 node 'A' is declared twice; the first is on line 1");
  EXPECT_EQ(CodesOf("node A {} edge E: A -> A edge E: A -> A"), "S023");
  EXPECT_EQ(CodesOf("interface I {} interface I {}"), "S023");
  EXPECT_EQ(ErrorsOf("node A {} edge FormsPattern: A -> A edge Formspattern: A -> A"),
            "S024 edge name collision after case folding: 'FormsPattern' and 'Formspattern'");
  EXPECT_EQ(ErrorsOf("node A { a: I32 a: I64 }"),
            "S022 property 'a' of 'A' is declared twice; the first is on line 1");
}

// trap: 1
TEST(CheckNameTest, EdgesAreFoundExactlyThenFolded) {
  const Schema schema = MustCompile("node A {} edge FormsPattern: A -> A edge Zeta: A -> A");
  for (const char* name : {"FormsPattern", "formsPattern", "formspattern", "FORMSPATTERN"}) {
    ASSERT_NE(schema.FindEdge(name), nullptr) << name;
    EXPECT_EQ(schema.FindEdge(name)->name, "FormsPattern");
  }
  EXPECT_EQ(schema.FindEdge("forms_pattern"), nullptr);
  EXPECT_EQ(schema.FindNode("a"), nullptr);
}

TEST(CheckNameTest, EndpointsAreDeclaredNodesInAnyOrder) {
  EXPECT_EQ(CodesOf("edge E: A -> B node B {} node A {}"), "");
  EXPECT_EQ(ErrorsOf("node A {} edge E: A -> Bee"),
            "S025 edge 'E' references unknown node type 'Bee'");
  EXPECT_THAT(SuggestionOf("interface I {} node A {} edge E: A -> I"),
              HasSubstr("interfaces cannot be endpoints"));
}

TEST(CheckNameTest, StorageColumnsAreReserved) {
  for (const char* name : {"_rowid", "_rowaddr", "_rowoffset", "_row_created_at_version",
                           "_row_last_updated_at_version"}) {
    EXPECT_EQ(ErrorsOf(std::string("node A { ") + name + ": I32 }"),
              std::string("S020 property name '") + name +
                  "' is reserved for a virtual storage system column");
  }
  EXPECT_EQ(
      CodesOf("node A { _row_id: I32 _RowId: I32 rowid: I32 src: I32 dst: I32 from: I32 to: I32 }"),
      "");
}

// The reference accepts these and then breaks in confusing ways.
TEST(CheckNameTest, PhysicalColumnsAreReservedWhereTheyExist) {
  EXPECT_EQ(CodesOf("node A { id: I32 }"), "S021");
  EXPECT_EQ(CodesOf("interface A { id: I32 }"), "S021");
  EXPECT_EQ(CodesOf("node A { _tombstone: Bool }"), "S021");
  for (const char* name : {"id", "src", "dst", "from", "to", "_tombstone"}) {
    EXPECT_EQ(CodesOf(std::string("node A {} edge E: A -> A { ") + name + ": String }"), "S021")
        << name;
  }
}

TEST(CheckAnnotationTest, DocumentationNeedsText) {
  const Schema schema = MustCompile(
      "node A @description(\"d\") @instruction(\"i\") @rename_from(\"Old\") { p: I32 "
      "@description(\"pd\") @rename_from(old) }"
      "edge E: A -> A @description(\"e\") @instruction(\"ei\") @rename_from(\"F\") { q: I32 "
      "@rename_from(\"r\") }"
      "interface I { x: I32 @rename_from(\"y\") @description(\"xd\") }");
  EXPECT_EQ(schema.nodes[0].metadata.instruction, "i");
  EXPECT_EQ(schema.nodes[0].metadata.rename_from, "Old");
  EXPECT_EQ(schema.nodes[0].properties[0].rename_from, "old");
  EXPECT_EQ(schema.edges[0].metadata.description, "e");
  EXPECT_EQ(schema.interfaces[0].properties[0].rename_from, "y");
  for (const char* bad : {"@description", "@description(\" \")", "@description(5)", "@instruction",
                          "@instruction(\"\")"}) {
    EXPECT_EQ(CodesOf(std::string("node A ") + bad + " {}"), "S032") << bad;
  }
  EXPECT_EQ(CodesOf("node A @description(\"a\") @description(\"b\") {}"), "S030");
  EXPECT_EQ(CodesOf("node A { p: I32 @instruction(\"x\") }"), "S031");
}

TEST(CheckAnnotationTest, RenameFromTakesOneName) {
  for (const char* bad : {"@rename_from", "@rename_from(\" \")", "@rename_from(\"a\", b=1)",
                          "@rename_from(b=\"a\")"}) {
    EXPECT_EQ(CodesOf(std::string("node A ") + bad + " {}"), "S033") << bad;
  }
  EXPECT_EQ(CodesOf("node A @rename_from(\"a\", \"b\") {}"), "S016");
  EXPECT_EQ(CodesOf("node A @rename_from(a) @rename_from(b) {}"), "S030");
}

TEST(CheckAnnotationTest, RulesOfPropertiesDoNotStandOnTypes) {
  for (const char* name : {"key", "unique", "index", "embed"}) {
    EXPECT_EQ(CodesOf(std::string("node A @") + name + " { a: I32 }"), "S031") << name;
    EXPECT_EQ(CodesOf(std::string("node A {} edge E: A -> A @") + name), "S031") << name;
  }
  EXPECT_EQ(CodesOf("node A @key(a) { a: I32 }"), "S014");
}

TEST(CheckEmbedTest, NamesAStringOfTheNode) {
  EXPECT_EQ(CodesOf(Node("w: Vector(2) @embed(s) x: Vector(3)? @embed(\"n\", model=\"m\") y: "
                         "Vector(1) @embed(e)")),
            "");
  EXPECT_EQ(ErrorsOf(Node("w: I32 @embed(s)")),
            "S034 @embed on T.w requires a Vector type, got I32");
  for (const char* bad : {"@embed", "@embed(\" \")", "@embed(5)", "@embed(i)", "@embed(l)",
                          "@embed(zz)", "@embed(model=\"m\")"}) {
    EXPECT_EQ(CodesOf(Node(std::string("w: Vector(2) ") + bad)), "S035") << bad;
  }
  EXPECT_THAT(ErrorsOf(Node("w: Vector(2) @embed(zz)")),
              HasSubstr("references unknown property 'zz'"));
  EXPECT_EQ(CodesOf(Node("w: Vector(2) @embed(s, size=3)")), "S036");
  EXPECT_EQ(CodesOf(Node("w: Vector(2) @embed(s, model=5)")), "S036");
  EXPECT_EQ(CodesOf(Node("w: Vector(2) @embed(s) @embed(t)")), "S030");
  EXPECT_EQ(CodesOf(Edge("w: Vector(2) @embed(s)")), "S031");
}

TEST(CheckLimitTest, PropertiesOfATypeAreBounded) {
  std::string text = "node T {\n";
  for (size_t i = 0; i < kPropertiesPerTypeMax; ++i) text += fmt::format("p{}: I32\n", i);
  EXPECT_EQ(CodesOf(text + "}"), "");
  EXPECT_EQ(CodesOf(text + "one_more: I32 }"), "S060");
}

TEST(CheckLimitTest, FindingsAreBoundedAndSorted) {
  std::string text = "edge E: Missing -> Missing\nnode T {\n";
  for (int i = 0; i < 1000; ++i) text += fmt::format("p{}: Sting\n", i);
  const Compiled compiled = CompileText(text + "}");
  EXPECT_EQ(compiled.diagnostics.size(), kDiagnosticsMax);
  EXPECT_TRUE(std::is_sorted(
      compiled.diagnostics.begin(), compiled.diagnostics.end(),
      [](const Diagnostic& a, const Diagnostic& b) { return a.span.begin < b.span.begin; }));
}

TEST(FirstErrorTest, CarriesClassPrefixAndEveryDiagnostic) {
  const SourceText parse("p.pg", "node A { a: Sting b: Sting }");
  const Status first = FirstError(parse, CompileSchema(parse).diagnostics);
  EXPECT_EQ(first.id(), ErrorId::kSchemaParse);
  EXPECT_TRUE(first.message().starts_with(
      "parse error: unknown type 'Sting'\np.pg:1:13: error[S003]: unknown type 'Sting'\n"));
  EXPECT_THAT(first.message(), HasSubstr("p.pg:1:22: error[S003]"));
  EXPECT_THAT(first.message(), HasSubstr("help: did you mean `String`?"));
  const SourceText catalog("c.pg", "node A {} node A {}");
  const Status second = FirstError(catalog, CompileSchema(catalog).diagnostics);
  EXPECT_EQ(second.id(), ErrorId::kSchemaCatalog);
  EXPECT_TRUE(second.message().starts_with("catalog error: node 'A' is declared twice"));
}

TEST(CodesTest, EachRuleHasItsOwnNumberAndMeaning) {
  for (size_t i = 0; i < RuleTable().size(); ++i) {
    const RuleRow& row = RuleTable()[i];
    EXPECT_FALSE(row.meaning.empty());
    if (i == 0) continue;
    EXPECT_GT(row.rule, RuleTable()[i - 1].rule);
  }
  EXPECT_EQ(RuleCode(Rule::kCardNumber), "S012");
  EXPECT_EQ(ClassOf("S023"), ErrorClass::kCatalog);
  EXPECT_EQ(ClassOf("E001"), ErrorClass::kParse);
}

}  // namespace
}  // namespace tarn::schema
