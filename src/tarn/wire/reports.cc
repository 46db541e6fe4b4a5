#include "tarn/wire/reports.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "tarn/base/clock.h"
#include "tarn/base/json_writer.h"
#include "tarn/lance/fork_uri.h"
#include "tarn/wire/cell.h"

namespace tarn::wire {
namespace {

/// The version of the state rows in __manifest that clients are told.
constexpr int kInternalSchemaVersion = 1;

/// The closed set of words that clients of the reference know; other situations carry a detail
/// object instead.
std::string_view WireCode(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kUnsupported: return "bad_request";
    case Code::kNotFound: return "not_found";
    case Code::kAlreadyExists:
    case Code::kConflict: return "conflict";
    case Code::kUnauthenticated: return "unauthorized";
    case Code::kPermissionDenied: return "forbidden";
    case Code::kResourceExhausted: return "bad_request";
    case Code::kCorruption:
    case Code::kInternal: return "internal";
    case Code::kOk:
    case Code::kPrecondition:
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
    case Code::kCancelled:
    case Code::kUnknownOutcome: return "";
  }
  return "";
}

std::string Pretty(JsonWriter& json) { return json.Take() + "\n"; }

/// What a commit did to all its tables together; the name of the table stays empty.
catalog::TableChange TotalOf(const catalog::CommitRecord& commit) {
  catalog::TableChange total;
  for (const catalog::TableChange& change : commit.changes) {
    total.inserted += change.inserted;
    total.updated += change.updated;
    total.deleted += change.deleted;
  }
  return total;
}

void WriteOptional(JsonWriter& json, std::string_view key,
                   const std::optional<std::string>& value) {
  json.Key(key);
  if (value)
    json.String(*value);
  else
    json.Null();
}

void WriteLoaded(JsonWriter& json, std::string_view key,
                 const std::vector<write::LoadedType>& types) {
  json.Key(key).BeginArray();
  for (const write::LoadedType& type : types) {
    json.BeginObject()
        .Key("name")
        .String(type.name)
        .Key("entities_loaded")
        .Uint(type.entities_loaded)
        .EndObject();
  }
  json.EndArray();
}

/// The Lance branch that holds the rows, null when it is the dataset's own line.
void WriteFork(JsonWriter& json, const std::string& location) {
  const std::string_view fork = lance::SplitForkUri(location).fork;
  if (fork.empty())
    json.Null();
  else
    json.String(fork);
}

void WriteTag(JsonWriter& json, const catalog::TagEntry& tag) {
  json.BeginObject().Key("name").String(tag.name).Key("graph_commit_id").String(tag.commit);
  json.Key("actor_id").String(tag.actor).Key("created_at").Int(tag.created_at_micros).EndObject();
}

std::string Second(int64_t micros) { return FormatMicros(micros).substr(0, 19) + "Z"; }

}  // namespace

std::string ErrorJson(const Status& status) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  std::string text = status.message();
  for (const std::string& doing : status.trail()) text += fmt::format(" (while {})", doing);
  json.BeginObject().Key("error").String(text);
  if (const std::string_view code = WireCode(status.code()); !code.empty())
    json.Key("code").String(code);
  json.Key("number").String(fmt::format("TARN-{}", status.number()));
  if (!status.hint().empty()) json.Key("hint").String(status.hint());
  if (status.detail()) json.Key(status.detail()->kind).Raw(status.detail()->json);
  json.EndObject();
  return Pretty(json);
}

void WriteCommit(JsonWriter& json, const catalog::CommitRecord& commit) {
  json.BeginObject()
      .Key("graph_commit_id")
      .String(commit.id)
      .Key("graph_branch")
      .String(commit.branch);
  json.Key("graph_manifest_version").Uint(commit.manifest_version);
  WriteOptional(json, "parent_commit_id", commit.parent_id);
  WriteOptional(json, "merged_parent_commit_id", commit.merged_parent_id);
  json.Key("actor_id").String(commit.actor).Key("operation").String(commit.operation);
  json.Key("created_at").Int(commit.created_at_micros);
  const catalog::TableChange total = TotalOf(commit);
  json.Key("rows_inserted").Uint(total.inserted).Key("rows_updated").Uint(total.updated);
  json.Key("rows_deleted").Uint(total.deleted).EndObject();
}

std::string CommitJson(const catalog::CommitRecord& commit) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  WriteCommit(json, commit);
  return Pretty(json);
}

std::string CommitsJson(const std::vector<catalog::CommitRecord>& commits) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("commits").BeginArray();
  for (const catalog::CommitRecord& commit : commits) WriteCommit(json, commit);
  json.EndArray().EndObject();
  return Pretty(json);
}

std::string CommitsText(const std::vector<catalog::CommitRecord>& commits) {
  std::string out;
  for (const catalog::CommitRecord& commit : commits) {
    const catalog::TableChange total = TotalOf(commit);
    out += fmt::format("{}  {}  {:<16} {:<10} +{} ~{} -{}\n", commit.id,
                       Second(commit.created_at_micros), commit.operation,
                       VisibleText(commit.actor), total.inserted, total.updated, total.deleted);
  }
  return out;
}

