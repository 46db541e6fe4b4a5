#include <algorithm>
#include <ostream>

#include <fmt/ranges.h>

#include "tarn/base/json_writer.h"
#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/gq/lint.h"
#include "tarn/gq/lint_json.h"
#include "tarn/schema/compile.h"
#include "tarn/schema/lint.h"
#include "tarn/wire/reports.h"

namespace tarn::cli {
namespace {

std::string_view SeverityWord(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kNote: return "info";
  }
  return "error";
}

size_t Count(const std::vector<Diagnostic>& diagnostics, Severity severity) {
  return static_cast<size_t>(
      std::count_if(diagnostics.begin(), diagnostics.end(),
                    [&](const Diagnostic& each) { return each.severity == severity; }));
}

/// A schema alone: the compiler's diagnostics, or what lint has to say about a schema that
/// compiles.
int LintSchemaAlone(const Invocation& invocation, const SourceText& source,
                    const schema::Compiled& compiled) {
  const std::vector<Diagnostic> findings =
      compiled.schema ? schema::LintSchema(source) : compiled.diagnostics;
  const size_t errors = Count(findings, Severity::kError);
  std::ostream& out = invocation.streams.out;
  if (invocation.args.Has("--json")) {
    JsonWriter json(JsonWriter::Layout::kPretty);
    json.BeginObject().Key("status").String(errors > 0 ? "error" : "ok");
    json.Key("schema_source")
        .BeginObject()
        .Key("kind")
        .String("file")
        .Key("path")
        .String(source.name())
        .EndObject();
    json.Key("errors").Uint(errors).Key("warnings").Uint(Count(findings, Severity::kWarning));
    json.Key("infos").Uint(Count(findings, Severity::kNote)).Key("findings").BeginArray();
    for (const Diagnostic& finding : findings) {
      const SourcePlace place = source.PlaceOf(finding.span.begin);
      json.BeginObject()
          .Key("severity")
          .String(SeverityWord(finding.severity))
          .Key("code")
          .String(finding.code);
      json.Key("message")
          .String(finding.message)
          .Key("line")
          .Uint(place.line)
          .Key("column")
          .Uint(place.column)
          .EndObject();
    }
    out << json.EndArray().EndObject().Take() << "\n";
  } else {
    for (const Diagnostic& finding : findings) out << RenderDiagnostic(source, finding);
    if (compiled.schema) {
      out << source.name() << ": ok, "
          << wire::CountText(compiled.schema->nodes.size(), "node type") << ", "
          << wire::CountText(compiled.schema->edges.size(), "edge type") << ", "
          << wire::CountText(findings.size(), "finding") << "\n";
    }
  }
  return errors > 0 ? 1 : 0;
}

/// "query a, b: ": where a finding about queries of the file belongs.
std::string QueriesText(const std::vector<std::string>& names) {
  return names.empty() ? "" : fmt::format("query {}: ", fmt::join(names, ", "));
}

void PrintReport(std::ostream& out, const SourceText& source, const gq::LintReport& report) {
  for (const Diagnostic& diagnostic : report.diagnostics)
    out << RenderDiagnostic(source, diagnostic);
  for (const gq::LintResult& result : report.results) {
    for (const Diagnostic& diagnostic : result.diagnostics)
      out << RenderDiagnostic(source, diagnostic);
    for (const std::string& warning : result.warnings)
      out << source.name() << ": query " << result.name << ": warning: " << warning << "\n";
  }
  for (const gq::LintFinding& finding : report.findings) {
    if (finding.code == "Q000") continue;  // said above, with its place
    out << source.name() << ": " << QueriesText(finding.query_names)
        << SeverityWord(finding.severity) << "[" << finding.code << "]: " << finding.message
        << "\n";
  }
  out << source.name() << ": " << wire::CountText(report.results.size(), "query", "queries") << ", "
      << wire::CountText(report.Count(Severity::kError), "error") << ", "
      << wire::CountText(report.Count(Severity::kWarning), "warning") << "\n";
}

int LintQueries(const Invocation& invocation, const SourceText& queries,
                const schema::Schema& schema, gq::LintOrigin origin) {
  const gq::LintReport report = gq::Lint(queries, schema, std::move(origin));
  if (invocation.args.Has("--json")) {
    invocation.streams.out << gq::LintJson(report, JsonWriter::Layout::kPretty) << "\n";
  } else {
    PrintReport(invocation.streams.out, queries, report);
  }
  return report.ok() ? 0 : 1;
}

}  // namespace

Result<int> RunLint(Invocation& invocation) {
  const auto schema_path = invocation.args.Get("--schema");
  const auto query_path = invocation.args.Get("--query");
  if (!schema_path && !query_path) {
    const std::string word = invocation.args.Get("URI").value_or("");
    return Error(ErrorId::kUsage, "nothing to check is given")
        .WithHint(word.ends_with(".pg")   ? fmt::format("tarn lint --schema {}", word)
                  : word.ends_with(".gq") ? fmt::format("tarn lint --schema FILE --query {}", word)
                                          : "--schema FILE, --query FILE, or both");
  }
  if (!schema_path) {
    TARN_ASSIGN_OR_RETURN(const std::string uri, StoreUri(invocation));
    TARN_ASSIGN_OR_RETURN(const SourceText queries, ReadInput(invocation, *query_path));
    TARN_ASSIGN_OR_RETURN(const auto database,
                          OpenDatabase(invocation, catalog::Access::kReadOnly));
    TARN_ASSIGN_OR_RETURN(const catalog::Snapshot snapshot, database->Pin(invocation.request, {}));
    return LintQueries(invocation, queries, snapshot.schema(),
                       {gq::LintOrigin::SchemaKind::kGraph, uri, *query_path});
  }
  TARN_ASSIGN_OR_RETURN(const SourceText schema_source, ReadInput(invocation, *schema_path));
  const schema::Compiled compiled = schema::CompileSchema(schema_source);
  if (!query_path || !compiled.schema) return LintSchemaAlone(invocation, schema_source, compiled);
  TARN_ASSIGN_OR_RETURN(const SourceText queries, ReadInput(invocation, *query_path));
  return LintQueries(invocation, queries, *compiled.schema,
                     {gq::LintOrigin::SchemaKind::kFile, *schema_path, *query_path});
}

}  // namespace tarn::cli
