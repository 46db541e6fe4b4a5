#include "tarn/catalog/manifest_rows.h"

#include <arrow/record_batch.h>

#include "tarn/catalog/fold.h"
#include "tarn/catalog/limits.h"

namespace tarn::catalog {

Result<std::vector<ManifestRow>> CompleteRows(uint64_t slot, const ManifestState& before,
                                              std::vector<ManifestRow> changes) {
  // The first publish by a newer program is what makes the warehouse unreadable for older ones.
  if (before.format < kFormatVersion) {
    changes.push_back(
        EncodeRow(slot, WarehouseEntry{.id = before.warehouse_id, .format = kFormatVersion}));
  }
  if (IsCheckpoint(slot)) changes = CheckpointRows(slot, before, std::move(changes));
  for (const ManifestRow& row : changes) {
    if (row.body.size() <= kRowBodyBytesMax) continue;
    return Error(ErrorId::kCommitTooLarge,
                 "manifest row '{}' takes {} bytes, at most {} are allowed", row.key,
                 row.body.size(), kRowBodyBytesMax);
  }
  return changes;
}

Result<std::unique_ptr<lance::Staged>> StageManifestRows(const Request& request,
                                                         const Location& location,
                                                         const lance::Table& manifest,
                                                         const std::vector<ManifestRow>& rows,
                                                         const CommitRecord& record) {
  const lance::StageOptions options{
      .properties = {{"tarn:commit", record.id}, {"tarn:actor", record.actor}}};
  std::unique_ptr<lance::Staged> staged;
  if (IsCheckpoint(manifest.version() + 1)) {
    TARN_ASSIGN_OR_RETURN(lance::RowDelta delta, FoldDelta(request, manifest, rows));
    TARN_ASSIGN_OR_RETURN(
        staged, location.tables->StageDelta(request, manifest, std::move(delta), options));
  } else {
    TARN_ASSIGN_OR_RETURN(
        staged,
        location.tables->StageAppend(
            request, manifest, lance::StreamOf(ManifestSchema(), {RowsToBatch(rows)}), options));
  }
  if (location.durable()) TARN_RETURN_IF_ERROR(staged->Sync(request));
  return staged;
}

}  // namespace tarn::catalog
