#include "tarn/catalog/manifest_codec.h"

#include <utility>

#include "tarn/base/clock.h"
#include "tarn/base/json_writer.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/recovery_codec.h"

namespace tarn::catalog {
namespace {

constexpr std::string_view kWarehouseKey = "warehouse";
constexpr std::string_view kSchemaKey = "schema";
constexpr std::string_view kTablePrefix = "table/";
constexpr std::string_view kCommitPrefix = "commit/";
constexpr std::string_view kFloorPrefix = "floor/";
constexpr std::string_view kRequestPrefix = "request/";
constexpr std::string_view kRecoveryPrefix = "recovery/";
constexpr std::string_view kBranchPrefix = "branch/";
constexpr std::string_view kTagPrefix = "tag/";
constexpr std::string_view kLineKey = "line";
constexpr std::string_view kBarrierKey = "barrier";
constexpr std::string_view kHeadKey = "head";

template <typename... Arms>
struct Visitor : Arms... {
  using Arms::operator()...;
};
template <typename... Arms>
Visitor(Arms...) -> Visitor<Arms...>;

std::string EncodeTable(const TableEntry& table) {
  JsonWriter json;
  json.BeginObject();
  json.Key("kind").String(TableKindName(table.kind));
  json.Key("type_id").Uint(table.type_id);
  json.Key("type_name").String(table.type_name);
  json.Key("location").String(table.location);
  if (table.owner != kMainBranch) json.Key("owner").String(table.owner);
  json.Key("version").Uint(table.version);
  json.Key("rows").Uint(table.rows);
  json.Key("bytes").Uint(table.bytes);
  json.EndObject();
  return json.Take();
}

std::string EncodeSchema(const SchemaEntry& schema) {
  JsonWriter json;
  json.BeginObject();
  json.Key("id").String(schema.id);
  json.Key("digest").String(schema.digest);
  json.Key("source_digest").String(schema.source_digest);
  json.Key("form_digest").String(schema.form_digest);
  json.EndObject();
  return json.Take();
}

bool IsSha256Hex(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<RowContent> DecodeWarehouse(JsonFields& fields) {
  const uint64_t format = fields.Uint("format");
  if (fields.ok() && format > kFormatVersion) {
    return Error(ErrorId::kFormatUnsupported, "{}: format {}, this program reads up to {}",
                 fields.where(), format, kFormatVersion);
  }
  fields.Require(format > 0, "the format number was never in use");
  WarehouseEntry entry{.id = fields.Ulid("id"), .format = format};
  TARN_RETURN_IF_ERROR(fields.Finish());
  return RowContent(std::move(entry));
}

Result<RowContent> DecodeSchema(JsonFields& fields) {
  SchemaEntry entry;
  entry.id = fields.Ulid("id");
  entry.digest = fields.String("digest");
  entry.source_digest = fields.String("source_digest");
  entry.form_digest = fields.String("form_digest");
  for (const std::string& digest : {entry.digest, entry.source_digest, entry.form_digest}) {
    fields.Require(IsSha256Hex(digest), "a digest is not SHA-256 in hex");
  }
  TARN_RETURN_IF_ERROR(fields.Finish());
  return RowContent(std::move(entry));
}

/// `{"dropped":true}`, which a name's row may also be.
bool IsDropped(JsonFields& fields) {
  if (!fields.Has("dropped")) return false;
  fields.Require(fields.Bool("dropped"), "member 'dropped' is not true");
  return true;
}

Result<RowContent> DecodeTable(JsonFields& fields, std::string id) {
  fields.Require(IsUlid(id), "the key does not end in a ULID");
  if (IsDropped(fields)) {
    TARN_RETURN_IF_ERROR(fields.Finish());
    return RowContent(DroppedTable{.id = std::move(id)});
  }
  TableEntry table;
  const std::string kind = fields.String("kind");
  fields.Require(kind == "node" || kind == "edge", "member 'kind' is neither node nor edge");
  table.kind = kind == "edge" ? TableKind::kEdge : TableKind::kNode;
  table.type_id = fields.Uint("type_id");
  table.type_name = fields.String("type_name");
  table.location = fields.String("location");
  fields.Require(IsLocationOf(table.location, id),
                 "member 'location' is not the folder of this table");
  table.owner = fields.OptionalUlid("owner").value_or(table.owner);
  table.version = fields.Uint("version");
  fields.Require(table.version > 0 && !table.type_name.empty(), "it names no version or no type");
  table.rows = fields.Uint("rows");
  table.bytes = fields.Uint("bytes");
  table.id = std::move(id);
  TARN_RETURN_IF_ERROR(fields.Finish());
  return RowContent(std::move(table));
}

Result<RowContent> DecodeRequest(JsonFields& fields, std::string id) {
  fields.Require(!id.empty(), "the key names no request");
  RequestEntry entry{.request_id = std::move(id), .commit_id = fields.Ulid("commit")};
  if (fields.Has("nodes")) entry.affected_nodes = fields.Uint("nodes");
  if (fields.Has("edges")) entry.affected_edges = fields.Uint("edges");
  TARN_RETURN_IF_ERROR(fields.Finish());
  return RowContent(std::move(entry));
}

Result<RowContent> DecodeCheckpoint(JsonFields& fields) {
  Checkpoint checkpoint{.rows = fields.Uint("rows")};
  TARN_RETURN_IF_ERROR(fields.Finish());
  return RowContent(checkpoint);
}

TableChange DecodeChange(const JsonValue& value, JsonFields& commit) {
  JsonFields fields(value, commit.where());
  TableChange change;
  change.table_id = fields.Ulid("table");
  change.version = fields.Uint("version");
  change.inserted = fields.Uint("inserted");
  change.updated = fields.Uint("updated");
  change.deleted = fields.Uint("deleted");
  commit.Adopt(fields.Finish());
  return change;
}

std::string EncodeBranch(const BranchEntry& branch) {
  JsonWriter json;
  json.BeginObject();
  json.Key("id").String(branch.id);
  json.Key("parent").String(branch.parent);
  json.Key("from").String(branch.from);
  json.Key("first").Uint(branch.first);
  json.Key("actor").String(branch.actor);
  json.Key("created_at").Int(branch.created_at_micros);
  if (branch.closing) json.Key("closing").Bool(true);
  return json.EndObject().Take();
}

std::string EncodeTag(const TagEntry& tag) {
  JsonWriter json;
  json.BeginObject();
  json.Key("commit").String(tag.commit);
  json.Key("line").String(tag.line);
  json.Key("actor").String(tag.actor);
  json.Key("created_at").Int(tag.created_at_micros);
  return json.EndObject().Take();
}

std::string EncodeLine(const LineEntry& entry) {
  JsonWriter json;
  json.BeginObject();
  json.Key("id").String(entry.line.id);
  json.Key("name").String(entry.line.name);
  json.Key("first").Uint(entry.line.first);
  json.Key("closed").Bool(entry.closed);
  return json.EndObject().Take();
}

std::string LineId(JsonFields& fields, std::string_view member) {
  std::string id = fields.String(member);
  fields.Require(id == kMainBranch || IsUlid(id), "a line is neither main nor a ULID");
  return id;
}

Result<RowContent> DecodeBranch(JsonFields& fields, std::string name) {
  fields.Require(!name.empty(), "the key names no branch");
  if (IsDropped(fields)) {
    TARN_RETURN_IF_ERROR(fields.Finish());
    return RowContent(DroppedBranch{.name = std::move(name)});
  }
  BranchEntry branch{.name = std::move(name)};
  branch.id = fields.Ulid("id");
  branch.parent = LineId(fields, "parent");
  branch.from = fields.Ulid("from");
  branch.first = fields.Uint("first");
  fields.Require(branch.first > 0, "member 'first' is 0");
  branch.actor = fields.String("actor");
  branch.created_at_micros = fields.Int("created_at");
  branch.closing = fields.Has("closing") && fields.Bool("closing");
  TARN_RETURN_IF_ERROR(fields.Finish());
  return RowContent(std::move(branch));
}

Result<RowContent> DecodeTag(JsonFields& fields, std::string name) {
  fields.Require(!name.empty(), "the key names no tag");
  if (IsDropped(fields)) {
    TARN_RETURN_IF_ERROR(fields.Finish());
    return RowContent(DroppedTag{.name = std::move(name)});
  }
  TagEntry tag{.name = std::move(name)};
  tag.commit = fields.Ulid("commit");
  tag.line = LineId(fields, "line");
  tag.actor = fields.String("actor");
  tag.created_at_micros = fields.Int("created_at");
  TARN_RETURN_IF_ERROR(fields.Finish());
  return RowContent(std::move(tag));
}

Result<RowContent> DecodeFloor(JsonFields& fields, std::string line_id) {
  fields.Require(line_id == kMainBranch || IsUlid(line_id), "the key names no line");
  FloorEntry entry{.line_id = std::move(line_id), .number = fields.Uint("number")};
  TARN_RETURN_IF_ERROR(fields.Finish());
  return RowContent(std::move(entry));
}

std::string EncodeBarrier(const BarrierEntry& barrier) {
  JsonWriter json;
  json.BeginObject();
  json.Key("epoch").Uint(barrier.epoch);
  json.Key("actor").String(barrier.actor);
  json.Key("created_at").Int(barrier.created_at_micros);
  return json.EndObject().Take();
}

Result<RowContent> DecodeBarrier(JsonFields& fields) {
  BarrierEntry barrier;
  barrier.epoch = fields.Uint("epoch");
  fields.Require(barrier.epoch > 0, "member 'epoch' is 0");
  barrier.actor = fields.String("actor");
  barrier.created_at_micros = fields.Int("created_at");
  TARN_RETURN_IF_ERROR(fields.Finish());
  return RowContent(std::move(barrier));
}

Result<RowContent> DecodeLine(JsonFields& fields) {
  LineEntry entry;
  entry.line.id = fields.Ulid("id");
  entry.line.name = fields.String("name");
  entry.line.first = fields.Uint("first");
  fields.Require(entry.line.first > 0, "member 'first' is 0");
  entry.closed = fields.Bool("closed");
  TARN_RETURN_IF_ERROR(fields.Finish());
  return RowContent(std::move(entry));
}

}  // namespace

std::string EncodeCommit(const CommitRecord& commit) {
  JsonWriter json;
  json.BeginObject();
  json.Key("branch").String(commit.branch);
  if (commit.parent_id) json.Key("parent").String(*commit.parent_id);
  if (commit.merged_parent_id) json.Key("merged_parent").String(*commit.merged_parent_id);
  json.Key("actor").String(commit.actor);
  json.Key("operation").String(commit.operation);
  json.Key("request_id").String(commit.request_id);
  json.Key("created_at").Int(commit.created_at_micros);
  json.Key("changes").BeginArray();
  for (const TableChange& change : commit.changes) {
    json.BeginObject();
    json.Key("table").String(change.table_id);
    json.Key("version").Uint(change.version);
    json.Key("inserted").Uint(change.inserted);
    json.Key("updated").Uint(change.updated);
    json.Key("deleted").Uint(change.deleted);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return json.Take();
}

Result<CommitRecord> DecodeCommit(const JsonValue& value, const std::string& where) {
  JsonFields fields(value, where);
  CommitRecord commit;
  commit.branch = fields.String("branch");
  fields.Require(!commit.branch.empty(), "member 'branch' is empty");
  commit.parent_id = fields.OptionalUlid("parent");
  commit.merged_parent_id = fields.OptionalUlid("merged_parent");
  commit.actor = fields.String("actor");
  commit.operation = fields.String("operation");
  commit.request_id = fields.String("request_id");
  commit.created_at_micros = fields.Int("created_at");
  for (const JsonValue& change : fields.Array("changes"))
    commit.changes.push_back(DecodeChange(change, fields));
  TARN_RETURN_IF_ERROR(fields.Finish());
  return commit;
}

namespace {

std::string EncodeHead(const HeadEntry& head) {
  JsonWriter json;
  json.BeginObject().Key("id").String(head.commit.id);
  json.Key("version").Uint(head.commit.manifest_version);
  json.Key("commit").Raw(EncodeCommit(head.commit));
  return json.EndObject().Take();
}

Result<RowContent> DecodeHead(JsonFields& fields) {
  const std::string id = fields.Ulid("id");
  const uint64_t version = fields.Uint("version");
  TARN_ASSIGN_OR_RETURN(CommitRecord commit, DecodeCommit(fields.Value("commit"), fields.where()));
  commit.id = id;
  commit.manifest_version = version;
  TARN_RETURN_IF_ERROR(fields.Finish());
  return RowContent(HeadEntry{.commit = std::move(commit)});
}

}  // namespace

ManifestRow EncodeRow(uint64_t seq, const RowContent& content) {
  const auto row = [seq](std::string_view prefix, std::string_view id, std::string body) {
    return ManifestRow{.key = fmt::format("{}{}", prefix, id), .seq = seq, .body = std::move(body)};
  };
  const std::string dropped =
      JsonWriter().BeginObject().Key("dropped").Bool(true).EndObject().Take();
  return std::visit(
      Visitor{
          [&](const WarehouseEntry& entry) {
            JsonWriter json;
            json.BeginObject()
                .Key("format")
                .Uint(entry.format)
                .Key("id")
                .String(entry.id)
                .EndObject();
            return row(kWarehouseKey, "", json.Take());
          },
          [&](const SchemaEntry& entry) { return row(kSchemaKey, "", EncodeSchema(entry)); },
          [&](const TableEntry& table) { return row(kTablePrefix, table.id, EncodeTable(table)); },
          [&](const DroppedTable& table) { return row(kTablePrefix, table.id, dropped); },
          [&](const CommitRecord& commit) {
            return row(kCommitPrefix, commit.id, EncodeCommit(commit));
          },
          [&](const RequestEntry& entry) {
            JsonWriter json;
            json.BeginObject().Key("commit").String(entry.commit_id);
            if (entry.affected_nodes > 0) json.Key("nodes").Uint(entry.affected_nodes);
            if (entry.affected_edges > 0) json.Key("edges").Uint(entry.affected_edges);
            return row(kRequestPrefix, entry.request_id, json.EndObject().Take());
          },
          [&](const Checkpoint& checkpoint) {
            return row(
                kCheckpointKey, "",
                JsonWriter().BeginObject().Key("rows").Uint(checkpoint.rows).EndObject().Take());
          },
          [&](const HeadEntry& head) { return row(kHeadKey, "", EncodeHead(head)); },
          [&](const BranchEntry& branch) {
            return row(kBranchPrefix, branch.name, EncodeBranch(branch));
          },
          [&](const DroppedBranch& branch) { return row(kBranchPrefix, branch.name, dropped); },
          [&](const TagEntry& tag) { return row(kTagPrefix, tag.name, EncodeTag(tag)); },
          [&](const DroppedTag& tag) { return row(kTagPrefix, tag.name, dropped); },
          [&](const LineEntry& entry) { return row(kLineKey, "", EncodeLine(entry)); },
          [&](const FloorEntry& entry) {
            return row(
                kFloorPrefix, entry.line_id,
                JsonWriter().BeginObject().Key("number").Uint(entry.number).EndObject().Take());
          },
          [&](const BarrierEntry& entry) { return row(kBarrierKey, "", EncodeBarrier(entry)); },
          [&](const RecoveryRecord& recovery) {
            return row(kRecoveryPrefix, recovery.operation_id, EncodeRecovery(recovery));
          },
      },
      content);
}

Result<RowContent> DecodeRow(const ManifestRow& row) {
  const std::string where =
      fmt::format("{} row '{}' of version {}", kManifestFolder, row.key, row.seq);
  if (row.body.size() > kRowBodyBytesMax) {
    return Error(ErrorId::kCorruptData, "{}: {} bytes, at most {} are allowed", where,
                 row.body.size(), kRowBodyBytesMax);
  }
  TARN_ASSIGN_OR_RETURN(const JsonValue value, ParseJson(row.body, where));
  const std::string_view key = row.key;
  const auto rest = [key](std::string_view prefix) {
    return std::string(key.substr(prefix.size()));
  };
  if (key.starts_with(kCommitPrefix)) {
    TARN_ASSIGN_OR_RETURN(CommitRecord commit, DecodeCommit(value, where));
    commit.id = rest(kCommitPrefix);
    commit.manifest_version = row.seq;
    if (!IsUlid(commit.id))
      return Error(ErrorId::kCorruptData, "{}: the key does not end in a ULID", where);
    return RowContent(std::move(commit));
  }
  JsonFields fields(value, where);
  if (key == kWarehouseKey) return DecodeWarehouse(fields);
  if (key == kSchemaKey) return DecodeSchema(fields);
  if (key.starts_with(kTablePrefix)) return DecodeTable(fields, rest(kTablePrefix));
  if (key == kHeadKey) return DecodeHead(fields);
  if (key == kLineKey) return DecodeLine(fields);
  if (key == kBarrierKey) return DecodeBarrier(fields);
  if (key.starts_with(kBranchPrefix)) return DecodeBranch(fields, rest(kBranchPrefix));
  if (key.starts_with(kFloorPrefix)) return DecodeFloor(fields, rest(kFloorPrefix));
  if (key.starts_with(kTagPrefix)) return DecodeTag(fields, rest(kTagPrefix));
  if (key.starts_with(kRequestPrefix)) return DecodeRequest(fields, rest(kRequestPrefix));
  if (key == kCheckpointKey) return DecodeCheckpoint(fields);
  if (key.starts_with(kRecoveryPrefix)) {
    TARN_ASSIGN_OR_RETURN(RecoveryRecord recovery, DecodeRecovery(fields, rest(kRecoveryPrefix)));
    return RowContent(std::move(recovery));
  }
  return Error(ErrorId::kCorruptData, "{}: no such kind of row", where);
}

}  // namespace tarn::catalog
