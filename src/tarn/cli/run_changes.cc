// The verbs that show what changed.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ostream>

#include <fcntl.h>
#include <unistd.h>

#include "tarn/base/json_writer.h"
#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/wire/changes.h"

namespace tarn::cli {
namespace {

constexpr uint64_t kPageDefault = 1000;

Result<changes::Filter> FilterOf(const Invocation& invocation) {
  changes::Filter filter;
  for (const std::string& word : invocation.args.All("--kind")) {
    if (word != "node" && word != "edge")
      return Error(ErrorId::kUsage, "no kind '{}'", word).WithHint("--kind node or edge");
    filter.kinds.push_back(word == "node" ? catalog::TableKind::kNode : catalog::TableKind::kEdge);
  }
  filter.types = invocation.args.All("--type");
  for (const std::string& word : invocation.args.All("--op")) {
    constexpr changes::Op kOps[] = {changes::Op::kInsert, changes::Op::kUpdate,
                                    changes::Op::kDelete};
    const auto op = std::find_if(std::begin(kOps), std::end(kOps), [&word](changes::Op each) {
      return changes::OpName(each) == word;
    });
    if (op == std::end(kOps))
      return Error(ErrorId::kUsage, "no op '{}'", word).WithHint("--op insert, update or delete");
    filter.ops.push_back(*op);
  }
  return filter;
}

Result<uint64_t> LimitOf(const Invocation& invocation) {
  const auto text = invocation.args.Get("--limit");
  return text ? ParseCount("--limit", *text) : Result<uint64_t>(kPageDefault);
}

/// A branch by its name, else whatever reads take.
Result<engine::ReadTarget> TargetNamed(const Invocation& invocation, engine::Database& database,
                                       const std::string& name) {
  if (name == "main") return engine::ReadTarget();
  TARN_ASSIGN_OR_RETURN(const auto branches, database.Branches(invocation.request));
  for (const catalog::BranchEntry& branch : branches) {
    if (branch.name == name) return engine::ReadTarget{.branch = name, .as_of = std::nullopt};
  }
  return engine::ReadTarget{.as_of = name};
}

Status WriteChanges(const changes::ChangePage& page, const std::string& next_page_token,
                    std::ostream& out) {
  for (const changes::RowChange& change : page.changes) {
    TARN_ASSIGN_OR_RETURN(const std::string line, wire::ChangeText(change));
    out << line;
  }
  if (!next_page_token.empty()) out << "more: --page-token " << next_page_token << "\n";
  return Status::Ok();
}

/// A file that appears whole or not at all.
class NewFile {
 public:
  explicit NewFile(std::string path) : path_(std::move(path)), draft_(path_ + ".part") {}
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (fd_ < 0) return;
    close(fd_);
    unlink(draft_.c_str());
  }

  Status Open() {
    fd_ = open(draft_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return fd_ < 0 ? Failed("cannot write") : Status::Ok();
  }
  Status WriteLine(std::string_view line) {
    buffer_ += line;
    buffer_ += '\n';
    return buffer_.size() < kBufferBytes ? Status::Ok() : Flush();
  }
  /// Durable under its name.
  Status Finish() {
    TARN_RETURN_IF_ERROR(Flush());
    if (fsync(fd_) != 0) return Failed("cannot make durable");
    if (rename(draft_.c_str(), path_.c_str()) != 0) return Failed("cannot name");
    close(std::exchange(fd_, -1));
    const size_t slash = path_.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
    const int dir = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = dir >= 0 && fsync(dir) == 0;
    if (dir >= 0) close(dir);
    return synced ? Status::Ok() : Failed("cannot make durable the folder of");
  }

 private:
  static constexpr size_t kBufferBytes = 1 << 16;

  Status Failed(std::string_view what) const {
    return Error(ErrorId::kFileUnreadable, "{} '{}': {}", what, path_, std::strerror(errno));
  }
  Status Flush() {
    for (size_t done = 0; done < buffer_.size();) {
      const ssize_t wrote = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return Failed("cannot write");
      done += static_cast<size_t>(wrote);
    }
    buffer_.clear();
    return Status::Ok();
  }

  const std::string path_;
  const std::string draft_;
  int fd_ = -1;
  std::string buffer_;
};

}  // namespace

Result<int> RunCommitChanges(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const changes::Filter filter, FilterOf(invocation));
  TARN_ASSIGN_OR_RETURN(const uint64_t limit, LimitOf(invocation));
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  TARN_ASSIGN_OR_RETURN(
      const changes::Compared compared,
      database->ChangesOf(invocation.request, *invocation.args.Get("ID"), filter,
                          invocation.args.Get("--page-token").value_or(""), limit));
  if (!invocation.args.Has("--json")) {
    TARN_RETURN_IF_ERROR(
        WriteChanges(compared.page, compared.next_page_token, invocation.streams.out));
    return 0;
  }
  TARN_ASSIGN_OR_RETURN(const std::string json,
                        wire::CommitChangesJson(compared.page.after.commit(), compared.page,
                                                compared.next_page_token));
  invocation.streams.out << json;
  return 0;
}

