#pragma once

#include <deque>
#include <string>

#include "tarn/base/request.h"
#include "tarn/exec/cell.h"

namespace tarn::exec {

/// Keeps texts that were computed, for cells that outlive the row they were computed for. Drawn on
/// the request's budget.
class TextArena {
 public:
  explicit TextArena(BudgetHold hold) : hold_(std::move(hold)) {}

  /// The same cell, its text copied here. Other cells are returned as they are.
  Result<Cell> Keep(const Cell& cell);
  int64_t bytes() const { return hold_.bytes(); }

 private:
  static constexpr size_t kBlockBytes = 64 << 10;

  std::deque<std::string> blocks_;  // never move once they are written
  BudgetHold hold_;
};

}  // namespace tarn::exec
