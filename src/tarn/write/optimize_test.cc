// req: INDEX-20 WRITE-1

#include "tarn/write/optimize.h"

#include "tarn/write/test_graph.h"

namespace tarn::write {
namespace {

constexpr std::string_view kSchema =
    "node Port { code: String @key  depth: I32? }\n"
    "node Ship { name: String @key }\n"
    "edge Feeds: Port -> Port\n";

std::string Port(int number) {
  return fmt::format(R"({{"type":"Port","data":{{"code":"P{:03}","depth":{}}}}})", number, number) +
         "\n";
}

std::vector<lance::Fragment> Files(TestGraph& graph, std::string_view type) {
  const catalog::Snapshot head = graph.catalog->Head({}).value();
  return head.OpenTable({}, catalog::TableKind::kNode, type).value()->Fragments().value();
}

const OptimizedTable& Of(const OptimizeResult& result, std::string_view key) {
  const auto found = std::ranges::find(result.tables, key, &OptimizedTable::key);
  EXPECT_NE(found, result.tables.end());
  return *found;
}

TEST(Optimize, ManySmallFilesBecomeOneAndNothingElseChanges) {
  TestGraph graph{std::string(kSchema)};
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(graph.Append(Port(i)).ok());
  ASSERT_TRUE(graph.Append(R"({"type":"Ship","data":{"name":"Alma"}})").ok());
  const std::string before = graph.Export();
  const std::string past = graph.catalog->Head({}).value().commit().id;

  const OptimizeResult result = Optimize(graph.request, *graph.catalog, {}).value();
  EXPECT_EQ(result.commit.operation, "optimize");
  const OptimizedTable& port = Of(result, "node:Port");
  EXPECT_EQ(port.fragments_removed, 5u);
  EXPECT_EQ(port.fragments_added, 1u);
  EXPECT_TRUE(port.committed);
  EXPECT_EQ(port.published_version, 7u);
  EXPECT_FALSE(Of(result, "node:Ship").committed) << "one file is as good as it gets";
  EXPECT_EQ(Files(graph, "Port").size(), 1u);
  EXPECT_EQ(Files(graph, "Port")[0].rows, 5u);
  EXPECT_EQ(graph.Export(), before);
  EXPECT_EQ(graph.Rows("node:Port"), 5u);
  for (const catalog::TableChange& change : result.commit.changes) {
    EXPECT_EQ(change.inserted + change.updated + change.deleted, 0u);
  }
  EXPECT_EQ(graph.catalog->At({}, past)
                .value()
                .manifest()
                .FindTable(catalog::TableKind::kNode, "Port")
                ->version,
            6u);
}

TEST(Optimize, AgainMakesNoCommit) {
  TestGraph graph{std::string(kSchema)};
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(graph.Append(Port(i)).ok());
  ASSERT_TRUE(Optimize(graph.request, *graph.catalog, {}).ok());
  const auto marks = graph.Marks();
  const OptimizeResult again = Optimize(graph.request, *graph.catalog, {}).value();
  EXPECT_EQ(again.commit.id, "");
  EXPECT_EQ(graph.Marks(), marks);
}

TEST(Optimize, FilesWithManyGapsAreFilled) {
  TestGraph graph{std::string(kSchema)};
  std::string rows;
  for (int i = 0; i < 8; ++i) rows += Port(i);
  ASSERT_TRUE(graph.Append(rows).ok());
  ASSERT_TRUE(graph.Merge(Port(3)).ok());
  ASSERT_EQ(Files(graph, "Port").size(), 2u);
  const std::string before = graph.Export();
  ASSERT_TRUE(Optimize(graph.request, *graph.catalog, {.file_rows_target = 2}).ok())
      << "every file is large, one has a gap";
  uint64_t gone = 0;
  for (const lance::Fragment& file : Files(graph, "Port")) gone += file.gone;
  EXPECT_EQ(gone, 0u);
  EXPECT_EQ(graph.Rows("node:Port"), 8u);
  auto lines = [](const std::string& text) {
    std::multiset<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.insert(line);
    return out;
  };
  EXPECT_EQ(lines(graph.Export()), lines(before));
}

TEST(Optimize, AnotherWritersCommitToOtherTablesIsNoConflict) {
  TestGraph graph{std::string(kSchema)};
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(graph.Append(Port(i)).ok());
  TestGraph other(graph, 2);
  int commits = 0;
  other.request.actor = "other";
  // Between planning and publishing: the stage step of this table.
  graph.faults->Add(
      {.operation = "stage", .nth = 1, .action = store::MemoryFault::Action::kNone, .before = [&] {
         ++commits;
         EXPECT_TRUE(other.Append(R"({"type":"Ship","data":{"name":"Birk"}})").ok());
       }});
  const OptimizeResult result = Optimize(graph.request, *graph.catalog, {}).value();
  EXPECT_TRUE(Of(result, "node:Port").committed);
  EXPECT_EQ(commits, 1) << "it was not planned again";
  EXPECT_EQ(graph.Rows("node:Ship"), 1u);
}

}  // namespace
}  // namespace tarn::write
