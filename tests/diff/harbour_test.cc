#include "harbour.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ask.h"

// The specification's examples with the answers it states, and its rules about what a match means.

namespace tarn::diff {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class Harbour : public ::testing::Test {
 protected:
  std::vector<std::string> AskHarbour(const std::string& body, const std::string& signature = "",
                                      const std::string& params = "") {
    return Ask(*world_, "query q(" + signature + ") {" + body + "}", params);
  }
  std::unique_ptr<World> world_ = MakeHarbour();
};

// §5.4 Binding. req: GRAPH-1
TEST_F(Harbour, PatternOnEnumAndListHoldsForBoth) {
  EXPECT_THAT(
      AskHarbour(R"(match { $p: Port { region: "baltic", tags: "box" } } return { $p.code })"),
      IsEmpty());
  EXPECT_THAT(
      AskHarbour(R"(match { $p: Port { region: "north-sea", tags: "box" } } return { $p.code })"),
      ElementsAre("'SEGOT'"));
}

TEST_F(Harbour, TraversalTakesItsDirectionFromTheTypes) {
  EXPECT_THAT(
      AskHarbour(
          "match { $p: Port { code: $code }  $s callsAt $p } return { $s.name } order { $s.name }",
          "$code: String", R"({"code":"PLGDN"})"),
      ElementsAre("'Alma'", "'Birk'"));
  EXPECT_THAT(AskHarbour("match { $p: Port { code: \"PLGDN\" }  $p callsAt $s } return { $s.name } "
                         "order { $s.name }"),
              ElementsAre("'Alma'", "'Birk'"));
}

// trap: 30
TEST_F(Harbour, OnASameTypeEdgeTheTextDecidesTheDirection) {
  EXPECT_THAT(
      AskHarbour(
          "match { $p: Port { code: $code }  $q feeds $p } return { $q.code } order { $q.code }",
          "$code: String", R"({"code":"PLGDN"})"),
      ElementsAre("'FIHEL'", "'SEGOT'"));
  EXPECT_THAT(AskHarbour("match { $p: Port { code: \"PLGDN\" }  $p feeds $q } return { $q.code }"),
              ElementsAre("'EETLL'"));
}

// trap: 2
TEST_F(Harbour, AnEdgeVariableGivesOneRowPerEdge) {
  EXPECT_THAT(AskHarbour("match { $s: Ship  $s $c:callsAt $p  $c.berth >= 4 } return { $s.name, "
                         "$p.code, $c.berth } "
                         "order { $c.berth desc }"),
              ElementsAre("'Alma' 'SEGOT' 7", "'Alma' 'SEGOT' 4"));
}

// trap: 27
TEST_F(Harbour, AnUnboundHopCollapsesParallelEdges) {
  EXPECT_THAT(AskHarbour("match { $s callsAt $p } return { $s.name, $p.code }"),
              UnorderedElementsAre("'Alma' 'SEGOT'", "'Alma' 'PLGDN'", "'Birk' 'PLGDN'"));
  EXPECT_THAT(
      AskHarbour(
          "match { $s callsAt $p } return { $s.name, count($p) as ports } order { $s.name }"),
      ElementsAre("'Alma' 2", "'Birk' 1"));
}

TEST_F(Harbour, NegationDropsRowsWithAMatch) {
  EXPECT_THAT(AskHarbour("match { $s: Ship  not { $s callsAt $_ } } return { $s.name }"),
              ElementsAre("'Cato'"));
  EXPECT_THAT(AskHarbour("match { $s: Ship  not { $s $c:callsAt $p  $c.berth < 5 } } return { "
                         "$s.name } order { $s.name }"),
              ElementsAre("'Birk'", "'Cato'"));
}

// §7.2 [fix]: a backward traversal inside `not` goes backward.
TEST_F(Harbour, NegationGoesBackwardFromTheFarEnd) {
  EXPECT_THAT(
      AskHarbour("match { $p: Port  not { $s callsAt $p } } return { $p.code } order { $p.code }"),
      ElementsAre("'EETLL'", "'FIHEL'"));
}

// §5.7. trap: 33
TEST_F(Harbour, CountsSkipNullsAndCountRows) {
  EXPECT_THAT(
      AskHarbour(
          "match { $p: Port  $s $c:callsAt $p } return { $p.code, count($c.berth) as berthed, "
          "count($s) as calls } order { berthed desc }"),
      ElementsAre("'SEGOT' 2 2", "'PLGDN' 1 2"));
}

// §7.3. trap: 25
TEST_F(Harbour, BoundedReachIsByShortestDepthAndNeverTheSource) {
  const std::string query =
      "match { $a: Port { code: $from }  $a feeds{%} $b } return { $b.code } order { $b.code }";
  const auto reach = [&](const std::string& bounds, const std::string& from) {
    std::string text = query;
    text.replace(text.find('%'), 1, bounds);
    return AskHarbour(text, "$from: String", "{\"from\":\"" + from + "\"}");
  };
  EXPECT_THAT(reach("1,3", "SEGOT"), ElementsAre("'EETLL'", "'FIHEL'", "'PLGDN'"));
  EXPECT_THAT(reach("2,3", "SEGOT"), ElementsAre("'EETLL'", "'FIHEL'"));
  EXPECT_THAT(reach("1,3", "PLGDN"), ElementsAre("'EETLL'", "'FIHEL'"));
  EXPECT_THAT(reach("1,4000000000", "SEGOT"), ElementsAre("'EETLL'", "'FIHEL'", "'PLGDN'"));
}

TEST_F(Harbour, BoundsOnAnEdgeBetweenTwoTypesAreOneHopOrNothing) {
  EXPECT_EQ(AskHarbour("match { $s callsAt{1,4} $p } return { $s.name, $p.code }").size(), 3U);
  EXPECT_THAT(AskHarbour("match { $s callsAt{2,4} $p } return { $s.name, $p.code }"), IsEmpty());
}

// trap: 26
TEST_F(Harbour, ChainedHopsEnumerateWalks) {
  EXPECT_THAT(AskHarbour("match { $a: Port { code: \"PLGDN\" }  $a feeds $b  $b feeds $c  $c feeds "
                         "$d } return { $d.code }"),
              ElementsAre("'PLGDN'"));
  EXPECT_THAT(
      AskHarbour("match { $a: Port { code: \"PLGDN\" }  $a feeds{3,3} $d } return { $d.code }"),
      IsEmpty());
}

// §7.5. trap: 35
TEST_F(Harbour, NullIsTheSmallestValue) {
  EXPECT_THAT(AskHarbour("match { $p: Port } return { $p.code, $p.depth_m } order { $p.depth_m }"),
              ElementsAre("'EETLL' null", "'FIHEL' f13.5", "'PLGDN' f15", "'SEGOT' f19"));
  EXPECT_THAT(AskHarbour("match { $p: Port } return { $p.code } order { $p.depth_m desc }"),
              ElementsAre("'SEGOT'", "'PLGDN'", "'FIHEL'", "'EETLL'"));
}

// trap: 23
TEST_F(Harbour, NotEqualDropsNullsAndContainsOfNullIsFalse) {
  EXPECT_THAT(AskHarbour("match { $p: Port  $p.depth_m != 19.0 } return { $p.code }"),
              UnorderedElementsAre("'PLGDN'", "'FIHEL'"));
  EXPECT_THAT(AskHarbour("match { $p: Port  not { $p.tags contains \"box\" } } return { $p.code }"),
              UnorderedElementsAre("'PLGDN'", "'EETLL'", "'FIHEL'"));
}

// trap: 24
TEST_F(Harbour, NegatedFilterKeepsNulls) {
  EXPECT_THAT(
      AskHarbour("match { $s: Ship  not { $s.built < date(\"2010-01-01\") } } return { $s.name }"),
      UnorderedElementsAre("'Birk'", "'Cato'"));
  EXPECT_THAT(AskHarbour("match { $s: Ship  $s.built >= date(\"2010-01-01\") } return { $s.name }"),
              ElementsAre("'Birk'"));
}

// §8.1. trap: 41
TEST_F(Harbour, TextPredicatesMatchTokens) {
  EXPECT_THAT(AskHarbour("match { $s: Ship  search($s.log, \"FOG\") } return { $s.name }"),
              UnorderedElementsAre("'Alma'", "'Birk'"));
  EXPECT_THAT(AskHarbour("match { $s: Ship  search($s.log, \"the and\") } return { $s.name }"),
              IsEmpty());
  EXPECT_THAT(
      AskHarbour("match { $s: Ship  search($s.log, $q) } return { $s.name }", "$q: String?"),
      IsEmpty());
  EXPECT_THAT(AskHarbour("match { $s: Ship  search($s.log, \"fog\")  search($s.log, \"strait\") } "
                         "return { $s.name }"),
              ElementsAre("'Birk'"));
}

// §8.1 [fix]: also for a variable that a traversal introduced, in `not`, and compared with false.
TEST_F(Harbour, TextPredicatesHoldWhereverTheVariableComesFrom) {
  EXPECT_THAT(AskHarbour("match { $p: Port { code: \"PLGDN\" }  $s callsAt $p  search($s.log, "
                         "\"calm\") } return { $s.name }"),
              ElementsAre("'Alma'"));
  EXPECT_THAT(AskHarbour("match { $s: Ship  not { search($s.log, \"fog\") } } return { $s.name }"),
              ElementsAre("'Cato'"));
  EXPECT_THAT(AskHarbour("match { $s: Ship  search($s.log, \"calm\") = false } return { $s.name }"),
              UnorderedElementsAre("'Birk'", "'Cato'"));
}

TEST_F(Harbour, FuzzyCountsEdits) {
  EXPECT_THAT(AskHarbour("match { $s: Ship  fuzzy($s.log, \"straight\", 2) } return { $s.name }"),
              ElementsAre("'Birk'"));
  EXPECT_THAT(AskHarbour("match { $s: Ship  fuzzy($s.log, \"straight\", 1) } return { $s.name }"),
              IsEmpty());
  EXPECT_THAT(AskHarbour("match { $s: Ship  fuzzy($s.log, \"fogg\") } return { $s.name }"),
              UnorderedElementsAre("'Alma'", "'Birk'"));
}

// §8.2. trap: 38. trap: 39. trap: 42
TEST_F(Harbour, NearestRanksVectorsAndLeavesOutNulls) {
  EXPECT_THAT(
      AskHarbour("match { $s: Ship } return { $s.name } order { nearest($s.log_vec, $v) } limit 2",
                 "$v: Vector(3)", R"({"v":[1,0,0]})"),
      ElementsAre("'Alma'", "'Birk'"));
  EXPECT_THAT(
      AskHarbour(
          "match { $s: Ship } return { $s.name } order { nearest($s.log_vec, [0, 1, 0]) } limit 9"),
      ElementsAre("'Birk'", "'Alma'"));
}

// §8.2 [fix], §16: the rank holds for whatever rows bind the variable. req: GRAPH-5. req: GRAPH-11
TEST_F(Harbour, NearestRanksRowsThatATraversalBinds) {
  EXPECT_THAT(AskHarbour("match { $p: Port { code: \"PLGDN\" }  $s callsAt $p } return { $s.name } "
                         "order { nearest($s.log_vec, [0, 1, 0]) } limit 1"),
              ElementsAre("'Birk'"));
  EXPECT_THAT(AskHarbour("match { $s: Ship  $s.name = \"Alma\" } return { $s.name } "
                         "order { nearest($s.log_vec, [0, 1, 0]) } limit 1"),
              ElementsAre("'Alma'"));
}

// trap: 37
TEST_F(Harbour, LimitCountsRowsAfterFanOut) {
  EXPECT_THAT(AskHarbour("match { $s: Ship  $s $c:callsAt $p } return { $s.name, $c.berth } "
                         "order { nearest($s.log_vec, [1, 0, 0]) } limit 2"),
              ElementsAre("'Alma' 4", "'Alma' 7"));
}

// §8.6. req: GRAPH-5
TEST_F(Harbour, ScoresAreColumns) {
  const auto rows = AskHarbour(
      "match { $s: Ship } return { $s.name, bm25($s.log, \"fog\") as score } order { score desc }");
  ASSERT_EQ(rows.size(), 2U);
  const auto unranked = AskHarbour(
      "match { $s: Ship } return { $s.name, bm25($s.log, \"strait\") as score } order { $s.name }");
  ASSERT_EQ(unranked.size(), 3U);
  EXPECT_EQ(unranked[0], "'Alma' null");
  EXPECT_THAT(AskHarbour("match { $s: Ship } return { $s.name, search($s.log, \"calm\") as calm, "
                         "nearest($s.log_vec, [1, 0, 0]) as far } order { $s.name }"),
              ElementsAre("'Alma' true f0", "'Birk' false f1", "'Cato' false null"));
}

// §8.4. req: GRAPH-4
TEST_F(Harbour, FusionRanksRowsOfEitherArm) {
  EXPECT_THAT(AskHarbour("match { $s: Ship } return { $s.name, rrf(nearest($s.log_vec, [1, 0, 0]), "
                         "bm25($s.log, \"strait\")) as f } "
                         "order { f } limit 10"),
              ElementsAre("'Birk' f" + fmt::format("{}", 1.0 / 62 + 1.0 / 61),
                          "'Alma' f" + fmt::format("{}", 1.0 / 61)));
  // A nearest arm is cut at the limit: with one candidate only Alma is near, and the tie goes to
  // the primary arm.
  EXPECT_THAT(
      AskHarbour("match { $s: Ship } return { $s.name } "
                 "order { rrf(nearest($s.log_vec, [1, 0, 0]), bm25($s.log, \"strait\")) } limit 1"),
      ElementsAre("'Alma'"));
}

// §10.2
TEST_F(Harbour, EmptyAggregates) {
  EXPECT_THAT(
      AskHarbour(
          "match { $p: Port { code: \"XXXXX\" } } return { count($p) as n, sum($p.depth_m) as s, "
          "avg($p.depth_m) as a, min($p.name) as m }"),
      ElementsAre("0 null null null"));
  EXPECT_THAT(
      AskHarbour("match { $p: Port { code: \"XXXXX\" } } return { $p.region, count($p) as n }"),
      IsEmpty());
  EXPECT_THAT(
      AskHarbour("match { $s: Ship } return { $s.built, count($s) as n } order { n, $s.built }"),
      ElementsAre("null 1", "d12539 1", "d15247 1"));
}

// trap: 65
TEST_F(Harbour, LimitZeroHasColumnsAndNoRows) {
  EXPECT_THAT(
      AskHarbour(
          "match { $s: Ship } return { $s.name } order { nearest($s.log_vec, [1, 0, 0]) } limit 0"),
      IsEmpty());
  const auto query = Compile(
      *world_, "query q() { match { $s: Ship } return { $s.name, count($s) as n } limit 0 }");
  const auto result = diff::Run(*world_, query, {}, Mode{});
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->columns, ElementsAre("s.name", "n"));
}

