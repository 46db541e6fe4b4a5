// invariant: a task group joins, bounds its threads and tells the first failure.

#include "tarn/base/task_group.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace tarn {
namespace {

/// Lets `count` threads go on together once all have come.
class Gate {
 public:
  explicit Gate(int count) : missing_(count) {}
  void Pass() {
    std::unique_lock lock(mutex_);
    if (--missing_ == 0) open_.notify_all();
    open_.wait(lock, [this] { return missing_ <= 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable open_;
  int missing_;
};

TEST(TaskGroup, RunsEveryTaskOnce) {
  for (size_t threads : {0, 1, 4}) {
    TaskGroup group(threads);
    std::vector<std::atomic<int>> runs(100);
    for (auto& run : runs) {
      group.Spawn([&run] {
        ++run;
        return Status::Ok();
      });
    }
    EXPECT_TRUE(group.Wait().ok());
    for (auto& run : runs) EXPECT_EQ(run.load(), 1) << threads;
  }
}

TEST(TaskGroup, TasksRunSideBySide) {
  Gate gate(
      3);  // opens only when three tasks are inside at once: two threads and the waiting owner
  TaskGroup group(2);
  for (int i = 0; i < 3; ++i) {
    group.Spawn([&gate] {
      gate.Pass();
      return Status::Ok();
    });
  }
  EXPECT_TRUE(group.Wait().ok());
}

TEST(TaskGroup, TellsTheFailureThatWasSpawnedFirst) {
  Gate both(2);
  TaskGroup group(2);
  for (int i = 0; i < 2; ++i) {
    group.Spawn([&both, i]() -> Status {
      both.Pass();
      return Error(ErrorId::kInvalidArgument, "task {}", i);
    });
  }
  EXPECT_EQ(group.Wait().message(), "task 0");
}

TEST(TaskGroup, StartsNothingAfterAFailure) {
  TaskGroup group(0);
  int runs = 0;
  for (int i = 0; i < 5; ++i) {
    group.Spawn([&runs, i]() -> Status {
      ++runs;
      if (i == 1) return Error(ErrorId::kInvalidArgument, "stop");
      return Status::Ok();
    });
  }
  EXPECT_FALSE(group.Wait().ok());
  EXPECT_EQ(runs, 2);
}

TEST(TaskGroup, DyingWithoutWaitJoinsWhatRuns) {
  std::atomic<int> ended{0};
  {
    TaskGroup group(1);
    Gate started(2);
    group.Spawn([&] {
      started.Pass();
      ++ended;
      return Status::Ok();
    });
    started.Pass();
  }
  EXPECT_EQ(ended.load(), 1);
}

TEST(TaskGroup, WhatATaskThrowsReachesTheOwner) {
  TaskGroup group(1);
  group.Spawn([]() -> Status { throw std::runtime_error("boom"); });
  EXPECT_THROW((void)group.Wait(), std::runtime_error);
}

}  // namespace
}  // namespace tarn
