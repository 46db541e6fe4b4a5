// guard: lance-bridge.md §1.12 (filter trees, projection, order), §1.13 (take).
#include <algorithm>

#include <arrow/c/bridge.h>

#include "bridge.h"

namespace tarn::guard {
namespace {

/// One row per line of `Wide`: every type a filter tree can name, a list, and nulls in the last
/// row.
std::shared_ptr<arrow::RecordBatch> Wide() {
  arrow::Int64Builder ids;
  arrow::Int32Builder small;
  arrow::UInt64Builder unsigned_;
  arrow::FloatBuilder floats;
  arrow::DoubleBuilder doubles;
  arrow::BooleanBuilder flags;
  arrow::Date32Builder days;
  arrow::Date64Builder millis;
  arrow::StringBuilder texts;
  arrow::ListBuilder lists(arrow::default_memory_pool(), std::make_shared<arrow::StringBuilder>());
  auto* items = static_cast<arrow::StringBuilder*>(lists.value_builder());
  const std::vector<std::string> words = {"alpha", "Alpine", "al%p_ha", "o'brien", "zeta"};
  arrow::Status status;
  for (int64_t i = 0; i < 5; ++i) {
    status &= ids.Append(i);
    status &= small.Append(static_cast<int32_t>(i * 10));
    status &= unsigned_.Append(i == 4 ? 18446744073709551615u : static_cast<uint64_t>(i));
    status &= floats.Append(static_cast<float>(i) / 2);
    status &= doubles.Append(static_cast<double>(i) / 4);
    status &= flags.Append(i % 2 == 0);
    status &= days.Append(static_cast<int32_t>(19000 + i));
    status &= millis.Append((19000 + i) * int64_t{86400000});
    status &= texts.Append(words[i]);
    status &= lists.Append();
    status &= items->Append(words[i]);
    status &= items->Append("all");
  }
  status &= ids.Append(5);
  const std::vector<arrow::ArrayBuilder*> builders = {&ids,   &small, &unsigned_, &floats, &doubles,
                                                      &flags, &days,  &millis,    &texts,  &lists};
  for (size_t i = 1; i < builders.size(); ++i) status &= builders[i]->AppendNull();
  EXPECT_TRUE(status.ok()) << status;
  arrow::ArrayVector columns;
  for (arrow::ArrayBuilder* builder : builders) columns.push_back(*builder->Finish());
  const std::vector<std::string> names = {"id",   "i32", "u64", "f32",  "f64",
                                          "flag", "d32", "d64", "Text", "tags"};
  arrow::FieldVector fields;
  for (size_t i = 0; i < columns.size(); ++i)
    fields.push_back(arrow::field(names[i], columns[i]->type(), i != 0));
  return arrow::RecordBatch::Make(arrow::schema(fields), 6, columns);
}

Dataset CreateWide(tlb_session* session, const std::string& uri) {
  ArrowArrayStream stream;
  Export(Wide(), &stream);
  tlb_tx* raw = nullptr;
  Error error;
  const int32_t code =
      tlb_stage_create(nullptr, session, Text(uri), Text(""), &stream, &raw, error.out());
  const Outcome outcome = error.Of(code);
  EXPECT_EQ(outcome.code, TLB_OK) << outcome.message;
  return Must(CommitCreate(session, uri, Tx(raw).get()));
}

class Filters : public testing::Test {
 protected:
  Filters() : session(Must(NewSession())) { ds = CreateWide(session.get(), "memory://wide/t"); }
  std::vector<int64_t> Of(const std::string& tree) { return Ids(ds.get(), tree); }
  int32_t Refusal(const std::string& tree) {
    return Scan(ds.get(), R"({"columns":["id"],"filter":)" + tree + "}").outcome.code;
  }
  using V = std::vector<int64_t>;
  Session session;
  Dataset ds;
};

TEST_F(Filters, EveryTypeComparesByValue) {
  const auto eq = [&](const std::string& column, const std::string& value,
                      const std::string& type) {
    return Of(R"({"op":"=","column":")" + column + R"(","value":)" + value + R"(,"type":")" + type +
              "\"}");
  };
  EXPECT_EQ(eq("id", "3", "int64"), V{3});
  EXPECT_EQ(eq("i32", "30", "int64"), V{3}) << "a literal takes the column's narrower type";
  EXPECT_EQ(eq("i32", "4294967296", "int64"), V{}) << "and does not wrap";
  EXPECT_EQ(eq("u64", "18446744073709551615", "uint64"), V{4});
  EXPECT_EQ(eq("u64", "-1", "int64"), V{});
  EXPECT_EQ(Of(R"({"op":">","column":"u64","value":-1,"type":"int64"})"), (V{0, 1, 2, 3, 4}));
  EXPECT_EQ(Of(R"({"op":"<","column":"i32","value":4294967296,"type":"int64"})"),
            (V{0, 1, 2, 3, 4}));
  EXPECT_EQ(
      Of(R"({"op":"not","args":[{"op":"=","column":"i32","value":4294967296,"type":"int64"}]})"),
      (V{0, 1, 2, 3, 4}))
      << "null stays unknown";
  EXPECT_EQ(Of(R"({"op":"in","column":"i32","values":[4294967296,20],"type":"int64"})"), V{2});
  EXPECT_EQ(eq("f32", "1.5", "float32"), V{3});
  EXPECT_EQ(eq("f64", "0.75", "float64"), V{3});
  EXPECT_EQ(eq("id", "2.5", "float64"), V{});
  EXPECT_EQ(eq("id", "2.0", "float64"), V{2});
  EXPECT_EQ(eq("flag", "true", "bool"), (V{0, 2, 4}));
  EXPECT_EQ(eq("d32", "19002", "date32"), V{2});
  EXPECT_EQ(eq("d32", "\"2022-01-10\"", "date32"), V{2});
  EXPECT_EQ(eq("d64", "1641772800000", "date64"), V{2});
  EXPECT_EQ(eq("Text", "\"Alpine\"", "utf8"), V{1}) << "column names keep their case";
  EXPECT_EQ(eq("Text", "\"o'brien\"", "utf8"), V{3}) << "quotes are data, not syntax";
}

TEST_F(Filters, Comparisons) {
  const auto with = [&](const std::string& op) {
    return Of(R"({"op":")" + op + R"(","column":"i32","value":20,"type":"int64"})");
  };
  EXPECT_EQ(with("="), V{2});
  EXPECT_EQ(with("!="), (V{0, 1, 3, 4})) << "null is neither equal nor unequal";
  EXPECT_EQ(with("<"), (V{0, 1}));
  EXPECT_EQ(with("<="), (V{0, 1, 2}));
  EXPECT_EQ(with(">"), (V{3, 4}));
  EXPECT_EQ(with(">="), (V{2, 3, 4}));
}

TEST_F(Filters, NullsSetsTextAndLists) {
  EXPECT_EQ(Of(R"({"op":"is_null","column":"f64"})"), V{5});
  EXPECT_EQ(Of(R"({"op":"is_not_null","column":"Text"})").size(), 5u);
  EXPECT_EQ(Of(R"({"op":"in","column":"i32","values":[10,40,77],"type":"int64"})"), (V{1, 4}));
  EXPECT_EQ(Of(R"({"op":"in","column":"Text","values":["zeta","o'brien"],"type":"utf8"})"),
            (V{3, 4}));
  EXPECT_EQ(Of(R"({"op":"in","column":"id","values":[],"type":"int64"})"), V{});
  EXPECT_EQ(Of(R"({"op":"starts_with","column":"Text","value":"al"})"), (V{0, 2}));
  EXPECT_EQ(Of(R"({"op":"starts_with","column":"Text","value":"al%"})"), V{2})
      << "no wildcard hides in a prefix";
  EXPECT_EQ(Of(R"({"op":"contains","column":"Text","value":"p_h"})"), V{2});
  EXPECT_EQ(Of(R"({"op":"contains","column":"Text","value":""})").size(), 5u);
  EXPECT_EQ(Of(R"({"op":"list_contains","column":"tags","value":"zeta","type":"utf8"})"), V{4});
  EXPECT_EQ(Of(R"({"op":"list_contains","column":"tags","value":"all","type":"utf8"})").size(), 5u);
}

TEST_F(Filters, BooleanTrees) {
  const std::string low = R"({"op":"<","column":"id","value":3,"type":"int64"})";
  const std::string flag = R"({"op":"=","column":"flag","value":true,"type":"bool"})";
  EXPECT_EQ(Of(R"({"op":"and","args":[)" + low + "," + flag + "]}"), (V{0, 2}));
  EXPECT_EQ(Of(R"({"op":"or","args":[)" + low + "," + flag + "]}"), (V{0, 1, 2, 4}));
  EXPECT_EQ(Of(R"({"op":"not","args":[)" + flag + "]}"), (V{1, 3})) << "not null is null";
  EXPECT_EQ(Of(R"({"op":"and","args":[]})").size(), 6u);
  EXPECT_EQ(Of(R"({"op":"or","args":[]})"), V{});
}

TEST_F(Filters, BadTreesAreRefused) {
  EXPECT_EQ(Refusal(R"({"op":"=","column":"nope","value":1,"type":"int64"})"), TLB_E_SCHEMA);
  EXPECT_EQ(Refusal(R"({"op":"~","column":"id","value":1,"type":"int64"})"), TLB_E_INVALID);
  EXPECT_EQ(Refusal(R"({"op":"=","column":"id","value":"1","type":"int64"})"), TLB_E_INVALID);
  EXPECT_EQ(Refusal(R"({"op":"=","column":"id","value":1})"), TLB_E_INVALID);
  EXPECT_EQ(Refusal(R"({"op":"=","column":"id","value":1,"type":"int128"})"), TLB_E_INVALID);
  EXPECT_EQ(Refusal(R"({"op":"=","colum":"id","value":1,"type":"int64"})"), TLB_E_INVALID);
  EXPECT_EQ(Refusal(R"({"op":"=","column":"Text","value":1,"type":"int64"})"), TLB_E_SCHEMA);
  EXPECT_EQ(Refusal(R"({"op":"list_contains","column":"id","value":1,"type":"int64"})"),
            TLB_E_SCHEMA);
  std::string deep = R"({"op":"is_null","column":"id"})";
  for (int i = 0; i < 80; ++i) deep = R"({"op":"not","args":[)" + deep + "]}";
  EXPECT_EQ(Refusal(deep), TLB_E_INVALID);
}

class Scans : public testing::Test {
 protected:
  Scans() : session(Must(NewSession())) {
    Dataset v1 = Create(session.get(), "memory://scan/t", Numbered(0, 100));
    const Tx tx = Must(StageAppend(v1.get(), Numbered(100, 150)));
    const Dataset v2 = Must(Commit(v1.get(), tx.get(), 1));
    const Tx erase = Must(StageDelete(v2.get(), "id >= 10 AND id < 20"));
    ds = Must(Commit(v2.get(), erase.get(), 2));
  }
  Session session;
  Dataset ds;
};

TEST_F(Scans, ProjectionRangeAndOrder) {
  EXPECT_EQ(Must(Scan(ds.get(), ""))->num_rows(), 140);
  const auto two = Must(Scan(ds.get(), R"({"columns":["score","id"],"limit":3,"offset":9})"));
  EXPECT_EQ(two->schema()->field_names(), (std::vector<std::string>{"score", "id"}));
  EXPECT_EQ(Ints(two, "id"), (std::vector<int64_t>{9, 20, 21}));
  const auto top = Must(Scan(
      ds.get(), R"({"columns":["id"],"order_by":[{"column":"score","desc":true}],"limit":2})"));
  EXPECT_EQ(Ints(top, "id"), (std::vector<int64_t>{149, 148}));
  EXPECT_EQ(top->schema()->field_names(), (std::vector<std::string>{"id"}))
      << "the sort key is not in the answer";
  const auto only_ids = Must(Scan(ds.get(), R"({"columns":[],"row_id":true,"row_addr":true})"));
  EXPECT_EQ(only_ids->num_rows(), 140);
  EXPECT_EQ(only_ids->num_columns(), 2);
  const auto second = Must(Scan(ds.get(), R"({"columns":["id"],"fragments":[1]})"));
  EXPECT_EQ(second->num_rows(), 50);
  EXPECT_EQ(Ints(second, "id").front(), 100);
  ExpectCode(TLB_E_SCHEMA, Scan(ds.get(), R"({"columns":["nope"]})"));
  ExpectCode(TLB_E_INVALID, Scan(ds.get(), R"({"fragments":[9]})"));
  ExpectCode(TLB_E_INVALID,
             Scan(ds.get(), R"({"filter":{"op":"is_null","column":"id"},"filter_sql":"id = 1"})"));
  ExpectCode(TLB_E_INVALID, Scan(ds.get(), R"({"colums":["id"]})"));
}

TEST_F(Scans, CountAndExplain) {
  uint64_t rows = 0;
  ASSERT_EQ(tlb_scan_count(nullptr, ds.get(), Text(""), &rows, nullptr), TLB_OK);
  EXPECT_EQ(rows, 140u);
  ASSERT_EQ(tlb_scan_count(nullptr, ds.get(), Text(R"({"filter_sql":"id < 12"})"), &rows, nullptr),
            TLB_OK);
  EXPECT_EQ(rows, 10u);
  tlb_buf out{};
  ASSERT_EQ(tlb_scan_explain(nullptr, ds.get(), Text(R"({"filter_sql":"id < 12"})"), &out, nullptr),
            TLB_OK);
  EXPECT_TRUE(Contains(Taken(out), "LanceRead"));
}

TEST_F(Scans, FreeingAStreamHalfWayIsFine) {
  tlb_stream* raw = nullptr;
  ASSERT_EQ(tlb_scan(nullptr, ds.get(), Text(R"({"batch_rows":10})"), &raw, nullptr), TLB_OK);
  const Stream stream(raw);
  ArrowArray array;
  EXPECT_EQ(tlb_stream_next(nullptr, stream.get(), &array, nullptr), 1);
  EXPECT_EQ(array.length, 10);
  array.release(&array);
}

class Take : public Scans {
 protected:
  std::shared_ptr<arrow::RecordBatch> Rows(int32_t kind, const std::vector<uint64_t>& ids,
                                           const std::string& columns) {
    ArrowArray array;
    ArrowSchema schema;
    Error error;
    const Outcome outcome = error.Of(tlb_take(nullptr, ds.get(), kind, ids.data(), ids.size(),
                                              Text(columns), &array, &schema, error.out()));
    EXPECT_EQ(outcome.code, TLB_OK) << outcome.message;
    if (outcome.code != TLB_OK)
      return arrow::RecordBatch::Make(RowSchema(), 0, arrow::ArrayVector{});
    return *arrow::ImportRecordBatch(&array, &schema);
  }
  static std::vector<uint64_t> Uint(const std::shared_ptr<arrow::RecordBatch>& batch, int column) {
    const auto& values = static_cast<const arrow::UInt64Array&>(*batch->column(column));
    return {values.raw_values(), values.raw_values() + values.length()};
  }
  using V = std::vector<uint64_t>;
};

TEST_F(Take, KeepsTheOrderAndDropsWhatIsNotThere) {
  const auto batch = Rows(TLB_TAKE_ROW_ID, {149, 3, 15, 9999, 0, 120}, R"(["name"])");
  EXPECT_EQ(batch->schema()->field_names(), (std::vector<std::string>{"_rowid", "name"}));
  EXPECT_EQ(Uint(batch, 0), (V{149, 3, 0, 120})) << "15 is deleted, 9999 was never there";
  EXPECT_EQ(static_cast<const arrow::StringArray&>(*batch->column(1)).GetString(0), "n149");
  EXPECT_EQ(Uint(Rows(TLB_TAKE_ROW_ID, {5, 6, 7, 8, 9, 10, 11, 21}, "[]"), 0),
            (V{5, 6, 7, 8, 9, 21}));
  EXPECT_EQ(Rows(TLB_TAKE_ROW_ID, {}, R"(["id"])")->num_rows(), 0);
  EXPECT_EQ(Rows(TLB_TAKE_ROW_ID, {15, 9999}, R"(["id"])")->num_rows(), 0);
  EXPECT_EQ(Uint(Rows(TLB_TAKE_ROW_ID, {4, 4, 2, 4}, "[]"), 0), (V{4, 4, 2, 4}))
      << "asked twice, given twice";
}

TEST_F(Take, ByAddressAndByPosition) {
  const uint64_t second = uint64_t{1} << 32;
  EXPECT_EQ(
      Uint(Rows(TLB_TAKE_ROW_ADDR, {second + 1, 2, 15, second + 50, uint64_t{7} << 32}, "[]"), 0),
      (V{101, 2}));
  EXPECT_EQ(Uint(Rows(TLB_TAKE_OFFSET, {139, 0, 10, 140, 5000}, "[]"), 0), (V{149, 0, 20}));
  const auto versions =
      Rows(TLB_TAKE_ROW_ID, {120}, R"(["id","_rowaddr","_row_created_at_version"])");
  EXPECT_EQ(Uint(versions, 2), (V{second + 20}));
  EXPECT_EQ(Uint(versions, 3), V{2});
  ArrowArray array;
  ArrowSchema schema;
  const uint64_t one = 1;
  EXPECT_EQ(tlb_take(nullptr, ds.get(), 0, &one, 1, Text(R"(["nope"])"), &array, &schema, nullptr),
            TLB_E_SCHEMA);
  EXPECT_EQ(tlb_take(nullptr, ds.get(), 9, &one, 1, Text("[]"), &array, &schema, nullptr),
            TLB_E_INVALID);
}

TEST(Tokens, AreWhatTheInvertedIndexWouldMake) {
  const auto tokens = [](const std::string& params, const std::vector<const char*>& texts) {
    arrow::StringBuilder builder;
    for (const char* text : texts)
      EXPECT_TRUE((text ? builder.Append(text) : builder.AppendNull()).ok());
    ArrowArray in, out;
    ArrowSchema in_schema, out_schema;
    EXPECT_TRUE(arrow::ExportArray(**builder.Finish(), &in, &in_schema).ok());
    Error error;
    const Outcome outcome =
        error.Of(tlb_tokenize(Text(params), &in, &in_schema, &out, &out_schema, error.out()));
    EXPECT_EQ(outcome.code, TLB_OK) << outcome.message;
    return outcome.code == TLB_OK ? (*arrow::ImportArray(&out, &out_schema))->ToString()
                                  : outcome.message;
  };
  const auto squeezed = [&](const std::string& params, const std::vector<const char*>& texts) {
    std::string text = tokens(params, texts);
    text.erase(
        std::remove_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\n'; }),
        text.end());
    return text;
  };
  EXPECT_EQ(squeezed("", {"The Runners were running to the airports"}),
            R"([["runner","run","airport"]])");
  EXPECT_EQ(squeezed(R"({"stem":false,"remove_stop_words":false})", {"The Runners, running!"}),
            R"([["the","runners","running"]])");
  EXPECT_EQ(squeezed("", {"Zürich café", nullptr, "", "of the"}),
            R"([["zurich","cafe"],null,[],[]])");
  EXPECT_EQ(squeezed(R"({"custom_stop_words":["zug"],"stem":false})", {"the Zug of Zug"}),
            R"([["the","of"]])");
  EXPECT_EQ(
      squeezed(R"({"base_tokenizer":"ngram","min_ngram_length":3,"max_ngram_length":3})", {"abcd"}),
      R"([["abc","bcd"]])");
  ArrowArray none{};
  ArrowSchema no_schema{};
  EXPECT_EQ(tlb_tokenize(Text(""), nullptr, nullptr, &none, &no_schema, nullptr), TLB_E_INVALID);
}

}  // namespace
}  // namespace tarn::guard
