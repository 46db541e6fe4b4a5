#include "tarn/catalog/landing.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tarn/base/failpoint.h"
#include "tarn/base/json_writer.h"
#include "tarn/base/task_group.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"

namespace tarn::catalog {
namespace {

Status NeedsRepair(const CommitSteps& steps, const Landing& landing, std::string_view why) {
  JsonWriter detail;
  detail.BeginObject().Key("operation_id").String(steps.commit_id).EndObject();
  return Error(ErrorId::kRecoveryRequired, "{} cannot be finished: {} at version {}: {}",
               steps.name, landing.what, landing.expected + 1, why)
      .WithHint("Nothing was changed. Find out what wrote to this table beside Tarn.")
      .WithDetail("recovery_required", detail.Take());
}

/// Did a commit that failed so perhaps land all the same, or did somebody land it for us?
bool MayHaveLanded(const Status& status) {
  switch (status.id()) {
    case ErrorId::kFenced:
    case ErrorId::kCommitUnknown:
    case ErrorId::kStorageConflict:
    case ErrorId::kStorageUnavailable: return true;
    default: return false;
  }
}

Landing LandingOf(const Location& location, std::string what,
                  const IntentTransaction& transaction) {
  Landing landing;
  landing.what = std::move(what);
  landing.uri = Under(location.root, transaction.location);
  landing.expected = transaction.expected;
  landing.uuid = transaction.uuid;
  landing.encoded = transaction.encoded;
  return landing;
}

/// Lands one transaction.
class Lander {
 public:
  Lander(const Request& request, const Location& location, const CommitSteps& steps,
         Landing& landing)
      : request_(request), location_(location), steps_(steps), landing_(landing) {}

  /// The table at its new version, or null when it had landed before.
  Result<std::unique_ptr<lance::Table>> Run() {
    // A planner tries first, its version is almost surely free. A finisher looks first: a second
    // attempt of a landed transaction is refused, but makes the storage work for nothing.
    bool look_first = landing_.staged == nullptr;
    Status last;
    for (int attempt = 0; attempt <= kLandAttemptsMax; ++attempt) {
      if (look_first) {
        TARN_ASSIGN_OR_RETURN(const bool landed, HasLanded());
        landing_.had_landed = landed && landing_.staged == nullptr;
        if (landed) return std::unique_ptr<lance::Table>();
        if (attempt == kLandAttemptsMax) break;
      }
      Result<std::unique_ptr<lance::Table>> table = Try();
      if (table.ok() || !MayHaveLanded(table.status())) return table;
      last = std::move(table).status();
      look_first = true;
    }
    return Error(ErrorId::kUnknownOutcome, "{}: {} did not land at version {} in {} attempts: {}",
                 steps_.name, landing_.what, landing_.expected + 1, kLandAttemptsMax,
                 last.message());
  }

 private:
  Result<bool> HasLanded() {
    TARN_ASSIGN_OR_RETURN(
        const lance::ProbeOutcome outcome,
        location_.tables->Probe(request_, landing_.uri, landing_.expected + 1, landing_.uuid));
    switch (outcome) {
      case lance::ProbeOutcome::kOurs: return true;
      case lance::ProbeOutcome::kAbsent: return false;
      case lance::ProbeOutcome::kForeign: break;
    }
    return NeedsRepair(steps_, landing_, "another transaction stands there");
  }

  /// A finisher decodes what the planner staged, and makes sure that all of it is there.
  Status Prepare() {
    if (landing_.staged == nullptr) {
      TARN_ASSIGN_OR_RETURN(landing_.staged,
                            location_.tables->Decode(landing_.uri, landing_.encoded));
      if (landing_.staged->uuid() != landing_.uuid ||
          landing_.staged->creates_table() != (landing_.expected == 0)) {
        return Error(ErrorId::kCorruptData, "{}: the transaction of {} is not the one it names",
                     steps_.name, landing_.what);
      }
      Status verified = landing_.staged->Verify(request_);
      if (!verified.ok() && verified.id() == ErrorId::kCorruptData) {
        return NeedsRepair(steps_, landing_, verified.message());
      }
      TARN_RETURN_IF_ERROR(std::move(verified));
    }
    if (landing_.base != nullptr || landing_.expected == 0) return Status::Ok();
    Result<std::unique_ptr<lance::Table>> base =
        location_.tables->Open(request_, landing_.uri, landing_.expected);
    if (!base.ok() && base.status().id() == ErrorId::kObjectNotFound) {
      return NeedsRepair(steps_, landing_, "the version before it is gone");
    }
    TARN_ASSIGN_OR_RETURN(landing_.base, std::move(base));
    return Status::Ok();
  }

  Result<std::unique_ptr<lance::Table>> Try() {
    TARN_RETURN_IF_ERROR(Prepare());
    const lance::CommitOptions options{.trust_expected = steps_.trust_expected,
                                       .durable = location_.durable()};
    if (landing_.expected == 0)
      return location_.tables->CommitCreate(request_, *landing_.staged, options);
    return location_.tables->CommitExact(request_, *landing_.base, *landing_.staged, options);
  }

  const Request& request_;
  const Location& location_;
  const CommitSteps& steps_;
  Landing& landing_;
};

Status LandEffects(const Request& request, const Location& location, CommitSteps& steps) {
  if (steps.effects.empty()) return Status::Ok();
  TaskGroup group(std::min(kTableThreadsMax, steps.effects.size()) - 1);  // this thread works too
  for (Landing& effect : steps.effects) {
    group.Spawn([&]() -> Status {
      TARN_RETURN_IF_ERROR(Lander(request, location, steps, effect).Run().status());
      TARN_FAILPOINT("commit.after_effect");
      return Status::Ok();
    });
  }
  return group.Wait();
}

}  // namespace

CommitSteps StepsOf(const Location& location, const Intent& intent) {
  CommitSteps steps;
  steps.name = intent.Key();
  steps.commit_id = intent.commit.id;
  for (const Intent::TableEffect& effect : intent.effects) {
    steps.effects.push_back(LandingOf(location, effect.table_key, effect.transaction));
  }
  steps.publish = LandingOf(location, intent.publish.location, intent.publish);
  return steps;
}

Result<std::unique_ptr<lance::Table>> LandAll(const Request& request, const Location& location,
                                              CommitSteps& steps) {
  const auto in = [&request](Phase step) {
    return request.phase == Phase::kRecovery ? request : request.In(step);
  };
  TARN_RETURN_IF_ERROR(LandEffects(in(Phase::kEffect), location, steps));
  TARN_FAILPOINT("commit.after_effects");
  TARN_FAILPOINT("commit.before_publish");
  Result<std::unique_ptr<lance::Table>> published =
      Lander(in(Phase::kPublish), location, steps, steps.publish).Run();
  TARN_RETURN_IF_ERROR(published.status());
  TARN_FAILPOINT("commit.after_publish");
  return published;
}

Status LandOne(const Request& request, const Location& location, const std::string& name,
               Landing& landing, bool trust_expected) {
  CommitSteps steps;
  steps.name = name;
  steps.trust_expected = trust_expected;
  return Lander(request, location, steps, landing).Run().status();
}

}  // namespace tarn::catalog
