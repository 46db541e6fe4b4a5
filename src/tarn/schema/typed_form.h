#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tarn/base/status.h"
#include "tarn/schema/schema.h"

namespace tarn::schema {

inline constexpr uint64_t kTypedFormVersion = 1;  ///< the newest one read, and the one written
inline constexpr size_t kTypedFormBytesMax = 256u << 20;  ///< of one JSON text

/// The typed form of a schema as compact JSON: every construct and every stable id, but no places
/// of the text.
///
///   {"format":1,"next_id":n,"interfaces":[...],"nodes":[...],"edges":[...]}
std::string ToTypedJson(const Schema& schema);

/// Reads what ToTypedJson wrote, and holds the result to every rule of the language.
/// Errors  kSchemaFormCorrupt for a text that ToTypedJson cannot have written,
///         kSchemaFormUnsupported for a newer one.
Result<Schema> FromTypedJson(std::string_view json);

/// SHA-256 in lower-case hex over what the schema means: equal for texts that differ in the order
/// of anything, comments, layout, the spelling of a bound, or rename hints, and for any stable ids.
std::string SchemaDigest(const Schema& schema);

}  // namespace tarn::schema
