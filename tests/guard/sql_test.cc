// guard: lance-bridge.md §2.2 (three gates), §2.3 (pinned tables), §2.5 (Parquet).
#include <fstream>

#include "bridge.h"
#include "parquet_file.h"

namespace tarn::guard {
namespace {

class Queries : public testing::Test {
 protected:
  Queries() : session(Must(NewSession())) {
    people = Create(session.get(), "memory://sql/people", Numbered(0, 10));
    sql = NewSql("");
    Add("people", people.get());
  }

  static Sql NewSql(std::string_view config) {
    tlb_sql* raw = nullptr;
    EXPECT_EQ(tlb_sql_new(TheEnv(), Text(config), &raw, nullptr), TLB_OK);
    return Sql(raw);
  }
  void Add(std::string_view name, tlb_ds* ds) {
    EXPECT_EQ(tlb_sql_add_dataset(sql.get(), Text(name), ds, nullptr), TLB_OK);
  }
  Got<std::shared_ptr<arrow::Table>> Run(std::string_view text, const tlb_call* call = nullptr) {
    tlb_stream* raw = nullptr;
    Error error;
    const Outcome outcome = error.Of(tlb_sql_run(call, sql.get(), Text(text), &raw, error.out()));
    if (outcome.code != TLB_OK) return {nullptr, outcome};
    return Drain(Stream(raw).get(), call);
  }

