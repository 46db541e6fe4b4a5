#include "tarn/changes/feed.h"

#include <algorithm>
#include <utility>

#include "tarn/base/json_writer.h"
#include "tarn/changes/limits.h"
#include "tarn/changes/token.h"

namespace tarn::changes {
namespace {

using catalog::Catalog;
using catalog::CommitRecord;
using catalog::Snapshot;

Status Gap(const FeedRequest& feed, const std::string& commit, std::string_view why) {
  JsonWriter detail;
  detail.BeginObject();
  if (!feed.cursor.empty()) detail.Key("cursor").String(feed.cursor);
  detail.Key("first_unreadable_commit_id").String(commit).EndObject();
  return Error(ErrorId::kChangeFeedGap, "the changes of commit {} cannot be read: {}", commit, why)
      .WithHint("Take a new baseline: tarn changes baseline --out FILE")
      .WithDetail("change_feed_gap", detail.Take());
}

Status CheckRequest(const FeedRequest& feed) {
  const int begins = static_cast<int>(!feed.cursor.empty()) +
                     static_cast<int>(!feed.start.empty()) +
                     static_cast<int>(!feed.page_token.empty());
  if (begins > 1)
    return Error(ErrorId::kInvalidArgument, "a poll takes one of cursor, start and page token");
  if (feed.changes_max == 0 || feed.commits_max == 0)
    return Error(ErrorId::kInvalidArgument, "a poll of nothing: a limit of 0");
  return Status::Ok();
}

/// One poll.
class Poller {
 public:
  Poller(const Request& request, Catalog& catalog, const FeedRequest& feed)
      : request_(request), catalog_(catalog), feed_(feed) {}

  Result<FeedPage> Run() {
    TARN_ASSIGN_OR_RETURN(const Snapshot head, catalog_.Head(request_, feed_.branch));
    here_ = {.warehouse = catalog_.warehouse_id(),
             .line = head.manifest().line.id,
             .filter = FilterDigest(feed_.filter),
             .commit = "",
             .head = head.commit().id};
    TARN_RETURN_IF_ERROR(Begin());
    TARN_RETURN_IF_ERROR(ReadHistory());
    TARN_ASSIGN_OR_RETURN(const size_t first, FirstUnread());
    return Read(first);
  }

 private:
  /// Sets here_ to where the poll begins.
  Status Begin() {
    if (!feed_.cursor.empty() || !feed_.page_token.empty()) {
      TARN_ASSIGN_OR_RETURN(
          FeedToken token, DecodeFeedToken(feed_.cursor.empty() ? feed_.page_token : feed_.cursor));
      if (token.warehouse != here_.warehouse) return Rejected("it is of another warehouse");
      if (token.line != here_.line)
        return Rejected("it is of another branch, or of one that was deleted");
      if (token.filter != here_.filter) return Rejected("it was made with other filters");
      if (feed_.page_token.empty() != token.head.empty())
        return Rejected("it is a page token where a cursor belongs, or the other way round");
      if (token.head.empty()) token.head = here_.head;
      here_ = std::move(token);
      return Status::Ok();
    }
    if (feed_.start.empty() || feed_.start == "now") {
      here_.commit = here_.head;
      return Status::Ok();
    }
    if (feed_.start == "beginning") return Status::Ok();
    constexpr std::string_view kAfter = "after:";
    if (!feed_.start.starts_with(kAfter)) {
      return Error(ErrorId::kInvalidArgument, "'{}' is no start of a feed", feed_.start)
          .WithHint("now, beginning, or after:COMMIT");
    }
    TARN_ASSIGN_OR_RETURN(const Snapshot commit,
                          catalog_.At(request_, feed_.start.substr(kAfter.size())));
    here_.commit = commit.commit().id;
    return Status::Ok();
  }

