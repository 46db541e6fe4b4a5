#pragma once

#include "tarn/write/graph_rows.h"

namespace tarn::write {

/// Joins the keys of the input with those of the snapshot and holds the image that the commit would
/// make against every rule that needs more than one row: ids, `@key`, endpoints, `@unique`,
/// `@card`. Decides the fate of each row.
///
/// Errors  kKeyConflict, kConstraintViolation, kDataInvalid with all offenders; nothing was
/// written. Source  docs/spec/graph-language.md §3.2, §3.3, §11.5
Status Judge(GraphRows& rows);

}  // namespace tarn::write
