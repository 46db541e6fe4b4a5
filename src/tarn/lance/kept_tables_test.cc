#include "tarn/lance/kept_tables.h"

#include <gtest/gtest.h>

#include <arrow/type.h>

#include "tarn/columnar/row_text.h"
#include "tarn/lance/memory_table.h"
#include "tarn/store/memory_faults.h"

namespace tarn::lance {
namespace {

class KeptTablesTest : public testing::Test {
 protected:
  void SetUp() override { Create("memory://a"); }

  std::unique_ptr<BatchStream> Rows() {
    const auto schema = arrow::schema({arrow::field("n", arrow::int64())});
    return StreamOf(schema, {columnar::BatchFromJson(schema, R"([{"n":1}])").value()});
  }
  void Create(const std::string& uri) {
    auto staged = kept_->StageCreate({}, uri, Rows(), {});
    ASSERT_TRUE(staged.ok()) << staged.status().ToString();
    ASSERT_TRUE(kept_->CommitCreate({}, **staged, {}).ok());
  }
  uint64_t opens() const { return faults_->calls("open"); }

  std::shared_ptr<store::MemoryFaults> faults_ = std::make_shared<store::MemoryFaults>();
  std::unique_ptr<TableStore> kept_ =
      KeepTables(OpenMemoryTableStore(NewMemoryTables(), faults_), 2);
};

// invariant: kept_tables-1
TEST_F(KeptTablesTest, AVersionThatWasSeenIsNotAskedForAgain) {
  const auto first = kept_->Open({}, "memory://a", 1);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(opens(), 0u) << "its commit has shown it";
  auto staged = kept_->StageAppend({}, **first, Rows(), {});
  ASSERT_TRUE(kept_->CommitExact({}, **first, **staged, {}).ok());
  EXPECT_EQ((*kept_->Open({}, "memory://a", 2))->version(), 2u);
  EXPECT_EQ((*kept_->Open({}, "memory://a", 1))->version(), 1u);
  EXPECT_EQ(opens(), 0u);
  EXPECT_EQ((*kept_->Open({}, "memory://a", std::nullopt))->version(), 2u);
  EXPECT_EQ(opens(), 1u) << "the newest one is always asked for";
}

TEST_F(KeptTablesTest, KeepsThoseUsedLast) {
  Create("memory://b");
  ASSERT_TRUE(kept_->Open({}, "memory://a", 1).ok());
  Create("memory://c");
  ASSERT_TRUE(kept_->Open({}, "memory://a", 1).ok());
  EXPECT_EQ(opens(), 0u);
  ASSERT_TRUE(kept_->Open({}, "memory://b", 1).ok());
  EXPECT_EQ(opens(), 1u);
}

TEST_F(KeptTablesTest, ErrorsAreNotKept) {
  EXPECT_FALSE(kept_->Open({}, "memory://a", 7).ok());
  EXPECT_FALSE(kept_->Open({}, "memory://a", 7).ok());
  EXPECT_EQ(opens(), 2u);
}

}  // namespace
}  // namespace tarn::lance
