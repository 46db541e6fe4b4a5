#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "tarn/lance/table.h"
#include "tarn/store/memory_faults.h"

namespace tarn::lance {

/// What in-memory tables hold: versions and staged transactions. It outlives its handles, so that a
/// test can drop a "process" in the middle of a commit and let the next one decode what was staged.
class MemoryTables;
std::shared_ptr<MemoryTables> NewMemoryTables();

/// What a cleanup does: the versions of `uri` below `keep_from` are gone.
void ForgetVersions(MemoryTables& tables, std::string_view uri, uint64_t keep_from);

/// A handle on `tables` whose calls obey `faults` (may be null).
///
/// Stricter than Lance where a caller could otherwise be right by luck: the row addresses of one
/// version mean nothing in the next.
std::unique_ptr<TableStore> OpenMemoryTableStore(
    std::shared_ptr<MemoryTables> tables, std::shared_ptr<store::MemoryFaults> faults = nullptr);

}  // namespace tarn::lance
