// Mutations on a graph in memory: each statement kind, what they see of each other, and the rules
// of the image they leave. The texts are compiled elsewhere; here a mutation is built by hand.
#include "tarn/write/mutate.h"

#include "tarn/write/test_graph.h"

namespace tarn::write {
namespace {

using ir::CompareOp;
using ::testing::HasSubstr;

constexpr const char* kSchema =
    "node P { k: String @key  n: I32?  u: String? @unique  e: enum(a, b)?\n"
    "  x: F32?  xs: [I64]?  v: Vector(2)?  d: Date?  t: DateTime?  blob: Blob?\n"
    "  @range(n, 0..100) @check(k, \"^[a-z0-9]+$\") }\n"
    "node Q { name: String }\n"
    "node C { a: I64  b: String  @key(a, b) }\n"
    "edge E: P -> P { w: I32?  @unique(src, dst) }\n"
    "edge One: P -> Q @card(1..2)\n"
    "edge ToC: P -> C\n";

ir::ExprPtr Constant(ir::Value value) {
  return ir::MakeExpr(ir::Constant{std::move(value)}, schema::PropertyType());
}
ir::Value Text(std::string text) { return {std::move(text)}; }
ir::Value Number(int64_t number) { return {number}; }
const ir::Value kNull;

using Values = std::vector<std::pair<std::string, ir::Value>>;

std::vector<ir::Assignment> Assign(const Values& values) {
  std::vector<ir::Assignment> assignments;
  for (const auto& [property, value] : values) assignments.push_back({property, Constant(value)});
  return assignments;
}
ir::Statement InsertNode(const std::string& type, const Values& values) {
  return ir::Insert{.type_name = type, .assignments = Assign(values)};
}
ir::Statement InsertEdge(const std::string& type, const std::string& from, const std::string& to,
                         Values values = {}) {
  values.emplace_back("from", Text(from));
  values.emplace_back("to", Text(to));
  return ir::Insert{.type_name = type, .is_edge = true, .assignments = Assign(values)};
}
ir::Statement Update(const std::string& type, const Values& values, const std::string& property,
                     CompareOp op, ir::Value value) {
  return ir::Update{type, Assign(values), {property, op, Constant(std::move(value))}};
}
ir::Statement Delete(const std::string& type, bool is_edge, const std::string& property,
                     CompareOp op, ir::Value value) {
  return ir::Delete{type, is_edge, {property, op, Constant(std::move(value))}};
}
ir::Statement P(const std::string& key, Values values = {}) {
  values.emplace_back("k", Text(key));
  return InsertNode("P", values);
}
ir::Statement DeleteP(const std::string& key) {
  return Delete("P", false, "k", CompareOp::kEqual, Text(key));
}

class MutateTest : public testing::Test {
 protected:
  Result<MutateResult> Run(std::vector<ir::Statement> statements, MutateOptions options = {}) {
    return RunOn(graph_, std::move(statements), options);
  }
  static Result<MutateResult> RunOn(TestGraph& graph, std::vector<ir::Statement> statements,
                                    const MutateOptions& options = {}) {
    MutationQueue queue(*graph.catalog, graph.clock, 0);
    return RunIn(queue, graph, std::move(statements), options);
  }
  static Result<MutateResult> RunIn(MutationQueue& queue, TestGraph& graph,
                                    std::vector<ir::Statement> statements,
                                    const MutateOptions& options = {}) {
    return queue.Run(
        graph.request,
        [&](const schema::Schema&) -> Result<BoundMutation> {
          return BoundMutation{{.name = "q", .statements = statements}, {}};
        },
        options);
  }
  MutateResult Must(std::vector<ir::Statement> statements) {
    Result<MutateResult> result = Run(std::move(statements));
    EXPECT_TRUE(result.ok()) << result.status().ToString();
    return result.ok() ? *result : MutateResult();
  }
  /// Runs it, expects that it is refused with these words, and that nothing was touched.
  void ExpectRefused(std::vector<ir::Statement> statements, const std::string& words,
                     ErrorId id = ErrorId::kConstraintViolation) {
    const auto before = graph_.Marks();
    ExpectError(Run(std::move(statements)), id, words);
    EXPECT_EQ(graph_.Marks(), before);
  }
  /// `k:n` of every P, in the order of storage.
  std::string Ps() {
    std::string text;
    for (const std::string& line : Lines("P"))
      text += Field(line, "k") + ":" + Field(line, "n") + " ";
    return text;
  }
  std::vector<std::string> Lines(const std::string& type) {
    std::vector<std::string> lines;
    std::istringstream in(graph_.Export({type}));
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    std::ranges::sort(lines);
    return lines;
  }
  static std::string Field(const std::string& line, const std::string& name) {
    const size_t begin = line.find("\"" + name + "\":") + name.size() + 3;
    std::string value = line.substr(begin, line.find_first_of(",}", begin) - begin);
    std::erase(value, '"');
    return value;
  }

