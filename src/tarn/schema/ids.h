#pragma once

#include <string_view>

#include "tarn/base/status.h"
#include "tarn/schema/schema.h"

namespace tarn::schema {

/// Hands out the stable ids of a fresh graph from one counter that starts at 1: first to the types,
/// sorted by (interface, node, edge) and name; then to the properties, sorted by the id of their
/// owner and name. `next_id` is the one after. Then sets `key_columns`, so that in a fresh graph
/// they are in order of their names. Precondition: no id has been handed out.
void AssignIds(Schema* schema);

/// Sets `key_columns` of every node: the columns of its key by ascending stable id. AssignIds does
/// so itself.
void OrderKeyColumns(Schema* schema);

/// Compiles the text of a schema for a fresh graph, ids included.
/// Errors  as FirstError, the text being called "schema.pg".
Result<Schema> CompileNewSchema(std::string_view text);

}  // namespace tarn::schema
