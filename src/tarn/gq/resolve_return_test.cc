#include "tarn/gq/harbour_for_test.h"

namespace tarn::gq {
namespace {

using Dump = std::vector<std::string>;

Dump Columns(std::string_view columns, std::string_view tail = "", std::string_view parameters = "",
             std::string_view match = "$p: Port $s $c:callsAt $p") {
  return Lines(MustRead(Read(match, columns, tail, parameters)), "  Return");
}
Dump Order(std::string_view columns, std::string_view tail, std::string_view match = "$s: Ship") {
  return Lines(MustRead(Read(match, columns, tail)), "  Order");
}

TEST(ColumnNames, FollowTheTable) {
  EXPECT_EQ(Columns("$p.code, $p, $x, \"a\", now(), $c.berth as b, [1]", "", "$x: I32?"),
            (Dump{"p.code: String = $p.code", "p: String = Entity($p)", "x: I32? = Parameter(x)",
                  "literal: String = \"a\"", "now: DateTime = Now()", "b: I32? = $c.berth",
                  "literal: [I64] = [1]"}));
  EXPECT_EQ(
      Columns("$p.code count($p.code) count($p) sum($c.berth) avg($c.berth) as mean min($p.name) "
              "max($s.imo)"),
      (Dump{"p.code: String = $p.code", "p.code: I64 = Aggregate(count, $p.code)",
            "p: I64 = Aggregate(count, Entity($p))", "c.berth: F64? = Aggregate(sum, $c.berth)",
            "mean: F64? = Aggregate(avg, $c.berth)", "p.name: String? = Aggregate(min, $p.name)",
            "s.imo: I64? = Aggregate(max, $s.imo)"}));
}

// Departs from the reference, which fails at run time. req: GRAPH-5
TEST(Scores, AreColumns) {
  EXPECT_EQ(
      Columns(
          "bm25($s.log, \"fog\") as score, nearest($s.log_vec, [1,0,0]), search($s.log, \"fog\")"),
      (Dump{"score: F64? = Bm25(field: $s.log, query: \"fog\")",
            "nearest: F64? = Nearest(field: $s.log_vec, query: [1.0,0.0,0.0], metric: cosine)",
            "search: Bool? = TextMatch(search, field: $s.log, query: \"fog\")"}));
}

// req: GRAPH-4
TEST(Scores, FuseInOneQueryWithATraversal) {
  const ir::Query query = MustRead(
      Read("$p: Port $s callsAt $p", "$s.name",
           "order { rrf(nearest($s.log_vec, $q), bm25($s.log, $q)) } limit 10", "$q: String"));
  EXPECT_EQ(Lines(query, "  Order"),
            (Dump{"Rrf(Nearest(field: $s.log_vec, query: Parameter(q), metric: cosine), "
                  "Bm25(field: $s.log, query: Parameter(q)), k: 60) desc"}));
}

// Departs from the reference, where an alias in `return` checks and then fails.
TEST(Aliases, MayBeUsedLaterInReturn) {
  EXPECT_EQ(Columns("$p.code as a, a as b, b, b as d"),
            (Dump{"a: String = $p.code", "b: String = Column(0)", "b: String = Column(0)",
                  "d: String = Column(0)"}));
}

TEST(Aliases, ThatAreUnknownAreStaticErrors) {
  EXPECT_EQ(CodeOf(Read("$p: Port", "$p.code as a, b")), "T6");
  EXPECT_EQ(CodeOf(Read("$p: Port", "$p.code", "order { null }")), "-");
}

TEST(Aliases, MayReadLikeKeywords) {
  EXPECT_EQ(
      Order("$s.name as trueness, $s.imo as false_positives, $s.log as desc, $s.built as limit",
            "order { trueness, false_positives desc, desc desc, limit }"),
      (Dump{"Column(0) asc", "Column(1) desc", "Column(2) desc", "Column(3) asc"}));
}

TEST(Order, TakesPropertiesAndColumns) {
  EXPECT_EQ(Order("$s.name as n, $s", "order { $s.imo desc, n, $s asc }"),
            (Dump{"$s.imo desc", "Column(0) asc", "Column(1) asc"}));
}

// Departs from the reference, which sorts `asc` and `desc` alike and drops further keys.
TEST(Order, OfARankingIsBestFirst) {  // trap: 38
  EXPECT_EQ(Order("$s", "order { bm25($s.log, \"fog\"), $s.name }"),
            (Dump{"Bm25(field: $s.log, query: \"fog\") desc", "$s.name asc"}));
  EXPECT_EQ(Order("$s", "order { bm25($s.log, \"fog\") desc }")[0],
            "Bm25(field: $s.log, query: \"fog\") desc");
  EXPECT_EQ(Order("$s", "order { bm25($s.log, \"fog\") asc }")[0],
            "Bm25(field: $s.log, query: \"fog\") asc");
  EXPECT_EQ(Order("$s", "order { nearest($s.log_vec, [1,0,0]) } limit 1")[0],
            "Nearest(field: $s.log_vec, query: [1.0,0.0,0.0], metric: cosine) asc");
}

TEST(Order, ByAScoreAliasIsTheRanking) {
  EXPECT_EQ(Order("bm25($s.log, \"fog\") as score", "order { score }")[0],
            "Bm25(field: $s.log, query: \"fog\") desc");
  EXPECT_EQ(Order("bm25($s.log, \"fog\") as score", "order { score asc }")[0],
            "Bm25(field: $s.log, query: \"fog\") asc");
  EXPECT_EQ(Order("nearest($s.log_vec, [1,0,0]) as d", "order { d } limit 2")[0],
            "Nearest(field: $s.log_vec, query: [1.0,0.0,0.0], metric: cosine) asc");
  EXPECT_EQ(Order("$s.name as n, bm25($s.log, \"fog\") as score", "order { n, score }"),
            (Dump{"Column(0) asc", "Column(1) desc"}));
}

TEST(Order, ByADistanceAliasMayHaveFurtherAliases) {
  EXPECT_EQ(Order("$s.name as n, nearest($s.log_vec, [1,0,0]) as d", "order { d, n } limit 2")[1],
            "Column(0) asc");
}

// Departs from the reference, which finds `$p.code` only when it has no alias.
TEST(Order, OfAnAggregateQueryNamesResultColumns) {  // trap: 34
  const std::string match = "$p: Port $s $c:callsAt $p";
  EXPECT_EQ(Order("$p.code as code, count($s) as n", "order { n desc, $p.code, code }", match),
            (Dump{"Column(1) desc", "Column(0) asc", "Column(0) asc"}));
  EXPECT_EQ(Order("$p.code, count($s)", "order { count($s) desc, $p.code }", match),
            (Dump{"Column(1) desc", "Column(0) asc"}));
  EXPECT_EQ(Order("$p, count($s)", "order { $p }", match), Dump{"Column(0) asc"});
}

TEST(Parameters, ShadowRowsWhenBare) {  // trap: 32
  EXPECT_EQ(Columns("$p, $p.code", "", "$p: I64"),
            (Dump{"p: I64 = Parameter(p)", "p.code: String = $p.code"}));
}

TEST(Limit, IsAnyUnsignedNumber) {  // trap: 65
  EXPECT_EQ(MustRead(Read("$p: Port", "$p", "limit 0")).limit->literal, 0u);
  EXPECT_EQ(MustRead(Read("$p: Port", "$p", "limit 18446744073709551615")).limit->literal,
            UINT64_MAX);
  EXPECT_FALSE(MustRead(Read("$p: Port", "$p")).limit.has_value());
}

// trap: 63
TEST(CheckOrder, IsParametersMatchReturnOrderThenTheRest) {
  const std::string nearest = "nearest($s.log_vec, [1,0,0])";
  const auto codes = [](std::string_view text) {
    std::string out;
    for (const Diagnostic& diagnostic : CompileQuery(Source(text), "", Harbour()).diagnostics) {
      out += (diagnostic.code.empty() ? "-" : diagnostic.code) + " ";
    }
    return out;
  };
  EXPECT_EQ(
      codes(Read("$x: Nix $s: Ship", "$s.nix, count($s), \"x\"", "order { $s.nix2 }", "$a: Nix")),
      "- T1 T6 T6 T9 ");
  EXPECT_EQ(codes(Read("$s: Ship", "$s.name as n", "order { " + nearest + ", n }")), "T17 T18 ");
  EXPECT_EQ(codes(Read("$s: Ship",
                       "rrf(bm25($s.log, \"a\"), bm25($s.log, \"b\")) as r, " + nearest + " as d",
                       "order { r, d }")),
            "T21 T17 ");
}

}  // namespace
}  // namespace tarn::gq
