// Any bytes as a schema file: never a crash, never a hang, and what compiles comes back from its
// canonical text and from its typed form. A corpus to begin with: tests/bad/schema,
// tests/data/harbour.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "tarn/base/check.h"
#include "tarn/base/source.h"
#include "tarn/schema/compile.h"
#include "tarn/schema/ids.h"
#include "tarn/schema/lexer.h"
#include "tarn/schema/lint.h"
#include "tarn/schema/print.h"
#include "tarn/schema/typed_form.h"

namespace {

using tarn::SourceText;
using tarn::schema::Compiled;

void CheckDiagnostics(const SourceText& source, const Compiled& compiled) {
  TARN_CHECK(!compiled.diagnostics.empty(), "a text without a schema has an error");
  for (const tarn::Diagnostic& diagnostic : compiled.diagnostics) {
    TARN_CHECK(diagnostic.span.end <= source.text().size(), "an error points into the text");
  }
  TARN_CHECK(!tarn::schema::FirstError(source, compiled.diagnostics).ok(), "an error is an error");
}

void CheckSchema(const SourceText& source, tarn::schema::Schema schema) {
  (void)tarn::schema::LintSchema(source);
  const std::string digest = SchemaDigest(schema);
  const std::string printed = PrintSchema(schema);
  if (printed.size() <= tarn::schema::kSourceBytesMax) {
    const Compiled again = tarn::schema::CompileSchema(SourceText("printed.pg", printed));
    TARN_CHECK(again.schema.has_value(), "canonical text compiles: " + printed);
    TARN_CHECK(SchemaDigest(*again.schema) == digest, "canonical text means the same: " + printed);
    TARN_CHECK(PrintSchema(*again.schema) == printed, "canonical text is canonical: " + printed);
  }
  AssignIds(&schema);
  const std::string form = ToTypedJson(schema);
  const auto read = tarn::schema::FromTypedJson(form);
  TARN_CHECK(read.ok(), "a typed form comes back: " + form);
  TARN_CHECK(ToTypedJson(*read) == form && SchemaDigest(*read) == digest,
             "a typed form is kept: " + form);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)tarn::schema::FromTypedJson(text);
  const SourceText source("fuzz.pg", text);
  Compiled compiled = tarn::schema::CompileSchema(source);
  if (compiled.schema) {
    CheckSchema(source, std::move(*compiled.schema));
  } else {
    CheckDiagnostics(source, compiled);
  }
  return 0;
}
