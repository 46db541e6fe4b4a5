#include "tarn/exec/expand.h"

#include <algorithm>

#include "tarn/exec/make_operator.h"

namespace tarn::exec {

Status Expand::Bind() {
  bound_ = true;
  keeps_to_ = FindSlot(live(), expand_.to) != SIZE_MAX;
  keeps_edge_ = expand_.edge && FindSlot(live(), *expand_.edge) != SIZE_MAX;
  writer_.emplace(state_, input_live(), live(),
                  std::array{expand_.to, expand_.edge.value_or(TupleWriter::kNone)});
  const auto add = [this](plan::VarId from, const plan::Hop& hop) -> Status {
    TARN_ASSIGN_OR_RETURN(NeighbourSet set,
                          NeighbourSet::Make(state_, hop, SlotOf(input_live(), from), expand_.to));
    sets_.push_back(std::move(set));
    return Status::Ok();
  };
  TARN_RETURN_IF_ERROR(add(expand_.from, expand_.hop));
  for (const plan::Constraint& also : expand_.also) TARN_RETURN_IF_ERROR(add(also.from, also.hop));
  TARN_ASSIGN_OR_RETURN(test_, RowPredicate::Make(state_, expand_.to, expand_.conditions));
  if (expand_.edge) {
    TARN_ASSIGN_OR_RETURN(edge_test_,
                          RowPredicate::Make(state_, *expand_.edge, expand_.edge_conditions));
  }
  for (const plan::Leaf& leaf : expand_.leaves) {
    TARN_ASSIGN_OR_RETURN(std::unique_ptr<LeafWeights> weights,
                          LeafWeights::Make(state_, leaf, node_.existence));
    leaves_.push_back(std::move(weights));
  }
  only_counts_ = !keeps_to_ && !keeps_edge_ && !expand_.edge && leaves_.empty() &&
                 !node_.existence && test_.always();
  sum_.resize(state_.plan().lanes);
  product_.resize(state_.plan().lanes);
  return Status::Ok();
}

Result<Flow> Expand::Process(const Batch& in) {
  if (!bound_) TARN_RETURN_IF_ERROR(Bind());
  writer_->Begin(in);
  flow_ = Flow::kMore;
  for (uint32_t row = 0; row < in.rows && flow_ == Flow::kMore; ++row)
    TARN_RETURN_IF_ERROR(ExpandRow(in, row));
  if (flow_ == Flow::kMore) {
    TARN_ASSIGN_OR_RETURN(flow_, Emit(writer_->Take()));
  }
  return flow_;
}

Status Expand::ExpandRow(const Batch& in, uint32_t row) {
  failure_ = Status::Ok();
  for (NeighbourSet& set : sets_)
    TARN_RETURN_IF_ERROR(set.Enter(in, row, /*probes=*/sets_.size() > 1));
  std::fill(sum_.begin(), sum_.end(), 0);
  Walk(row);
  TARN_RETURN_IF_ERROR(std::move(failure_));
  if (!keeps_to_ && !keeps_edge_ && sum_[0] > 0) WriteSum(row);
  return std::move(failure_);
}

void Expand::Walk(uint32_t row) {
  const size_t walked = sets_.size() == 1 || expand_.edge ? 0 : ChooseWalked();
  const HopLists& lists = sets_[walked].lists();
  const Dense vertex = sets_[walked].vertex();
  const uint64_t length = lists.Length(vertex);
  failure_ = state_.Tick(1 + length);
  if (failure_.ok()) failure_ = test_.Expect(length);
  if (failure_.ok() && expand_.edge) failure_ = edge_test_.Expect(length);
  if (!failure_.ok()) return;
  if (const std::optional<uint64_t> common = CountCommon(walked)) {
    std::fill(sum_.begin(), sum_.end(), *common);
  } else if (expand_.edge) {
    lists.EachEdge(vertex, [&](Dense to, Dense edge) {
      if (!edge_test_.Pass(edge) || !test_.Pass(to) || !InOthers(walked, to)) return true;
      return Match(row, to, edge);
    });
  } else {
    lists.EachNeighbour(vertex, [&](Dense to) {
      if (!InOthers(walked, to) || !test_.Pass(to)) return true;
      return Match(row, to, 0);
    });
  }
}

std::optional<uint64_t> Expand::CountCommon(size_t walked) const {
  if (!only_counts_ || sets_.size() != 2) return std::nullopt;
  const search::Bitmap* marks = sets_[1 - walked].marks();
  const auto list = sets_[walked].lists().Stored(sets_[walked].vertex());
  if (marks == nullptr || !list) return std::nullopt;
  uint64_t common = 0;
  for (const Dense to : *list) common += marks->Has(to) ? 1 : 0;
  return common;
}

size_t Expand::ChooseWalked() const {
  size_t best = 0;
  double best_cost = 0;
  for (size_t i = 0; i < sets_.size(); ++i) {
    double cost = 1;
    for (size_t j = 0; j < sets_.size(); ++j) cost += i == j ? 0 : sets_[j].probe_cost();
    cost *= static_cast<double>(sets_[i].length());
    if (i == 0 || cost < best_cost) {
      best = i;
      best_cost = cost;
    }
  }
  return best;
}

bool Expand::InOthers(size_t walked, Dense to) const {
  for (size_t i = 0; i < sets_.size(); ++i) {
    if (i != walked && !sets_[i].Has(to)) return false;
  }
  return true;
}

bool Expand::Match(uint32_t row, Dense to, Dense edge) {
  if (!keeps_to_ && !keeps_edge_) return AddToSum(to);
  if (leaves_.empty()) {
    if (writer_->Add(row, to, edge)) TakeFull();
    return failure_.ok() && flow_ == Flow::kMore;
  }
  // The edge is kept while its far end is not: each row carries the weight of that end.
  std::fill(sum_.begin(), sum_.end(), 0);
  if (!AddToSum(to) && !failure_.ok()) return false;
  if (sum_[0] > 0 && writer_->AddWeighed(row, sum_.data(), to, edge)) TakeFull();
  return failure_.ok() && flow_ == Flow::kMore;
}

bool Expand::AddToSum(Dense to) {
  std::fill(product_.begin(), product_.end(), 1);
  for (const std::unique_ptr<LeafWeights>& leaf : leaves_) {
    const Result<const uint64_t*> weights = leaf->Weigh(to);
    if (!weights.ok()) {
      failure_ = weights.status();
      return false;
    }
    leaf->MultiplyInto(*weights, product_);
  }
  for (size_t lane = 0; lane < sum_.size(); ++lane)
    sum_[lane] = SaturatingAdd(sum_[lane], product_[lane]);
  return !node_.existence || sum_[0] == 0;
}

void Expand::WriteSum(uint32_t row) {
  if (writer_->AddWeighed(row, sum_.data())) TakeFull();
}

void Expand::TakeFull() {
  Result<Flow> flow = Emit(writer_->Take());
  if (flow.ok()) {
    flow_ = *flow;
  } else {
    failure_ = flow.status();
  }
}

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Expand& expand,
                         Operator* next) {
  return std::make_unique<Expand>(state, node, expand, next);
}

}  // namespace tarn::exec
