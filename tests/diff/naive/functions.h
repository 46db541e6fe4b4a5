#pragma once

#include "tarn/ir/query.h"

namespace tarn::naive {

/// Thrown where a value cannot be computed: the query as a whole has no answer then.
struct NotComputable {};

/// The value of an operator or function other than coalesce. Throws NotComputable.
ir::Value Apply(ir::ScalarFn fn, const std::vector<ir::Value>& arguments);

/// Can the call fail, by the specification?
bool MayFail(ir::ScalarFn fn);

}  // namespace tarn::naive
