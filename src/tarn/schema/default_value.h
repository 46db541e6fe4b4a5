#pragma once

#include <string>

#include "tarn/schema/schema.h"

/// `@default(literal)` behind a property: what a row holds that does not name the property, and
/// what the rows there are hold when the property is added.

namespace tarn::schema {

/// Why `value` cannot be the default of a property of this type; "" when it can.
std::string DefaultFault(const PropertyType& type, const Literal& value);

/// The default of a property; null when it has none, or one that its type cannot hold: a schema
/// that was accepted before defaults had a meaning may have such a one.
const Literal* DefaultOf(const Property& property);

}  // namespace tarn::schema
