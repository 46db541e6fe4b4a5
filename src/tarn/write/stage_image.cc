#include "tarn/write/stage_image.h"

#include <algorithm>

#include <arrow/api.h>

#include "tarn/base/task_group.h"
#include "tarn/columnar/choose_rows.h"
#include "tarn/write/limits.h"
#include "tarn/write/stage.h"

namespace tarn::write {
namespace {

using Origin = PendingTable::Origin;

/// How the rows of one table change in the end.
struct NetChange {
  lance::RowDelta delta;
  catalog::TableChange counts;
};

Result<NetChange> NetChangeOf(const PendingTable& table) {
  NetChange net;
  std::vector<std::shared_ptr<arrow::RecordBatch>> updated, inserted;
  for (const PendingTable::Images& images : table.images()) {
    const arrow::StringArray& ids = IdsOf(*images.rows);
    const auto is_live = [&](int64_t row, Origin origin) {
      return images.live[row] && table.Find(ids.GetView(row))->origin == origin;
    };
    for (int64_t row = 0; row < images.rows->num_rows(); ++row) {
      if (!is_live(row, Origin::kStored)) continue;
      net.delta.updated_row_ids.push_back(table.Find(ids.GetView(row))->row_id);
    }
    for (const auto& [origin, batches] :
         {std::pair(Origin::kStored, &updated), std::pair(Origin::kNew, &inserted)}) {
      TARN_ASSIGN_OR_RETURN(
          std::shared_ptr<arrow::RecordBatch> rows,
          columnar::ChooseRows(images.rows, [&](int64_t row) { return is_live(row, origin); }));
      if (rows->num_rows() == 0) continue;
      if (origin == Origin::kNew) net.counts.inserted += static_cast<uint64_t>(rows->num_rows());
      batches->push_back(std::move(rows));
    }
  }
  for (const auto& [id, row] : table.rows()) {
    if (row.origin != Origin::kStored) continue;
    net.delta.gone.push_back(row.row_addr);
    if (!row.live) ++net.counts.deleted;
  }
  std::ranges::sort(net.delta.gone);
  net.counts.updated = net.delta.updated_row_ids.size();
  const std::shared_ptr<arrow::Schema>& schema = table.layout().table_schema;
  if (!updated.empty()) net.delta.updated = lance::StreamOf(schema, std::move(updated));
  if (!inserted.empty()) net.delta.inserted = lance::StreamOf(schema, std::move(inserted));
  return net;
}

/// Stages what one table's rows become. `effect` goes into the plan whatever happens here.
Status StageTable(catalog::Catalog& catalog, const GraphImage& image, const PendingTable& table,
                  const std::string& operation, NetChange net, catalog::Effect& effect) {
  const Request request = image.request().In(Phase::kStage);
  TARN_ASSIGN_OR_RETURN(
      effect, EffectOn(request, catalog, image.base(), table.layout().kind, table.layout().name()));
  effect.change.inserted = net.counts.inserted;
  effect.change.updated = net.counts.updated;
  effect.change.deleted = net.counts.deleted;
  effect.rows_after += net.counts.inserted;
  effect.rows_after -= net.counts.deleted;
  lance::TableStore& tables = image.base().tables();
  const lance::StageOptions options = StageOptionsFor(request, operation);
  if (net.delta.gone.empty()) {
    TARN_ASSIGN_OR_RETURN(
        effect.staged,
        tables.StageAppend(request, *effect.base, std::move(net.delta.inserted), options));
  } else {
    TARN_ASSIGN_OR_RETURN(effect.staged,
                          tables.StageDelta(request, *effect.base, std::move(net.delta), options));
  }
  TARN_ASSIGN_OR_RETURN(const uint64_t bytes, StagedBytes(*effect.staged));
  effect.bytes_after += bytes;
  return Status::Ok();
}

}  // namespace

Status StageImage(catalog::Catalog& catalog, const GraphImage& image, catalog::CommitPlan& plan) {
  std::vector<std::pair<const PendingTable*, NetChange>> changed;
  for (const auto& [label, table] : image.tables()) {
    TARN_ASSIGN_OR_RETURN(NetChange net, NetChangeOf(*table));
    const bool is_same = net.delta.gone.empty() && net.delta.inserted == nullptr;
    if (!is_same) changed.emplace_back(table.get(), std::move(net));
  }
  if (changed.empty()) return Status::Ok();
  plan.effects.resize(changed.size());
  TaskGroup group(std::min(kStageThreadsMax, changed.size()) - 1);  // this thread works too
  for (size_t i = 0; i < changed.size(); ++i) {
    group.Spawn([&, i] {
      const PendingTable& table = *changed[i].first;
      return StageTable(catalog, image, table, plan.operation, std::move(changed[i].second),
                        plan.effects[i])
          .While(fmt::format("staging {}", table.layout().label()));
    });
  }
  return group.Wait();
}

}  // namespace tarn::write
