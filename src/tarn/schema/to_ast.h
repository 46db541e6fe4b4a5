#pragma once

#include "tarn/schema/ast.h"
#include "tarn/schema/schema.h"

namespace tarn::schema {

/// The file that declares this schema, in canonical order and without places. Checking it yields an
/// equal schema, so it serves both to print a schema and to hold a stored one to the rules.
FileAst ToAst(const Schema& schema);

}  // namespace tarn::schema
