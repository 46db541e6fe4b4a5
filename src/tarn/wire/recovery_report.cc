#include "tarn/wire/recovery_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "tarn/base/json_writer.h"

namespace tarn::wire {
namespace {

bool CanRepair(const catalog::TableDrift& drift) {
  return drift.found != catalog::TableStanding::kInvariantViolation;
}

void WriteRecovery(JsonWriter& json, const catalog::RecoveryRecord& recovery) {
  json.BeginObject();
  json.Key("operation_id").String(recovery.operation_id);
  json.Key("graph_commit_id").String(recovery.commit_id);
  json.Key("recovery_kind").String(catalog::RecoveryKindName(recovery.kind));
  json.Key("recovery_for_actor").String(recovery.for_actor);
  json.Key("reason").String(recovery.reason);
  json.Key("created_at").Int(recovery.created_at_micros);
  json.Key("tables").BeginArray();
  for (const catalog::RecoveredTable& table : recovery.tables) {
    json.BeginObject().Key("type_key").String(table.table_key);
    json.Key("classification").String(catalog::TableStandingName(table.found));
    json.Key("lance_head_version").Uint(table.head);
    json.Key("to_version").Uint(table.to_version);
    json.Key("published_dataset_version").Uint(table.version).EndObject();
  }
  json.EndArray().EndObject();
}

std::string_view ActionOf(const RepairReport& report, const catalog::TableDrift& drift) {
  if (!CanRepair(drift)) return "refused";
  return report.commit_id.empty() ? "would_restore" : "restored";
}

}  // namespace

std::string RecoveriesJson(const std::vector<catalog::RecoveryRecord>& completed,
                           const std::vector<catalog::PendingCommit>& pending) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("recoveries").BeginArray();
  for (const catalog::RecoveryRecord& recovery : completed) WriteRecovery(json, recovery);
  json.EndArray().Key("pending").BeginArray();
  for (const catalog::PendingCommit& waiting : pending) {
    json.BeginObject().Key("operation_id").String(waiting.commit.id);
    json.Key("branch").String(waiting.commit.branch);
    json.Key("actor").String(waiting.commit.actor);
    json.Key("operation").String(waiting.commit.operation);
    json.Key("graph_manifest_version").Uint(waiting.slot);
    json.Key("created_at").Int(waiting.commit.created_at_micros).EndObject();
  }
  json.EndArray().EndObject();
  return json.Take() + "\n";
}

std::string RecoveriesText(const std::vector<catalog::RecoveryRecord>& completed,
                           const std::vector<catalog::PendingCommit>& pending) {
  if (completed.empty() && pending.empty()) return "no recoveries\n";
  std::string out;
  for (const catalog::PendingCommit& waiting : pending) {
    out += fmt::format("{}  under way       of {}: {} on {}\n", waiting.commit.id,
                       waiting.commit.actor, waiting.commit.operation, waiting.commit.branch);
  }
  for (const catalog::RecoveryRecord& recovery : completed) {
    out += fmt::format("{}  {:<14}  of {}, in commit {}: {}\n", recovery.operation_id,
                       catalog::RecoveryKindName(recovery.kind), recovery.for_actor,
                       recovery.commit_id, recovery.reason);
    for (const catalog::RecoveredTable& table : recovery.tables) {
      out += fmt::format("  {:<24} {} at {}, back to {}, now {}\n", table.table_key,
                         catalog::TableStandingName(table.found), table.head, table.to_version,
                         table.version);
    }
  }
  return out;
}

bool RepairReport::IsRefused() const {
  return !std::all_of(drifts.begin(), drifts.end(), CanRepair);
}

std::string RepairJson(const RepairReport& report) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("uri").String(report.uri);
  json.Key("confirm").Bool(report.confirmed).Key("force").Bool(false);
  json.Key("graph_manifest_version").Uint(report.manifest_version).Key("commit");
  if (report.commit_id.empty()) {
    json.Null();
  } else {
    json.String(report.commit_id);
  }
  json.Key("datasets").BeginArray();
  for (const catalog::TableDrift& drift : report.drifts) {
    json.BeginObject().Key("type_key").String(drift.entry.Key());
    json.Key("published_dataset_version").Uint(drift.entry.version);
    json.Key("lance_head_version").Uint(drift.head);
    json.Key("classification").String(catalog::TableStandingName(drift.found));
    json.Key("action").String(ActionOf(report, drift));
    json.Key("operations").BeginArray().EndArray().Key("error").Null().EndObject();
  }
  json.EndArray().EndObject();
  return json.Take() + "\n";
}

std::string RepairText(const RepairReport& report) {
  if (report.drifts.empty()) return "every table stands where the newest commit names it\n";
  std::string out;
  for (const catalog::TableDrift& drift : report.drifts) {
    out += fmt::format("  {:<24} {}: the newest commit names version {}, storage has {}: {}\n",
                       drift.entry.Key(), catalog::TableStandingName(drift.found),
                       drift.entry.version, drift.head, ActionOf(report, drift));
  }
  if (!report.commit_id.empty())
    return fmt::format("repaired in commit {}\n", report.commit_id) + out;
  return (report.confirmed ? std::string("nothing was changed\n")
                           : std::string("nothing was changed; --confirm restores\n")) +
         out;
}

}  // namespace tarn::wire
