#include "tarn/gq/compile.h"

#include <algorithm>

#include <fmt/format.h>

#include "tarn/gq/check_query.h"
#include "tarn/gq/diagnostics.h"
#include "tarn/gq/parser.h"

namespace tarn::gq {
namespace {

constexpr std::string_view kUnknownName = "Q101";
constexpr std::string_view kAmbiguousName = "Q102";

Compiled FailName(std::string_view code, std::string message, std::string suggestion) {
  Diagnostics diagnostics;
  diagnostics.Error(std::string(code), {}, std::move(message), std::move(suggestion));
  return {.query = std::nullopt, .diagnostics = diagnostics.Take()};
}

/// "the file holds a, b, c": what could be asked for; the first few of many.
std::string Holdings(const std::vector<QueryAst>& queries) {
  constexpr size_t kNamesShownMax = 12;
  std::string list;
  for (size_t i = 0; i < std::min(queries.size(), kNamesShownMax); ++i)
    list += (i > 0 ? ", " : "") + queries[i].name.text;
  return "it holds " + list + (queries.size() > kNamesShownMax ? ", ..." : "");
}

Compiled FailUnknown(std::string_view name, const std::vector<QueryAst>& queries) {
  std::vector<std::string> names;
  for (const QueryAst& query : queries) names.push_back(query.name.text);
  std::string near = SuggestName(std::string(name), std::move(names));
  return FailName(kUnknownName, fmt::format("query '{}' not found", name),
                  near.empty() ? Holdings(queries) : std::move(near));
}

bool IsParseCode(std::string_view code) { return code.starts_with('P') || code.starts_with('E'); }

ErrorId IdOf(std::string_view code) {
  if (code == kUnknownName) return ErrorId::kQueryNotFound;
  if (code == kAmbiguousName) return ErrorId::kQueryAmbiguous;
  return IsParseCode(code) ? ErrorId::kQueryParse : ErrorId::kQueryType;
}

Result<CompiledQuery> Compile(const SourceText& source, std::string_view name,
                              const schema::Schema& schema) {
  Compiled compiled = CompileQuery(source, name, schema);
  if (!compiled.query) return CompileError(source, compiled.diagnostics);
  return std::move(*compiled.query);
}

}  // namespace

std::string DiagnosticHeadline(const Diagnostic& diagnostic) {
  switch (IdOf(diagnostic.code)) {
    case ErrorId::kQueryParse: return "parse error: " + diagnostic.message;
    case ErrorId::kQueryType: break;
    default: return diagnostic.message;
  }
  if (diagnostic.code.empty()) return "type error: " + diagnostic.message;
  return fmt::format("type error: {}: {}", diagnostic.code, diagnostic.message);
}

Compiled CompileQuery(const SourceText& source, std::string_view name,
                      const schema::Schema& schema) {
  ParsedFile file = Parse(source.text());
  if (!file.errors.empty()) return {.query = std::nullopt, .diagnostics = std::move(file.errors)};
  if (file.queries.empty()) return FailName(kUnknownName, "query file contains no queries", "");
  if (name.empty()) {
    if (file.queries.size() == 1) return CheckQuery(file.queries.front(), schema);
    return FailName(kAmbiguousName, "query file contains multiple queries; pass --name",
                    "name the one to run: " + Holdings(file.queries));
  }
  const auto found =
      std::find_if(file.queries.begin(), file.queries.end(),
                   [name](const QueryAst& query) { return query.name.text == name; });
  if (found == file.queries.end()) return FailUnknown(name, file.queries);
  return CheckQuery(*found, schema);
}

Status CompileError(const SourceText& source, const std::vector<Diagnostic>& diagnostics) {
  TARN_CHECK(!diagnostics.empty(), "a compilation fails with a diagnostic");
  const Diagnostic& first = diagnostics.front();
  const ErrorId id = IdOf(first.code);
  std::string message = DiagnosticHeadline(first);
  if (id == ErrorId::kQueryParse || id == ErrorId::kQueryType) {
    message += '\n';
    for (const Diagnostic& diagnostic : diagnostics) {
      message += RenderDiagnostic(source, diagnostic);
    }
    message.pop_back();
  }
  Status status(id, std::move(message));
  return first.suggestion.empty() ? std::move(status)
                                  : std::move(status).WithHint(first.suggestion);
}

Result<ir::Query> CompileRead(const SourceText& source, std::string_view name,
                              const schema::Schema& schema) {
  TARN_ASSIGN_OR_RETURN(CompiledQuery compiled, Compile(source, name, schema));
  if (const auto* mutation = std::get_if<ir::Mutation>(&compiled)) {
    return Error(ErrorId::kQueryType,
                 "type error: query '{}' is a mutation and cannot be run as a read", mutation->name)
        .WithHint("run it with `mutate`");
  }
  return std::get<ir::Query>(std::move(compiled));
}

Result<ir::Mutation> CompileMutation(const SourceText& source, std::string_view name,
                                     const schema::Schema& schema) {
  TARN_ASSIGN_OR_RETURN(CompiledQuery compiled, Compile(source, name, schema));
  if (const auto* read = std::get_if<ir::Query>(&compiled)) {
    return Error(ErrorId::kQueryType,
                 "type error: query '{}' is a read and cannot be run as a mutation", read->name)
        .WithHint("run it with `query`");
  }
  return std::get<ir::Mutation>(std::move(compiled));
}

}  // namespace tarn::gq
