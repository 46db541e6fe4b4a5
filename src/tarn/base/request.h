#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "tarn/base/status.h"

namespace tarn {

/// Fired once, seen by everybody who holds it. Thread safe, but not for signal handlers: Fire takes
/// a lock.
class CancelToken {
 public:
  /// Keeps a callback registered. After it is destroyed the callback does not run and is not
  /// running.
  class Registration {
   public:
    Registration() = default;
    Registration(Registration&& other) noexcept
        : token_(std::exchange(other.token_, nullptr)), number_(other.number_) {}
    Registration& operator=(Registration&& other) noexcept;
    ~Registration() { Drop(); }

   private:
    friend class CancelToken;
    Registration(const CancelToken* token, uint64_t number) : token_(token), number_(number) {}
    void Drop();

    const CancelToken* token_ = nullptr;  // outlives this
    uint64_t number_ = 0;
  };

  void Fire();
  bool fired() const { return fired_.load(std::memory_order_acquire); }

  /// Runs `callback` once when the token fires, on the thread that fires it, or now when it has
  /// fired. The callback is short, does not throw and does not touch this token or its
  /// registrations.
  Registration OnFire(std::function<void()> callback) const;

 private:
  std::atomic<bool> fired_{false};
  mutable std::mutex mutex_;
  mutable std::map<uint64_t, std::function<void()>> callbacks_;  // guarded by mutex_
  mutable uint64_t next_number_ = 1;                             // guarded by mutex_
};

/// Bytes a request may hold at once. Thread safe; children draw on their parent.
class MemoryBudget {
 public:
  explicit MemoryBudget(int64_t bytes_max, MemoryBudget* parent = nullptr)
      : bytes_max_(bytes_max), parent_(parent) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  /// Takes `bytes` or takes nothing and answers kMemoryBudget naming `what`, the limit and the
  /// wish.
  Status Reserve(int64_t bytes, const char* what);
  void Release(int64_t bytes);
  int64_t bytes_used() const { return used_.load(std::memory_order_relaxed); }
  int64_t bytes_peak() const { return peak_.load(std::memory_order_relaxed); }
  int64_t bytes_max() const { return bytes_max_; }

 private:
  const int64_t bytes_max_;
  MemoryBudget* const parent_;  // outlives this
  std::atomic<int64_t> used_{0};
  std::atomic<int64_t> peak_{0};
};

/// Holds a reservation and gives it back when destroyed. Move only.
class BudgetHold {
 public:
  BudgetHold() = default;
  BudgetHold(MemoryBudget* budget, const char* what) : budget_(budget), what_(what) {}
  BudgetHold(BudgetHold&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)),
        what_(other.what_),
        bytes_(std::exchange(other.bytes_, 0)) {}
  BudgetHold& operator=(BudgetHold&& other) noexcept;
  ~BudgetHold() { Free(); }

  /// Grows or shrinks the hold to `bytes` in all. A hold without a budget accepts everything.
  Status Resize(int64_t bytes);
  int64_t bytes() const { return bytes_; }
  void Free();

 private:
  MemoryBudget* budget_ = nullptr;
  const char* what_ = "memory";
  int64_t bytes_ = 0;
};

/// Counts the store calls of a piece of work. Defined by `store`; this room only carries it.
class Meter;

/// Which column of a meter the store calls of a step land in.
enum class Phase : uint8_t {
  kOther,
  kPlan,
  kRead,
  kStage,
  kIntent,
  kEffect,
  kPublish,
  kCleanup,
  kRecovery
};

/// What every call that can block carries first: facts, no powers. Copies are cheap and share token
/// and budget.
///
/// The pointed-to token, budget and meter outlive the call.
struct Request {
  std::string actor = "local";
  std::string request_id;  ///< idempotency key of a write; empty = none
  std::optional<std::chrono::steady_clock::time_point> deadline;
  const CancelToken* cancel = nullptr;
  MemoryBudget* budget = nullptr;
  Meter* meter = nullptr;
  Phase phase = Phase::kOther;

  /// The same request, its store calls counted under `step`.
  Request In(Phase step) const {
    Request copy = *this;
    copy.phase = step;
    return copy;
  }

  /// kCancelled or kDeadlineExceeded when the request should stop. Cheap enough for inner loops,
  /// every few thousand steps.
  Status Check() const;
  BudgetHold Hold(const char* what) const { return BudgetHold(budget, what); }
};

}  // namespace tarn
