#include "tarn/gq/list.h"

#include "tarn/gq/duplicate.h"
#include "tarn/gq/parser.h"
#include "tarn/gq/resolution.h"

namespace tarn::gq {

QueryList ListQueries(const SourceText& source) {
  ParsedFile file = Parse(source.text());
  if (!file.errors.empty()) return {.queries = {}, .diagnostics = std::move(file.errors)};
  const schema::Schema no_schema;
  QueryList list{.queries = {}, .diagnostics = FindDuplicateQueries(file.queries)};
  for (QueryAst& query : file.queries) {
    Resolution state(no_schema);
    ResolveParameters(query, state);
    list.queries.push_back({.name = query.name.text,
                            .is_mutation = query.is_mutation(),
                            .parameters = std::move(state.parameters),
                            .description = std::move(query.description),
                            .instruction = std::move(query.instruction),
                            .span = query.name.span});
    for (Diagnostic& diagnostic : state.diagnostics.Take()) {
      list.diagnostics.push_back(std::move(diagnostic));
    }
  }
  return list;
}

}  // namespace tarn::gq
