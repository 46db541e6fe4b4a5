#include "tarn/exec/operator.h"

#include <algorithm>

namespace tarn::exec {

Result<Flow> Operator::Push(const Batch& in) {
  const QueryState::Charge charge(state_, node_.id);
  return Process(in);
}

Status Operator::Finish() {
  {
    const QueryState::Charge charge(state_, node_.id);
    TARN_RETURN_IF_ERROR(Drain());
  }
  return next_ == nullptr ? Status::Ok() : next_->Finish();
}

Result<Flow> Operator::Emit(const Batch& out) {
  if (out.rows == 0) return Flow::kMore;
  state_.actuals(node_.id).rows_out += out.rows;
  TARN_RETURN_IF_ERROR(state_.Tick(out.rows));
  return next_ == nullptr ? Flow::kMore : next_->Push(out);
}

void Operator::NoteBytes(int64_t bytes) {
  int64_t& peak = state_.actuals(node_.id).bytes_peak;
  peak = std::max(peak, bytes);
}

size_t FindSlot(const std::vector<plan::VarId>& live, plan::VarId variable) {
  const auto found = std::find(live.begin(), live.end(), variable);
  return found == live.end() ? SIZE_MAX : static_cast<size_t>(found - live.begin());
}

size_t SlotOf(const std::vector<plan::VarId>& live, plan::VarId variable) {
  const size_t slot = FindSlot(live, variable);
  TARN_CHECK(slot != SIZE_MAX, "a plan reads a variable that it has dropped");
  return slot;
}

}  // namespace tarn::exec