  TestGraph graph_{kSchema};
};

// req: GRAPH-18, WRITE-11
TEST_F(MutateTest, InsertMakesOneRowAndOneCommit) {
  const MutateResult result = Must({P("a", {{"n", Number(1)}})});
  EXPECT_EQ(result.affected_nodes, 1u);
  EXPECT_EQ(result.affected_edges, 0u);
  ASSERT_TRUE(result.commit);
  EXPECT_EQ(result.commit->operation, "mutate");
  EXPECT_EQ(Ps(), "a:1 ");
  EXPECT_EQ(graph_.Marks().at("commits"), 2u);
}

TEST_F(MutateTest, KeyedInsertReplacesTheWholeRow) {  // trap: 15
  Must({P("a", {{"n", Number(1)}, {"u", Text("one")}})});
  const MutateResult again = Must({P("a", {{"u", Text("two")}})});
  EXPECT_EQ(again.affected_nodes, 1u);
  ASSERT_EQ(again.commit->changes.size(), 1u);
  EXPECT_EQ(again.commit->changes[0].updated, 1u);
  EXPECT_EQ(again.commit->changes[0].inserted, 0u);
  EXPECT_EQ(Ps(), "a:null ");
}

TEST_F(MutateTest, UnkeyedInsertsAndEdgesAreAlwaysNewRows) {  // trap: 17
  Must({P("a"), InsertNode("Q", {{"name", Text("x")}}), InsertNode("Q", {{"name", Text("x")}})});
  EXPECT_EQ(graph_.Rows("node:Q"), 2u);
  Must({P("b"), InsertEdge("E", "a", "b")});
  EXPECT_EQ(graph_.Rows("edge:E"), 1u);
}

TEST_F(MutateTest, EveryTypeGoesInAndComesOut) {
  Must({P("a", {{"n", Number(7)},
                {"e", Text("b")},
                {"x", Number(5)},
                {"xs", {ir::ValueList{Number(1), Number(9007199254740993)}}},
                {"v", {ir::Vector{1.5F, -2.0F}}},
                {"d", {ir::Date{19000}}},
                {"t", {ir::DateTime{1'700'000'000'123}}},
                {"blob", Text("base64:AAEC")}})});
  const std::string once = graph_.Export({"P"});
  EXPECT_THAT(once, HasSubstr("\"blob\":\"base64:AAEC\",\"d\":\"2022-01-08\",\"e\":\"b\""));
  EXPECT_THAT(once, HasSubstr("\"t\":\"2023-11-14T22:13:20.123Z\""));
  EXPECT_THAT(once, HasSubstr("\"v\":[1.5,-2.0],\"x\":5.0,\"xs\":[1,9007199254740993]"));
  // An update carries what it does not assign.
  Must({Update("P", {{"n", Number(8)}}, "k", CompareOp::kEqual, Text("a"))});
  std::string expected = once;
  expected.replace(expected.find("\"n\":7"), 5, "\"n\":8");
  EXPECT_EQ(graph_.Export({"P"}), expected);
}

TEST_F(MutateTest, UpdateSetsTheRowsItsPredicateKeeps) {
  Must({P("a", {{"n", Number(1)}}), P("b", {{"n", Number(2)}}), P("c")});
  EXPECT_EQ(
      Must({Update("P", {{"n", Number(9)}}, "n", CompareOp::kGreater, Number(1))}).affected_nodes,
      1u);
  EXPECT_EQ(Ps(), "a:1 b:9 c:null ");
  EXPECT_EQ(
      Must({Update("P", {{"n", kNull}}, "n", CompareOp::kNotEqual, Number(9))}).affected_nodes, 1u)
      << "null differs from nothing";
  EXPECT_EQ(Ps(), "a:null b:9 c:null ");
}

TEST_F(MutateTest, WhatMatchesNothingMakesNoCommit) {  // trap: 60
  Must({P("a", {{"n", Number(1)}})});
  const MutateResult none =
      Must({Update("P", {{"n", Number(2)}}, "k", CompareOp::kEqual, Text("z")),
            Delete("P", false, "k", CompareOp::kEqual, kNull),
            Delete("E", true, "from", CompareOp::kEqual, Text("a"))});
  EXPECT_FALSE(none.commit);
  EXPECT_EQ(none.affected_nodes + none.affected_edges, 0u);
  EXPECT_EQ(graph_.Marks().at("commits"), 2u);
  EXPECT_TRUE(Must({Update("P", {{"n", Number(1)}}, "k", CompareOp::kEqual, Text("a"))}).commit)
      << "the same value again is a change";
}

// req: GRAPH-16, GRAPH-17, WRITE-10, WRITE-12
TEST_F(MutateTest, StatementsSeeWhatThoseBeforeThemDid) {
  Must({P("a", {{"n", Number(1)}})});
  const MutateResult result = Must({
      P("b", {{"n", Number(1)}}),
      Update("P", {{"n", Number(2)}}, "n", CompareOp::kEqual, Number(1)),  // a and b
      Update("P", {{"n", Number(3)}}, "n", CompareOp::kEqual, Number(1)),  // none
      P("a", {{"n", Number(5)}}),
      Update("P", {{"n", Number(6)}}, "n", CompareOp::kGreaterEqual, Number(5)),  // a
      Delete("P", false, "n", CompareOp::kEqual, Number(2)),                      // b
  });
  EXPECT_EQ(result.affected_nodes, 1u + 2u + 0u + 1u + 1u + 1u);
  EXPECT_EQ(Ps(), "a:6 ");
  EXPECT_EQ(graph_.Marks().at("node:P version"), 3u) << "one version for all of it";
}

TEST_F(MutateTest, AnEdgeMayComeBeforeItsEnds) {
  Must({InsertEdge("E", "a", "b"), P("b"), P("a")});
  EXPECT_EQ(graph_.Rows("edge:E"), 1u);
  ExpectRefused({InsertEdge("E", "a", "z")}, "dst 'z' not found in P");
  ExpectRefused({InsertEdge("E", "z", "a")}, "src 'z' not found in P");
}

// req: GRAPH-21
TEST_F(MutateTest, DeletingNodesTakesTheirEdgesOfAllTypesAndBothDirections) {  // trap: 18
  Must({P("a"), P("b"), P("c"), InsertNode("C", {{"a", Number(1)}, {"b", Text("x")}}),
        InsertEdge("E", "a", "b"), InsertEdge("E", "b", "a"), InsertEdge("E", "a", "a"),
        InsertEdge("E", "b", "c"), InsertEdge("ToC", "a", "[\"1\",\"x\"]")});
  const MutateResult result = Must({DeleteP("a")});
  EXPECT_EQ(result.affected_nodes, 1u);
  EXPECT_EQ(result.affected_edges, 4u) << "the loop counts once";
  EXPECT_EQ(graph_.Rows("edge:E"), 1u);
  EXPECT_EQ(graph_.Rows("edge:ToC"), 0u);
  EXPECT_EQ(result.commit->changes.size(), 3u);
}

TEST_F(MutateTest, TheCascadeTakesPendingEdgesToo) {
  Must({P("a"), P("b"), InsertEdge("E", "a", "b")});
  const MutateResult result = Must({InsertEdge("E", "b", "a"), DeleteP("a"), P("a")});
  EXPECT_EQ(result.affected_edges, 1u + 2u);
  EXPECT_EQ(graph_.Rows("edge:E"), 0u);
  EXPECT_EQ(Ps(), "a:null b:null ") << "a is a new row of the old id";
  ExpectRefused({InsertEdge("E", "a", "b"), DeleteP("a"), InsertEdge("E", "b", "a")},
                "dst 'a' not found in P");
}

// req: GRAPH-20
TEST_F(MutateTest, AMixEqualsItsPartsAndTheSwitchRefusesIt) {
  Must({P("a", {{"n", Number(1)}}), P("b", {{"n", Number(2)}})});
  TestGraph split(kSchema);
  for (const auto& part : std::vector<std::vector<ir::Statement>>{
           {P("a", {{"n", Number(1)}}), P("b", {{"n", Number(2)}})}, {DeleteP("a")}, {P("c")}}) {
    ASSERT_TRUE(RunOn(split, part).ok());
  }
  const auto before = graph_.Marks();
  const auto refused = Run({DeleteP("a"), P("c")}, {.reject_mixed = true});
  ExpectError(refused, ErrorId::kInvalidArgument, "mixes inserts/updates and deletes");
  EXPECT_THAT(refused.status().message(), HasSubstr("split it"));
  EXPECT_EQ(graph_.Marks(), before);
  Must({DeleteP("a"), P("c")});
  EXPECT_EQ(Ps(), "b:2 c:null ");
  EXPECT_EQ(graph_.Export({"P"}).size(), split.Export({"P"}).size());
  EXPECT_TRUE(Run({DeleteP("b"), DeleteP("c")}, {.reject_mixed = true}).ok());
}

TEST_F(MutateTest, WhatIsInsertedAndDeletedLeavesNothing) {
  const MutateResult result = Must({P("a"), DeleteP("a")});
  EXPECT_EQ(result.affected_nodes, 2u);
  EXPECT_FALSE(result.commit);
  Must({P("a")});
  EXPECT_EQ(Must({P("a"), DeleteP("a")}).commit->changes[0].deleted, 1u);
  EXPECT_EQ(Ps(), "");
}

TEST_F(MutateTest, UniqueIsJudgedOnTheLastImage) {  // trap: 20
  Must({P("a", {{"u", Text("x")}}), P("b", {{"u", Text("y")}})});
  ExpectRefused({P("c", {{"u", Text("x")}})},
                "@unique violation on P.u: value 'x' held by 'a' and 'c'");
  ExpectRefused({Update("P", {{"u", Text("z")}}, "k", CompareOp::kNotEqual, Text(""))},
                "@unique violation on P.u: value 'z'");
  // The value moves from one row to another, and null is nobody's.
  Must(
      {P("c", {{"u", Text("x")}}), Update("P", {{"u", kNull}}, "k", CompareOp::kEqual, Text("a"))});
  Must({P("d"), P("e")});
  Must({InsertEdge("E", "a", "b")});
  ExpectRefused({InsertEdge("E", "a", "b")}, "@unique violation on E.(dst, src): value '(b, a)'");
  Must({Delete("E", true, "from", CompareOp::kEqual, Text("a")), InsertEdge("E", "a", "b")});
  EXPECT_EQ(graph_.Rows("edge:E"), 1u);
}

TEST_F(MutateTest, CardIsJudgedForTouchedSources) {  // trap: 19
  Must({P("a"), P("b"), InsertNode("Q", {{"name", Text("q")}})});
  const std::string q = Field(Lines("Q")[0], "id");
  Must({InsertEdge("One", "a", q)});
  Must({InsertEdge("One", "a", q)});
  ExpectRefused({InsertEdge("One", "a", q)},
                "@card violation on edge One: source 'a' has 3 edges (max 2)");
  ExpectRefused({Delete("One", true, "from", CompareOp::kEqual, Text("a"))},
                "@card violation on edge One: source 'a' has 0 edges (min 1)");
  Must({Delete("One", true, "from", CompareOp::kEqual, Text("a")), InsertEdge("One", "a", q)});
  ExpectRefused({Delete("Q", false, "name", CompareOp::kEqual, Text("q"))},
                "@card violation on edge One: source 'a' has 0 edges (min 1)");
  Must({DeleteP("a")});  // a source that goes is not judged
  EXPECT_EQ(graph_.Rows("edge:One"), 0u);
}

TEST_F(MutateTest, ValuesAreJudgedOnTheLastImage) {  // trap: 61
  ExpectRefused({P("a", {{"n", Number(101)}})}, "@range violation on P.n: value 101 > max 100");
  ExpectRefused({P("NO")}, "@check violation on P.k");
  ExpectRefused({P("a", {{"e", Text("c")}})}, "invalid enum value 'c' for P.e");
  Must({P("a", {{"n", Number(101)}}),
        Update("P", {{"n", Number(100)}}, "k", CompareOp::kEqual, Text("a"))});
  EXPECT_EQ(Ps(), "a:100 ");
  ExpectRefused({Update("P", {{"n", Number(-1)}}, "k", CompareOp::kEqual, Text("a"))},
                "@range violation on P.n: value -1 < min 0");
}

TEST_F(MutateTest, ValuesThatNoPropertyHoldsAreRefusedByTheirStatement) {
  constexpr ErrorId kBad = ErrorId::kDataInvalid;
  ExpectRefused({P("a"), P("b", {{"n", Number(1LL << 31)}})},
                "query 'q', statement 2: property 'n' value 2147483648 exceeds Int32 range", kBad);
  ExpectRefused({P("a", {{"n", {1.5}}})}, "property 'n' expects Int32, got the number 1.5", kBad);
  ExpectRefused({P("a", {{"x", Number(16777217)}})}, "the integer 16777217 has no exact F32", kBad);
  ExpectRefused({P("a", {{"x", {1e300}}})}, "exceeds Float32 range", kBad);
  ExpectRefused({P("a", {{"blob", Text("file:///etc/passwd")}})}, "external object", kBad);
  ExpectRefused({P("a"), InsertEdge("E", "a", "a", {{"w", Number(1LL << 40)}})},
                "exceeds Int32 range", kBad);
  Must({P("a", {{"x", Number(16777216)}})});
  ExpectRefused({Update("P", {{"x", Number(16777217)}}, "k", CompareOp::kEqual, Text("a"))},
                "has no exact F32", kBad);
  ExpectRefused({Update("P", {{"k", Text("b")}}, "n", CompareOp::kEqual, Number(1))},
                "cannot update @key property 'k'");
  ExpectRefused({Update("Q", {{"name", kNull}}, "name", CompareOp::kEqual, Text("x"))},
                "non-nullable property 'name' cannot be null");
}

// req: WRITE-60
TEST_F(MutateTest, ARequestIdMakesOneCommitInWhateverProcess) {
  graph_.request.request_id = "r1";
  const MutateResult first = Must({P("a"), P("b")});
  const MutateResult replay = Must({P("a"), P("b")});
  EXPECT_EQ(replay.commit->id, first.commit->id);
  EXPECT_EQ(replay.affected_nodes, 2u);
  TestGraph other(graph_, 9);
  other.request.request_id = "r1";
  const auto far = RunOn(other, {P("a"), P("b")});
  ASSERT_TRUE(far.ok());
  EXPECT_EQ(far->commit->id, first.commit->id);
  EXPECT_EQ(graph_.Marks().at("commits"), 2u);
}

TEST_F(MutateTest, IfCommitLandsOnThatHeadOnly) {
  const MutateResult first = Must({P("a")});
  Must({P("b")});
  const auto before = graph_.Marks();
  const auto lost = Run({P("c")}, {.if_commit = first.commit->id});
  ExpectError(lost, ErrorId::kPreconditionFailed, "the head is");
  EXPECT_EQ(lost.status().detail()->kind, "precondition_failure");
  ExpectError(Run({DeleteP("zz")}, {.if_commit = first.commit->id}), ErrorId::kPreconditionFailed,
              "the head is");
  EXPECT_EQ(graph_.Marks(), before);
  const std::string head = graph_.catalog->Head(graph_.request)->commit().id;
  EXPECT_TRUE(Run({P("c")}, {.if_commit = head}).ok());
}

/// Runs `second` once, between this mutation's plan and its publish.
void Interrupt(TestGraph& graph, const std::function<void()>& second) {
  graph.faults->Add({.operation = "stage",
                     .nth = 1,
                     .action = store::MemoryFault::Action::kNone,
                     .before = second});
}

// req: WRITE-8, WRITE-9
TEST_F(MutateTest, ALostRaceRunsAgainOnWhatTheWinnerLeft) {
  Must({P("a", {{"n", Number(1)}})});
  TestGraph rival(graph_, 7);
  Interrupt(graph_, [&] {
    ASSERT_TRUE(
        RunOn(rival, {Update("P", {{"n", Number(2)}}, "k", CompareOp::kEqual, Text("a"))}).ok());
  });
  const MutateResult ours =
      Must({Update("P", {{"n", Number(3)}}, "n", CompareOp::kEqual, Number(1))});
  EXPECT_EQ(ours.affected_nodes, 0u) << "the row it meant is another by now";
  EXPECT_EQ(Ps(), "a:2 ");
  Interrupt(graph_, [&] { ASSERT_TRUE(RunOn(rival, {DeleteP("a")}).ok()); });
  ExpectError(Run({P("b"), InsertEdge("E", "b", "a")}), ErrorId::kConstraintViolation,
              "dst 'a' not found in P");
}

// req: GRAPH-19, WRITE-42
TEST_F(MutateTest, AFailureAtAnyStatementLeavesNoTrace) {
  Must({P("a"), P("b"), InsertEdge("E", "a", "b")});
  const auto before = graph_.Marks();
  const std::vector<ir::Statement> good = {
      P("c"), DeleteP("a"), InsertEdge("E", "c", "b"),
      Update("P", {{"n", Number(1)}}, "k", CompareOp::kEqual, Text("b"))};
  for (size_t n = 0; n <= good.size(); ++n) {
    std::vector<ir::Statement> statements = good;
    statements.insert(statements.begin() + static_cast<ptrdiff_t>(n),
                      P("d", {{"n", Number(1LL << 40)}}));
    EXPECT_FALSE(Run(statements).ok());
    EXPECT_EQ(graph_.Marks(), before);
  }
  EXPECT_TRUE(Must(good).commit);
}

// req: GRAPH-25
TEST_F(MutateTest, PendingRowsStayWithinTheBudget) {
  MemoryBudget budget(2000);
  graph_.request.budget = &budget;
  std::vector<ir::Statement> statements;
  for (int i = 0; i < 100; ++i) statements.push_back(P("p" + std::to_string(i)));
  ExpectError(Run(statements), ErrorId::kMemoryBudget, "pending rows");
  graph_.request.budget = nullptr;
  EXPECT_EQ(graph_.Rows("node:P"), 0u);
  EXPECT_EQ(budget.bytes_used(), 0);
}

// A process that keeps its key maps reads no table to insert nodes and edges, and sees what others
// did.
TEST_F(MutateTest, KnownIdsAreNotReadAgain) {
  MutationQueue queue(*graph_.catalog, graph_.clock, int64_t{1} << 20);
  const auto must = [&](std::vector<ir::Statement> statements) {
    const auto result = RunIn(queue, graph_, std::move(statements));
    EXPECT_TRUE(result.ok()) << result.status().ToString();
  };
  must({P("a"), P("b"), InsertNode("C", {{"a", Number(1)}, {"b", Text("x")}})});
  must({P("c"), InsertEdge("ToC", "a", "[\"1\",\"x\"]")});
  const uint64_t scans = graph_.faults->calls("scan");
  must({P("d"), InsertEdge("ToC", "c", "[\"1\",\"x\"]"), InsertEdge("ToC", "d", "[\"1\",\"x\"]")});
  EXPECT_EQ(graph_.faults->calls("scan"), scans);
  ExpectError(RunIn(queue, graph_, {InsertEdge("ToC", "zz", "[\"1\",\"x\"]")}),
              ErrorId::kConstraintViolation, "src 'zz' not found in P");
  must({DeleteP("d")});
  ExpectError(RunIn(queue, graph_, {InsertEdge("ToC", "d", "[\"1\",\"x\"]")}),
              ErrorId::kConstraintViolation, "src 'd' not found in P");
  must({P("a", {{"n", Number(4)}})});  // an upsert still finds its row
  EXPECT_EQ(Ps(), "a:4 b:null c:null ");
  TestGraph rival(graph_, 7);
  ASSERT_TRUE(RunOn(rival, {DeleteP("a"), P("e")}).ok());
  must({InsertEdge("ToC", "e", "[\"1\",\"x\"]")});
  ExpectError(RunIn(queue, graph_, {InsertEdge("ToC", "a", "[\"1\",\"x\"]")}),
              ErrorId::kConstraintViolation, "src 'a' not found in P");
}

}  // namespace
}  // namespace tarn::write
