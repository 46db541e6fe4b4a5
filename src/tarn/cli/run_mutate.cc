#include <ostream>

#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/cli/selection.h"
#include "tarn/wire/reports.h"

namespace tarn::cli {
namespace {

constexpr int64_t kMutateMemoryDefault = int64_t{1} << 30;

}  // namespace

Result<int> RunMutate(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const Selection selection, Select(invocation));
  engine::MutateRequest mutation{
      .source = &selection.source, .query_name = selection.name, .params_json = selection.params};
  mutation.options.branch = invocation.args.Get("--branch").value_or("main");
  mutation.options.if_commit = invocation.args.Get("--if-commit").value_or("");
  mutation.options.reject_mixed = invocation.args.Has("--reject-mixed");
  invocation.request.request_id = invocation.args.Get("--request-id").value_or("");
  TARN_ASSIGN_OR_RETURN(const int64_t memory, MemoryOf(invocation, kMutateMemoryDefault));
  MemoryBudget budget(memory);
  invocation.request.budget = &budget;
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadWrite));
  const std::unique_ptr<Meter> meter = database->MakeMeter();
  invocation.request.meter = meter.get();
  TARN_ASSIGN_OR_RETURN(engine::MutateAnswer answer,
                        database->Mutate(invocation.request, mutation));
  if (!invocation.quiet) {
    for (const Diagnostic& warning : answer.warnings)
      invocation.streams.err << RenderDiagnostic(selection.source, warning);
  }
  const wire::MutateReport report{.branch = mutation.options.branch,
                                  .query_name = std::move(answer.query_name),
                                  .actor = std::move(answer.actor),
                                  .result = std::move(answer.result)};
  invocation.streams.out << (invocation.args.Has("--json") ? wire::MutateJson(report)
                                                           : wire::MutateText(report));
  if (invocation.args.Has("--cost"))
    invocation.streams.err << "cost: " << wire::CostText(meter->Read()) << "\n";
  return 0;
}

}  // namespace tarn::cli
