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
                           const Manifest& names, const std::set<std::string>& bases,
                           const RetentionRule& rule, int64_t now) {
  std::set<std::string> held = HeldByName(line_id, names);
  held.insert(bases.begin(), bases.end());
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

std::set<std::string> MergeBases(const std::vector<std::vector<CommitRecord>>& lines) {
  std::map<std::string, size_t> line_of;  // by commit; a branch begins with a commit of its parent
  for (size_t line = 0; line < lines.size(); ++line) {
    for (const CommitRecord& commit : lines[line]) line_of.try_emplace(commit.id, line);
  }
  std::set<std::string> bases;
  for (const std::vector<CommitRecord>& commits : lines) {
    std::set<size_t> seen;
    for (size_t i = commits.size(); i-- > 0;) {
      if (!commits[i].merged_parent_id) continue;
      const auto from = line_of.find(*commits[i].merged_parent_id);
      if (from != line_of.end() && seen.insert(from->second).second) bases.insert(from->first);
    }
  }
  return bases;
}

uint64_t FloorAfter(const std::vector<CommitRecord>& commits, const std::vector<bool>& retained) {
  TARN_CHECK(!commits.empty() && retained.back(), "the newest commit of a line is always kept");
  size_t first = commits.size() - 1;
  while (first > 0 && retained[first - 1]) --first;
  return first == 0 ? 0 : commits[first].manifest_version;
}

}  // namespace tarn::catalog
