#include "tarn/exec/limit.h"

#include <algorithm>

#include "tarn/exec/make_operator.h"
#include "tarn/exec/tuple_store.h"

namespace tarn::exec {
namespace {

/// Lets a number of rows through behind those it skips, counting a tuple as often as its weight
/// says.
class Limit final : public Operator {
 public:
  Limit(QueryState& state, const plan::Node& node, const plan::Limit& limit, Operator* next)
      : Operator(state, node, next),
        skip_(limit.offset ? state.RowsOf(*limit.offset) : 0),
        left_(limit.limit ? state.RowsOf(*limit.limit) : UINT64_MAX) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (left_ == 0) return Flow::kEnough;
    TARN_RETURN_IF_ERROR(state_.Tick(in.rows));
    if (skip_ > 0) return PassRest(WithoutFirst(in));
    return PassRest(in);
  }

 private:
  Result<Flow> PassRest(const Batch& rest) {
    TARN_ASSIGN_OR_RETURN(const Flow flow, Emit(FirstRows(rest, left_)));
    return left_ == 0 ? Flow::kEnough : flow;
  }

  Batch WithoutFirst(const Batch& in) {
    uint32_t tuples = 0;
    while (tuples < in.rows && in.weights[0][tuples] <= skip_) skip_ -= in.weights[0][tuples++];
    Batch out = Slice(in, tuples, in.rows);
    if (out.rows > 0) {
      out.weights[0].front() -= skip_;
      skip_ = 0;
    }
    return out;
  }

  uint64_t skip_;
  uint64_t left_;
};

}  // namespace

Batch FirstRows(const Batch& in, uint64_t& left) {
  uint32_t tuples = 0;
  uint64_t last_weight = 0;
  while (tuples < in.rows && left > 0) {
    last_weight = std::min(left, in.weights[0][tuples++]);
    left -= last_weight;
  }
  Batch out = Slice(in, 0, tuples);
  if (tuples > 0) out.weights[0].back() = last_weight;
  return out;
}

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Limit& limit,
                         Operator* next) {
  return std::make_unique<Limit>(state, node, limit, next);
}

}  // namespace tarn::exec
