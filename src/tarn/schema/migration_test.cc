// Plans between two schemas: each kind of step, each refusal, hints and ids.
#include "tarn/schema/migration.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "tarn/schema/compile_for_test.h"
#include "tarn/schema/ids.h"
#include "tarn/schema/typed_form.h"

namespace tarn::schema {
namespace {

using ::testing::HasSubstr;

Schema Accepted(std::string_view text) {
  Schema schema = MustCompile(text);
  AssignIds(&schema);
  return schema;
}

Migration PlanTexts(std::string_view before, std::string_view after) {
  return PlanMigration(Accepted(before), MustCompile(after));
}

/// "validated add @unique(a) to Port", one step a line.
std::string StepsOf(const Migration& migration) {
  std::string out;
  for (const MigrationStep& step : migration.steps) {
    out += fmt::format("{}{} {}", out.empty() ? "" : "\n", StepTierName(step.tier), StepText(step));
  }
  return out;
}

std::string Steps(std::string_view before, std::string_view after) {
  const Migration migration = PlanTexts(before, after);
  EXPECT_TRUE(migration.is_supported());
  return StepsOf(migration);
}

/// The one refusal of a plan, as its text.
std::string Refusal(std::string_view before, std::string_view after) {
  const Migration migration = PlanTexts(before, after);
  EXPECT_TRUE(migration.is_valid());
  EXPECT_FALSE(migration.is_supported());
  EXPECT_EQ(migration.steps.size(), 1u);
  const MigrationStep& step = migration.steps.at(0);
  EXPECT_EQ(step.kind, StepKind::kUnsupported);
  EXPECT_LT(step.span.begin, step.span.end) << "no place";
  EXPECT_THAT(step.reason, HasSubstr("is not supported in schema migration v1"));
  return StepText(step);
}

/// "M001 message", one a line.
std::string Findings(std::string_view before, std::string_view after) {
  std::string out;
  for (const Diagnostic& diagnostic : PlanTexts(before, after).diagnostics) {
    EXPECT_LT(diagnostic.span.begin, diagnostic.span.end) << diagnostic.message;
    out += (out.empty() ? "" : "\n") + diagnostic.code + " " + diagnostic.message;
  }
  return out;
}

// req: SCHEMA-10
TEST(MigrationTest, OrderFormAndCommentsChangeNothing) {
  EXPECT_EQ(Steps("node A { x: I32?  y: enum(a, b)? }\nnode B {}",
                  "// again\nnode B {}\nnode A { y: enum(b, a)?\n x: I32? }"),
            "");
  EXPECT_EQ(Steps("node A @rename_from(Old) { x: I32? }", "node A { x: I32? }"), "");
}

TEST(MigrationTest, WhatOnlyMovesIsRespelt) {
  EXPECT_EQ(Steps("node A { x: I32 @unique }", "node A { x: I32  @unique(x) }"),
            "safe the same rules, written elsewhere");
}

// req: SCHEMA-10
TEST(MigrationTest, AddsAndDropsTypes) {
  EXPECT_EQ(Steps("node A {}\nedge E: A -> A",
                  "node A {}\nnode B { x: I32 }\nedge F: A -> B\n"
                  "interface I { z: String }"),
            "safe add interface I\n"
            "safe add node B\n"
            "safe add edge F\n"
            "destructive drop edge E");
  EXPECT_EQ(Steps("interface I { z: String? }\nnode A {}\nnode B {}\nedge E: A -> B", "node A {}"),
            "destructive drop edge E\ndestructive drop node B\nsafe drop interface I");
}

// req: SCHEMA-7, SCHEMA-9
TEST(MigrationTest, RenamesKeepIds) {
  const Schema before =
      Accepted("node Ship { imo: I64 @key  draft: F64? }\nnode Port {}\nedge At: Ship -> Port");
  const Migration migration =
      PlanMigration(before, MustCompile("node Vessel @rename_from(Ship) {\n"
                                        "  imo: I64 @key  draught: F64? @rename_from(\"draft\") }\n"
                                        "node Port {}\nedge At: Vessel -> Port"));
  EXPECT_EQ(StepsOf(migration),
            "safe rename node Ship to Vessel\n"
            "safe rename property Vessel.draft to draught");
  const NodeType* const ship = before.FindNode("Ship");
  const NodeType* const vessel = migration.next.FindNode("Vessel");
  ASSERT_NE(vessel, nullptr);
  EXPECT_EQ(vessel->id, ship->id);
  EXPECT_EQ(vessel->FindProperty("draught")->id, ship->FindProperty("draft")->id);
  EXPECT_EQ(vessel->FindProperty("imo")->id, ship->FindProperty("imo")->id);
  EXPECT_EQ(migration.next.next_id, before.next_id);
}

// req: SCHEMA-8
TEST(MigrationTest, WhatComesBackIsNew) {
  const Schema first = Accepted("node A { x: I32? }\nnode B {}");
  const Schema without = PlanMigration(first, MustCompile("node B {}")).next;
  const Schema again = PlanMigration(without, MustCompile("node A { x: I32? }\nnode B {}")).next;
  EXPECT_EQ(again.FindNode("B")->id, first.FindNode("B")->id);
  EXPECT_GE(again.FindNode("A")->id, first.next_id);
  EXPECT_GT(again.FindNode("A")->FindProperty("x")->id, again.FindNode("A")->id);
  EXPECT_EQ(again.next_id, first.next_id + 2);
}

TEST(MigrationTest, NewIdsGoToTypesThenToPropertiesByOwner) {
  const Schema before = Accepted("node M { m: I32? }");  // ids 1 and 2
  const Schema next =
      PlanMigration(before, MustCompile("node M { a: I32?  m: I32? }\nnode B { y: I32  x: I32 }\n"
                                        "edge E: M -> B { w: F64? }"))
          .next;
  EXPECT_EQ(next.FindNode("B")->id, 3u);
  EXPECT_EQ(next.FindEdge("E")->id, 4u);
  EXPECT_EQ(next.FindNode("M")->FindProperty("a")->id, 5u);
  EXPECT_EQ(next.FindNode("B")->FindProperty("x")->id, 6u);
  EXPECT_EQ(next.FindNode("B")->FindProperty("y")->id, 7u);
  EXPECT_EQ(next.FindEdge("E")->FindProperty("w")->id, 8u);
  EXPECT_EQ(next.next_id, 9u);
}

TEST(MigrationTest, KeyColumnsStandInOrderOfTheirIds) {
  const Schema before = Accepted("node A { b: I32  z: I32  @key(b, z) }");
  const Schema next =
      PlanMigration(before,
                    MustCompile("node A { b: I32  a: I32 @rename_from(\"z\")  @key(a, b) }"))
          .next;
  EXPECT_EQ(next.FindNode("A")->key_columns, (std::vector<std::string>{"b", "a"}));
}

TEST(MigrationTest, ChangesPropertiesAndTypes) {
  EXPECT_EQ(Steps("node A { a: I32  b: F32?  c: enum(x)?  d: enum(x)  e: I32?  f: U32  g: [I32]? }",
                  "node A { a: I64  b: F64?  c: enum(x, z, y)?  d: String?  e: I32  f: I64\n"
                  "  g: [F64]?  h: Bool? }"),
            "safe property A.a becomes I64 instead of I32\n"
            "safe property A.b becomes F64? instead of F32?\n"
            "safe property A.c also allows y, z\n"
            "safe property A.d becomes String? instead of enum(x)\n"
            "validated property A.e becomes I32 instead of I32?\n"
            "safe property A.f becomes I64 instead of U32\n"
            "safe property A.g becomes [F64]? instead of [I32]?\n"
            "safe add property A.h: Bool?");
  EXPECT_EQ(Steps("node A { a: String  b: enum(x, y)? }", "node A { a: enum(x)  b: enum(x, z)? }"),
            "validated property A.a becomes enum(x) instead of String\n"
            "validated property A.b becomes enum(x, z)? instead of enum(x, y)?");
  EXPECT_EQ(Steps("edge E: A -> A { a: I32?  b: I32? }\nnode A {}", "edge E: A -> A\nnode A {}"),
            "destructive drop property E.a\ndestructive drop property E.b");
}

// req: SCHEMA-11, SCHEMA-12
TEST(MigrationTest, ChangesConstraints) {
  EXPECT_EQ(Steps("node A { a: I32  b: String?  @unique(b) }",
                  "node A { a: I32 @key  b: String? @index\n @range(a, 00..9.0) @check(b, \"x\") "
                  "@unique(b, a) }"),
            "safe drop @unique(b) of A\n"
            "validated add @check(b, \"x\") to A\n"
            "safe add @index(b) to A\n"
            "validated add @key(a) to A\n"
            "validated add @range(a, 0..9) to A\n"
            "validated add @unique(a, b) to A");
}
TEST(MigrationTest, ChangesCardinality) {
  const auto steps = [](std::string_view before, std::string_view after) {
    return Steps(fmt::format("node A {{}}\nedge E: A -> A {}", before),
                 fmt::format("node A {{}}\nedge E: A -> A {}", after));
  };
  EXPECT_EQ(steps("", "@card(0..1)"), "validated add @card(0..1) to E");
  EXPECT_EQ(steps("@card(0..1)", ""), "safe drop @card(0..1) of E");
  EXPECT_EQ(steps("@card(0..1)", "@card(0..2)"),
            "safe drop @card(0..1) of E\nsafe add @card(0..2) to E");
  EXPECT_EQ(steps("@card(1..2)", "@card(2..2)"),
            "safe drop @card(1..2) of E\nvalidated add @card(2..2) to E");
  EXPECT_EQ(steps("@card(1..2)", "@card(1..)"),
            "safe drop @card(1..2) of E\nsafe add @card(1..) to E");
}

// A rename alone takes the constraints along.
TEST(MigrationTest, ConstraintsFollowRenames) {
  EXPECT_EQ(
      Steps("node A { a: I32  b: Vector(2)? @embed(t)  t: String\n @unique(a, t) @range(a, 1..) }",
            "node A { n: I32 @rename_from(\"a\")  b: Vector(2)? @embed(u)\n"
            " u: String @rename_from(\"t\")  @range(n, 1.0..) @unique(u, n) }"),
      "safe rename property A.a to n\nsafe rename property A.t to u");
}

TEST(MigrationTest, InterfacesChange) {
  EXPECT_EQ(Steps("interface I { a: I32? }\nnode A implements I { b: I32? }",
                  "interface I { a: I32?  c: I32? }\ninterface J { d: Bool? }\n"
                  "node A implements I, J { b: I32? }"),
            "safe add property I.c: I32?\n"
            "safe add interface J\n"
            "safe node A implements I, J\n"
            "safe add property A.c: I32?\n"
            "safe add property A.d: Bool?");
  EXPECT_EQ(Steps("interface I { a: I32? }\nnode A implements I {}", "node A { a: I32? }"),
            "safe node A implements nothing any more\nsafe drop interface I");
}

TEST(MigrationTest, ChangesMetadata) {
  EXPECT_EQ(Steps("node A @description(\"x\") @owner(ops) { p: I32? @pii }",
                  "node A @instruction(\"y\") @owner(dev) { p: I32? @description(\"z\") }"),
            "safe annotate node A: no @description, @instruction, @owner\n"
            "safe annotate property A.p: @description, no @pii");
  const Migration migration = PlanTexts("node A @owner(ops) {}", "node A @owner(dev, since=3) {}");
  EXPECT_EQ(migration.steps.at(0).annotations,
            (std::vector<AnnotationChange>{{"owner", "dev, since=3"}}));
}

TEST(MigrationTest, RefusesWhatHasNoStep) {
  EXPECT_THAT(Refusal("node A {}", "node A { x: I32 }"), HasSubstr("[OG-MF-103] property A.x"));
  EXPECT_THAT(Refusal("node A { x: I64 }", "node A { x: I32 }"),
              HasSubstr("[OG-MF-106] property A.x: changing its type from I64 to I32"));
  EXPECT_THAT(Refusal("node A { x: I64 }", "node A { x: F64 }"), HasSubstr("OG-MF-106"));
  EXPECT_THAT(Refusal("node A { x: I32? }", "node A { x: [I32]? }"), HasSubstr("OG-MF-106"));
  EXPECT_THAT(Refusal("node A { x: Vector(2)? }", "node A { x: Vector(3)? }"),
              HasSubstr("OG-MF-106"));
  EXPECT_THAT(Refusal("node A { x: Date }", "node A { x: DateTime }"), HasSubstr("OG-MF-106"));
  EXPECT_THAT(Refusal("node A { t: String  v: Vector(2)? @embed(t) }",
                      "node A { t: String  v: Vector(2)? @embed(t, model=\"m\") }"),
              HasSubstr("@embed"));
  EXPECT_THAT(
      Refusal("node A {}\nnode B {}\nedge E: A -> B", "node A {}\nnode B {}\nedge E: B -> A"),
      HasSubstr("edge E: it runs A -> B and is to run B -> A"));
}

// req: SCHEMA-26
TEST(MigrationTest, ARequiredPropertyMayComeWithADefault) {
  EXPECT_EQ(Steps("node A {}", "node A { x: I32 @default(7) }"), "safe add property A.x: I32");
  EXPECT_EQ(Steps("node A { x: I32 @default(7) }", "node A { x: I32 @default(8) }"),
            "safe annotate property A.x: @default");
}

TEST(MigrationTest, AnUnsupportedPlanStillShowsAllSteps) {
  const Migration migration =
      PlanTexts("node A { x: I64  y: I32? }", "node A { x: I32  y: I64?  z: Bool? }");
  EXPECT_FALSE(migration.is_supported());
  EXPECT_EQ(migration.steps.size(), 3u);
}

TEST(MigrationTest, RefusesHintsThatCannotBeFollowed) {
  EXPECT_EQ(Findings("node Ship {}", "node Vessel @rename_from(Shipp) {}\nnode Ship {}"),
            "M001 node 'Vessel' is to be the new name of 'Shipp', but the accepted schema has no "
            "such node");
  EXPECT_EQ(
      Findings("node A {}\nedge Ship: A -> A", "node A {}\nnode Vessel @rename_from(Ship) {}"),
      "M002 node 'Vessel' cannot be the new name of 'Ship', which is an edge");
  EXPECT_EQ(Findings("node A {}", "node B @rename_from(A) {}\nnode C @rename_from(A) {}"),
            "M003 node 'C' cannot be the new name of 'A': 'B' claims it already");
  EXPECT_EQ(Findings("node A {}", "node A {}\nnode B @rename_from(A) {}"),
            "M003 node 'B' cannot be the new name of 'A': the file still declares it");
  EXPECT_EQ(Findings("node A { x: I32? }\nnode B {}",
                     "node A { x: I32? }\nnode B { y: I32? @rename_from(\"x\") }"),
            "M004 property B.y is to be the new name of 'x', which belongs to 'A': a property "
            "stays with its type");
  EXPECT_EQ(Findings("node A {}", "node A { y: I32? @rename_from(\"x\") }"),
            "M001 property A.y is to be the new name of 'x', but the accepted 'A' has no such "
            "property");
  const Migration migration = PlanTexts("node A {}", "node B @rename_from(C) {}");
  EXPECT_FALSE(migration.is_valid());
  EXPECT_TRUE(migration.steps.empty());
}

TEST(MigrationTest, HintsOfThePastAreNotes) {
  const Migration migration =
      PlanTexts("node B { y: I32? }", "node B @rename_from(A) { y: I32? @rename_from(\"x\") }");
  EXPECT_TRUE(migration.is_supported());
  EXPECT_TRUE(migration.steps.empty());
  ASSERT_EQ(migration.diagnostics.size(), 2u);
  EXPECT_EQ(migration.diagnostics[0].severity, Severity::kNote);
  // In a new type they are inert.
  EXPECT_EQ(Steps("node A {}", "node A {}\nnode B { y: I32? @rename_from(\"x\") }"),
            "safe add node B");
}

// An edge type is found by its exact name here: its fold is a matter of queries.
TEST(MigrationTest, ARenameMayChangeCaseOnly) {
  EXPECT_EQ(
      Steps("node A {}\nedge Knows: A -> A", "node A {}\nedge KNOWS: A -> A @rename_from(Knows)"),
      "safe rename edge Knows to KNOWS");
}

}  // namespace
}  // namespace tarn::schema
