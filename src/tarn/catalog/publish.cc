#include "tarn/catalog/publish.h"

#include <algorithm>
#include <utility>

#include <arrow/record_batch.h>

#include "tarn/base/failpoint.h"
#include "tarn/base/json_writer.h"
#include "tarn/base/task_group.h"
#include "tarn/catalog/intent.h"
#include "tarn/catalog/landing.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/manifest_rows.h"
#include "tarn/catalog/roll_forward.h"
#include "tarn/catalog/schema_files.h"
#include "tarn/catalog/undo.h"

namespace tarn::catalog {
namespace {

enum class Slot : uint8_t { kOurs, kTaken };

Status Conflict(uint64_t slot) {
  return Error(ErrorId::kCommitConflict, "another commit became manifest version {}", slot);
}

Result<IntentTransaction> TransactionOf(const lance::Staged& staged, std::string location,
                                        uint64_t expected) {
  IntentTransaction transaction;
  transaction.location = std::move(location);
  transaction.expected = expected;
  transaction.uuid = staged.uuid();
  TARN_ASSIGN_OR_RETURN(transaction.files, staged.Files());
  TARN_ASSIGN_OR_RETURN(transaction.encoded, staged.Encode());
  return transaction;
}

class Publisher {
 public:
  Publisher(const Request& request, const Location& location, Publication publication)
      : request_(request),
        location_(location),
        publication_(std::move(publication)),
        plan_(publication_.plan),
        line_(plan_.base.manifest().line),
        slot_(publication_.manifest->version() + 1),
        number_(line_.NumberOf(slot_)) {}

  Result<Published> Run() {
    Status prepared = Prepare();
    if (!prepared.ok()) return GiveUp(std::move(prepared));
    // The point of no return: whoever reads the intent may finish it.
    request_.cancel = nullptr;
    request_.deadline.reset();
    Result<Slot> slot = TakeSlot();
    if (!slot.ok()) {
      if (intent_may_exist_) return Unknown(std::move(slot).status());
      return GiveUp(std::move(slot).status());
    }
    return *slot == Slot::kOurs ? Land() : Lose();
  }

 private:
  // ---- before step A: nothing is promised
  // ----------------------------------------------------------------------

  Status Prepare() {
    TARN_FAILPOINT("commit.after_stage");
    MakeRecord();
    MakeRows();
    TARN_ASSIGN_OR_RETURN(published_.rows, CompleteRows(slot_, *publication_.state,
                                                        std::exchange(published_.rows, {})));
    TARN_RETURN_IF_ERROR(StageAndSync());
    TARN_FAILPOINT("commit.after_sync");
    TARN_RETURN_IF_ERROR(MakeIntent());
    return request_.Check();
  }

  void MakeRecord() {
    CommitRecord& record = published_.record;
    record.id = publication_.commit_id;
    record.manifest_version = number_;
    record.branch = line_.name;
    record.parent_id = plan_.base.commit().id;
    record.merged_parent_id = plan_.merged_parent;
    record.actor = request_.actor;
    record.operation = plan_.operation;
    if (plan_.requests.empty() && !request_.request_id.empty()) {
      plan_.requests.push_back({.request_id = request_.request_id});
    }
    if (plan_.requests.size() == 1) record.request_id = plan_.requests.front().request_id;
    record.created_at_micros = location_.clock->NowMicros();
    for (Effect& effect : plan_.effects) {
      effect.change.table_id = effect.before.id;
      effect.change.version = effect.before.version + 1;
      record.changes.push_back(effect.change);
    }
    if (plan_.new_branch)
      record.changes.push_back({.table_id = plan_.new_branch->entry.id, .version = 1});
  }

  void MakeRows() {
    std::vector<ManifestRow>& rows = published_.rows;
    if (plan_.new_branch) rows.push_back(EncodeRow(slot_, plan_.new_branch->entry));
    for (const NameChange& change : plan_.names) {
      rows.push_back(std::visit([&](const auto& name) { return EncodeRow(slot_, name); }, change));
    }
    if (plan_.IsCommit()) MakeCommitRows();
  }

