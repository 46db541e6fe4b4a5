#include "tarn/exec/hop_lists.h"
#include "tarn/exec/make_operator.h"
#include "tarn/exec/reach_set.h"
#include "tarn/exec/row_predicate.h"
#include "tarn/exec/tuple_writer.h"

namespace tarn::exec {
namespace {

/// Keeps a pair of bound vertices that a traversal connects: once, or once per connecting edge.
class CloseCycle final : public Operator {
 public:
  CloseCycle(QueryState& state, const plan::Node& node, const plan::CloseCycle& close,
             Operator* next)
      : Operator(state, node, next), close_(close) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (!writer_) TARN_RETURN_IF_ERROR(Bind());
    writer_->Begin(in);
    const std::vector<Dense>& left = in.columns[SlotOf(input_live(), close_.left)];
    const std::vector<Dense>& right = in.columns[SlotOf(input_live(), close_.right)];
    flow_ = Flow::kMore;
    for (uint32_t row = 0; row < in.rows && flow_ == Flow::kMore; ++row) {
      TARN_RETURN_IF_ERROR(state_.Tick(1));
      if (close_.edge) {
        TARN_RETURN_IF_ERROR(CloseByEdges(row, left[row], right[row]));
        continue;
      }
      bool connected = false;
      if (reach_) {
        TARN_ASSIGN_OR_RETURN(connected, reach_->Reaches(left[row], right[row]));
      } else {
        connected = lists_.Connects(left[row], right[row]);
      }
      if (connected) TARN_RETURN_IF_ERROR(Write(row, 0));
    }
    if (flow_ == Flow::kEnough) return flow_;
    return Emit(writer_->Take());
  }

 private:
  Status Bind() {
    if (close_.hop.single()) {
      TARN_ASSIGN_OR_RETURN(lists_, HopLists::Make(state_, close_.hop));
    } else {
      TARN_ASSIGN_OR_RETURN(reach_, ReachSet::Make(state_, close_.hop, close_.right));
    }
    if (close_.edge) {
      TARN_ASSIGN_OR_RETURN(test_,
                            RowPredicate::Make(state_, *close_.edge, close_.edge_conditions));
    }
    writer_.emplace(state_, input_live(), live(),
                    std::array{close_.edge.value_or(TupleWriter::kNone), TupleWriter::kNone});
    return Status::Ok();
  }

  Status CloseByEdges(uint32_t row, Dense left, Dense right) {
    Status failure;
    lists_.EachEdgeTo(left, right, [&](Dense edge) {
      if (test_.Pass(edge)) failure = Write(row, edge);
      return failure.ok() && flow_ == Flow::kMore;
    });
    return failure;
  }

  Status Write(uint32_t row, Dense edge) {
    if (!writer_->Add(row, edge)) return Status::Ok();
    TARN_ASSIGN_OR_RETURN(flow_, Emit(writer_->Take()));
    return Status::Ok();
  }

  const plan::CloseCycle& close_;
  HopLists lists_;
  std::optional<ReachSet> reach_;
  RowPredicate test_;
  std::optional<TupleWriter> writer_;
  Flow flow_ = Flow::kMore;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::CloseCycle& close,
                         Operator* next) {
  return std::make_unique<CloseCycle>(state, node, close, next);
}

}  // namespace tarn::exec
