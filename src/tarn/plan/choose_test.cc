#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/plan/query_for_test.h"

namespace tarn::plan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Plan PlanFor(QueryWriter& query,
             const std::map<std::string, uint64_t>& rows = {{"node:Person", 1000},
                                                            {"node:Place", 50},
                                                            {"edge:Knows", 20000},
                                                            {"edge:Lives", 1000}}) {
  auto plan = Choose(query.Take(), SnapshotOf(rows));
  EXPECT_TRUE(plan.ok()) << plan.status().ToString();
  return std::move(plan).value();
}

// req: GRAPH-8. req: GRAPH-9: variables that nobody asks for are never enumerated.
TEST(Choose, ACountOfWalksIsAWeight) {
  QueryWriter q;
  const VarId a = q.Node("a", "Person"), b = q.Node("b", "Person"), c = q.Node("c", "Person"),
              d = q.Node("d", "Person");
  q.Bind(a).Where(ir::CompareOp::kEqual, q.Property(a, "name"), q.Text("x"));
  q.Step(a, "Knows", b).Step(b, "Knows", c).Step(c, "Knows", d).Return(q.Count(q.Entity(d)));
  const Plan plan = PlanFor(q);
  EXPECT_EQ(KindsOf(plan), "Project Aggregate Leaf Scan");
  EXPECT_NE(FindOp<NodeScan>(*plan.root)->key, nullptr);
  EXPECT_EQ(FindOp<WeightLeaf>(*plan.root)->leaf.children.size(), 1U);
}

// A condition that can fail must not meet rows that the match never has. req: GRAPH-10
TEST(Choose, AConditionThatCanFailIsAskedLast) {
  QueryWriter q;
  const VarId a = q.Node("a", "Person"), b = q.Node("b", "Person");
  q.Bind(a).Where(ir::CompareOp::kGreater, q.Sum(q.Property(a, "age"), q.Int(1)), q.Int(3));
  q.Step(a, "Knows", b).Where(ir::CompareOp::kEqual, q.Property(b, "name"), q.Text("x"));
  q.Return(q.Property(b, "name"));
  EXPECT_EQ(KindsOf(PlanFor(q)), "Project Filter Expand Scan");
}

TEST(Choose, AnOptionalPatternIsJoinedBehindTheOthers) {
  QueryWriter q;
  const VarId a = q.Node("a", "Person"), b = q.Node("b", "Person"), c = q.Node("c", "Person");
  q.Bind(a).Optional({ir::Traversal{a, b, "Knows", ir::Direction::kForward, 1, 1, {}}}, {b});
  q.Step(a, "Knows", c).Where(ir::CompareOp::kEqual, q.Property(b, "age"), q.Int(3));
  q.Return(q.Property(b, "name")).Return(q.Property(c, "name"));
  const Plan plan = PlanFor(q);
  EXPECT_EQ(KindsOf(plan), "Project Filter Merge Optional Expand Scan Expand Seed");
  EXPECT_THAT(FindOp<OptionalJoin>(*plan.root)->bound, ElementsAre(b));
}

TEST(Choose, ADroppedVariableIsMergedAway) {
  QueryWriter q;
  const VarId a = q.Node("a", "Person"), b = q.Node("b", "Person"), c = q.Node("c", "Person");
  q.Bind(a).Where(ir::CompareOp::kEqual, q.Property(a, "name"), q.Text("x"));
  q.Step(a, "Knows", b)
      .Step(b, "Knows", c)
      .Return(q.Property(c, "age"))
      .Return(q.Count(q.Entity(a)));
  const Plan plan = PlanFor(q);
  EXPECT_EQ(KindsOf(plan), "Project Aggregate Merge Expand Merge Expand Scan");
  EXPECT_THAT(plan.root->live, ElementsAre(c));
}

