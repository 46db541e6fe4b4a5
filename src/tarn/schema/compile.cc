#include "tarn/schema/compile.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tarn/schema/check.h"
#include "tarn/schema/codes.h"
#include "tarn/schema/default_value.h"
#include "tarn/schema/findings.h"
#include "tarn/schema/parse.h"

namespace tarn::schema {

namespace {

void CheckDefault(const std::string& owner, const Property& property, Findings& findings) {
  bool has_one = false;
  for (const Annotation& annotation : property.annotations) {
    if (annotation.name != "default") continue;
    std::string fault;
    if (has_one) {
      fault = "stands twice";
    } else if (!annotation.argument || !annotation.keywords.empty()) {
      fault = "needs one literal";
    } else if (fault = DefaultFault(property.type, *annotation.argument); !fault.empty()) {
      fault = fmt::format("of type {} {}", TypeName(property.type), fault);
    }
    has_one = true;
    if (fault.empty()) continue;
    findings.Error(Rule::kDefaultValue, property.span,
                   fmt::format("@default on {}.{} {}", Shown(owner), Shown(property.name), fault));
  }
}

/// Beside Check, because schemas that were accepted before defaults meant anything stay readable.
void CheckDefaults(const Schema& schema, Findings& findings) {
  const auto check = [&findings](const auto& types) {
    for (const auto& type : types) {
      for (const Property& property : type.properties) {
        if (!property.from_interface) CheckDefault(type.name, property, findings);
      }
    }
  };
  check(schema.interfaces);
  check(schema.nodes);
  check(schema.edges);
}

}  // namespace

Compiled CompileSchema(const SourceText& source) {
  Findings findings;
  const FileAst file = Parse(source.text(), findings);
  Compiled compiled{.schema = Check(source, file, findings)};
  if (compiled.schema) CheckDefaults(*compiled.schema, findings);
  if (!findings.empty()) compiled.schema.reset();
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
