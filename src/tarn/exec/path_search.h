#pragma once

#include <memory>
#include <span>
#include <vector>

#include "tarn/exec/hop_lists.h"
#include "tarn/exec/path_store.h"
#include "tarn/exec/row_predicate.h"

namespace tarn::exec {

/// Breadth-first search that remembers ways. The rules of what is reached are those of
/// search::Reach.
///
/// Invariants
///  1. Vertices of one depth are met in the order of their best paths: steps are compared as pairs
///     of a node id and an edge id, so the way by which a vertex is met first is the one to keep.
///  2. A vertex is met at its shortest depth, once.
class PathSearch {
 public:
  /// `from` and `to` are the variables at both ends.
  static Result<std::unique_ptr<PathSearch>> Make(QueryState& state, const plan::Hop& hop,
                                                  plan::VarId from, plan::VarId to);

  /// Every vertex within the bounds, each once. Valid until the next call.
  Result<std::span<const Dense>> From(Dense source);
  /// Keeps the path to a vertex that the last From reached.
  Result<Dense> KeepPathTo(Dense target);

 private:
  struct Branch {
    HopLists lists;
    const search::Vertices* edges = nullptr;
  };
  /// How a vertex was met: by which edge, from which place in `met_`.
  struct Way {
    Dense vertex = 0;
    uint32_t parent = 0;  // into met_; kNoParent for the first step
    uint32_t branch = 0;
    Dense edge = 0;
  };
  static constexpr uint32_t kNoParent = UINT32_MAX;

  explicit PathSearch(QueryState& state) : state_(state) {}
  /// Meets what is one step from `vertex`, which is met_[place] or the source.
  Status Follow(Dense vertex, uint32_t place);
  std::string_view EdgeIdOf(const Way& way) const {
    return branches_[way.branch].edges->IdOf(way.edge);
  }

  QueryState& state_;
  uint32_t min_hops_ = 1;
  uint32_t max_hops_ = 1;
  bool within_type_ = false;
  std::vector<Branch> branches_;
  bool conditional_ = false;
  RowPredicate test_;
  const search::Vertices* sources_ = nullptr;
  const search::Vertices* targets_ = nullptr;
  Dense source_ = 0;
  std::vector<uint32_t> stamps_;  // per vertex, the search that met it last
  std::vector<uint32_t> places_;  // per vertex, where in met_ it is
  uint32_t stamp_ = 0;
  std::vector<Way> met_;
  std::vector<Way> steps_;  // of one vertex
  std::vector<Way> loop_;   // the source's best self-loop, if there is one
  std::vector<Dense> emitted_;
  BudgetHold hold_;
};

}  // namespace tarn::exec
