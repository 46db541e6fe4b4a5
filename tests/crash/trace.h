#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tarn/base/status.h"

/// What a process did to files, as strace saw it.

namespace tarn::crash {

/// One change of the files below a folder, in the order in which the calls returned. Paths are
/// relative to the folder.
struct DiskOp {
  enum class Kind : uint8_t {
    kOpen,    ///< made, if it was not there; emptied, if `empties`
    kWrite,   ///< `data` at `offset`
    kResize,  ///< to `offset` bytes
    kSync,    ///< a file or a folder
    kRename,  ///< to `to`, in place of what is there
    kLink,    ///< a second name `to`
    kUnlink,
    kMakeFolder,
    kRemoveFolder,
    kMark,  ///< not of a file: the process wrote `data` to its output
  };
  Kind kind = Kind::kMark;
  std::string path = {};
  std::string to = {};
  std::string data = {};
  uint64_t offset = 0;
  bool empties = false;
};

/// The arguments of strace whose output ReadTrace understands: everything that changes files or
/// makes them durable.
std::vector<std::string> TraceArguments(const std::filesystem::path& log);

/// Can processes be traced here?
bool CanTrace();

/// kInternal for a line that it does not understand: what is not understood must not be left out.
Result<std::vector<DiskOp>> ReadTrace(const std::filesystem::path& log,
                                      const std::filesystem::path& folder);

}  // namespace tarn::crash
