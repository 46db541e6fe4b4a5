#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tarn/changes/feed.h"
#include "tarn/changes/merge.h"
#include "tarn/changes/page.h"

namespace tarn::wire {

/// `{"cause":{...},"changes":[...],"next_page_token"?}`: what one commit did.
Result<std::string> CommitChangesJson(const catalog::CommitRecord& cause,
                                      const changes::ChangePage& page,
                                      const std::string& next_page_token);

/// `{"from":commit,"to":commit,"counts":[...],"changes":[...],"next_page_token"?}`.
Result<std::string> DiffJson(const changes::ChangePage& page,
                             const std::vector<changes::TypeCount>& counts,
                             const std::string& next_page_token);

/// `{"blocks":[{"cause","changes"}],"next_page_token"?,"cursor"?,"caught_up"?}`.
Result<std::string> FeedJson(const changes::FeedPage& page);

/// "+ node:Port SEGOT", with "~" for an update and "-" for a delete, and behind an update what its
/// properties were and are.
Result<std::string> ChangeText(const changes::RowChange& change);
/// "node:Port  +1 ~2 -0", a line each.
std::string CountsText(const std::vector<changes::TypeCount>& counts);

/// What became of the branch after its merge, when it was to be deleted.
struct MergedBranch {
  bool deleted = false;
  std::string error;  ///< why not
};
/// `{"source","target","outcome","actor_id","base_commit_id","source_commit_id","graph_commit_id",
/// "counts":[...],"conflicts"?,"branch_deleted"?,"branch_delete_error"?}`; the conflicts only of a
/// dry run.
std::string MergeJson(const std::string& source, const std::string& target,
                      const std::string& actor, bool dry_run, const changes::MergeResult& result,
                      const std::optional<MergedBranch>& branch);
/// "merged review into main as commit ...", and what changed or is in conflict.
std::string MergeText(const std::string& source, const std::string& target, bool dry_run,
                      const changes::MergeResult& result);

}  // namespace tarn::wire
