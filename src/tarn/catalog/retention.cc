#include "tarn/catalog/retention.h"

#include <algorithm>

#include "tarn/base/check.h"
#include "tarn/catalog/limits.h"

namespace tarn::catalog {
namespace {

std::set<std::string> HeldByName(const std::string& line_id, const Manifest& names) {
  std::set<std::string> held;
  for (const TagEntry& tag : names.tags) {
    if (tag.line == line_id) held.insert(tag.commit);
  }
  for (const auto* branches : {&names.branches, &names.closing}) {
    for (const BranchEntry& branch : *branches) {
      if (branch.parent == line_id) held.insert(branch.from);
    }
  }
  return held;
}

}  // namespace

std::vector<bool> Retained(const std::vector<CommitRecord>& commits, const std::string& line_id,
                           const Manifest& names, const RetentionRule& rule, int64_t now) {
  const std::set<std::string> held = HeldByName(line_id, names);
  const int64_t since = now - std::max(rule.older_than_micros, kRetentionMinMicros);
  std::vector<bool> retained(commits.size());
  bool next_is_young = true;  // of the newest: it is current now
  for (size_t i = commits.size(); i-- > 0;) {
    const bool is_new = commits.size() - i <= rule.keep;
    retained[i] = is_new || next_is_young || held.contains(commits[i].id);
    next_is_young = next_is_young && commits[i].created_at_micros >= since;
  }
  return retained;
}

uint64_t FloorAfter(const std::vector<CommitRecord>& commits, const std::vector<bool>& retained) {
  TARN_CHECK(!commits.empty() && retained.back(), "the newest commit of a line is always kept");
  size_t first = commits.size() - 1;
  while (first > 0 && retained[first - 1]) --first;
  return first == 0 ? 0 : commits[first].manifest_version;
}

}  // namespace tarn::catalog
