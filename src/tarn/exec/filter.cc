#include "tarn/exec/bound_expr.h"
#include "tarn/exec/make_operator.h"
#include "tarn/exec/tuple_writer.h"

namespace tarn::exec {
namespace {

/// Keeps tuples for which every condition is TRUE.
class Filter final : public Operator {
 public:
  Filter(QueryState& state, const plan::Node& node, const plan::Filter& filter, Operator* next)
      : Operator(state, node, next), filter_(filter) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (!writer_) TARN_RETURN_IF_ERROR(Bind());
    writer_->Begin(in);
    TARN_RETURN_IF_ERROR(state_.Tick(in.rows));
    for (uint32_t row = 0; row < in.rows; ++row) {
      GatherSlots(in, row, slots_);
      if (!Passes() || !writer_->Add(row)) continue;
      TARN_ASSIGN_OR_RETURN(const Flow flow, Emit(writer_->Take()));
      if (flow == Flow::kEnough) return flow;
    }
    return Emit(writer_->Take());
  }

 private:
  Status Bind() {
    for (const ir::ExprPtr& condition : filter_.conditions) {
      TARN_ASSIGN_OR_RETURN(BoundExprPtr bound, Binder(state_, input_live()).Bind(condition));
      conditions_.push_back(std::move(bound));
    }
    slots_.resize(input_live().size());
    writer_.emplace(state_, input_live(), live());
    return Status::Ok();
  }

  bool Passes() const {
    for (const BoundExprPtr& condition : conditions_) {
      const Cell cell = condition->Eval(Env{slots_.data(), nullptr});
      if (cell.kind != Cell::Kind::kBool || !cell.boolean) return false;
    }
    return true;
  }

  const plan::Filter& filter_;
  std::vector<BoundExprPtr> conditions_;
  std::vector<Dense> slots_;
  std::optional<TupleWriter> writer_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Filter& filter,
                         Operator* next) {
  return std::make_unique<Filter>(state, node, filter, next);
}

}  // namespace tarn::exec
