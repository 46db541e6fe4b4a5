#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/catalog/snapshot.h"
#include "tarn/ir/query.h"

namespace tarn::plan {

struct Node;  // one operator; plan/node.h

/// A physical plan of one read query on one snapshot. Immutable; node ids are dense, 0 is the root.
struct Plan {
  std::shared_ptr<const ir::Query> query;
  std::shared_ptr<const Node> root;
  uint32_t node_count = 0;
  /// Weights a tuple carries: its multiplicity, and one more per count() that a dropped variable
  /// restricts.
  uint32_t lanes = 1;
  std::vector<std::string> statistics;  ///< every number that was read, one line each
  std::vector<std::string> choices;     ///< every decision with the costs that were compared
};

/// Chooses scans, the order of expansions, which variables are never enumerated, and where each
/// filter runs, from the row counts of the snapshot. Reads no data.
///
/// Errors  kUnknownType when the query names a type the snapshot's schema lacks; kUnsupported for
/// rrf() as an operand
///         of a match filter.
Result<Plan> Choose(std::shared_ptr<const ir::Query> query, const catalog::Snapshot& snapshot);

/// What to print behind one node, by its id; for actuals.
using NodeNote = std::function<std::string(uint32_t node)>;

/// Indented text of the plan with its estimates and every statistic that decided it.
std::string Explain(const Plan& plan);
std::string Explain(const Plan& plan, const NodeNote& note);

}  // namespace tarn::plan
