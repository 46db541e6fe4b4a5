#include "tarn/search/resident.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <random>

#include <arrow/array.h>
#include <arrow/builder.h>

#include "tarn/search/default_analyser.h"
#include "tarn/search/test_analyser.h"
#include "tarn/search/test_graph.h"

namespace tarn::search {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kPlenty = 1 << 28;

std::shared_ptr<arrow::Schema> PortColumns() {
  return arrow::schema({arrow::field("id", arrow::utf8(), false),
                        arrow::field("depth", arrow::float64()),
                        arrow::field("note", arrow::utf8())});
}

class ResidentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    graph_.AddNodeType("Port");
    graph_.AddEdgeType("Feeds", "Port", "Port");
    graph_.Put(
        kNode, "Port", PortColumns(),
        R"([["SEGOT",19,"fog"],["PLGDN",15,null],["EETLL",null,"ice and fog"],["FIHEL",13.5,"ice"]])");
    graph_.Put(
        kEdge, "Feeds", EdgeColumns(),
        R"([["e1","SEGOT","PLGDN"],["e2","PLGDN","EETLL"],["e3","SEGOT","EETLL"],["e4","SEGOT","PLGDN"]])");
  }

  std::vector<Dense> Neighbours(Resident& resident, const catalog::Snapshot& snapshot,
                                Resident::Side side, Dense vertex) {
    const auto adjacency = resident.AdjacencyOf({}, snapshot, "Feeds", side).value();
    const auto neighbours = adjacency->NeighboursOf(vertex);
    return {neighbours.begin(), neighbours.end()};
  }

  TestGraph graph_;
  std::unique_ptr<Resident> resident_ = MakeResident(kPlenty, AnalysePlainly);
};

// req: GRAPH-7
TEST_F(ResidentTest, ReadsOnlyWhatAQuestionNeedsAndOnce) {
  const catalog::Snapshot snapshot = graph_.Now();
  EXPECT_EQ(resident_->VerticesOf({}, snapshot, kNode, "Port").value()->count(), 4u);
  EXPECT_THAT(graph_.log.Take(), ElementsAre("scan root/tables/node:Port id,_rowid"));
  EXPECT_THAT(Neighbours(*resident_, snapshot, Resident::Side::kOut, 0), ElementsAre(1u, 1u, 2u));
  EXPECT_THAT(graph_.log.Take(), ElementsAre("scan root/tables/edge:Feeds src,dst"));
  EXPECT_THAT(Neighbours(*resident_, snapshot, Resident::Side::kIn, 2), ElementsAre(0u, 1u));
  EXPECT_THAT(graph_.log.Take(), IsEmpty()) << "one side is made of the other";
  EXPECT_EQ(resident_->ColumnOf({}, snapshot, kNode, "Port", "depth").value()->length(), 4);
  EXPECT_THAT(graph_.log.Take(), ElementsAre("scan root/tables/node:Port depth"));
  EXPECT_THAT(resident_->CorpusOf({}, snapshot, "Port", "note").value()->Match("ice").value(),
              ElementsAre(2u, 3u));
  EXPECT_THAT(graph_.log.Take(), ElementsAre("scan root/tables/node:Port note"));
  const ResidentStats before = resident_->stats();
  ASSERT_TRUE(resident_->ColumnOf({}, graph_.Now(), kNode, "Port", "depth").ok());
  ASSERT_TRUE(resident_->CorpusOf({}, graph_.Now(), "Port", "note").ok());
  EXPECT_THAT(Neighbours(*resident_, graph_.Now(), Resident::Side::kOut, 3), IsEmpty());
  EXPECT_THAT(graph_.log.Take(), IsEmpty()) << "another snapshot of the same versions shares them";
  EXPECT_EQ(resident_->stats().misses, before.misses);
  EXPECT_EQ(resident_->stats().hits, before.hits + 3);
}

