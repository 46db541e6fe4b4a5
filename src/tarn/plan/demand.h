#pragma once

#include <map>
#include <set>
#include <vector>

#include "tarn/plan/node.h"
#include "tarn/schema/schema.h"

namespace tarn::plan {

/// What the part of a query behind its match needs.
struct Demand {
  std::set<VarId> wanted;   ///< variables that must be enumerated
  std::vector<VarId> ties;  ///< whose ids break ties of the order, in that sequence
  std::map<VarId, std::vector<LaneTest>> lanes;  ///< count(x.p) over nullable properties, by x
  uint32_t lane_count = 1;
};

/// Invariants
///  1. Rows that differ only in a variable outside `wanted` have the same output.
///  2. Ties are the bound variables by name, cut where nothing that is returned can differ any
///  more: what follows
///     could only permute equal rows. Anonymous variables never break ties.
Demand DemandOf(const ir::Query& query, const schema::Schema& schema);

/// Does the row of a property's value follow from the value? True for a node type's only key
/// property.
bool IdentifiesRow(const ir::ExprPtr& expr, const ir::Query& query, const schema::Schema& schema);

}  // namespace tarn::plan
