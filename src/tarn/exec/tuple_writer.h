#pragma once

#include <array>
#include <functional>
#include <vector>

#include "tarn/exec/batch.h"
#include "tarn/exec/query_state.h"

namespace tarn::exec {

/// Builds the output batches of an operator that derives each output row from one input row, up to
/// two new variables and a factor for its weights. Rows are noted first and copied column by column
/// when the batch is full.
class TupleWriter {
 public:
  static constexpr plan::VarId kNone = plan::kSeedOrdinal - 1;

  /// `in` and `out` are tuple layouts; every variable of `out` is in `in` or is one of `fresh`.
  TupleWriter(QueryState& state, const std::vector<plan::VarId>& in,
              const std::vector<plan::VarId>& out,
              std::array<plan::VarId, 2> fresh = {kNone, kNone});

  void Begin(const Batch& in) { in_ = &in; }
  /// Notes a row; true when the batch is full and must be taken.
  bool Add(uint32_t source, Dense first = 0, Dense second = 0) {
    source_[rows_] = source;
    fresh_[0][rows_] = first;
    fresh_[1][rows_] = second;
    return ++rows_ == capacity_;
  }
  /// The same with one factor per lane.
  bool AddWeighed(uint32_t source, const uint64_t* factors, Dense first = 0, Dense second = 0) {
    weighed_ = true;
    for (size_t lane = 0; lane < factors_.size(); ++lane) {
      factors_[lane].resize(rows_, 1);
      factors_[lane].push_back(factors[lane]);
    }
    return Add(source, first, second);
  }
  /// The rows noted since the last Take. Valid until the next one.
  const Batch& Take();

 private:
  struct Column {
    bool fresh = false;
    size_t index = 0;  // of the input column, or which fresh variable
  };

  const uint32_t capacity_;
  std::vector<Column> columns_;
  const Batch* in_ = nullptr;
  uint32_t rows_ = 0;
  bool weighed_ = false;
  std::vector<uint32_t> source_;
  std::array<std::vector<Dense>, 2> fresh_;
  std::vector<std::vector<uint64_t>>
      factors_;  // by lane; shorter than the rows when the last ones were not weighed
  Batch out_;
};

}  // namespace tarn::exec
