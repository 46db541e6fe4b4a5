#pragma once

#include <optional>
#include <vector>

#include "tarn/base/source.h"
#include "tarn/base/status.h"
#include "tarn/schema/schema.h"

namespace tarn::schema {

struct Compiled {
  std::optional<Schema> schema;         ///< absent iff a diagnostic is an error; stable ids are 0
  std::vector<Diagnostic> diagnostics;  ///< in text order, at most kDiagnosticsMax
};

/// Compiles a schema file: every rule of the language holds for the result. Linear in the text.
/// Errors  E001.. of the lexer and the S codes of codes.def, as diagnostics.
Compiled CompileSchema(const SourceText& source);

/// The status of a compilation that failed: `parse error: ...` or `catalog error: ...` after the
/// first error, then every diagnostic as RenderDiagnostic shows it. kSchemaParse or kSchemaCatalog.
/// Precondition: an error is among `diagnostics`.
Status FirstError(const SourceText& source, const std::vector<Diagnostic>& diagnostics);

}  // namespace tarn::schema
