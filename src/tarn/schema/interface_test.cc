// Interfaces (§2.6), stable ids and the order of key columns (§2.7).
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/schema/compile_for_test.h"
#include "tarn/schema/ids.h"
#include "tarn/schema/limits.h"

namespace tarn::schema {
namespace {

using ::testing::HasSubstr;

// req: SCHEMA-1
// trap: 11
TEST(InterfaceTest, BringsMissingPropertiesWithTheirConstraints) {
  const NodeType node =
      MustCompile(
          "interface I { slug: String @key @description(\"d\") @pii  tag: String? @index @unique  "
          "vec: Vector(2)? @embed(text) @index(metric=dot) }"
          "node N implements I { text: String }")
          .nodes[0];
  ASSERT_EQ(node.properties.size(), 4u);
  EXPECT_EQ(node.key->columns, std::vector<std::string>{"slug"});
  EXPECT_EQ(node.uniques.at(0).columns, std::vector<std::string>{"tag"});
  EXPECT_EQ(node.indexes.size(), 2u);
  const Property& slug = *node.FindProperty("slug");
  EXPECT_TRUE(slug.from_interface);
  EXPECT_EQ(slug.description, "d");
  EXPECT_EQ(slug.annotations.at(0).name, "pii");
  EXPECT_EQ(node.FindProperty("vec")->metric, Metric::kDot);
  EXPECT_FALSE(node.FindProperty("text")->from_interface);
}

// trap: 11
TEST(InterfaceTest, LeavesOutConstraintsOfRedeclaredProperties) {
  const NodeType node =
      MustCompile(
          "interface I { slug: String @key @unique @index } node N implements I { slug: String }")
          .nodes[0];
  EXPECT_FALSE(node.key);
  EXPECT_TRUE(node.uniques.empty() && node.indexes.empty());
  EXPECT_FALSE(node.FindProperty("slug")->from_interface);
}

TEST(InterfaceTest, TypesMustBeIdentical) {
  EXPECT_EQ(ErrorsOf("interface I { a: String? } node N implements I { a: String }"),
            "S027 property N.a has type String, but interface 'I' declares it as String?");
  EXPECT_EQ(CodesOf("interface I { a: enum(x, y) } node N implements I { a: enum(y, x) }"), "");
  EXPECT_EQ(CodesOf("interface I { a: enum(x, y) } node N implements I { a: String }"), "S027");
  EXPECT_EQ(CodesOf("interface I { a: Vector(2) } node N implements I { a: Vector(3) }"), "S027");
}

// trap: 11
TEST(InterfaceTest, TwoInterfacesMayBringOneProperty) {
  const NodeType node = MustCompile(
                            "interface A { slug: String @key } interface B { slug: String @key } "
                            "node N implements B, A {}")
                            .nodes[0];
  EXPECT_EQ(node.properties.size(), 1u);
  EXPECT_EQ(node.key->columns, std::vector<std::string>{"slug"});
  EXPECT_EQ(node.interfaces, (std::vector<std::string>{"A", "B"}));
}

TEST(InterfaceTest, TwoInterfacesMustAgree) {
  EXPECT_EQ(ErrorsOf("interface A { x: I32 } interface B { x: I64 } node N implements A, B {}"),
            "S028 the interfaces 'A' and 'B' of node 'N' declare property 'x' as I32 and I64");
  EXPECT_EQ(
      ErrorsOf("interface A { x: I32 @unique } interface B { x: I32 } node N implements A, B {}"),
      "S028 the interfaces 'A' and 'B' of node 'N' declare property 'x' with other constraints");
  // What the node declares itself settles it.
  EXPECT_EQ(CodesOf("interface A { x: I32 @unique } interface B { x: I32 } node N implements A, B "
                    "{ x: I32 }"),
            "");
}

TEST(InterfaceTest, KeysOfTwoInterfacesAreTwoKeys) {
  const std::string text =
      "interface A { x: I32 @key } interface B { y: I32 @key } node N implements A, B {}";
  EXPECT_EQ(ErrorsOf(text), "S043 node 'N' has multiple @key constraints");
  EXPECT_EQ(FirstSpanOf(text), "N");
  EXPECT_EQ(FirstSpanOf("interface A { x: I32 @key } node N implements A { y: I32 @key(y) }"),
            "@key(y)");
  EXPECT_EQ(FirstSpanOf("node N implements A { y: I32 @key } interface A { x: I32 @key }"), "@key");
  // Alone they are fine.
  EXPECT_EQ(CodesOf("interface A { x: I32 @key y: I32 @key }"), "");
}

TEST(InterfaceTest, NamesMustBeKnown) {
  EXPECT_EQ(ErrorsOf("node N implements X {}"), "S026 node 'N' implements unknown interface 'X'");
  EXPECT_EQ(CodesOf("node M {} node N implements M {}"), "S026");
  EXPECT_EQ(CodesOf("node N implements I {} interface I { a: I32 }"), "");
}

TEST(InterfaceTest, BodyConstraintsMayNameInjectedProperties) {
  EXPECT_EQ(CodesOf("interface I { a: I32 b: String } node N implements I { @unique(a, b) "
                    "@range(a, 0..) @check(b, \"x\") }"),
            "");
}

TEST(InterfaceTest, ErrorsOfAnInterfaceAreReportedOnce) {
  EXPECT_EQ(
      CodesOf("interface I { a: [I32] @unique } node M implements I {} node N implements I {}"),
      "S042");
  EXPECT_EQ(
      CodesOf(
          "interface I { a: Sting @unique } node M implements I { a: I32 } node N implements I {}"),
      "S003");
}

TEST(InterfaceTest, EmbedSourcesAreLookedUpInTheNode) {
  const std::string interface = "interface I { vec: Vector(2) @embed(body) } ";
  EXPECT_EQ(CodesOf(interface + "node N implements I { body: String }"), "");
  EXPECT_THAT(ErrorsOf(interface + "node N implements I { }"),
              HasSubstr("S035 @embed on I.vec references unknown property 'body' of node 'N'"));
  EXPECT_EQ(CodesOf(interface + "node N implements I { body: I32 }"), "S035");
}

// A small text must not blow up into a huge schema.
TEST(InterfaceTest, WhatTheyBringIsBounded) {
  std::string text = "interface I { a: enum(";
  for (int i = 0; i < 20'000; ++i) text += fmt::format("{}v{}", i == 0 ? "" : ", ", i);
  text += ") }\n";
  for (int i = 0; i < 1000; ++i) text += fmt::format("node N{} implements I {{}}\n", i);
  EXPECT_EQ(CodesOf(text).substr(0, 4), "S060");
}

uint64_t IdOf(const std::vector<Property>& properties, std::string_view name) {
  return std::find_if(properties.begin(), properties.end(),
                      [name](const Property& p) { return p.name == name; })
      ->id;
}

// req: SCHEMA-7, SCHEMA-8
TEST(IdsTest, OneCounterHandsOutIdsInAFixedOrder) {
  Schema schema = MustCompile(HarbourText());
  AssignIds(&schema);
  EXPECT_EQ(schema.FindInterface("Tracked")->id, 1u);
  EXPECT_EQ(schema.FindNode("Port")->id, 2u);
  EXPECT_EQ(schema.FindNode("Ship")->id, 3u);
  EXPECT_EQ(schema.FindEdge("CallsAt")->id, 4u);
  EXPECT_EQ(schema.FindEdge("Feeds")->id, 5u);
  EXPECT_EQ(schema.FindEdge("Flagship")->id, 6u);
  EXPECT_EQ(schema.FindInterface("Tracked")->properties[0].id, 7u);
  EXPECT_EQ(IdOf(schema.FindNode("Port")->properties, "code"), 8u);
  EXPECT_EQ(IdOf(schema.FindNode("Port")->properties, "tags"), 13u);
  EXPECT_EQ(IdOf(schema.FindNode("Ship")->properties, "built"), 14u);
  EXPECT_EQ(IdOf(schema.FindEdge("CallsAt")->properties, "arrived"), 21u);
  EXPECT_EQ(IdOf(schema.FindEdge("Feeds")->properties, "nm"), 23u);
  EXPECT_EQ(schema.next_id, 24u);
}

// trap: 53
TEST(IdsTest, DoNotDependOnTheOrderOfTheText) {
  const Result<Schema> a = CompileNewSchema(
      "node A { x: I32 y: I32 } edge E: A -> A { p: I32 q: I32 } interface I { z: I32 }");
  const Result<Schema> b = CompileNewSchema(
      "interface I { z: I32 } edge E: A -> A { q: I32 p: I32 } node A { y: I32 x: I32 }");
  EXPECT_EQ(IdOf(a->edges[0].properties, "q"), IdOf(b->edges[0].properties, "q"));
  EXPECT_EQ(a->nodes[0].id, b->nodes[0].id);
  EXPECT_EQ(a->next_id, b->next_id);
}

// trap: 12
TEST(IdsTest, KeyColumnsAreInOrderOfTheirIds) {
  Schema schema =
      *CompileNewSchema("node Slot { row: I32 col: String @key(row, col) } node Plain { a: I32 }");
  NodeType& slot = schema.nodes[1];
  EXPECT_EQ(slot.key->columns, (std::vector<std::string>{"row", "col"}));
  EXPECT_EQ(slot.key_columns, (std::vector<std::string>{"col", "row"}));
  EXPECT_TRUE(schema.nodes[0].key_columns.empty());
  // A renamed member keeps its id, and so its place in the id text.
  for (Property& property : slot.properties) {
    if (property.name == "col") property.name = "zz";
  }
  std::sort(slot.properties.begin(), slot.properties.end(),
            [](const Property& a, const Property& b) { return a.name < b.name; });
  slot.key->columns = {"row", "zz"};
  OrderKeyColumns(&schema);
  EXPECT_EQ(slot.key_columns, (std::vector<std::string>{"zz", "row"}));
}

TEST(IdsTest, BadTextIsRefused) {
  const Result<Schema> bad = CompileNewSchema("node A { a: Sting }");
  EXPECT_EQ(bad.status().id(), ErrorId::kSchemaParse);
  EXPECT_THAT(bad.status().message(), HasSubstr("schema.pg:1:13: error[S003]"));
}

}  // namespace
}  // namespace tarn::schema
