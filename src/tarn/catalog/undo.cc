#include "tarn/catalog/undo.h"

#include <utility>
#include <vector>

#include "tarn/base/failpoint.h"
#include "tarn/base/json_writer.h"
#include "tarn/catalog/digest.h"
#include "tarn/catalog/landing.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/manifest_reader.h"
#include "tarn/catalog/manifest_rows.h"

namespace tarn::catalog {
namespace {

/// The transaction that restores a table from `expected` on, the same whoever undoes this commit.
std::string RestoreUuid(const Intent& intent, const std::string& table_id, uint64_t expected) {
  const std::string hex =
      Sha256Hex(fmt::format("undo/{}/{}/{}", intent.commit.id, table_id, expected));
  return fmt::format("{}-{}-8{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 3),
                     hex.substr(15, 3), hex.substr(18, 12));
}

/// One table that the commit may have moved.
struct Moved {
  TableEntry entry;  ///< as the manifest names it
  std::string uuid;  ///< of the commit's effect
  std::string uri;
  std::unique_ptr<lance::Table> head;
  bool is_restored = false;  ///< head is what undo puts there
  RecoveredTable record;
};

class Undoer {
 public:
  Undoer(const Request& request, const Location& location, const Intent& intent,
         const std::string& reason)
      : request_(request.In(Phase::kRecovery)),
        location_(location),
        intent_(intent),
        reason_(reason),
        uri_(Under(location.root, intent.publish.location)) {}

  Status Run() {
    for (int attempt = 0; attempt < kUndoAttemptsMax; ++attempt) {
      TARN_ASSIGN_OR_RETURN(bool is_open, Look());
      if (!is_open) return Status::Ok();
      TARN_ASSIGN_OR_RETURN(state_, ReadState(request_, *manifest_));
      if (state_.line.closed)
        return Stuck("its branch", "it is being deleted, and no commit may follow");
      TARN_RETURN_IF_ERROR(ReadHeads());
      TARN_ASSIGN_OR_RETURN(is_open, Look());  // undo-3
      if (!is_open) return Status::Ok();
      TARN_ASSIGN_OR_RETURN(const bool restored, RestoreAll());
      if (restored) return PublishAbort();
    }
    return Stuck("its tables",
                 fmt::format("somebody wrote to them in each of {} attempts", kUndoAttemptsMax));
  }

 private:
  /// Is the slot still open? By a listing: a probe proves nothing after a long pause.
  Result<bool> Look() {
    TARN_ASSIGN_OR_RETURN(manifest_, location_.tables->Open(request_, uri_, std::nullopt));
    return manifest_->version() < intent_.slot;
  }

  Status ReadHeads() {
    tables_.clear();
    for (const Intent::TableEffect& effect : intent_.effects) {
      auto found = state_.tables.find(effect.table_id);
      // A table, fork or branch that this commit was to make is in no manifest: it is left behind.
      const bool is_named =
          found != state_.tables.end() && found->second.location == effect.transaction.location;
      if (!is_named) continue;
      Moved& moved = tables_.emplace_back();
      moved.entry = found->second;
      moved.uuid = effect.transaction.uuid;
      moved.uri = Under(location_.root, moved.entry.location);
      TARN_RETURN_IF_ERROR(ReadHead(moved));
    }
    return Status::Ok();
  }

  Status ReadHead(Moved& moved) {
    TARN_ASSIGN_OR_RETURN(moved.head, location_.tables->Open(request_, moved.uri, std::nullopt));
    const uint64_t named = moved.entry.version;
    uint64_t head = moved.head->version();
    moved.record = {.table_id = moved.entry.id, .table_key = moved.entry.Key()};
    moved.record.to_version = named;
    if (head > named + 1) {
      TARN_ASSIGN_OR_RETURN(moved.is_restored,
                            IsAt(moved, head, RestoreUuid(intent_, moved.entry.id, head - 1)));
      if (moved.is_restored) --head;
    }
    moved.record.head = head;
    TARN_ASSIGN_OR_RETURN(moved.record.found, StandingOf(moved, head));
    if (moved.record.found != TableStanding::kInvariantViolation) return Status::Ok();
    return Stuck(moved.record.table_key,
                 fmt::format("InvariantViolation: the manifest names version {}, the newest is {}",
                             named, head));
  }

  Result<TableStanding> StandingOf(const Moved& moved, uint64_t head) {
    const uint64_t named = moved.entry.version;
    if (head == named) return TableStanding::kNoMovement;
    if (head < named) return TableStanding::kInvariantViolation;
    if (head > named + 1) return TableStanding::kUnexpectedMultistep;
    TARN_ASSIGN_OR_RETURN(const bool ours, IsAt(moved, head, moved.uuid));
    return ours ? TableStanding::kRolledPastExpected : TableStanding::kUnexpectedAtP1;
  }

