#pragma once

#include <deque>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/exec/cell.h"
#include "tarn/search/vertices.h"

namespace tarn::exec {

/// The paths of one execution, by the number that stands in their variable's column. A path never
/// moves once it is kept; its texts belong to vertices that live as long as the execution.
class PathStore {
 public:
  explicit PathStore(BudgetHold hold) : hold_(std::move(hold)) {}

  /// Ids of the nodes from the start, and of the edges between them, one fewer.
  /// Errors  kMemoryBudget; kResultTooLarge when there are more paths than a column can number.
  Result<search::Dense> Keep(std::vector<Cell> nodes, std::vector<Cell> edges);

  std::span<const Cell> nodes(search::Dense path) const { return paths_[path].nodes; }
  std::span<const Cell> edges(search::Dense path) const { return paths_[path].edges; }

 private:
  struct Path {
    std::vector<Cell> nodes;
    std::vector<Cell> edges;
  };

  std::deque<Path> paths_;
  BudgetHold hold_;
};

}  // namespace tarn::exec
