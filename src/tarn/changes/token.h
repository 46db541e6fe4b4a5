#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tarn/changes/commit_diff.h"

/// The texts by which a reader of changes says where it is. They hold everything: nothing is kept
/// for a reader. A check sum tells a token from any other text; it is no signature.

namespace tarn::changes {

inline constexpr size_t kTokenBytesMax = 4096;

/// Where a reader of the feed is: behind all of `commit`, or inside the commit after it.
struct FeedToken {
  std::string warehouse;  ///< its id
  std::string line;       ///< id of the branch's line: another branch of the name is another feed
  std::string filter;     ///< FilterDigest
  std::string commit;     ///< the last whole commit; empty = none
  /// Of a page token: the head when the poll began, and the last change inside the commit after
  /// `commit` (absent: none yet).
  std::string head = {};
  std::optional<Position> position = {};

  bool operator==(const FeedToken&) const = default;
};
/// kCursorRejected for a token beyond kTokenBytesMax.
Result<std::string> EncodeFeedToken(const FeedToken& token);
/// kCursorRejected, with the prefix that clients know.
Result<FeedToken> DecodeFeedToken(std::string_view text);

/// Where a reader of two commits is.
struct DiffToken {
  std::string before;  ///< commit id, empty = nothing
  std::string after;
  std::string filter;
  Position position;

  bool operator==(const DiffToken&) const = default;
};
Result<std::string> EncodeDiffToken(const DiffToken& token);
Result<DiffToken> DecodeDiffToken(std::string_view text);

/// A text that two filters share only if they admit the same, whatever the order of their words.
std::string FilterDigest(const Filter& filter);

/// kCursorRejected: "change cursor rejected: ...".
Status Rejected(std::string_view why);

}  // namespace tarn::changes
