#include "tarn/base/task_group.h"

#include <system_error>
#include <utility>

namespace tarn {

TaskGroup::~TaskGroup() {
  {
    std::lock_guard lock(mutex_);
    waiting_.clear();
  }
  Join();
}

void TaskGroup::Spawn(Task task) {
  bool needs_thread;
  {
    std::lock_guard lock(mutex_);
    TARN_CHECK(!closed_, "a task was spawned after Wait");
    waiting_.push_back({spawned_++, std::move(task)});
    needs_thread = waiting_.size() > idle_;
  }
  changed_.notify_one();
  if (needs_thread && threads_.size() < threads_max_) StartThread();
}

void TaskGroup::StartThread() {
  try {
    threads_.emplace_back([this] { RunThread(); });
  } catch (const std::system_error&) {
    // The machine has no thread to give: the others and the waiting owner do the work.
  }
}

void TaskGroup::RunThread() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (RunOne(lock)) continue;
    if (closed_) return;
    ++idle_;
    changed_.wait(lock);
    --idle_;
  }
}

bool TaskGroup::RunOne(std::unique_lock<std::mutex>& lock) {
  if (waiting_.empty()) return false;
  const Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  lock.unlock();
  Status status;
  std::exception_ptr thrown;
  try {
    status = next.task();
  } catch (...) {
    thrown = std::current_exception();
  }
  lock.lock();
  if (status.ok() && thrown == nullptr) return true;
  waiting_.clear();
  if (thrown != nullptr && thrown_ == nullptr) thrown_ = thrown;
  if (!status.ok() && (failed_.ok() || next.number < failed_number_)) {
    failed_number_ = next.number;
    failed_ = std::move(status);
  }
  return true;
}

void TaskGroup::Join() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

Status TaskGroup::Wait() {
  {
    std::unique_lock lock(mutex_);
    while (RunOne(lock)) {
    }
  }
  Join();
  if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return failed_;
}

}  // namespace tarn
