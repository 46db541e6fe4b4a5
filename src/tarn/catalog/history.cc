// What happened on a line, and which commit a reader means.

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "tarn/catalog/catalog_state.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/names.h"
#include "tarn/schema/values.h"

namespace tarn::catalog {
namespace {

Status CommitNotFound(const std::string& ref, std::string_view why) {
  return Error(ErrorId::kCommitNotFound, "no commit '{}': {}", ref, why)
      .WithHint("Run: tarn commit list");
}

/// Told every commit of a history, newest first, until it answers true.
using Visit = std::function<bool(OpenLine& line, const CommitRecord& commit)>;

/// A branch's own commits, then those of the line it was made of up to there, and so on to the
/// first commit of main.
class Walk {
 public:
  Walk(const Request& request, Catalog::State& state, const Visit& visit)
      : request_(request), state_(state), visit_(visit) {}

  /// Whether a visit answered true. The line has been looked at.
  Result<bool> From(OpenLine* line) {
    std::shared_ptr<const Manifest> names;  // looked at when a branch leads back
    std::string newest;                     // empty = the head
    while (true) {
      const Line& of = line->reader->line();
      TARN_ASSIGN_OR_RETURN(const bool stopped, VisitOwn(*line, newest));
      if (stopped) return true;
      if (of.id == kMainBranch) return false;
      if (names == nullptr) {
        TARN_ASSIGN_OR_RETURN(names, state_.LookAtMain(request_));
      }
      const BranchEntry* entry = EntryOf(*names, of.id);
      if (entry == nullptr)
        return Error(ErrorId::kBranchNotFound, "branch '{}' was deleted meanwhile", of.name);
      newest = entry->from;
      TARN_ASSIGN_OR_RETURN(line, state_.LineById(request_, *names, entry->parent));
      // Another process may have written there, and made the branch of what it wrote.
      TARN_RETURN_IF_ERROR(line->reader->Look(request_).status());
    }
  }

 private:
  static const BranchEntry* EntryOf(const Manifest& names, const std::string& id) {
    const auto found = std::find_if(names.branches.begin(), names.branches.end(),
                                    [&id](const BranchEntry& branch) { return branch.id == id; });
    return found == names.branches.end() ? nullptr : &*found;
  }

  Result<bool> VisitOwn(OpenLine& line, const std::string& newest) {
    TARN_ASSIGN_OR_RETURN(std::vector<CommitRecord> commits, line.reader->Commits(request_));
    if (!newest.empty()) {
      const auto last =
          std::find_if(commits.begin(), commits.end(),
                       [&](const CommitRecord& commit) { return commit.id == newest; });
      if (last != commits.end()) commits.erase(last + 1, commits.end());
    }
    // A branch's manifest begins with the commit it was made of, which is its parent's.
    const size_t own = line.reader->line().id == kMainBranch ? 0 : 1;
    for (size_t i = commits.size(); i > own; --i) {
      if (visit_(line, commits[i - 1])) return true;
    }
    return false;
  }

  const Request& request_;
  Catalog::State& state_;
  const Visit& visit_;
};

/// What "manifest:{branch}:v12" and "manifest:{branch}:v12:etag:..." name.
struct Witness {
  std::string branch;
  std::string version;  ///< "v12"
};
std::optional<Witness> WitnessOf(std::string_view ref) {
  constexpr std::string_view kPrefix = "manifest:";
  if (!ref.starts_with(kPrefix)) return std::nullopt;
  ref.remove_prefix(kPrefix.size());
  const size_t colon = ref.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view rest = ref.substr(colon + 1);
  return Witness{std::string(ref.substr(0, colon)), std::string(rest.substr(0, rest.find(':')))};
}

std::string UpperCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
  return text;
}

/// Parents before children: a commit is found on the line that made it.
std::vector<BranchEntry> ByAge(std::vector<BranchEntry> branches) {
  std::sort(branches.begin(), branches.end(),
            [](const BranchEntry& a, const BranchEntry& b) { return a.id < b.id; });
  return branches;
}

/// The newest commit of a history for which `wanted` holds.
Result<Snapshot> NewestWhere(const Request& request, Catalog::State& state, OpenLine* line,
                             const std::string& ref,
                             const std::function<bool(const CommitRecord&)>& wanted) {
  OpenLine* on = nullptr;
  std::string id;
  const Visit visit = [&](OpenLine& of, const CommitRecord& commit) {
    if (!wanted(commit)) return false;
    on = &of;
    id = commit.id;
    return true;
  };
  TARN_ASSIGN_OR_RETURN(const bool found, Walk(request, state, visit).From(line));
  if (!found) return CommitNotFound(ref, "the warehouse is younger");
  TARN_ASSIGN_OR_RETURN(std::shared_ptr<const Manifest> manifest, on->reader->At(request, id));
  return state.SnapshotOf(std::move(manifest));
}

/// A commit by its whole id, on any line; null when there is none.
Result<std::shared_ptr<const Manifest>> FindById(const Request& request, Catalog::State& state,
                                                 const std::string& id) {
  TARN_ASSIGN_OR_RETURN(std::shared_ptr<const Manifest> known, state.main.reader->At(request, id));
  if (known != nullptr) return known;
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const Manifest> names, state.LookAtMain(request));
  TARN_ASSIGN_OR_RETURN(known, state.main.reader->At(request, id));
  if (known != nullptr) return known;
  for (const BranchEntry& branch : ByAge(names->branches)) {
    TARN_ASSIGN_OR_RETURN(OpenLine * line, state.Open(request, branch.line()));
    TARN_RETURN_IF_ERROR(line->reader->Look(request).status());
    TARN_ASSIGN_OR_RETURN(known, line->reader->At(request, id));
    if (known != nullptr) return known;
  }
  return known;
}