  void MakeCommitRows() {
    std::vector<ManifestRow>& rows = published_.rows;
    std::map<std::string, std::string> renamed;
    if (plan_.schema) renamed = plan_.schema->renamed;
    for (const Effect& effect : plan_.effects) {
      TableEntry after = effect.before;
      after.version = effect.change.version;
      after.rows = effect.rows_after;
      after.bytes = effect.bytes_after;
      if (auto name = renamed.extract(after.id)) after.type_name = name.mapped();
      rows.push_back(EncodeRow(slot_, after));
    }
    if (plan_.schema) AddSchemaRows(renamed);
    const CommitRecord& record = published_.record;
    rows.push_back(EncodeRow(slot_, record));
    for (const CommitPlan::Answered& answered : plan_.requests) {
      rows.push_back(
          EncodeRow(slot_, RequestEntry{answered.request_id, record.id, answered.affected_nodes,
                                        answered.affected_edges}));
    }
    for (RecoveryRecord& recovery : plan_.recoveries) {
      recovery.commit_id = record.id;
      rows.push_back(EncodeRow(slot_, recovery));
    }
  }

  /// `renamed` are the tables of which nothing else changes.
  void AddSchemaRows(const std::map<std::string, std::string>& renamed) {
    std::vector<ManifestRow>& rows = published_.rows;
    rows.push_back(EncodeRow(slot_, plan_.schema->entry));
    for (const TableEntry& table : plan_.base.manifest().tables) {
      const auto name = renamed.find(table.id);
      if (name == renamed.end()) continue;
      TableEntry after = table;
      after.type_name = name->second;
      rows.push_back(EncodeRow(slot_, after));
    }
    for (const std::string& id : plan_.schema->dropped) {
      rows.push_back(EncodeRow(slot_, DroppedTable{id}));
    }
  }

  Status StageManifest(const Request& request) {
    TARN_ASSIGN_OR_RETURN(manifest_staged_,
                          StageManifestRows(request, location_, *publication_.manifest,
                                            published_.rows, published_.record));
    return Status::Ok();
  }

  /// Every staged file is durable before the intent that promises it.
  Status StageAndSync() {
    const Request stage = request_.In(Phase::kStage);
    if (!location_.durable()) return StageManifest(stage);
    TaskGroup group(std::min(kTableThreadsMax, plan_.effects.size()));
    group.Spawn([&] { return StageManifest(stage); });
    if (plan_.new_branch) group.Spawn([&] { return plan_.new_branch->staged->Sync(stage); });
    for (Effect& effect : plan_.effects) {
      group.Spawn([&] { return effect.staged->Sync(stage); });
    }
    return group.Wait();
  }

  Status MakeIntent() {
    Intent intent;
    intent.line_id = line_.id;
    intent.slot = slot_;
    intent.commit = published_.record;
    for (const Effect& effect : plan_.effects) {
      Intent::TableEffect& made = intent.effects.emplace_back();
      made.table_id = effect.before.id;
      made.table_key = effect.before.Key();
      TARN_ASSIGN_OR_RETURN(made.transaction, TransactionOf(*effect.staged, effect.before.location,
                                                            effect.before.version));
    }
    if (plan_.new_branch) {
      const BranchEntry& branch = plan_.new_branch->entry;
      Intent::TableEffect& made = intent.effects.emplace_back();
      made.table_id = branch.id;
      made.table_key = fmt::format("branch:{}", branch.name);
      TARN_ASSIGN_OR_RETURN(made.transaction, TransactionOf(*plan_.new_branch->staged,
                                                            ManifestLocation(branch.id), 0));
    }
    TARN_ASSIGN_OR_RETURN(intent.publish,
                          TransactionOf(*manifest_staged_, ManifestLocation(line_.id), slot_ - 1));
    TARN_ASSIGN_OR_RETURN(intent_text_, EncodeIntent(intent));
    steps_ = StepsOf(location_, intent);
    return Status::Ok();
  }

  // ---- step A
  // --------------------------------------------------------------------------------------------------

