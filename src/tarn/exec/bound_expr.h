#pragma once

#include <memory>
#include <vector>

#include "tarn/exec/batch.h"
#include "tarn/exec/query_state.h"

namespace tarn::exec {

/// One tuple, as expressions see it.
struct Env {
  const Dense* slots =
      nullptr;  ///< dense numbers, in the order of the `live` the expression was bound to
  const Cell* values = nullptr;  ///< results of an Aggregate
};

/// An expression with its columns at hand. Lives as long as the QueryState it was bound with.
class BoundExpr {
 public:
  virtual ~BoundExpr() = default;
  virtual Cell Eval(const Env& env) const = 0;
  /// May the text of its cells be gone at the next Eval? Whoever keeps cells copies such texts.
  virtual bool transient() const { return false; }
};
using BoundExprPtr = std::unique_ptr<const BoundExpr>;

/// Binds expressions to tuples of the variables `live`; loads the columns they read. `items`, if
/// not null, are the aggregates whose results stand in Env::values.
class Binder {
 public:
  Binder(QueryState& state, const std::vector<plan::VarId>& live,
         const std::vector<plan::AggregateItem>* items = nullptr)
      : state_(state), live_(live), items_(items) {}

  Result<BoundExprPtr> Bind(const ir::ExprPtr& expr) const;
  /// The place of a row in the order of an rrf(): 0 is the best.
  BoundExprPtr BindFusedPosition(const ir::ExprPtr& rrf) const;

 private:
  struct Visitor;

  QueryState& state_;
  const std::vector<plan::VarId>& live_;
  const std::vector<plan::AggregateItem>* items_;
};

/// Copies the columns of one row of a batch into `slots`.
inline void GatherSlots(const Batch& batch, uint32_t row, std::vector<Dense>& slots) {
  for (size_t i = 0; i < batch.columns.size(); ++i) slots[i] = batch.columns[i][row];
}
inline void GatherValues(const Batch& batch, uint32_t row, std::vector<Cell>& values) {
  for (size_t i = 0; i < batch.values.size(); ++i) values[i] = batch.values[i][row];
}

}  // namespace tarn::exec
