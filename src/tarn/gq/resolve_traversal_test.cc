#include "tarn/gq/harbour_for_test.h"

namespace tarn::gq {
namespace {

/// The line of the last traversal.
std::string LastTraversal(std::string_view match, const schema::Schema& schema = Harbour()) {
  std::string last;
  for (const std::string& line : Lines(MustRead(Read(match), schema))) {
    if (line.starts_with("Traversal")) last = line;
  }
  return last;
}

// trap: 30
TEST(Direction, ComesFromTheTypesOfWhatIsBound) {
  EXPECT_EQ(LastTraversal("$s: Ship  $s callsAt $p"),
            "Traversal $s: Ship CallsAt $p: Port, forward, hops: 1..1");
  EXPECT_EQ(LastTraversal("$p: Port  $p callsAt $s"),
            "Traversal $p: Port CallsAt $s: Ship, backward, hops: 1..1");
  EXPECT_EQ(LastTraversal("$p: Port  $s callsAt $p"),
            "Traversal $s: Ship CallsAt $p: Port, forward, hops: 1..1");
  EXPECT_EQ(LastTraversal("$s: Ship  $p callsAt $s"),
            "Traversal $p: Port CallsAt $s: Ship, backward, hops: 1..1");
  EXPECT_EQ(LastTraversal("$s callsAt $p"),
            "Traversal $s: Ship CallsAt $p: Port, forward, hops: 1..1");
  EXPECT_EQ(LastTraversal("$s: Ship  $p: Port  $p callsAt $s"),
            "Traversal $p: Port CallsAt $s: Ship, backward, hops: 1..1");
}

// trap: 30
TEST(Direction, IsLiteralWithinOneType) {
  EXPECT_EQ(LastTraversal("$p: Port  $p feeds $q"),
            "Traversal $p: Port Feeds $q: Port, forward, hops: 1..1");
  EXPECT_EQ(LastTraversal("$p: Port  $q feeds $p"),
            "Traversal $q: Port Feeds $p: Port, forward, hops: 1..1");
  EXPECT_EQ(LastTraversal("$p: Port  $q: Port  $q feeds $p"),
            "Traversal $q: Port Feeds $p: Port, forward, hops: 1..1");
}

// Departs from the reference, which goes forward in every negation.
TEST(Direction, IsInferredInsideANegation) {
  EXPECT_EQ(Lines(MustRead(Read("$p: Port  not { $p callsAt $_ }")))[2],
            "  Traversal $p: Port CallsAt $_1: Ship, backward, hops: 1..1");
  EXPECT_EQ(Lines(MustRead(Read("$p: Port  not { $s callsAt $p }")))[2],
            "  Traversal $s: Ship CallsAt $p: Port, forward, hops: 1..1");
}

TEST(Direction, OfAnAnonymousEndIsFree) {  // trap: 28
  EXPECT_EQ(LastTraversal("$p: Port  $_ callsAt $p"),
            "Traversal $_1: Ship CallsAt $p: Port, forward, hops: 1..1");
  const ir::Query query = MustRead(Read("$p: Port  $p feeds $_  $p feeds $_"));
  EXPECT_EQ(query.variables.size(), 3u);
  EXPECT_TRUE(query.variables[1].anonymous && query.variables[2].anonymous);
}

TEST(Traversal, CarriesBoundsAndEdges) {
  EXPECT_EQ(LastTraversal("$p: Port  $p feeds{2,3} $q"),
            "Traversal $p: Port Feeds $q: Port, forward, hops: 2..3");
  EXPECT_EQ(LastTraversal("$p: Port  $p <feeds>{1,2} $q"),
            "Traversal $p: Port Feeds $q: Port, both, hops: 1..2");
  EXPECT_EQ(LastTraversal("$p: Port  $p $f:feeds $q"),
            "Traversal $p: Port Feeds $q: Port, forward, hops: 1..1, edge: $f");
  EXPECT_EQ(LastTraversal("$p: Port  $p $f:<feeds> $q"),
            "Traversal $p: Port Feeds $q: Port, both, hops: 1..1, edge: $f");
  EXPECT_EQ(LastTraversal("$p: Port  $p $_:feeds $q"),
            "Traversal $p: Port Feeds $q: Port, forward, hops: 1..1, edge: $_2");
}

TEST(Traversal, ClosesACycle) {
  EXPECT_EQ(LastTraversal("$p: Port  $p feeds $p"),
            "Traversal $p: Port Feeds $p: Port, forward, hops: 1..1");
  EXPECT_EQ(LastTraversal("$a feeds $a"), "Traversal $a: Port Feeds $a: Port, forward, hops: 1..1");
  EXPECT_EQ(CodeOf(Read("$s callsAt $s")), "T5");
}

// Departs from the reference, which fails on a match without a node binding.
TEST(Traversal, NeedsNoBinding) {
  const ir::Query query = MustRead(Read("$s callsAt $p", "$s.name, $p.code"));
  EXPECT_EQ(query.match.clauses.size(), 1u);
  EXPECT_EQ(query.match.bound, (std::vector<ir::VarId>{0, 1}));
}

TEST(EdgeName, IsFoundExactlyThenByFold) {  // trap: 1
  const std::string line = "Traversal $s: Ship CallsAt $p: Port, forward, hops: 1..1";
  EXPECT_EQ(LastTraversal("$s callsAt $p"), line);
  EXPECT_EQ(LastTraversal("$s callsat $p"), line);
  EXPECT_EQ(LastTraversal("$s cALLSAT $p"), line);
}

TEST(EdgeName, MayReadLikeAKeyword) {  // trap: 3, 4
  const schema::Schema schema = SchemaOf(
      "node A { k: String @key  tags: [String]? }\n"
      "edge Contains: A -> A\nedge Not_now: A -> A\nedge NotNow: A -> A\nedge Limit: A -> A\nedge "
      "In: A -> A\n");
  EXPECT_EQ(LastTraversal("$a: A  $a contains $b", schema),
            "Traversal $a: A Contains $b: A, forward, hops: 1..1");
  EXPECT_EQ(LastTraversal("$a: A  $a contains{1,2} $b", schema),
            "Traversal $a: A Contains $b: A, forward, hops: 1..2");
  EXPECT_EQ(LastTraversal("$a: A  $a notNow $b", schema),
            "Traversal $a: A NotNow $b: A, forward, hops: 1..1");
  EXPECT_EQ(LastTraversal("$a: A  $a not_now $b", schema),
            "Traversal $a: A Not_now $b: A, forward, hops: 1..1");
  EXPECT_EQ(LastTraversal("$a: A  $a limit $b", schema),
            "Traversal $a: A Limit $b: A, forward, hops: 1..1");
  EXPECT_EQ(LastTraversal("$a: A  $a in $b", schema),
            "Traversal $a: A In $b: A, forward, hops: 1..1");
  EXPECT_EQ(
      Lines(MustRead(Read("$a: A  $x: A  $a.tags contains $b", "$a", "", "$b: String"), schema))
          .back(),
      "Filter Compare($a.tags contains Parameter(b))");
}

TEST(EdgeName, IsToldFromANodeTypeByItsCase) {  // trap: 2
  const schema::Schema schema =
      SchemaOf("node Knows { k: String @key }\nedge Knows: Knows -> Knows\n");
  EXPECT_EQ(Lines(MustRead(Read("$a: Knows  $w:Knows"), schema)),
            (std::vector<std::string>{"Binding $a: Knows", "Binding $w: Knows"}));
  EXPECT_EQ(LastTraversal("$a: Knows  $a $w : knows $b", schema),
            "Traversal $a: Knows Knows $b: Knows, forward, hops: 1..1, edge: $w");
}

TEST(Traversal, ABrokenEndIsNotReportedTwice) {
  const Compiled compiled = CompileQuery(
      Source(Read("$s: Ship  $s visits $p  $p feeds $q  $q.nme = 1", "$p.x, $q.y")), "", Harbour());
  ASSERT_EQ(compiled.diagnostics.size(), 1u);
  EXPECT_EQ(compiled.diagnostics[0].code, "T4");
}

TEST(Traversal, SuggestsAnEdgeInItsSpelling) {
  const Compiled compiled = CompileQuery(Source(Read("$s: Ship  $s callAt $p")), "", Harbour());
  ASSERT_FALSE(compiled.diagnostics.empty());
  EXPECT_EQ(compiled.diagnostics[0].suggestion, "did you mean `callsAt`?");
}

}  // namespace
}  // namespace tarn::gq
