#include "tarn/gq/list.h"

#include <gtest/gtest.h>

#include "tarn/gq/value_kind.h"

namespace tarn::gq {
namespace {

QueryList List(std::string text) { return ListQueries(SourceText("test.gq", std::move(text))); }

// req: GRAPH-1
TEST(ListQueries, TellsNamesKindsAndParameters) {
  const QueryList list = List(
      "query find($q: String, $v: Vector(3)?, $ids: [U64]) @description(\"finds\") "
      "@instruction(\"ask\")\n"
      "{ match { $x: Anything } return { $x } }\n"
      "query scrap() { delete Anything where id = 1 }\n");
  ASSERT_EQ(list.queries.size(), 2u);
  EXPECT_TRUE(list.diagnostics.empty());
  const QueryInfo& find = list.queries[0];
  EXPECT_EQ(find.name, "find");
  EXPECT_FALSE(find.is_mutation);
  EXPECT_EQ(find.description, "finds");
  EXPECT_EQ(find.instruction, "ask");
  ASSERT_EQ(find.parameters.size(), 3u);
  EXPECT_EQ(schema::TypeName(find.parameters[1].type), "Vector(3)?");
  EXPECT_TRUE(list.queries[1].is_mutation);
  EXPECT_FALSE(list.queries[1].description.has_value());
}

// Departs from the reference, which never tells of a second query with one name.
TEST(ListQueries, RefusesNamesakes) {
  const QueryList list =
      List("query a() { match { $p: P } return { $p } } query a() { delete P where x = 1 }");
  ASSERT_EQ(list.diagnostics.size(), 1u);
  EXPECT_EQ(list.diagnostics[0].code, "P013");
  EXPECT_EQ(list.diagnostics[0].message, "query `a` is declared twice");
  EXPECT_EQ(list.diagnostics[0].span.begin, 50u);
  EXPECT_EQ(list.queries.size(), 2u);
}

TEST(ListQueries, PassesErrorsOn) {
  EXPECT_EQ(List("query a(").diagnostics.size(), 1u);
  EXPECT_EQ(List("query a($x: Txt) { delete P where x = 1 }").diagnostics.size(), 1u);
}

TEST(ValueKinds, AreThoseOfClients) {
  const QueryList list = List(
      "query q($a: String, $b: Bool, $c: I32, $d: U32, $e: I64, $f: U64, $g: F32?, $h: F64, $i: "
      "Date, $j: DateTime, "
      "$k: Blob, $l: Vector(7), $m: [I64]?) { delete P where x = 1 }");
  ASSERT_EQ(list.queries.size(), 1u);
  std::string kinds;
  for (const ir::Parameter& parameter : list.queries[0].parameters) {
    kinds += KindOfType(parameter.type).kind + " ";
  }
  EXPECT_EQ(kinds, "string bool int int bigint bigint float float date datetime blob vector list ");
  EXPECT_TRUE(KindOfType(list.queries[0].parameters[6].type).nullable);
  EXPECT_EQ(KindOfType(list.queries[0].parameters[11].type).vector_dim, 7u);
  EXPECT_EQ(KindOfType(list.queries[0].parameters[12].type).item_kind, "bigint");
}

}  // namespace
}  // namespace tarn::gq
