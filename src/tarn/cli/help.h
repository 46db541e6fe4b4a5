#pragma once

#include <string>

#include "tarn/cli/command.h"

namespace tarn::cli {

/// What the program is, its verbs, and how to go on.
std::string ProgramHelp();
/// Usage, details, flags and examples of one verb.
std::string CommandHelp(const Command& command);
/// docs/reference/cli.md: a test holds the file to this text.
std::string ReferencePage();

}  // namespace tarn::cli
