#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/lance/memory_version.h"
#include "tarn/lance/table.h"

/// What a listing of the storage would show of in-memory tables. Each takes the lock.

namespace tarn::lance {

/// TableStore::Folders, RemoveFolder, Strays and RemoveStrays.
std::vector<std::string> MemoryFolders(MemoryTables& tables, std::string_view folder);
Removal RemoveMemoryFolder(MemoryTables& tables, std::string_view folder, bool dry_run);
std::vector<StrayFile> MemoryStrays(MemoryTables& tables, std::string_view uri);
void RemoveMemoryStrays(MemoryTables& tables, std::string_view uri,
                        std::span<const StrayFile> files);

}  // namespace tarn::lance
