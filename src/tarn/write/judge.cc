#include "tarn/write/judge.h"

#include "tarn/write/explain.h"

namespace tarn::write {

Status Judge(GraphRows& rows) {
  TARN_ASSIGN_OR_RETURN(const IdFindings ids, JudgeIds(rows));
  TARN_RETURN_IF_ERROR(ExplainIds(rows, ids));
  // What else is wrong may follow from the conflict: the row that exists holds every unique value
  // of its twin.
  if (!ids.conflicting.empty()) return rows.context().problems.ToStatus();
  TARN_ASSIGN_OR_RETURN(const RuleFindings rules, JudgeRules(rows));
  TARN_RETURN_IF_ERROR(ExplainRules(rows, rules));
  return rows.context().problems.ToStatus();
}

}  // namespace tarn::write
