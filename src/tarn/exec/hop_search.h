#pragma once

#include <memory>
#include <span>
#include <vector>

#include "tarn/exec/hop_lists.h"
#include "tarn/exec/row_predicate.h"

namespace tarn::exec {

/// Bounded reachability by hops that are not the stored neighbours of one edge type: over several
/// types, or over edges that satisfy a condition. The rules are those of search::Reach: each vertex
/// once, at its shortest depth; the source itself by a self-loop alone, at depth 1.
class HopSearch {
 public:
  /// `to` is the variable that is reached.
  static Result<std::unique_ptr<HopSearch>> Make(QueryState& state, const plan::Hop& hop,
                                                 plan::VarId to);

  /// Every vertex within the bounds, each once. Valid until the next call.
  Result<std::span<const Dense>> From(Dense source);

 private:
  struct Branch {
    HopLists lists;
    bool conditional = false;
  };

  explicit HopSearch(QueryState& state) : state_(state) {}
  Status Follow(Dense vertex);
  void Meet(Dense neighbour);

  QueryState& state_;
  uint32_t min_hops_ = 1;
  uint32_t max_hops_ = 1;
  bool within_type_ = false;  // else the source is a vertex of another type
  std::vector<Branch> branches_;
  RowPredicate test_;
  Dense source_ = 0;
  bool at_source_ = false;
  bool self_loop_ = false;
  std::vector<uint32_t> stamps_;  // per vertex, the search that met it last
  uint32_t stamp_ = 0;
  std::vector<Dense> met_;
  std::vector<Dense> emitted_;
  BudgetHold hold_;
};

}  // namespace tarn::exec
