#include "tarn/exec/seeded_pattern.h"

namespace tarn::exec {

Status SeededPattern::Bind(const std::vector<plan::VarId>& input_live, Operator& sink) {
  TARN_ASSIGN_OR_RETURN(inner_, Pipeline::Make(state_, root_, sink));
  for (const plan::VarId variable : outer_) slots_.push_back(SlotOf(input_live, variable));
  return Status::Ok();
}

void SeededPattern::Collect(const Batch& in) {
  seeds_.Clear();
  ordinals_.resize(in.rows);
  std::vector<Dense> tuple(slots_.size());
  for (uint32_t row = 0; row < in.rows; ++row) {
    for (size_t i = 0; i < slots_.size(); ++i) tuple[i] = in.columns[slots_[i]][row];
    bool is_new = false;
    ordinals_[row] = seeds_.Insert(tuple.data(), &is_new);
  }
}

Status SeededPattern::Ask() {
  TARN_RETURN_IF_ERROR(inner_->first().Push(SeedBatch()).status());
  return inner_->first().Finish();
}

Batch SeededPattern::SeedBatch() const {
  Batch batch;
  batch.rows = seeds_.size();
  state_.actuals(inner_->source_node().id).rows_out += batch.rows;
  for (const plan::VarId variable : inner_->source_node().live) {
    std::vector<Dense> column(batch.rows);
    const size_t outer = FindSlot(outer_, variable);
    for (uint32_t i = 0; i < batch.rows; ++i)
      column[i] = outer == SIZE_MAX ? i : seeds_.tuple(i)[outer];
    batch.columns.push_back(std::move(column));
  }
  batch.weights.assign(state_.plan().lanes, std::vector<uint64_t>(batch.rows, 1));
  return batch;
}

}  // namespace tarn::exec
