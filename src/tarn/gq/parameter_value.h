#pragma once

#include <cstddef>

#include <simdjson.h>

#include "tarn/base/status.h"
#include "tarn/ir/value.h"

namespace tarn::gq {

/// Broken JSON: the fault of the whole text, where the errors below are one key's.
Status BadParameterJson(simdjson::error_code code);

/// The value of a declared parameter. The message of an error does not name the parameter.
Result<ir::Value> TakeParameterValue(simdjson::ondemand::value& value,
                                     const schema::PropertyType& type);

/// Reads a value that nobody declared, so that broken JSON behind any key is found. `depth` counts
/// enclosing arrays.
Status SkipUndeclaredValue(simdjson::ondemand::value& value, size_t depth);

}  // namespace tarn::gq
