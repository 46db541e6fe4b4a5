#include "tarn/catalog/recovery_codec.h"

#include <utility>

#include "tarn/base/clock.h"
#include "tarn/base/json_writer.h"

namespace tarn::catalog {
namespace {

std::optional<RecoveryRecord::Kind> KindOf(std::string_view name) {
  for (auto kind : {RecoveryRecord::Kind::kRolledBack, RecoveryRecord::Kind::kRolledForward,
                    RecoveryRecord::Kind::kRepaired}) {
    if (RecoveryKindName(kind) == name) return kind;
  }
  return std::nullopt;
}

RecoveredTable DecodeTable(const JsonValue& value, JsonFields& recovery) {
  JsonFields fields(value, recovery.where());
  RecoveredTable table;
  table.table_id = fields.Ulid("table");
  table.table_key = fields.String("key");
  const std::optional<TableStanding> found = TableStandingOf(fields.String("found"));
  fields.Require(found.has_value(), "member 'found' is no standing of a table");
  table.found = found.value_or(TableStanding::kNoMovement);
  table.head = fields.Uint("head");
  table.to_version = fields.Uint("to_version");
  table.version = fields.Uint("version");
  recovery.Adopt(fields.Finish());
  return table;
}

}  // namespace

std::string EncodeRecovery(const RecoveryRecord& recovery) {
  JsonWriter json;
  json.BeginObject();
  json.Key("commit").String(recovery.commit_id);
  json.Key("kind").String(RecoveryKindName(recovery.kind));
  json.Key("for_actor").String(recovery.for_actor);
  json.Key("reason").String(recovery.reason);
  json.Key("created_at").Int(recovery.created_at_micros);
  json.Key("tables").BeginArray();
  for (const RecoveredTable& table : recovery.tables) {
    json.BeginObject();
    json.Key("table").String(table.table_id);
    json.Key("key").String(table.table_key);
    json.Key("found").String(TableStandingName(table.found));
    json.Key("head").Uint(table.head);
    json.Key("to_version").Uint(table.to_version);
    json.Key("version").Uint(table.version);
    json.EndObject();
  }
  return json.EndArray().EndObject().Take();
}

Result<RecoveryRecord> DecodeRecovery(JsonFields& fields, std::string operation_id) {
  fields.Require(IsUlid(operation_id), "the key does not end in a ULID");
  RecoveryRecord recovery;
  recovery.operation_id = std::move(operation_id);
  recovery.commit_id = fields.Ulid("commit");
  const std::optional<RecoveryRecord::Kind> kind = KindOf(fields.String("kind"));
  fields.Require(kind.has_value(), "member 'kind' is no kind of recovery");
  recovery.kind = kind.value_or(RecoveryRecord::Kind::kRolledBack);
  recovery.for_actor = fields.String("for_actor");
  recovery.reason = fields.String("reason");
  recovery.created_at_micros = fields.Int("created_at");
  for (const JsonValue& table : fields.Array("tables"))
    recovery.tables.push_back(DecodeTable(table, fields));
  TARN_RETURN_IF_ERROR(fields.Finish());
  return recovery;
}

}  // namespace tarn::catalog
