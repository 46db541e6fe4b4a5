#pragma once

#include <memory>

#include "tarn/lance/table.h"

namespace tarn::lance {

/// Rows as a scan of a table gives them, in the form in which staging takes them: a scan answers a
/// blob with its bytes, staging wants the struct of bytes and address that `schema` (the table's)
/// declares. Columns that need nothing pass as they are.
///
/// Errors  kUnsupported from Next for a column that came in neither form.
std::unique_ptr<BatchStream> InStoredForm(const arrow::Schema& schema,
                                          std::unique_ptr<BatchStream> scanned);

}  // namespace tarn::lance
