// Mutations of many threads on two processes of one warehouse, through the engine on the in-memory
// fakes: nothing that was acknowledged is lost, a rule holds whoever writes, readers see whole
// commits.
#include <array>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include <arrow/api.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tarn/engine/memory_warehouse.h"

namespace tarn::diff {
namespace {

constexpr const char* kSchema =
    "node P { k: String @key  n: I64?  u: String? @unique }\n"
    "node Q { k: String @key  n: I64? }\n"
    "edge E: P -> P\n";

template <typename T>
T Must(Result<T> result) {
  EXPECT_TRUE(result.ok()) << result.status().ToString();
  return std::move(result).value();
}

class ConcurrentMutation : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(warehouse_->Init({}, SourceText("test.pg", kSchema)).ok());
    for (auto& process : processes_) process = Must(warehouse_->Open({}, {}));
  }

  Result<write::MutateResult> Mutate(size_t process, const std::string& statements,
                                     const Request& request = {},
                                     const write::MutateOptions& options = {}) {
    const SourceText source("test.gq", "query q() { " + statements + " }");
    auto answer = processes_[process]->Mutate(request, {.source = &source, .options = options});
    if (!answer.ok()) return std::move(answer).status();
    return std::move(answer->result);
  }
  /// Runs until it lands: a process that loses too many races in a row asks again, as a client
  /// would.
  Result<write::MutateResult> MutateForSure(size_t process, const std::string& statements) {
    while (true) {
      Result<write::MutateResult> result = Mutate(process, statements);
      if (result.ok() || result.status().id() != ErrorId::kCommitConflict) return result;
    }
  }
  std::vector<int64_t> Numbers(size_t process, const std::string& read) {
    const SourceText source("test.gq", "query q() { " + read + " }");
    const auto answer = Must(processes_[process]->Query({}, {.source = &source}));
    std::vector<int64_t> numbers;
    const auto& column = static_cast<const arrow::Int64Array&>(*answer.result.rows->column(0));
    for (int64_t i = 0; i < column.length(); ++i) numbers.push_back(column.Value(i));
    return numbers;
  }
  int64_t Count(const std::string& pattern) {
    return Numbers(0, "match { " + pattern + " } return { count($x) as n }").front();
  }

  void InThreads(size_t count, const std::function<void(size_t)>& work) {
    std::vector<std::thread> threads;
    for (size_t i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
    for (std::thread& thread : threads) thread.join();
  }

  std::unique_ptr<engine::MemoryWarehouse> warehouse_ = engine::MemoryWarehouse::Make();
  std::array<std::unique_ptr<engine::Database>, 2> processes_;
};

// req: WRITE-8 WRITE-58 WRITE-61: all threads finish without a conflict inside one process, every
// acknowledged insert is there, and those that waited together share commits.
TEST_F(ConcurrentMutation, SixtyFourThreadsAllFinishAndShareCommits) {
  constexpr size_t kThreads = 64;
  std::atomic<int> failed = 0;
  std::mutex mutex;
  std::set<std::string> commits;
  InThreads(kThreads, [&](size_t i) {
    for (int n = 0; n < 4; ++n) {
      const auto done = Mutate(0, fmt::format("insert P {{ k: \"p{}-{}\" n: {} }}", i, n, n));
      if (!done.ok()) {
        ++failed;
        continue;
      }
      std::lock_guard lock(mutex);
      commits.insert(done->commit->id);
    }
  });
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(Count("$x: P"), int64_t{kThreads * 4});
  EXPECT_LT(commits.size(), kThreads * 4) << "nobody shared a publish";
  EXPECT_EQ(Must(processes_[0]->Commits({}, {})).size(), commits.size() + 1);
}

TEST_F(ConcurrentMutation, TwoProcessesLoseNothing) {
  InThreads(8, [&](size_t i) {
    for (int n = 0; n < 6; ++n) {
      const auto done = MutateForSure(
          i % 2, fmt::format("insert P {{ k: \"p{}-{}\" }} insert E {{ from: \"p{}-{}\" to: "
                             "\"p{}-0\" }}",
                             i, n, i, n, i));
      EXPECT_TRUE(done.ok()) << done.status().ToString();
    }
  });
  EXPECT_EQ(Count("$x: P"), 48);
  EXPECT_EQ(Count("$x: P  $x e $y"), 48);
}

// req: WRITE-62: exactly one of those that want the same value gets it, and a failing member of a
// group touches no other.
TEST_F(ConcurrentMutation, OneWinnerForOneUniqueValue) {
  std::atomic<int> won = 0, refused = 0, others = 0;
  InThreads(16, [&](size_t i) {
    const auto wants = MutateForSure(i % 2, fmt::format("insert P {{ k: \"w{}\" u: \"it\" }}", i));
    if (wants.ok()) ++won;
    if (!wants.ok() && wants.status().id() == ErrorId::kConstraintViolation) ++refused;
    if (MutateForSure(i % 2, fmt::format("insert Q {{ k: \"q{}\" }}", i)).ok()) ++others;
  });
  EXPECT_EQ(won, 1);
  EXPECT_EQ(refused, 15);
  EXPECT_EQ(others, 16);
  EXPECT_EQ(Count("$x: P"), 1);
}

TEST_F(ConcurrentMutation, OneWinnerForOneIfCommit) {
  const std::string head = Must(processes_[0]->Pin({}, {})).commit().id;
  std::atomic<int> won = 0, lost = 0;
  InThreads(12, [&](size_t i) {
    const auto done =
        Mutate(i % 2, fmt::format("insert P {{ k: \"p{}\" }}", i), {}, {.if_commit = head});
    if (done.ok()) ++won;
    if (!done.ok() && done.status().id() == ErrorId::kPreconditionFailed) ++lost;
  });
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, 11);
  EXPECT_EQ(Count("$x: P"), 1);
}

