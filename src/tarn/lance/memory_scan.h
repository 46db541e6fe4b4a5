#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tarn/lance/memory_version.h"

namespace tarn::lance {

/// Reads of one in-memory version. Both answer what CheckScan refuses with its error.
Result<std::unique_ptr<BatchStream>> ScanVersion(const Request& request,
                                                 std::shared_ptr<const MemoryVersion> version,
                                                 const ScanSpec& spec);
Result<std::shared_ptr<arrow::RecordBatch>> TakeFromVersion(
    const MemoryVersion& version, std::span<const uint64_t> row_ids,
    const std::vector<std::string>& columns);

}  // namespace tarn::lance
