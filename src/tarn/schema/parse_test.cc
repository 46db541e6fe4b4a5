// Syntax: what the grammar takes, what it refuses, and how parsing goes on behind an error.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/schema/compile_for_test.h"

namespace tarn::schema {
namespace {

using ::testing::HasSubstr;

// req: SCHEMA-1
TEST(ParseTest, HarbourHasEveryConstruct) {
  const Schema schema = MustCompile(HarbourText());
  ASSERT_EQ(schema.interfaces.size(), 1u);
  ASSERT_EQ(schema.nodes.size(), 2u);
  ASSERT_EQ(schema.edges.size(), 3u);
  const NodeType& port = *schema.FindNode("Port");
  EXPECT_EQ(port.metadata.description, "a place ships call at");
  EXPECT_EQ(port.key->columns, std::vector<std::string>{"code"});
  EXPECT_EQ(TypeName(port.FindProperty("region")->type), "enum(atlantic, baltic, north-sea)?");
  EXPECT_EQ(TypeName(port.FindProperty("tags")->type), "[String]?");
  EXPECT_EQ(TypeName(port.FindProperty("seen_at")->type), "DateTime?");
  EXPECT_TRUE(port.FindProperty("seen_at")->from_interface);
  EXPECT_EQ(port.ranges.at(0).low->text, "0.5");
  EXPECT_EQ(port.ranges.at(0).high->text, "60.0");
  EXPECT_EQ(port.checks.at(0).pattern, "^[A-Z]{5}$");
  const Property& vector = *schema.FindNode("Ship")->FindProperty("log_vec");
  EXPECT_EQ(TypeName(vector.type), "Vector(3)?");
  EXPECT_EQ(vector.embed->property, "log");
  EXPECT_EQ(vector.embed->model, "acme/embed-1");
  EXPECT_EQ(vector.metric, Metric::kCosine);
  const EdgeType& calls = *schema.FindEdge("CallsAt");
  EXPECT_EQ(calls.from, "Ship");
  EXPECT_EQ(calls.to, "Port");
  EXPECT_EQ(calls.uniques.at(0).columns, (std::vector<std::string>{"src", "dst", "arrived"}));
  EXPECT_EQ(schema.FindEdge("Flagship")->cardinality, (Cardinality{.min = 0, .max = 1}));
}

TEST(ParseTest, EmptyFilesAreEmptySchemas) {
  for (const char* text : {"", " \n\t\r\n", "// nothing", "/* nothing */"}) {
    const Schema schema = MustCompile(text);
    EXPECT_TRUE(schema.nodes.empty() && schema.edges.empty() && schema.interfaces.empty()) << text;
  }
}

TEST(ParseTest, KeywordsAreNotReserved) {
  const Schema schema = MustCompile(
      "node N { match: String type: String limit: I32 order: I32 when: Date kind: String date: "
      "Date text: String "
      "blob: Blob? query: String from: String not: Bool node: String edge: String interface: "
      "String implements: String "
      "enum: enum(enum, Vector) true: Bool _: I32 src: String dst: String to: String }");
  EXPECT_EQ(schema.nodes.at(0).properties.size(), 22u);
}

// trap: 64
TEST(ParseTest, CommentsStandBetweenAnyTokens) {
  const Schema schema = MustCompile(
      "node/**/N{a/* x */:/**/String@ /* y */ key// end\n}edge E:N/**/->N@card( 0 /* none */ .. 1 "
      "/**/ )@ note ( \"x\" /**/ )");
  EXPECT_EQ(schema.edges.at(0).cardinality, (Cardinality{.min = 0, .max = 1}));
  EXPECT_EQ(schema.edges.at(0).metadata.annotations.at(0).argument->text, "x");
  EXPECT_EQ(schema.nodes.at(0).key->columns.at(0), "a");
}

// trap: 64
TEST(ParseTest, NothingStandsInsideAnEnumValue) {
  EXPECT_THAT(ErrorsOf("node N { a: enum(north/**/-sea) }"),
              HasSubstr("S001 expected ',' or ')', found '-'"));
  EXPECT_THAT(ErrorsOf("node N { a: enum(north -sea) }"), HasSubstr("S001 expected ',' or ')'"));
}

// trap: 9
TEST(ParseTest, EnumValuesMayBeginWithDigitsAndHyphens) {
  const Schema schema =
      MustCompile("node N { a: enum(24h, lp-institution, -x, 1e5, Zz_9, a--b, 7)? b: enum(x) }");
  EXPECT_EQ(TypeName(schema.nodes[0].FindProperty("a")->type),
            "enum(-x, 1e5, 24h, 7, Zz_9, a--b, lp-institution)?");
}

// trap: 5
TEST(ParseTest, CommasBetweenPropertiesAreRefusedAndParsingGoesOn) {
  EXPECT_EQ(CodesOf("node N { a: String, b: Sting, }"), "S004 S003 S004");
}

// trap: 6
TEST(ParseTest, CardStandsBeforeOtherAnnotations) {
  EXPECT_EQ(CodesOf("node N {} edge E: N -> N @card(0..1) @description(\"x\")"), "");
  EXPECT_EQ(CodesOf("node N {} edge E: N -> N @description(\"x\") @card(0..1)"), "S010");
  EXPECT_EQ(CodesOf("node N { a: I32 @card(0..1) }"), "S010");
  EXPECT_EQ(CodesOf("node N @card(0..1) {}"), "S010");
  EXPECT_EQ(CodesOf("node N {} edge E: N -> N { @card(0..1) }"), "S010");
}

// trap: 6
TEST(ParseTest, NodeAnnotationsStandBeforeImplements) {
  EXPECT_EQ(CodesOf("interface I {} node N @description(\"x\") implements I {}"), "");
  EXPECT_EQ(CodesOf("interface I {} node N implements I @description(\"x\") {}"), "S014");
}

// trap: 7
TEST(ParseTest, IndexWithParenthesesIsAConstraintOfTheBody) {
  const NodeType both = MustCompile("node N { x: String @index @index(x) y: I32 }").nodes.at(0);
  ASSERT_EQ(both.indexes.size(), 2u);
  EXPECT_TRUE(both.indexes[0].property_form);
  EXPECT_FALSE(both.indexes[1].property_form);
  EXPECT_THAT(ErrorsOf("node N { age: I32 @range(0..9) }"),
              HasSubstr("S015 @range takes the name of a property and a range"));
  // Behind the constraint the property is over.
  EXPECT_EQ(CodesOf("node N { x: String @index(x) @description(\"late\") }"), "S014");
}

// trap: 8
TEST(ParseTest, QuotedNamesAreForAnnotationsOnly) {
  EXPECT_EQ(CodesOf("node N { x: String @unique(\"x\") }"), "S015");
  EXPECT_EQ(CodesOf("node N { x: String @key(\"x\") }"), "S015");
  EXPECT_EQ(CodesOf("node N { x: String v: Vector(2) @embed(\"x\") w: Vector(2) @embed(x) }"), "");
}

// trap: 8
TEST(ParseTest, RangesTakeSpaceAndSigns) {
  const NodeType node = MustCompile(
                            "node N { p: F64 @range( p , 0 .. 9 ) @range(p, -1.5..-0.5) @range(p, "
                            "- 3..) @range(p, ..4) }")
                            .nodes[0];
  ASSERT_EQ(node.ranges.size(), 4u);
  for (const char* range : {"0...9", "0.5..", "..", "5", "0..a", "0.5.", "..-", "-..5"}) {
    const std::string text = std::string("node N { p: F64 @range(p, ") + range + ") }";
    EXPECT_EQ(CodesOf(text).empty(), std::string(range) == "0.5..") << range;
  }
}

// trap: 10
TEST(ParseTest, OnlyTheFiveNamesAreConstraints) {
  const NodeType node =
      MustCompile(
          "node N @keyed @indexing(\"x\") @key_hint(1) { a: I32 @key /* space */ (a) b: I32 @keyed "
          "@unique_ish(a) @pii @owner(\"ops\", since=2020, sure=true, w=0.5) }")
          .nodes[0];
  EXPECT_FALSE(node.key->property_form);
  ASSERT_EQ(node.metadata.annotations.size(), 3u);
  const std::vector<Annotation>& annotations = node.FindProperty("b")->annotations;
  ASSERT_EQ(annotations.size(), 4u);
  EXPECT_EQ(annotations[1].argument, (Literal{Literal::Kind::kString, "a"}));
  EXPECT_FALSE(annotations[2].argument);
  EXPECT_EQ(annotations[3].keywords.at("since"), (Literal{Literal::Kind::kInteger, "2020"}));
  EXPECT_EQ(annotations[3].keywords.at("sure"), (Literal{Literal::Kind::kBool, "true"}));
  EXPECT_EQ(annotations[3].keywords.at("w"), (Literal{Literal::Kind::kFloat, "0.5"}));
}

// The reference takes `trueness` for `true` and a rest.
TEST(ParseTest, TruthValuesNeedABoundary) {
  const NodeType node = MustCompile("node N { a: I32 @x(trueness) @y(true) }").nodes[0];
  EXPECT_EQ(node.properties[0].annotations[0].argument,
            (Literal{Literal::Kind::kString, "trueness"}));
  EXPECT_EQ(node.properties[0].annotations[1].argument, (Literal{Literal::Kind::kBool, "true"}));
}

// The reference reads `nodePort` as a node called Port.
TEST(ParseTest, KeywordsNeedABoundary) {
  EXPECT_EQ(CodesOf("nodePort { a: I32 }"), "S002");
  EXPECT_EQ(CodesOf("interface I {} node N implementsI {}"), "S001");
}

// req: SCHEMA-1
TEST(ParseTest, ReportsSeveralErrorsOfOneFile) {
  const std::string errors = ErrorsOf(
      "node A {\n  a: Sting\n  b String\n  c: enum(x, x)\n  d: Vector(0) @key\n  e: [Blob]\n}\n"
      "edge E: A -> Missing { from: I32 }\n"
      "node A { }\n");
  EXPECT_EQ(errors,
            "S003 unknown type 'Sting'\n"
            "S001 expected ':' behind 'b', found type name 'String'\n"
            "S008 enum type cannot include duplicate values: 'x' is there twice\n"
            "S007 Vector dimension 0 is not between 1 and 2147483647\n"
            "S005 list of Blob is not supported\n"
            "S025 edge 'E' references unknown node type 'Missing'\n"
            "S021 property name 'from' of edge 'E' names an endpoint in mutations and loads\n"
            "S023 node 'A' is declared twice; the first is on line 1");
}

TEST(ParseTest, SkippedTextCausesNoFurtherErrors) {
  // The broken property may be the one that the constraint names; the broken declaration may be the
  // endpoint.
  EXPECT_EQ(CodesOf("node N { a String  b: I32 @unique(a) }"), "S001");
  EXPECT_EQ(CodesOf("nod Port { a: I32 }\nnode Ship {}\nedge E: Ship -> Port"), "S002");
  EXPECT_EQ(CodesOf("node port { a: I32 @key }\nedge E: Port -> Port"), "S001");
  EXPECT_EQ(CodesOf("node N { a: String @embed(\"x\", model: \"m\")\n b: I32 @key }"), "S016");
  EXPECT_EQ(CodesOf("node N { a: [String\n b: Sting }"), "S001 S003");
  EXPECT_EQ(CodesOf("edge E: A => B { x: I32 }\nnode A {} node B {}"), "S001");
}

TEST(ParseTest, UnclosedBodiesEndAtTheNextDeclaration) {
  EXPECT_EQ(ErrorsOf("node A { a: I32\nnode B { b: Sting }"),
            "S001 the body of 'A' is not closed: expected '}', found identifier 'node'\nS003 "
            "unknown type 'Sting'");
  EXPECT_EQ(FirstSpanOf("node A { a: I32"), "{");
  EXPECT_EQ(CodesOf("node A { a: I32 }}"), "S002");
}

TEST(ParseTest, SpansPointAtTheCulprit) {
  EXPECT_EQ(FirstSpanOf("node A { a: Sting }"), "Sting");
  EXPECT_EQ(FirstSpanOf("node A { a: [Blob]? }"), "Blob");
  EXPECT_EQ(FirstSpanOf("node A { a: enum(x, y, x) }"), "x");
  EXPECT_EQ(FirstSpanOf("node A { a: I32 @unique(b) }"), "b");
  EXPECT_EQ(FirstSpanOf("node A { a: I32? @key }"), "@key");
  EXPECT_EQ(FirstSpanOf("node A { a: I32 @range(a, 9..0) }"), "9..0");
  EXPECT_EQ(FirstSpanOf("node A {} edge E: A -> A @card(3..1)"), "@card(3..1)");
  EXPECT_EQ(FirstSpanOf("node A {"), "{");
  EXPECT_EQ(FirstSpanOf("node"), "node");
}

TEST(ParseTest, SuggestsWhatWasMeant) {
  EXPECT_EQ(SuggestionOf("node A { a: Sting }"), "did you mean `String`?");
  EXPECT_EQ(SuggestionOf("node A { a: string }"), "did you mean `String`?");
  EXPECT_EQ(SuggestionOf("node A { a: Datetime }"), "did you mean `DateTime`?");
  EXPECT_EQ(SuggestionOf("node A { a: Int }"), "did you mean `I64`?");
  EXPECT_EQ(SuggestionOf("node A { a: Timestamp }"), "did you mean `DateTime`?");
  EXPECT_THAT(SuggestionOf("node A { a: Wobble }"), HasSubstr("the types are"));
  EXPECT_THAT(SuggestionOf("node Port {} node A { a: Port }"), HasSubstr("declare an edge"));
  EXPECT_EQ(SuggestionOf("node Port {} edge E: Prot -> Port"), "did you mean `Port`?");
  EXPECT_EQ(SuggestionOf("node A { code: I32 @unique(cod) }"), "did you mean `code`?");
  EXPECT_EQ(SuggestionOf("interface Tracked {} node A implements Traked {}"),
            "did you mean `Tracked`?");
  EXPECT_EQ(SuggestionOf("ndoe A {}"), "did you mean `node`?");
  EXPECT_THAT(SuggestionOf("node A { Name: String }"), HasSubstr("`name`"));
  EXPECT_THAT(SuggestionOf("node A { a: I32 = 5 }"), HasSubstr("no default values"));
  EXPECT_THAT(SuggestionOf("node A { a: enum(\"x\") }"), HasSubstr("without quotes"));
}

TEST(ParseTest, RefusesTypesThatDoNotExist) {
  for (const char* type :
       {"[enum(a)]", "[Vector(3)]", "[[I32]]", "[I32?]", "Vector", "Vector()", "Vector(2147483648)",
        "Vector(99999999999999999999)", "Vector(1.5)", "enum()", "enum", "[]", "?", "I32??",
        "Map(String)", "\"String\"", "enum(a,)"}) {
    EXPECT_NE(CodesOf(std::string("node N { a: ") + type + " }"), "") << type;
  }
  EXPECT_EQ(CodesOf("node N { a: Vector(2147483647) b: Vector(1) }"), "");
}

TEST(ParseTest, InterfacesTakePropertiesOnly) {
  EXPECT_EQ(CodesOf("interface I @description(\"x\") { a: I32 }"), "S013");
  EXPECT_EQ(CodesOf("interface I { a: I32 @unique(a) }"), "S013");
  EXPECT_EQ(CodesOf("interface J {} interface I implements J { a: I32 }"), "S013");
}

// A hostile text must cost neither the stack nor more than linear time.
TEST(ParseTest, DeepAndLongTextsAreBounded) {
  const std::string deep(1 << 20, '[');
  EXPECT_EQ(CodesOf("node N { a: " + deep + " }"), "S006");
  EXPECT_NE(CodesOf(std::string(1 << 20, '{')), "");
  EXPECT_NE(CodesOf("node N { a: I32 " + std::string(1 << 20, '@') + " }"), "");
  std::string many;
  for (int i = 0; i < 200'000; ++i) many += "node A ";
  EXPECT_EQ(CompileText(many).diagnostics.size(), 64u);
}

}  // namespace
}  // namespace tarn::schema
