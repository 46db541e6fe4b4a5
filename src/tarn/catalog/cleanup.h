#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tarn::catalog {

struct CleanupOptions {
  /// Commits of each line that stay, newest first. Neither this nor older_than_micros:
  /// kKeepCommitsDefault.
  std::optional<uint64_t> keep;
  std::optional<int64_t> older_than_micros;  ///< with `keep`: a commit must be beyond both to go
  bool confirm = false;                      ///< false = only says what would go
  bool below_minimum = false;                ///< allows `keep` below kKeepCommitsMin
};

/// What went of one table, or of a manifest.
struct CleanedTable {
  std::string key;  ///< "node:Port"; "manifest" and "topology" for what is of no table
  uint64_t versions_removed = 0;
  uint64_t files_removed = 0;
  uint64_t bytes_removed = 0;
  std::string error;  ///< why this table was left alone or not finished; empty = all is well
};

struct CleanupReport {
  uint64_t commits_given_up = 0;
  uint64_t commits_kept = 0;
  std::vector<CleanedTable> tables;  ///< by key, those of no table last
  uint64_t branches_removed = 0;     ///< deleted ones whose files went
};

}  // namespace tarn::catalog
