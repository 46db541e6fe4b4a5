#include <algorithm>

#include "tarn/exec/make_operator.h"
#include "tarn/exec/pair_writer.h"
#include "tarn/exec/tuple_store.h"

namespace tarn::exec {
namespace {

/// Keeps what the second input of a CrossProduct yields. Tuples without columns are one tuple with
/// their weights added up.
class Collector final : public Operator {
 public:
  Collector(QueryState& state, const plan::Node& node, bool existence)
      : Operator(state, node, nullptr),
        existence_(existence),
        empty_(node.inputs[1]->live.empty()),
        store_(state, "the kept side of a cross product") {}

  const TupleStore& store() const { return store_; }

 protected:
  Result<Flow> Process(const Batch& in) override {
    TARN_RETURN_IF_ERROR(empty_ ? AddUp(in) : store_.Append(in));
    NoteBytes(store_.bytes());
    return empty_ && existence_ ? Flow::kEnough : Flow::kMore;
  }

 private:
  Status AddUp(const Batch& in) {
    Batch sum;
    sum.rows = 1;
    const bool first = store_.rows() == 0;
    for (size_t lane = 0; lane < in.weights.size(); ++lane) {
      uint64_t total = first ? 0 : store_.tuples().weights[lane][0];
      for (uint32_t row = 0; row < in.rows; ++row)
        total = SaturatingAdd(total, in.weights[lane][row]);
      sum.weights.push_back({total});
    }
    store_.Clear();
    return store_.Append(sum);
  }

  const bool existence_;
  const bool empty_;
  TupleStore store_;
};

/// Pairs every tuple of the first input with every tuple of the second.
class CrossProduct final : public Operator {
 public:
  CrossProduct(QueryState& state, const plan::Node& node, Operator* next)
      : Operator(state, node, next), kept_(state, node, node.existence) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (!bound_) TARN_RETURN_IF_ERROR(Bind());
    const Batch& kept = kept_.store().tuples();
    if (kept.rows == 0) return Flow::kEnough;
    for (uint32_t row = 0; row < in.rows; ++row) {
      for (uint32_t begin = 0; begin < kept.rows;) {
        const uint32_t count =
            std::min(kept.rows - begin, state_.batch_rows() - writer_.pairs().rows);
        writer_.Add(in, row, kept, begin, count);
        begin += count;
        if (writer_.pairs().rows < state_.batch_rows()) continue;
        TARN_ASSIGN_OR_RETURN(const Flow flow, PassOn());
        if (flow == Flow::kEnough) return flow;
      }
    }
    return PassOn();
  }

 private:
  Status Bind() {
    bound_ = true;
    TARN_ASSIGN_OR_RETURN(Pipeline pipeline, Pipeline::Make(state_, *node_.inputs[1], kept_));
    TARN_RETURN_IF_ERROR(pipeline.Run());
    writer_.Bind(input_live(), node_.inputs[1]->live, live(), state_.plan().lanes);
    return Status::Ok();
  }

  Result<Flow> PassOn() {
    const Result<Flow> flow = Emit(writer_.pairs());
    writer_.Clear();
    return flow;
  }

  Collector kept_;
  bool bound_ = false;
  PairWriter writer_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::CrossProduct&,
                         Operator* next) {
  return std::make_unique<CrossProduct>(state, node, next);
}

}  // namespace tarn::exec
