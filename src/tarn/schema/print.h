#pragma once

#include <string>

#include "tarn/schema/schema.h"

namespace tarn::schema {

/// The canonical `.pg` text of a schema: declarations and properties by name, one per line; what
/// came with an interface is not repeated. Compiling it yields an equal schema, apart from stable
/// ids and places.
std::string PrintSchema(const Schema& schema);

}  // namespace tarn::schema
