#include "tarn/exec/make_operator.h"
#include "tarn/exec/pair_writer.h"
#include "tarn/exec/seeded_pattern.h"
#include "tarn/exec/tuple_store.h"

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
class OptionalJoin final : public Operator {
 public:
  OptionalJoin(QueryState& state, const plan::Node& node, const plan::OptionalJoin& optional,
               Operator* next)
      : Operator(state, node, next),
        inner_(state, *node.inputs[1], optional.outer),
        matches_(state, node) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (!inner_.is_bound()) TARN_RETURN_IF_ERROR(Bind());
    inner_.Collect(in);
    matches_.Reset();
    TARN_RETURN_IF_ERROR(inner_.Ask());
    IndexMatches();
    NoteBytes(matches_.bytes());
    for (uint32_t row = 0; row < in.rows; ++row) {
      const uint32_t seed = inner_.seed_of(row);
      const bool matched = begins_[seed] < begins_[seed + 1];
      const uint32_t pairs = matched ? begins_[seed + 1] - begins_[seed] : 1;
      for (uint32_t i = 0; i < pairs; ++i) {
        if (matched) {
          writer_.Add(in, row, matches_.tuples(), by_seed_[begins_[seed] + i], 1);
        } else {
          writer_.AddAlone(in, row);
        }
        if (writer_.pairs().rows < state_.batch_rows()) continue;
        TARN_ASSIGN_OR_RETURN(const Flow flow, PassOn());
        if (flow == Flow::kEnough) return flow;
      }
    }
    return PassOn();
  }

 private:
  Status Bind() {
    const plan::Node& root = *node_.inputs[1];
    TARN_RETURN_IF_ERROR(inner_.Bind(input_live(), matches_));
    ordinal_slot_ = SlotOf(root.live, plan::kSeedOrdinal);
    writer_.Bind(input_live(), root.live, live(), state_.plan().lanes);
    return Status::Ok();
  }

  /// by_seed_[begins_[s] .. begins_[s + 1]) are the matches of seed s.
  void IndexMatches() {
    const Batch& found = matches_.tuples();
    begins_.assign(inner_.seeds() + 1, 0);
    by_seed_.resize(found.rows);
    if (found.rows == 0) return;
    const std::vector<Dense>& seed_of = found.columns[ordinal_slot_];
    for (uint32_t i = 0; i < found.rows; ++i) ++begins_[seed_of[i] + 1];
    for (size_t seed = 1; seed < begins_.size(); ++seed) begins_[seed] += begins_[seed - 1];
    std::vector<uint32_t> next = begins_;
    for (uint32_t i = 0; i < found.rows; ++i) by_seed_[next[seed_of[i]]++] = i;
  }

  Result<Flow> PassOn() {
    const Result<Flow> flow = Emit(writer_.pairs());
    writer_.Clear();
    return flow;
  }

  SeededPattern inner_;
  MatchStore matches_;
  size_t ordinal_slot_ = 0;
  std::vector<uint32_t> begins_;
  std::vector<uint32_t> by_seed_;
  PairWriter writer_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node,
                         const plan::OptionalJoin& optional, Operator* next) {
  return std::make_unique<OptionalJoin>(state, node, optional, next);
}

}  // namespace tarn::exec