std::string SnapshotJson(const catalog::Manifest& manifest) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("graph_branch").String(manifest.line.name);
  json.Key("graph_manifest_version").Uint(manifest.version);
  json.Key("internal_schema_version").Int(kInternalSchemaVersion);
  json.Key("graph_commit_id").String(manifest.head.id);
  json.Key("datasets").BeginArray();
  for (const catalog::TableEntry& table : manifest.tables) {
    json.BeginObject().Key("entity_kind").String(catalog::TableKindName(table.kind));
    json.Key("type_name").String(table.type_name).Key("dataset_path").String(table.location);
    json.Key("published_dataset_version").Uint(table.version).Key("native_dataset_branch");
    WriteFork(json, table.location);
    json.Key("entity_count").Uint(table.rows).EndObject();
  }
  json.EndArray().EndObject();
  return Pretty(json);
}

std::string SnapshotText(const catalog::Manifest& manifest) {
  std::string out = fmt::format("branch {} at commit {} (manifest version {})\n",
                                manifest.line.name, manifest.head.id, manifest.version);
  size_t width = 4;
  for (const catalog::TableEntry& table : manifest.tables)
    width = std::max(width, table.Key().size());
  for (const catalog::TableEntry& table : manifest.tables) {
    out += fmt::format("  {:<{}}  {:>12} rows  version {:<5} {}\n", table.Key(), width, table.rows,
                       table.version, table.location);
  }
  return out;
}

std::string ExplainJson(const std::string& lines, bool analyzed) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("analyzed").Bool(analyzed).Key("plan").BeginArray();
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) json.String(line);
  json.EndArray().EndObject();
  return Pretty(json);
}

std::string_view LoadModeName(write::LoadMode mode) {
  switch (mode) {
    case write::LoadMode::kAppend: return "append";
    case write::LoadMode::kMerge: return "merge";
    case write::LoadMode::kOverwrite: return "overwrite";
  }
  TARN_UNREACHABLE("a LoadMode outside its enum");
}

std::string LoadJson(const LoadReport& report) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("uri").String(report.uri).Key("branch").String(report.branch);
  json.Key("mode").String(LoadModeName(report.mode));
  if (report.base_branch) json.Key("base_branch").String(*report.base_branch);
  json.Key("branch_created").Bool(report.branch_created);
  WriteLoaded(json, "nodes", report.result.nodes);
  WriteLoaded(json, "edges", report.result.edges);
  json.Key("total_entities").Uint(report.result.total_entities).Key("commit");
  if (report.result.commit.id.empty())
    json.Null();
  else
    WriteCommit(json, report.result.commit);
  json.EndObject();
  return Pretty(json);
}

std::string LoadText(const LoadReport& report) {
  if (report.result.commit.id.empty()) return "nothing to load: no commit was made\n";
  std::string out = fmt::format("loaded {} ({}) in commit {}\n",
                                CountText(report.result.total_entities, "entity", "entities"),
                                LoadModeName(report.mode), report.result.commit.id);
  for (const auto* types : {&report.result.nodes, &report.result.edges}) {
    for (const write::LoadedType& type : *types)
      out += fmt::format("  {:<24} {:>12}\n", type.name, type.entities_loaded);
  }
  return out;
}

std::string CountText(uint64_t count, std::string_view noun, std::string_view plural) {
  if (count == 1) return fmt::format("1 {}", noun);
  return plural.empty() ? fmt::format("{} {}s", count, noun) : fmt::format("{} {}", count, plural);
}

std::string BytesText(uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1000 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string BranchesJson(const std::vector<catalog::BranchEntry>& branches) {
  std::vector<std::string> names = {"main"};
  for (const catalog::BranchEntry& branch : branches) names.push_back(branch.name);
  std::sort(names.begin(), names.end());
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("branches").BeginArray();
  for (const std::string& name : names) json.String(name);
  json.EndArray().EndObject();
  return Pretty(json);
}

std::string BranchesText(const std::vector<catalog::BranchEntry>& branches) {
  std::string out = "main\n";
  for (const catalog::BranchEntry& branch : branches) {
    out += fmt::format("{:<24} made of {}  {}  {}\n", branch.name, branch.from,
                       Second(branch.created_at_micros), branch.actor);
  }
  return out;
}

std::string BranchMadeJson(const std::string& uri, const std::string& from,
                           const catalog::BranchEntry& branch) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("uri").String(uri).Key("from").String(from);
  json.Key("name").String(branch.name).Key("actor_id").String(branch.actor);
  json.Key("graph_commit_id").String(branch.from).EndObject();
  return Pretty(json);
}

std::string NameGoneJson(const std::string& uri, const std::string& name,
                         const std::string& actor) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("uri").String(uri).Key("name").String(name);
  json.Key("actor_id").String(actor).EndObject();
  return Pretty(json);
}

std::string TagJson(const catalog::TagEntry& tag) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  WriteTag(json, tag);
  return Pretty(json);
}

std::string TagsJson(const std::vector<catalog::TagEntry>& tags) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("tags").BeginArray();
  for (const catalog::TagEntry& tag : tags) WriteTag(json, tag);
  json.EndArray().EndObject();
  return Pretty(json);
}

std::string TagsText(const std::vector<catalog::TagEntry>& tags) {
  std::string out;
  for (const catalog::TagEntry& tag : tags) {
    out += fmt::format("{:<24} {}  {}  {}\n", tag.name, tag.commit, Second(tag.created_at_micros),
                       tag.actor);
  }
  return out;
}

std::string CostText(const store::Cost& cost) {
  return fmt::format("{} reads, {} writes, {} lists, {} read, {} written", cost.reads(),
                     cost.writes(), cost.lists(), BytesText(cost.bytes_read),
                     BytesText(cost.bytes_written));
}

}  // namespace tarn::wire
