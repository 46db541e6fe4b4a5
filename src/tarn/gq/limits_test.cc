#include "tarn/gq/limits.h"

#include <functional>

#include "tarn/gq/harbour_for_test.h"
#include "tarn/gq/lint.h"
#include "tarn/gq/list.h"
#include "tarn/schema/lexer.h"

// Big inputs end in a clear error or in an answer, in linear time: a quadratic step would hang
// these tests.
namespace tarn::gq {
namespace {

std::string Repeated(size_t times, const std::function<std::string(size_t)>& piece) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += piece(i);
  return out;
}
std::string Parameters(size_t count) {
  return Repeated(count,
                  [](size_t i) { return fmt::format("{}$p{}: I64", i == 0 ? "" : ", ", i); });
}

// req: GRAPH-25
TEST(Limits, TenThousandParametersCompileAndBind) {
  constexpr size_t kCount = 10'000;
  const std::string filters =
      Repeated(kCount, [](size_t i) { return fmt::format("$s.imo != $p{}\n", i); });
  const ir::Query query = MustRead(Read("$s: Ship " + filters, "$s.name", "", Parameters(kCount)));
  ASSERT_EQ(query.parameters.size(), kCount);
  const std::string json =
      "{" +
      Repeated(kCount,
               [](size_t i) { return fmt::format("{}\"p{}\": {}", i == 0 ? "" : ",", i, i); }) +
      "}";
  const Result<ir::ParameterValues> values = BindParameters(query.parameters, json);
  ASSERT_TRUE(values.ok()) << values.status().ToString();
  EXPECT_EQ(values->back(), ir::Value{int64_t{9'999}});
}

TEST(Limits, TenThousandUnknownNamesEndSoon) {
  const std::string filters =
      Repeated(10'000, [](size_t i) { return fmt::format("$s.imo != $q{}\n", i); });
  const Compiled compiled = CompileQuery(
      Source(Read("$s: Ship " + filters, "$s.name", "", Parameters(10'000))), "", Harbour());
  EXPECT_EQ(compiled.diagnostics.size(), kDiagnosticsMax);
}

TEST(Limits, OfParametersClausesColumnsKeysAndStatements) {
  const std::string clauses = Repeated(kClausesMax + 1, [](size_t) { return "$s.imo != 1\n"; });
  EXPECT_EQ(CodeOf(Read("$s: Ship", "$s", "", Parameters(kParametersMax + 1))), "P010");
  EXPECT_EQ(CodeOf(Read(clauses)), "P010");
  EXPECT_EQ(CodeOf(Read("$s: Ship not { " + clauses + "}")), "P010");
  EXPECT_EQ(
      CodeOf(Read("$s: Ship", Repeated(kProjectionsMax + 1, [](size_t) { return "$s.imo "; }))),
      "P010");
  EXPECT_EQ(CodeOf(Read("$s: Ship", "$s",
                        "order { $s.imo" +
                            Repeated(kOrderKeysMax, [](size_t) { return ", $s.imo"; }) + " }")),
            "P010");
  EXPECT_EQ(CodeOf(Mutate(Repeated(kStatementsMax + 1,
                                   [](size_t) { return "delete Port where code = \"A\"\n"; }))),
            "P010");
}

TEST(Limits, OfNesting) {
  const auto nested = [](size_t depth) {
    return Read("$p: Port " + Repeated(depth, [](size_t) { return "not { $p.code = \"a\" "; }) +
                std::string(depth, '}'));
  };
  EXPECT_EQ(Outcome(nested(kNegationDepthMax)), "");
  EXPECT_EQ(CodeOf(nested(kNegationDepthMax + 1)), "P010");
  EXPECT_EQ(CompileQuery(Source(nested(100'000)), "", Harbour()).diagnostics.size(), 1u);
  EXPECT_EQ(CodeOf(Read(std::string(500'000, '[') + " contains 1")), "P010");
  EXPECT_EQ(CodeOf(Read("$p: Port", Repeated(100'000, [](size_t) { return "count("; }))), "P010");
}

TEST(Limits, OfExpressions) {
  const auto filter = [](const std::string& value) {
    return Read("$s: Ship $s.imo = " + value, "$s.name");
  };
  const std::string sum = "1" + Repeated(kOperatorsMax, [](size_t) { return " + 1"; });
  EXPECT_EQ(Outcome(filter(sum)), "");
  EXPECT_EQ(CodeOf(filter(sum + " - 1")), "P010");
  EXPECT_EQ(CodeOf(filter(std::string(100'000, '(') + "1")), "P010");
  EXPECT_EQ(CodeOf(filter(Repeated(100'000, [](size_t) { return "- "; }) + "$s.imo")), "P010");
  EXPECT_EQ(CodeOf(Read("$s: Ship " + Repeated(100'000, [](size_t) { return "not ("; }))), "P010");
  EXPECT_EQ(CodeOf(Read(Repeated(100'000, [](size_t) { return "any { { "; }))), "P010");
  const std::string either =
      "($s.imo = 1" + Repeated(10'000, [](size_t i) { return fmt::format(" or $s.imo = {}", i); }) +
      ")";
  EXPECT_EQ(Outcome(Read("$s: Ship " + either)), "");
  EXPECT_EQ(CodeOf(Read("$s: Ship " + either + either)), "P010");
}

// An alias read twice by the next one doubles what a column costs.
TEST(Limits, OfAliasesThatGrow) {
  const auto columns = [](size_t count) {
    return "$s.imo as a0" +
           Repeated(count, [](size_t i) { return fmt::format(", a{0} + a{0} as a{1}", i, i + 1); });
  };
  EXPECT_EQ(Outcome(Read("$s: Ship", columns(15))), "");
  EXPECT_EQ(CodeOf(Read("$s: Ship", columns(16))), "-");
  EXPECT_EQ(CodeOf(Read("$s: Ship", columns(10'000))), "-");
}

TEST(Limits, OfAggregatesInsideExpressions) {
  const auto columns = [](size_t count) {
    return Repeated(count, [](size_t i) { return fmt::format("1 + max($s.imo - {}), ", i); });
  };
  EXPECT_EQ(Outcome(Read("$s: Ship", columns(kHiddenColumnsMax))), "");
  EXPECT_EQ(CodeOf(Read("$s: Ship", columns(kHiddenColumnsMax + 1))), "-");
  EXPECT_EQ(CodeOf(Read("$s: Ship", columns(16'000))), "-");
}

TEST(Limits, AMegabyteOfAnything) {
  constexpr size_t kMegabyte = 1 << 20;
  EXPECT_EQ(Outcome(Read("$p: Port { name: \"" + std::string(kMegabyte, 'x') + "\" }")), "");
  EXPECT_EQ(Outcome(Read("$p: Port [" +
                         Repeated(kMegabyte / 2, [](size_t i) { return i == 0 ? "1" : ",1"; }) +
                         "] contains $p.depth_m")),
            "");
  EXPECT_EQ(CodeOf(Read("$p: Port $p.depth_m = " + std::string(kMegabyte, '9'))), "P004");
  EXPECT_EQ(CodeOf(Read("$p: Port $p.depth_m = " + std::string(kMegabyte, '9') + ".5")), "-");
  EXPECT_EQ(Outcome(Read("$p: Port $p.depth_m = 0." + std::string(kMegabyte, '0') + "1")), "");
  EXPECT_EQ(CodeOf(Read("$" + std::string(kMegabyte, 'p') + ": Port", "$q.x")), "T6");
  constexpr size_t kJunk = kMegabyte / 4;
  for (const char junk : {'{', '}', '(', '[', ']', '$', '"', 'a', '1', '.', '<', ' ', '\n'}) {
    EXPECT_NE(Outcome(std::string(kJunk, junk)), "") << junk;
    EXPECT_NE(Outcome("query q() { match { $p: Port " + std::string(kJunk, junk)), "") << junk;
  }
  EXPECT_NE(Outcome(std::string(schema::kSourceBytesMax + 1, ' ')), "");
}

TEST(Limits, ManyQueriesInOneFile) {
  const std::string text = Repeated(10'000, [](size_t i) {
    return fmt::format("query q{}() {{ match {{ $p: Port }} return {{ $p }} }}\n", i);
  });
  EXPECT_EQ(ListQueries(Source(text)).queries.size(), 10'000u);
  EXPECT_EQ(Lint(Source(text), Harbour(), {}).results.size(), 10'000u);
}

}  // namespace
}  // namespace tarn::gq