  Result<bool> IsAt(const Moved& moved, uint64_t version, const std::string& uuid) {
    TARN_ASSIGN_OR_RETURN(const lance::ProbeOutcome outcome,
                          location_.tables->Probe(request_, moved.uri, version, uuid));
    return outcome == lance::ProbeOutcome::kOurs;
  }

  /// False when somebody else came in between: then everything is read again.
  Result<bool> RestoreAll() {
    for (Moved& moved : tables_) {
      const uint64_t head = moved.head->version();
      moved.record.version = head;
      if (head == moved.entry.version || moved.is_restored) continue;
      const Status restored =
          location_.tables
              ->RestoreExact(request_, *moved.head, moved.entry.version,
                             RestoreUuid(intent_, moved.entry.id, head),
                             {.trust_expected = false, .durable = location_.durable()})
              .status();
      if (!restored.ok() && restored.id() == ErrorId::kObjectNotFound) {
        return Stuck(
            moved.record.table_key,
            fmt::format("version {}, which the manifest names, is gone", moved.entry.version));
      }
      const bool is_late = !restored.ok() && (restored.id() == ErrorId::kFenced ||
                                              restored.id() == ErrorId::kStorageConflict ||
                                              restored.id() == ErrorId::kCommitUnknown);
      if (is_late) return false;
      TARN_RETURN_IF_ERROR(restored);
      moved.record.version = head + 1;
      TARN_FAILPOINT("undo.after_restore");
    }
    return true;
  }

  /// undo-1. Whoever comes second finds the slot taken, and that is as good.
  Status PublishAbort() {
    const std::vector<ManifestRow> changes = MakeRows();
    TARN_ASSIGN_OR_RETURN(const std::vector<ManifestRow> rows,
                          CompleteRows(intent_.slot, state_, changes));
    Landing landing;
    landing.what = intent_.publish.location;
    landing.uri = uri_;
    landing.expected = intent_.slot - 1;
    TARN_ASSIGN_OR_RETURN(landing.staged,
                          StageManifestRows(request_, location_, *manifest_, rows, record_));
    landing.uuid = landing.staged->uuid();
    landing.base = std::move(manifest_);
    Status landed = LandOne(request_, location_, intent_.Key(), landing, /*trust_expected=*/false);
    if (!landed.ok() && landed.id() == ErrorId::kRecoveryRequired) {
      (void)landing.staged->Discard(request_.In(Phase::kCleanup));
      return Status::Ok();
    }
    TARN_RETURN_IF_ERROR(std::move(landed));
    TARN_FAILPOINT("undo.after_publish");
    return Status::Ok();
  }

  std::vector<ManifestRow> MakeRows() {
    record_ = CommitRecord();
    record_.id = UlidFactory(*location_.clock).Next();
    record_.manifest_version = state_.line.line.NumberOf(intent_.slot);
    record_.branch = state_.line.line.name;
    record_.parent_id = state_.head.id;
    record_.actor = kRecoveryActor;
    const bool is_repair = intent_.commit.operation == kRepairOperation;
    record_.operation = is_repair ? kRepairOperation : "recovery:roll_back";
    record_.created_at_micros = location_.clock->NowMicros();
    RecoveryRecord recovery;
    recovery.operation_id = intent_.commit.id;
    recovery.commit_id = record_.id;
    recovery.kind = is_repair ? RecoveryRecord::Kind::kRepaired : RecoveryRecord::Kind::kRolledBack;
    recovery.for_actor = intent_.commit.actor;
    recovery.reason = reason_;
    recovery.created_at_micros = record_.created_at_micros;
    std::vector<ManifestRow> rows;
    for (const Moved& moved : tables_) {
      recovery.tables.push_back(moved.record);
      if (moved.record.version == moved.entry.version) continue;
      TableEntry after = moved.entry;
      after.version = moved.record.version;
      record_.changes.push_back({.table_id = after.id, .version = after.version});
      rows.push_back(EncodeRow(intent_.slot, after));
    }
    rows.push_back(EncodeRow(intent_.slot, record_));
    rows.push_back(EncodeRow(intent_.slot, recovery));
    return rows;
  }

  Status Stuck(std::string_view what, std::string_view why) const {
    JsonWriter detail;
    detail.BeginObject().Key("operation_id").String(intent_.commit.id).EndObject();
    return Error(ErrorId::kRecoveryRequired, "{} can be neither finished nor undone: {}: {}",
                 intent_.Key(), what, why)
        .WithHint("The intent was left where it is. Run: tarn repair")
        .WithDetail("recovery_required", detail.Take());
  }

  const Request request_;
  const Location& location_;
  const Intent& intent_;
  const std::string& reason_;
  const std::string uri_;
  std::unique_ptr<lance::Table> manifest_;  // the newest, of the last look
  ManifestState state_;                     // of the version before the slot
  std::vector<Moved> tables_;
  CommitRecord record_;
};

}  // namespace

Status UndoIntent(const Request& request, const Location& location, const Intent& intent,
                  const std::string& reason) {
  return Undoer(request, location, intent, reason).Run();
}

}  // namespace tarn::catalog
