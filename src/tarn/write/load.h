#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "tarn/base/clock.h"
#include "tarn/base/request.h"
#include "tarn/catalog/catalog.h"
#include "tarn/write/limits.h"

namespace tarn::write {

enum class LoadMode : uint8_t { kAppend, kMerge, kOverwrite };

struct LoadProgress {
  uint64_t bytes_read = 0;
  uint64_t bytes_total = 0;  ///< 0 = unknown
  uint64_t records = 0;
  std::string step;  ///< "reading", "checking keys", "writing node:Port", "committing"
};

struct LoadOptions {
  LoadMode mode = LoadMode::kAppend;
  std::string branch = "main";
  std::string source_name = "<stdin>";  ///< for messages
  uint64_t bytes_total = 0;
  int64_t memory_bytes_max = int64_t{512} << 20;  ///< beyond it, rows and key checks spill
  /// Absolute; made if it is missing. Its files have no names and vanish with the process. Empty: a
  /// load that would spill fails with kMemoryBudget.
  std::string spill_folder;
  uint32_t conflict_retries_max =
      kConflictRetriesMax;  ///< append and merge replan; overwrite never does
  std::function<void(const LoadProgress&)>
      progress;  ///< at each step, and every kProgressEveryRecords records
};

struct LoadedType {
  std::string name;
  uint64_t entities_loaded = 0;
};

struct LoadResult {
  catalog::CommitRecord commit;   ///< id is empty when the input had no records: no commit was made
  std::vector<LoadedType> nodes;  ///< types of the input, sorted by name
  std::vector<LoadedType> edges;
  uint64_t total_entities = 0;
};

/// Opens the input from its start; called again when a conflict makes the load plan anew.
using OpenInput = std::function<Result<std::unique_ptr<std::istream>>()>;

/// Loads graph JSONL into the warehouse as one commit, whatever its size, or not at all. A request
/// id that a commit carries already is answered with that commit, before any rule is judged.
///
/// Errors  kDataInvalid, kUnknownRecordType and kConstraintViolation with file, line, field and
/// reason, all offenders up
///         to kProblemsMax; kKeyConflict for an existing id in append mode; kInputTooLarge for a
///         record beyond a limit; kCommitConflict when others kept winning. Nothing is written and
///         no version moves.
/// Memory  about memory_bytes_max, plus what the storage needs to write one table, plus 16 bytes a
/// row that merge
///         replaces. Where the request's budget has less left, the load makes do with that.
Result<LoadResult> Load(const Request& request, catalog::Catalog& catalog, Clock& clock,
                        const OpenInput& input, const LoadOptions& options);

}  // namespace tarn::write