  /// The branch's commits up to the head of this poll, oldest first.
  Status ReadHistory() {
    TARN_ASSIGN_OR_RETURN(history_, catalog_.Commits(request_, feed_.branch));
    std::reverse(history_.begin(), history_.end());
    const auto head = Find(here_.head);
    if (head == history_.end()) return Rejected("its head is not of this branch");
    history_.erase(head + 1, history_.end());
    return Status::Ok();
  }

  std::vector<CommitRecord>::iterator Find(const std::string& id) {
    return std::find_if(history_.begin(), history_.end(),
                        [&id](const CommitRecord& commit) { return commit.id == id; });
  }

  Result<size_t> FirstUnread() {
    if (here_.commit.empty()) return size_t{0};
    const auto last = Find(here_.commit);
    if (last != history_.end()) return static_cast<size_t>(last - history_.begin()) + 1;
    if (feed_.start.empty()) return Gap(feed_, history_.front().id, "older history is gone");
    return Error(ErrorId::kCommitNotFound, "commit {} is not in the history of branch '{}'",
                 here_.commit, feed_.branch);
  }

  Result<FeedPage> Read(size_t first) {
    FeedPage feed_page;
    size_t room = std::min(feed_.changes_max, kPageChangesMax);
    const size_t commits_max = std::min(feed_.commits_max, kPollCommitsMax);
    size_t next = first;
    for (; next < history_.size() && feed_page.blocks.size() < commits_max; ++next) {
      if (room == 0) return WithPageToken(std::move(feed_page));
      TARN_ASSIGN_OR_RETURN(ChangePage page, ReadCommit(next, room));
      room -= page.changes.size();
      const std::optional<Position> last = page.last;
      feed_page.blocks.push_back({.cause = history_[next], .page = std::move(page)});
      if (last) {
        here_.position = last;
        return WithPageToken(std::move(feed_page));
      }
      here_.commit = history_[next].id;
      here_.position.reset();
    }
    feed_page.caught_up = next == history_.size();
    here_.head.clear();
    TARN_ASSIGN_OR_RETURN(feed_page.cursor, EncodeFeedToken(here_));
    return feed_page;
  }

  Result<FeedPage> WithPageToken(FeedPage page) const {
    TARN_ASSIGN_OR_RETURN(page.next_page_token, EncodeFeedToken(here_));
    return page;
  }

  Result<ChangePage> ReadCommit(size_t index, size_t room) {
    const CommitRecord& commit = history_[index];
    TARN_ASSIGN_OR_RETURN(Snapshot after, catalog_.At(request_, commit.id));
    std::optional<Snapshot> before;
    if (index > 0) {
      TARN_ASSIGN_OR_RETURN(before, catalog_.At(request_, history_[index - 1].id));
    }
    Result<ChangePage> page =
        ReadPage(request_, std::move(before), std::move(after), feed_.filter, here_.position, room);
    const bool is_gap = !page.ok() && (page.status().id() == ErrorId::kDiffRefused ||
                                       page.status().id() == ErrorId::kSnapshotExpired);
    if (is_gap) return Gap(feed_, commit.id, page.status().message());
    return page;
  }

  const Request& request_;
  Catalog& catalog_;
  const FeedRequest& feed_;
  FeedToken here_;
  std::vector<CommitRecord> history_;
};

}  // namespace

Result<FeedPage> Poll(const Request& request, Catalog& catalog, const FeedRequest& feed) {
  TARN_RETURN_IF_ERROR(CheckRequest(feed));
  const Request read = request.In(Phase::kRead);
  return Poller(read, catalog, feed).Run();
}

Result<std::string> CursorAt(const Catalog& catalog, const Snapshot& snapshot,
                             const Filter& filter) {
  return EncodeFeedToken({.warehouse = catalog.warehouse_id(),
                          .line = snapshot.manifest().line.id,
                          .filter = FilterDigest(filter),
                          .commit = snapshot.commit().id});
}

}  // namespace tarn::changes
