#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

/// The processes that end in the middle: this program again, in a role.

namespace tarn::crash {

/// How a child answers. Anything else: it was ended.
enum ExitCode { kDone = 0, kRefused = 10, kUnknown = 11 };

/// Roles: "write FOLDER WRITER SCRIPT"   opens, installs the fault script, runs the writer once;
///        "recover FOLDER SCRIPT"        opens for writing with the fault script in force;
///        "append FOLDER LOG PREFIX"     adds notes for ever, and logs each that was acknowledged.
int RunChild(const std::vector<std::string>& words);

/// Starts a child and waits: its exit code, or minus the signal that ended it.
int RunAndWait(const std::vector<std::string>& words);
pid_t Start(const std::vector<std::string>& words);
int WaitFor(pid_t child);

}  // namespace tarn::crash
