#include "tarn/catalog/catalog.h"

#include <algorithm>
#include <set>
#include <utility>

#include "tarn/base/json_writer.h"
#include "tarn/base/utf8.h"
#include "tarn/catalog/catalog_state.h"
#include "tarn/catalog/conflict.h"
#include "tarn/catalog/identity.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/roll_forward.h"
#include "tarn/catalog/schema_files.h"
#include "tarn/lance/fork_uri.h"

namespace tarn::catalog {
namespace {

Status NotFound(const Location& location, std::string_view why) {
  return Error(ErrorId::kWarehouseNotFound, "there is no warehouse at {}: {}", location.root, why)
      .WithHint(fmt::format("Run: tarn init --schema FILE {}", location.root));
}

Result<Identity> ReadIdentity(const Request& request, const Location& location) {
  const Result<std::string> text = location.objects->Get(request, kIdentityKey);
  if (!text.ok() && text.status().id() == ErrorId::kObjectNotFound) {
    return NotFound(location, fmt::format("{} is missing", kIdentityKey));
  }
  TARN_RETURN_IF_ERROR(text.status());
  return DecodeIdentity(*text);
}

Result<std::unique_ptr<lance::Table>> OpenManifest(const Request& request,
                                                   const Location& location) {
  auto newest = location.tables->Open(request, Under(location.root, kManifestFolder), std::nullopt);
  if (!newest.ok() && newest.status().id() == ErrorId::kObjectNotFound) {
    return NotFound(location, "its init never finished");
  }
  return newest;
}

Status CheckRequestId(const std::string& id) {
  if (id.size() <= kRequestIdBytesMax && FindInvalidUtf8(id) == std::string_view::npos)
    return Status::Ok();
  return Error(ErrorId::kInvalidArgument,
               "a request id is at most {} bytes of UTF-8, this one has {} bytes",
               kRequestIdBytesMax, id.size());
}

Status CheckRequestIds(const Request& request, const CommitPlan& plan) {
  for (const CommitPlan::Answered& answered : plan.requests) {
    TARN_RETURN_IF_ERROR(CheckRequestId(answered.request_id));
  }
  return CheckRequestId(request.request_id);
}

/// What a plan says about itself is the program's own doing, not the user's.
void CheckPlan(const CommitPlan& plan) {
  TARN_CHECK(plan.IsCommit() || (plan.effects.empty() && plan.if_commit.empty()),
             "a plan that changes names and tables");
  std::set<std::string_view> tables;
  for (const Effect& effect : plan.effects) {
    TARN_CHECK(effect.staged != nullptr, "an effect without a staged transaction");
    TARN_CHECK(effect.before.owner == plan.base.manifest().line.id,
               "an effect on a table that was not opened for writing on this branch");
    TARN_CHECK(tables.insert(effect.before.id).second, "two effects on one table");
    TARN_CHECK(effect.staged->creates_table() == (effect.before.version == 0),
               "a create of a table that has versions");
    TARN_CHECK(effect.base == nullptr || effect.base->version() == effect.before.version,
               "an effect on another version than its entry names");
  }
  if (!plan.schema) return;
  for (const std::string& id : plan.schema->dropped) {
    TARN_CHECK(tables.insert(id).second && !plan.schema->renamed.contains(id),
               "a dropped table that changes");
  }
}

/// The little that is remembered of a plan once it is handed over.
struct Wish {
  std::string base_commit;
  uint64_t barrier = 0;  ///< of the base
  std::string if_commit;
  std::vector<TableEntry> tables;
};

Wish WishOf(const CommitPlan& plan) {
  Wish wish{.base_commit = plan.base.commit().id,
            .barrier = plan.base.manifest().barrier,
            .if_commit = plan.if_commit,
            .tables = {}};
  for (const Effect& effect : plan.effects) wish.tables.push_back(effect.before);
  std::sort(wish.tables.begin(), wish.tables.end(),
            [](const TableEntry& a, const TableEntry& b) { return a.Key() < b.Key(); });
  return wish;
}

/// A cleanup takes what nothing names, and what this plan has staged may be among it.
Status BehindBarrier(const Manifest& head) {
  JsonWriter detail;
  detail.BeginObject().Key("member").String("barrier");
  detail.Key("actual").Uint(head.barrier).EndObject();
  return Error(ErrorId::kCommitConflict,
               "a cleanup has begun on branch '{}' since this was staged: barrier {}",
               head.line.name, head.barrier)
      .WithHint("Refresh and retry on the new head.")
      .WithDetail("read_set_conflict", detail.Take());
}

/// The conflict of a lost slot in the terms of the caller: first a table that both changed, else
/// the whole head.
Status ConflictWith(const Wish& wish, const Manifest& head) {
  if (wish.barrier != head.barrier) return BehindBarrier(head);
  if (!wish.if_commit.empty()) return PreconditionFailure(wish.if_commit, head.head.id);
  JsonWriter detail;
  for (const TableEntry& wanted : wish.tables) {
    const TableEntry* actual = head.FindTable(wanted.kind, wanted.type_name);
    const uint64_t version = actual == nullptr ? 0 : actual->version;
    if (version == wanted.version) continue;
    detail.BeginObject();
    detail.Key("entity_kind")
        .String(TableKindName(wanted.kind))
        .Key("type_name")
        .String(wanted.type_name);
    detail.Key("expected_published_dataset_version").Uint(wanted.version);
    detail.Key("actual_published_dataset_version").Uint(version).EndObject();
    return Error(ErrorId::kCommitConflict,
                 "stale view of {}: planned on version {}, the head {} has version {}",
                 wanted.Key(), wanted.version, head.head.id, version)
        .WithHint("Refresh and retry on the new head.")
        .WithDetail("published_dataset_version_conflict", detail.Take());
  }
  detail.BeginObject().Key("member").String("branch_head");
  detail.Key("expected").String(wish.base_commit).Key("actual").String(head.head.id).EndObject();
  return Error(ErrorId::kCommitConflict,
               "stale view of the branch: planned on commit {}, the head is {}", wish.base_commit,
               head.head.id)
      .WithHint("Refresh and retry on the new head.")
      .WithDetail("read_set_conflict", detail.Take());
}

/// Moves a plan that keeps content from its base to `head`. False when one of its tables has
/// changed.
bool MoveAlong(const Snapshot& head, CommitPlan& plan) {
  std::vector<TableEntry> entries;
  for (const Effect& effect : plan.effects) {
    const auto& tables = head.manifest().tables;
    const auto found = std::find_if(tables.begin(), tables.end(), [&](const TableEntry& entry) {
      return entry.location == effect.before.location && entry.version == effect.before.version;
    });
    if (found == tables.end()) return false;
    entries.push_back(*found);
  }
  for (size_t i = 0; i < entries.size(); ++i) plan.effects[i].before = std::move(entries[i]);
  plan.base = head;
  return true;
}

Status ReadOnly(const Location& location) {
  return Error(ErrorId::kReadOnlyWarehouse, "{} was opened read-only", location.root);
}

Status Closed(const Line& line) {
  return Error(ErrorId::kBranchNotFound, "branch '{}' is being deleted: it takes no commit",
               line.name)
      .WithHint("Write to another branch. tarn branch delete finishes what was begun.");
}

}  // namespace

Catalog::Catalog(std::unique_ptr<State> state) : state_(std::move(state)) {}
Catalog::~Catalog() = default;

Result<std::unique_ptr<Catalog>> Catalog::Open(const Request& request, const Location& location,
                                               Access access) {
  const Request read = request.In(Phase::kRead);
  TARN_ASSIGN_OR_RETURN(const Identity identity, ReadIdentity(read, location));
  TARN_ASSIGN_OR_RETURN(std::unique_ptr<lance::Table> newest, OpenManifest(read, location));
  Sweep sweep;
  if (access == Access::kReadWrite) {
    TARN_ASSIGN_OR_RETURN(sweep, SweepIntents(request, location, *newest));
    if (sweep.moved_main) {
      TARN_ASSIGN_OR_RETURN(newest, OpenManifest(read, location));
    }
  }
  TARN_ASSIGN_OR_RETURN(
      std::unique_ptr<ManifestReader> reader,
      ManifestReader::Open(read, location, identity.id, Line(), std::move(newest)));
  std::unique_ptr<Catalog> catalog(
      new Catalog(std::make_unique<State>(location, access, identity.id, std::move(reader))));
  catalog->WriteDown(request, std::move(sweep));
  return catalog;
}

const std::string& Catalog::warehouse_id() const { return state_->warehouse_id; }

Result<Snapshot> Catalog::Known(const Request& request, const std::string& branch) {
  if (branch != state_->main.reader->line().name) return Head(request, branch);
  return state_->SnapshotOf(state_->main.reader->known().manifest);
}

Result<Snapshot> Catalog::Head(const Request& request, const std::string& branch) {
  const Request read = request.In(Phase::kRead);
  TARN_ASSIGN_OR_RETURN(OpenLine * line, state_->FindLine(read, branch));
  TARN_ASSIGN_OR_RETURN(ManifestReader::Head head, line->reader->Look(read));
  return state_->SnapshotOf(std::move(head.manifest));
}

Result<std::optional<RequestAnswer>> Catalog::FindRequest(const Request& request,
                                                          const Snapshot& snapshot,
                                                          const std::string& request_id) {
  return state_->LineOf(snapshot).reader->FindRequest(request.In(Phase::kRead), request_id);
}

Result<std::string> Catalog::SchemaSource(const Request& request, const Snapshot& snapshot) {
  return ReadSchemaSource(request.In(Phase::kRead), state_->location,
                          snapshot.manifest().schema_entry);
}

Result<WritableTable> Catalog::OpenForWrite(const Request& request, const Snapshot& snapshot,
                                            TableKind kind, std::string_view type_name) {
  WritableTable writable;
  TARN_ASSIGN_OR_RETURN(writable.table, snapshot.OpenTable(request, kind, type_name));
  writable.entry = *snapshot.manifest().FindTable(kind, type_name);
  const Line& line = snapshot.manifest().line;
  if (writable.entry.owner == line.id) return writable;
  if (state_->access == Access::kReadOnly) return ReadOnly(state_->location);
  writable.entry.location = ForkLocation(writable.entry.id, state_->ids.Next());
  writable.entry.owner = line.id;
  const std::string name(lance::SplitForkUri(writable.entry.location).fork);
  TARN_ASSIGN_OR_RETURN(
      writable.table,
      state_->location.tables->Fork(request, *writable.table, name, state_->location.durable()));
  writable.forked = true;
  return writable;
}

Result<SchemaEntry> Catalog::StageSchema(const Request& request, const std::string& source,
                                         const schema::Schema& schema) {
  if (state_->access == Access::kReadOnly) {
    return Error(ErrorId::kReadOnlyWarehouse, "{} was opened read-only", state_->location.root);
  }
  return WriteSchema(request.In(Phase::kStage), state_->location, state_->ids.Next(), source,
                     schema);
}

Result<CommitRecord> Catalog::Commit(const Request& request, CommitPlan plan) {
  CheckPlan(plan);
  const Wish wish = WishOf(plan);
  const auto give_up = [&](Status why) {
    DiscardStaged(request, state_->location, plan);
    return why;
  };
  if (state_->access == Access::kReadOnly) return give_up(ReadOnly(state_->location));
  if (Status status = CheckRequestIds(request, plan); !status.ok())
    return give_up(std::move(status));

  OpenLine& line = state_->LineOf(plan.base);
  std::lock_guard turn(line.turn);
  ManifestReader& reader = *line.reader;
  if (plan.IsCommit() && !request.request_id.empty()) {
    Result<std::optional<RequestAnswer>> done =
        reader.FindRequest(request.In(Phase::kRead), request.request_id);
    if (!done.ok()) return give_up(std::move(done).status());
    if (*done) {
      DiscardStaged(request, state_->location, plan);
      return std::move((*done)->commit);
    }
  }
  const int64_t since = state_->location.clock->UptimeMicros() - reader.known().seen_at;
  if (plan.keeps_content || since >= kPauseMaxMicros) {
    // It took long to stage, so others have likely been here.
    if (Status looked = reader.Look(request.In(Phase::kRead)).status(); !looked.ok())
      return give_up(std::move(looked));
  }
  const ManifestReader::Head head = reader.known();
  if (wish.barrier != head.manifest->barrier) return give_up(BehindBarrier(*head.manifest));
  if (plan.keeps_content) MoveAlong(state_->SnapshotOf(head.manifest), plan);
  if (!wish.if_commit.empty() && wish.if_commit != wish.base_commit) {
    return give_up(PreconditionFailure(wish.if_commit, wish.base_commit));
  }
  if (plan.IsCommit() && head.manifest->closed) return give_up(Closed(head.manifest->line));
  // A change of names leaves the state that a commit was planned on as it was, but not the names.
  const Manifest& base = plan.base.manifest();
  const bool moved = plan.IsCommit() ? base.head.id != head.manifest->head.id
                                     : base.version != head.manifest->version;
  if (moved) return give_up(ConflictWith(wish, *head.manifest));

  Result<Published> published = Publish(request, state_->location,
                                        {.plan = std::move(plan),
                                         .commit_id = state_->ids.Next(),
                                         .manifest = head.table,
                                         .state = head.state,
                                         .head_seen_at = head.seen_at});
  if (published.ok()) {
    state_->Advance(request, line, *published);
    return std::move(published->record);
  }
  if (published.status().id() != ErrorId::kCommitConflict) return std::move(published).status();
  const Result<ManifestReader::Head> now = reader.Look(request.In(Phase::kRead));
  if (now.ok() && now->manifest->closed) return Closed(now->manifest->line);
  return now.ok() ? ConflictWith(wish, *now->manifest) : std::move(published).status();
}

void Catalog::Abandon(const Request& request, CommitPlan plan) {
  DiscardStaged(request, state_->location, plan);
}

}  // namespace tarn::catalog
