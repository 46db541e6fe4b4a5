#include "tarn/exec/make_operator.h"
#include "tarn/exec/reach_set.h"
#include "tarn/exec/row_predicate.h"
#include "tarn/exec/tuple_writer.h"

namespace tarn::exec {
namespace {

/// Binds one more variable to every vertex within a bounded number of hops.
class Reach final : public Operator {
 public:
  Reach(QueryState& state, const plan::Node& node, const plan::Reach& reach, Operator* next)
      : Operator(state, node, next), reach_(reach) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (!writer_) TARN_RETURN_IF_ERROR(Bind());
    writer_->Begin(in);
    const size_t from = SlotOf(input_live(), reach_.from);
    for (uint32_t row = 0; row < in.rows; ++row) {
      TARN_ASSIGN_OR_RETURN(const std::span<const Dense> reached,
                            set_->From(in.columns[from][row]));
      TARN_RETURN_IF_ERROR(test_.Expect(reached.size()));
      for (const Dense to : reached) {
        if (!test_.Pass(to) || !writer_->Add(row, to)) continue;
        TARN_ASSIGN_OR_RETURN(const Flow flow, Emit(writer_->Take()));
        if (flow == Flow::kEnough) return flow;
      }
    }
    return Emit(writer_->Take());
  }

 private:
  Status Bind() {
    TARN_ASSIGN_OR_RETURN(set_, ReachSet::Make(state_, reach_.hop, reach_.to));
    TARN_ASSIGN_OR_RETURN(test_, RowPredicate::Make(state_, reach_.to, reach_.conditions));
    writer_.emplace(state_, input_live(), live(), std::array{reach_.to, TupleWriter::kNone});
    return Status::Ok();
  }

  const plan::Reach& reach_;
  std::optional<ReachSet> set_;
  RowPredicate test_;
  std::optional<TupleWriter> writer_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Reach& reach,
                         Operator* next) {
  return std::make_unique<Reach>(state, node, reach, next);
}

}  // namespace tarn::exec
