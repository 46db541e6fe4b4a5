#include "tarn/exec/leaf_weights.h"
#include "tarn/exec/make_operator.h"
#include "tarn/exec/tuple_writer.h"

namespace tarn::exec {
namespace {

/// Multiplies weights by those of a pattern subtree; rows of weight zero have no match there and
/// go.
class WeightLeaf final : public Operator {
 public:
  WeightLeaf(QueryState& state, const plan::Node& node, const plan::WeightLeaf& weight_leaf,
             Operator* next)
      : Operator(state, node, next), weight_leaf_(weight_leaf), factors_(state.plan().lanes) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (!writer_) TARN_RETURN_IF_ERROR(Bind());
    writer_->Begin(in);
    const std::vector<Dense>& vertices = in.columns[SlotOf(input_live(), weight_leaf_.variable)];
    for (uint32_t row = 0; row < in.rows; ++row) {
      TARN_ASSIGN_OR_RETURN(const uint64_t* weights, leaf_->Weigh(vertices[row]));
      if (weights[0] == 0) continue;
      bool full = false;
      if (node_.existence) {
        full = writer_->Add(row);
      } else {
        factors_.assign(factors_.size(), 1);
        leaf_->MultiplyInto(weights, factors_);
        full = writer_->AddWeighed(row, factors_.data());
      }
      if (!full) continue;
      TARN_ASSIGN_OR_RETURN(const Flow flow, Emit(writer_->Take()));
      if (flow == Flow::kEnough) return flow;
    }
    return Emit(writer_->Take());
  }

 private:
  Status Bind() {
    TARN_ASSIGN_OR_RETURN(leaf_, LeafWeights::Make(state_, weight_leaf_.leaf, node_.existence));
    writer_.emplace(state_, input_live(), live());
    return Status::Ok();
  }

  const plan::WeightLeaf& weight_leaf_;
  std::unique_ptr<LeafWeights> leaf_;
  std::optional<TupleWriter> writer_;
  std::vector<uint64_t> factors_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node,
                         const plan::WeightLeaf& weight_leaf, Operator* next) {
  return std::make_unique<WeightLeaf>(state, node, weight_leaf, next);
}

}  // namespace tarn::exec
