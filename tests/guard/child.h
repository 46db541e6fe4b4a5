#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tarn::guard {

/// What this program does when it is started as a second process. Returns the exit code; 0 means
/// done.
int RunChild(std::string_view role, const std::vector<std::string>& args);

/// Starts this program again in a role and waits; the exit code, or minus the signal that ended it.
int SpawnChild(std::string_view role, const std::vector<std::string>& args);

}  // namespace tarn::guard
