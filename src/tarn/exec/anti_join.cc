#include <optional>

#include "tarn/exec/make_operator.h"
#include "tarn/exec/seeded_pattern.h"
#include "tarn/exec/tuple_writer.h"

namespace tarn::exec {
namespace {

/// Takes what the inner pattern yields and notes for which outer tuples it yields anything.
class MatchMarks final : public Operator {
 public:
  MatchMarks(QueryState& state, const plan::Node& node) : Operator(state, node, nullptr) {}

  void Reset(uint32_t outer_tuples) {
    marks_.assign(outer_tuples, 0);
    left_ = outer_tuples;
  }
  bool matched(uint32_t ordinal) const { return marks_[ordinal] != 0; }

 protected:
  Result<Flow> Process(const Batch& in) override {
    const size_t slot = SlotOf(node_.inputs[1]->live, plan::kSeedOrdinal);
    for (uint32_t row = 0; row < in.rows; ++row) {
      uint8_t& mark = marks_[in.columns[slot][row]];
      left_ -= mark == 0 ? 1 : 0;
      mark = 1;
    }
    return left_ == 0 ? Flow::kEnough : Flow::kMore;
  }

 private:
  std::vector<uint8_t> marks_;
  uint32_t left_ = 0;
};

/// Keeps the tuples for which the inner pattern has no match.
class AntiJoin final : public Operator {
 public:
  AntiJoin(QueryState& state, const plan::Node& node, const plan::AntiJoin& anti_join,
           Operator* next)
      : Operator(state, node, next),
        inner_(state, *node.inputs[1], anti_join.outer),
        marks_(state, node) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (!inner_.is_bound()) TARN_RETURN_IF_ERROR(Bind());
    inner_.Collect(in);
    marks_.Reset(inner_.seeds());
    TARN_RETURN_IF_ERROR(inner_.Ask());
    writer_->Begin(in);
    for (uint32_t row = 0; row < in.rows; ++row) {
      if (marks_.matched(inner_.seed_of(row)) || !writer_->Add(row)) continue;
      TARN_ASSIGN_OR_RETURN(const Flow flow, Emit(writer_->Take()));
      if (flow == Flow::kEnough) return flow;
    }
    return Emit(writer_->Take());
  }

 private:
  Status Bind() {
    TARN_RETURN_IF_ERROR(inner_.Bind(input_live(), marks_));
    writer_.emplace(state_, input_live(), live());
    return Status::Ok();
  }

  SeededPattern inner_;
  MatchMarks marks_;
  std::optional<TupleWriter> writer_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::AntiJoin& anti_join,
                         Operator* next) {
  return std::make_unique<AntiJoin>(state, node, anti_join, next);
}

}  // namespace tarn::exec
