#pragma once

#include <optional>
#include <string>

#include "tarn/ir/query.h"
#include "tarn/lance/filter.h"
#include "tarn/schema/schema.h"

namespace tarn::write {

/// `column op value` as the storage filters, exact for every pair of numeric types: the value is
/// moved to the nearest value that the column can hold, never the column to the value's type.
/// Nothing when no row can pass, as for a null value.
///
/// Precondition: the type checker accepted the pair (graph-language.md §9.5).
std::optional<lance::Filter> FilterOf(const std::string& column, const schema::PropertyType& type,
                                      ir::CompareOp op, const ir::Value& value);

}  // namespace tarn::write
