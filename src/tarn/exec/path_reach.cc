#include <array>
#include <optional>

#include "tarn/exec/make_operator.h"
#include "tarn/exec/path_search.h"
#include "tarn/exec/tuple_writer.h"

namespace tarn::exec {
namespace {

/// Binds a variable to everything that is reached, or asks whether a bound one is, and binds the
/// path that leads there.
class PathReach final : public Operator {
 public:
  PathReach(QueryState& state, const plan::Node& node, const plan::PathReach& reach, Operator* next)
      : Operator(state, node, next), reach_(reach) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (!writer_) TARN_RETURN_IF_ERROR(Bind());
    writer_->Begin(in);
    const std::vector<Dense>& from = in.columns[SlotOf(input_live(), reach_.from)];
    for (uint32_t row = 0; row < in.rows; ++row) {
      TARN_ASSIGN_OR_RETURN(const std::span<const Dense> reached, search_->From(from[row]));
      TARN_RETURN_IF_ERROR(test_.Expect(reached.size()));
      for (const Dense to : reached) {
        const bool fits = closes_ ? in.columns[to_slot_][row] == to : test_.Pass(to);
        if (!fits) continue;
        TARN_ASSIGN_OR_RETURN(const Dense path, search_->KeepPathTo(to));
        if (!writer_->Add(row, to, path)) continue;
        TARN_ASSIGN_OR_RETURN(const Flow flow, Emit(writer_->Take()));
        if (flow == Flow::kEnough) return flow;
      }
    }
    return Emit(writer_->Take());
  }

 private:
  Status Bind() {
    to_slot_ = FindSlot(input_live(), reach_.to);
    closes_ = to_slot_ != SIZE_MAX;
    TARN_ASSIGN_OR_RETURN(search_, PathSearch::Make(state_, reach_.hop, reach_.from, reach_.to));
    if (!closes_) {
      TARN_ASSIGN_OR_RETURN(test_, RowPredicate::Make(state_, reach_.to, reach_.conditions));
    }
    writer_.emplace(state_, input_live(), live(), std::array{reach_.to, reach_.path});
    return Status::Ok();
  }

  const plan::PathReach& reach_;
  bool closes_ = false;
  size_t to_slot_ = SIZE_MAX;
  std::unique_ptr<PathSearch> search_;
  RowPredicate test_;
  std::optional<TupleWriter> writer_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node,
                         const plan::PathReach& path_reach, Operator* next) {
  return std::make_unique<PathReach>(state, node, path_reach, next);
}

}  // namespace tarn::exec
