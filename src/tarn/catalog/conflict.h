#pragma once

#include <string>

#include "tarn/base/status.h"

namespace tarn::catalog {

/// kPreconditionFailed with the detail `precondition_failure`: the head is `actual`, not the commit
/// that a conditional write asked for.
Status PreconditionFailure(const std::string& expected, const std::string& actual);

}  // namespace tarn::catalog