// req: WRITE-60
TEST_F(ConcurrentMutation, OneEffectForOneRequestId) {
  std::mutex mutex;
  std::set<std::string> commits;
  InThreads(12, [&](size_t i) {
    Request request;
    request.request_id = "the one";
    const auto done =
        Mutate(i % 2, "insert E { from: \"a\" to: \"a\" } insert P { k: \"a\" }", request);
    ASSERT_TRUE(done.ok()) << done.status().ToString();
    EXPECT_EQ(done->affected_nodes, 1u);
    EXPECT_EQ(done->affected_edges, 1u);
    std::lock_guard lock(mutex);
    commits.insert(done->commit->id);
  });
  EXPECT_EQ(commits.size(), 1u);
  EXPECT_EQ(Count("$x: P  $x e $y"), 1);
  EXPECT_EQ(Must(processes_[1]->Commits({}, {})).size(), 2u);
}

// req: WRITE-2 WRITE-52: a reader sees both types before a commit or both after it.
TEST_F(ConcurrentMutation, ReadersSeeWholeCommits) {
  ASSERT_TRUE(Mutate(0, "insert P { k: \"a\" n: 0 } insert Q { k: \"a\" n: 0 }").ok());
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      const std::vector<int64_t> p = Numbers(
          1, "match { $p: P { k: \"a\" }  $q: Q { k: \"a\" }  $p.n != $q.n } return { $p.n }");
      EXPECT_EQ(p.size(), 0u) << "a reader saw half a commit";
    }
  });
  InThreads(4, [&](size_t i) {
    for (int n = 0; n < 10; ++n) {
      const size_t value = i * 100 + static_cast<size_t>(n);
      EXPECT_TRUE(MutateForSure(0, fmt::format("update P set {{ n: {} }} where k = \"a\" update Q "
                                               "set {{ n: {} }} where k = \"a\"",
                                               value, value))
                      .ok());
    }
  });
  done = true;
  reader.join();
}

// req: GRAPH-23 GRAPH-25
TEST_F(ConcurrentMutation, WhoGivesUpWhileWaitingLeavesNothing) {
  CancelToken cancel;
  cancel.Fire();
  Request cancelled;
  cancelled.cancel = &cancel;
  const auto given_up = Mutate(0, "insert P { k: \"x\" }", cancelled);
  ASSERT_FALSE(given_up.ok());
  EXPECT_EQ(given_up.status().id(), ErrorId::kCancelled);
  Request late;
  late.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_EQ(Mutate(0, "insert P { k: \"x\" }", late).status().id(), ErrorId::kDeadlineExceeded);
  EXPECT_EQ(Count("$x: P"), 0);
  EXPECT_TRUE(Mutate(0, "insert P { k: \"x\" }").ok()) << "the queue goes on";
}

}  // namespace
}  // namespace tarn::diff