TEST(Choose, ACountOverANullablePropertyOfADroppedVariableIsALane) {
  QueryWriter q;
  const VarId a = q.Node("a", "Person"), b = q.Node("b", "Person");
  q.Step(a, "Knows", b)
      .Return(q.Property(a, "name"))
      .Return(q.Count(q.Property(b, "age")))
      .Return(q.Count(q.Entity(b)));
  const Plan plan = PlanFor(q);
  EXPECT_EQ(KindsOf(plan), "Project Aggregate Leaf Scan");
  EXPECT_EQ(plan.lanes, 2U);
  const Aggregate& aggregate = *FindOp<Aggregate>(*plan.root);
  EXPECT_EQ(aggregate.items[0].lane, 1U);
  EXPECT_EQ(aggregate.items[1].lane, 0U);
  EXPECT_TRUE(aggregate.identified);
}

// req: GRAPH-13: the choice follows the statistics, and explain shows the costs that were compared.
TEST(Choose, TheStartFollowsTheRowCounts) {
  QueryWriter q;
  const VarId person = q.Node("person", "Person"), place = q.Node("place", "Place");
  q.Step(person, "Lives", place)
      .Return(q.Property(person, "age"))
      .Return(q.Property(place, "name"));
  const Plan few_places =
      PlanFor(q, {{"node:Person", 100000}, {"node:Place", 5}, {"edge:Lives", 100}});
  const Plan few_persons =
      PlanFor(q, {{"node:Person", 5}, {"node:Place", 100000}, {"edge:Lives", 100}});
  EXPECT_EQ(FindOp<NodeScan>(*few_places.root)->variable, place);
  EXPECT_EQ(FindOp<NodeScan>(*few_persons.root)->variable, person);
  EXPECT_THAT(
      Explain(few_places),
      HasSubstr(
          "choice: start at $place; rows and edges touched by start: $place 110, $person 200100"));
}

// req: GRAPH-14
TEST(Choose, ExplainPrintsEveryStatistic) {
  QueryWriter q;
  const VarId a = q.Node("a", "Person"), b = q.Node("b", "Place");
  q.Step(a, "Lives", b).Where(ir::CompareOp::kEqual, q.Property(a, "city"), q.Text("a"));
  q.Where(ir::CompareOp::kGreater, q.Property(a, "age"), q.Int(30)).Return(q.Property(a, "age"));
  const Plan plan = PlanFor(q);
  EXPECT_THAT(plan.statistics, ElementsAre("edge Lives: 1000 rows", "enum Person.city: 4 values",
                                           "guess: < <= > >= keeps 0.33 of the rows",
                                           "node Person: 1000 rows", "node Place: 50 rows"));
  for (const std::string& line : plan.statistics)
    EXPECT_THAT(Explain(plan), HasSubstr("statistic: " + line + "\n"));
}

TEST(Choose, ExplainIsStable) {
  QueryWriter q;
  const VarId a = q.Node("a", "Person"), b = q.Node("b", "Person"), e = q.Edge("e", "Knows");
  q.Step(a, "Knows", b, e).Where(ir::CompareOp::kLess, q.Property(e, "since"), q.Int(7));
  q.Where(ir::CompareOp::kNotEqual, q.Property(a, "age"), q.Property(b, "age"));
  q.Return(q.Property(a, "age")).Order(q.Property(b, "age"), true).Limit(3);
  EXPECT_THAT(
      Explain(PlanFor(q)),
      HasSubstr("#0 Project c  [rows 3, cost 34543]\n"
                "  #1 Sort top 3 $b.age desc ties $a  [rows 3, cost 34540]\n"
                "    #2 Filter where $a.age != $b.age  [rows 5940, cost 28600]\n"
                "      #3 Expand $a -$e:Knows-> $b where $e.since < 7  [rows 6600, cost 22000]\n"
                "        #4 NodeScan $a: Person  [rows 1000, cost 1000]\n"));
}

