#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "tarn/exec/batch.h"
#include "tarn/exec/query_state.h"
#include "tarn/search/bitmap.h"

namespace tarn::exec {

/// One condition over one variable, asked row by row or for a run of rows.
class RowCondition {
 public:
  virtual ~RowCondition() = default;
  /// Is the condition TRUE for the row?
  virtual bool Pass(Dense row) const = 0;
  /// Clears keep[i] for every row begin + i in [begin, end) for which it is not TRUE.
  virtual void KeepRange(Dense begin, Dense end, uint8_t* keep) const = 0;
};

/// Binds a condition that reads only `variable`. Comparisons of a property with a constant become
/// tests of the raw column; everything else is interpreted.
Result<std::unique_ptr<RowCondition>> MakeRowCondition(QueryState& state, plan::VarId variable,
                                                       const ir::ExprPtr& condition);

/// A row passes when `argument` is not null.
Result<std::unique_ptr<RowCondition>> MakeNotNull(QueryState& state, plan::VarId variable,
                                                  const ir::ExprPtr& argument);

/// The conjunction of a variable's conditions. Asked about few rows it evaluates them one by one;
/// asked about many it evaluates the whole column once and answers from bits.
class RowPredicate {
 public:
  RowPredicate() = default;
  static Result<RowPredicate> Make(QueryState& state, plan::VarId variable,
                                   const std::vector<ir::ExprPtr>& conditions);
  static Result<RowPredicate> MakeNotNullTest(QueryState& state, plan::VarId variable,
                                              const ir::ExprPtr& argument);

  bool always() const { return conditions_.empty(); }
  bool Pass(Dense row) const {
    if (bits_) return bits_->Has(row);
    for (const auto& condition : conditions_) {
      if (!condition->Pass(row)) return false;
    }
    return true;
  }
  /// Announces that so many rows will be asked about.
  Status Expect(uint64_t asks) {
    if (conditions_.empty() || bits_) return Status::Ok();
    asks_ += asks;
    return asks_ * kAsksPerRow < rows_ ? Status::Ok() : BuildBits();
  }
  /// keep[i] = does row begin + i pass?
  void KeepRange(Dense begin, Dense end, uint8_t* keep) const;

 private:
  /// One row of a column scan costs about a quarter of a row asked about by itself.
  static constexpr uint64_t kAsksPerRow = 4;

  Status BuildBits();

  QueryState* state_ = nullptr;
  std::vector<std::unique_ptr<RowCondition>> conditions_;
  uint64_t rows_ = 0;
  uint64_t asks_ = 0;
  std::optional<search::Bitmap> bits_;
  BudgetHold hold_;
};

}  // namespace tarn::exec
