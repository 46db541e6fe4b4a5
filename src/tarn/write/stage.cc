#include "tarn/write/stage.h"

namespace tarn::write {
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

Result<uint64_t> BytesOf(const lance::Staged& staged) {
  uint64_t bytes = 0;
  TARN_ASSIGN_OR_RETURN(const auto files, staged.Files());
  for (const auto& [path, size] : files) bytes += size;
  return bytes;
}

Status StageType(catalog::Catalog& catalog, LoadContext& context, TypeRows& type,
                 catalog::CommitPlan& plan) {
  const TypeLayout& layout = type.layout();
  const Request request = context.request.In(Phase::kStage);
  TARN_ASSIGN_OR_RETURN(
      catalog::WritableTable table,
      catalog.OpenForWrite(request, context.snapshot, layout.kind, layout.name()));
  plan.effects.push_back(
      {.before = std::move(table.entry), .forked = table.forked, .base = std::move(table.table)});
  catalog::Effect& effect = plan.effects.back();
  const catalog::TableEntry& entry = effect.before;
  lance::TableStore& tables = context.snapshot.tables();
  const lance::StageOptions options = StageOptionsFor(context.request, plan.operation);
  const bool overwrites = context.options.mode == LoadMode::kOverwrite;
  const uint64_t updated = type.fates().updated.count();
  effect.change = {.table_id = entry.id,
                   .version = entry.version + 1,
                   .inserted = type.live_rows() - updated,
                   .updated = updated,
                   .deleted = overwrites ? entry.rows : 0};
  effect.rows_after = (overwrites ? 0 : entry.rows) + effect.change.inserted;
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
  const Result<uint64_t> bytes = BytesOf(*effect.staged);
  effect.bytes_after = (overwrites ? 0 : entry.bytes) + (bytes.ok() ? *bytes : 0);
  return bytes.status();
}

}  // namespace

lance::StageOptions StageOptionsFor(const Request& request, const std::string& operation) {
  return {.properties = {{"tarn.actor", request.actor}, {"tarn.operation", operation}}};
}

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