// req: GRAPH-7, GRAPH-3
TEST_F(ResidentTest, ANewVersionSupersedesAndAnOldSnapshotKeepsItsOwn) {
  const catalog::Snapshot old = graph_.Now();
  EXPECT_THAT(Neighbours(*resident_, old, Resident::Side::kOut, 0), ElementsAre(1u, 1u, 2u));
  graph_.Put(kEdge, "Feeds", EdgeColumns(), R"([["e5","SEGOT","FIHEL"]])");
  const uint64_t misses = resident_->stats().misses;
  EXPECT_THAT(Neighbours(*resident_, graph_.Now(), Resident::Side::kOut, 0),
              ElementsAre(1u, 1u, 2u, 3u));
  EXPECT_EQ(resident_->stats().misses, misses + 2) << "the new version's table and adjacency";
  EXPECT_THAT(Neighbours(*resident_, old, Resident::Side::kOut, 0), ElementsAre(1u, 1u, 2u));
  // The edges are the same, but the deletion renumbers the ports: an adjacency belongs to their
  // version too.
  graph_.Put(kNode, "Port", PortColumns(), R"([["DKCPH",1,null]])");
  graph_.Remove(kEdge, "Feeds", 3);
  graph_.Remove(kEdge, "Feeds", 3);
  const catalog::Snapshot same_edges = graph_.Now();
  EXPECT_THAT(Neighbours(*resident_, same_edges, Resident::Side::kOut, 0), ElementsAre(1u, 2u));
  graph_.Remove(kNode, "Port", 3);
  EXPECT_EQ(
      resident_->AdjacencyOf({}, graph_.Now(), "Feeds", Resident::Side::kOut).value()->vertices(),
      4u);
  graph_.Put(kEdge, "Feeds", EdgeColumns(), R"([["e6","DKCPH","SEGOT"]])");
  EXPECT_THAT(Neighbours(*resident_, graph_.Now(), Resident::Side::kIn, 0), ElementsAre(3u));
}

// req: GRAPH-10
TEST_F(ResidentTest, AnswersTheSameWithNoCacheAtAll) {
  const std::unique_ptr<Resident> bare = MakeResident(0, AnalysePlainly);
  const std::unique_ptr<Resident> tight = MakeResident(700, AnalysePlainly);
  const catalog::Snapshot snapshot = graph_.Now();
  for (int round = 0; round < 2; ++round) {
    for (Resident* resident : {bare.get(), tight.get(), resident_.get()}) {
      EXPECT_THAT(Neighbours(*resident, snapshot, Resident::Side::kOut, 0),
                  ElementsAre(1u, 1u, 2u));
      EXPECT_THAT(Neighbours(*resident, snapshot, Resident::Side::kIn, 1), ElementsAre(0u, 0u));
      EXPECT_EQ(resident->VerticesOf({}, snapshot, kEdge, "Feeds").value()->Find("e3"), 2u);
      const auto rows =
          resident->FetchRows({}, snapshot, kNode, "Port", {3, 0, 3}, {"note", "id"}).value();
      EXPECT_THAT(columnar::RowTexts(*rows),
                  ElementsAre(R"("ice"|"FIHEL")", R"("fog"|"SEGOT")", R"("ice"|"FIHEL")"));
      EXPECT_THAT(resident->CorpusOf({}, snapshot, "Port", "note").value()->Match("fog").value(),
                  ElementsAre(0u, 2u));
    }
  }
  EXPECT_EQ(bare->stats().bytes, 0);
  EXPECT_EQ(bare->stats().hits, 0u);
  EXPECT_LE(tight->stats().bytes, 700);
}

// req: GRAPH-8
TEST_F(ResidentTest, FetchesDistinctRowsByRowId) {
  graph_.Remove(kNode, "Port", 0);
  const catalog::Snapshot snapshot = graph_.Now();
  const auto rows =
      resident_->FetchRows({}, snapshot, kNode, "Port", {2, 0, 0, 2}, {"id", "depth", "id"})
          .value();
  EXPECT_THAT(columnar::RowTexts(*rows),
              ElementsAre(R"("FIHEL"|13.5|"FIHEL")", R"("PLGDN"|15.0|"PLGDN")",
                          R"("PLGDN"|15.0|"PLGDN")", R"("FIHEL"|13.5|"FIHEL")"));
  EXPECT_THAT(graph_.log.Take(), ElementsAre("scan root/tables/node:Port _rowid",
                                             "take root/tables/node:Port id,depth 2"));
  ASSERT_TRUE(resident_->FetchRows({}, snapshot, kNode, "Port", {1}, {"note"}).ok());
  EXPECT_THAT(graph_.log.Take(), ElementsAre("take root/tables/node:Port note 1"));
  ASSERT_TRUE(resident_->ColumnOf({}, snapshot, kNode, "Port", "note").ok());
  graph_.log.Take();
  const auto again = resident_->FetchRows({}, snapshot, kNode, "Port", {1, 0}, {"note"}).value();
  EXPECT_THAT(columnar::RowTexts(*again), ElementsAre("\"ice and fog\"", "null"));
  EXPECT_THAT(graph_.log.Take(), IsEmpty()) << "the column is in memory";
}

