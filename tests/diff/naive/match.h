#pragma once

#include <map>
#include <vector>

#include "naive/naive.h"

namespace tarn::naive {

/// Which row each variable is bound to: a position in its table.
using Bindings = std::map<ir::VarId, size_t>;

/// Rank fusions of a query, once the match is known: score and place of an entity, by expression.
using Fusions = std::map<const ir::Expr*, std::map<size_t, std::pair<double, size_t>>>;

/// What evaluation reads.
struct World {
  const ir::Query& query;
  const Graph& graph;
  const ir::ParameterValues& parameters;
  const Outside& outside;
  Fusions fusions = {};

  const std::vector<Row>& RowsOf(ir::VarId variable) const;
};

/// Every way to bind the variables of a block on top of `outer`: a bag.
std::vector<Bindings> Solve(const World& world, const ir::Match& match, const Bindings& outer);

/// The value of an expression without aggregates.
ir::Value ValueOf(const World& world, const ir::ExprPtr& expr, const Bindings& bindings);

}  // namespace tarn::naive
