// Filters: every operator on every type, three-valued, on the fake and on Lance.

#include <limits>

#include <gmock/gmock.h>

#include <arrow/type.h>

#include "backend.h"

namespace tarn::contract {
namespace {

using lance::Filter;
using lance::Table;
using lance::Value;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Op = Filter::Op;
using Type = Value::Type;

Filter Leaf(Op op, std::string column, std::vector<Value> values = {}) {
  return {.op = op, .column = std::move(column), .values = std::move(values)};
}
Filter Tree(Op op, std::vector<Filter> args) { return {.op = op, .args = std::move(args)}; }
Value Text(std::string text) { return {Type::kUtf8, std::move(text)}; }
Value Int(int64_t number) { return {Type::kInt64, number}; }
Value Real(double number) { return {Type::kFloat64, number}; }

std::string Kept(const Table& table, Filter filter) {
  std::string ids;
  for (const std::string& id : Texts(table, {.columns = {"id"}, .filter = std::move(filter)}))
    ids += id;
  return ids;
}

class FilterTest : public TableTest {};
TARN_ON_EVERY_BACKEND(FilterTest);

struct TypeCase {
  std::shared_ptr<arrow::DataType> type;
  std::string_view json;  ///< of the values low, middle, high
  std::vector<Value> low_middle_high;
};

std::vector<TypeCase> OrderedTypes() {
  return {
      {arrow::int32(),
       "-2147483648,0,2147483647",
       {{Type::kInt32, int64_t{INT32_MIN}},
        {Type::kInt32, int64_t{0}},
        {Type::kInt32, int64_t{INT32_MAX}}}},
      {arrow::int64(),
       "-9223372036854775808,9007199254740992,9007199254740993",
       {Int(INT64_MIN), Int(9007199254740992), Int(9007199254740993)}},
      {arrow::uint32(),
       "0,7,4294967295",
       {{Type::kUint32, uint64_t{0}},
        {Type::kUint32, uint64_t{7}},
        {Type::kUint32, uint64_t{UINT32_MAX}}}},
      {arrow::uint64(),
       "0,9223372036854775808,18446744073709551615",
       {{Type::kUint64, uint64_t{0}},
        {Type::kUint64, uint64_t{1} << 63},
        {Type::kUint64, UINT64_MAX}}},
      {arrow::float32(),
       "-1.5,0.1,3e38",
       {{Type::kFloat32, -1.5}, {Type::kFloat32, 0.1}, {Type::kFloat32, 3e38}}},
      {arrow::float64(), "-1e300,0.1,1e300", {Real(-1e300), Real(0.1), Real(1e300)}},
      {arrow::utf8(), R"("A'\"b","B","a\u00e9")", {Text("A'\"b"), Text("B"), Text("a\u00e9")}},
      {arrow::date32(),
       "-1,0,19000",
       {{Type::kDate32, int64_t{-1}},
        {Type::kDate32, int64_t{0}},
        {Type::kDate32, int64_t{19000}}}},
      {arrow::date64(),
       "-86400001,1,1700000000123",
       {{Type::kDate64, int64_t{-86400001}},
        {Type::kDate64, int64_t{1}},
        {Type::kDate64, int64_t{1700000000123}}}},
  };
}

