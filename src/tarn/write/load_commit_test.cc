// What a load does to the warehouse when others write, storage fails, or the caller gives up.

#include <filesystem>

#include <unistd.h>

#include "tarn/write/test_graph.h"

namespace tarn::write {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSchema = "node P { k: String @key  n: I32? }\nedge E: P -> P\n";

std::string P(const std::string& key) {
  return fmt::format("{{\"type\":\"P\",\"data\":{{\"k\":\"{}\"}}}}\n", key);
}

/// Runs `second` once, between this load's plan and its publish.
void Interrupt(TestGraph& graph, const std::function<void()>& second) {
  graph.faults->Add({.operation = "stage",
                     .nth = 1,
                     .action = store::MemoryFault::Action::kNone,
                     .before = second});
}

// req: WRITE-9, GRAPH-19: append and merge plan anew on the head that beat them.
TEST(LoadCommit, AppendAndMergeReplanOnAConflict) {
  for (const LoadMode mode : {LoadMode::kAppend, LoadMode::kMerge}) {
    TestGraph graph(kSchema);
    TestGraph rival(graph, 7);
    int readings = 0;
    Interrupt(graph, [&] { ASSERT_TRUE(rival.Append(P("theirs")).ok()); });
    const std::string text = P("ours");
    const auto loaded = write::Load(graph.request, *graph.catalog, graph.clock,
                                    [&]() -> Result<std::unique_ptr<std::istream>> {
                                      ++readings;
                                      return std::make_unique<std::istringstream>(text);
                                    },
                                    {.mode = mode});
    ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
    EXPECT_EQ(readings, 2);
    EXPECT_EQ(graph.Rows("node:P"), 2u);
    EXPECT_EQ(graph.Marks().at("commits"), 3u);
  }
}

TEST(LoadCommit, TheReplannedLoadSeesTheRivalsRows) {
  TestGraph graph(kSchema);
  TestGraph rival(graph, 7);
  Interrupt(graph, [&] { ASSERT_TRUE(rival.Append(P("same")).ok()); });
  ExpectError(graph.Append(P("same")), ErrorId::kKeyConflict, "id 'same' of node:P exists already");
  EXPECT_EQ(graph.Rows("node:P"), 1u);
}

TEST(LoadCommit, OverwriteNeverReplans) {
  TestGraph graph(kSchema);
  TestGraph rival(graph, 7);
  Interrupt(graph, [&] { ASSERT_TRUE(rival.Append(P("theirs")).ok()); });
  const auto refused = graph.Overwrite(P("ours"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().id(), ErrorId::kCommitConflict);
  EXPECT_EQ(graph.Export(), rival.Export());
  EXPECT_THAT(graph.Export(), HasSubstr("theirs"));
}

TEST(LoadCommit, RetriesAreBounded) {
  TestGraph graph(kSchema);
  TestGraph rival(graph, 7);
  int rounds = 0;
  graph.faults->Add(
      {.operation = "stage",
       .nth = 0,
       .action = store::MemoryFault::Action::kNone,
       .where = "tables/",
       .before = [&] { ASSERT_TRUE(rival.Append(P(fmt::format("their-{}", rounds++))).ok()); }});
  const auto refused = graph.Load(LoadMode::kAppend, P("ours"), {.conflict_retries_max = 2});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().id(), ErrorId::kCommitConflict);
  EXPECT_EQ(rounds, 3);
}

// req: GRAPH-19, WRITE-42: fail staging of the first and of the second table.
TEST(LoadCommit, AFailedStageLeavesNothingAndItsFilesAreDiscarded) {
  for (const uint64_t nth : {1u, 2u}) {
    TestGraph graph(kSchema);
    ASSERT_TRUE(graph.Append(P("a")).ok());
    const std::string before = graph.Export();
    const auto marks = graph.Marks();
    const uint64_t discards = graph.faults->calls("discard");
    graph.faults->Add({.operation = "stage", .nth = nth});
    const std::string edge = "{\"edge\":\"E\",\"from\":\"a\",\"to\":\"b\"}\n";
    const auto refused = graph.Append(P("b") + edge);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.status().id(), ErrorId::kStorageUnavailable);
    EXPECT_EQ(graph.Export(), before);
    EXPECT_EQ(graph.Marks().at("commits"), marks.at("commits"));
    EXPECT_EQ(graph.Marks().at("node:P version"), marks.at("node:P version"));
    EXPECT_EQ(graph.faults->calls("discard"), discards + nth - 1);
    graph.faults->Clear();
    EXPECT_TRUE(graph.Append(P("b") + edge).ok()) << "the next load proceeds";
  }
}

