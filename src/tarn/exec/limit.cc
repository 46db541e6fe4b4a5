#include "tarn/exec/limit.h"

#include <algorithm>

#include "tarn/exec/make_operator.h"
#include "tarn/exec/tuple_store.h"

namespace tarn::exec {
namespace {

/// Lets a number of rows through, counting a tuple as often as its weight says.
class Limit final : public Operator {
 public:
  Limit(QueryState& state, const plan::Node& node, const plan::Limit& limit, Operator* next)
      : Operator(state, node, next), left_(limit.rows) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (left_ == 0) return Flow::kEnough;
    TARN_ASSIGN_OR_RETURN(const Flow flow, Emit(FirstRows(in, left_)));
    return left_ == 0 ? Flow::kEnough : flow;
  }

 private:
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