// §7.6
TEST_F(Harbour, NowIsOneTimestamp) {
  EXPECT_THAT(AskHarbour("match { $p: Port { code: \"SEGOT\" } } return { now(), $p.name }"),
              ElementsAre("t1780000000000 'Gothenburg'"));
  EXPECT_THAT(
      AskHarbour(
          "match { $s $c:callsAt $p  $c.arrived < now() } return { count($c.arrived) as n }"),
      ElementsAre("4"));
}

// §5.6, §10.1
TEST_F(Harbour, ABareVariableIsItsId) {
  EXPECT_THAT(AskHarbour("match { $s: Ship { imo: 9300002 } } return { $s, $x, 7, \"seven\" }",
                         "$x: I64", R"({"x":3})"),
              ElementsAre("'9300002' 3 7 'seven'"));
}

// §5.1 [fix]: an operator is positional.
TEST_F(Harbour, TextOperatorsArePositional) {
  EXPECT_THAT(AskHarbour("match { $p: Port  \"old Gdansk\" contains $p.name } return { $p.code }"),
              ElementsAre("'PLGDN'"));
  EXPECT_THAT(
      AskHarbour(
          "match { $p: Port  $p.name starts_with \"G\" } return { $p.code } order { $p.code }"),
      ElementsAre("'PLGDN'", "'SEGOT'"));
  EXPECT_THAT(AskHarbour("match { $p: Port  $p.name contains \"%\" } return { $p.code }"),
              IsEmpty());
}

