#include "tarn/exec/row_predicate.h"

#include <algorithm>
#include <cstring>

namespace tarn::exec {
namespace {

/// Rows whose bits are computed between two looks at the request.
constexpr Dense kRunRows = 4096;

}  // namespace

Result<RowPredicate> RowPredicate::Make(QueryState& state, plan::VarId variable,
                                        const std::vector<ir::ExprPtr>& conditions) {
  RowPredicate test;
  if (conditions.empty()) return test;
  test.state_ = &state;
  TARN_ASSIGN_OR_RETURN(const search::Vertices* vertices, state.VerticesOf(variable));
  test.rows_ = vertices->count();
  for (const ir::ExprPtr& condition : conditions) {
    TARN_ASSIGN_OR_RETURN(std::unique_ptr<RowCondition> made,
                          MakeRowCondition(state, variable, condition));
    test.conditions_.push_back(std::move(made));
  }
  return test;
}

Result<RowPredicate> RowPredicate::MakeNotNullTest(QueryState& state, plan::VarId variable,
                                                   const ir::ExprPtr& argument) {
  RowPredicate test;
  test.state_ = &state;
  TARN_ASSIGN_OR_RETURN(const search::Vertices* vertices, state.VerticesOf(variable));
  test.rows_ = vertices->count();
  TARN_ASSIGN_OR_RETURN(std::unique_ptr<RowCondition> made, MakeNotNull(state, variable, argument));
  test.conditions_.push_back(std::move(made));
  return test;
}

void RowPredicate::KeepRange(Dense begin, Dense end, uint8_t* keep) const {
  std::memset(keep, 1, end - begin);
  if (bits_) {
    for (Dense row = begin; row < end; ++row) keep[row - begin] = bits_->Has(row);
    return;
  }
  for (const auto& condition : conditions_) condition->KeepRange(begin, end, keep);
}

Status RowPredicate::BuildBits() {
  hold_ = state_->request().Hold("a filter's bits");
  search::Bitmap bits(rows_);
  TARN_RETURN_IF_ERROR(hold_.Resize(bits.bytes()));
  std::vector<uint8_t> keep(kRunRows);
  for (uint64_t begin = 0; begin < rows_; begin += kRunRows) {
    const auto end = static_cast<Dense>(std::min<uint64_t>(rows_, begin + kRunRows));
    KeepRange(static_cast<Dense>(begin), end, keep.data());
    for (auto row = static_cast<Dense>(begin); row < end; ++row) {
      if (keep[row - begin] != 0) bits.Add(row);
    }
    TARN_RETURN_IF_ERROR(state_->Tick(end - begin));
  }
  bits_ = std::move(bits);
  return Status::Ok();
}

}  // namespace tarn::exec
