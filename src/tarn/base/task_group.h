#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "tarn/base/status.h"

namespace tarn {

/// Runs tasks side by side and joins them. Owned by one thread, which spawns and waits; tasks may
/// not spawn.
///
/// Life-cycle  Spawn any number, then Wait once. A group that dies without Wait starts nothing more
/// and joins what
///             runs.
/// Failure     After a task has failed no further task starts; those that run go on to their end.
/// Threads     At most `threads_max` of its own; a waiting owner works too, so a group without
/// threads still finishes.
class TaskGroup {
 public:
  using Task = std::function<Status()>;

  explicit TaskGroup(size_t threads_max) : threads_max_(threads_max) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();

  void Spawn(Task task);

  /// Every task has ended: OK, or the error of the failed task that was spawned first. What a task
  /// threw is thrown here.
  Status Wait();

 private:
  struct Waiting {
    size_t number;
    Task task;
  };

  void StartThread();
  void RunThread();
  /// Runs one waiting task on the calling thread; false when none waits.
  bool RunOne(std::unique_lock<std::mutex>& lock);
  void Join();

  const size_t threads_max_;
  std::vector<std::thread> threads_;  // touched by the owner only
  size_t spawned_ = 0;                // touched by the owner only

  std::mutex mutex_;
  // All below is guarded by mutex_.
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  size_t idle_ = 0;
  bool closed_ = false;
  size_t failed_number_ = 0;  ///< of failed_, when it holds an error
  Status failed_;
  std::exception_ptr thrown_;
};

}  // namespace tarn
