#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tarn/catalog/location.h"
#include "tarn/catalog/manifest_log.h"

/// The last of a publish before it is staged, the same for a writer and for who undoes one.

namespace tarn::catalog {

/// The rows of version `slot` of a manifest that stood at `before`: `changes`, with what the format
/// and a checkpoint need beside them. kCommitTooLarge for a row above its limit.
Result<std::vector<ManifestRow>> CompleteRows(uint64_t slot, const ManifestState& before,
                                              std::vector<ManifestRow> changes);

/// Stages those rows on `manifest`, pinned at the version before; durable when the location is.
Result<std::unique_ptr<lance::Staged>> StageManifestRows(const Request& request,
                                                         const Location& location,
                                                         const lance::Table& manifest,
                                                         const std::vector<ManifestRow>& rows,
                                                         const CommitRecord& record);

}  // namespace tarn::catalog
