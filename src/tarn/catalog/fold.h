#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tarn/catalog/manifest_log.h"
#include "tarn/lance/table.h"

/// Keeps opening and publishing flat as history grows.
///
/// Every kFoldEvery-th version of `__manifest` is a checkpoint: beside its own changes it repeats
/// the whole state, in a file of its own, and rewrites the small files before it as one file. So
///   fold-1  the rows from the newest checkpoint on are the whole state;
///   fold-2  each version adds one file behind that of the checkpoint, so the newest
///           version % kFoldEvery + 1 files hold them, and nothing else has to be read;
///   fold-3  a row is rewritten only together with as many rows before it, so it is rewritten a
///           logarithmic number of times, and the number of files is logarithmic too.
/// Rows are ordered by `seq` wherever they stand, so a reader that finds fold-2 broken reads
/// everything and gets the same answer.

namespace tarn::catalog {

bool IsCheckpoint(uint64_t version);

/// What a checkpoint at `version` appends: `changes` as they are, the rest of the state as `before`
/// has it, and the row that says so.
std::vector<ManifestRow> CheckpointRows(uint64_t version, const ManifestState& before,
                                        std::vector<ManifestRow> changes);

/// The rows to append, and the files before them as one.
Result<lance::RowDelta> FoldDelta(const Request& request, const lance::Table& manifest,
                                  const std::vector<ManifestRow>& appended);

/// The files that hold every row of the versions after `known` (0 = enough for the whole state), by
/// fold-2. Absent = all of them.
Result<std::optional<std::vector<uint64_t>>> FilesSince(const lance::Table& manifest,
                                                        uint64_t known);

}  // namespace tarn::catalog
