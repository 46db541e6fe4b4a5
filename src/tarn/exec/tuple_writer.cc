#include "tarn/exec/tuple_writer.h"

#include "tarn/exec/operator.h"

namespace tarn::exec {

TupleWriter::TupleWriter(QueryState& state, const std::vector<plan::VarId>& in,
                         const std::vector<plan::VarId>& out, std::array<plan::VarId, 2> fresh)
    : capacity_(state.batch_rows()), source_(capacity_), factors_(state.plan().lanes) {
  for (const plan::VarId variable : out) {
    if (variable == fresh[0] || variable == fresh[1]) {
      columns_.push_back({true, variable == fresh[0] ? size_t{0} : size_t{1}});
    } else {
      columns_.push_back({false, SlotOf(in, variable)});
    }
  }
  for (std::vector<Dense>& values : fresh_) values.resize(capacity_);
  out_.columns.resize(out.size());
  out_.weights.resize(state.plan().lanes);
}

const Batch& TupleWriter::Take() {
  out_.rows = rows_;
  for (size_t i = 0; i < columns_.size(); ++i) {
    std::vector<Dense>& to = out_.columns[i];
    const std::vector<Dense>& from =
        columns_[i].fresh ? fresh_[columns_[i].index] : in_->columns[columns_[i].index];
    to.resize(rows_);
    if (columns_[i].fresh) {
      std::copy(from.begin(), from.begin() + rows_, to.begin());
    } else {
      for (uint32_t row = 0; row < rows_; ++row) to[row] = from[source_[row]];
    }
  }
  for (size_t lane = 0; lane < out_.weights.size(); ++lane) {
    std::vector<uint64_t>& to = out_.weights[lane];
    const std::vector<uint64_t>& from = in_->weights[lane];
    to.resize(rows_);
    for (uint32_t row = 0; row < rows_; ++row) to[row] = from[source_[row]];
    if (!weighed_) continue;
    factors_[lane].resize(rows_, 1);
    for (uint32_t row = 0; row < rows_; ++row)
      to[row] = SaturatingMultiply(to[row], factors_[lane][row]);
    factors_[lane].clear();
  }
  weighed_ = false;
  rows_ = 0;
  return out_;
}

}  // namespace tarn::exec
