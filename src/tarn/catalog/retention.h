#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tarn/catalog/manifest.h"

/// Which commits a cleanup keeps.

namespace tarn::catalog {

struct RetentionRule {
  uint64_t keep = 0;              ///< of each line, this many newest commits
  int64_t older_than_micros = 0;  ///< what was current within this time is kept too
};

/// The commits of one line that stay, by their place in `commits` (oldest first, own ones only).
///
///   keep-1  the newest `keep` commits;
///   keep-2  what was current within `older_than_micros` or kRetentionMinMicros of `now`: a commit
///           younger than that, and the one before the oldest such;
///   keep-3  what a tag names, what a branch was made of, and `bases`.
std::vector<bool> Retained(const std::vector<CommitRecord>& commits, const std::string& line_id,
                           const Manifest& names, const std::set<std::string>& bases,
                           const RetentionRule& rule, int64_t now);

/// The commits that the next merges between lines would stand on: of each line the newest that each
/// other line brought in. One entry a line, its commits oldest first.
std::set<std::string> MergeBases(const std::vector<std::vector<CommitRecord>>& lines);

/// The number below which commits of the line are given up, all but those of keep-3. That of the
/// oldest commit kept without a gap up to the newest.
uint64_t FloorAfter(const std::vector<CommitRecord>& commits, const std::vector<bool>& retained);

}  // namespace tarn::catalog
