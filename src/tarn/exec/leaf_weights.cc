#include "tarn/exec/leaf_weights.h"

#include <algorithm>

namespace tarn::exec {

using search::Dense;

namespace {

/// Walking a list this short costs less than remembering its sum.
constexpr uint64_t kMemoLength = 16;

void LanesOf(const plan::Leaf& leaf, std::vector<uint32_t>& lanes) {
  for (const plan::LaneTest& test : leaf.lanes) lanes.push_back(test.lane);
  for (const plan::Leaf& child : leaf.children) LanesOf(child, lanes);
}

}  // namespace

Result<std::unique_ptr<LeafWeights>> LeafWeights::Make(QueryState& state, const plan::Leaf& leaf,
                                                       bool existence) {
  std::unique_ptr<LeafWeights> made(new LeafWeights(state));
  made->existence_ = existence;
  TARN_RETURN_IF_ERROR(made->Bind(leaf));
  return made;
}

Status LeafWeights::Bind(const plan::Leaf& leaf) {
  hold_ = state_.request().Hold("the weights of a pattern subtree");
  per_edge_ = leaf.edge.has_value();
  LanesOf(leaf, lanes_);
  std::sort(lanes_.begin(), lanes_.end());
  lanes_.erase(std::unique(lanes_.begin(), lanes_.end()), lanes_.end());
  TARN_ASSIGN_OR_RETURN(lists_, HopLists::Make(state_, leaf.hop));
  if (!leaf.hop.single()) {
    TARN_ASSIGN_OR_RETURN(reach_, ReachSet::Make(state_, leaf.hop, leaf.variable));
  }
  TARN_ASSIGN_OR_RETURN(test_, RowPredicate::Make(state_, leaf.variable, leaf.conditions));
  if (leaf.edge) {
    TARN_ASSIGN_OR_RETURN(edge_test_, RowPredicate::Make(state_, *leaf.edge, leaf.edge_conditions));
  }
  for (const plan::LaneTest& test : leaf.lanes) {
    const plan::VarId variable = std::get<ir::PropertyRef>(test.argument->node).variable;
    TARN_ASSIGN_OR_RETURN(RowPredicate not_null,
                          RowPredicate::MakeNotNullTest(state_, variable, test.argument));
    const auto lane =
        std::lower_bound(lanes_.begin(), lanes_.end(), test.lane) - lanes_.begin() + 1;
    lane_tests_.push_back({static_cast<size_t>(lane), leaf.edge == variable, std::move(not_null)});
  }
  for (const plan::Leaf& child : leaf.children) {
    Child bound;
    TARN_ASSIGN_OR_RETURN(bound.weights, Make(state_, child, existence_));
    bound.lane_of.assign(width(), 0);
    const std::vector<uint32_t>& theirs = bound.weights->lanes();
    for (size_t i = 0; i < lanes_.size(); ++i) {
      const auto found = std::find(theirs.begin(), theirs.end(), lanes_[i]);
      if (found != theirs.end())
        bound.lane_of[i + 1] = static_cast<size_t>(found - theirs.begin()) + 1;
    }
    children_.push_back(std::move(bound));
  }
  computed_ = !children_.empty() || !lane_tests_.empty();
  // How many vertices are reached is counted by the search itself.
  plain_ = !computed_ && test_.always() && edge_test_.always();
  sum_.resize(width());
  value_.resize(width());
  step_.resize(width());
  return Status::Ok();
}

Result<const uint64_t*> LeafWeights::Weigh(Dense parent) {
  const uint64_t length = lists_.Length(parent);
  TARN_RETURN_IF_ERROR(state_.Tick(1));
  if (plain_ && existence_ && !reach_) {
    sum_[0] = length > 0 ? 1 : 0;
    return sum_.data();
  }
  const bool at_once = plain_ && !reach_ && (per_edge_ || lists_.counts_at_once());
  const bool remember = reach_ || (length > kMemoLength && !at_once);
  if (remember) {
    const uint32_t known = parent_index_.Find(parent);
    if (known != DenseMap::kAbsent) return parent_sums_.data() + known * width();
  }
  TARN_RETURN_IF_ERROR(Sum(parent));
  if (remember) TARN_RETURN_IF_ERROR(Remember(parent_index_, parent_sums_, parent, sum_));
  return sum_.data();
}

void LeafWeights::MultiplyInto(const uint64_t* weights, std::vector<uint64_t>& product) const {
  size_t own = 0;  // the next of our lanes
  for (uint32_t lane = 0; lane < product.size(); ++lane) {
    const bool ours = own < lanes_.size() && lanes_[own] == lane;
    product[lane] = SaturatingMultiply(product[lane], weights[ours ? ++own : 0]);
  }
}

Status LeafWeights::Sum(Dense parent) {
  std::fill(sum_.begin(), sum_.end(), 0);
  if (plain_ && reach_) {
    TARN_ASSIGN_OR_RETURN(const std::span<const Dense> reached, reach_->From(parent));
    sum_[0] = existence_ ? !reached.empty() : reached.size();
    return Status::Ok();
  }
  if (plain_) {
    sum_[0] = per_edge_ ? lists_.CountEdges(parent) : lists_.CountNeighbours(parent);
    return state_.Tick(per_edge_ || lists_.counts_at_once() ? 1 : lists_.Length(parent));
  }
  return SumSteps(parent);
}

Status LeafWeights::SumSteps(Dense parent) {
  std::span<const Dense> reached;
  if (reach_) {
    TARN_ASSIGN_OR_RETURN(reached, reach_->From(parent));
  }
  const uint64_t steps = reach_ ? reached.size() : lists_.Length(parent);
  TARN_RETURN_IF_ERROR(state_.Tick(steps));
  TARN_RETURN_IF_ERROR(test_.Expect(steps));
  TARN_RETURN_IF_ERROR(edge_test_.Expect(per_edge_ ? steps : 0));
  failure_ = Status::Ok();
  if (reach_) {
    for (const Dense vertex : reached) {
      if (!AddStep(vertex, std::nullopt)) break;
    }
  } else if (per_edge_) {
    lists_.EachEdge(parent, [this](Dense vertex, Dense edge) { return AddStep(vertex, edge); });
  } else {
    lists_.EachNeighbour(parent, [this](Dense vertex) { return AddStep(vertex, std::nullopt); });
  }
  return failure_;
}

bool LeafWeights::AddStep(Dense neighbour, std::optional<Dense> edge) {
  if (edge && !edge_test_.Pass(*edge)) return true;
  const uint64_t* value = ValueOf(neighbour);
  if (value == nullptr) return failure_.ok();
  if (existence_) {
    sum_[0] = 1;
    return false;
  }
  std::copy_n(value, width(), step_.begin());
  for (const LaneTest& test : lane_tests_) {
    if (test.on_edge && !test.test.Pass(*edge)) step_[test.lane] = 0;
  }
  for (size_t lane = 0; lane < width(); ++lane) sum_[lane] = SaturatingAdd(sum_[lane], step_[lane]);
  return true;
}

const uint64_t* LeafWeights::ValueOf(Dense vertex) {
  if (!test_.Pass(vertex)) return nullptr;
  if (!computed_) {
    std::fill(value_.begin(), value_.end(), 1);
    return value_.data();
  }
  const uint32_t known = value_index_.Find(vertex);
  if (known != DenseMap::kAbsent) {
    const uint64_t* value = values_.data() + known * width();
    return value[0] == 0 ? nullptr : value;
  }
  failure_ = ComputeValue(vertex);
  if (!failure_.ok()) return nullptr;
  return value_[0] == 0 ? nullptr : value_.data();
}

Status LeafWeights::ComputeValue(Dense vertex) {
  std::fill(value_.begin(), value_.end(), 1);
  for (const LaneTest& test : lane_tests_) {
    if (!test.on_edge && !test.test.Pass(vertex)) value_[test.lane] = 0;
  }
  for (Child& child : children_) {
    TARN_ASSIGN_OR_RETURN(const uint64_t* weights, child.weights->Weigh(vertex));
    for (size_t lane = 0; lane < width(); ++lane) {
      value_[lane] = SaturatingMultiply(value_[lane], weights[child.lane_of[lane]]);
    }
    if (value_[0] == 0) break;
  }
  return Remember(value_index_, values_, vertex, value_);
}

Status LeafWeights::Remember(DenseMap& map, std::vector<uint64_t>& values, Dense vertex,
                             const std::vector<uint64_t>& found) {
  map.Insert(vertex);
  values.insert(values.end(), found.begin(), found.end());
  const auto held =
      parent_index_.bytes() + value_index_.bytes() +
      static_cast<int64_t>((parent_sums_.capacity() + values_.capacity()) * sizeof(uint64_t));
  return held > hold_.bytes() ? hold_.Resize(held) : Status::Ok();
}

}  // namespace tarn::exec
