#pragma once

#include <memory>

#include "tarn/lance/memory_version.h"

namespace tarn::lance {

/// Reads `rows` to its end and makes them the inserted rows of `transaction`, whose schema they
/// must fit: columns by name in any order, a missing nullable column is null.
/// kStorageSchemaMismatch otherwise.
Status StageInserted(const Request& request, BatchStream& rows, const StageOptions& options,
                     MemoryTransaction& transaction);

/// Fills a delta of `base`. kInvalidArgument when a gone address is not a live row of `base`, a
/// count does not match, or an updated id is not the id of a row that goes.
Status StageChanges(const Request& request, const MemoryVersion& base, RowDelta delta,
                    const StageOptions& options, MemoryTransaction& transaction);

/// Fills a change of columns of `base`. The caller has checked them.
Status StageRewritten(const MemoryVersion& base, const std::vector<TableColumn>& columns,
                      MemoryTransaction& transaction);

}  // namespace tarn::lance
