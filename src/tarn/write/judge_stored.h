#pragma once

#include <cstdint>
#include <string>

#include "tarn/write/problems.h"
#include "tarn/write/scratch.h"
#include "tarn/write/table_migration.h"

namespace tarn::write {

/// Where judging may put what does not fit in memory.
struct JudgeMemory {
  ScratchSpace& scratch;
  SpillGroup& group;
  int64_t resolve_bytes_max = 0;
  uint64_t hash_seed = 0;
};

/// Holds the rows of a table to the rules that its migration brings, and adds each offender to
/// `problems`, up to kProblemsMax, in the order in which they are stored. Reads only the columns
/// that the rules are about: once, and once more for a rule over several rows that is broken.
Status JudgeStored(const Request& request, const lance::Table& table,
                   const TableMigration& migration, const JudgeMemory& memory,
                   ProblemList& problems);

}  // namespace tarn::write
