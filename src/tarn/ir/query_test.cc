#include "tarn/ir/query.h"

#include <gtest/gtest.h>

namespace tarn::ir {
namespace {

schema::PropertyType Type(schema::Scalar scalar) {
  schema::PropertyType type;
  type.scalar = scalar;
  return type;
}

ExprPtr Text(std::string text) {
  return MakeExpr(Constant{Value{std::move(text)}}, Type(schema::Scalar::kString));
}
ExprPtr Property(VarId variable, std::string name) {
  return MakeExpr(PropertyRef{variable, std::move(name)}, Type(schema::Scalar::kString));
}

const std::vector<Variable> kVariables = {
    {.name = "s", .kind = Variable::Kind::kNode, .type_name = "Ship"},
    {.name = "_", .type_name = "Port", .anonymous = true},
    {.name = "c", .kind = Variable::Kind::kEdge, .type_name = "CallsAt"}};

// req: GRAPH-2
TEST(QueryText, ShowsEverySearchModeAsItsNode) {
  const PropertyRef log{0, "log"};
  const auto dump = [](auto node) {
    return ToText(*MakeExpr(std::move(node), Type(schema::Scalar::kF64)), kVariables);
  };
  EXPECT_EQ(dump(TextMatch{TextMatchKind::kSearch, log, Text("fog"), nullptr}),
            "TextMatch(search, field: $s.log, query: \"fog\")");
  EXPECT_EQ(dump(TextMatch{TextMatchKind::kFuzzy, log, Text("fgo"), MakeExpr(ParameterRef{1}, {})}),
            "TextMatch(fuzzy, field: $s.log, query: \"fgo\", edits: Parameter(1))");
  EXPECT_EQ(dump(TextMatch{TextMatchKind::kMatchText, log, Text("fog"), nullptr}),
            "TextMatch(match_text, field: $s.log, query: \"fog\")");
  EXPECT_EQ(dump(Nearest{{0, "log_vec"}, Text("fog"), schema::Metric::kL2}),
            "Nearest(field: $s.log_vec, query: \"fog\", metric: l2)");
  const ExprPtr bm25 = MakeExpr(Bm25{log, Text("fog")}, {});
  EXPECT_EQ(dump(Rrf{bm25, bm25, nullptr}),
            "Rrf(Bm25(field: $s.log, query: \"fog\"), Bm25(field: $s.log, query: \"fog\"), k: 60)");
  EXPECT_EQ(dump(Aggregate{AggregateFn::kMax, Property(0, "name")}), "Aggregate(max, $s.name)");
  EXPECT_EQ(dump(EntityRef{0}), "Entity($s)");
  EXPECT_EQ(dump(ColumnRef{2}), "Column(2)");
  EXPECT_EQ(dump(Now{}), "Now()");
}

// req: GRAPH-2
TEST(QueryText, IsOneNodeALine) {
  Query query;
  query.name = "q";
  query.variables = kVariables;
  query.limit = 5;
  query.parameters = {{.name = "code", .type = Type(schema::Scalar::kString)}};
  Match inner;
  inner.clauses = {Traversal{.left = 0, .right = 1, .edge_type = "CallsAt", .edge = 2}};
  inner.outer = {0};
  query.match.clauses = {
      Binding{0},
      Filter{MakeExpr(Compare{CompareOp::kStartsWith, Property(0, "name"),
                              MakeExpr(ParameterRef{0}, Type(schema::Scalar::kString))},
                      Type(schema::Scalar::kBool))},
      Negation{std::make_shared<const Match>(inner)}};
  query.projections = {{.expr = Property(0, "name"), .column = "s.name"}};
  query.order = {{.expr = MakeExpr(ColumnRef{0}, {}), .descending = true}};
  EXPECT_EQ(ToText(query),
            "Query q(code: String)\n"
            "  Match\n"
            "    Binding $s: Ship\n"
            "    Filter Compare($s.name starts_with Parameter(code))\n"
            "    Negation over ($s)\n"
            "      Traversal $s: Ship CallsAt $_1: Port, forward, hops: 1..1, edge: $c\n"
            "  Return\n"
            "    s.name: String = $s.name\n"
            "  Order\n"
            "    Column(0) desc\n"
            "  Limit 5\n");
}

// req: GRAPH-2
TEST(QueryText, ShowsEveryMutationAsItsNode) {
  Mutation mutation{.name = "m", .parameters = {}, .statements = {}};
  mutation.statements = {
      Insert{"Feeds", true, {{"from", Text("A")}, {"to", Text("B")}}},
      Update{"Port", {{"name", Text("x")}}, {"code", CompareOp::kEqual, Text("A")}},
      Delete{"Port", false, {"code", CompareOp::kNotEqual, Text("A")}},
  };
  EXPECT_EQ(ToText(mutation),
            "Mutation m()\n"
            "  Insert edge Feeds (from: \"A\", to: \"B\")\n"
            "  Update node Port (name: \"x\") where code = \"A\"\n"
            "  Delete node Port where code != \"A\"\n");
}

TEST(SameExpr, LooksAtEveryPart) {
  const ExprPtr fog = MakeExpr(Bm25{{0, "log"}, Text("fog")}, {});
  EXPECT_TRUE(SameExpr(*fog, *MakeExpr(Bm25{{0, "log"}, Text("fog")}, {})));
  EXPECT_FALSE(SameExpr(*fog, *MakeExpr(Bm25{{0, "log"}, Text("ice")}, {})));
  EXPECT_FALSE(SameExpr(*fog, *MakeExpr(Bm25{{1, "log"}, Text("fog")}, {})));
  EXPECT_FALSE(SameExpr(*fog, *MakeExpr(Bm25{{0, "name"}, Text("fog")}, {})));
  EXPECT_FALSE(SameExpr(*fog, *Property(0, "log")));
  const ExprPtr without_k = MakeExpr(Rrf{fog, fog, nullptr}, {});
  const ExprPtr with_k = MakeExpr(Rrf{fog, fog, MakeExpr(Constant{Value{int64_t{60}}}, {})}, {});
  EXPECT_TRUE(SameExpr(*without_k, *without_k));
  EXPECT_FALSE(SameExpr(*without_k, *with_k));
}

}  // namespace
}  // namespace tarn::ir
