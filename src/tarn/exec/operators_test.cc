#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/exec/fake_graph_for_test.h"

// Operators alone, on plans written by hand. What whole queries answer is shown by tests/diff.

namespace tarn::exec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Result<ResultSet> RunPlan(FakeGraph& graph, const plan::Plan& plan, uint32_t batch_rows = 4096,
                          const Request& request = {}) {
  const catalog::Snapshot snapshot(std::make_shared<catalog::Manifest>(), "", nullptr);
  ExecuteOptions options;
  options.batch_rows = batch_rows;
  return Execute(request, snapshot, graph, plan, {}, options);
}

/// The rows of a plan over `below`, the same for every size of batches.
std::vector<std::string> Rows(FakeGraph& graph, const std::shared_ptr<ir::Query>& query,
                              const NodePtr& below) {
  const plan::Plan plan = PlanOf(query, below);
  std::vector<std::string> rows;
  for (const uint32_t batch_rows : {1U, 2U, 4096U}) {
    const auto result = RunPlan(graph, plan, batch_rows);
    if (!result.ok()) return {result.status().ToString()};
    auto texts = columnar::RowTexts(*result->rows);
    if (batch_rows > 1) {
      EXPECT_THAT(texts, ::testing::UnorderedElementsAreArray(rows));
    }
    rows = std::move(texts);
  }
  return rows;
}

NodePtr Scan(plan::VarId variable, std::vector<ir::ExprPtr> conditions = {}) {
  return NodeOf(plan::NodeScan{variable, std::move(conditions), nullptr}, {variable});
}

// n0 -> n1 (twice), n0 -> n2, n1 -> n2, n2 -> n0, n2 -> n2
Edges Triangle() { return {{0, 1}, {0, 1}, {0, 2}, {1, 2}, {2, 0}, {2, 2}}; }

TEST(NodeScan, YieldsRowsThatPass) {
  FakeGraph graph(4, {}, "5 null 7 9");
  const auto query = QueryOf(1, {IdOf(0)});
  EXPECT_THAT(Rows(graph, query,
                   Scan(0, {CompareOf(ir::CompareOp::kGreater, PropertyOf(0, "p"), IntOf(5))})),
              ElementsAre("\"n2\"", "\"n3\""));
}

TEST(NodeScan, FindsOneRowByItsKey) {
  FakeGraph graph(4, {});
  const auto query = QueryOf(1, {IdOf(0)});
  const auto key = [](const char* text) {
    return NodeOf(plan::NodeScan{0,
                                 {},
                                 ir::MakeExpr(ir::Constant{ir::Value{std::string(text)}},
                                              TypeOf(schema::Scalar::kString))},
                  {0});
  };
  EXPECT_THAT(Rows(graph, query, key("n2")), ElementsAre("\"n2\""));
  EXPECT_THAT(Rows(graph, query, key("n9")), IsEmpty());
}

// trap: 27
TEST(Expand, YieldsDistinctNeighboursOrEveryEdge) {
  FakeGraph graph(3, Triangle());
  const auto query = QueryOf(3, {IdOf(0), IdOf(1)}, {2});
  EXPECT_THAT(Rows(graph, query,
                   NodeOf(plan::Expand{0, 1, HopOf(), {}, {}, {}, {}, {}}, {0, 1}, {Scan(0)})),
              UnorderedElementsAre("\"n0\"|\"n1\"", "\"n0\"|\"n2\"", "\"n1\"|\"n2\"",
                                   "\"n2\"|\"n0\"", "\"n2\"|\"n2\""));
  EXPECT_EQ(
      Rows(graph, query, NodeOf(plan::Expand{0, 1, HopOf(), 2, {}, {}, {}, {}}, {0, 1}, {Scan(0)}))
          .size(),
      6U);
}