Result<int> RunDiff(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const changes::Filter filter, FilterOf(invocation));
  TARN_ASSIGN_OR_RETURN(const uint64_t limit, LimitOf(invocation));
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  TARN_ASSIGN_OR_RETURN(const engine::ReadTarget from,
                        TargetNamed(invocation, *database, *invocation.args.Get("FROM")));
  TARN_ASSIGN_OR_RETURN(const engine::ReadTarget to,
                        TargetNamed(invocation, *database, *invocation.args.Get("TO")));
  TARN_ASSIGN_OR_RETURN(const changes::Compared compared,
                        database->Diff(invocation.request, from, to, filter,
                                       invocation.args.Get("--page-token").value_or(""), limit));
  TARN_ASSIGN_OR_RETURN(const std::vector<changes::TypeCount> counts,
                        database->CountChanges(invocation.request, from, to, filter));
  if (!invocation.args.Has("--json")) {
    invocation.streams.out << wire::CountsText(counts);
    TARN_RETURN_IF_ERROR(
        WriteChanges(compared.page, compared.next_page_token, invocation.streams.out));
    return 0;
  }
  TARN_ASSIGN_OR_RETURN(const std::string json,
                        wire::DiffJson(compared.page, counts, compared.next_page_token));
  invocation.streams.out << json;
  return 0;
}

Result<int> RunChangesPoll(Invocation& invocation) {
  changes::FeedRequest feed{.branch = invocation.args.Get("--branch").value_or("main"),
                            .cursor = invocation.args.Get("--cursor").value_or(""),
                            .start = invocation.args.Get("--start").value_or(""),
                            .page_token = invocation.args.Get("--page-token").value_or("")};
  TARN_ASSIGN_OR_RETURN(feed.filter, FilterOf(invocation));
  TARN_ASSIGN_OR_RETURN(feed.changes_max, LimitOf(invocation));
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  TARN_ASSIGN_OR_RETURN(const changes::FeedPage page, database->Poll(invocation.request, feed));
  if (invocation.args.Has("--json")) {
    TARN_ASSIGN_OR_RETURN(const std::string json, wire::FeedJson(page));
    invocation.streams.out << json;
    return 0;
  }
  for (const changes::FeedBlock& block : page.blocks) {
    invocation.streams.out << fmt::format("commit {}  {}  {}\n", block.cause.id,
                                          block.cause.operation, block.cause.actor);
    TARN_RETURN_IF_ERROR(WriteChanges(block.page, "", invocation.streams.out));
  }
  invocation.streams.out << (page.cursor.empty() ? "more: --page-token " + page.next_page_token
                                                 : "cursor: " + page.cursor)
                         << "\n";
  return 0;
}

Result<int> RunChangesBaseline(Invocation& invocation) {
  const std::string path = *invocation.args.Get("--out");
  TARN_ASSIGN_OR_RETURN(const changes::Filter filter, FilterOf(invocation));
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  NewFile file(path);
  TARN_RETURN_IF_ERROR(file.Open());
  TARN_ASSIGN_OR_RETURN(
      const changes::Baseline baseline,
      database->TakeBaseline(invocation.request, invocation.args.Get("--branch").value_or("main"),
                             filter,
                             [&file](std::string_view line) { return file.WriteLine(line); }));
  JsonWriter json;
  json.BeginObject().Key("baseline").BeginObject();
  json.Key("snapshot_commit_id").String(baseline.commit);
  json.Key("resume_cursor").String(baseline.cursor).EndObject().EndObject();
  const std::string record = json.Take();
  TARN_RETURN_IF_ERROR(file.WriteLine(record));
  TARN_RETURN_IF_ERROR(file.Finish());
  invocation.streams.out << (invocation.args.Has("--json") ? record : baseline.cursor) << "\n";
  return 0;
}

}  // namespace tarn::cli
