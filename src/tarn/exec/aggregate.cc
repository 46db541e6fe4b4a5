#include <algorithm>
#include <deque>
#include <string>
#include <unordered_map>

#include "tarn/exec/accumulator.h"
#include "tarn/exec/bound_expr.h"
#include "tarn/exec/make_operator.h"
#include "tarn/exec/tuple_table.h"

namespace tarn::exec {
namespace {

/// Groups tuples and adds up what the query asks for. A group is known by the vertices of its first
/// tuple, from which its key is read when it is needed.
class Aggregate final : public Operator {
 public:
  Aggregate(QueryState& state, const plan::Node& node, const plan::Aggregate& aggregate,
            Operator* next)
      : Operator(state, node, next),
        aggregate_(aggregate),
        by_vertices_(node.live.size()),
        hold_(state.request().Hold("the groups of an aggregate")) {
    for (const plan::AggregateItem& item : aggregate.items) {
      accumulators_.emplace_back(item.fn, item.distinct,
                                 state.request().Hold("the texts of an aggregate"),
                                 state.request().Hold("the values of an aggregate"));
    }
  }

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (!bound_) TARN_RETURN_IF_ERROR(Bind());
    TARN_RETURN_IF_ERROR(state_.Tick(in.rows));
    for (uint32_t row = 0; row < in.rows; ++row) {
      GatherSlots(in, row, slots_);
      TARN_ASSIGN_OR_RETURN(const uint32_t group, GroupOf());
      for (size_t i = 0; i < accumulators_.size(); ++i) {
        const plan::AggregateItem& item = aggregate_.items[i];
        Cell value;
        if (!item.counts_rows) {
          value = arguments_[i]->Eval(Env{slots_.data(), nullptr});
          if (value.is_null()) continue;
        }
        const bool transient = arguments_[i] != nullptr && arguments_[i]->transient();
        TARN_RETURN_IF_ERROR(
            accumulators_[i].Add(group, value, in.weights[item.lane][row], transient));
      }
    }
    return Flow::kMore;
  }

  Status Drain() override {
    if (groups_ == 0 && aggregate_.group.empty()) TARN_RETURN_IF_ERROR(AddGroup());
    for (uint32_t begin = 0; begin < groups_; begin += state_.batch_rows()) {
      const uint32_t end = std::min(groups_, begin + state_.batch_rows());
      TARN_ASSIGN_OR_RETURN(const Batch batch, Groups(begin, end));
      TARN_ASSIGN_OR_RETURN(const Flow flow, Emit(batch));
      if (flow == Flow::kEnough) break;
    }
    return Status::Ok();
  }

 private:
  Status Bind() {
    bound_ = true;
    slots_.resize(input_live().size());
    const Binder binder(state_, input_live());
    if (!aggregate_.identified) {
      for (const uint32_t projection : aggregate_.group) {
        TARN_ASSIGN_OR_RETURN(BoundExprPtr key,
                              binder.Bind(state_.query().projections[projection].expr));
        keys_.push_back(std::move(key));
      }
    }
    for (const plan::AggregateItem& item : aggregate_.items) {
      BoundExprPtr argument;
      if (!item.counts_rows) {
        TARN_ASSIGN_OR_RETURN(argument, binder.Bind(item.argument));
      }
      arguments_.push_back(std::move(argument));
    }
    for (const plan::VarId variable : live())
      group_slots_.push_back(SlotOf(input_live(), variable));
    vertices_.resize(live().size());
    return Status::Ok();
  }

  Result<uint32_t> GroupOf() {
    for (size_t i = 0; i < vertices_.size(); ++i) vertices_[i] = slots_[group_slots_[i]];
    if (aggregate_.identified) {
      bool is_new = false;
      const uint32_t group = by_vertices_.Insert(vertices_.data(), &is_new);
      if (is_new) TARN_RETURN_IF_ERROR(AddGroup());
      return group;
    }
    key_.clear();
    for (const BoundExprPtr& key : keys_) AppendKey(key->Eval(Env{slots_.data(), nullptr}), key_);
    const auto [found, is_new] = by_key_.try_emplace(key_, groups_);
    if (is_new) {
      firsts_.insert(firsts_.end(), vertices_.begin(), vertices_.end());
      key_bytes_ += static_cast<int64_t>(key_.size() + kKeyOverhead);
      TARN_RETURN_IF_ERROR(AddGroup());
    }
    return found->second;
  }

  Status AddGroup() {
    ++groups_;
    for (Accumulator& accumulator : accumulators_) accumulator.AddGroup();
    if ((groups_ & (groups_ - 1)) != 0) return Status::Ok();
    // The vectors double at powers of two: reserve what they may take up to the next one.
    const int64_t held = HeldBytes();
    NoteBytes(2 * held);
    return hold_.Resize(2 * held);
  }

  int64_t HeldBytes() const {
    int64_t held = by_vertices_.bytes() + key_bytes_ +
                   static_cast<int64_t>(firsts_.capacity() * sizeof(Dense));
    for (const Accumulator& accumulator : accumulators_) held += accumulator.bytes();
    return held;
  }

  const Dense* FirstOf(uint32_t group) const {
    return aggregate_.identified ? by_vertices_.tuple(group)
                                 : firsts_.data() + group * live().size();
  }

  Result<Batch> Groups(uint32_t begin, uint32_t end) {
    Batch batch;
    batch.rows = end - begin;
    batch.columns.assign(live().size(), std::vector<Dense>(batch.rows));
    batch.weights.assign(state_.plan().lanes, std::vector<uint64_t>(batch.rows, 1));
    batch.values.assign(accumulators_.size(), std::vector<Cell>(batch.rows));
    for (uint32_t group = begin; group < end; ++group) {
      for (size_t i = 0; i < live().size(); ++i)
        batch.columns[i][group - begin] = FirstOf(group)[i];
      for (size_t i = 0; i < accumulators_.size(); ++i) {
        TARN_ASSIGN_OR_RETURN(batch.values[i][group - begin], accumulators_[i].Finish(group));
      }
    }
    return batch;
  }

  /// Of one entry of the key map, beside the key's bytes.
  static constexpr size_t kKeyOverhead = 64;

  const plan::Aggregate& aggregate_;
  bool bound_ = false;
  std::vector<BoundExprPtr> keys_;
  std::vector<BoundExprPtr> arguments_;
  std::vector<size_t> group_slots_;
  std::vector<Dense> slots_;
  std::vector<Dense> vertices_;
  std::string key_;
  TupleTable by_vertices_;
  std::unordered_map<std::string, uint32_t> by_key_;
  std::vector<Dense> firsts_;
  int64_t key_bytes_ = 0;
  uint32_t groups_ = 0;
  std::deque<Accumulator> accumulators_;
  BudgetHold hold_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node,
                         const plan::Aggregate& aggregate, Operator* next) {
  return std::make_unique<Aggregate>(state, node, aggregate, next);
}

}  // namespace tarn::exec