// trap: 29
TEST(Expand, AnUndirectedSelfLoopIsOneEdge) {
  FakeGraph graph(3, Triangle());
  const auto query = QueryOf(3, {IdOf(0), IdOf(1)}, {2});
  const auto both = HopOf(ir::Direction::kBoth);
  EXPECT_EQ(
      Rows(graph, query, NodeOf(plan::Expand{0, 1, both, {}, {}, {}, {}, {}}, {0, 1}, {Scan(0)}))
          .size(),
      7U);
  EXPECT_EQ(
      Rows(graph, query, NodeOf(plan::Expand{0, 1, both, 2, {}, {}, {}, {}}, {0, 1}, {Scan(0)}))
          .size(),
      11U);
}

TEST(Expand, TestsEdgesByTheirOwnRows) {
  FakeGraph graph(3, Triangle(), "", "10 20 30 40 50 60");
  const auto query = QueryOf(3, {IdOf(0), IdOf(1), PropertyOf(2, "w")}, {2});
  plan::Expand expand{
      0,  1,  HopOf(), 2, {CompareOf(ir::CompareOp::kLess, PropertyOf(2, "w"), IntOf(25))},
      {}, {}, {}};
  EXPECT_THAT(Rows(graph, query, NodeOf(expand, {0, 1, 2}, {Scan(0)})),
              UnorderedElementsAre("\"n0\"|\"n1\"|10", "\"n0\"|\"n1\"|20"));
}

TEST(Expand, IntersectsSortedNeighbours) {
  FakeGraph graph(3, Triangle());
  const auto query = QueryOf(3, {IdOf(0), IdOf(1), IdOf(2)});
  const auto first = NodeOf(plan::Expand{0, 1, HopOf(), {}, {}, {}, {}, {}}, {0, 1}, {Scan(0)});
  // c with b -> c and a -> c
  plan::Expand close{1, 2, HopOf(), {}, {}, {}, {{0, HopOf()}}, {}};
  EXPECT_THAT(
      Rows(graph, query, NodeOf(close, {0, 1, 2}, {first})),
      UnorderedElementsAre("\"n0\"|\"n1\"|\"n2\"", "\"n0\"|\"n2\"|\"n2\"", "\"n2\"|\"n0\"|\"n2\"",
                           "\"n2\"|\"n2\"|\"n0\"", "\"n2\"|\"n2\"|\"n2\"", "\"n1\"|\"n2\"|\"n2\""));
  // Not enumerated, c is a weight: a pair comes as often as it has such a c.
  const auto pairs = QueryOf(3, {IdOf(0), IdOf(1)});
  EXPECT_EQ(Rows(graph, pairs, NodeOf(close, {0, 1}, {first})).size(), 6U);
}

// trap: 25
TEST(Reach, YieldsEachVertexOnceWithinTheBounds) {
  FakeGraph graph(5, {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {1, 1}, {0, 2}});
  const auto query = QueryOf(2, {IdOf(1)});
  const auto from = [&](const char* id) {
    return NodeOf(plan::NodeScan{0,
                                 {},
                                 ir::MakeExpr(ir::Constant{ir::Value{std::string(id)}},
                                              TypeOf(schema::Scalar::kString))},
                  {0});
  };
  const auto reach = [&](const char* id, uint32_t low, uint32_t high) {
    return Rows(
        graph, query,
        NodeOf(plan::Reach{0, 1, HopOf(ir::Direction::kForward, low, high), {}}, {1}, {from(id)}));
  };
  EXPECT_THAT(reach("n0", 1, 9), UnorderedElementsAre("\"n1\"", "\"n2\"", "\"n3\""));
  EXPECT_THAT(reach("n0", 2, 9), ElementsAre("\"n3\""));
  EXPECT_THAT(reach("n1", 1, 1), UnorderedElementsAre("\"n1\"", "\"n2\""));  // over its self-loop
  EXPECT_THAT(reach("n1", 2, 4), UnorderedElementsAre("\"n3\"", "\"n0\""));
  EXPECT_THAT(reach("n4", 1, 9), IsEmpty());
}

