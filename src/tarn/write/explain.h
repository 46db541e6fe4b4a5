#pragma once

#include "tarn/write/judge_ids.h"
#include "tarn/write/judge_rules.h"

namespace tarn::write {

/// Turns findings about keys into problems that name lines, ids and values. Only ever runs for a
/// load that fails, so it may read rows again.
Status ExplainIds(GraphRows& rows, const IdFindings& findings);
Status ExplainRules(GraphRows& rows, const RuleFindings& findings);

}  // namespace tarn::write