/// Rows 0 low, 1 middle, 2 high, 3 null, 4 middle, for each type in turn.
TEST_P(FilterTest, ComparesEveryOrderedType) {
  for (const TypeCase& each : OrderedTypes()) {
    SCOPED_TRACE(each.type->ToString());
    uri_ = fmt::format("{}/tables/{}.lance", backend_->root(), each.type->ToString());
    auto schema =
        arrow::schema({arrow::field("v", each.type), arrow::field("id", arrow::int64(), false)});
    const std::string list = fmt::format("[{}]", each.json);
    std::vector<std::string> cells;
    for (size_t begin = 1, end; begin < list.size(); begin = end + 1) {
      end = std::min(list.find(',', begin), list.size() - 1);
      cells.push_back(list.substr(begin, end - begin));
    }
    ASSERT_EQ(cells.size(), 3u);
    std::unique_ptr<Table> table = Create(
        schema,
        fmt::format("[[{0},0],[{1},1],[{2},2],[null,3],[{1},4]]", cells[0], cells[1], cells[2]));
    const Value& low = each.low_middle_high[0];
    const Value& middle = each.low_middle_high[1];
    const Value& high = each.low_middle_high[2];
    EXPECT_EQ(Kept(*table, Leaf(Op::kEqual, "v", {middle})), "14");
    EXPECT_EQ(Kept(*table, Leaf(Op::kNotEqual, "v", {middle})), "02");
    EXPECT_EQ(Kept(*table, Leaf(Op::kLess, "v", {middle})), "0");
    EXPECT_EQ(Kept(*table, Leaf(Op::kLessEqual, "v", {middle})), "014");
    EXPECT_EQ(Kept(*table, Leaf(Op::kGreater, "v", {middle})), "2");
    EXPECT_EQ(Kept(*table, Leaf(Op::kGreaterEqual, "v", {middle})), "124");
    EXPECT_EQ(Kept(*table, Leaf(Op::kIn, "v", {low, high})), "02");
    EXPECT_EQ(Kept(*table, Leaf(Op::kIn, "v", {})), "");
    EXPECT_EQ(Kept(*table, Leaf(Op::kIsNull, "v")), "3");
    EXPECT_EQ(Kept(*table, Leaf(Op::kIsNotNull, "v")), "0124");
    EXPECT_EQ(Kept(*table, Tree(Op::kNot, {Leaf(Op::kEqual, "v", {middle})})), "02")
        << "not unknown is unknown";
    EXPECT_EQ(Kept(*table, Tree(Op::kNot, {Leaf(Op::kIn, "v", {low})})), "124");
    EXPECT_EQ(Kept(*table, Tree(Op::kNot, {Leaf(Op::kLess, "v", {high})})), "2");
  }
}

TEST_P(FilterTest, ComparesBooleans) {
  auto schema = arrow::schema(
      {arrow::field("id", arrow::int64(), false), arrow::field("b", arrow::boolean())});
  std::unique_ptr<Table> table = Create(schema, "[[0,true],[1,false],[2,null]]");
  const Value yes{Type::kBool, true};
  EXPECT_EQ(Kept(*table, Leaf(Op::kEqual, "b", {yes})), "0");
  EXPECT_EQ(Kept(*table, Leaf(Op::kNotEqual, "b", {yes})), "1");
  EXPECT_EQ(Kept(*table, Leaf(Op::kLess, "b", {yes})), "1");
  EXPECT_EQ(Kept(*table, Leaf(Op::kIn, "b", {yes, {Type::kBool, false}})), "01");
  EXPECT_EQ(Kept(*table, Leaf(Op::kIsNull, "b")), "2");
}

// req: GRAPH-8 (what a scan may be asked to leave out)
TEST_P(FilterTest, LogicIsThreeValued) {
  auto schema =
      arrow::schema({arrow::field("id", arrow::int64(), false), arrow::field("a", arrow::int64()),
                     arrow::field("b", arrow::int64())});
  // Every pair of true (1), false (0) and unknown (null).
  std::unique_ptr<Table> table = Create(schema,
                                        "[[0,1,1],[1,1,0],[2,1,null],[3,0,1],[4,0,0],[5,0,null],[6,"
                                        "null,1],[7,null,0],[8,null,null]]");
  const Filter a = Leaf(Op::kEqual, "a", {Int(1)});
  const Filter b = Leaf(Op::kEqual, "b", {Int(1)});
  EXPECT_EQ(Kept(*table, Tree(Op::kAnd, {a, b})), "0");
  EXPECT_EQ(Kept(*table, Tree(Op::kOr, {a, b})), "01236");
  EXPECT_EQ(Kept(*table, Tree(Op::kNot, {Tree(Op::kAnd, {a, b})})), "13457");
  EXPECT_EQ(Kept(*table, Tree(Op::kNot, {Tree(Op::kOr, {a, b})})), "4");
  EXPECT_EQ(Kept(*table, Tree(Op::kAnd, {a, Tree(Op::kNot, {b})})), "1");
  EXPECT_EQ(Kept(*table, Tree(Op::kAnd, {a})), "012");
  EXPECT_EQ(Kept(*table, Tree(Op::kOr, {a, b, Leaf(Op::kIsNull, "a")})), "0123678");
}

