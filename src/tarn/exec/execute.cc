#include "tarn/exec/execute.h"

#include <algorithm>

#include "tarn/exec/pipeline.h"
#include "tarn/exec/project.h"
#include "tarn/exec/query_state.h"

namespace tarn::exec {
namespace {

/// A parameter that counts rows is a whole number from 0 on.
Status CheckRowCounts(const ir::Query& query, const ir::ParameterValues& parameters) {
  std::vector<ir::RowCount> counts;
  if (query.limit) counts.push_back(*query.limit);
  if (query.offset) counts.push_back(*query.offset);
  if (query.per_group) counts.push_back(query.per_group->rows);
  for (const ir::RowCount& count : counts) {
    if (!count.parameter) continue;
    const ir::Value& value = parameters[*count.parameter];
    const auto* whole = std::get_if<int64_t>(&value.held);
    if (std::holds_alternative<uint64_t>(value.held) || (whole != nullptr && *whole >= 0)) continue;
    return Error(ErrorId::kParameterInvalid, "param '{}': a number of rows is not below 0",
                 query.parameters[*count.parameter].name);
  }
  return Status::Ok();
}

}  // namespace

Result<ResultSet> Execute(const Request& request, const catalog::Snapshot& snapshot,
                          search::Resident& resident, const plan::Plan& plan,
                          const ir::ParameterValues& parameters, const ExecuteOptions& options) {
  if (parameters.size() != plan.query->parameters.size()) {
    return Error(ErrorId::kInvalidArgument, "query {} declares {} parameters and got {} values",
                 plan.query->name, plan.query->parameters.size(), parameters.size());
  }
  TARN_RETURN_IF_ERROR(request.Check());
  TARN_RETURN_IF_ERROR(CheckRowCounts(*plan.query, parameters));
  ExecuteOptions bounded = options;
  bounded.batch_rows = std::clamp(options.batch_rows, uint32_t{1}, uint32_t{1} << 20);
  QueryState state(request, snapshot, resident, plan, parameters, bounded);
  TARN_RETURN_IF_ERROR(state.FoldConstants());
  if (plan.query->limit && state.RowsOf(*plan.query->limit) == 0) {
    TARN_ASSIGN_OR_RETURN(ResultSet empty, EmptyResult(*plan.query));
    empty.actuals.resize(plan.node_count);
    return empty;
  }
  Project project(state, *plan.root);
  TARN_ASSIGN_OR_RETURN(Pipeline pipeline,
                        Pipeline::Make(state, *plan.root->inputs.front(), project));
  TARN_RETURN_IF_ERROR(pipeline.Run());
  TARN_RETURN_IF_ERROR(state.failure());
  TARN_ASSIGN_OR_RETURN(ResultSet result, project.TakeResult());
  TARN_RETURN_IF_ERROR(state.failure());
  result.actuals = state.TakeActuals();
  result.adjacency = state.AdjacencyNotes();
  return result;
}

std::string ExplainAnalyze(const plan::Plan& plan, const ResultSet& result) {
  std::string text = plan::Explain(plan, [&result](uint32_t node) {
    const OperatorActuals& did = result.actuals[node];
    return fmt::format("  (actual rows {}, bytes {}, store calls {}, {:.3f} ms)", did.rows_out,
                       did.bytes_peak, did.store_calls, static_cast<double>(did.nanos) / 1e6);
  });
  if (result.adjacency.empty()) return text;
  text += "adjacency\n";
  for (const std::string& line : result.adjacency) text += fmt::format("  {}\n", line);
  return text;
}

}  // namespace tarn::exec
