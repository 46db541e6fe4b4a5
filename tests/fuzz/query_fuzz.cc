// Any bytes as a query file, and then as its parameters, against the harbour schema: never a crash,
// never a hang.
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

#include "tarn/base/check.h"
#include "tarn/gq/compile.h"
#include "tarn/gq/lint.h"
#include "tarn/gq/lint_json.h"
#include "tarn/gq/list.h"
#include "tarn/schema/compile.h"

namespace {

const tarn::schema::Schema& Harbour() {
  static const tarn::schema::Schema harbour = [] {
    std::ifstream file(std::string(TARN_TESTS_FOLDER) + "/data/harbour/harbour.pg");
    std::ostringstream text;
    text << file.rdbuf();
    tarn::schema::Compiled compiled =
        tarn::schema::CompileSchema(tarn::SourceText("harbour.pg", text.str()));
    TARN_CHECK(compiled.schema.has_value(), "the harbour schema compiles");
    return std::move(*compiled.schema);
  }();
  return harbour;
}

/// What is promised about every compilation.
void Check(const tarn::SourceText& source, const tarn::gq::Compiled& compiled) {
  TARN_CHECK(compiled.query.has_value() == compiled.diagnostics.empty(), "a query or an error");
  for (const tarn::Diagnostic& diagnostic : compiled.diagnostics) {
    TARN_CHECK(
        diagnostic.span.begin <= diagnostic.span.end && diagnostic.span.end <= source.text().size(),
        "a span inside the text");
  }
  if (!compiled.query) {
    TARN_CHECK(!tarn::gq::CompileError(source, compiled.diagnostics).ok(), "an error has a status");
  } else if (const auto* read = std::get_if<tarn::ir::Query>(&*compiled.query)) {
    TARN_CHECK(!tarn::ir::ToText(*read).empty(), "a query has a dump");
  } else {
    TARN_CHECK(!tarn::ir::ToText(std::get<tarn::ir::Mutation>(*compiled.query)).empty(),
               "a mutation has a dump");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const tarn::SourceText source("fuzz.gq", text);
  Check(source, tarn::gq::CompileQuery(source, "", Harbour()));
  for (const tarn::gq::QueryInfo& query : tarn::gq::ListQueries(source).queries) {
    Check(source, tarn::gq::CompileQuery(source, query.name, Harbour()));
    (void)tarn::gq::BindParameters(query.parameters, text);
  }
  (void)tarn::gq::LintJson(tarn::gq::Lint(source, Harbour(), {}));
  using tarn::schema::Scalar;
  const std::vector<tarn::ir::Parameter> declared = {
      {.name = "a", .type = {Scalar::kI64, false, true, 0, {}}},
      {.name = "b", .type = {Scalar::kVector, false, true, 2, {}}},
      {.name = "c", .type = {Scalar::kDateTime, true, true, 0, {}}},
      {.name = "d", .type = {Scalar::kF32, false, true, 0, {}}},
  };
  (void)tarn::gq::BindParameters(declared, text);
  return 0;
}
