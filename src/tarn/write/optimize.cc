#include "tarn/write/optimize.h"

#include <utility>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "tarn/catalog/while_others_win.h"
#include "tarn/lance/stored_form.h"
#include "tarn/write/limits.h"
#include "tarn/write/plan_guard.h"
#include "tarn/write/stage.h"
#include "tarn/write/stored_rows.h"

namespace tarn::write {
namespace {

struct Rewrite {
  std::vector<uint64_t> fragments;
  uint64_t rows = 0;
};

/// Which files are worth writing anew. A single small file without gaps is as good as it gets.
Rewrite ChooseFragments(const std::vector<lance::Fragment>& fragments, uint64_t target) {
  Rewrite rewrite;
  size_t small = 0;
  bool has_gaps = false;
  for (const lance::Fragment& fragment : fragments) {
    const bool is_small = fragment.rows < target / 2;
    const bool is_gappy = fragment.gone * kGoneShareMax > fragment.rows + fragment.gone;
    if ((!is_small && !is_gappy) || rewrite.rows + fragment.rows > kOptimizeRowsMax) continue;
    rewrite.fragments.push_back(fragment.id);
    rewrite.rows += fragment.rows;
    small += is_small ? 1 : 0;
    has_gaps = has_gaps || is_gappy;
  }
  return small > 1 || has_gaps ? rewrite : Rewrite();
}

/// Every row of these files replaced by itself, in the same order.
Result<lance::RowDelta> DeltaOf(const Request& request, const lance::Table& table,
                                const Rewrite& rewrite) {
  lance::RowDelta delta;
  delta.gone.reserve(rewrite.rows);
  delta.updated_row_ids.reserve(rewrite.rows);
  lance::ScanSpec spec;
  spec.fragments = rewrite.fragments;
  spec.row_id = true;
  spec.row_addr = true;
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::BatchStream> rows, table.Scan(request, spec));
  while (true) {
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, rows->Next());
    if (batch == nullptr) break;
    TARN_RETURN_IF_ERROR(VisitScanned(*batch, [&delta](const StoredBatch& stored) {
      const int64_t rows = stored.rows.num_rows();
      delta.updated_row_ids.insert(delta.updated_row_ids.end(), stored.row_ids,
                                   stored.row_ids + rows);
      delta.gone.insert(delta.gone.end(), stored.row_addrs, stored.row_addrs + rows);
      return Status::Ok();
    }));
  }
  spec.row_id = spec.row_addr = false;
  for (const auto& field : table.schema()->fields()) spec.columns.push_back(field->name());
  TARN_ASSIGN_OR_RETURN(std::unique_ptr<lance::BatchStream> images, table.Scan(request, spec));
  delta.updated = lance::InStoredForm(*table.schema(), std::move(images));
  return delta;
}

class Optimizer {
 public:
  Optimizer(const Request& request, catalog::Catalog& catalog, const OptimizeOptions& options)
      : request_(request), catalog_(catalog), options_(options) {}

  Result<OptimizeResult> Attempt() {
    TARN_ASSIGN_OR_RETURN(catalog::Snapshot base, catalog_.Head(request_));
    const std::vector<catalog::TableEntry> entries = base.manifest().tables;
    PlanGuard guard(request_, catalog_,
                    {.base = std::move(base),
                     .operation = "optimize",
                     .effects = {},
                     .if_commit = "",
                     .keeps_content = true});
    OptimizeResult result;
    for (const catalog::TableEntry& entry : entries) {
      Result<OptimizedTable> table = StageTable(entry, guard.plan());
      if (!table.ok()) return std::move(table).status().While("optimizing " + entry.Key());
      result.tables.push_back(std::move(table).value());
    }
    if (guard.plan().effects.empty()) return result;
    TARN_ASSIGN_OR_RETURN(result.commit, catalog_.Commit(request_, guard.Take()));
    for (OptimizedTable& table : result.tables) {
      table.committed = table.fragments_removed > 0;
      if (table.committed) table.newest_version = ++table.published_version;
    }
    return result;
  }

 private:
  Result<OptimizedTable> StageTable(const catalog::TableEntry& entry, catalog::CommitPlan& plan) {
    OptimizedTable table{.key = entry.Key(), .published_version = entry.version};
    const Request read = request_.In(Phase::kRead);
    TARN_ASSIGN_OR_RETURN(std::unique_ptr<lance::Table> base,
                          plan.base.OpenTable(read, entry.kind, entry.type_name));
    lance::TableStore& tables = plan.base.tables();
    TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::Table> newest,
                          tables.Open(read, base->uri(), std::nullopt));
    table.newest_version = newest->version();
    TARN_ASSIGN_OR_RETURN(const std::vector<lance::Fragment> fragments, base->Fragments());
    const Rewrite rewrite = ChooseFragments(fragments, options_.file_rows_target);
    if (rewrite.fragments.empty()) return table;
    if (table.newest_version != entry.version) {
      table.skipped = "DriftNeedsRepair";
      return table;
    }
    BudgetHold hold = request_.Hold("optimizing");
    TARN_RETURN_IF_ERROR(hold.Resize(static_cast<int64_t>(rewrite.rows * 2 * sizeof(uint64_t))));
    TARN_ASSIGN_OR_RETURN(lance::RowDelta delta, DeltaOf(read, *base, rewrite));
    catalog::Effect effect;
    effect.before = entry;
    effect.change = {.table_id = entry.id, .version = entry.version + 1};
    effect.rows_after = entry.rows;
    effect.bytes_after = entry.bytes;
    lance::StageOptions stage = StageOptionsFor(request_, plan.operation);
    stage.rows_per_file_max = options_.file_rows_target;
    TARN_ASSIGN_OR_RETURN(effect.staged, tables.StageDelta(request_.In(Phase::kStage), *base,
                                                           std::move(delta), stage));
    effect.base = std::move(base);
    plan.effects.push_back(std::move(effect));
    table.fragments_removed = rewrite.fragments.size();
    table.fragments_added =
        (rewrite.rows + options_.file_rows_target - 1) / options_.file_rows_target;
    return table;
  }

  const Request& request_;
  catalog::Catalog& catalog_;
  const OptimizeOptions& options_;
};

}  // namespace

Result<OptimizeResult> Optimize(const Request& request, catalog::Catalog& catalog,
                                const OptimizeOptions& options) {
  return catalog::WhileOthersWin(options.conflict_retries_max,
                                 [&] { return Optimizer(request, catalog, options).Attempt(); });
}

}  // namespace tarn::write
