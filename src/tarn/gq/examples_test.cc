// Every query of the language specification compiles against its own schema.
#include "tarn/gq/harbour_for_test.h"
#include "tarn/gq/list.h"

namespace tarn::gq {
namespace {

constexpr std::string_view kExamples = R"(
query baltic_boxes() { match { $p: Port { region: "baltic", tags: "box" } } return { $p.code } }      // [] rows
query callers($code: String) {
  match { $p: Port { code: $code }  $s callsAt $p }
  return { $s.name } order { $s.name }
}
query feeds_into($code: String) {
  match { $p: Port { code: $code }  $q feeds $p } return { $q.code } order { $q.code }
}
query berths() {
  match { $s: Ship  $s $c:callsAt $p  $c.berth >= 4 }
  return { $s.name, $p.code, $c.berth } order { $c.berth desc }
}
query no_calls() { match { $s: Ship  not { $s callsAt $_ } } return { $s.name } }
query no_early() { match { $s: Ship  not { $s $c:callsAt $p  $c.berth < 5 } } return { $s.name } order { $s.name } }
query calls_per_port() {
  match { $p: Port  $s $c:callsAt $p }
  return { $p.code, count($c.berth) as berthed, count($s) as calls } order { berthed desc }
}
query unvisited() { match { $p: Port  not { $s callsAt $p } } return { $p.code } order { $p.code } }
query fog() { match { $s: Ship  search($s.log, "FOG") } return { $s.name } }
query like($v: Vector(3)) { match { $s: Ship } return { $s.name } order { nearest($s.log_vec, $v) } limit 2 }
query mix($q: String) {
  match { $s: Ship } return { $s.name }
  order { rrf(nearest($s.log_vec, $q), bm25($s.log, $q)) } limit 10
}
query scored($q: String) { match { $s: Ship } return { $s.name, bm25($s.log, $q) as score } order { score desc } }
query reach($c: String) { match { $p: Port { code: $c } $p feeds{1,3} $q } return { $q.code } }
query around() { match { $p: Port  $p <feeds> $q  $a $e:<feeds> $q } return { $p.code, $e.nm } }
query old() { match { $s: Ship  $s.built < date("2010-01-01") } return { $s.name } }
query depths() { match { $p: Port } return { $p.code, $p.depth_m } order { $p.depth_m } }
query later_binding() { match { $s: Ship $s callsAt $p  $p: Port { region: "baltic" } } return { $s } }
query log_call($imo: String, $port: String, $berth: I32?, $note: String) {
  insert CallsAt { from: $imo, to: $port, berth: $berth, arrived: now() }
  update Ship set { log: $note } where name = "Cato"
}
query edge_literal() { insert CallsAt { from: "9300003", to: "EETLL", arrived: now() } }
query scrap($imo: I64) { delete Ship where imo = $imo }
query bound($ids: [I64], $since: Date?, $v: Vector(2)) { match { $p: Port } return { $p } }
)";

// req: GRAPH-1
TEST(Examples, AllCompile) {
  std::vector<std::string> names;
  for (const QueryInfo& query : ListQueries(Source(kExamples)).queries) names.push_back(query.name);
  ASSERT_EQ(names.size(), 21u);
  for (const std::string& name : names) {
    const Compiled compiled = CompileQuery(Source(kExamples), name, Harbour());
    for (const Diagnostic& diagnostic : compiled.diagnostics) {
      ADD_FAILURE() << name << "\n" << RenderDiagnostic(Source(kExamples), diagnostic);
    }
  }
}

// req: GRAPH-2
TEST(Examples, LowerToTypedNodes) {
  const Result<ir::Query> mix = CompileRead(Source(kExamples), "mix", Harbour());
  ASSERT_TRUE(mix.ok());
  EXPECT_EQ(ir::ToText(*mix),
            "Query mix(q: String)\n"
            "  Match\n"
            "    Binding $s: Ship\n"
            "  Return\n"
            "    s.name: String = $s.name\n"
            "  Order\n"
            "    Rrf(Nearest(field: $s.log_vec, query: Parameter(q), metric: cosine), Bm25(field: "
            "$s.log, query: "
            "Parameter(q)), k: 60) desc\n"
            "  Limit 10\n");
  const Result<ir::Query> berths = CompileRead(Source(kExamples), "berths", Harbour());
  ASSERT_TRUE(berths.ok());
  EXPECT_EQ(ir::ToText(*berths),
            "Query berths()\n"
            "  Match\n"
            "    Binding $s: Ship\n"
            "    Traversal $s: Ship CallsAt $p: Port, forward, hops: 1..1, edge: $c\n"
            "    Filter Compare($c.berth >= 4)\n"
            "  Return\n"
            "    s.name: String = $s.name\n"
            "    p.code: String = $p.code\n"
            "    c.berth: I32? = $c.berth\n"
            "  Order\n"
            "    $c.berth desc\n");
}

}  // namespace
}  // namespace tarn::gq
