#include "tarn/gq/compile.h"

#include "tarn/gq/harbour_for_test.h"

namespace tarn::gq {
namespace {

constexpr std::string_view kTwo =
    "query ports() { match { $p: Port } return { $p.code } }\n"
    "query ships() { match { $s: Ship } return { $s.name } }\n"
    "query ports() { match { $p: Port } return { $p.name } }\n";

// req: GRAPH-1
TEST(CompileQuery, TakesTheOnlyQueryWithoutItsName) {
  EXPECT_EQ(MustRead(Read("$p: Port")).name, "q");
}

TEST(CompileQuery, NeedsANameAmongSeveral) {
  const Compiled compiled = CompileQuery(Source(kTwo), "", Harbour());
  ASSERT_FALSE(compiled.query.has_value());
  EXPECT_EQ(CompileError(Source(kTwo), compiled.diagnostics).message(),
            "query file contains multiple queries; pass --name");
  EXPECT_EQ(CompileError(Source(kTwo), compiled.diagnostics).id(), ErrorId::kQueryAmbiguous);
}

// Departs from the reference only in lint and publishing, which refuse the second.
TEST(CompileQuery, MeansTheFirstOfTwoNamesakes) {
  const Result<ir::Query> query = CompileRead(Source(kTwo), "ports", Harbour());
  ASSERT_TRUE(query.ok());
  EXPECT_EQ(query->projections.at(0).column, "p.code");
}

TEST(CompileQuery, KnowsWhatIsNotThere) {
  const Result<ir::Query> query = CompileRead(Source(kTwo), "shps", Harbour());
  EXPECT_EQ(query.status().message(), "query 'shps' not found");
  EXPECT_EQ(query.status().hint(), "did you mean `ships`?");
  EXPECT_EQ(query.status().id(), ErrorId::kQueryNotFound);
  EXPECT_EQ(CompileRead(Source(" // nothing\n"), "", Harbour()).status().message(),
            "query file contains no queries");
}

TEST(CompileQuery, RefusesAFileThatDoesNotParseAnywhere) {
  const std::string text = std::string(kTwo) + "query broken( { }";
  EXPECT_EQ(CompileRead(Source(text), "ships", Harbour()).status().id(), ErrorId::kQueryParse);
}

TEST(CompileError, ShowsClassCodeAndPlace) {
  const SourceText source = Source("query q() {\n  match { $p: Prt }\n  return { $p.code }\n}");
  const Status status = CompileError(source, CompileQuery(source, "", Harbour()).diagnostics);
  EXPECT_EQ(status.message(),
            "type error: T1: unknown node type `Prt`\n"
            "test.gq:2:15: error[T1]: unknown node type `Prt`\n"
            "  |\n"
            "2 |   match { $p: Prt }\n"
            "  |               ^^^\n"
            "  = help: did you mean `Port`?");
  EXPECT_EQ(status.id(), ErrorId::kQueryType);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  const SourceText unbound = Source(Read("$p: Port $p.code = $x"));
  EXPECT_TRUE(CompileError(unbound, CompileQuery(unbound, "", Harbour()).diagnostics)
                  .message()
                  .starts_with("type error: variable $x is not bound\n"));
  const SourceText broken = Source("query");
  EXPECT_TRUE(CompileError(broken, CompileQuery(broken, "", Harbour()).diagnostics)
                  .message()
                  .starts_with("parse error: expected the name of the query"));
}

}  // namespace
}  // namespace tarn::gq
