#include "tarn/gq/harbour_for_test.h"

namespace tarn::gq {
namespace {

using Dump = std::vector<std::string>;

TEST(ResolveMatch, PatternsBecomeFiltersBehindTheirBinding) {
  EXPECT_EQ(Lines(MustRead(Read("$p: Port { region: \"baltic\", tags: \"box\", }  $s: Ship { }"))),
            (Dump{"Binding $p: Port", "Filter Compare($p.region = \"baltic\")",
                  "Filter Compare($p.tags contains \"box\")", "Binding $s: Ship"}));
}

// Departs from the reference, which evaluates a second binding of a variable wrongly.
TEST(ResolveMatch, BindingAgainOnlyAddsFilters) {
  EXPECT_EQ(Lines(MustRead(Read("$p: Port { code: \"A\" }  $p: Port { name: \"b\" }"))),
            (Dump{"Binding $p: Port", "Filter Compare($p.code = \"A\")",
                  "Filter Compare($p.name = \"b\")"}));
  EXPECT_EQ(Lines(MustRead(Read("$s: Ship  $s callsAt $p  $p: Port { region: \"baltic\" }"))),
            (Dump{"Binding $s: Ship", "Traversal $s: Ship CallsAt $p: Port, forward, hops: 1..1",
                  "Filter Compare($p.region = \"baltic\")"}));
}

TEST(ResolveMatch, ANegationKnowsWhatItBindsAndWhatItBorrows) {
  const ir::Query query =
      MustRead(Read("$s: Ship  not { $s $c:callsAt $p  not { $p feeds $q  $q.name = $s.name } }"));
  const auto& outer = std::get<ir::Negation>(query.match.clauses.at(1)).inner;
  const auto& inner = std::get<ir::Negation>(outer->clauses.at(1)).inner;
  const auto names = [&query](const std::vector<ir::VarId>& ids) {
    std::string out;
    for (const ir::VarId id : ids) out += query.variables.at(id).name + " ";
    return out;
  };
  EXPECT_EQ(names(query.match.bound), "s ");
  EXPECT_EQ(names(outer->bound), "p c ");
  EXPECT_EQ(names(outer->outer), "s ");
  EXPECT_EQ(names(inner->bound), "q ");
  EXPECT_EQ(names(inner->outer), "p s ");
}

TEST(ResolveMatch, NamesBoundInsideANegationNeverEscape) {
  EXPECT_EQ(CodeOf(Read("$s: Ship  not { $s callsAt $p }  $p.code = \"A\"")), "T6");
  const ir::Query query = MustRead(Read("$s: Ship  not { $s callsAt $p }  not { $s callsAt $p }"));
  EXPECT_EQ(query.variables.size(), 3u);
}

TEST(ResolveMatch, ANegationOfAKnownRowMayBeEmpty) {
  const ir::Query query = MustRead(Read("$p: Port  not { $p: Port }"));
  const auto& inner = std::get<ir::Negation>(query.match.clauses.at(1)).inner;
  EXPECT_TRUE(inner->clauses.empty());
  EXPECT_EQ(inner->outer, std::vector<ir::VarId>{0});
}

// Departs from the reference, where text clauses in `not` are dropped and `= false` means true.
TEST(ResolveMatch, TextClausesAreFiltersWhereverTheyStand) {
  const std::string match = "TextMatch(search, field: $s.log, query: \"fog\")";
  EXPECT_EQ(Lines(MustRead(Read("$s: Ship  search($s.log, \"fog\")"))),
            (Dump{"Binding $s: Ship", "Filter " + match}));
  EXPECT_EQ(Lines(MustRead(Read("$s: Ship  search($s.log, \"fog\") = true")))[1],
            "Filter " + match);
  EXPECT_EQ(Lines(MustRead(Read("$s: Ship  true = search($s.log, \"fog\")")))[1],
            "Filter " + match);
  EXPECT_EQ(Lines(MustRead(Read("$s: Ship  search($s.log, \"fog\") = false")))[1],
            "Filter Compare(" + match + " = false)");
  EXPECT_EQ(Lines(MustRead(Read("$s: Ship  search($s.log, \"fog\") != true")))[1],
            "Filter Compare(" + match + " != true)");
  EXPECT_EQ(Lines(MustRead(Read("$s: Ship  not { search($s.log, \"fog\") }"))),
            (Dump{"Binding $s: Ship", "Negation over ($s)", "  Filter " + match}));
}

// req: GRAPH-5
TEST(ResolveMatch, AScoreCanBeCompared) {
  EXPECT_EQ(Lines(MustRead(Read("$s: Ship  bm25($s.log, \"fog\") >= 0.5")))[1],
            "Filter Compare(Bm25(field: $s.log, query: \"fog\") >= 0.5)");
  EXPECT_EQ(
      Lines(MustRead(Read("$s: Ship  nearest($s.log_vec, [1,0,0]) < 0.2")))[1],
      "Filter Compare(Nearest(field: $s.log_vec, query: [1.0,0.0,0.0], metric: cosine) < 0.2)");
  EXPECT_EQ(CodeOf(Read("$s: Ship  rrf(bm25($s.log, \"a\"), bm25($s.name, \"a\")) > 0.1")), "T7");
}

TEST(ResolveMatch, OperatorsArePositional) {
  EXPECT_EQ(Lines(MustRead(Read("$p: Port  \"old Gdansk\" contains $p.name")))[1],
            "Filter Compare(\"old Gdansk\" contains $p.name)");
  EXPECT_EQ(Lines(MustRead(Read("$p: Port  [\"SEGOT\", \"PLGDN\"] contains $p.code")))[1],
            "Filter Compare([\"SEGOT\",\"PLGDN\"] contains $p.code)");
  EXPECT_EQ(Lines(MustRead(Read("$p: Port  [] contains $p.depth_m")))[1],
            "Filter Compare([] contains $p.depth_m)");
}

// Departs from the reference, which takes `$needle contains` for a traversal and fails.
TEST(ResolveMatch, AParameterMayStandLeftOfAWordOperator) {
  EXPECT_EQ(Lines(MustRead(Read("$p: Port  $n contains $p.name", "$p", "", "$n: String")))[1],
            "Filter Compare(Parameter(n) contains $p.name)");
  EXPECT_EQ(Lines(MustRead(Read("$p: Port  $n starts_with \"a\"", "$p", "", "$n: String")))[1],
            "Filter Compare(Parameter(n) starts_with \"a\")");
  EXPECT_EQ(
      Lines(MustRead(Read("$p: Port  $n contains $m", "$p", "", "$n: String, $m: String")))[1],
      "Filter Compare(Parameter(n) contains Parameter(m))");
}

TEST(ResolveMatch, AnUnknownTypeIsReportedOnce) {
  const Compiled compiled =
      CompileQuery(Source(Read("$p: Prt { code: \"A\" }  $p feeds $q  $q.code = \"A\"  $p.x = 1",
                               "$p.code, $q.name")),
                   "", Harbour());
  ASSERT_EQ(compiled.diagnostics.size(), 1u);
  EXPECT_EQ(compiled.diagnostics[0].code, "T1");
  EXPECT_EQ(compiled.diagnostics[0].suggestion, "did you mean `Port`?");
}

TEST(ResolveMatch, AFilterOnlySeesWhatIsBoundBefore) {  // trap: 31
  EXPECT_EQ(CodeOf(Read("$q.code = \"A\"  $p: Port  $p feeds $q")), "T6");
  EXPECT_EQ(CodeOf(Read("$p: Port  not { $q.code = $p.code  $q: Port }")), "T6");
  EXPECT_EQ(Outcome(Read("$p: Port  $p feeds $q  $q.code = \"A\"")), "");
}

TEST(ResolveMatch, AStringFillsNoDate) {  // trap: 43
  EXPECT_EQ(CodeOf(Read("$s: Ship { built: $d }", "$s", "", "$d: String")), "T7");
  EXPECT_EQ(CodeOf(Read("$s: Ship { built: \"2004-05-01\" }")), "T3");
  EXPECT_EQ(Outcome(Mutate("update Ship set { photo: $b } where imo = 1", "$b: String")), "");
}

TEST(ResolveMatch, FindsSeveralErrorsInOrder) {
  const Compiled compiled = CompileQuery(Source(Read("$p: Port { cod: \"A\" }  $p fed $q  $x.y = 1",
                                                     "$p.nme", "order { zz }", "$c: Strin")),
                                         "", Harbour());
  std::string codes;
  for (const Diagnostic& diagnostic : compiled.diagnostics) codes += diagnostic.code + ";";
  EXPECT_EQ(codes, ";T2;T4;T6;T6;T6;");
}

TEST(ResolveMatch, SpansAreExact) {
  const std::string text = Read("$p: Port { regoin: \"baltic\" }");
  const Compiled compiled = CompileQuery(Source(text), "", Harbour());
  ASSERT_EQ(compiled.diagnostics.size(), 1u);
  const SourceSpan span = compiled.diagnostics[0].span;
  EXPECT_EQ(text.substr(span.begin, span.end - span.begin), "regoin");
  EXPECT_EQ(compiled.diagnostics[0].suggestion, "did you mean `region`?");
}

}  // namespace
}  // namespace tarn::gq
