#pragma once

#include <cstdint>
#include <string>

#include <arrow/memory_pool.h>

#include "tarn/base/request.h"

namespace tarn::columnar {

/// Arrow memory that is drawn on a request's budget. An allocation beyond the budget fails as
/// Arrow's OutOfMemory, which FromArrow turns back into the budget's own kMemoryBudget. Thread
/// safe.
///
/// Every buffer gives its bytes back to the pool it came from, so pool and budget outlive all
/// arrays made with them; copy what must live longer into another pool.
class BudgetPool final : public arrow::MemoryPool {
 public:
  /// `what` names the consumer in the error; a literal. `budget` may be null: then nothing is
  /// limited.
  explicit BudgetPool(MemoryBudget* budget, const char* what = "Arrow arrays",
                      arrow::MemoryPool* below = arrow::default_memory_pool())
      : budget_(budget), what_(what), below_(below) {}

  using MemoryPool::Allocate;
  using MemoryPool::Free;
  using MemoryPool::Reallocate;
  arrow::Status Allocate(int64_t size, int64_t alignment, uint8_t** out) override;
  arrow::Status Reallocate(int64_t old_size, int64_t new_size, int64_t alignment,
                           uint8_t** ptr) override;
  void Free(uint8_t* buffer, int64_t size, int64_t alignment) override;

  int64_t bytes_allocated() const override { return stats_.bytes_allocated(); }
  int64_t max_memory() const override { return stats_.max_memory(); }
  int64_t total_bytes_allocated() const override { return stats_.total_bytes_allocated(); }
  int64_t num_allocations() const override { return stats_.num_allocations(); }
  std::string backend_name() const override { return below_->backend_name(); }

 private:
  arrow::Status Take(int64_t bytes);
  void GiveBack(int64_t bytes);

  MemoryBudget* const budget_;  // outlives this
  const char* const what_;
  arrow::MemoryPool* const below_;  // outlives this
  arrow::internal::MemoryPoolStats stats_;
};

}  // namespace tarn::columnar
