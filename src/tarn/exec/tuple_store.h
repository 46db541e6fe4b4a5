#pragma once

#include "tarn/base/request.h"
#include "tarn/exec/batch.h"
#include "tarn/exec/query_state.h"

namespace tarn::exec {

/// Tuples kept in memory, drawn on the request's budget.
class TupleStore {
 public:
  TupleStore(QueryState& state, const char* what) : hold_(state.request().Hold(what)) {}

  Status Append(const Batch& in);
  const Batch& tuples() const { return tuples_; }
  uint32_t rows() const { return tuples_.rows; }
  int64_t bytes() const { return hold_.bytes(); }
  void Clear();

 private:
  Batch tuples_;
  BudgetHold hold_;
};

/// Bytes the vectors of a batch occupy.
int64_t BytesOf(const Batch& batch);

/// Rows [begin, end) of a batch, as a batch.
Batch Slice(const Batch& batch, uint32_t begin, uint32_t end);

}  // namespace tarn::exec
