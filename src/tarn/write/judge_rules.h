#pragma once

#include <map>

#include "tarn/write/graph_rows.h"
#include "tarn/write/offenders.h"

namespace tarn::write {

/// What breaks the rules over several rows, by type of the input.
struct RuleFindings {
  std::map<const UniqueRule*, Offenders> not_unique;
  std::map<const TypeRows*, Offenders>
      miscounted;  ///< sources with too many or too few edges; count is how many
};

/// Judges `@unique` and `@card` on the final image. JudgeIds has decided the fates.
Result<RuleFindings> JudgeRules(GraphRows& rows);

}  // namespace tarn::write
