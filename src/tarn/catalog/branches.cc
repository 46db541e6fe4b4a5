// Branches and tags: names in main's manifest, changed under the same exact publish as a commit.
//
// Invariants
//   branch-1  A branch exists if and only if main's manifest names it and does not say closing. Its
//             own manifest is created by the publish that makes the name, so one is never there
//             without the other.
//   branch-2  A branch is deleted by the publish that says closing: no new write finds it. Then its
//             own manifest says closed, which stops writes that had found it before. Only then the
//             name may be used again.
//   branch-3  The line a branch or tag stands on stays: what would delete it is planned on the same
//             version of main's manifest, and one of the two is refused.
//   branch-4  An id, and with it every folder of a branch, is used once: a branch made again under
//   an
//             old name shares nothing with the one before it.

#include <algorithm>
#include <utility>

#include "tarn/base/failpoint.h"
#include "tarn/catalog/catalog_state.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/names.h"
#include "tarn/catalog/while_others_win.h"

namespace tarn::catalog {
namespace {

/// The state that a branch begins with, as the first version of its manifest.
std::vector<ManifestRow> FirstRows(const std::string& warehouse_id, const Snapshot& source,
                                   const Line& line) {
  const Manifest& manifest = source.manifest();
  std::vector<ManifestRow> rows = {
      EncodeRow(1, WarehouseEntry{.id = warehouse_id, .format = kFormatVersion}),
      EncodeRow(1, LineEntry{.line = line}), EncodeRow(1, manifest.schema_entry),
      EncodeRow(1, manifest.head)};
  for (const TableEntry& table : manifest.tables) rows.push_back(EncodeRow(1, table));
  return rows;
}

/// Is this very line there, not only one of its name?
bool HasLine(const Manifest& names, const Line& line) {
  if (line.id == kMainBranch) return true;
  const BranchEntry* entry = names.FindBranch(line.name);
  return entry != nullptr && entry->id == line.id;
}

/// A commit that a cleanup gave up is not brought back: only names that it has already keep it.
Status CheckKept(const Manifest& names, const Line& line, const CommitRecord& commit) {
  if (commit.manifest_version >= names.FloorOf(line.id)) return Status::Ok();
  for (const BranchEntry& branch : names.branches) {
    if (branch.from == commit.id) return Status::Ok();
  }
  for (const TagEntry& tag : names.tags) {
    if (tag.commit == commit.id) return Status::Ok();
  }
  return Error(ErrorId::kSnapshotExpired, "commit {} was cleaned up", commit.id)
      .WithHint("Choose a newer commit: tarn commit list");
}

/// Does something stand on commits that only this branch has?
Status CheckUnused(const Manifest& names, const BranchEntry& branch) {
  for (const BranchEntry& other : names.branches) {
    if (other.parent == branch.id)
      return Error(ErrorId::kBranchInUse, "branch '{}' was made of '{}'", other.name, branch.name);
  }
  for (const TagEntry& tag : names.tags) {
    if (tag.line == branch.id)
      return Error(ErrorId::kBranchInUse, "tag '{}' stands on a commit of '{}'", tag.name,
                   branch.name);
  }
  return Status::Ok();
}

}  // namespace

Result<Snapshot> Catalog::Source(const Request& request, const std::string& from) {
  const Request read = request.In(Phase::kRead);
  if (from == kMainBranch) return Head(request);
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const Manifest> names, state_->LookAtMain(read));
  if (names->FindBranch(from) != nullptr) return Head(request, from);
  Result<Snapshot> commit = AsOf(request, std::string(kMainBranch), from);
  if (commit.ok() || commit.status().id() != ErrorId::kCommitNotFound) return commit;
  return Error(ErrorId::kBranchNotFound, "no branch, tag or commit '{}' to start from", from)
      .WithHint("Run: tarn branch list, tarn tag list or tarn commit list");
}

Result<std::vector<BranchEntry>> Catalog::Branches(const Request& request) {
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const Manifest> names,
                        state_->LookAtMain(request.In(Phase::kRead)));
  return names->branches;
}

Result<std::vector<TagEntry>> Catalog::Tags(const Request& request) {
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const Manifest> names,
                        state_->LookAtMain(request.In(Phase::kRead)));
  return names->tags;
}

Result<BranchEntry> Catalog::CreateBranch(const Request& request, const std::string& name,
                                          const std::string& from) {
  TARN_ASSIGN_OR_RETURN(const std::string checked, CheckedBranchName(name));
  TARN_RETURN_IF_ERROR(FinishDeletes(request));
  return WhileOthersWin(kNameRetriesMax, [&]() -> Result<BranchEntry> {
    // The source before main: what names the source is then part of the version that is planned on.
    TARN_ASSIGN_OR_RETURN(const Snapshot source, Source(request, from));
    TARN_ASSIGN_OR_RETURN(const Snapshot base, Head(request));
    const Manifest& names = base.manifest();
    TARN_RETURN_IF_ERROR(CheckFree(names.branches, checked));
    if (names.branches.size() >= kBranchesMax)
      return Error(ErrorId::kCommitTooLarge, "a warehouse has at most {} branches", kBranchesMax);
    const Line& parent = source.manifest().line;
    if (!HasLine(names, parent)) return NoBranch(parent.name);
    TARN_RETURN_IF_ERROR(CheckKept(names, parent, source.commit()));
    NewBranch made{.entry = {.name = checked,
                             .id = state_->ids.Next(),
                             .parent = parent.id,
                             .from = source.commit().id,
                             .first = source.commit().manifest_version,
                             .actor = request.actor,
                             .created_at_micros = state_->location.clock->NowMicros()}};
    const std::vector<ManifestRow> rows =
        FirstRows(state_->warehouse_id, source, made.entry.line());
    TARN_ASSIGN_OR_RETURN(
        made.staged,
        state_->location.tables->StageCreate(
            request.In(Phase::kStage),
            Under(state_->location.root, ManifestLocation(made.entry.id)),
            lance::StreamOf(ManifestSchema(), {RowsToBatch(rows)}), lance::StageOptions{}));
    TARN_FAILPOINT("branch.after_stage");
    BranchEntry entry = made.entry;
    CommitPlan plan{.base = base, .operation = "branch:create", .new_branch = std::move(made)};
    TARN_RETURN_IF_ERROR(Commit(request, std::move(plan)).status());
    return entry;
  });
}

