#include <algorithm>
#include <optional>

#include "tarn/exec/bound_expr.h"
#include "tarn/exec/fusion.h"
#include "tarn/exec/make_operator.h"
#include "tarn/exec/tuple_store.h"
#include "tarn/exec/tuple_writer.h"

namespace tarn::exec {
namespace {

/// Makes a score available to what follows. nearest() and bm25() are functions of a row; rrf()
/// ranks the rows of the whole match, which are kept until all are known. A required score drops
/// the rows it does not rank.
class Rank final : public Operator {
 public:
  Rank(QueryState& state, const plan::Node& node, const plan::Rank& rank, Operator* next)
      : Operator(state, node, next),
        rank_(rank),
        fusion_(std::get_if<ir::Rrf>(&rank.score->node)),
        kept_(state, "the rows of a rank fusion") {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (fusion_ == nullptr) return PassRanked(in);
    TARN_RETURN_IF_ERROR(kept_.Append(in));
    NoteBytes(kept_.bytes());
    return Flow::kMore;
  }

  Status Drain() override {
    if (fusion_ == nullptr || kept_.rows() == 0) return Status::Ok();
    const Batch& kept = kept_.tuples();
    std::vector<Dense> entities = kept.columns[SlotOf(input_live(), RankedVariable(*fusion_))];
    std::sort(entities.begin(), entities.end());
    entities.erase(std::unique(entities.begin(), entities.end()), entities.end());
    TARN_RETURN_IF_ERROR(Fuse(state_, *fusion_, entities, state_.scores().FusedOf(rank_.score)));
    for (uint32_t begin = 0; begin < kept.rows; begin += state_.batch_rows()) {
      const uint32_t end = std::min(kept.rows, begin + state_.batch_rows());
      TARN_ASSIGN_OR_RETURN(const Flow flow, PassRanked(Slice(kept, begin, end)));
      if (flow == Flow::kEnough) break;
    }
    kept_.Clear();
    return Status::Ok();
  }

 private:
  Result<Flow> PassRanked(const Batch& in) {
    if (!rank_.required) return Emit(in);
    if (!writer_) {
      TARN_ASSIGN_OR_RETURN(score_, Binder(state_, input_live()).Bind(rank_.score));
      slots_.resize(input_live().size());
      writer_.emplace(state_, input_live(), live());
    }
    TARN_RETURN_IF_ERROR(state_.Tick(in.rows));
    writer_->Begin(in);
    for (uint32_t row = 0; row < in.rows; ++row) {
      GatherSlots(in, row, slots_);
      if (score_->Eval(Env{slots_.data(), nullptr}).is_null() || !writer_->Add(row)) continue;
      TARN_ASSIGN_OR_RETURN(const Flow flow, Emit(writer_->Take()));
      if (flow == Flow::kEnough) return flow;
    }
    return Emit(writer_->Take());
  }

  const plan::Rank& rank_;
  const ir::Rrf* const fusion_;
  TupleStore kept_;
  BoundExprPtr score_;
  std::vector<Dense> slots_;
  std::optional<TupleWriter> writer_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Rank& rank,
                         Operator* next) {
  return std::make_unique<Rank>(state, node, rank, next);
}

}  // namespace tarn::exec
