#include "tarn/gq/parser.h"

#include <gtest/gtest.h>

namespace tarn::gq {
namespace {

std::string Codes(std::string_view text) {
  std::string codes;
  for (const Diagnostic& diagnostic : Parse(text).errors) codes += diagnostic.code + " ";
  return codes;
}
const ReadAst& ReadOf(const ParsedFile& file) { return std::get<ReadAst>(file.queries.at(0).body); }

/// One side of the comparison that a clause is.
const ExprAst& OperandOf(const ReadAst& read, size_t clause, size_t side) {
  const auto& filter = std::get<FilterAst>(read.clauses.at(clause));
  return std::get<CompareAst>(filter.condition.node).operands.at(side);
}

// req: GRAPH-1
TEST(Parser, AcceptsAnEmptyFile) {
  EXPECT_EQ(Codes(""), "");
  EXPECT_EQ(Codes(" // nothing\n/* at all */"), "");
}

TEST(Parser, ReadsHeaders) {
  const ParsedFile file = Parse(
      "query q($a: [I64]?, $b: Vector(3), $_c: DateTime?) @instruction(\"use it\") "
      "@description(\"it\")\n"
      "{ match { $p: Port } return { $p } }");
  ASSERT_EQ(file.errors.size(), 0u);
  const QueryAst& query = file.queries.at(0);
  EXPECT_EQ(query.parameters.at(0).type.base.text, "I64");
  EXPECT_TRUE(query.parameters.at(0).type.list && query.parameters.at(0).type.nullable);
  EXPECT_EQ(query.parameters.at(1).type.dimension, 3u);
  EXPECT_EQ(query.description, "it");
  EXPECT_EQ(query.instruction, "use it");
}

TEST(Parser, TakesCommentsBetweenAnyTokens) {  // trap: 64
  EXPECT_EQ(Codes("query/**/q/*a*/(/**/)/**/{match/**/{/**/$p/**/:/**/Port/**/}/**/return{$p/**/./"
                  "**/code}limit/**/3}"),
            "");
  EXPECT_EQ(Codes("query q() { match { $p: Port $p feeds /**/ { /**/ 1 , /**/ 2 } $q } return { $p "
                  "// end\n } }"),
            "");
  EXPECT_NE(Codes("query q() { match { $ p: Port } return { $p } }"), "");
}

TEST(Parser, NeverReservesAWord) {
  EXPECT_EQ(
      Codes(
          "query match($limit: I64, $not: String) { match { $order: Port { match: 1, type: 2, "
          "limit: $limit, "
          "order: 3, when: 4, kind: 5, date: 6, text: 7, blob: 8, query: 9, from: 10, not: $not } "
          "$order.match = $order.not $order.now > now() } "
          "return { $order.limit as as, $order.from as return, $order.date as match limit query } "
          "order { as desc, return, match asc } limit 3 }"),
      "");
  EXPECT_EQ(Codes("query insert() { insert Set { set: 1 where: 2 delete: 3 } update Set set { set: "
                  "1 } where where = 1 "
                  "delete Set where delete = 2 }"),
            "");
}

// Departs from the reference, which splits words at keywords.
TEST(Lexing, KeywordsEndAtAWordBoundary) {
  EXPECT_EQ(Codes("queryfoo() { match { $p: Port } return { $p } }"), "P001 ");
  const ParsedFile file =
      Parse("query q() { match { $p: Port } return { $p.name assignee, $p.name asc } }");
  ASSERT_EQ(file.errors.size(), 0u);
  ASSERT_EQ(ReadOf(file).projections.size(), 4u);
  EXPECT_FALSE(ReadOf(file).projections[0].alias.has_value());
  EXPECT_EQ(std::get<AliasAst>(ReadOf(file).projections[1].expr.node).name.text, "assignee");
  EXPECT_EQ(std::get<AliasAst>(ReadOf(file).projections[3].expr.node).name.text, "asc");
}

// Departs from the reference, where an alias cannot start with `true` or `false`.
TEST(Lexing, BooleansEndAtAWordBoundary) {
  const ParsedFile file =
      Parse("query q() { match { $p: Port true = false } return { trueness, false_positives } }");
  ASSERT_EQ(file.errors.size(), 0u);
  EXPECT_TRUE(std::holds_alternative<AliasAst>(ReadOf(file).projections[0].expr.node));
  EXPECT_TRUE(std::holds_alternative<LiteralAst>(OperandOf(ReadOf(file), 1, 0).node));
}

TEST(Lexing, AKeywordMayTouchANumberOrABracket) {
  const ParsedFile file = Parse(
      "query q($x:String){match{$p:Port $p.depth_m contains0.5 $p.xs contains10 $p.name "
      "starts_with\"a\" "
      "$p.name contains\"b\" $p.xs contains$x not{$p feeds{1,2}$q}}return{$p.code as "
      "c}order{c}limit10}");
  ASSERT_EQ(file.errors.size(), 0u) << file.errors[0].message;
  const ReadAst& read = ReadOf(file);
  ASSERT_TRUE(read.limit.has_value());
  EXPECT_EQ(read.limit->literal, 10u);
  const auto right = [&read](size_t clause) {
    return std::get<LiteralAst>(OperandOf(read, clause, 1).node);
  };
  EXPECT_EQ(right(1).kind, LiteralAst::Kind::kFloat);
  EXPECT_EQ(right(1).text, "0.5");
  EXPECT_EQ(right(2).kind, LiteralAst::Kind::kInteger);
  EXPECT_EQ(right(2).text, "10");
  EXPECT_EQ(right(3).text, "a");
}

TEST(Parser, TriesATraversalBeforeAFilter) {  // trap: 3
  const ParsedFile file = Parse(
      "query q() { match { $a contains $b  $a.tags contains $b  $a contains $b.name  $a <feeds> $b "
      " $a < feeds } "
      "return { $a } }");
  ASSERT_EQ(file.errors.size(), 0u) << file.errors[0].message;
  std::string kinds;
  for (const ClauseAst& clause : ReadOf(file).clauses) kinds += std::to_string(clause.index());
  EXPECT_EQ(kinds, "12212");
}

TEST(Parser, KnowsWhereCommasMayStand) {  // trap: 5
  const auto read = [](std::string_view match, std::string_view rest) {
    return Codes("query q() { match { " + std::string(match) + " } " + std::string(rest) + " }");
  };
  EXPECT_EQ(read("$p: Port { a: 1, b: 2, }", "return { $p, $p $p, } order { $p, $p }"), "");
  EXPECT_EQ(read("$p: Port { a: 1 b: 2 }", "return { $p }"), "P001 ");
  EXPECT_EQ(read("$p: Port { , }", "return { $p }"), "P001 ");
  EXPECT_EQ(read("$p: Port", "return { , $p }"), "P001 ");
  EXPECT_EQ(read("$p: Port", "return { $p } order { $p $p }"), "P001 ");
  EXPECT_EQ(read("$p: Port", "return { $p } order { $p, }"), "P011 ");
  EXPECT_EQ(read("$p: Port [1, ] contains 1", "return { $p }"), "P011 ");
}

TEST(Parser, BindsOperatorsByPrecedence) {
  const ParsedFile file = Parse(
      "query q() { match { $a: A  $a.x = 1 + 2 * -3 - 4 or $a.y > 2 and not ($a.z is null) } "
      "return { $a } }");
  ASSERT_EQ(file.errors.size(), 0u) << file.errors[0].message;
  const auto& filter = std::get<FilterAst>(ReadOf(file).clauses.at(1));
  const auto& either = std::get<LogicAst>(filter.condition.node);
  EXPECT_EQ(either.op, ir::LogicOp::kOr);
  const auto& sum =
      std::get<OperatorAst>(std::get<CompareAst>(either.operands.at(0).node).operands.at(1).node);
  EXPECT_EQ(sum.fn, ir::ScalarFn::kSubtract);
  const auto& plus = std::get<OperatorAst>(sum.operands.at(0).node);
  EXPECT_EQ(plus.fn, ir::ScalarFn::kAdd);
  const auto& product = std::get<OperatorAst>(plus.operands.at(1).node);
  EXPECT_EQ(std::get<LiteralAst>(product.operands.at(1).node).text, "-3");
  const auto& both = std::get<LogicAst>(either.operands.at(1).node);
  EXPECT_EQ(both.op, ir::LogicOp::kAnd);
  EXPECT_EQ(std::get<LogicAst>(both.operands.at(1).node).op, ir::LogicOp::kNot);
}

TEST(Parser, ReadsAWordAsAnEdgeWhereItMayBeOne) {
  const ParsedFile file = Parse(
      "query q($x: String, $l: [String]) { match { $x in $l  $x in [\"a\"]  $a is $b  $x is null } "
      "return { $x } }");
  ASSERT_EQ(file.errors.size(), 0u) << file.errors[0].message;
  std::string kinds;
  for (const ClauseAst& clause : ReadOf(file).clauses) kinds += std::to_string(clause.index());
  EXPECT_EQ(kinds, "1212");
}

TEST(Parser, ExponentsAreNumbersOnlyInQueries) {
  const ParsedFile file =
      Parse("query q() { match { $a: A  $a.x > 1e-3  $a.x < 2.5E+2  $a.y = -1 } return { $a } }");
  ASSERT_EQ(file.errors.size(), 0u) << file.errors[0].message;
  EXPECT_EQ(std::get<LiteralAst>(OperandOf(ReadOf(file), 1, 1).node).text, "1e-3");
  EXPECT_EQ(std::get<LiteralAst>(OperandOf(ReadOf(file), 2, 1).node).text, "2.5E+2");
  EXPECT_EQ(schema::Lex("1e3").tokens.size(), 3u);
}

TEST(Parser, IntegersFitSixtyThreeBits) {
  EXPECT_EQ(Codes("query q() { match { $p: Port $p.x = 9223372036854775807 } return { $p } }"), "");
  EXPECT_EQ(Codes("query q() { match { $p: Port $p.x = 9223372036854775808 } return { $p } }"),
            "P004 ");
}

TEST(Parser, FindsSeveralErrorsInOneFile) {
  const ParsedFile file = Parse(
      "query a() {\n"
      "  match {\n"
      "    $p: port { code: \"x\" }\n"
      "    $p.code == \"x\"\n"
      "    $p feeds{2} $q\n"
      "    $p.name = serch($p.name, \"x\")\n"
      "    not { $p.x }\n"
      "  }\n"
      "  return { $p.code as Code, $q.code }\n"
      "  limit many\n"
      "}\n"
      "query b( { }\n"
      "query c() { match { $p: Port } return { $p } }\n");
  std::string codes;
  for (const Diagnostic& diagnostic : file.errors) codes += diagnostic.code + " ";
  EXPECT_EQ(codes, "P001 P001 P005 P008 P001 P001 P001 P001 ");
  ASSERT_EQ(file.queries.size(), 1u);
  EXPECT_EQ(file.queries[0].name.text, "c");
}

TEST(Parser, LexicalErrorsStandAlone) {
  const std::string codes = Codes("query q() { match { $p: Port { a: # } } return { \"\\q\" } }");
  EXPECT_EQ(codes, "E001 E002 ");
}

TEST(Parser, SurvivesAnyCutOfAText) {
  constexpr std::string_view kText =
      "query q($a: [I64]?, $v: Vector(3)) @description(\"d\") { match { $p: Port { code: \"x\", "
      "tags: $a } "
      "$p $f:<feeds>{1,2} $q not { search($p.name, \"a\") $f.nm >= 2.5 } [date(\"2026-01-01\")] "
      "contains $p.d } "
      "return { count($p) as n, rrf(nearest($s.v, $v), bm25($s.l, \"x\"), 60) } order { n desc } "
      "limit 10 }\n"
      "query m() { insert A { a: now() b: [1, 2] } update A set { a: true } where b != 1 delete A "
      "where a < 2 }";
  for (size_t length = 0; length <= kText.size(); ++length) {
    Parse(kText.substr(0, length));
    Parse(kText.substr(length));
  }
  EXPECT_EQ(Codes(kText), "");
}

}  // namespace
}  // namespace tarn::gq
