#include "tarn/columnar/budget_pool.h"

#include "tarn/columnar/arrow_status.h"

namespace tarn::columnar {

arrow::Status BudgetPool::Take(int64_t bytes) {
  return budget_ == nullptr ? arrow::Status::OK() : ToArrow(budget_->Reserve(bytes, what_));
}

void BudgetPool::GiveBack(int64_t bytes) {
  if (budget_ != nullptr) budget_->Release(bytes);
}

arrow::Status BudgetPool::Allocate(int64_t size, int64_t alignment, uint8_t** out) {
  ARROW_RETURN_NOT_OK(Take(size));
  arrow::Status status = below_->Allocate(size, alignment, out);
  if (!status.ok()) {
    GiveBack(size);
    return status;
  }
  stats_.DidAllocateBytes(size);
  return status;
}

arrow::Status BudgetPool::Reallocate(int64_t old_size, int64_t new_size, int64_t alignment,
                                     uint8_t** ptr) {
  const int64_t growth = new_size - old_size;
  if (growth > 0) ARROW_RETURN_NOT_OK(Take(growth));
  arrow::Status status = below_->Reallocate(old_size, new_size, alignment, ptr);
  if (!status.ok()) {
    if (growth > 0) GiveBack(growth);
    return status;
  }
  if (growth < 0) GiveBack(-growth);
  stats_.DidReallocateBytes(old_size, new_size);
  return status;
}

void BudgetPool::Free(uint8_t* buffer, int64_t size, int64_t alignment) {
  below_->Free(buffer, size, alignment);
  stats_.DidFreeBytes(size);
  GiveBack(size);
}

}  // namespace tarn::columnar
