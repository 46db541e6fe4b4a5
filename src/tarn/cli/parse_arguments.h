#pragma once

#include <string>
#include <vector>

#include "tarn/base/status.h"
#include "tarn/cli/command.h"

namespace tarn::cli {

/// Flags every verb takes.
const std::vector<Flag>& GlobalFlags();

/// Reads the words behind a command's path. Errors are kUsage with a hint that names the nearest
/// flag or the help.
Result<Arguments> ParseArguments(const Command& command, const std::vector<std::string>& words);

}  // namespace tarn::cli
