#include "tarn/catalog/fold.h"

#include <set>
#include <string_view>
#include <utility>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "tarn/base/check.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/columnar/arrow_status.h"

namespace tarn::catalog {
namespace {

/// How many of the newest files hold the newest checkpoint and everything after it.
uint64_t FilesSinceCheckpoint(uint64_t version) { return version % kFoldEvery + 1; }

/// fold-3: the files since the last checkpoint, and of those before it each that is no larger than
/// all behind it.
std::vector<uint64_t> FilesToFold(const std::vector<lance::Fragment>& files, uint64_t version) {
  std::vector<uint64_t> chosen;
  uint64_t rows = 0;
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    const bool is_recent = chosen.size() < FilesSinceCheckpoint(version);
    if ((!is_recent && file->rows > rows) || rows + file->rows > kFoldRowsMax) break;
    rows += file->rows;
    chosen.push_back(file->id);
  }
  return chosen;
}

Status AppendNumbers(const arrow::RecordBatch& batch, std::string_view name,
                     std::vector<uint64_t>& out) {
  const auto column =
      std::dynamic_pointer_cast<arrow::UInt64Array>(batch.GetColumnByName(std::string(name)));
  if (column == nullptr || column->null_count() > 0) {
    return Error(ErrorId::kInternal, "a scan of {} has no {}", kManifestFolder, name);
  }
  out.insert(out.end(), column->raw_values(), column->raw_values() + column->length());
  return Status::Ok();
}

}  // namespace

bool IsCheckpoint(uint64_t version) { return version % kFoldEvery == 0; }

std::vector<ManifestRow> CheckpointRows(uint64_t version, const ManifestState& before,
                                        std::vector<ManifestRow> changes) {
  std::set<std::string, std::less<>> changed;
  for (const ManifestRow& row : changes) changed.insert(row.key);
  const std::string commit = EncodeRow(version, CommitRecord()).key;  // how their keys begin
  const auto first = changed.lower_bound(commit);
  if (first == changed.end() || !first->starts_with(commit))
    changes.push_back(EncodeRow(version, HeadEntry{.commit = before.head}));
  for (const RowContent& content : StateRows(before)) {
    ManifestRow row = EncodeRow(version, content);
    if (!changed.contains(row.key)) changes.push_back(std::move(row));
  }
  changes.push_back(EncodeRow(version, Checkpoint{.rows = changes.size() + 1}));
  return changes;
}

Result<lance::RowDelta> FoldDelta(const Request& request, const lance::Table& manifest,
                                  const std::vector<ManifestRow>& appended) {
  TARN_ASSIGN_OR_RETURN(const std::vector<lance::Fragment> files, manifest.Fragments());
  lance::ScanSpec spec;
  spec.columns = {"key", "seq", "body"};
  spec.fragments = FilesToFold(files, manifest.version());
  spec.row_id = true;
  spec.row_addr = true;
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::BatchStream> stream,
                        manifest.Scan(request, spec));
  lance::RowDelta delta;
  std::vector<std::shared_ptr<arrow::RecordBatch>> images;
  while (true) {
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, stream->Next());
    if (batch == nullptr) break;
    TARN_RETURN_IF_ERROR(AppendNumbers(*batch, lance::kRowIdColumn, delta.updated_row_ids));
    TARN_RETURN_IF_ERROR(AppendNumbers(*batch, lance::kRowAddrColumn, delta.gone));
    std::vector<ManifestRow> rows;
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> data,
                          columnar::FromArrow(batch->SelectColumns({0, 1, 2})));
    TARN_RETURN_IF_ERROR(AppendRows(*data, rows));
    images.push_back(RowsToBatch(rows));
  }
  if (!images.empty()) delta.updated = lance::StreamOf(ManifestSchema(), std::move(images));
  delta.inserted = lance::StreamOf(ManifestSchema(), {RowsToBatch(appended)});
  return delta;
}

Result<std::optional<std::vector<uint64_t>>> FilesSince(const lance::Table& manifest,
                                                        uint64_t known) {
  const uint64_t version = manifest.version();
  const uint64_t checkpoint = version - version % kFoldEvery;
  uint64_t count = FilesSinceCheckpoint(version);
  if (known >= checkpoint) {
    count = version - known;
  } else if (known + kFoldEvery >= checkpoint && known > 0) {
    count += 1;  // what was appended before the checkpoint is in the file that it rewrote
  } else if (known > 0) {
    return std::optional<std::vector<uint64_t>>();
  }
  TARN_ASSIGN_OR_RETURN(const std::vector<lance::Fragment> files, manifest.Fragments());
  if (count >= files.size()) return std::optional<std::vector<uint64_t>>();
  std::vector<uint64_t> newest;
  for (size_t i = files.size() - count; i < files.size(); ++i) newest.push_back(files[i].id);
  return std::optional(std::move(newest));
}

}  // namespace tarn::catalog