TEST(CloseCycle, KeepsConnectedPairsOnceOrPerEdge) {
  FakeGraph graph(3, Triangle());
  const auto query = QueryOf(3, {IdOf(0), IdOf(1)}, {2});
  const auto pairs = NodeOf(plan::CrossProduct{}, {0, 1}, {Scan(0), Scan(1)});
  EXPECT_EQ(
      Rows(graph, query, NodeOf(plan::CloseCycle{0, 1, HopOf(), {}, {}}, {0, 1}, {pairs})).size(),
      5U);
  EXPECT_EQ(
      Rows(graph, query, NodeOf(plan::CloseCycle{0, 1, HopOf(), 2, {}}, {0, 1}, {pairs})).size(),
      6U);
  EXPECT_EQ(Rows(graph, query,
                 NodeOf(plan::CloseCycle{0, 1, HopOf(ir::Direction::kBackward, 1, 2), {}, {}},
                        {0, 1}, {pairs}))
                .size(),
            7U);
}

TEST(Filter, ComparesAcrossVariables) {
  FakeGraph graph(3, {}, "1 2 null");
  const auto query = QueryOf(2, {IdOf(0), IdOf(1)});
  const auto pairs = NodeOf(plan::CrossProduct{}, {0, 1}, {Scan(0), Scan(1)});
  plan::Filter filter{{CompareOf(ir::CompareOp::kLess, PropertyOf(0, "p"), PropertyOf(1, "p"))}};
  EXPECT_THAT(Rows(graph, query, NodeOf(filter, {0, 1}, {pairs})), ElementsAre("\"n0\"|\"n1\""));
}

TEST(AntiJoin, KeepsTuplesWithoutAMatch) {
  FakeGraph graph(4, {{0, 1}, {2, 0}});
  const auto query = QueryOf(2, {IdOf(0)});
  const auto seed = NodeOf(plan::Seed{{0}}, {0, plan::kSeedOrdinal});
  const auto inner =
      NodeOf(plan::Expand{0, 1, HopOf(), {}, {}, {}, {}, {}}, {plan::kSeedOrdinal}, {seed});
  inner->existence = true;
  EXPECT_THAT(Rows(graph, query, NodeOf(plan::AntiJoin{{0}}, {0}, {Scan(0), inner})),
              ElementsAre("\"n1\"", "\"n3\""));
}

// req: GRAPH-8
TEST(WeightLeaf, CountsWaysWithoutEnumeratingThem) {
  FakeGraph graph(3, Triangle());
  const auto query = QueryOf(3, {IdOf(0)});
  plan::Leaf far{2, HopOf(), {}, {}, {}, {}, {}};
  plan::Leaf near{1, HopOf(), {}, {}, {}, {}, {far}};
  // Walks of two hops: n0 has 3, n1 2, n2 4.
  EXPECT_EQ(Rows(graph, query, NodeOf(plan::WeightLeaf{0, near}, {0}, {Scan(0)})).size(), 9U);
  const plan::Plan plan = PlanOf(query, NodeOf(plan::WeightLeaf{0, near}, {0}, {Scan(0)}));
  const auto result = RunPlan(graph, plan);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->actuals[1].rows_out, 3U);
}

TEST(Merge, AddsUpWeightsWithinItsBudget) {
  Edges edges;
  for (uint32_t i = 0; i < 300; ++i) edges.push_back({i, i % 3});
  FakeGraph graph(300, edges);
  const auto query = QueryOf(2, {IdOf(1)});
  const auto expand = NodeOf(plan::Expand{0, 1, HopOf(), {}, {}, {}, {}, {}}, {1}, {Scan(0)});
  const plan::Plan plan = PlanOf(query, NodeOf(plan::Merge{}, {1}, {expand}));
  const auto merged = RunPlan(graph, plan);
  ASSERT_TRUE(merged.ok());
  EXPECT_EQ(merged->actuals[1].rows_out, 3U);
  EXPECT_EQ(merged->rows->num_rows(), 300);
}

plan::Aggregate CountBy(std::vector<uint32_t> group, uint32_t projection, plan::VarId variable,
                        bool identified) {
  return {std::move(group),
          {{projection, ir::AggregateFn::kCount, IdOf(variable), 0, true}},
          identified};
}
ir::ExprPtr CountOf(plan::VarId variable) {
  return ir::MakeExpr(ir::Aggregate{ir::AggregateFn::kCount, IdOf(variable)},
                      TypeOf(schema::Scalar::kI64));
}

