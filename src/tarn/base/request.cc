#include "tarn/base/request.h"

#include <algorithm>

namespace tarn {

void CancelToken::Fire() {
  fired_.store(true, std::memory_order_release);
  // The lock is held while callbacks run, so that dropping a registration waits for its callback.
  std::lock_guard lock(mutex_);
  for (const auto& [number, callback] : callbacks_) callback();
  callbacks_.clear();
}

CancelToken::Registration CancelToken::OnFire(std::function<void()> callback) const {
  std::lock_guard lock(mutex_);
  if (fired()) {
    callback();
    return Registration();
  }
  callbacks_.emplace(next_number_, std::move(callback));
  return Registration(this, next_number_++);
}

CancelToken::Registration& CancelToken::Registration::operator=(Registration&& other) noexcept {
  if (this != &other) {
    Drop();
    token_ = std::exchange(other.token_, nullptr);
    number_ = other.number_;
  }
  return *this;
}

void CancelToken::Registration::Drop() {
  if (token_ == nullptr) return;
  std::lock_guard lock(token_->mutex_);
  token_->callbacks_.erase(number_);
  token_ = nullptr;
}

Status MemoryBudget::Reserve(int64_t bytes, const char* what) {
  const int64_t now = used_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  if (now > bytes_max_) {
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    return Error(ErrorId::kMemoryBudget, "{} needs {} more bytes; {} of {} are in use", what, bytes,
                 now - bytes, bytes_max_)
        .WithDetail("resource_limit",
                    fmt::format(R"({{"resource":"query_memory_bytes","limit":{},"actual":{}}})",
                                bytes_max_, now));
  }
  if (parent_ != nullptr) {
    Status status = parent_->Reserve(bytes, what);
    if (!status.ok()) {
      used_.fetch_sub(bytes, std::memory_order_relaxed);
      return status;
    }
  }
  int64_t peak = peak_.load(std::memory_order_relaxed);
  while (now > peak && !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
  }
  return Status::Ok();
}

void MemoryBudget::Release(int64_t bytes) {
  const int64_t before = used_.fetch_sub(bytes, std::memory_order_relaxed);
  TARN_CHECK(before >= bytes, "a memory budget was given back more than it lent");
  if (parent_ != nullptr) parent_->Release(bytes);
}

BudgetHold& BudgetHold::operator=(BudgetHold&& other) noexcept {
  if (this != &other) {
    Free();
    budget_ = std::exchange(other.budget_, nullptr);
    what_ = other.what_;
    bytes_ = std::exchange(other.bytes_, 0);
  }
  return *this;
}

Status BudgetHold::Resize(int64_t bytes) {
  if (budget_ == nullptr) return Status::Ok();
  if (bytes > bytes_) TARN_RETURN_IF_ERROR(budget_->Reserve(bytes - bytes_, what_));
  if (bytes < bytes_) budget_->Release(bytes_ - bytes);
  bytes_ = bytes;
  return Status::Ok();
}

void BudgetHold::Free() {
  if (budget_ != nullptr && bytes_ > 0) budget_->Release(bytes_);
  bytes_ = 0;
}

Status Request::Check() const {
  if (cancel != nullptr && cancel->fired())
    return Error(ErrorId::kCancelled, "the request was cancelled");
  if (deadline && std::chrono::steady_clock::now() >= *deadline) {
    return Error(ErrorId::kDeadlineExceeded, "the request ran past its deadline");
  }
  return Status::Ok();
}

}  // namespace tarn
