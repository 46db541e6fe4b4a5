#pragma once

#include <memory>
#include <string>

#include "tarn/catalog/location.h"
#include "tarn/catalog/manifest.h"

namespace tarn::catalog {

/// Puts `_schema/{id}.pg` and `.json`, durable; neither is ever written again. Answers the
/// manifest's entry for them.
Result<SchemaEntry> WriteSchema(const Request& request, const Location& location, std::string id,
                                const std::string& source, const schema::Schema& schema);

/// Deletes the files of a schema that no commit named. Best effort.
void DiscardSchema(const Request& request, const Location& location, const SchemaEntry& entry);

/// The typed form. kCorruptData naming the file when it is missing, altered or not that of `entry`.
Result<std::shared_ptr<const schema::Schema>> ReadSchema(const Request& request,
                                                         const Location& location,
                                                         const SchemaEntry& entry);

/// The text as it was accepted, byte for byte. kCorruptData when it is missing or altered.
Result<std::string> ReadSchemaSource(const Request& request, const Location& location,
                                     const SchemaEntry& entry);

}  // namespace tarn::catalog
