#include "tarn/gq/lint.h"

#include "tarn/gq/harbour_for_test.h"
#include "tarn/gq/lint_json.h"

namespace tarn::gq {
namespace {

LintReport LintOf(std::string_view text, const schema::Schema& schema = Harbour()) {
  return Lint(Source(text), schema,
              {.schema_kind = LintOrigin::SchemaKind::kFile,
               .schema_location = "h.pg",
               .query_path = "q.gq"});
}
/// The messages of all findings with that code.
std::vector<std::string> Messages(const LintReport& report, std::string_view code) {
  std::vector<std::string> messages;
  for (const LintFinding& finding : report.findings) {
    if (finding.code == code) messages.push_back(finding.message);
  }
  return messages;
}
std::string Touched(const std::vector<TouchedType>& types) {
  std::string out;
  for (const TouchedType& type : types) {
    out += (type.is_edge ? "edge " : "node ") + type.type_name + ";";
  }
  return out;
}
Operation OperationOf(std::string_view text) {
  return LintOf(text).results.at(0).operation.value();
}

// req: GRAPH-1
TEST(LintJson, HasTheAgreedMembers) {
  EXPECT_EQ(
      LintJson(LintOf("query a($q: String) { match { $s: Ship search($s.log, $q) } "
                      "return { $s, $s.name, count($s) as n, $s.log_vec, now() } }")),
      R"({"status":"error","schema_source":{"kind":"file","path":"h.pg"},"query_path":"q.gq",)"
      R"("queries_processed":1,"errors":1,"warnings":0,"infos":0,"results":[{"name":"a","kind":"read",)"
      R"("status":"error","error":"type error: T9: beside an aggregate only what reads a row may be )"
      R"(returned, such as `$variable.property` and `$variable`: it is the group key"}],"findings":[]})");
  EXPECT_EQ(
      LintJson(LintOf("query a($q: String) { match { $s: Ship search($s.log, $q) } "
                      "return { $s, $s.name, $s.log_vec as v, now() } }")),
      R"({"status":"ok","schema_source":{"kind":"file","path":"h.pg"},"query_path":"q.gq",)"
      R"("queries_processed":1,"errors":0,"warnings":0,"infos":0,"results":[{"name":"a","kind":"read",)"
      R"("status":"ok","operation":{"result":[{"name":"s","kind":"object","nullable":false},)"
      R"({"name":"name","kind":"string","nullable":false},)"
      R"({"name":"v","kind":"vector","nullable":true,"vector_dim":3},)"
      R"({"name":"now","kind":"datetime","nullable":false}],)"
      R"("reads":[{"kind":"node","type_name":"Ship"}],"writes":[]}}],"findings":[]})");
}

TEST(LintJson, WritesFindingsAndGraphs) {
  LintReport report = LintOf(
      "query a() { update Ship set { name: \"x\", built: date(\"2020-01-01\"), seen_at: now(), "
      "photo: $p } where imo = 1 }");
  report = Lint(Source("query a() { update Ship set { name: \"x\", built: date(\"2020-01-01\"), "
                       "seen_at: now() } "
                       "where imo = 1 }"),
                Harbour(),
                {.schema_kind = LintOrigin::SchemaKind::kGraph,
                 .schema_location = "file:///g",
                 .query_path = "q"});
  EXPECT_EQ(
      LintJson(report),
      R"({"status":"ok","schema_source":{"kind":"graph","uri":"file:///g"},"query_path":"q",)"
      R"("queries_processed":1,"errors":0,"warnings":3,"infos":0,"results":[{"name":"a","kind":"mutation",)"
      R"("status":"ok","warnings":["a mutation without parameters: hardcoded mutations are easy to miss"],)"
      R"("operation":{"result":[],"reads":[{"kind":"node","type_name":"Ship"}],)"
      R"("writes":[{"kind":"node","type_name":"Ship"}]}}],"findings":[)"
      R"({"severity":"warning","code":"L201","message":"Ship.log exists in schema but no update query sets it",)"
      R"("type_name":"Ship","property":"log","query_names":["a"]},)"
      R"({"severity":"warning","code":"L201","message":"Ship.photo exists in schema but no update query sets it",)"
      R"("type_name":"Ship","property":"photo","query_names":["a"]}]})");
}

TEST(Lint, AFileThatDoesNotParseIsQ000) {
  const LintReport report = LintOf("query a() { match { $p: port } return { } }");
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.results.size(), 0u);
  EXPECT_EQ(report.Count(Severity::kError), 2u);
  EXPECT_EQ(Messages(report, "Q000").at(0),
            "parse error: expected a node type (it starts with a capital), found identifier 'port' "
            "(line 1, column 25)");
}

// Departs from the reference, which takes the first of two namesakes in silence.
TEST(Lint, RefusesNamesakesAndStillChecksBoth) {
  const LintReport report = LintOf(
      "query a() { match { $p: Port } return { $p } }\nquery a() { match { $p: Prt } return { $p } "
      "}");
  EXPECT_EQ(Messages(report, "Q000").size(), 1u);
  EXPECT_EQ(report.results.size(), 2u);
  EXPECT_EQ(report.Count(Severity::kError), 2u);
}

