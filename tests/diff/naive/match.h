#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "naive/naive.h"

namespace tarn::naive {

/// The row of a variable that an optional block left without one.
inline constexpr size_t kAbsent = SIZE_MAX;

/// Which row each variable is bound to: a position in its table.
using Bindings = std::map<ir::VarId, size_t>;

/// Rank fusions of a query, once the match is known: score and place of an entity, by expression.
using Fusions = std::map<const ir::Expr*, std::map<size_t, std::pair<double, size_t>>>;

/// Pairs of a node's id and the id of the edge that leads to it; the start is not among them.
using Path = std::vector<std::pair<std::string, std::string>>;

/// What evaluation reads.
struct World {
  const ir::Query& query;
  const Graph& graph;
  const ir::ParameterValues& parameters;
  const Outside& outside;
  Fusions fusions = {};
  /// Paths that were found: a variable of one is bound to its place here, with its start.
  std::shared_ptr<std::vector<std::pair<std::string, Path>>> paths =
      std::make_shared<std::vector<std::pair<std::string, Path>>>();
  const std::vector<Bindings>* group = nullptr;  ///< the rows whose aggregates are asked for

  const std::vector<Row>& RowsOf(ir::VarId variable) const;
};

/// Every way to bind the variables of a block on top of `outer`: a bag.
std::vector<Bindings> Solve(const World& world, const ir::Match& match, const Bindings& outer);

/// Does the expression read no row, so that it is computed once, before the match?
bool IsFixed(const ir::ExprPtr& expr);
/// Computes what reads no row and is certainly needed; throws NotComputable.
void ComputeFixed(const World& world);

/// The aggregate of `rows`.
ir::Value AggregateOf(const World& world, const ir::Aggregate& aggregate,
                      const std::vector<Bindings>& rows);

/// The value of an expression; of an aggregate over world.group. Throws NotComputable.
ir::Value ValueOf(const World& world, const ir::ExprPtr& expr, const Bindings& bindings);

}  // namespace tarn::naive
