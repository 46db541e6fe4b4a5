#include "tarn/catalog/roll_forward.h"

#include <string>
#include <vector>

#include "tarn/base/json_writer.h"
#include "tarn/catalog/intent.h"
#include "tarn/catalog/landing.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"

namespace tarn::catalog {
namespace {

/// The intent lost its slot to another commit. By slot-3 it did nothing; when it did all the same,
/// it must not be lost.
Status CheckVoid(const Request& request, const Location& location, const Intent& intent) {
  for (const Intent::TableEffect& effect : intent.effects) {
    const std::string uri = Under(location.root, effect.transaction.location);
    TARN_ASSIGN_OR_RETURN(const lance::ProbeOutcome outcome,
                          location.tables->Probe(request, uri, effect.transaction.expected + 1,
                                                 effect.transaction.uuid));
    if (outcome != lance::ProbeOutcome::kOurs) continue;
    JsonWriter detail;
    detail.BeginObject().Key("operation_id").String(intent.commit.id).EndObject();
    return Error(ErrorId::kRecoveryRequired,
                 "{}: manifest version {} is another commit, but version {} of {} was written by "
                 "this one",
                 intent.Key(), intent.slot, effect.transaction.expected + 1, effect.table_key)
        .WithHint(
            "Nothing was changed. Something moved the manifest beside Tarn; the table must be "
            "repaired.")
        .WithDetail("recovery_required", detail.Take());
  }
  return Status::Ok();
}

Status CheckDecided(const Request& request, const Location& location, const Intent& intent) {
  const std::string uri = Under(location.root, intent.publish.location);
  TARN_ASSIGN_OR_RETURN(const lance::ProbeOutcome outcome,
                        location.tables->Probe(request, uri, intent.slot, intent.publish.uuid));
  if (outcome == lance::ProbeOutcome::kOurs) return Status::Ok();
  return CheckVoid(request, location, intent);
}

Status Finish(const Request& request, const Location& location, const Intent& intent) {
  CommitSteps steps = StepsOf(location, intent);
  // The manifest's own base first: an intent for a slot far above the head must not touch a table.
  Result<std::unique_ptr<lance::Table>> base =
      location.tables->Open(request, steps.publish.uri, steps.publish.expected);
  if (!base.ok() && base.status().id() == ErrorId::kObjectNotFound) {
    return Error(ErrorId::kCorruptData, "{}: the manifest has no version {} to follow", steps.name,
                 steps.publish.expected);
  }
  TARN_ASSIGN_OR_RETURN(steps.publish.base, std::move(base));
  return LandAll(request, location, steps).status();
}

/// Every key below the intents' folder, in order.
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

Status SettleSlot(const Request& request, const Location& location, const std::string& line_id,
                  const lance::Table& manifest, uint64_t slot) {
  const Request recovery = request.In(Phase::kRecovery);
  const std::string key = IntentKey(slot, line_id);
  const Result<std::string> text = location.objects->Get(recovery, key);
  if (!text.ok() && text.status().id() == ErrorId::kObjectNotFound) return Status::Ok();
  TARN_RETURN_IF_ERROR(text.status());
  TARN_ASSIGN_OR_RETURN(const Intent intent, DecodeIntent(key, *text));
  // slot-2: after the read. A version at or below the pinned one exists even if it was cleaned away
  // since.
  bool decided = slot <= manifest.version();
  if (!decided) {
    TARN_ASSIGN_OR_RETURN(decided, location.tables->Exists(recovery, manifest, slot));
  }
  TARN_RETURN_IF_ERROR(decided ? CheckDecided(recovery, location, intent)
                               : Finish(recovery, location, intent));
  RetireIntent(recovery, location, line_id, slot);
  return Status::Ok();
}

Result<bool> SweepIntents(const Request& request, const Location& location,
                          const lance::Table& main) {
  const Request recovery = request.In(Phase::kRecovery);
  TARN_ASSIGN_OR_RETURN(const std::vector<std::string> keys, ListIntents(recovery, location));
  bool moved = false;
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
    TARN_RETURN_IF_ERROR(
        SettleSlot(request, location, name->line_id, is_main ? main : *branch, name->slot));
    moved = moved || (is_main && name->slot > main.version());
  }
  return moved;
}

void RetireIntent(const Request& request, const Location& location, const std::string& line_id,
                  uint64_t slot) {
  (void)location.objects->Delete(request.In(Phase::kCleanup), IntentKey(slot, line_id));
}

}  // namespace tarn::catalog