TEST(Aggregate, GroupsByVerticesOrByValues) {
  FakeGraph graph(3, Triangle(), "1 null 1");
  const auto expand = NodeOf(plan::Expand{0, 1, HopOf(), {}, {}, {}, {}, {}}, {0, 1}, {Scan(0)});
  EXPECT_THAT(Rows(graph, QueryOf(2, {IdOf(0), CountOf(1)}),
                   NodeOf(CountBy({0}, 1, 1, true), {0}, {expand})),
              UnorderedElementsAre("\"n0\"|2", "\"n1\"|1", "\"n2\"|2"));
  EXPECT_THAT(Rows(graph, QueryOf(2, {PropertyOf(0, "p"), CountOf(1)}),
                   NodeOf(CountBy({0}, 1, 1, false), {0}, {expand})),
              UnorderedElementsAre("1|4", "null|1"));
}

TEST(Limit, SkipsRowsAsOftenAsTheirWeightSays) {
  FakeGraph graph(4, {}, "1 2 3 4");
  auto query = QueryOf(1, {IdOf(0)});
  const plan::Sort sort{{{PropertyOf(0, "p"), false}}, {0}};
  EXPECT_THAT(Rows(graph, query, NodeOf(plan::Limit{1, 2}, {0}, {NodeOf(sort, {0}, {Scan(0)})})),
              ElementsAre("\"n1\"", "\"n2\""));
  EXPECT_TRUE(Rows(graph, query, NodeOf(plan::Limit{9, {}}, {0}, {Scan(0)})).empty());
}

TEST(Sort, IsTotalAndCutsToItsLimit) {
  FakeGraph graph(5, {}, "2 null 1 2 null");
  auto query = QueryOf(1, {IdOf(0)});
  plan::Sort sort{{{PropertyOf(0, "p"), true}}, {0}, {}, {}, 4};
  EXPECT_THAT(Rows(graph, query, NodeOf(sort, {0}, {Scan(0)})),
              ElementsAre("\"n0\"", "\"n3\"", "\"n2\"", "\"n1\""));
}

TEST(Sort, KeepsNoMoreThanItNeeds) {
  std::string p;
  for (int i = 0; i < 60000; ++i) p += fmt::format("{}{}", i == 0 ? "" : " ", (i * 7919) % 60000);
  FakeGraph graph(60000, {}, p);
  auto query = QueryOf(1, {PropertyOf(0, "p")});
  plan::Sort sort{{{PropertyOf(0, "p"), false}}, {}, {}, {}, 3};
  const plan::Plan plan = PlanOf(query, NodeOf(sort, {0}, {Scan(0)}));
  MemoryBudget budget(1 << 20);  // all keys alone take 1.9 MB
  Request request;
  request.budget = &budget;
  const auto result = RunPlan(graph, plan, 4096, request);
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_THAT(columnar::RowTexts(*result->rows), ElementsAre("0", "1", "2"));
  EXPECT_EQ(budget.bytes_used(), 0);
}

// trap: 37
TEST(Limit, CountsRowsByWeight) {
  FakeGraph graph(3, Triangle());
  const auto query = QueryOf(2, {IdOf(0)});
  const auto weighed =
      NodeOf(plan::WeightLeaf{0, {1, HopOf(), {}, {}, {}, {}, {}}}, {0}, {Scan(0)});
  EXPECT_EQ(Rows(graph, query, NodeOf(plan::Limit{{}, 3}, {0}, {weighed})).size(), 3U);
}

TEST(Limit, StopsTheScan) {
  FakeGraph graph(100000, {});
  const auto query = QueryOf(1, {IdOf(0)});
  const plan::Plan plan = PlanOf(query, NodeOf(plan::Limit{{}, 5}, {0}, {Scan(0)}));
  const auto result = RunPlan(graph, plan, 100);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->actuals[2].rows_out, 100U);
}