Status Catalog::Close(const Request& request, const BranchEntry& branch) {
  const Request read = request.In(Phase::kRead);
  const auto attempt = [&]() -> Result<CommitRecord> {
    TARN_ASSIGN_OR_RETURN(OpenLine * line, state_->Open(read, branch.line()));
    TARN_ASSIGN_OR_RETURN(const ManifestReader::Head head, line->reader->Look(read));
    if (head.manifest->closed) return head.manifest->head;
    CommitPlan plan{.base = state_->SnapshotOf(head.manifest), .operation = "branch:close"};
    plan.names.push_back(LineEntry{.line = head.manifest->line, .closed = true});
    return Commit(request, std::move(plan));
  };
  return WhileOthersWin(kNameRetriesMax, attempt).status();
}

Status Catalog::FinishDeletes(const Request& request) {
  return WhileOthersWin(kNameRetriesMax,
                        [&]() -> Result<bool> {
                          TARN_ASSIGN_OR_RETURN(const Snapshot base, Head(request));
                          if (base.manifest().closing.empty()) return true;
                          CommitPlan plan{.base = base, .operation = "branch:delete"};
                          for (const BranchEntry& branch : base.manifest().closing) {
                            TARN_RETURN_IF_ERROR(Close(request, branch));
                            plan.names.push_back(DroppedBranch{.name = branch.name});
                          }
                          TARN_FAILPOINT("branch.after_close");
                          TARN_RETURN_IF_ERROR(Commit(request, std::move(plan)).status());
                          return true;
                        })
      .status();
}

Result<BranchEntry> Catalog::DeleteBranch(const Request& request, const std::string& name) {
  TARN_ASSIGN_OR_RETURN(const std::string checked, CheckedBranchName(name));
  TARN_RETURN_IF_ERROR(FinishDeletes(request));
  TARN_ASSIGN_OR_RETURN(BranchEntry entry,
                        WhileOthersWin(kNameRetriesMax, [&]() -> Result<BranchEntry> {
                          TARN_ASSIGN_OR_RETURN(const Snapshot base, Head(request));
                          const BranchEntry* found = base.manifest().FindBranch(checked);
                          if (found == nullptr) return NoBranch(checked);
                          BranchEntry closing = *found;
                          TARN_RETURN_IF_ERROR(CheckUnused(base.manifest(), closing));
                          closing.closing = true;
                          CommitPlan plan{.base = base, .operation = "branch:delete"};
                          plan.names.push_back(closing);
                          TARN_RETURN_IF_ERROR(Commit(request, std::move(plan)).status());
                          return closing;
                        }));
  // From here on it is deleted. What is left is done by the next change of branches if not here.
  TARN_FAILPOINT("branch.after_closing");
  (void)FinishDeletes(request);
  return entry;
}

Result<TagEntry> Catalog::CreateTag(const Request& request, const std::string& name,
                                    const std::string& from) {
  TARN_ASSIGN_OR_RETURN(const std::string checked, CheckedTagName(name));
  return WhileOthersWin(kNameRetriesMax, [&]() -> Result<TagEntry> {
    TARN_ASSIGN_OR_RETURN(const Snapshot source, Source(request, from));
    // The line that made the commit: a branch of today may only have inherited it.
    TARN_ASSIGN_OR_RETURN(const Snapshot made_on, At(request, source.commit().id));
    TARN_ASSIGN_OR_RETURN(const Snapshot base, Head(request));
    const Manifest& names = base.manifest();
    if (names.FindTag(checked) != nullptr)
      return Error(ErrorId::kTagExists, "there is a tag '{}' already", checked);
    if (names.tags.size() >= kTagsMax)
      return Error(ErrorId::kCommitTooLarge, "a warehouse has at most {} tags", kTagsMax);
    const Line& line = made_on.manifest().line;
    if (!HasLine(names, line)) return NoBranch(line.name);
    TARN_RETURN_IF_ERROR(CheckKept(names, line, made_on.commit()));
    TagEntry entry{.name = checked,
                   .commit = source.commit().id,
                   .line = line.id,
                   .actor = request.actor,
                   .created_at_micros = state_->location.clock->NowMicros()};
    CommitPlan plan{.base = base, .operation = "tag:create"};
    plan.names.push_back(entry);
    TARN_RETURN_IF_ERROR(Commit(request, std::move(plan)).status());
    return entry;
  });
}

Result<TagEntry> Catalog::DeleteTag(const Request& request, const std::string& name) {
  return WhileOthersWin(kNameRetriesMax, [&]() -> Result<TagEntry> {
    TARN_ASSIGN_OR_RETURN(const Snapshot base, Head(request));
    const TagEntry* found = base.manifest().FindTag(name);
    if (found == nullptr) {
      return Error(ErrorId::kTagNotFound, "tag '{}' not found", name)
          .WithHint("Run: tarn tag list");
    }
    TagEntry entry = *found;
    CommitPlan plan{.base = base, .operation = "tag:delete"};
    plan.names.push_back(DroppedTag{.name = name});
    TARN_RETURN_IF_ERROR(Commit(request, std::move(plan)).status());
    return entry;
  });
}

}  // namespace tarn::catalog
