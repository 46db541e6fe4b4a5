#include <chrono>
#include <ostream>

#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/cli/selection.h"
#include "tarn/wire/reports.h"
#include "tarn/wire/result_text.h"

namespace tarn::cli {
namespace {

constexpr int64_t kQueryMemoryDefault = int64_t{1} << 30;

engine::ReadRequest AsRead(const Selection& selection, const engine::ReadTarget& target) {
  return {.source = &selection.source,
          .query_name = selection.name,
          .params_json = selection.params,
          .target = target};
}

}  // namespace

Result<int> RunQuery(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const Selection selection, Select(invocation));
  TARN_ASSIGN_OR_RETURN(const engine::ReadTarget target, TargetOf(invocation));
  wire::Format format = invocation.args.Has("--json") ? wire::Format::kJson : wire::Format::kTable;
  if (const auto word = invocation.args.Get("--format")) {
    const auto named = wire::ParseFormat(*word);
    if (!named)
      return Error(ErrorId::kUsage, "no format '{}'", *word)
          .WithHint("--format table, kv, csv, jsonl or json");
    format = *named;
  }
  TARN_ASSIGN_OR_RETURN(const int64_t memory, MemoryOf(invocation, kQueryMemoryDefault));
  MemoryBudget budget(memory);
  invocation.request.budget = &budget;
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  const std::unique_ptr<Meter> meter = database->MakeMeter();
  invocation.request.meter = meter.get();
  const auto begin = std::chrono::steady_clock::now();
  TARN_ASSIGN_OR_RETURN(engine::ReadAnswer answer,
                        database->Query(invocation.request, AsRead(selection, target)));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  if (!invocation.quiet) {
    for (const Diagnostic& warning : answer.warnings)
      invocation.streams.err << RenderDiagnostic(selection.source, warning);
  }
  const wire::ReadOutput output{.query_name = std::move(answer.query_name),
                                .branch = target.branch,
                                .snapshot = target.as_of,
                                .commit_id = std::move(answer.commit_id),
                                .result = std::move(answer.result)};
  invocation.streams.out << wire::Render(output, format);
  if (invocation.args.Has("--cost")) {
    invocation.streams.err << fmt::format(
        "cost: {}, {} of memory at most, {:.1f} ms\n", wire::CostText(meter->Read()),
        wire::BytesText(static_cast<uint64_t>(budget.bytes_peak())), took.count());
  }
  return 0;
}

Result<int> RunExplain(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const Selection selection, Select(invocation));
  TARN_ASSIGN_OR_RETURN(const engine::ReadTarget target, TargetOf(invocation));
  TARN_ASSIGN_OR_RETURN(const int64_t memory, MemoryOf(invocation, kQueryMemoryDefault));
  MemoryBudget budget(memory);
  invocation.request.budget = &budget;
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  const std::unique_ptr<Meter> meter = database->MakeMeter();
  invocation.request.meter = meter.get();
  TARN_ASSIGN_OR_RETURN(const std::string text,
                        database->Explain(invocation.request, AsRead(selection, target),
                                          invocation.args.Has("--analyze")));
  invocation.streams.out << text;
  if (invocation.args.Has("--analyze"))
    invocation.streams.out << "store: " << wire::CostText(meter->Read()) << "\n";
  return 0;
}

}  // namespace tarn::cli
