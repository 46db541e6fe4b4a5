#include "tarn/gq/check_query.h"

#include "tarn/gq/resolution.h"

namespace tarn::gq {
namespace {

ir::Query CheckRead(const QueryAst& ast, const ReadAst& read, Resolution& state) {
  ir::Query query;
  query.name = ast.name.text;
  query.match.clauses = ResolveClauses(read.clauses, state);
  ResolveReturn(read, state);
  query.having = ResolveHaving(read, state);
  query.order = ResolveOrder(read, state);
  query.per_group = ResolvePerGroup(read, state);
  if (read.offset) query.offset = ResolveRowCount(*read.offset, "offset", state);
  if (read.limit) query.limit = ResolveRowCount(*read.limit, "limit", state);
  CheckRanking(read, state);
  CheckGrouping(state);
  query.match.bound = state.scope.top().bound;
  query.aggregates = IsAggregateQuery(state);
  for (Resolution::Column& column : state.columns) {
    query.projections.push_back({.expr = std::move(column.expr),
                                 .column = std::move(column.name),
                                 .hidden = column.hidden});
  }
  query.parameters = std::move(state.parameters);
  query.variables = std::move(state.variables);
  return query;
}

}  // namespace

Compiled CheckQuery(const QueryAst& ast, const schema::Schema& schema) {
  Resolution state(schema);
  ResolveParameters(ast, state);
  std::optional<CompiledQuery> query;
  if (const auto* read = std::get_if<ReadAst>(&ast.body)) {
    query = CheckRead(ast, *read, state);
  } else {
    std::vector<ir::Statement> statements =
        ResolveStatements(std::get<MutationAst>(ast.body), state);
    query = ir::Mutation{.name = ast.name.text,
                         .parameters = std::move(state.parameters),
                         .statements = std::move(statements)};
  }
  if (state.diagnostics.has_errors()) query.reset();
  return {.query = std::move(query), .diagnostics = state.diagnostics.Take()};
}

}  // namespace tarn::gq
