#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tarn/catalog/limits.h"

namespace tarn::catalog {

struct CleanupOptions {
  /// Commits of each line that stay, newest first. Neither this nor older_than_micros:
  /// kKeepCommitsDefault.
  std::optional<uint64_t> keep;
  std::optional<int64_t> older_than_micros;  ///< with `keep`: a commit must be beyond both to go
  bool confirm = false;                      ///< false = only says what would go
  bool below_minimum = false;                ///< allows `keep` below kKeepCommitsMin
  /// Of what nothing names, only what is older goes: the rest may be of a writer at work.
  int64_t strays_older_than_micros = kRetentionMinMicros;
};

/// What went of one table, or of a manifest.
struct CleanedTable {
  std::string key;  ///< "node:Port"; "manifest" and "topology" for what is of no table
  uint64_t versions_removed = 0;
  uint64_t files_removed = 0;
  uint64_t bytes_removed = 0;
  std::string error;  ///< why this table was left alone or not finished; empty = all is well
};

/// What nothing names: staged by commits that were given up, or left behind by what ended early.
struct CleanedStrays {
  uint64_t files = 0;
  uint64_t bytes = 0;
  std::vector<std::string> paths;  ///< files and folders, sorted; at most kStraysListedMax
  std::string error;               ///< why it was not finished; empty = all is well
};

struct CleanupReport {
  uint64_t commits_given_up = 0;
  uint64_t commits_kept = 0;
  std::vector<CleanedTable> tables;  ///< by key, those of no table last
  CleanedStrays strays;
  uint64_t branches_removed = 0;  ///< deleted ones whose files went
};

}  // namespace tarn::catalog