TEST_P(FilterTest, SearchesTextByBytes) {
  auto schema =
      arrow::schema({arrow::field("id", arrow::int64(), false), arrow::field("s", arrow::utf8())});
  std::unique_ptr<Table> table = Create(
      schema, R"([[0,"Ada Lovelace"],[1,"ada"],[2,""],[3,null],[4,"100% _ad\\"],[5,"\u00c4da"]])");
  EXPECT_EQ(Kept(*table, Leaf(Op::kStartsWith, "s", {Text("Ada")})), "0");
  EXPECT_EQ(Kept(*table, Leaf(Op::kStartsWith, "s", {Text("")})), "01245");
  EXPECT_EQ(Kept(*table, Leaf(Op::kStartsWith, "s", {Text("1%")})), "") << "no wildcards";
  EXPECT_EQ(Kept(*table, Leaf(Op::kContains, "s", {Text("ad")})), "14");
  EXPECT_EQ(Kept(*table, Leaf(Op::kContains, "s", {Text("%")})), "4");
  EXPECT_EQ(Kept(*table, Leaf(Op::kContains, "s", {Text("d\\")})), "4");
  EXPECT_EQ(Kept(*table, Leaf(Op::kContains, "s", {Text("")})), "01245");
  EXPECT_EQ(Kept(*table, Tree(Op::kNot, {Leaf(Op::kContains, "s", {Text("a")})})), "2");
}

TEST_P(FilterTest, LooksIntoLists) {
  auto schema =
      arrow::schema({arrow::field("id", arrow::int64(), false),
                     arrow::field("names", arrow::list(arrow::field("item", arrow::utf8()))),
                     arrow::field("numbers", arrow::list(arrow::field("item", arrow::int64())))});
  std::unique_ptr<Table> table =
      Create(schema, R"([[0,["a","b"],[1,2]],[1,["b"],[]],[2,[],null],[3,null,[3]],
                                                   [4,[null,"a"],[1,null]],[5,[null],[null]]])");
  const Filter has_a = Leaf(Op::kListContains, "names", {Text("a")});
  EXPECT_EQ(Kept(*table, has_a), "04");
  EXPECT_EQ(Kept(*table, Leaf(Op::kListContains, "numbers", {Int(1)})), "04");
  EXPECT_EQ(Kept(*table, Leaf(Op::kListContains, "numbers", {Int(9)})), "");
  EXPECT_EQ(Kept(*table, Tree(Op::kNot, {has_a})), "125")
      << "a null list is unknown, a null member is another value";
}

TEST_P(FilterTest, FloatsHaveATotalOrderWithOneZero) {
  auto schema =
      arrow::schema({arrow::field("id", arrow::int64(), false), arrow::field("f", arrow::float64()),
                     arrow::field("g", arrow::float32()),
                     arrow::field("l", arrow::list(arrow::field("item", arrow::float64())))});
  std::unique_ptr<Table> table = Create(schema,
                                        "[[0,NaN,NaN,[NaN]],[1,Inf,Inf,[Inf]],[2,0.0,0.0,[0.0]],[3,"
                                        "-0.0,-0.0,[-0.0]],[4,-Inf,-Inf,[-Inf]],"
                                        "[5,null,null,null]]");
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [column, type] :
       {std::pair("f", Type::kFloat64), std::pair("g", Type::kFloat32)}) {
    SCOPED_TRACE(column);
    const auto value = [type = type](double number) { return Value{type, number}; };
    EXPECT_EQ(Kept(*table, Leaf(Op::kEqual, column, {value(nan)})), "0");
    EXPECT_EQ(Kept(*table, Leaf(Op::kNotEqual, column, {value(nan)})), "1234");
    EXPECT_EQ(Kept(*table, Leaf(Op::kGreater, column, {value(inf)})), "0");
    EXPECT_EQ(Kept(*table, Leaf(Op::kLess, column, {value(nan)})), "1234");
    EXPECT_EQ(Kept(*table, Leaf(Op::kLess, column, {value(0.0)})), "4");
    EXPECT_EQ(Kept(*table, Leaf(Op::kEqual, column, {value(0.0)})), "23");
    EXPECT_EQ(Kept(*table, Leaf(Op::kEqual, column, {value(-0.0)})), "23");
    EXPECT_EQ(Kept(*table, Leaf(Op::kGreaterEqual, column, {value(-0.0)})), "0123");
    EXPECT_EQ(Kept(*table, Leaf(Op::kLessEqual, column, {value(-inf)})), "4");
    EXPECT_EQ(Kept(*table, Leaf(Op::kIn, column, {value(0.0), value(5)})), "23");
    EXPECT_EQ(Kept(*table,
                   Leaf(Op::kIn, column, {value(-0.0), value(nan), value(5), value(6), value(7)})),
              "023");
  }
  EXPECT_EQ(Kept(*table, Leaf(Op::kListContains, "l", {Real(nan)})), "0");
  EXPECT_EQ(Kept(*table, Leaf(Op::kListContains, "l", {Real(0.0)})), "23");
  EXPECT_EQ(Kept(*table, Leaf(Op::kListContains, "l", {Real(-0.0)})), "23");
}

