#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tarn/gq/compile.h"
#include "tarn/schema/compile.h"

// The harbour schema of the specification, and short ways to compile against it. For tests only.
namespace tarn::gq {

inline std::string ReadTestFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline schema::Schema SchemaOf(const SourceText& source) {
  schema::Compiled compiled = schema::CompileSchema(source);
  for (const Diagnostic& diagnostic : compiled.diagnostics) {
    EXPECT_NE(diagnostic.severity, Severity::kError) << RenderDiagnostic(source, diagnostic);
  }
  return compiled.schema.value_or(schema::Schema{});
}
inline schema::Schema SchemaOf(std::string text) {
  return SchemaOf(SourceText("test.pg", std::move(text)));
}

inline const schema::Schema& Harbour() {
  static const schema::Schema harbour = SchemaOf(SourceText(
      "harbour.pg", ReadTestFile(std::string(TARN_TESTS_FOLDER) + "/data/harbour/harbour.pg")));
  return harbour;
}

inline SourceText Source(std::string_view text) { return SourceText("test.gq", std::string(text)); }

/// "" if the only query of the text compiles, else the code of the error that counts ("-" if it has
/// none) and its message.
inline std::string Outcome(std::string_view text, const schema::Schema& schema = Harbour()) {
  const Compiled compiled = CompileQuery(Source(text), "", schema);
  EXPECT_EQ(compiled.query.has_value(), compiled.diagnostics.empty());
  if (compiled.diagnostics.empty()) return "";
  const Diagnostic& first = compiled.diagnostics.front();
  return (first.code.empty() ? "-" : first.code) + " " + first.message;
}

/// The code alone.
inline std::string CodeOf(std::string_view text, const schema::Schema& schema = Harbour()) {
  const std::string outcome = Outcome(text, schema);
  return outcome.substr(0, outcome.find(' '));
}

/// A read of one match and one column.
inline std::string Read(std::string_view match, std::string_view columns = "\"x\"",
                        std::string_view tail = "", std::string_view parameters = "") {
  return fmt::format("query q({}) {{ match {{ {} }} return {{ {} }} {} }}", parameters, match,
                     columns, tail);
}
inline std::string Mutate(std::string_view statements, std::string_view parameters = "") {
  return fmt::format("query q({}) {{ {} }}", parameters, statements);
}

inline ir::Query MustRead(std::string_view text, const schema::Schema& schema = Harbour()) {
  Result<ir::Query> query = CompileRead(Source(text), "", schema);
  EXPECT_TRUE(query.ok()) << query.status().ToString();
  return query.ok() ? *query : ir::Query{};
}
inline ir::Mutation MustMutate(std::string_view text, const schema::Schema& schema = Harbour()) {
  Result<ir::Mutation> mutation = CompileMutation(Source(text), "", schema);
  EXPECT_TRUE(mutation.ok()) << mutation.status().ToString();
  return mutation.ok() ? *mutation : ir::Mutation{};
}

/// The lines of the dump below "Match", or below `section`, up to the next section, without
/// indentation.
inline std::vector<std::string> Lines(const ir::Query& query,
                                      std::string_view section = "  Match") {
  std::vector<std::string> lines;
  std::istringstream dump(ir::ToText(query));
  bool inside = false;
  for (std::string line; std::getline(dump, line);) {
    const size_t indent = line.find_first_not_of(' ');
    if (indent == 2) inside = line.starts_with(section);
    if (inside && indent > 2) lines.push_back(line.substr(4));
  }
  return lines;
}

}  // namespace tarn::gq
