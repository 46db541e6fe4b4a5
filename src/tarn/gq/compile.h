#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tarn/base/source.h"
#include "tarn/base/status.h"
#include "tarn/ir/query.h"
#include "tarn/schema/schema.h"

namespace tarn::gq {

/// One query of a file, checked against a schema.
using CompiledQuery = std::variant<ir::Query, ir::Mutation>;

struct Compiled {
  std::optional<CompiledQuery> query;  ///< absent iff a diagnostic is an error
  std::vector<Diagnostic> diagnostics;
};

/// Compiles the query called `name` of the source; with an empty name the source must hold exactly
/// one. Of two queries with one name the first is meant.
///
/// Errors  parse errors (E001.., P001..), T1..T26 and the uncoded type errors as diagnostics with
///         spans, the one that counts first; an unknown or ambiguous name (Q101, Q102) as a
///         diagnostic without one.
Compiled CompileQuery(const SourceText& source, std::string_view name,
                      const schema::Schema& schema);

/// The status of a compilation that failed: `parse error: ...`, `type error: T6: ...`, or the
/// message about the name, then every diagnostic as RenderDiagnostic shows it. Precondition: the
/// first of `diagnostics` is an error.
Status CompileError(const SourceText& source, const std::vector<Diagnostic>& diagnostics);

/// CompileQuery for an entry that only reads.
/// Errors  CompileError's; kQueryType if the query is a mutation.
Result<ir::Query> CompileRead(const SourceText& source, std::string_view name,
                              const schema::Schema& schema);
/// CompileQuery for an entry that only mutates.
/// Errors  CompileError's; kQueryType if the query is a read.
Result<ir::Mutation> CompileMutation(const SourceText& source, std::string_view name,
                                     const schema::Schema& schema);

/// What a JSON object of parameters gives.
struct BoundParameters {
  ir::ParameterValues values;           ///< one per declared parameter, in order of declaration
  std::vector<std::string> undeclared;  ///< keys that were ignored, in text order: worth a warning
};

/// Values for the declared parameters out of a JSON object text ("" and "null" = none).
/// Errors  kParametersMalformed: "params must be a JSON object", "params is not valid JSON: ...";
///         kParameterInvalid: "param 'x': ..." for a wrong type, a value out of range or a key
///         written twice, "parameter 'x' not provided"; kParametersTooLarge.
Result<BoundParameters> BindParametersReporting(const std::vector<ir::Parameter>& declared,
                                                std::string_view params_json);
/// The same without the list of undeclared keys.
Result<ir::ParameterValues> BindParameters(const std::vector<ir::Parameter>& declared,
                                           std::string_view params_json);

}  // namespace tarn::gq