TEST(Lint, L201LooksAtAllUpdatesOfAType) {
  const LintReport report = LintOf(
      "query a($n: String) { update Port set { region: \"baltic\" } where code = $n }\n"
      "query b($n: String) { update Port set { depth_m: 1.0 tags: [] } where code = $n }\n");
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].property, "seen_at");
  EXPECT_EQ(report.findings[0].query_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(LintOf("query a($n: String) { delete Port where code = $n }").findings.empty());
}

TEST(Lint, FindsWhatIsLikelyAMistake) {
  EXPECT_EQ(Messages(LintOf(Mutate("insert Port { code: $c name: $c } delete Port where name = $c",
                                   "$c: String")),
                     "L301")
                .size(),
            1u);
  EXPECT_EQ(Messages(LintOf(Read("$p: Port", "$p.code, $p.name as n, $p.region as n")), "L302"),
            std::vector<std::string>{
                "column `n` is returned twice, and a JSON row keeps the later value"});
  EXPECT_EQ(
      Messages(LintOf(Read("$s: Ship", "bm25($s.name, \"x\"), bm25($s.log, \"x\")")), "L303"),
      std::vector<std::string>{"`Ship.name` is searched and has no @index: every row is read"});
  EXPECT_EQ(Messages(LintOf(Read("$s: Ship not { search($s.log, \"x\") }")), "L304").size(), 1u);
  EXPECT_EQ(Messages(LintOf(Read("$s: Ship search($s.log, \"x\") = false")), "L304").size(), 1u);
  EXPECT_EQ(Messages(LintOf(Read("$s: Ship search($s.log, \"x\")")), "L304").size(), 0u);
  EXPECT_EQ(
      Messages(LintOf(Read("$p: Port { region: $r }", "$p", "", "$r: String?")), "L305").size(),
      1u);
  EXPECT_EQ(
      Messages(LintOf(Read("$p: Port $p.region != $r", "$p", "", "$r: String")), "L305").size(),
      0u);
  EXPECT_EQ(Messages(LintOf(Mutate("delete Port where code = $c", "$c: String?")), "L305").size(),
            1u);
  EXPECT_EQ(Messages(LintOf(Read("$s: Ship match_text($s.log, \"dense fog\")")), "L306").size(),
            1u);
  EXPECT_EQ(Messages(LintOf(Read("$s: Ship match_text($s.log, \"fog \")")), "L306").size(), 0u);
  EXPECT_EQ(Messages(LintOf(Read("$p: Port \"blatic\" = $p.region")), "L309"),
            std::vector<std::string>{
                "`Port.region` is never 'blatic': it is one of atlantic, baltic, north-sea"});
  EXPECT_EQ(Messages(LintOf(Read("$p: Port $p.region != \"baltic\"")), "L309").size(), 0u);
  EXPECT_EQ(Messages(LintOf(Read("$p: Port $p.code = $p", "$p", "", "$p: String")), "L307").size(),
            1u);  // trap: 32
  EXPECT_EQ(
      Messages(LintOf(Mutate("update Port set { code: $c } where code = $c", "$c: String")), "L308")
          .size(),
      1u);
}

TEST(Lint, NamesFieldsInItsOwnWay) {
  const Operation operation = OperationOf(Read(
      "$p: Port $s callsAt $p", "$p.code, $p, count($s), avg($p.depth_m) as mean, max($s.imo)"));
  std::string fields;
  for (const ResultField& field : operation.result) {
    fields += field.name + " " + field.kind.kind + (field.kind.nullable ? "? " : " ");
  }
  EXPECT_EQ(fields, "code string p object count bigint mean float? max bigint? ");
}

TEST(Lint, ReadsCoverEndsOfEdgesAndNegations) {
  EXPECT_EQ(
      Touched(OperationOf(Read("$p: Port not { $s callsAt $p not { $x flagship $s } }")).reads),
      "node Port;node Ship;edge CallsAt;edge Flagship;");
  EXPECT_EQ(Touched(OperationOf(Read("$p: Port $p $f:feeds $_")).reads), "node Port;edge Feeds;");
}

TEST(Lint, MutationsReadWhatTheyTouch) {
  const Operation insert = OperationOf(Mutate("insert Feeds { from: \"A\" to: \"B\" nm: 1.0 }"));
  EXPECT_EQ(Touched(insert.reads), "node Port;edge Feeds;");
  EXPECT_EQ(Touched(insert.writes), "edge Feeds;");
  const Operation removal = OperationOf(Mutate("delete Ship where imo = 1"));
  EXPECT_EQ(Touched(removal.reads), "node Ship;edge CallsAt;edge Flagship;");
  EXPECT_EQ(Touched(removal.writes), "node Ship;edge CallsAt;edge Flagship;");
  EXPECT_EQ(Touched(OperationOf(Mutate("delete Feeds where nm > 1.0")).writes), "edge Feeds;");
  EXPECT_EQ(Touched(OperationOf(Mutate("update Ship set { name: \"x\" } where imo = 1")).writes),
            "node Ship;");
}

}  // namespace
}  // namespace tarn::gq
