#include "tarn/exec/bound_expr.h"
#include "tarn/exec/make_operator.h"

namespace tarn::exec {
namespace {

/// Keeps groups for which every condition is TRUE. Sits right above the Aggregate whose results it
/// reads.
class Having final : public Operator {
 public:
  Having(QueryState& state, const plan::Node& node, const plan::Having& having, Operator* next)
      : Operator(state, node, next), having_(having) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (conditions_.empty()) TARN_RETURN_IF_ERROR(Bind(in));
    TARN_RETURN_IF_ERROR(state_.Tick(in.rows));
    Batch out;
    out.columns.resize(in.columns.size());
    out.weights.resize(in.weights.size());
    out.values.resize(in.values.size());
    for (uint32_t row = 0; row < in.rows; ++row) {
      GatherSlots(in, row, slots_);
      GatherValues(in, row, values_);
      if (Passes()) Copy(in, row, out);
    }
    return Emit(out);
  }

 private:
  Status Bind(const Batch& in) {
    const auto& aggregate = std::get<plan::Aggregate>(node_.inputs.front()->op);
    for (const ir::ExprPtr& condition : having_.conditions) {
      TARN_ASSIGN_OR_RETURN(BoundExprPtr bound,
                            Binder(state_, input_live(), &aggregate.items).Bind(condition));
      conditions_.push_back(std::move(bound));
    }
    slots_.resize(in.columns.size());
    values_.resize(in.values.size());
    return Status::Ok();
  }

  bool Passes() const {
    for (const BoundExprPtr& condition : conditions_) {
      const Cell cell = condition->Eval(Env{slots_.data(), values_.data()});
      if (cell.kind != Cell::Kind::kBool || !cell.boolean) return false;
    }
    return true;
  }

  static void Copy(const Batch& in, uint32_t row, Batch& out) {
    ++out.rows;
    for (size_t i = 0; i < in.columns.size(); ++i) out.columns[i].push_back(in.columns[i][row]);
    for (size_t i = 0; i < in.weights.size(); ++i) out.weights[i].push_back(in.weights[i][row]);
    for (size_t i = 0; i < in.values.size(); ++i) out.values[i].push_back(in.values[i][row]);
  }

  const plan::Having& having_;
  std::vector<BoundExprPtr> conditions_;
  std::vector<Dense> slots_;
  std::vector<Cell> values_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Having& having,
                         Operator* next) {
  return std::make_unique<Having>(state, node, having, next);
}

}  // namespace tarn::exec
