#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "tarn/catalog/catalog.h"
#include "tarn/changes/page.h"

/// The questions that clients ask about changes, page by page.

namespace tarn::changes {

struct Compared {
  ChangePage page;
  std::string next_page_token;  ///< empty = that was all
};

/// What is different in `after`. `page_token` is empty or what the page before said.
/// kCursorRejected for a token of other commits or other filters; those of ForEachChange.
Result<Compared> Compare(const Request& request, catalog::Snapshot before, catalog::Snapshot after,
                         const Filter& filter, const std::string& page_token, size_t changes_max);

/// What a commit did to its first parent. kDiffRefused for a commit without a parent;
/// kCommitNotFound.
Result<Compared> ChangesOf(const Request& request, catalog::Catalog& catalog,
                           const std::string& commit, const Filter& filter,
                           const std::string& page_token, size_t changes_max);

struct Baseline {
  std::string commit;  ///< whose rows these are
  std::string cursor;  ///< of the feed behind it, with the same filter
};
/// Tells `sink` every row of the head of a branch as load takes it, of the kinds and types that are
/// wanted. What it answers counts only if no error came before.
Result<Baseline> TakeBaseline(const Request& request, catalog::Catalog& catalog,
                              const std::string& branch, const Filter& filter,
                              const std::function<Status(std::string_view)>& sink);

}  // namespace tarn::changes
