#include "tarn/gq/harbour_for_test.h"

namespace tarn::gq {
namespace {

std::string DumpOf(std::string_view statements, std::string_view parameters = "",
                   const schema::Schema& schema = Harbour()) {
  return ir::ToText(MustMutate(Mutate(statements, parameters), schema));
}

// req: GRAPH-1
TEST(Mutation, LowersEveryStatement) {
  EXPECT_EQ(DumpOf("insert CallsAt { from: $imo, to: $port, berth: $berth, arrived: now() }\n"
                   "update Ship set { log: $note } where name = \"Cato\"\n"
                   "delete Ship where imo = $id",
                   "$imo: String, $port: String, $berth: I32?, $note: String, $id: I64"),
            "Mutation q(imo: String, port: String, berth: I32?, note: String, id: I64)\n"
            "  Insert edge CallsAt (from: Parameter(imo), to: Parameter(port), berth: "
            "Parameter(berth), arrived: Now())\n"
            "  Update node Ship (log: Parameter(note)) where name = \"Cato\"\n"
            "  Delete node Ship where imo = Parameter(id)\n");
}

TEST(Mutation, TakesAnyCommas) {  // trap: 5
  EXPECT_EQ(DumpOf("insert Port { code: \"A\" name: \"b\" }"),
            DumpOf("insert Port { code: \"A\", name: \"b\", }"));
}

TEST(Mutation, TurnsListLiteralsIntoWhatThePropertyHolds) {
  const ir::Mutation mutation =
      MustMutate(Mutate("update Ship set { log_vec: [1, 0.5, 2] } where imo = 1"));
  const auto& update = std::get<ir::Update>(mutation.statements.at(0));
  const auto& constant = std::get<ir::Constant>(update.assignments.at(0).value->node);
  EXPECT_EQ(constant.value, ir::Value{(ir::Vector{1.0f, 0.5f, 2.0f})});
  EXPECT_EQ(schema::TypeName(update.assignments.at(0).value->type), "Vector(3)");
}

TEST(Mutation, AnEmptyListFitsEveryList) {
  const schema::Schema schema = SchemaOf("node N { k: String @key  xs: [I32]? }\n");
  const ir::Mutation mutation =
      MustMutate(Mutate("update N set { xs: [] } where k = \"a\""), schema);
  const auto& update = std::get<ir::Update>(mutation.statements.at(0));
  EXPECT_EQ(schema::TypeName(update.assignments.at(0).value->type), "[I32]");
}

TEST(Mutation, PrefersTheNodeOfTwoNamesakes) {  // trap: 62
  const schema::Schema schema =
      SchemaOf("node Visit { k: String @key }\nedge Visit: Visit -> Visit\n");
  EXPECT_EQ(DumpOf("delete Visit where k = \"a\"", "", schema),
            "Mutation q()\n  Delete node Visit where k = \"a\"\n");
  EXPECT_EQ(CodeOf(Mutate("delete Visit where from = \"a\""), schema), "T11");
}

TEST(Mutation, FindsAnEdgeByFold) {
  EXPECT_EQ(DumpOf("delete CALLSAT where to = \"A\""),
            "Mutation q()\n  Delete edge CallsAt where to = \"A\"\n");
}

TEST(Mutation, EveryNumberIsAssignableToEveryNumber) {
  EXPECT_EQ(Outcome(Mutate("update Port set { depth_m: 5 } where code = \"A\"")), "");
  EXPECT_EQ(Outcome(Mutate("update Ship set { log: \"x\" } where imo = 1.5")), "");
}

TEST(Mutation, MayMixDeletesWithInserts) {
  EXPECT_EQ(
      Outcome(Mutate("insert Port { code: \"A\" name: \"b\" } delete Port where code = \"B\"")),
      "");
}

TEST(Mutation, ReportsEveryStatement) {
  const Compiled compiled = CompileQuery(
      Source(Mutate("insert Port { cod: \"A\" } update Feeds set { nm: 1.0 } where nm = 2.0 "
                    "delete Prt where x = 1")),
      "", Harbour());
  std::string codes;
  for (const Diagnostic& diagnostic : compiled.diagnostics) codes += diagnostic.code + " ";
  EXPECT_EQ(codes, "T11 T12 T12 T16 T10 ");
  EXPECT_EQ(compiled.diagnostics[0].suggestion, "did you mean `code`?");
}

TEST(Entry, RefusesTheOtherKind) {
  const Result<ir::Query> read =
      CompileRead(Source(Mutate("delete Port where code = \"A\"")), "", Harbour());
  EXPECT_EQ(read.status().message(),
            "type error: query 'q' is a mutation and cannot be run as a read");
  EXPECT_EQ(read.status().id(), ErrorId::kQueryType);
  const Result<ir::Mutation> mutation = CompileMutation(Source(Read("$p: Port")), "", Harbour());
  EXPECT_EQ(mutation.status().message(),
            "type error: query 'q' is a read and cannot be run as a mutation");
}

}  // namespace
}  // namespace tarn::gq