/// The ids of all lines that begin so.
Result<std::set<std::string>> IdsByPrefix(const Request& request, Catalog::State& state,
                                          const std::string& prefix) {
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const Manifest> names, state.LookAtMain(request));
  std::set<std::string> ids;
  const auto take = [&](OpenLine& line) -> Status {
    TARN_ASSIGN_OR_RETURN(const auto found, line.reader->IdsByPrefix(request, prefix));
    ids.insert(found.begin(), found.end());
    return Status::Ok();
  };
  TARN_RETURN_IF_ERROR(take(state.main));
  for (const BranchEntry& branch : names->branches) {
    TARN_ASSIGN_OR_RETURN(OpenLine * line, state.Open(request, branch.line()));
    TARN_RETURN_IF_ERROR(line->reader->Look(request).status());
    TARN_RETURN_IF_ERROR(take(*line));
  }
  return ids;
}

}  // namespace

Result<Snapshot> Catalog::At(const Request& request, const std::string& commit_id) {
  const Request read = request.In(Phase::kRead);
  std::string id = UpperCase(commit_id);
  if (id.size() < kCommitPrefixMin) {
    return CommitNotFound(commit_id,
                          fmt::format("a prefix has at least {} characters", kCommitPrefixMin));
  }
  if (!IsUlid(id)) {
    TARN_ASSIGN_OR_RETURN(const std::set<std::string> ids, IdsByPrefix(read, *state_, id));
    if (ids.empty()) return CommitNotFound(commit_id, "this warehouse has none of that id");
    if (ids.size() > 1) {
      return CommitNotFound(
          commit_id, fmt::format("{} and {} begin so", *ids.begin(), *std::next(ids.begin())));
    }
    id = *ids.begin();
  }
  TARN_ASSIGN_OR_RETURN(std::shared_ptr<const Manifest> found, FindById(read, *state_, id));
  if (found == nullptr) return CommitNotFound(commit_id, "this warehouse has none of that id");
  return state_->SnapshotOf(std::move(found));
}

Result<Snapshot> Catalog::AsOf(const Request& request, const std::string& branch,
                               const std::string& ref) {
  const Request read = request.In(Phase::kRead);
  if (const std::optional<Witness> witness = WitnessOf(ref)) {
    if (!VersionOf(witness->version)) return CommitNotFound(ref, "it names no version");
    return AsOf(request, witness->branch, witness->version);
  }
  const std::optional<uint64_t> version = VersionOf(ref);
  if (!version && !ref.starts_with("@")) {
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const Manifest> names, state_->LookAtMain(read));
    const TagEntry* tag = names->FindTag(ref);
    return At(request, tag == nullptr ? ref : tag->commit);
  }
  TARN_ASSIGN_OR_RETURN(OpenLine * line, state_->FindLine(read, branch));
  TARN_ASSIGN_OR_RETURN(const ManifestReader::Head head, line->reader->Look(read));
  if (version) {
    if (*version == 0 || *version > head.manifest->version) {
      return CommitNotFound(
          ref, fmt::format("branch '{}' is at version {}", branch, head.manifest->version));
    }
    return NewestWhere(read, *state_, line, ref, [&version](const CommitRecord& commit) {
      return commit.manifest_version <= *version;
    });
  }
  const std::optional<int64_t> at_ms = schema::ParseDateTime(std::string_view(ref).substr(1));
  if (!at_ms) return CommitNotFound(ref, "that is no time; write @2026-05-01T00:00:00Z");
  // Times are asked for in milliseconds and kept in microseconds: the whole millisecond counts.
  return NewestWhere(read, *state_, line, ref, [&at_ms](const CommitRecord& commit) {
    return commit.created_at_micros / 1000 <= *at_ms;
  });
}

Result<std::vector<CommitRecord>> Catalog::Commits(const Request& request,
                                                   const std::string& branch) {
  const Request read = request.In(Phase::kRead);
  TARN_ASSIGN_OR_RETURN(OpenLine * line, state_->FindLine(read, branch));
  TARN_RETURN_IF_ERROR(line->reader->Look(read).status());
  std::vector<CommitRecord> commits;
  const Visit visit = [&commits](OpenLine&, const CommitRecord& commit) {
    commits.push_back(commit);
    return false;
  };
  TARN_RETURN_IF_ERROR(Walk(read, *state_, visit).From(line).status());
  return commits;
}

}  // namespace tarn::catalog