TEST(Choose, ACyclicPatternIsAnIntersection) {
  QueryWriter q;
  const VarId a = q.Node("a", "Person"), b = q.Node("b", "Person"), c = q.Node("c", "Person");
  q.Step(a, "Knows", b).Step(b, "Knows", c).Step(c, "Knows", a).Return(q.Count(q.Entity(a)));
  const Plan plan = PlanFor(q);
  EXPECT_EQ(KindsOf(plan), "Project Aggregate Expand Expand Scan");
  EXPECT_EQ(std::get<Expand>(plan.root->inputs[0]->inputs[0]->op).also.size(), 1U);
}

TEST(Choose, NegationsAndFiltersComeAsSoonAsTheyCan) {
  QueryWriter q;
  const VarId a = q.Node("a", "Person"), b = q.Node("b", "Person"), p = q.Node("p", "Place");
  q.Bind(a).Where(ir::CompareOp::kEqual, q.Property(a, "email"), q.Text("x")).Step(a, "Knows", b);
  q.Not({ir::Traversal{a, p, "Lives", ir::Direction::kForward, 1, 1, {}}});
  q.Return(q.Property(b, "age"));
  // The negation mentions $a alone, so it is asked before $b is bound.
  EXPECT_EQ(KindsOf(PlanFor(q)), "Project Expand AntiJoin Scan Leaf Seed");
}

TEST(Choose, PartsThatNothingConnectsAreCrossed) {
  QueryWriter q;
  const VarId a = q.Node("a", "Person"), p = q.Node("p", "Place");
  q.Bind(a).Bind(p).Where(ir::CompareOp::kEqual, q.Property(a, "name"), q.Property(p, "name"));
  q.Return(q.Property(p, "name"));
  EXPECT_EQ(KindsOf(PlanFor(q)), "Project Filter Cross Scan Scan");
}

TEST(Choose, AnUnorderedLimitDoesNotWaitForMerges) {
  QueryWriter q;
  const VarId a = q.Node("a", "Person"), b = q.Node("b", "Person"), c = q.Node("c", "Person");
  q.Step(a, "Knows", b)
      .Step(b, "Knows", c)
      .Return(q.Property(c, "age"))
      .Return(q.Property(a, "age"))
      .Limit(5);
  EXPECT_EQ(KindsOf(PlanFor(q)), "Project Limit Expand Expand Scan");
}

TEST(Choose, ATypeThatTheSnapshotLacksIsRefused) {
  QueryWriter q;
  const VarId a = q.Node("a", "Ghost");
  q.Bind(a).Return(q.Entity(a));
  const auto plan = Choose(q.Take(), SnapshotOf({}));
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.status().id(), ErrorId::kUnknownType);
}

const std::vector<VarId>& TiesOf(const Plan& plan) { return FindOp<Sort>(*plan.root)->ties; }

// §7.5. trap: 36. req: GRAPH-12
TEST(Choose, TiesAreTheVariablesByNameAsFarAsTheyShow) {
  QueryWriter q;
  const VarId b = q.Node("b", "Person"), a = q.Node("a", "Person"), c = q.Node("c", "Person");
  q.Step(b, "Knows", a)
      .Step(a, "Knows", c)
      .Return(q.Property(b, "age"))
      .Order(q.Property(b, "city"));
  // $c follows $b by name and is not returned: it could only permute equal rows.
  EXPECT_THAT(TiesOf(PlanFor(q)), ElementsAre(a, b));
}

TEST(Choose, WhatTheOrderDeterminesNeedsNoTies) {
  QueryWriter by_key;
  const VarId a = by_key.Node("a", "Person"), b = by_key.Node("b", "Person");
  by_key.Step(b, "Knows", a).Return(by_key.Property(b, "age")).Order(by_key.Property(b, "name"));
  EXPECT_THAT(TiesOf(PlanFor(by_key)), IsEmpty());
  QueryWriter by_itself;
  const VarId c = by_itself.Node("c", "Person");
  by_itself.Bind(c).Return(by_itself.Property(c, "age")).Order(by_itself.Property(c, "age"));
  EXPECT_THAT(TiesOf(PlanFor(by_itself)), IsEmpty());
  (void)a;
}

}  // namespace
}  // namespace tarn::plan
