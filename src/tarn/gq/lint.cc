#include "tarn/gq/lint.h"

#include <algorithm>

#include <fmt/format.h>

#include "tarn/gq/check_query.h"
#include "tarn/gq/describe_operation.h"
#include "tarn/gq/duplicate.h"
#include "tarn/gq/lint_findings.h"
#include "tarn/gq/parser.h"

namespace tarn::gq {
namespace {

void ReportFile(const SourceText& source, std::vector<Diagnostic> diagnostics, LintReport& report) {
  for (Diagnostic& diagnostic : diagnostics) {
    const SourcePlace place = source.PlaceOf(diagnostic.span.begin);
    report.findings.push_back({.severity = Severity::kError,
                               .code = "Q000",
                               .message = fmt::format("parse error: {} (line {}, column {})",
                                                      diagnostic.message, place.line, place.column),
                               .type_name = {},
                               .property = {},
                               .query_names = {}});
    report.diagnostics.push_back(std::move(diagnostic));
  }
}

/// Appends to `report.results`, and to `compiled` if the query checks.
void LintQuery(const QueryAst& ast, const schema::Schema& schema, LintReport& report,
               std::vector<CompiledQuery>& compiled) {
  LintResult result{.name = ast.name.text,
                    .is_mutation = ast.is_mutation(),
                    .warnings = {},
                    .error = {},
                    .operation = {},
                    .diagnostics = {}};
  Compiled checked = CheckQuery(ast, schema);
  if (checked.query) {
    result.operation = DescribeOperation(ast, *checked.query, schema);
    compiled.push_back(std::move(*checked.query));
  } else {
    result.error = DiagnosticHeadline(checked.diagnostics.front());
    result.diagnostics = std::move(checked.diagnostics);
  }
  if (ast.is_mutation() && ast.parameters.empty()) {
    result.warnings.emplace_back(
        "a mutation without parameters: hardcoded mutations are easy to miss");
  }
  report.results.push_back(std::move(result));
}

}  // namespace

size_t LintReport::Count(Severity severity) const {
  size_t count = static_cast<size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [severity](const LintFinding& f) { return f.severity == severity; }));
  for (const LintResult& result : results) {
    if (severity == Severity::kError && result.error) ++count;
    if (severity == Severity::kWarning) count += result.warnings.size();
  }
  return count;
}

LintReport Lint(const SourceText& source, const schema::Schema& schema, LintOrigin origin) {
  LintReport report{.origin = std::move(origin), .results = {}, .findings = {}, .diagnostics = {}};
  ParsedFile file = Parse(source.text());
  ReportFile(source, std::move(file.errors), report);
  if (!report.findings.empty()) return report;
  ReportFile(source, FindDuplicateQueries(file.queries), report);
  std::vector<CompiledQuery> compiled;
  for (const QueryAst& query : file.queries) LintQuery(query, schema, report, compiled);
  LintFindings findings;
  FindNeverUpdated(compiled, schema, findings);
  for (const CompiledQuery& query : compiled) FindInQuery(query, schema, findings);
  for (LintFinding& finding : findings.Take()) report.findings.push_back(std::move(finding));
  return report;
}

}  // namespace tarn::gq
