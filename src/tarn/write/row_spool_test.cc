#include "tarn/write/row_spool.h"

#include <unistd.h>

#include <filesystem>

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/columnar/row_text.h"

namespace tarn::write {
namespace {

using ::testing::ElementsAre;

class RowSpoolTest : public testing::Test {
 protected:
  std::shared_ptr<arrow::RecordBatch> Batch(const std::string& json) {
    arrow::FieldVector fields = schema_->fields();
    fields.push_back(LineField());
    return columnar::BatchFromJson(arrow::schema(fields), json).value();
  }
  std::vector<std::string> Read(const RowSpool& spool,
                                std::function<bool(uint64_t)> chosen = nullptr) {
    const std::unique_ptr<lance::BatchStream> stream = StreamRows({}, spool, std::move(chosen));
    EXPECT_TRUE(stream->schema()->Equals(schema_, true));
    const auto batches = lance::ReadAll(*stream);
    EXPECT_TRUE(batches.ok()) << batches.status().ToString();
    return columnar::RowTexts(*batches);
  }

  const std::string folder_ = testing::TempDir() + fmt::format("/tarn-spool-{}", ::getpid());
  ScratchSpace scratch_{folder_};
  SpillGroup group_{int64_t{1} << 30};
  std::shared_ptr<arrow::Schema> schema_ = arrow::schema(
      {arrow::field("id", arrow::utf8(), false),
       arrow::field("tags", arrow::list(arrow::field("item", arrow::utf8()))),
       arrow::field("vec", arrow::fixed_size_list(arrow::field("item", arrow::float32()), 2)),
       arrow::field("blob", arrow::struct_({arrow::field("data", arrow::large_binary()),
                                            arrow::field("uri", arrow::utf8())}))},
      arrow::key_value_metadata({{"owner", "test"}}));
};

// req: WRITE-11: the rows staged are those of the input, in order, whether they were spilled or
// not.
TEST_F(RowSpoolTest, SpilledAndHeldRowsComeBackInOrder) {
  RowSpool spool(scratch_, group_, schema_);
  spool.Append(
      Batch(R"([["a",["x",null],[1,2],{"data":"hi","uri":null},1],["b",null,null,null,2]])"));
  ASSERT_TRUE(spool.Spill().ok());
  EXPECT_EQ(spool.bytes_held(), 0);
  spool.Append(Batch(R"([["c",[],[3,4],null,3]])"));
  ASSERT_TRUE(spool.Spill().ok());
  spool.Append(Batch(R"([["d",["y"],null,null,4],["e",null,[5,6],null,5]])"));
  EXPECT_GT(spool.bytes_held(), 0);
  EXPECT_EQ(spool.rows(), 5u);
  EXPECT_THAT(Read(spool), ElementsAre(R"("a"|["x",null]|[1.0,2.0]|{data:0x6869,uri:null})",
                                       R"("b"|null|null|null)", R"("c"|[]|[3.0,4.0]|null)",
                                       R"("d"|["y"]|null|null)", R"("e"|null|[5.0,6.0]|null)"));
  EXPECT_EQ(scratch_.files_opened(), 1u);
}

TEST_F(RowSpoolTest, ChosenRowsAreFilteredByTheirOrdinal) {
  RowSpool spool(scratch_, group_, schema_);
  spool.Append(Batch(R"([["a",null,null,null,1],["b",null,[1,2],null,2]])"));
  ASSERT_TRUE(spool.Spill().ok());
  spool.Append(Batch(R"([["c",["z"],null,null,3],["d",null,null,null,4]])"));
  EXPECT_THAT(Read(spool, [](uint64_t row) { return row % 2 == 1; }),
              ElementsAre(R"("b"|null|[1.0,2.0]|null)", R"("d"|null|null|null)"));
  EXPECT_THAT(Read(spool, [](uint64_t row) { return row == 2; }),
              ElementsAre(R"("c"|["z"]|null|null)"));
  EXPECT_THAT(Read(spool, [](uint64_t) { return false; }), ElementsAre());
}

TEST_F(RowSpoolTest, TwoReadersDoNotDisturbEachOther) {
  RowSpool spool(scratch_, group_, schema_);
  for (const char* row : {R"([["a",null,null,null,1]])", R"([["b",null,null,null,2]])"}) {
    spool.Append(Batch(row));
    ASSERT_TRUE(spool.Spill().ok());
  }
  RowSpool::Reader first(spool), second(spool);
  EXPECT_EQ(first.Next().value()->num_rows(), 1);
  EXPECT_EQ(second.Next().value()->num_rows(), 1);
  EXPECT_EQ(first.Next().value()->num_rows(), 1);
  EXPECT_EQ(first.first_ordinal(), 1u);
  EXPECT_EQ(second.first_ordinal(), 0u);
}

TEST_F(RowSpoolTest, TheLargestMemberIsSpilledFirst) {
  SpillGroup group(2000);
  RowSpool small(scratch_, group, schema_), large(scratch_, group, schema_);
  small.Append(Batch(R"([["s",null,null,null,1]])"));
  large.Append(Batch(fmt::format(R"([["{}",null,null,null,1]])", std::string(3000, 'x'))));
  ASSERT_TRUE(group.Balance().ok());
  EXPECT_EQ(large.bytes_held(), 0);
  EXPECT_GT(small.bytes_held(), 0);
}

TEST(ScratchSpace, LeavesNothingBehind) {
  const std::string folder = testing::TempDir() + fmt::format("/tarn-scratch-{}", ::getpid());
  {
    ScratchSpace scratch(folder + "/deep");
    const auto file = scratch.OpenFile();
    ASSERT_TRUE(file.ok()) << file.status().ToString();
    EXPECT_TRUE(std::filesystem::is_empty(folder + "/deep"))
        << "a killed process would leave its file";
  }
  EXPECT_FALSE(std::filesystem::exists(folder + "/deep"));
  std::filesystem::remove(folder);
}

}  // namespace
}  // namespace tarn::write
