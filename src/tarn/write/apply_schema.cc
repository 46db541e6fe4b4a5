#include "tarn/write/apply_schema.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <arrow/type.h>

#include "tarn/base/json_writer.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/while_others_win.h"
#include "tarn/schema/compile.h"
#include "tarn/write/judge_stored.h"
#include "tarn/write/limits.h"
#include "tarn/write/plan_guard.h"
#include "tarn/write/stage.h"
#include "tarn/write/table_migration.h"

namespace tarn::write {
namespace {

constexpr const char* kOperation = "schema:apply";

Status HintError(const SourceText& wanted, const schema::Migration& migration) {
  std::string text;
  std::string first;
  for (const Diagnostic& diagnostic : migration.diagnostics) {
    if (diagnostic.severity != Severity::kError) continue;
    if (first.empty()) first = diagnostic.message;
    text += "\n" + RenderDiagnostic(wanted, diagnostic);
  }
  return Error(ErrorId::kRenameHint, "{}{}", first, text)
      .WithHint("Correct the hint, or remove it to drop the old and add the new.");
}

Status UnsupportedError(const SourceText& wanted, const schema::Migration& migration) {
  std::string text;
  JsonWriter detail;
  detail.BeginObject().Key("changes").BeginArray();
  for (const schema::MigrationStep& step : migration.steps) {
    if (step.kind != schema::StepKind::kUnsupported) continue;
    const size_t line = wanted.PlaceOf(step.span.begin).line;
    text += fmt::format("\n  {}:{}: {}", wanted.name(), line, schema::StepText(step));
    detail.BeginObject().Key("entity").String(schema::StepEntity(step));
    if (!step.code.empty()) detail.Key("code").String(step.code);
    detail.Key("reason").String(step.reason).EndObject();
  }
  detail.EndArray().EndObject();
  return Error(ErrorId::kMigrationUnsupported,
               "the schema cannot become this one by migration; nothing was changed{}", text)
      .WithDetail("migration_unsupported", detail.Take());
}

/// One try on one head.
class Attempt {
 public:
  Attempt(const Request& request, catalog::Catalog& catalog, Clock& clock, const SourceText& wanted,
          const ApplyOptions& options, catalog::Snapshot head)
      : request_(request),
        catalog_(catalog),
        clock_(clock),
        wanted_(wanted),
        options_(options),
        head_(std::move(head)),
        ulids_(clock) {}

  Result<ApplyResult> Run() {
    ApplyResult result;
    TARN_ASSIGN_OR_RETURN(result.migration, PlanSchema(head_, wanted_));
    if (!result.migration.is_supported()) return UnsupportedError(wanted_, result.migration);
    if (result.migration.steps.empty()) return result;
    TARN_ASSIGN_OR_RETURN(const std::vector<TableMigration> tables,
                          PlanTables(request_, head_, result.migration));
    TARN_RETURN_IF_ERROR(JudgeRows(tables));
    PlanGuard guard(request_, catalog_,
                    catalog::CommitPlan{.base = head_, .operation = kOperation});
    for (const TableMigration& table : tables) {
      TARN_RETURN_IF_ERROR(Stage(table, guard.plan()).While("staging " + table.layout.label()));
    }
    TARN_RETURN_IF_ERROR(StageSchema(tables, result.migration, guard.plan()));
    TARN_ASSIGN_OR_RETURN(result.commit, catalog_.Commit(request_, guard.Take()));
    return result;
  }

 private:
  static bool NeedsJudging(const TableMigration& table) {
    return !table.rules.empty() && table.entry != nullptr && table.entry->rows > 0;
  }

  Status JudgeRows(const std::vector<TableMigration>& tables) {
    if (std::ranges::none_of(tables, NeedsJudging)) return Status::Ok();
    const int64_t bytes_max = AffordableBytes(request_, options_.memory_bytes_max);
    BudgetHold hold = request_.Hold("holding rows to new rules");
    TARN_RETURN_IF_ERROR(hold.Resize(bytes_max));
    ScratchSpace scratch(options_.spill_folder);
    SpillGroup group(bytes_max / kSpillableShare);
    const JudgeMemory memory{.scratch = scratch,
                             .group = group,
                             .resolve_bytes_max = std::max<int64_t>(1, bytes_max / kResolveShare),
                             .hash_seed = clock_.RandomBits()};
    ProblemList problems(wanted_.name());
    for (const TableMigration& table : tables) {
      if (!NeedsJudging(table)) continue;
      TARN_ASSIGN_OR_RETURN(
          const std::unique_ptr<lance::Table> stored,
          head_.OpenTable(request_.In(Phase::kRead), table.entry->kind, table.entry->type_name));
      TARN_RETURN_IF_ERROR(
          JudgeStored(request_.In(Phase::kRead), *stored, table, memory, problems));
      if (problems.full()) break;
    }
    return problems.ToStatus();
  }

