#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

/// The processes that end in the middle: this program again, in a role.

namespace tarn::crash {

/// What a child writes to its output once the writer was answered.
inline constexpr std::string_view kAcknowledged = "acknowledged\n";

/// How a child answers. Anything else: it was ended.
enum ExitCode { kDone = 0, kRefused = 10, kUnknown = 11 };

/// Roles: "write FOLDER WRITER SCRIPT"   opens, installs the fault script, runs the writer once;
///        "run FOLDER WRITER"            the same on plain files, without a script;
///        "durable FOLDER WRITER"        the same with full durability; says kAcknowledged;
///        "init FOLDER"                  makes a warehouse, likewise;
///        "recover FOLDER SCRIPT"        opens for writing with the fault script in force;
///        "append FOLDER LOG PREFIX"     adds notes for ever, and logs each that was acknowledged.
int RunChild(const std::vector<std::string>& words);

/// Starts a child and waits: its exit code, or minus the signal that ended it.
int RunAndWait(const std::vector<std::string>& words);
/// `under` is the command line of a program that runs it, without the child's own.
pid_t Start(const std::vector<std::string>& words, const std::vector<std::string>& under = {});
int WaitFor(pid_t child);

}  // namespace tarn::crash
