#include "tarn/schema/compile.h"

#include <algorithm>
#include <utility>

#include "tarn/schema/check.h"
#include "tarn/schema/codes.h"
#include "tarn/schema/parse.h"

namespace tarn::schema {

Compiled CompileSchema(const SourceText& source) {
  Findings findings;
  const FileAst file = Parse(source.text(), findings);
  Compiled compiled{.schema = Check(source, file, findings)};
  compiled.diagnostics = findings.Take();
  return compiled;
}

Status FirstError(const SourceText& source, const std::vector<Diagnostic>& diagnostics) {
  const auto first = std::find_if(
      diagnostics.begin(), diagnostics.end(),
      [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::kError; });
  TARN_CHECK(first != diagnostics.end(), "a compilation fails with an error");
  const bool is_parse = ClassOf(first->code) == ErrorClass::kParse;
  std::string message = (is_parse ? "parse error: " : "catalog error: ") + first->message + "\n";
  for (const Diagnostic& diagnostic : diagnostics) message += RenderDiagnostic(source, diagnostic);
  message.pop_back();
  Status status(is_parse ? ErrorId::kSchemaParse : ErrorId::kSchemaCatalog, std::move(message));
  return first->suggestion.empty() ? std::move(status)
                                   : std::move(status).WithHint(first->suggestion);
}

}  // namespace tarn::schema