  Status Stage(const TableMigration& table, catalog::CommitPlan& plan) {
    if (table.entry != nullptr && !table.moves) return Status::Ok();
    const Request request = request_.In(Phase::kStage);
    const lance::StageOptions options = StageOptionsFor(request_, kOperation);
    lance::TableStore& tables = head_.tables();
    catalog::Effect& effect = plan.effects.emplace_back();
    if (table.entry == nullptr) {
      effect.before = NewEntry(table.layout);
      TARN_ASSIGN_OR_RETURN(
          effect.staged,
          tables.StageCreate(request, head_.UriOf(effect.before),
                             lance::StreamOf(table.layout.table_schema, {}), options));
    } else {
      TARN_ASSIGN_OR_RETURN(
          effect, EffectOn(request, catalog_, head_, table.entry->kind, table.entry->type_name));
      TARN_ASSIGN_OR_RETURN(effect.staged,
                            tables.StageColumns(request, *effect.base, table.columns, options));
    }
    TARN_ASSIGN_OR_RETURN(const uint64_t bytes, StagedBytes(*effect.staged));
    effect.bytes_after += bytes;
    return Status::Ok();
  }

  catalog::TableEntry NewEntry(const TypeLayout& layout) {
    catalog::TableEntry entry;
    entry.id = ulids_.Next();
    entry.kind = layout.kind;
    entry.type_id = layout.is_edge() ? layout.edge->id : layout.node->id;
    entry.type_name = layout.name();
    entry.location = catalog::TableLocation(entry.id);
    entry.owner = head_.manifest().line.id;
    return entry;
  }

  Status StageSchema(const std::vector<TableMigration>& tables, const schema::Migration& migration,
                     catalog::CommitPlan& plan) {
    catalog::SchemaChange change;
    for (const TableMigration& table : tables) {
      if (table.is_renamed) change.renamed.emplace(table.entry->id, table.layout.name());
    }
    change.dropped = DroppedTables(head_, migration);
    TARN_ASSIGN_OR_RETURN(
        change.entry, catalog_.StageSchema(request_, std::string(wanted_.text()), migration.next));
    plan.schema = std::move(change);
    return Status::Ok();
  }

  const Request& request_;
  catalog::Catalog& catalog_;
  Clock& clock_;
  const SourceText& wanted_;
  const ApplyOptions& options_;
  const catalog::Snapshot head_;
  UlidFactory ulids_;
};

/// The commit that a request of this id made before.
Result<std::optional<catalog::CommitRecord>> FindReplay(const Request& request,
                                                        catalog::Catalog& catalog,
                                                        const std::string& branch) {
  if (request.request_id.empty()) return std::optional<catalog::CommitRecord>();
  TARN_ASSIGN_OR_RETURN(const catalog::Snapshot head,
                        catalog.Head(request.In(Phase::kRead), branch));
  TARN_ASSIGN_OR_RETURN(std::optional<catalog::RequestAnswer> answer,
                        catalog.FindRequest(request, head, request.request_id));
  return answer ? std::optional(std::move(answer->commit)) : std::nullopt;
}

}  // namespace

Result<schema::Migration> PlanSchema(const catalog::Snapshot& head, const SourceText& wanted) {
  const schema::Compiled compiled = schema::CompileSchema(wanted);
  if (!compiled.schema) return schema::FirstError(wanted, compiled.diagnostics);
  schema::Migration migration = schema::PlanMigration(head.schema(), *compiled.schema);
  if (!migration.is_valid()) return HintError(wanted, migration);
  return migration;
}

Result<ApplyResult> ApplySchema(const Request& request, catalog::Catalog& catalog, Clock& clock,
                                const SourceText& wanted, const ApplyOptions& options) {
  TARN_ASSIGN_OR_RETURN(std::optional<catalog::CommitRecord> done,
                        FindReplay(request, catalog, options.branch));
  if (done) return ApplyResult{.migration = {}, .commit = std::move(*done)};
  return catalog::WhileOthersWin(options.conflict_retries_max, [&]() -> Result<ApplyResult> {
    TARN_ASSIGN_OR_RETURN(catalog::Snapshot head,
                          catalog.Head(request.In(Phase::kPlan), options.branch));
    return Attempt(request, catalog, clock, wanted, options, std::move(head)).Run();
  });
}

}  // namespace tarn::write
