// Read-only SQL over pinned tables and Parquet files.

#include <gmock/gmock.h>

#include <arrow/type.h>

#include "backend.h"
#include "tarn/columnar/row_text.h"
#include "tarn/lance/bridge_sql.h"
#include "tarn/store/bridge_session.h"

namespace tarn::contract {
namespace {

using lance::Sql;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SqlTest : public ::testing::Test {
 protected:
  std::unique_ptr<Backend> backend_ = Backend::Make(BackendKind::kSharedMemory);
  std::unique_ptr<lance::TableStore> store_ = backend_->Tables();
  std::unique_ptr<Sql> sql_ = Sql::Open(store::Environment::Open({}).value(), {}).value();

  std::unique_ptr<lance::Table> CreatePeople(std::string_view json) {
    const std::string uri = backend_->root() + "/tables/01J.lance";
    std::unique_ptr<lance::Staged> staged = store_->StageCreate({}, uri, People(json), {}).value();
    return store_->CommitCreate({}, *staged, {}).value();
  }
  std::vector<std::string> Ask(std::string_view text) {
    std::unique_ptr<lance::BatchStream> stream = sql_->Run({}, text).value();
    return columnar::RowTexts(lance::ReadAll(*stream).value());
  }
};

// req: SQL-11
TEST_F(SqlTest, QueriesATableAtItsPinnedVersion) {
  std::unique_ptr<lance::Table> base = CreatePeople(R"([[1,"Ada"],[2,"Bob"],[3,"Ada"]])");
  std::unique_ptr<lance::Staged> staged =
      store_->StageAppend({}, *base, People(R"([[4,"Eve"]])"), {}).value();
  ASSERT_TRUE(store_->CommitExact({}, *base, *staged, {}).ok());
  ASSERT_TRUE(sql_->AddTable("people", *base).ok());
  EXPECT_THAT(Ask("select name, count(*) as n from people group by name order by n desc"),
              ElementsAre(R"("Ada"|2)", R"("Bob"|1)"));
  EXPECT_EQ(sql_->Run({}, "select name from people").value()->schema()->field(0)->type()->id(),
            arrow::Type::STRING);
}

TEST_F(SqlTest, RefusesEverythingButOneQuery) {
  std::unique_ptr<lance::Table> people = CreatePeople(R"([[1,"Ada"]])");
  ASSERT_TRUE(sql_->AddTable("people", *people).ok());
  for (std::string_view text :
       {"insert into people values (2, 'x')", "delete from people", "update people set name = 'x'",
        "drop table people", "create table t as select 1",
        "create external table t stored as csv location '/etc/passwd'",
        "copy people to '/tmp/x.csv'", "set datafusion.execution.batch_size = 1",
        "select 1; select 2", "", "select * into t from people", "nonsense",
        "select nope from people", "select * from nope"}) {
    Result<std::unique_ptr<lance::BatchStream>> outcome = sql_->Run({}, text);
    ASSERT_FALSE(outcome.ok()) << text;
    EXPECT_EQ(outcome.status().id(), ErrorId::kSqlRefused)
        << text << ": " << outcome.status().ToString();
  }
  EXPECT_EQ(sql_->Run({}, std::string(lance::kSqlBytesMax + 1, ' ')).status().id(),
            ErrorId::kSqlRefused);
  EXPECT_THAT(Ask("select count(*) from people"), ElementsAre("1"));
}

TEST_F(SqlTest, ReadsParquetFiles) {
  ASSERT_TRUE(sql_->AddParquet({}, "places", TARN_TEST_DATA "/two_rows.parquet").ok());
  EXPECT_THAT(Ask("select name, n from places order by n"),
              ElementsAre(R"("Oslo"|1)", R"("Rome"|2)"));
  EXPECT_EQ(sql_->Run({}, "select name from places").value()->schema()->field(0)->type()->id(),
            arrow::Type::STRING);
  EXPECT_EQ(sql_->AddParquet({}, "more", TARN_TEST_DATA "/none.parquet").id(),
            ErrorId::kObjectNotFound);
  EXPECT_EQ(sql_->AddParquet({}, "more", TARN_TEST_DATA "/../contract/CMakeLists.txt").id(),
            ErrorId::kCorruptData);
  EXPECT_EQ(sql_->AddParquet({}, "more", "two_rows.parquet").id(), ErrorId::kInvalidArgument);
  EXPECT_EQ(sql_->AddParquet({}, "places", TARN_TEST_DATA "/two_rows.parquet").id(),
            ErrorId::kObjectExists);
}

TEST_F(SqlTest, AFailureAtRunTimeIsAnErrorOfTheStream) {
  std::unique_ptr<lance::Table> people = CreatePeople(R"([[0,"Ada"]])");
  ASSERT_TRUE(sql_->AddTable("people", *people).ok());
  std::unique_ptr<lance::BatchStream> stream = sql_->Run({}, "select 1 / id from people").value();
  Result<std::shared_ptr<arrow::RecordBatch>> next = stream->Next();
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.status().id(), ErrorId::kSqlRefused);
  EXPECT_THAT(next.status().message(), HasSubstr("ivide"));
}

// req: SQL-11
TEST_F(SqlTest, AQueryBeyondItsMemoryIsATypedError) {
  std::unique_ptr<Sql> small = Sql::Open(store::Environment::Open({}).value(),
                                         {.memory_bytes = 1 << 20, .spill_bytes = 1 << 20})
                                   .value();
  Result<std::unique_ptr<lance::BatchStream>> outcome =
      small->Run({},
                 "select v, count(*) from (select value % 1000000 as v from generate_series(1, "
                 "3000000)) group by v");
  const Status status = outcome.ok() ? lance::ReadAll(**outcome).status() : outcome.status();
  EXPECT_EQ(status.id(), ErrorId::kMemoryBudget) << status.ToString();
}

TEST_F(SqlTest, TheStreamOutlivesItsContext) {
  std::unique_ptr<lance::BatchStream> stream = sql_->Run({}, "select 1 as one").value();
  sql_.reset();
  EXPECT_THAT(columnar::RowTexts(lance::ReadAll(*stream).value()), ElementsAre("1"));
}

}  // namespace
}  // namespace tarn::contract