// req: WRITE-60: a replay is recognised before append would refuse its own rows.
TEST(LoadCommit, ARequestIdIsAnsweredWithItsFirstResult) {
  TestGraph graph(kSchema);
  graph.request.request_id = "night-7";
  const std::string text = P("a") + P("b") + "{\"edge\":\"E\",\"from\":\"a\",\"to\":\"b\"}\n";
  const auto first = graph.Append(text);
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  const auto marks = graph.Marks();
  const auto second = graph.Append(text);
  ASSERT_TRUE(second.ok()) << second.status().ToString();
  EXPECT_EQ(second->commit.id, first->commit.id);
  EXPECT_EQ(second->total_entities, 3u);
  ASSERT_EQ(second->nodes.size(), 1u);
  EXPECT_EQ(second->nodes[0].entities_loaded, 2u);
  EXPECT_EQ(graph.Marks(), marks);
}

TEST(LoadCommit, ACancelledLoadLeavesNothing) {
  TestGraph graph(kSchema);
  const auto before = graph.Marks();
  CancelToken cancel;
  Request request;
  request.cancel = &cancel;
  std::string text;
  for (int i = 0; i < 20000; ++i) text += P(std::to_string(i));
  LoadOptions options;
  uint64_t reports = 0;
  options.progress = [&](const LoadProgress& progress) {
    if (progress.step == "checking keys") cancel.Fire();
    ++reports;
  };
  const auto refused = write::Load(
      request, *graph.catalog, graph.clock,
      [&]() -> Result<std::unique_ptr<std::istream>> {
        return std::make_unique<std::istringstream>(text);
      },
      options);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().id(), ErrorId::kCancelled);
  EXPECT_EQ(graph.Marks(), before);
  EXPECT_EQ(reports, 2u);
}

TEST(LoadCommit, ADeadlineStopsTheReading) {
  TestGraph graph(kSchema);
  Request request;
  request.deadline = std::chrono::steady_clock::time_point();  // long ago
  const auto refused = write::Load(request, *graph.catalog, graph.clock,
                                   []() -> Result<std::unique_ptr<std::istream>> {
                                     return std::make_unique<std::istringstream>(P("a"));
                                   },
                                   {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().id(), ErrorId::kDeadlineExceeded);
}

TEST(LoadCommit, ProgressTellsTheSteps) {
  TestGraph graph(kSchema);
  std::vector<std::string> steps;
  uint64_t last_bytes = 0;
  std::string text;
  for (int i = 0; i < 70000; ++i) text += P(std::to_string(i));
  LoadOptions options{.bytes_total = text.size()};
  options.progress = [&](const LoadProgress& progress) {
    if (steps.empty() || steps.back() != progress.step) steps.push_back(progress.step);
    EXPECT_GE(progress.bytes_read, last_bytes);
    EXPECT_EQ(progress.bytes_total, text.size());
    last_bytes = progress.bytes_read;
  };
  ASSERT_TRUE(graph.Load(LoadMode::kAppend, text, options).ok());
  EXPECT_THAT(steps,
              testing::ElementsAre("reading", "checking keys", "writing node:P", "committing"));
  EXPECT_EQ(last_bytes, text.size());
}

TEST(LoadCommit, TheBudgetOfTheRequestIsRespected) {
  TestGraph graph(kSchema);
  MemoryBudget budget(1 << 20);
  graph.request.budget = &budget;
  EXPECT_TRUE(graph.Append(P("a")).ok()) << "a load makes do with what is left";
  EXPECT_EQ(budget.bytes_used(), 0);
  EXPECT_LE(budget.bytes_peak(), budget.bytes_max());
  BudgetHold other(&budget, "another");
  ASSERT_TRUE(other.Resize(budget.bytes_max() - 1000).ok());
  ExpectError(graph.Append(P("b")), ErrorId::kMemoryBudget, "loading");
  other.Free();
  graph.request.budget = nullptr;
}

TEST(LoadCommit, BadOptionsAreRefused) {
  TestGraph graph(kSchema);
  ExpectError(graph.Load(LoadMode::kAppend, P("a"), {.memory_bytes_max = 0}),
              ErrorId::kInvalidArgument, "above zero");
  ExpectError(graph.Load(LoadMode::kAppend, P("a"), {.spill_folder = "here"}),
              ErrorId::kInvalidArgument, "absolute path, got 'here'");
}

TEST(LoadCommit, AnInputThatBreaksOffIsAnError) {
  class Broken final : public std::streambuf {
   protected:
    std::streamsize xsgetn(char*, std::streamsize) override {
      throw std::ios_base::failure("the cable");
    }
    int_type underflow() override { throw std::ios_base::failure("the cable"); }
  };
  class BrokenStream final : public std::istream {
   public:
    BrokenStream() : std::istream(&buffer_) {}

   private:
    Broken buffer_;
  };
  TestGraph graph(kSchema);
  const auto before = graph.Marks();
  const auto refused = write::Load(
      graph.request, *graph.catalog, graph.clock,
      []() -> Result<std::unique_ptr<std::istream>> { return std::make_unique<BrokenStream>(); },
      {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().id(), ErrorId::kStorageUnavailable);
  EXPECT_EQ(graph.Marks(), before);
}

}  // namespace
}  // namespace tarn::write
