#include <optional>

#include "tarn/exec/make_operator.h"
#include "tarn/exec/tuple_table.h"
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

/// Keeps the tuples for which the inner pattern has no match. The pattern is asked once per batch,
/// for the distinct values of the outer variables it mentions.
class AntiJoin final : public Operator {
 public:
  AntiJoin(QueryState& state, const plan::Node& node, const plan::AntiJoin& anti_join,
           Operator* next)
      : Operator(state, node, next),
        anti_join_(anti_join),
        marks_(state, node),
        seeds_(anti_join.outer.size()) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (!inner_) TARN_RETURN_IF_ERROR(Bind());
    TARN_RETURN_IF_ERROR(AskInner(in));
    writer_->Begin(in);
    for (uint32_t row = 0; row < in.rows; ++row) {
      if (marks_.matched(ordinals_[row]) || !writer_->Add(row)) continue;
      TARN_ASSIGN_OR_RETURN(const Flow flow, Emit(writer_->Take()));
      if (flow == Flow::kEnough) return flow;
    }
    return Emit(writer_->Take());
  }

 private:
  Status Bind() {
    TARN_ASSIGN_OR_RETURN(inner_, Pipeline::Make(state_, *node_.inputs[1], marks_));
    for (const plan::VarId variable : anti_join_.outer)
      slots_.push_back(SlotOf(input_live(), variable));
    writer_.emplace(state_, input_live(), live());
    return Status::Ok();
  }

  Status AskInner(const Batch& in) {
    seeds_.Clear();
    ordinals_.resize(in.rows);
    std::vector<Dense> tuple(slots_.size());
    for (uint32_t row = 0; row < in.rows; ++row) {
      for (size_t i = 0; i < slots_.size(); ++i) tuple[i] = in.columns[slots_[i]][row];
      bool is_new = false;
      ordinals_[row] = seeds_.Insert(tuple.data(), &is_new);
    }
    marks_.Reset(seeds_.size());
    TARN_RETURN_IF_ERROR(inner_->first().Push(SeedBatch()).status());
    return inner_->first().Finish();
  }

  Batch SeedBatch() {
    Batch batch;
    batch.rows = seeds_.size();
    state_.actuals(inner_->source_node().id).rows_out += batch.rows;
    for (const plan::VarId variable : inner_->source_node().live) {
      std::vector<Dense> column(batch.rows);
      const size_t outer = FindSlot(anti_join_.outer, variable);
      for (uint32_t i = 0; i < batch.rows; ++i)
        column[i] = outer == SIZE_MAX ? i : seeds_.tuple(i)[outer];
      batch.columns.push_back(std::move(column));
    }
    batch.weights.assign(state_.plan().lanes, std::vector<uint64_t>(batch.rows, 1));
    return batch;
  }

  const plan::AntiJoin& anti_join_;
  MatchMarks marks_;
  TupleTable seeds_;
  std::optional<Pipeline> inner_;
  std::vector<size_t> slots_;
  std::vector<uint32_t> ordinals_;
  std::optional<TupleWriter> writer_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::AntiJoin& anti_join,
                         Operator* next) {
  return std::make_unique<AntiJoin>(state, node, anti_join, next);
}

}  // namespace tarn::exec
