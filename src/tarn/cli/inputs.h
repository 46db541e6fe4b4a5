#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "tarn/base/source.h"
#include "tarn/cli/command.h"
#include "tarn/engine/database.h"

namespace tarn::cli {

/// A whole file as text, or all of standard input for the path "-". kFileUnreadable names the path
/// and the system's reason.
Result<SourceText> ReadInput(const Invocation& invocation, const std::string& path);
/// "500ms", "30s", "90m", "24h", "7d", "2w".
Result<std::chrono::milliseconds> ParseDuration(const std::string& text);
/// A whole non-negative number for `flag`.
Result<uint64_t> ParseCount(const std::string& flag, const std::string& text);

/// The warehouse the command addresses, open.
Result<std::unique_ptr<engine::Database>> OpenDatabase(const Invocation& invocation,
                                                       catalog::Access access);
/// --branch and --snapshot of the command. kUsage when both are given.
Result<engine::ReadTarget> TargetOf(const Invocation& invocation);
/// --memory-mib in bytes, or `fallback`.
Result<int64_t> MemoryOf(const Invocation& invocation, int64_t fallback);

}  // namespace tarn::cli
