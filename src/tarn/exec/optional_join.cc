#include <algorithm>
#include <optional>

#include "tarn/exec/make_operator.h"
#include "tarn/exec/tuple_store.h"
#include "tarn/exec/tuple_table.h"

namespace tarn::exec {
namespace {

/// Keeps what the inner pattern yields for the outer tuples of one batch.
class MatchStore final : public Operator {
 public:
  MatchStore(QueryState& state, const plan::Node& node)
      : Operator(state, node, nullptr), store_(state, "the matches of an optional block") {}

  void Reset() { store_.Clear(); }
  const Batch& tuples() const { return store_.tuples(); }
  int64_t bytes() const { return store_.bytes(); }

 protected:
  Result<Flow> Process(const Batch& in) override {
    TARN_RETURN_IF_ERROR(state_.Tick(in.rows));
    TARN_RETURN_IF_ERROR(store_.Append(in));
    return Flow::kMore;
  }

 private:
  TupleStore store_;
};

/// Pairs every tuple with the matches of the inner pattern, or with no row where there are none.
/// The pattern is asked once per batch, for the distinct values of the outer variables it mentions.
class OptionalJoin final : public Operator {
 public:
  OptionalJoin(QueryState& state, const plan::Node& node, const plan::OptionalJoin& optional,
               Operator* next)
      : Operator(state, node, next),
        optional_(optional),
        matches_(state, node),
        seeds_(optional.outer.size()) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (!inner_) TARN_RETURN_IF_ERROR(Bind());
    TARN_RETURN_IF_ERROR(AskInner(in));
    IndexMatches();
    NoteBytes(matches_.bytes());
    for (uint32_t row = 0; row < in.rows; ++row) {
      const uint32_t seed = ordinals_[row];
      const bool matched = begins_[seed] < begins_[seed + 1];
      const uint32_t pairs = matched ? begins_[seed + 1] - begins_[seed] : 1;
      for (uint32_t i = 0; i < pairs; ++i) {
        if (matched) {
          Pair(in, row, by_seed_[begins_[seed] + i]);
        } else {
          PairWithNone(in, row);
        }
        if (out_.rows < state_.batch_rows()) continue;
        TARN_ASSIGN_OR_RETURN(const Flow flow, PassOn());
        if (flow == Flow::kEnough) return flow;
      }
    }
    return PassOn();
  }

 private:
  struct Column {
    bool inner = false;
    size_t index = 0;
  };

  Status Bind() {
    const plan::Node& root = *node_.inputs[1];
    TARN_ASSIGN_OR_RETURN(inner_, Pipeline::Make(state_, root, matches_));
    ordinal_slot_ = SlotOf(root.live, plan::kSeedOrdinal);
    for (const plan::VarId variable : optional_.outer)
      slots_.push_back(SlotOf(input_live(), variable));
    for (const plan::VarId variable : live()) {
      const size_t outer = FindSlot(input_live(), variable);
      columns_.push_back(outer != SIZE_MAX ? Column{false, outer}
                                           : Column{true, SlotOf(root.live, variable)});
    }
    out_.columns.resize(columns_.size());
    out_.weights.resize(state_.plan().lanes);
    return Status::Ok();
  }

  Status AskInner(const Batch& in) {
    seeds_.Clear();
    matches_.Reset();
    ordinals_.resize(in.rows);
    std::vector<Dense> tuple(slots_.size());
    for (uint32_t row = 0; row < in.rows; ++row) {
      for (size_t i = 0; i < slots_.size(); ++i) tuple[i] = in.columns[slots_[i]][row];
      bool is_new = false;
      ordinals_[row] = seeds_.Insert(tuple.data(), &is_new);
    }
    TARN_RETURN_IF_ERROR(inner_->first().Push(SeedBatch()).status());
    return inner_->first().Finish();
  }

  Batch SeedBatch() {
    Batch batch;
    batch.rows = seeds_.size();
    state_.actuals(inner_->source_node().id).rows_out += batch.rows;
    for (const plan::VarId variable : inner_->source_node().live) {
      std::vector<Dense> column(batch.rows);
      const size_t outer = FindSlot(optional_.outer, variable);
      for (uint32_t i = 0; i < batch.rows; ++i)
        column[i] = outer == SIZE_MAX ? i : seeds_.tuple(i)[outer];
      batch.columns.push_back(std::move(column));
    }
    batch.weights.assign(state_.plan().lanes, std::vector<uint64_t>(batch.rows, 1));
    return batch;
  }

  /// by_seed_[begins_[s] .. begins_[s + 1]) are the matches of seed s.
  void IndexMatches() {
    const Batch& found = matches_.tuples();
    begins_.assign(seeds_.size() + 1, 0);
    by_seed_.resize(found.rows);
    if (found.rows == 0) return;
    const std::vector<Dense>& seed_of = found.columns[ordinal_slot_];
    for (uint32_t i = 0; i < found.rows; ++i) ++begins_[seed_of[i] + 1];
    for (size_t seed = 1; seed < begins_.size(); ++seed) begins_[seed] += begins_[seed - 1];
    std::vector<uint32_t> next = begins_;
    for (uint32_t i = 0; i < found.rows; ++i) by_seed_[next[seed_of[i]]++] = i;
  }

  void Pair(const Batch& in, uint32_t row, uint32_t match) {
    const Batch& found = matches_.tuples();
    for (size_t i = 0; i < columns_.size(); ++i) {
      const Column& from = columns_[i];
      out_.columns[i].push_back(from.inner ? found.columns[from.index][match]
                                           : in.columns[from.index][row]);
    }
    for (size_t lane = 0; lane < out_.weights.size(); ++lane) {
      out_.weights[lane].push_back(
          SaturatingMultiply(in.weights[lane][row], found.weights[lane][match]));
    }
    ++out_.rows;
  }

  void PairWithNone(const Batch& in, uint32_t row) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      out_.columns[i].push_back(columns_[i].inner ? kNoRow : in.columns[columns_[i].index][row]);
    }
    for (size_t lane = 0; lane < out_.weights.size(); ++lane)
      out_.weights[lane].push_back(in.weights[lane][row]);
    ++out_.rows;
  }

  Result<Flow> PassOn() {
    const Result<Flow> flow = Emit(out_);
    out_.rows = 0;
    for (auto& column : out_.columns) column.clear();
    for (auto& lane : out_.weights) lane.clear();
    return flow;
  }

  const plan::OptionalJoin& optional_;
  MatchStore matches_;
  TupleTable seeds_;
  std::optional<Pipeline> inner_;
  size_t ordinal_slot_ = 0;
  std::vector<size_t> slots_;
  std::vector<Column> columns_;
  std::vector<uint32_t> ordinals_;
  std::vector<uint32_t> begins_;
  std::vector<uint32_t> by_seed_;
  Batch out_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node,
                         const plan::OptionalJoin& optional, Operator* next) {
  return std::make_unique<OptionalJoin>(state, node, optional, next);
}

}  // namespace tarn::exec