// req: GRAPH-10
TEST_F(ResidentTest, HoldsAColumnWhoseRowsAreFetchedAgainAndAgain) {
  const catalog::Snapshot snapshot = graph_.Now();
  const auto depth_of = [&](Resident& resident, Dense row) {
    return columnar::RowTexts(
        *resident.FetchRows({}, snapshot, kNode, "Port", {row}, {"depth"}).value());
  };
  EXPECT_THAT(depth_of(*resident_, 0), ElementsAre("19.0"));
  EXPECT_THAT(depth_of(*resident_, 1), ElementsAre("15.0"));
  EXPECT_THAT(depth_of(*resident_, 2), ElementsAre("null"));
  EXPECT_THAT(graph_.log.Take(),
              ElementsAre("scan root/tables/node:Port _rowid", "take root/tables/node:Port depth 1",
                          "scan root/tables/node:Port depth"));
  const std::unique_ptr<Resident> bare = MakeResident(0, AnalysePlainly);
  for (Dense row = 0; row < 4; ++row) {
    EXPECT_EQ(depth_of(*bare, row), depth_of(*resident_, row)) << "row " << row;
  }
  EXPECT_THAT(graph_.log.Take(), Contains("take root/tables/node:Port depth 1").Times(4))
      << "without a cache nothing is hot";
}

// req: GRAPH-25
TEST_F(ResidentTest, AHotColumnThatARequestCannotHoldIsFetchedRowByRow) {
  const catalog::Snapshot snapshot = graph_.Now();
  ASSERT_TRUE(resident_->FetchRows({}, snapshot, kNode, "Port", {0}, {"note"}).ok());
  graph_.log.Take();
  MemoryBudget budget(30);
  Request request;
  request.budget = &budget;
  const auto row = resident_->FetchRows(request, snapshot, kNode, "Port", {3}, {"note"});
  ASSERT_TRUE(row.ok()) << row.status().ToString();
  EXPECT_THAT(columnar::RowTexts(**row), ElementsAre("\"ice\""));
  EXPECT_THAT(graph_.log.Take(),
              ElementsAre("scan root/tables/node:Port note", "take root/tables/node:Port note 1"));
}

TEST_F(ResidentTest, FetchesNoRowsAndNoColumns) {
  const catalog::Snapshot snapshot = graph_.Now();
  const auto no_rows =
      resident_->FetchRows({}, snapshot, kNode, "Port", {}, {"id", "depth"}).value();
  EXPECT_EQ(no_rows->num_rows(), 0);
  EXPECT_EQ(no_rows->schema()->field(1)->type()->id(), arrow::Type::DOUBLE);
  EXPECT_EQ(resident_->FetchRows({}, snapshot, kNode, "Port", {1, 2}, {}).value()->num_rows(), 2);
  EXPECT_THAT(graph_.log.Take(), IsEmpty());
}

