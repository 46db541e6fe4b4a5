#pragma once

#include <map>
#include <string>

#include "tarn/write/graph_rows.h"
#include "tarn/write/offenders.h"

namespace tarn::write {

/// What the ids of an input got wrong, by node or edge type.
struct IdFindings {
  std::map<const TypeRows*, Offenders> repeated;     ///< one id twice in the input
  std::map<const TypeRows*, Offenders> conflicting;  ///< append: the id exists
  std::map<std::string, KeySet> missing;  ///< by node type: ids that edges name and nobody has
};

/// Joins ids: finds repeated and existing ones and endpoints that do not exist, and decides which
/// rows update, which are superseded.
Result<IdFindings> JudgeIds(GraphRows& rows);

}  // namespace tarn::write
