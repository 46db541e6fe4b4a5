#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tarn/base/source.h"
#include "tarn/gq/operation.h"
#include "tarn/schema/schema.h"

namespace tarn::gq {

/// Where the schema and the queries came from, for the report only.
struct LintOrigin {
  enum class SchemaKind : uint8_t { kFile, kGraph };
  SchemaKind schema_kind = SchemaKind::kFile;
  std::string schema_location;  ///< a path, or the URI of a graph
  std::string query_path;
};

/// A finding about the file as a whole or about several queries of it.
///
/// Codes  Q000 (error) the file does not parse, or declares a query twice; L201 no update query
///        sets a nullable property of a type that has update queries; Tarn's own: L301 inserts or
///        updates mixed with deletes, L302 two columns of one name, L303 a search without an
///        index, L304 a negated search, L305 a nullable parameter compared, L306 match_text given
///        a phrase, L307 a parameter named like a row, L308 an update of a key,
///        L309 an enum compared with a value it does not have.
struct LintFinding {
  Severity severity = Severity::kWarning;
  std::string code;
  std::string message;
  std::optional<std::string> type_name;
  std::optional<std::string> property;
  std::vector<std::string> query_names;
};

struct LintResult {
  std::string name;
  bool is_mutation = false;
  std::vector<std::string> warnings;
  std::optional<std::string> error;     ///< the first, with its class prefix and code
  std::optional<Operation> operation;   ///< present iff there is no error
  std::vector<Diagnostic> diagnostics;  ///< all errors with their places, for rendering
};

struct LintReport {
  LintOrigin origin;
  std::vector<LintResult> results;  ///< one per query, in text order
  std::vector<LintFinding> findings;
  std::vector<Diagnostic> diagnostics;  ///< of the file: what Q000 tells, with places

  size_t Count(Severity severity) const;
  bool ok() const { return Count(Severity::kError) == 0; }
};

/// Checks every query of a file against a schema and looks for what compiles and is still likely a
/// mistake.
LintReport Lint(const SourceText& source, const schema::Schema& schema, LintOrigin origin);

}  // namespace tarn::gq
