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
///   keep-3  what a tag names, and what a branch was made of.
std::vector<bool> Retained(const std::vector<CommitRecord>& commits, const std::string& line_id,
                           const Manifest& names, const RetentionRule& rule, int64_t now);

/// The number below which commits of the line are given up, all but those of keep-3. That of the
/// oldest commit kept without a gap up to the newest.
uint64_t FloorAfter(const std::vector<CommitRecord>& commits, const std::vector<bool>& retained);

}  // namespace tarn::catalog
