#include <algorithm>

#include "tarn/exec/make_operator.h"
#include "tarn/exec/tuple_table.h"

namespace tarn::exec {
namespace {

/// A Merge holds at most this much, and at most this part of the query's budget; then it passes on
/// what it has.
constexpr int64_t kBytesMax = int64_t{64} << 20;
constexpr int64_t kPartOfBudget = 8;

/// Adds up the weights of equal tuples. Weights are additive, so passing on early is never wrong.
class Merge final : public Operator {
 public:
  Merge(QueryState& state, const plan::Node& node, Operator* next)
      : Operator(state, node, next),
        table_(node.live.size()),
        weights_(state.plan().lanes),
        tuple_(node.live.size()),
        hold_(state.request().Hold("merging equal tuples")) {
    const MemoryBudget* budget = state.request().budget;
    bytes_max_ =
        budget == nullptr ? kBytesMax : std::min(kBytesMax, budget->bytes_max() / kPartOfBudget);
  }

 protected:
  Result<Flow> Process(const Batch& in) override {
    TARN_RETURN_IF_ERROR(state_.Tick(in.rows));
    for (uint32_t row = 0; row < in.rows; ++row) {
      if (table_.at_growth() && !MakeRoom()) {
        TARN_ASSIGN_OR_RETURN(const Flow flow, PassOn());
        if (flow == Flow::kEnough) return flow;
      }
      Add(in, row);
    }
    return Flow::kMore;
  }

  Status Drain() override { return PassOn().status(); }

 private:
  /// May the table grow?
  bool MakeRoom() {
    if (table_.size() == 0) return true;
    const auto weights =
        static_cast<int64_t>(2 * weights_.size() * table_.size() * sizeof(uint64_t) * 2);
    const int64_t wanted = table_.bytes_after_growth() + weights;
    if (wanted > bytes_max_ || !hold_.Resize(wanted).ok()) return false;
    NoteBytes(wanted);
    return true;
  }

  void Add(const Batch& in, uint32_t row) {
    for (size_t i = 0; i < tuple_.size(); ++i) tuple_[i] = in.columns[i][row];
    bool is_new = false;
    const uint32_t number = table_.Insert(tuple_.data(), &is_new);
    for (size_t lane = 0; lane < weights_.size(); ++lane) {
      if (is_new) {
        weights_[lane].push_back(in.weights[lane][row]);
      } else if (!node_.existence) {
        weights_[lane][number] = SaturatingAdd(weights_[lane][number], in.weights[lane][row]);
      }
    }
  }

  Result<Flow> PassOn() {
    Flow flow = Flow::kMore;
    for (uint32_t begin = 0; begin < table_.size() && flow == Flow::kMore;
         begin += state_.batch_rows()) {
      const uint32_t end = std::min(table_.size(), begin + state_.batch_rows());
      TARN_ASSIGN_OR_RETURN(flow, Emit(Tuples(begin, end)));
    }
    table_.Clear();
    for (std::vector<uint64_t>& lane : weights_) lane.clear();
    return flow;
  }

  Batch Tuples(uint32_t begin, uint32_t end) const {
    Batch batch;
    batch.rows = end - begin;
    batch.columns.assign(tuple_.size(), std::vector<Dense>(batch.rows));
    for (uint32_t number = begin; number < end; ++number) {
      const Dense* tuple = table_.tuple(number);
      for (size_t i = 0; i < tuple_.size(); ++i) batch.columns[i][number - begin] = tuple[i];
    }
    for (const std::vector<uint64_t>& lane : weights_)
      batch.weights.emplace_back(lane.begin() + begin, lane.begin() + end);
    return batch;
  }

  TupleTable table_;
  std::vector<std::vector<uint64_t>> weights_;  // by lane, then by tuple number
  std::vector<Dense> tuple_;
  int64_t bytes_max_ = kBytesMax;
  BudgetHold hold_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Merge&,
                         Operator* next) {
  return std::make_unique<Merge>(state, node, next);
}

}  // namespace tarn::exec
