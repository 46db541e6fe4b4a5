#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tarn/schema/compile.h"

/// What the tests of this room share.

namespace tarn::schema {

inline Compiled CompileText(std::string_view text) {
  return CompileSchema(SourceText("test.pg", std::string(text)));
}

/// The schema of a text that must compile.
inline Schema MustCompile(std::string_view text) {
  const SourceText source("test.pg", std::string(text));
  Compiled compiled = CompileSchema(source);
  for (const Diagnostic& diagnostic : compiled.diagnostics) {
    ADD_FAILURE() << RenderDiagnostic(source, diagnostic);
  }
  return compiled.schema.value_or(Schema{});
}

/// Every error as "S012 message", one a line, in text order.
inline std::string ErrorsOf(std::string_view text) {
  std::string out;
  const Compiled compiled = CompileText(text);
  EXPECT_EQ(compiled.schema.has_value(), compiled.diagnostics.empty());
  for (const Diagnostic& diagnostic : compiled.diagnostics) {
    EXPECT_LT(diagnostic.span.begin, diagnostic.span.end) << diagnostic.message;
    EXPECT_LE(diagnostic.span.end, text.size()) << diagnostic.message;
    out += (out.empty() ? "" : "\n") + diagnostic.code + " " + diagnostic.message;
  }
  return out;
}

/// "S012 S030": the codes alone.
inline std::string CodesOf(std::string_view text) {
  std::string out;
  for (const Diagnostic& diagnostic : CompileText(text).diagnostics) {
    out += (out.empty() ? "" : " ") + diagnostic.code;
  }
  return out;
}

/// The part of the text that the first error points at.
inline std::string FirstSpanOf(std::string_view text) {
  const Compiled compiled = CompileText(text);
  if (compiled.diagnostics.empty()) return "";
  const SourceSpan span = compiled.diagnostics[0].span;
  return std::string(text.substr(span.begin, span.end - span.begin));
}

inline std::string SuggestionOf(std::string_view text) {
  const Compiled compiled = CompileText(text);
  return compiled.diagnostics.empty() ? "" : compiled.diagnostics[0].suggestion;
}

/// A file below tests/.
inline std::string ReadTestFile(const std::string& path) {
  std::ifstream file(std::string(TARN_TESTS_FOLDER) + "/" + path);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::string HarbourText() { return ReadTestFile("data/harbour/harbour.pg"); }

}  // namespace tarn::schema
