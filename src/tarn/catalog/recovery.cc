// What a catalog does about commits that were not ended, and about tables that somebody moved
// beside it: sweeps, keeps a record, answers what happened.

#include <algorithm>
#include <utility>

#include "tarn/catalog/catalog_state.h"
#include "tarn/catalog/intent.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/roll_forward.h"

namespace tarn::catalog {
namespace {

Request AsRecoverer(const Request& request) {
  Request recoverer = request.In(Phase::kRecovery);
  recoverer.actor = kRecoveryActor;
  recoverer.request_id.clear();
  return recoverer;
}

/// A commit that changes nothing. On a table that has moved it cannot land, so it is undone, and
/// that brings the table back.
Result<Effect> EmptyEffect(const Request& request, const Snapshot& base, const TableEntry& entry) {
  Effect effect{.before = entry};
  TARN_ASSIGN_OR_RETURN(effect.base, base.OpenTable(request, entry.kind, entry.type_name));
  TARN_ASSIGN_OR_RETURN(effect.staged,
                        base.tables().StageAppend(request, *effect.base,
                                                  lance::StreamOf(effect.base->schema(), {}), {}));
  effect.rows_after = entry.rows;
  effect.bytes_after = entry.bytes;
  return effect;
}

}  // namespace

void Catalog::WriteDown(const Request& request, Sweep sweep) {
  const Request recoverer = AsRecoverer(request);
  for (Sweep::Finished& finished : sweep.finished) {
    // Best effort: what was finished is visible anyhow, and its intent stays until the next open.
    for (int attempt = 0; attempt < kRecoveryWriteAttemptsMax; ++attempt) {
      const auto names = state_->LookAtMain(recoverer);
      if (!names.ok()) return;
      const auto line = state_->LineById(recoverer, **names, finished.intent.line_id);
      if (!line.ok()) break;
      const auto head = (*line)->reader->Look(recoverer);
      if (!head.ok()) return;
      CommitPlan plan{.base = state_->SnapshotOf(head->manifest),
                      .operation = "recovery:roll_forward"};
      plan.recoveries.push_back(finished.record);
      const Status written = Commit(recoverer, std::move(plan)).status();
      if (written.ok())
        RetireIntent(recoverer, state_->location, finished.intent.line_id, finished.intent.slot);
      if (written.ok() || written.id() != ErrorId::kCommitConflict) break;
    }
  }
}

Status Catalog::Recover(const Request& request) {
  if (state_->access == Access::kReadOnly) {
    return Error(ErrorId::kReadOnlyWarehouse, "{} was opened read-only", state_->location.root);
  }
  TARN_ASSIGN_OR_RETURN(const ManifestReader::Head main, state_->main.reader->Look(request));
  TARN_ASSIGN_OR_RETURN(Sweep sweep, SweepIntents(request, state_->location, *main.table));
  WriteDown(request, std::move(sweep));
  return Status::Ok();
}

Result<std::vector<RecoveryRecord>> Catalog::Recoveries(const Request& request,
                                                        const std::string& branch) {
  const Request read = request.In(Phase::kRead);
  TARN_ASSIGN_OR_RETURN(OpenLine * line, state_->FindLine(read, branch));
  TARN_RETURN_IF_ERROR(line->reader->Look(read).status());
  TARN_ASSIGN_OR_RETURN(std::vector<RecoveryRecord> recoveries, line->reader->Recoveries(read));
  std::reverse(recoveries.begin(), recoveries.end());
  return recoveries;
}

Result<std::vector<PendingCommit>> Catalog::Pending(const Request& request) {
  const Request read = request.In(Phase::kRead);
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const Manifest> names, state_->LookAtMain(read));
  TARN_ASSIGN_OR_RETURN(const std::vector<std::string> keys, ListIntents(read, state_->location));
  std::vector<PendingCommit> pending;
  for (const std::string& key : keys) {
    const std::optional<IntentName> name = IntentNameOf(key);
    if (!name) return Error(ErrorId::kCorruptData, "{}: no intent has such a name", key);
    const Result<std::string> text = state_->location.objects->Get(read, key);
    if (!text.ok() && text.status().id() == ErrorId::kObjectNotFound) continue;
    TARN_RETURN_IF_ERROR(text.status());
    TARN_ASSIGN_OR_RETURN(const Intent intent, DecodeIntent(key, *text));
    TARN_ASSIGN_OR_RETURN(OpenLine * line, state_->LineById(read, *names, name->line_id));
    TARN_ASSIGN_OR_RETURN(const ManifestReader::Head head, line->reader->Look(read));
    if (head.table->version() >= name->slot) continue;  // decided, and only not cleared away
    pending.push_back({.line_id = name->line_id, .slot = name->slot, .commit = intent.commit});
  }
  return pending;
}

Result<std::vector<TableDrift>> Catalog::Drift(const Request& request, const std::string& branch) {
  const Request read = request.In(Phase::kRead);
  TARN_ASSIGN_OR_RETURN(const Snapshot head, Head(read, branch));
  const Line& line = head.manifest().line;
  TARN_ASSIGN_OR_RETURN(const std::vector<PendingCommit> pending, Pending(read));
  for (const PendingCommit& commit : pending) {
    if (commit.line_id != line.id) continue;
    return Error(ErrorId::kRecoveryRequired, "commit {} of {} is under way", commit.commit.id,
                 commit.commit.actor)
        .WithHint("Open the warehouse for writing: that finishes it, or gives it up.");
  }
  std::vector<TableDrift> drifts;
  for (const TableEntry& entry : head.manifest().tables) {
    if (entry.owner != line.id) continue;  // another line moves it
    TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::Table> newest,
                          state_->location.tables->Open(
                              read, Under(state_->location.root, entry.location), std::nullopt));
    const uint64_t version = newest->version();
    if (version == entry.version) continue;
    drifts.push_back({.entry = entry,
                      .found = version < entry.version        ? TableStanding::kInvariantViolation
                               : version == entry.version + 1 ? TableStanding::kUnexpectedAtP1
                                                              : TableStanding::kUnexpectedMultistep,
                      .head = version});
  }
  return drifts;
}

Result<std::optional<RecoveryRecord>> Catalog::Repair(const Request& request,
                                                      const std::string& branch) {
  const Request recoverer = AsRecoverer(request);
  TARN_RETURN_IF_ERROR(Recover(recoverer));
  TARN_ASSIGN_OR_RETURN(const std::vector<TableDrift> drifts, Drift(recoverer, branch));
  if (drifts.empty()) return std::optional<RecoveryRecord>();
  TARN_ASSIGN_OR_RETURN(const Snapshot base, Head(recoverer, branch));
  CommitPlan plan{.base = base, .operation = std::string(kRepairOperation)};
  for (const TableDrift& drift : drifts) {
    TARN_ASSIGN_OR_RETURN(Effect effect,
                          EmptyEffect(recoverer.In(Phase::kStage), base, drift.entry));
    plan.effects.push_back(std::move(effect));
  }
  const Status undone = Commit(recoverer, std::move(plan)).status();
  if (!undone.ok() && undone.id() != ErrorId::kCommitConflict) return undone;
  TARN_ASSIGN_OR_RETURN(std::vector<RecoveryRecord> records, Recoveries(recoverer, branch));
  if (records.empty() || records[0].kind != RecoveryRecord::Kind::kRepaired) {
    return Error(ErrorId::kCommitConflict, "another commit came in between")
        .WithHint("Run it again.");
  }
  return std::optional(std::move(records[0]));
}

}  // namespace tarn::catalog
