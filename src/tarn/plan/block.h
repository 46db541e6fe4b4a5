#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tarn/plan/match_graph.h"
#include "tarn/plan/statistics.h"

namespace tarn::plan {

/// What the consumer of a block needs from it.
struct BlockWish {
  std::set<VarId> seeds;   ///< bound by enclosing blocks; only with `seeded`
  std::set<VarId> wanted;  ///< variables its output must carry
  std::map<VarId, std::vector<LaneTest>>
      lanes;               ///< count() arguments that a dropped variable may restrict
  bool seeded = false;     ///< below an AntiJoin or an OptionalJoin
  bool existence = false;  ///< below an AntiJoin
  bool merge = true;       ///< worth adding up equal tuples
};

struct PlannedBlock {
  std::shared_ptr<Node> root;
  std::set<uint32_t> lanes;  ///< lanes that a dropped variable does restrict
};

/// Everything the planner of a block reads and writes down.
struct PlannerContext {
  const ir::Query& query;
  const schema::Schema& schema;
  Statistics& statistics;
  std::vector<std::string>& choices;
};

/// Orders the joins of one block of a match, with its filters and negations at the earliest place.
PlannedBlock PlanBlock(PlannerContext& context, const ir::Match& match, const BlockWish& wish);

}  // namespace tarn::plan