  Result<Slot> TakeSlot() {
    const Request request = request_.In(Phase::kIntent);
    const std::string key = IntentKey(slot_, line_.id);
    Status last;
    for (int attempt = 0; attempt < kIntentPutAttemptsMax; ++attempt) {
      Status put = location_.objects->Put(request, key, intent_text_, store::PutMode::kCreate,
                                          location_.sync());
      if (put.ok()) return Slot::kOurs;
      if (put.id() == ErrorId::kInvalidArgument || put.id() == ErrorId::kUnsupported) return put;
      // A refusal may be the echo of an own put whose answer was lost, here or in the store's
      // client: the bytes tell.
      if (put.id() != ErrorId::kObjectExists) intent_may_exist_ = true;
      const Result<std::string> there = location_.objects->Get(request, key);
      if (there.ok()) return *there == intent_text_ ? Slot::kOurs : Slot::kTaken;
      if (there.status().id() != ErrorId::kObjectNotFound) {
        intent_may_exist_ = true;
        last = there.status();
      } else if (put.id() == ErrorId::kObjectExists) {
        return Slot::kTaken;  // and gone again: by slot-1 the slot is decided
      } else {
        last = std::move(put);
      }
    }
    return last;
  }

  /// The slot is another commit's, which is helped to its end. Ours could only have been there
  /// before it, unseen by us and finished by somebody else: the manifest tells.
  Result<Published> Lose() {
    Status settled = SettleSlot(request_, location_, line_.id, *publication_.manifest, slot_);
    Result<bool> published = IsPublished();
    if (!published.ok()) return Unknown(std::move(published).status());
    if (*published) return std::move(published_);
    return GiveUp(settled.ok() ? Conflict(slot_) : std::move(settled));
  }

  // ---- from step A on: the commit lands, now or by somebody else's hand
  // ----------------------------------------

  Result<Published> Land() {
    Result<bool> landed = TryLand();
    if (!landed.ok()) return Unknown(std::move(landed).status());
    RetireIntent(request_, location_, line_.id, slot_);
    if (!*landed) return GiveUp(Conflict(slot_));
    Status retired = AfterRetire();
    if (!retired.ok()) return Unknown(std::move(retired));
    return std::move(published_);
  }

  static Status AfterRetire() {
    TARN_FAILPOINT("commit.after_retire");
    return Status::Ok();
  }

  /// False: the slot was another commit's, and this intent is void.
  Result<bool> TryLand() {
    TARN_FAILPOINT("commit.after_intent");
    TARN_ASSIGN_OR_RETURN(const bool moved, HeadHasMoved());
    if (moved) return IsPublished();
    steps_.trust_expected = IsFresh();
    for (size_t i = 0; i < plan_.effects.size(); ++i) {
      steps_.effects[i].staged = std::move(plan_.effects[i].staged);
      steps_.effects[i].base = std::move(plan_.effects[i].base);
    }
    if (plan_.new_branch) steps_.effects.back().staged = std::move(plan_.new_branch->staged);
    steps_.publish.staged = std::move(manifest_staged_);
    steps_.publish.base = publication_.manifest->Clone();
    Result<std::unique_ptr<lance::Table>> landed = LandAll(request_, location_, steps_);
    if (!landed.ok() && landed.status().id() == ErrorId::kRecoveryRequired)
      return Undo(std::move(landed).status());
    if (!IsFresh()) {  // it may have landed long ago by another's hand, or just now in the past
      TARN_ASSIGN_OR_RETURN(const bool is_in_history, IsInHistory());
      if (is_in_history || landed.ok()) return is_in_history;
    }
    TARN_ASSIGN_OR_RETURN(published_.manifest, std::move(landed));
    return true;
  }

  /// The commit can never land: it is given up in its own slot, unless somebody decided it already.
  Result<bool> Undo(Status why) {
    TARN_ASSIGN_OR_RETURN(const Intent intent,
                          DecodeIntent(IntentKey(slot_, line_.id), intent_text_));
    TARN_RETURN_IF_ERROR(UndoIntent(request_, location_, intent, std::string(why.message())));
    return IsPublished();
  }

  bool IsFresh() const {
    return location_.clock->UptimeMicros() - publication_.head_seen_at < kPauseMaxMicros;
  }

  /// The look after winning A, because D frees names: did the slot's version exist already?
  /// (slot-2, slot-3)
  Result<bool> HeadHasMoved() {
    const Request request = request_.In(Phase::kIntent);
    if (IsFresh()) return location_.tables->Exists(request, *publication_.manifest, slot_);
    // After a long pause the slot's version may have come and been cleaned away: only the newest
    // one tells.
    TARN_ASSIGN_OR_RETURN(
        const std::unique_ptr<lance::Table> newest,
        location_.tables->Open(request, publication_.manifest->uri(), std::nullopt));
    return newest->version() >= slot_;
  }