// §7.1 [fix]: a match of traversals alone.
TEST_F(Harbour, AMatchMayHoldOnlyTraversals) {
  EXPECT_THAT(AskHarbour("match { $a feeds $b  $b feeds $a } return { $a.code }"), IsEmpty());
  EXPECT_THAT(
      AskHarbour(
          "match { $a feeds $b  $b feeds $c  $c feeds $a } return { $a.code } order { $a.code }"),
      ElementsAre("'EETLL'", "'FIHEL'", "'PLGDN'"));
}

TEST_F(Harbour, UnconnectedBindingsAreACrossProduct) {
  EXPECT_EQ(AskHarbour("match { $p: Port  $s: Ship } return { $p.code, $s.name }").size(), 12U);
  EXPECT_THAT(AskHarbour("match { $p: Port  $s: Ship } return { count($p) as n }"),
              ElementsAre("12"));
  EXPECT_THAT(
      AskHarbour("match { $p: Port  $s: Ship { name: \"nobody\" } } return { count($p) as n }"),
      ElementsAre("0"));
}

// §5.4 [fix]: binding again is a conjunction.
TEST_F(Harbour, RebindingAddsPatterns) {
  EXPECT_THAT(AskHarbour("match { $s callsAt $p  $p: Port { region: \"baltic\" } } return { "
                         "$s.name } order { $s.name }"),
              ElementsAre("'Alma'", "'Birk'"));
}

// §7.2: an inner pattern that always holds drops every row.
TEST_F(Harbour, NegationOfWhatAlwaysHoldsKeepsNothing) {
  EXPECT_THAT(AskHarbour("match { $p: Port  not { $p: Port } } return { $p.code }"), IsEmpty());
  EXPECT_THAT(AskHarbour("match { $p: Port  not { $s callsAt $p  not { $s.name = \"Alma\" } } } "
                         "return { $p.code } order { $p.code }"),
              ElementsAre("'EETLL'", "'FIHEL'", "'SEGOT'"));
}

}  // namespace
}  // namespace tarn::diff
