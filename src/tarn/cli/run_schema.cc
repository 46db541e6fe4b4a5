// schema plan and schema apply.
#include <filesystem>
#include <ostream>

#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/wire/reports.h"
#include "tarn/wire/schema_reports.h"

namespace tarn::cli {
namespace {

Result<SourceText> WantedSchema(const Invocation& invocation) {
  return ReadInput(invocation, *invocation.args.Get("--schema"));
}

/// Hints that say nothing any more, one a line.
void PrintNotes(const Invocation& invocation, const SourceText& wanted,
                const schema::Migration& migration) {
  if (invocation.quiet) return;
  for (const Diagnostic& diagnostic : migration.diagnostics) {
    invocation.streams.err << RenderDiagnostic(wanted, diagnostic);
  }
}

}  // namespace

Result<int> RunSchemaPlan(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const std::string uri, StoreUri(invocation));
  TARN_ASSIGN_OR_RETURN(const engine::ReadTarget target, TargetOf(invocation));
  TARN_ASSIGN_OR_RETURN(const SourceText wanted, WantedSchema(invocation));
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  TARN_ASSIGN_OR_RETURN(const schema::Migration migration,
                        database->PlanSchema(invocation.request, target, wanted));
  PrintNotes(invocation, wanted, migration);
  invocation.streams.out << (invocation.args.Has("--json") ? wire::SchemaPlanJson(uri, migration)
                                                           : wire::SchemaPlanText(migration));
  return migration.is_supported() ? 0 : 1;
}

Result<int> RunSchemaApply(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const std::string uri, StoreUri(invocation));
  TARN_ASSIGN_OR_RETURN(const SourceText wanted, WantedSchema(invocation));
  invocation.request.request_id = invocation.args.Get("--request-id").value_or("");
  write::ApplyOptions options{.branch = invocation.args.Get("--branch").value_or("main"),
                              .spill_folder = std::filesystem::temp_directory_path().string()};
  TARN_ASSIGN_OR_RETURN(options.memory_bytes_max, MemoryOf(invocation, options.memory_bytes_max));
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadWrite));
  if (!invocation.quiet) {
    invocation.streams.err << "tarn schema apply → " << uri << " (direct, local)\n";
  }
  const std::unique_ptr<Meter> meter = database->MakeMeter();
  invocation.request.meter = meter.get();
  TARN_ASSIGN_OR_RETURN(const write::ApplyResult result,
                        database->ApplySchema(invocation.request, wanted, options));
  PrintNotes(invocation, wanted, result.migration);
  invocation.streams.out << (invocation.args.Has("--json") ? wire::SchemaApplyJson(uri, result)
                                                           : wire::SchemaApplyText(result));
  if (invocation.args.Has("--cost")) {
    invocation.streams.err << "cost: " << wire::CostText(meter->Read()) << "\n";
  }
  return 0;
}

}  // namespace tarn::cli
