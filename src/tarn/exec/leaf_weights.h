#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "tarn/exec/dense_map.h"
#include "tarn/exec/hop_lists.h"
#include "tarn/exec/reach_set.h"
#include "tarn/exec/row_predicate.h"

namespace tarn::exec {

/// Weights of a pattern subtree that hangs from one variable: how many ways it matches, per vertex
/// of that variable.
///
/// Invariants
///  1. No tuple of the subtree is ever built; every vertex of it is weighed at most once per query.
///  2. Where only existence matters, the search stops at the first match.
class LeafWeights {
 public:
  static Result<std::unique_ptr<LeafWeights>> Make(QueryState& state, const plan::Leaf& leaf,
                                                   bool existence);

  /// Lanes of the plan that this subtree restricts, ascending. The weights of a vertex are 1 + that
  /// many.
  const std::vector<uint32_t>& lanes() const { return lanes_; }
  size_t width() const { return 1 + lanes_.size(); }

  /// The weights of a vertex of the parent, valid until the next call.
  Result<const uint64_t*> Weigh(search::Dense parent);
  /// Multiplies `product`, one factor per lane of the plan, by the weights of a vertex.
  void MultiplyInto(const uint64_t* weights, std::vector<uint64_t>& product) const;

 private:
  struct Child {
    std::unique_ptr<LeafWeights> weights;
    std::vector<size_t> lane_of;  // for each of our lanes, where the child's weights have it
  };
  struct LaneTest {
    size_t lane = 0;  // in our weights
    bool on_edge = false;
    RowPredicate test;
  };

  explicit LeafWeights(QueryState& state) : state_(state) {}
  Status Bind(const plan::Leaf& leaf);
  void CollectLanes(const plan::Leaf& leaf);
  Status Sum(search::Dense parent);
  Status SumSteps(search::Dense parent);
  /// Adds one step to the sum; false when the sum cannot change any more or a step failed.
  bool AddStep(search::Dense neighbour, std::optional<search::Dense> edge);
  /// Weights of one vertex of our own variable: nullptr when it does not match.
  const uint64_t* ValueOf(search::Dense vertex);
  Status ComputeValue(search::Dense vertex);
  Status Remember(DenseMap& map, std::vector<uint64_t>& values, search::Dense vertex,
                  const std::vector<uint64_t>& found);

  QueryState& state_;
  bool existence_ = false;
  bool per_edge_ = false;
  bool plain_ = false;     // the weight is a degree
  bool computed_ = false;  // a vertex's value needs more than its tests
  HopLists lists_;
  std::optional<ReachSet> reach_;
  RowPredicate test_;
  RowPredicate edge_test_;
  std::vector<LaneTest> lane_tests_;
  std::vector<uint32_t> lanes_;
  std::vector<Child> children_;
  std::vector<uint64_t> sum_;
  std::vector<uint64_t> value_;
  std::vector<uint64_t> step_;
  DenseMap parent_index_;  // memo of Weigh
  std::vector<uint64_t> parent_sums_;
  DenseMap value_index_;  // memo of ValueOf
  std::vector<uint64_t> values_;
  BudgetHold hold_;
  Status failure_;
};

}  // namespace tarn::exec