// Late fetch: columns of the final rows only, each row once.
TEST(Project, FetchesFinalRowsOnce) {
  FakeGraph graph(1000, {{3, 4}, {3, 5}}, "");
  const auto query = QueryOf(2, {PropertyOf(0, "p"), IdOf(1)});
  const auto expand = NodeOf(plan::Expand{0, 1, HopOf(), {}, {}, {}, {}, {}}, {0, 1}, {Scan(0)});
  const auto result = RunPlan(graph, PlanOf(query, expand));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->rows->num_rows(), 2);
  EXPECT_EQ(graph.rows_fetched, 1U);
}

// trap: 65
TEST(Execute, LimitZeroLoadsNothing) {
  FakeGraph graph(10, {});
  auto query = QueryOf(1, {PropertyOf(0, "p")});
  query->limit = 0;
  const auto result = RunPlan(graph, PlanOf(query, Scan(0)));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->rows->num_rows(), 0);
  EXPECT_EQ(result->columns.size(), 1U);
  EXPECT_EQ(graph.loads + graph.rows_fetched, 0U);
}

Edges Complete(uint32_t vertices) {
  Edges edges;
  for (uint32_t a = 0; a < vertices; ++a) {
    for (uint32_t b = 0; b < vertices; ++b) edges.push_back({a, b});
  }
  return edges;
}

/// Every walk of three hops, one by one: what a planner must never do.
NodePtr EagerWalks() {
  NodePtr node = Scan(0);
  std::vector<plan::VarId> live{0};
  for (plan::VarId to = 1; to <= 3; ++to) {
    live.push_back(to);
    node = NodeOf(plan::Expand{to - 1, to, HopOf(), {}, {}, {}, {}, {}}, live, {node});
  }
  return node;
}

// req: GRAPH-25
TEST(Execute, EndsAtTheMemoryBudget) {
  FakeGraph graph(60, Complete(60));
  MemoryBudget budget(4 << 20);
  Request request;
  request.budget = &budget;
  const auto result = RunPlan(graph, PlanOf(QueryOf(4, {IdOf(0)}), EagerWalks()), 4096, request);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().id(), ErrorId::kMemoryBudget);
  EXPECT_EQ(budget.bytes_used(), 0);
}

// req: GRAPH-25
TEST(Execute, EndsAtTheDeadlineAndWhenCancelled) {
  FakeGraph graph(300, Complete(300));
  const plan::Plan plan =
      PlanOf(QueryOf(4, {CountOf(0)}), NodeOf(CountBy({}, 0, 0, true), {}, {EagerWalks()}));
  Request request;
  request.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
  const auto late = RunPlan(graph, plan, 4096, request);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.status().id(), ErrorId::kDeadlineExceeded);
  CancelToken token;
  token.Fire();
  Request cancelled;
  cancelled.cancel = &token;
  EXPECT_EQ(RunPlan(graph, plan, 4096, cancelled).status().id(), ErrorId::kCancelled);
}

TEST(Execute, AnAnswerBeyondItsRowsIsRefused) {
  FakeGraph graph(60, Complete(60));
  plan::Leaf leaf{0, HopOf(), {}, {}, {}, {}, {}};
  for (int i = 0; i < 6; ++i) leaf = {0, HopOf(), {}, {}, {}, {}, {leaf}};
  const auto result = RunPlan(
      graph, PlanOf(QueryOf(1, {IdOf(0)}), NodeOf(plan::WeightLeaf{0, leaf}, {0}, {Scan(0)})));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().id(), ErrorId::kResultTooLarge);
}

TEST(Execute, ExplainAnalyzeShowsWhatEachOperatorDid) {
  FakeGraph graph(3, Triangle());
  const plan::Plan plan = PlanOf(QueryOf(1, {IdOf(0)}), Scan(0));
  const auto result = RunPlan(graph, plan);
  ASSERT_TRUE(result.ok());
  const std::string text = ExplainAnalyze(plan, *result);
  EXPECT_NE(
      text.find("#1 NodeScan $a: N  [rows 0, cost 0]  (actual rows 3, bytes 0, store calls 0, "),
      std::string::npos)
      << text;
}

}  // namespace
}  // namespace tarn::exec
