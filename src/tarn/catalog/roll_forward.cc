#include "tarn/catalog/roll_forward.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tarn/catalog/intent.h"
#include "tarn/catalog/landing.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/undo.h"

namespace tarn::catalog {
namespace {

/// What the intent's tables were like when its finisher came.
RecoveryRecord RecordOf(const Location& location, const Intent& intent, const CommitSteps& steps) {
  RecoveryRecord record;
  record.operation_id = intent.commit.id;
  record.kind = RecoveryRecord::Kind::kRolledForward;
  record.for_actor = intent.commit.actor;
  record.reason = "its writer ended before its publish";
  record.created_at_micros = location.clock->NowMicros();
  for (size_t i = 0; i < intent.effects.size(); ++i) {
    const Intent::TableEffect& effect = intent.effects[i];
    const uint64_t expected = effect.transaction.expected;
    const bool had_landed = steps.effects[i].had_landed;
    record.tables.push_back(
        {.table_id = effect.table_id,
         .table_key = effect.table_key,
         .found = had_landed ? TableStanding::kRolledPastExpected : TableStanding::kNoMovement,
         .head = expected + (had_landed ? 1 : 0),
         .to_version = expected + 1,
         .version = expected + 1});
  }
  return record;
}

/// Finishes an intent whose slot is open, or gives it up. Answers what is to be written down when
/// it was finished by this call and nobody else.
Result<std::optional<RecoveryRecord>> Finish(const Request& request, const Location& location,
                                             const Intent& intent) {
  CommitSteps steps = StepsOf(location, intent);
  // The manifest's own base first: an intent for a slot far above the head must not touch a table.
  Result<std::unique_ptr<lance::Table>> base =
      location.tables->Open(request, steps.publish.uri, steps.publish.expected);
  if (!base.ok() && base.status().id() == ErrorId::kObjectNotFound) {
    return Error(ErrorId::kCorruptData, "{}: the manifest has no version {} to follow", steps.name,
                 steps.publish.expected);
  }
  TARN_ASSIGN_OR_RETURN(steps.publish.base, std::move(base));
  const Result<std::unique_ptr<lance::Table>> landed = LandAll(request, location, steps);
  if (!landed.ok() && landed.status().id() == ErrorId::kRecoveryRequired) {
    TARN_RETURN_IF_ERROR(
        UndoIntent(request, location, intent, std::string(landed.status().message())));
    return std::optional<RecoveryRecord>();
  }
  TARN_RETURN_IF_ERROR(landed.status());
  if (*landed == nullptr) return std::optional<RecoveryRecord>();
  return std::optional(RecordOf(location, intent, steps));
}

/// Brings the intent in `slot` to its end, if one is there, and leaves the object where it is.
Result<std::optional<RecoveryRecord>> Decide(const Request& request, const Location& location,
                                             const std::string& key, const lance::Table& manifest,
                                             uint64_t slot) {
  const Result<std::string> text = location.objects->Get(request, key);
  if (!text.ok() && text.status().id() == ErrorId::kObjectNotFound)
    return std::optional<RecoveryRecord>();
  TARN_RETURN_IF_ERROR(text.status());
  TARN_ASSIGN_OR_RETURN(const Intent intent, DecodeIntent(key, *text));
  // slot-2: after the read. A version at or below the pinned one exists even if it was cleaned away
  // since; and so may one above it, so only a listing tells.
  if (slot <= manifest.version()) return std::optional<RecoveryRecord>();
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::Table> newest,
                        location.tables->Open(request, manifest.uri(), std::nullopt));
  if (slot <= newest->version()) return std::optional<RecoveryRecord>();
  return Finish(request, location, intent);
}

/// The manifest of a branch that has an intent, at its newest version.
Result<std::unique_ptr<lance::Table>> OpenBranch(const Request& request, const Location& location,
                                                 const std::string& key,
                                                 const std::string& line_id) {
  auto manifest =
      location.tables->Open(request, Under(location.root, ManifestLocation(line_id)), std::nullopt);
  if (!manifest.ok() && manifest.status().id() == ErrorId::kObjectNotFound) {
    return Error(ErrorId::kCorruptData, "{}: there is no branch of this id", key)
        .WithHint("Move the file elsewhere: nothing can come of it.");
  }
  return manifest;
}

}  // namespace

Result<std::vector<std::string>> ListIntents(const Request& request, const Location& location) {
  std::vector<std::string> keys;
  while (true) {
    TARN_ASSIGN_OR_RETURN(const std::vector<store::ObjectInfo> page,
                          location.objects->List(request, kIntentFolder,
                                                 keys.empty() ? "" : keys.back(), kSweepPageKeys));
    for (const store::ObjectInfo& object : page) keys.push_back(object.key);
    if (page.size() < kSweepPageKeys) return keys;
  }
}

Status SettleSlot(const Request& request, const Location& location, const std::string& line_id,
                  const lance::Table& manifest, uint64_t slot) {
  const Request recovery = request.In(Phase::kRecovery);
  TARN_RETURN_IF_ERROR(
      Decide(recovery, location, IntentKey(slot, line_id), manifest, slot).status());
  RetireIntent(recovery, location, line_id, slot);
  return Status::Ok();
}

Result<Sweep> SweepIntents(const Request& request, const Location& location,
                           const lance::Table& main) {
  const Request recovery = request.In(Phase::kRecovery);
  TARN_ASSIGN_OR_RETURN(const std::vector<std::string> keys, ListIntents(recovery, location));
  Sweep sweep;
  std::string line_id(kMainBranch);
  std::unique_ptr<lance::Table> branch;  // of line_id unless that is main
  for (const std::string& key : keys) {
    const std::optional<IntentName> name = IntentNameOf(key);
    if (!name) {
      return Error(ErrorId::kCorruptData, "{}: no intent has such a name", key)
          .WithHint("Move the file elsewhere if it is not Tarn's, or use a newer version of Tarn.");
    }
    const bool is_main = name->line_id == kMainBranch;
    if (!is_main && (branch == nullptr || line_id != name->line_id)) {
      TARN_ASSIGN_OR_RETURN(branch, OpenBranch(recovery, location, key, name->line_id));
      line_id = name->line_id;
    }
    TARN_ASSIGN_OR_RETURN(std::optional<RecoveryRecord> finished,
                          Decide(recovery, location, key, is_main ? main : *branch, name->slot));
    if (finished) {
      sweep.finished.push_back({.intent = *name, .record = std::move(*finished)});
    } else {
      RetireIntent(recovery, location, name->line_id, name->slot);
    }
    sweep.moved_main = sweep.moved_main || (is_main && name->slot > main.version());
  }
  return sweep;
}

void RetireIntent(const Request& request, const Location& location, const std::string& line_id,
                  uint64_t slot) {
  (void)location.objects->Delete(request.In(Phase::kCleanup), IntentKey(slot, line_id));
}

}  // namespace tarn::catalog
