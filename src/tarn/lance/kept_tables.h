#pragma once

#include <cstddef>
#include <memory>

#include "tarn/lance/table.h"

namespace tarn::lance {

/// `store`, with the tables that were last opened or committed kept open, at most `tables_max`.
///
///  1. A version never changes, so one that was seen is handed out again without asking the
///  storage;
///     which version is the newest is always asked.
std::unique_ptr<TableStore> KeepTables(std::unique_ptr<TableStore> store, size_t tables_max);

}  // namespace tarn::lance
