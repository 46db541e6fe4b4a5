#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tarn/base/status.h"

namespace tarn::e2e {

/// A condition under which the whole corpus runs again: answers may not change.
struct Mode {
  std::string name;
  std::string door = "engine";   ///< "engine" or "cli"
  std::string store = "memory";  ///< "memory" (the fakes) or "local" (the bridge, on a folder)
  bool reopen_after_each_step = false;
  uint32_t batch_rows = 4096;
  int64_t resident_bytes_max = int64_t{1} << 28;
  uint64_t stored_topology_edges_min = 1 << 14;
};

/// Reads tests/modes/*.json. Unknown members are refused.
Result<std::vector<Mode>> ReadModes(const std::string& folder);

}  // namespace tarn::e2e
