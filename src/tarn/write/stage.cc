#include "tarn/write/stage.h"

namespace tarn::write {

Result<catalog::Effect> EffectOn(const Request& request, catalog::Catalog& catalog,
                                 const catalog::Snapshot& snapshot, catalog::TableKind kind,
                                 const std::string& type_name) {
  TARN_ASSIGN_OR_RETURN(catalog::WritableTable table,
                        catalog.OpenForWrite(request, snapshot, kind, type_name));
  catalog::Effect effect;
  effect.before = std::move(table.entry);
  effect.forked = table.forked;
  effect.base = std::move(table.table);
  effect.change = {.table_id = effect.before.id, .version = effect.before.version + 1};
  effect.rows_after = effect.before.rows;
  effect.bytes_after = effect.before.bytes;
  return effect;
}

lance::StageOptions StageOptionsFor(const Request& request, const std::string& operation) {
  return {.properties = {{"tarn.actor", request.actor}, {"tarn.operation", operation}}};
}

Result<uint64_t> StagedBytes(const lance::Staged& staged) {
  uint64_t bytes = 0;
  TARN_ASSIGN_OR_RETURN(const auto files, staged.Files());
  for (const auto& [path, size] : files) bytes += size;
  return bytes;
}

namespace {

/// The rows of a type that change, as one version of its table.
lance::RowDelta DeltaOf(const Request& request, TypeRows& type) {
  RowFates& fates = type.fates();
  lance::RowDelta delta;
  const uint64_t updated = fates.updated.count();
  delta.updated = StreamRows(request, type.spool(),
                             [&fates](uint64_t ordinal) { return fates.updated.Test(ordinal); });
  if (type.live_rows() > updated) {
    delta.inserted = StreamRows(request, type.spool(), [&fates](uint64_t ordinal) {
      return !fates.updated.Test(ordinal) && !fates.superseded.Test(ordinal);
    });
  }
  delta.gone = std::move(fates.gone);
  delta.updated_row_ids = std::move(fates.updated_row_ids);
  return delta;
}

std::unique_ptr<lance::BatchStream> LiveRows(const Request& request, TypeRows& type) {
  const RowBits& superseded = type.fates().superseded;
  if (superseded.count() == 0) return StreamRows(request, type.spool(), nullptr);
  return StreamRows(request, type.spool(),
                    [&superseded](uint64_t ordinal) { return !superseded.Test(ordinal); });
}

Status StageType(catalog::Catalog& catalog, LoadContext& context, TypeRows& type,
                 catalog::CommitPlan& plan) {
  const TypeLayout& layout = type.layout();
  const Request request = context.request.In(Phase::kStage);
  catalog::Effect& effect = plan.effects.emplace_back();
  TARN_ASSIGN_OR_RETURN(effect,
                        EffectOn(request, catalog, context.snapshot, layout.kind, layout.name()));
  lance::TableStore& tables = context.snapshot.tables();
  const lance::StageOptions options = StageOptionsFor(request, plan.operation);
  const bool overwrites = context.options.mode == LoadMode::kOverwrite;
  const uint64_t updated = type.fates().updated.count();
  effect.change.inserted = type.live_rows() - updated;
  effect.change.updated = updated;
  effect.change.deleted = overwrites ? effect.before.rows : 0;
  effect.rows_after -= effect.change.deleted;
  effect.rows_after += effect.change.inserted;
  if (overwrites) {
    TARN_ASSIGN_OR_RETURN(effect.staged, tables.StageOverwrite(request, *effect.base,
                                                               LiveRows(request, type), options));
  } else if (updated == 0) {
    TARN_ASSIGN_OR_RETURN(
        effect.staged, tables.StageAppend(request, *effect.base, LiveRows(request, type), options));
  } else {
    TARN_ASSIGN_OR_RETURN(
        effect.staged, tables.StageDelta(request, *effect.base, DeltaOf(request, type), options));
  }
  const Result<uint64_t> bytes = StagedBytes(*effect.staged);
  if (overwrites) effect.bytes_after = 0;
  effect.bytes_after += bytes.ok() ? *bytes : 0;
  return bytes.status();
}

}  // namespace

Status StageRows(catalog::Catalog& catalog, GraphRows& rows, catalog::CommitPlan& plan,
                 const std::function<void(const std::string& label)>& begin_type) {
  LoadContext& context = rows.context();
  for (const auto* types : {&rows.nodes(), &rows.edges()}) {
    for (const auto& [name, type] : *types) {
      begin_type(type->layout().label());
      Status staged = StageType(catalog, context, *type, plan);
      if (!staged.ok())
        return std::move(staged).While(fmt::format("staging {}", type->layout().label()));
      type->Free();
    }
  }
  return Status::Ok();
}

}  // namespace tarn::write