  Session session;
  Dataset people;
  Sql sql;
};

TEST_F(Queries, JoinGroupOrder) {
  const auto table =
      Must(Run("SELECT a.id + b.id AS both FROM people a JOIN people b ON a.id = b.id "
               "WHERE a.name LIKE 'n%' ORDER BY both DESC LIMIT 3"));
  EXPECT_EQ(Ints(table, "both"), (std::vector<int64_t>{18, 16, 14}));
  const auto counted = Must(Run("SELECT count(*) AS n FROM people WHERE score >= 2"));
  EXPECT_EQ(Ints(counted, "n"), (std::vector<int64_t>{6}));
  EXPECT_EQ(Must(Run("WITH x AS (SELECT id FROM people) SELECT * FROM x UNION ALL SELECT 99"))
                ->num_rows(),
            11);
  EXPECT_EQ(Must(Run("SELECT name FROM people LIMIT 1"))->schema()->field(0)->type()->id(),
            arrow::Type::STRING);
  EXPECT_GT(Must(Run("EXPLAIN SELECT * FROM people"))->num_rows(), 0);
  EXPECT_GT(Must(Run("SHOW TABLES"))->num_rows(), 0);
  EXPECT_GT(Must(Run("DESCRIBE people"))->num_rows(), 0);
}

TEST_F(Queries, AnythingButAQueryIsRefused) {
  const Folder folder;
  const std::string out = folder.In("out.csv");
  const std::vector<std::string> writes = {
      "CREATE TABLE x AS SELECT 1",
      "CREATE VIEW v AS SELECT 1",
      "CREATE SCHEMA s",
      "CREATE EXTERNAL TABLE e STORED AS CSV LOCATION '/etc/passwd'",
      "DROP TABLE people",
      "INSERT INTO people VALUES (1, 'x', 2.0)",
      "UPDATE people SET name = 'x'",
      "DELETE FROM people",
      "COPY people TO '" + out + "'",
      "COPY (SELECT 1) TO '" + out + "'",
      "SELECT * INTO stolen FROM people",
      "EXPLAIN ANALYZE INSERT INTO people VALUES (1, 'x', 2.0)",
      "EXPLAIN COPY people TO '" + out + "'",
      "SET datafusion.execution.batch_size = 1",
      "RESET datafusion.execution.batch_size",
      "PREPARE p AS SELECT 1",
      "EXECUTE p",
      "DEALLOCATE p",
      "BEGIN",
      "COMMIT",
      "TRUNCATE TABLE people",
      "ALTER TABLE people ADD COLUMN z int",
      "GRANT SELECT ON people TO nobody",
      "CREATE FUNCTION f() RETURNS int RETURN 1",
  };
  for (const std::string& text : writes) {
    const auto got = Run(text);
    EXPECT_TRUE(got.outcome.code == TLB_E_READONLY || got.outcome.code == TLB_E_SQL)
        << text << ": " << got.outcome.code;
  }
  for (const char* text :
       {"DROP TABLE people", "INSERT INTO people VALUES (1, 'x', 2.0)", "COPY people TO 'x'",
        "CREATE TABLE x AS SELECT 1", "SELECT * INTO stolen FROM people", "SET x = 1"}) {
    ExpectCode(TLB_E_READONLY, Run(text));
  }
  EXPECT_TRUE(FilesBelow(folder.path()).empty());
  EXPECT_EQ(Must(Run("SELECT * FROM people"))->num_rows(), 10);
}

TEST_F(Queries, MoreThanOneStatementIsRefused) {
  ExpectCode(TLB_E_SQL, Run("SELECT 1; SELECT 2"));
  ExpectCode(TLB_E_SQL, Run("SELECT 1; DROP TABLE people"));
  ExpectCode(TLB_E_SQL, Run(""));
  ExpectCode(TLB_E_SQL, Run("SELEKT 1"));
  EXPECT_EQ(Must(Run("SELECT 1;"))->num_rows(), 1);
}

TEST_F(Queries, TheCatalogueIsTheSandbox) {
  ExpectCode(TLB_E_SQL, Run("SELECT * FROM nobody"));
  ExpectCode(TLB_E_SQL, Run("SELECT * FROM '/etc/passwd'"));
  ExpectCode(TLB_E_SQL, Run("SELECT * FROM read_csv('/etc/passwd')"));
  ExpectCode(TLB_E_SQL, Run("SELECT nobody FROM people"));
  EXPECT_EQ(tlb_sql_add_dataset(sql.get(), Text("people"), people.get(), nullptr), TLB_E_EXISTS);
  EXPECT_EQ(tlb_sql_add_dataset(sql.get(), Text(""), people.get(), nullptr), TLB_E_INVALID);
  Add("Two Words", people.get());
  EXPECT_EQ(Must(Run("SELECT * FROM \"Two Words\""))->num_rows(), 10);
}

TEST_F(Queries, TablesStayAtTheirVersion) {
  const Tx tx = Must(StageAppend(people.get(), Numbered(10, 20)));
  const Dataset v2 = Must(Commit(people.get(), tx.get(), 1));
  EXPECT_EQ(Must(Run("SELECT * FROM people"))->num_rows(), 10);
  Add("later", v2.get());
  EXPECT_EQ(Must(Run("SELECT * FROM later WHERE id NOT IN (SELECT id FROM people)"))->num_rows(),
            10);
}

TEST_F(Queries, MemoryIsBoundedAndCallsObey) {
  sql = NewSql(R"({"memory_bytes":1000000,"spill_bytes":0,"partitions":1})");
  Add("people", people.get());
  const auto got = Run("SELECT array_agg(value) FROM range(0, 5000000) GROUP BY value % 7");
  ExpectCode(TLB_E_RESOURCES, got);
  const Cancel cancel(tlb_cancel_new());
  tlb_cancel_fire(cancel.get());
  const tlb_call call = CallWith(nullptr, 0, cancel.get());
  ExpectCode(TLB_E_CANCELLED, Run("SELECT 1", &call));
  const Meter meter = NewMeter();
  const tlb_call metered = CallWith(meter.get(), TLB_PHASE_READ);
  const Session cold = Must(NewSession());
  const Dataset other = Create(cold.get(), "memory://sql/other", Numbered(0, 2000));
  Add("other", other.get());
  sql = NewSql("");
  Add("other", other.get());
  EXPECT_EQ(Must(Run("SELECT * FROM other", &metered))->num_rows(), 2000);
  EXPECT_TRUE(Contains(Read(meter.get()), "/data@read")) << Read(meter.get());
}

TEST_F(Queries, ParquetFilesAreRead) {
  const Folder folder;
  const std::string path = folder.In("small.parquet");
  std::ofstream out(path, std::ios::binary);
  for (const char* digit = kParquetFile; *digit != 0; digit += 2) {
    out.put(static_cast<char>(std::stoi(std::string(digit, 2), nullptr, 16)));
  }
  out.close();
  const auto add = [&](std::string_view name, std::string_view file) {
    return tlb_sql_add_parquet(nullptr, sql.get(), Text(name), Text(file), nullptr);
  };
  ASSERT_EQ(add("p", path), TLB_OK);
  const auto known = Must(Run("SELECT x FROM p WHERE s IS NOT NULL ORDER BY x DESC"));
  EXPECT_EQ(Ints(known, "x"), (std::vector<int64_t>{2, 1}));
  const auto joined = Must(Run("SELECT s, name FROM p JOIN people ON x = id ORDER BY x"));
  EXPECT_EQ(joined->num_rows(), 3);
  EXPECT_EQ(joined->schema()->field(0)->type()->id(), arrow::Type::STRING);
  EXPECT_EQ(add("p", path), TLB_E_EXISTS);
  EXPECT_EQ(add("q", folder.In("none.parquet")), TLB_E_NOT_FOUND);
  EXPECT_EQ(add("q", "rel.parquet"), TLB_E_INVALID);
  std::ofstream(folder.In("bad.parquet")) << "not parquet at all";
  EXPECT_EQ(add("q", folder.In("bad.parquet")), TLB_E_CORRUPT);
}

}  // namespace
}  // namespace tarn::guard
