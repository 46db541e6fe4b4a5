// What people try because other languages have it, and what they are told to write instead.
#include "tarn/gq/harbour_for_test.h"

namespace tarn::gq {
namespace {

std::string SuggestionFor(const std::string& text) {
  const Compiled compiled = CompileQuery(Source(text), "", Harbour());
  return compiled.diagnostics.empty() ? "" : compiled.diagnostics[0].suggestion;
}
std::string InMatch(const std::string& clauses) {
  return SuggestionFor("query q() { match { $p: Port " + clauses + " } return { $p.code } }");
}
std::string InReturn(const std::string& columns, const std::string& rest = "") {
  return SuggestionFor("query q() { match { $p: Port $s $c:callsAt $p } return { " + columns +
                       " } " + rest + " }");
}

// req: GRAPH-1
TEST(Suggestions, LeadFromOtherLanguagesToThisOne) {
  const std::string header = "a query is written `query name($x: String)";
  EXPECT_TRUE(SuggestionFor("MATCH (p:Port) RETURN p.code").starts_with(header));
  EXPECT_TRUE(SuggestionFor("SELECT * FROM Port").starts_with(header));
  EXPECT_TRUE(SuggestionFor("query q { match { $p: Port } return { $p } }")
                  .starts_with("write `query q() { ... }`"));
  EXPECT_TRUE(InMatch(", $s callsAt $p").starts_with("leave it out"));
  EXPECT_EQ(InMatch("$p.region = null"), "write `... is null` or `... is not null`");
  EXPECT_EQ(InMatch("$p.region is \"baltic\""), "values are compared with `=` and `!=`");
  EXPECT_EQ(InMatch("$p.code in (\"A\")"), "a list is written in brackets: `in [1, 2]`");
  EXPECT_EQ(InMatch("$p.code ends_with \"A\""), "it is a function: `ends_with($p.name, \"x\")`");
  EXPECT_EQ(InMatch("$p.code <> \"A\""), "inequality is written `!=`");
  EXPECT_EQ(InMatch("$p.code starts with \"A\""), "write `starts_with`");
  EXPECT_EQ(InMatch("$p feeds* $q"), "several hops are written `feeds{1,3}`");
  EXPECT_EQ(InMatch("s: Ship"), "variables begin with a dollar sign: `$s`");
  EXPECT_EQ(InReturn("p.code"), "variables begin with a dollar sign: `$p`");
  EXPECT_EQ(InReturn("$p.code", "order by $p.code"), "write `order { $p.name desc }`");
  EXPECT_EQ(InReturn("$p.code", "limit 3 skip 2"), "rows are skipped with `offset n`");
  EXPECT_TRUE(InReturn("count(*)").starts_with("`count($p)` counts rows"));
  EXPECT_TRUE(InReturn("count()").starts_with("`count($p)` counts rows"));
  EXPECT_TRUE(InReturn("distinct $p.region").starts_with("it stands before the braces"));
  EXPECT_TRUE(InReturn("nvl2($p.code)").starts_with("there are date, datetime, now, nearest,"));
}

TEST(Suggestions, SpellOutWhatAWordCouldHaveMeant) {
  EXPECT_EQ(InReturn("depth_m"), "write `$p.depth_m`");
  EXPECT_EQ(InReturn("berth"), "write `$c.berth`");
  EXPECT_EQ(InReturn("$p.id"), "the id of a node is the variable alone: `$p`");
  EXPECT_EQ(InReturn("$c.from"), "the ends of an edge are the variables on both sides of it");
}

TEST(Suggestions, NameTheQueriesOfAFileThatHoldsSeveral) {
  const std::string one = "query one() { match { $p: Port } return { $p } }\n";
  const std::string two = "query two() { match { $p: Port } return { $p } }\n";
  EXPECT_EQ(SuggestionFor(one + two), "name the one to run: it holds one, two");
  const Compiled unknown = CompileQuery(Source(one + two), "something", Harbour());
  EXPECT_EQ(unknown.diagnostics.at(0).suggestion, "it holds one, two");
}

}  // namespace
}  // namespace tarn::gq
