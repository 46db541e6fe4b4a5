#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/catalog/catalog.h"
#include "tarn/changes/page.h"

/// The changes of a branch, commit by commit, for readers that come back.

namespace tarn::changes {

/// Where a poll begins. At most one of the three is set; none = now.
struct FeedRequest {
  std::string branch = "main";
  std::string cursor = {};      ///< what an earlier poll answered
  std::string start = {};       ///< "now", "beginning" or "after:{commit}"
  std::string page_token = {};  ///< the rest of an earlier page
  Filter filter = {};
  size_t changes_max = 1000;  ///< 1 to kPageChangesMax
  size_t commits_max = 128;   ///< 1 to kPollCommitsMax
};

/// What one commit did.
struct FeedBlock {
  catalog::CommitRecord cause;
  ChangePage page;
};

struct FeedPage {
  std::vector<FeedBlock>
      blocks;  ///< oldest first; a commit that changed nothing wanted has no changes
  std::string next_page_token;  ///< set: this poll goes on there
  std::string cursor;           ///< set on its last page: where the next poll begins
  bool caught_up = false;       ///< with the cursor: it is the head that the poll began with
};

/// The changes after a cursor. The head is looked at once a poll; a reader that asks again with one
/// cursor gets the same again. Costs what the commits cost, not what the branch holds.
///
/// Errors  kInvalidArgument for a request that says two things; kCursorRejected when the token is
///         not of this warehouse, branch or filter; kChangeFeedGap with the first commit that
///         cannot be read any more; kBranchNotFound.
Result<FeedPage> Poll(const Request& request, catalog::Catalog& catalog, const FeedRequest& feed);

/// A cursor that begins behind `snapshot`, a head of this branch: with its rows a reader has
/// everything.
Result<std::string> CursorAt(const catalog::Catalog& catalog, const catalog::Snapshot& snapshot,
                             const Filter& filter);

}  // namespace tarn::changes
