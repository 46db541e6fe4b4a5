#include <chrono>
#include <ostream>

#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/wire/cell.h"
#include "tarn/wire/reports.h"
#include "tarn/wire/result_text.h"

namespace tarn::cli {
namespace {

constexpr int64_t kQueryMemoryDefault = int64_t{1} << 30;

/// What `query` and `explain` read from their flags.
struct Selection {
  SourceText source;
  std::string name;
  std::string params;
  engine::ReadTarget target;
};

Result<SourceText> SourceOf(const Invocation& invocation) {
  const auto file = invocation.args.Get("--query");
  const auto text = invocation.args.Get("--expression");
  if (file && text) return Error(ErrorId::kUsage, "--query and -e exclude each other");
  if (text) return SourceText("<expression>", *text);
  if (!file) {
    return Error(ErrorId::kUsage, "no query is given")
        .WithHint("--query FILE, or -e 'query q() { ... }'");
  }
  return ReadInput(invocation, *file);
}

Result<Selection> Select(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(SourceText source, SourceOf(invocation));
  Selection selection{.source = std::move(source)};
  selection.name = invocation.args.Get("NAME").value_or("");
  selection.params = invocation.args.Get("--params").value_or("");
  if (const auto file = invocation.args.Get("--params-file")) {
    if (!selection.params.empty())
      return Error(ErrorId::kUsage, "--params and --params-file exclude each other");
    TARN_ASSIGN_OR_RETURN(const SourceText read, ReadInput(invocation, *file));
    selection.params = read.text();
  }
  TARN_ASSIGN_OR_RETURN(selection.target, TargetOf(invocation));
  if (const auto timeout = invocation.args.Get("--timeout")) {
    TARN_ASSIGN_OR_RETURN(const std::chrono::milliseconds limit, ParseDuration(*timeout));
    invocation.request.deadline = std::chrono::steady_clock::now() + limit;
  }
  return selection;
}

engine::ReadRequest AsRead(const Selection& selection) {
  return {.source = &selection.source,
          .query_name = selection.name,
          .params_json = selection.params,
          .target = selection.target};
}

}  // namespace

Result<int> RunQuery(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const Selection selection, Select(invocation));
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
                        database->Query(invocation.request, AsRead(selection)));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  if (!invocation.quiet) {
    for (const Diagnostic& warning : answer.warnings)
      invocation.streams.err << RenderDiagnostic(selection.source, warning);
    for (const std::string& key : answer.undeclared)
      invocation.streams.err << "warning: param '" << wire::VisibleText(key)
                             << "' is ignored: the query does not declare it\n";
  }
  const wire::ReadOutput output{.query_name = std::move(answer.query_name),
                                .branch = selection.target.branch,
                                .snapshot = selection.target.as_of,
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
  TARN_ASSIGN_OR_RETURN(const int64_t memory, MemoryOf(invocation, kQueryMemoryDefault));
  MemoryBudget budget(memory);
  invocation.request.budget = &budget;
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  const std::unique_ptr<Meter> meter = database->MakeMeter();
  invocation.request.meter = meter.get();
  TARN_ASSIGN_OR_RETURN(
      const std::string text,
      database->Explain(invocation.request, AsRead(selection), invocation.args.Has("--analyze")));
  const bool analyze = invocation.args.Has("--analyze");
  const std::string lines =
      text + (analyze ? "store: " + wire::CostText(meter->Read()) + "\n" : "");
  invocation.streams.out << (invocation.args.Has("--json") ? wire::ExplainJson(lines, analyze)
                                                           : lines);
  return 0;
}

}  // namespace tarn::cli
