#pragma once

#include <string>

#include "tarn/base/json_writer.h"
#include "tarn/gq/lint.h"

namespace tarn::gq {

/// The report as one JSON object: status, schema_source, query_path, queries_processed, errors,
/// warnings, infos, results, findings. Optional members are left out when there is nothing to say.
std::string LintJson(const LintReport& report,
                     JsonWriter::Layout layout = JsonWriter::Layout::kCompact);

/// The members `kind`, `nullable`, and where they apply `item_kind` and `vector_dim`, into an open
/// object.
void WriteValueKind(const ValueKind& kind, JsonWriter& json);

}  // namespace tarn::gq