// req: GRAPH-10
TEST_F(ResidentTest, FetchesManyRowsInOneScan) {
  arrow::StringBuilder ids;
  arrow::DoubleBuilder depths;
  arrow::StringBuilder notes;
  for (int i = 0; i < 40'000; ++i) {
    ASSERT_TRUE(ids.Append(fmt::format("p{}", i)).ok() && depths.Append(i).ok() &&
                notes.AppendNull().ok());
  }
  graph_.Put(kNode, "Port",
             arrow::RecordBatch::Make(PortColumns(), 40'000,
                                      {ids.Finish().ValueOrDie(), depths.Finish().ValueOrDie(),
                                       notes.Finish().ValueOrDie()}));
  const catalog::Snapshot snapshot = graph_.Now();
  std::mt19937 random(3);
  std::vector<Dense> rows;
  for (int i = 0; i < 9000; ++i) rows.push_back(4 + random() % 40'000);
  const auto fetched = resident_->FetchRows({}, snapshot, kNode, "Port", rows, {"depth"}).value();
  EXPECT_THAT(graph_.log.Take(), ElementsAre("scan root/tables/node:Port depth"));
  const auto& column = static_cast<const arrow::DoubleArray&>(*fetched->column(0));
  ASSERT_EQ(column.length(), 9000);
  for (size_t i = 0; i < rows.size(); ++i)
    ASSERT_EQ(column.Value(static_cast<int64_t>(i)), rows[i] - 4.0);
}

TEST_F(ResidentTest, RefusesWhatIsNotThere) {
  const catalog::Snapshot snapshot = graph_.Now();
  EXPECT_EQ(resident_->VerticesOf({}, snapshot, kNode, "Ship").status().id(),
            ErrorId::kUnknownType);
  EXPECT_EQ(resident_->AdjacencyOf({}, snapshot, "Port", Resident::Side::kOut).status().id(),
            ErrorId::kUnknownType);
  const Status column = resident_->ColumnOf({}, snapshot, kNode, "Port", "width").status();
  EXPECT_EQ(column.id(), ErrorId::kInvalidArgument);
  EXPECT_EQ(column.message(), "node:Port has no column 'width'");
  const Status row = resident_->FetchRows({}, snapshot, kNode, "Port", {4}, {"id"}).status();
  EXPECT_EQ(row.id(), ErrorId::kInvalidArgument);
  EXPECT_THAT(row.message(), HasSubstr("node:Port has 4 rows, so row number 4 is none of them"));
  ASSERT_TRUE(resident_->ColumnOf({}, snapshot, kNode, "Port", "id").ok());
  EXPECT_EQ(resident_->FetchRows({}, snapshot, kNode, "Port", {4}, {"id"}).status().message(),
            row.message());
  EXPECT_EQ(resident_->CorpusOf({}, snapshot, "Port", "depth").status().id(),
            ErrorId::kInvalidArgument);
  EXPECT_EQ(MakeResident(kPlenty, nullptr)->CorpusOf({}, snapshot, "Port", "note").status().id(),
            ErrorId::kUnsupported);
  graph_.Put(kEdge, "Feeds", EdgeColumns(), R"([["e9","SEGOT","NOWHERE"]])");
  EXPECT_EQ(resident_->AdjacencyOf({}, graph_.Now(), "Feeds", Resident::Side::kIn).status().id(),
            ErrorId::kCorruptData);
}

TEST_F(ResidentTest, AnalysesAPropertyAsItsIndexSays) {
  graph_.AddNodeType("Ship").indexes = {{.columns = {"log"}, .options = {.analyzer = "simple"}}};
  graph_.Put(kNode, "Ship",
             arrow::schema({arrow::field("id", arrow::utf8()), arrow::field("log", arrow::utf8())}),
             R"([["Alma","fog"]])");
  std::vector<std::string> seen;
  const auto resident =
      MakeResident(kPlenty, [&seen](const auto& texts, std::string_view parameters) {
        seen.emplace_back(parameters);
        return AnalysePlainly(texts, parameters);
      });
  ASSERT_TRUE(resident->CorpusOf({}, graph_.Now(), "Ship", "log").value()->Match("fog").ok());
  ASSERT_TRUE(resident->CorpusOf({}, graph_.Now(), "Port", "note").ok());
  const std::string simple = AnalyserParameters("simple").value();
  EXPECT_THAT(seen, ElementsAre(simple, simple, AnalyserParameters("").value()))
      << "texts and queries alike";
}

// req: GRAPH-25
TEST_F(ResidentTest, ObeysTheRequest) {
  const catalog::Snapshot snapshot = graph_.Now();
  MemoryBudget budget(50);
  Request request;
  request.budget = &budget;
  EXPECT_EQ(resident_->VerticesOf(request, snapshot, kNode, "Port").status().id(),
            ErrorId::kMemoryBudget);
  EXPECT_EQ(resident_->ColumnOf(request, snapshot, kNode, "Port", "note").status().id(),
            ErrorId::kMemoryBudget);
  EXPECT_EQ(
      resident_->FetchRows(request, snapshot, kNode, "Port", {0, 1, 2}, {"note"}).status().id(),
      ErrorId::kMemoryBudget);
  EXPECT_EQ(budget.bytes_used(), 0);
  EXPECT_TRUE(resident_->VerticesOf({}, snapshot, kNode, "Port").ok())
      << "the next request is none the worse";
  EXPECT_TRUE(resident_->VerticesOf(request, snapshot, kNode, "Port").ok())
      << "what is there costs nothing";
}

// req: GRAPH-7
TEST_F(ResidentTest, ThreadsThatAskAtOnceReadOnce) {
  const catalog::Snapshot snapshot = graph_.Now();
  std::vector<std::future<size_t>> askers;
  for (int i = 0; i < 8; ++i) {
    const Resident::Side side = i % 2 == 0 ? Resident::Side::kOut : Resident::Side::kIn;
    askers.push_back(std::async(std::launch::async, [this, &snapshot, side] {
      return Neighbours(*resident_, snapshot, side, side == Resident::Side::kOut ? 0 : 2).size();
    }));
  }
  for (size_t i = 0; i < askers.size(); ++i) EXPECT_EQ(askers[i].get(), i % 2 == 0 ? 3u : 2u);
  const std::vector<std::string> reads = graph_.log.Take();
  EXPECT_EQ(std::count(reads.begin(), reads.end(), "scan root/tables/node:Port id,_rowid"), 1);
  EXPECT_LE(std::count(reads.begin(), reads.end(), "scan root/tables/edge:Feeds src,dst"), 2)
      << "once per side";
}

}  // namespace
}  // namespace tarn::search
