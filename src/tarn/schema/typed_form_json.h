#pragma once

#include "tarn/base/json_writer.h"
#include "tarn/schema/schema.h"

namespace tarn::schema {

enum class FormIds { kWith, kWithout };

/// Writes the members `interfaces`, `nodes` and `edges` of the typed form into the object at hand.
void WriteTypes(const Schema& schema, FormIds ids, JsonWriter& json);

}  // namespace tarn::schema