TEST_P(FilterTest, AnEmptyInIsFalseAndForNullUnknown) {
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"a"],[2,null]])");
  const Filter in_nothing = Leaf(Op::kIn, "name");
  EXPECT_EQ(Kept(*table, in_nothing), "");
  EXPECT_EQ(Kept(*table, Tree(Op::kNot, {in_nothing})), "1");
}

TEST_P(FilterTest, WorksAcrossFragmentsWithLimitAndRowIds) {
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"a"],[2,"b"],[3,"a"]])");
  table = Append(*table, R"([[4,"a"],[5,"b"],[6,"a"]])");
  const Filter is_a = Leaf(Op::kEqual, "name", {Text("a")});
  EXPECT_THAT(Texts(*table, {.columns = {"id"}, .filter = is_a, .limit = 3}),
              ElementsAre("1", "3", "4"));
  EXPECT_THAT(Texts(*table, {.filter = is_a, .row_id = true}), ElementsAre("0", "2", "3", "5"));
  EXPECT_THAT(Texts(*table, {.columns = {"id"}, .filter = Leaf(Op::kEqual, "name", {Text("z")})}),
              IsEmpty());
}

TEST_P(FilterTest, ColumnNamesAreExact) {
  auto schema = arrow::schema({arrow::field("id", arrow::int64(), false),
                               arrow::field("createdAt", arrow::int64()),
                               arrow::field("select", arrow::int64())});
  std::unique_ptr<Table> table = Create(schema, "[[0,5,6],[1,6,5]]");
  EXPECT_EQ(Kept(*table, Leaf(Op::kEqual, "createdAt", {Int(5)})), "0");
  EXPECT_EQ(Kept(*table, Leaf(Op::kEqual, "select", {Int(5)})), "1");
  EXPECT_THAT(Texts(*table, {.columns = {"select", "createdAt"}}), ElementsAre("6|5", "5|6"));
}

TEST_P(FilterTest, RefusesWhatCannotBeMeant) {
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"a"]])");
  const auto refused = [&](Filter filter) {
    return table->Scan({}, {.columns = {"id"}, .filter = std::move(filter)}).status().id() ==
           ErrorId::kInvalidArgument;
  };
  EXPECT_TRUE(refused(Leaf(Op::kEqual, "nope", {Int(1)})));
  EXPECT_TRUE(refused(Leaf(Op::kEqual, "name", {Int(1)})));
  EXPECT_TRUE(refused(Leaf(Op::kEqual, "id", {Value{Type::kInt32, int64_t{1}}})))
      << "no silent widening";
  EXPECT_TRUE(refused(Leaf(Op::kEqual, "id", {Value{Type::kInt64, std::string("1")}})));
  EXPECT_TRUE(refused(Leaf(Op::kEqual, "id")));
  EXPECT_TRUE(refused(Leaf(Op::kIsNull, "id", {Int(1)})));
  EXPECT_TRUE(refused(Leaf(Op::kContains, "id", {Int(1)})));
  EXPECT_TRUE(refused(Leaf(Op::kListContains, "name", {Text("a")})));
  EXPECT_TRUE(refused(Tree(Op::kNot, {})));
  EXPECT_TRUE(refused(Tree(Op::kAnd, {})));
  Filter deep = Leaf(Op::kIsNull, "id");
  for (int i = 0; i < lance::kFilterDepthMax; ++i) deep = Tree(Op::kNot, {deep});
  EXPECT_TRUE(refused(deep));
}

TEST_P(FilterTest, TheDeepestFilterAllowedWorks) {
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"a"]])");
  Filter deep = Leaf(Op::kIsNotNull, "id");
  for (int i = 0; i + 1 < lance::kFilterDepthMax - 1; i += 2)
    deep = Tree(Op::kNot, {Tree(Op::kNot, {deep})});
  EXPECT_EQ(Kept(*table, deep), "1");
}

TEST_P(FilterTest, ManyMembersOfAnInAreSearched) {
  std::unique_ptr<Table> table = CreatePeople(R"([[1,"a"],[5000,"b"],[100000,"c"]])");
  std::vector<Value> members;
  for (int64_t i = 2; i < 10'000; ++i) members.push_back(Int(i));
  EXPECT_EQ(Kept(*table, Leaf(Op::kIn, "id", members)), "5000");
}

}  // namespace
}  // namespace tarn::contract
