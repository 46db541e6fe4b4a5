#include "tarn/exec/execute.h"

#include <algorithm>

#include "tarn/exec/pipeline.h"
#include "tarn/exec/project.h"
#include "tarn/exec/query_state.h"

namespace tarn::exec {

Result<ResultSet> Execute(const Request& request, const catalog::Snapshot& snapshot,
                          search::Resident& resident, const plan::Plan& plan,
                          const ir::ParameterValues& parameters, const ExecuteOptions& options) {
  if (parameters.size() != plan.query->parameters.size()) {
    return Error(ErrorId::kInvalidArgument, "query {} declares {} parameters and got {} values",
                 plan.query->name, plan.query->parameters.size(), parameters.size());
  }
  TARN_RETURN_IF_ERROR(request.Check());
  if (plan.query->limit == uint64_t{0}) {
    TARN_ASSIGN_OR_RETURN(ResultSet empty, EmptyResult(*plan.query));
    empty.actuals.resize(plan.node_count);
    return empty;
  }
  ExecuteOptions bounded = options;
  bounded.batch_rows = std::clamp(options.batch_rows, uint32_t{1}, uint32_t{1} << 20);
  QueryState state(request, snapshot, resident, plan, parameters, bounded);
  Project project(state, *plan.root);
  TARN_ASSIGN_OR_RETURN(Pipeline pipeline,
                        Pipeline::Make(state, *plan.root->inputs.front(), project));
  TARN_RETURN_IF_ERROR(pipeline.Run());
  TARN_ASSIGN_OR_RETURN(ResultSet result, project.TakeResult());
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
