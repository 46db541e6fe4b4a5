#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <arrow/type_fwd.h>

#include "tarn/base/json_writer.h"
#include "tarn/schema/schema.h"

namespace tarn::wire {

/// Writes row `row` of a result column as JSON by the rules of results: integers with all digits,
/// F32 widened, dates as text, non-finite floats as strings (null inside a vector), lists and
/// vectors as arrays, null as null.
void WriteCell(JsonWriter& json, const arrow::Array& column, int64_t row,
               const schema::PropertyType& type);

/// The same value for people and for CSV: strings bare, everything else as its JSON; null is "".
std::string CellText(const arrow::Array& column, int64_t row, const schema::PropertyType& type);

/// `text` with control characters spelled out: they would break a grid, or worse, drive the
/// terminal.
std::string VisibleText(std::string_view text);

}  // namespace tarn::wire