  Result<bool> IsPublished() {
    TARN_ASSIGN_OR_RETURN(
        const lance::ProbeOutcome outcome,
        location_.tables->Probe(request_.In(Phase::kPublish), publication_.manifest->uri(), slot_,
                                steps_.publish.uuid));
    // The slot's version may have been cleaned away since: its row stays in the history.
    if (outcome == lance::ProbeOutcome::kAbsent) return IsInHistory();
    return outcome == lance::ProbeOutcome::kOurs;
  }

  /// The writer paused so long that its versions may have landed below a head that left them
  /// behind. Only what the newest version contains has happened.
  Result<bool> IsInHistory() {
    const Request request = request_.In(Phase::kPublish);
    TARN_ASSIGN_OR_RETURN(
        const std::unique_ptr<lance::Table> newest,
        location_.tables->Open(request, publication_.manifest->uri(), std::nullopt));
    const ManifestRow mine =
        plan_.IsCommit() ? EncodeRow(slot_, published_.record) : published_.rows.front();
    lance::ScanSpec spec;
    spec.columns = {"key", "seq", "body"};
    spec.filter = lance::Filter{.op = lance::Filter::Op::kEqual,
                                .args = {},
                                .column = "key",
                                .values = {{.type = lance::Value::Type::kUtf8, .value = mine.key}}};
    TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::BatchStream> stream,
                          newest->Scan(request, spec));
    TARN_ASSIGN_OR_RETURN(const auto batches, lance::ReadAll(*stream));
    std::vector<ManifestRow> rows;
    for (const auto& batch : batches) TARN_RETURN_IF_ERROR(AppendRows(*batch, rows));
    return std::find(rows.begin(), rows.end(), mine) != rows.end();
  }

  // ---- endings
  // -------------------------------------------------------------------------------------------------

  /// Nothing was or will be written.
  Status GiveUp(Status why) {
    if (manifest_staged_ != nullptr) (void)manifest_staged_->Discard(request_.In(Phase::kCleanup));
    DiscardStaged(request_, location_, plan_);
    return why;
  }

  Status Unknown(Status why) {
    if (why.id() == ErrorId::kRecoveryRequired) return why;
    JsonWriter detail;
    detail.BeginObject().Key("commit_id").String(publication_.commit_id).EndObject();
    return Error(ErrorId::kUnknownOutcome,
                 "commit {} is under way and its outcome is not known yet: {}",
                 publication_.commit_id, why.message())
        .WithHint("Ask for the commit by its id. The next write or open for writing finishes it.")
        .WithDetail("unknown_outcome", detail.Take());
  }

  Request request_;
  const Location& location_;
  Publication publication_;
  CommitPlan& plan_;
  const Line line_;
  const uint64_t slot_;    ///< the version of the line's manifest that is wanted
  const uint64_t number_;  ///< what that version counts as

  Published published_;
  std::unique_ptr<lance::Staged> manifest_staged_;
  std::string intent_text_;
  CommitSteps steps_;
  bool intent_may_exist_ = false;
};

}  // namespace

Result<Published> Publish(const Request& request, const Location& location,
                          Publication publication) {
  return Publisher(request, location, std::move(publication)).Run();
}

void DiscardStaged(const Request& request, const Location& location, CommitPlan& plan) {
  Request cleanup = request.In(Phase::kCleanup);
  cleanup.cancel = nullptr;
  cleanup.deadline.reset();
  if (plan.schema) DiscardSchema(cleanup, location, plan.schema->entry);
  for (Effect& effect : plan.effects) {
    if (effect.staged != nullptr) (void)effect.staged->Discard(cleanup);
    // No intent was ever put, or the slot was another commit's: nobody else knows the fork's name.
    if (effect.forked)
      (void)location.tables->DropFork(cleanup, Under(location.root, effect.before.location));
  }
  if (plan.new_branch && plan.new_branch->staged != nullptr)
    (void)plan.new_branch->staged->Discard(cleanup);
}

}  // namespace tarn::catalog
