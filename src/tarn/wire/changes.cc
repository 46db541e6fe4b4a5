#include "tarn/wire/changes.h"

#include <algorithm>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "tarn/base/json_writer.h"
#include "tarn/catalog/physical_schema.h"
#include "tarn/changes/table_diff.h"
#include "tarn/write/cell_json.h"

namespace tarn::wire {
namespace {

std::string TextAt(const arrow::RecordBatch& row, std::string_view column) {
  const auto cells = row.GetColumnByName(std::string(column));
  return std::string(static_cast<const arrow::StringArray&>(*cells).GetView(0));
}

/// The value of one property as load reads it back.
Result<std::string> ValueJson(const arrow::RecordBatch& row, const schema::Property& property) {
  TARN_ASSIGN_OR_RETURN(const write::CellJson cells,
                        write::CellJson::Make(property.type, row.GetColumnByName(property.name)));
  std::string text;
  cells.Append(0, text);
  return text;
}

bool IsEdge(const changes::RowChange& change) {
  return change.type.kind == catalog::TableKind::kEdge;
}

/// `{"properties":{...},"endpoints"?:{"from","to"}}`.
Status WriteImage(JsonWriter& json, const changes::RowChange& change,
                  const arrow::RecordBatch& row) {
  json.BeginObject().Key("properties").BeginObject();
  for (const schema::Property& property : *change.properties) {
    TARN_ASSIGN_OR_RETURN(const std::string value, ValueJson(row, property));
    json.Key(property.name).Raw(value);
  }
  json.EndObject();
  if (IsEdge(change)) {
    json.Key("endpoints").BeginObject();
    json.Key("from").String(TextAt(row, catalog::kSrcColumn));
    json.Key("to").String(TextAt(row, catalog::kDstColumn)).EndObject();
  }
  json.EndObject();
  return Status::Ok();
}

Status WriteChanges(JsonWriter& json, const changes::ChangePage& page) {
  json.Key("changes").BeginArray();
  for (const changes::RowChange& change : page.changes) {
    json.BeginObject().Key("kind").String(catalog::TableKindName(change.type.kind));
    json.Key("type").BeginObject().Key("id").String(fmt::format("{}", change.type.id));
    json.Key("name").String(change.type.name).EndObject();
    json.Key("id").String(change.id).Key("op").String(changes::OpName(change.op));
    if (change.before != nullptr) {
      json.Key("before");
      TARN_RETURN_IF_ERROR(WriteImage(json, change, *change.before));
    }
    if (change.after != nullptr) {
      json.Key("after");
      TARN_RETURN_IF_ERROR(WriteImage(json, change, *change.after));
    }
    json.EndObject();
  }
  json.EndArray();
  return Status::Ok();
}

void WriteCause(JsonWriter& json, const catalog::CommitRecord& commit) {
  json.Key("cause").BeginObject().Key("graph_commit_id").String(commit.id);
  if (commit.parent_id) json.Key("parent_commit_id").String(*commit.parent_id);
  if (commit.merged_parent_id) json.Key("merged_parent_commit_id").String(*commit.merged_parent_id);
  json.Key("authored_branch").String(commit.branch).Key("actor_id").String(commit.actor);
  json.Key("authored_at").Int(commit.created_at_micros).EndObject();
}

void WriteCounts(JsonWriter& json, const std::vector<changes::TypeCount>& counts) {
  json.Key("counts").BeginArray();
  for (const changes::TypeCount& count : counts) {
    json.BeginObject().Key("kind").String(catalog::TableKindName(count.type.kind));
    json.Key("type").String(count.type.name).Key("inserted").Uint(count.inserted);
    json.Key("updated").Uint(count.updated).Key("deleted").Uint(count.deleted).EndObject();
  }
  json.EndArray();
}

void WriteToken(JsonWriter& json, const std::string& token) {
  if (!token.empty()) json.Key("next_page_token").String(token);
}

}  // namespace

Result<std::string> CommitChangesJson(const catalog::CommitRecord& cause,
                                      const changes::ChangePage& page,
                                      const std::string& next_page_token) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject();
  WriteCause(json, cause);
  TARN_RETURN_IF_ERROR(WriteChanges(json, page));
  WriteToken(json, next_page_token);
  return json.EndObject().Take() + "\n";
}

Result<std::string> DiffJson(const changes::ChangePage& page,
                             const std::vector<changes::TypeCount>& counts,
                             const std::string& next_page_token) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("from").String(page.before->commit().id);
  json.Key("to").String(page.after.commit().id);
  WriteCounts(json, counts);
  TARN_RETURN_IF_ERROR(WriteChanges(json, page));
  WriteToken(json, next_page_token);
  return json.EndObject().Take() + "\n";
}

Result<std::string> FeedJson(const changes::FeedPage& page) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("blocks").BeginArray();
  for (const changes::FeedBlock& block : page.blocks) {
    json.BeginObject();
    WriteCause(json, block.cause);
    TARN_RETURN_IF_ERROR(WriteChanges(json, block.page));
    json.EndObject();
  }
  json.EndArray();
  WriteToken(json, page.next_page_token);
  if (!page.cursor.empty())
    json.Key("cursor").String(page.cursor).Key("caught_up").Bool(page.caught_up);
  return json.EndObject().Take() + "\n";
}

Result<std::string> ChangeText(const changes::RowChange& change) {
  const arrow::RecordBatch& row = change.after != nullptr ? *change.after : *change.before;
  constexpr std::string_view kMarks = "+~-";
  std::string text =
      fmt::format("{} {}:{} {}", kMarks[static_cast<size_t>(change.op)],
                  catalog::TableKindName(change.type.kind), change.type.name, change.id);
  if (IsEdge(change)) {
    text += fmt::format(" ({} -> {})", TextAt(row, catalog::kSrcColumn),
                        TextAt(row, catalog::kDstColumn));
  }
  if (change.op == changes::Op::kUpdate) {
    for (const schema::Property& property : *change.properties) {
      TARN_ASSIGN_OR_RETURN(const std::string before, ValueJson(*change.before, property));
      TARN_ASSIGN_OR_RETURN(const std::string after, ValueJson(*change.after, property));
      if (before != after) text += fmt::format("  {}: {} -> {}", property.name, before, after);
    }
  }
  return text + "\n";
}

std::string CountsText(const std::vector<changes::TypeCount>& counts) {
  size_t width = 0;
  const auto key = [](const changes::TypeCount& count) {
    return fmt::format("{}:{}", catalog::TableKindName(count.type.kind), count.type.name);
  };
  for (const changes::TypeCount& count : counts) width = std::max(width, key(count).size());
  std::string text;
  for (const changes::TypeCount& count : counts) {
    text += fmt::format("{:<{}}  +{} ~{} -{}\n", key(count), width, count.inserted, count.updated,
                        count.deleted);
  }
  return text;
}

std::string MergeJson(const std::string& source, const std::string& target,
                      const std::string& actor, bool dry_run, const changes::MergeResult& result,
                      const std::optional<MergedBranch>& branch) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("source").String(source).Key("target").String(target);
  json.Key("outcome").String(changes::OutcomeName(result.outcome)).Key("actor_id").String(actor);
  json.Key("dry_run").Bool(dry_run).Key("base_commit_id").String(result.base);
  json.Key("source_commit_id").String(result.source).Key("graph_commit_id");
  result.commit ? json.String(result.commit->id) : json.Null();
  WriteCounts(json, result.counts);
  if (dry_run) json.Key("conflicts").Raw(changes::ConflictsJson(result.conflicts));
  if (branch) {
    json.Key("branch_deleted").Bool(branch->deleted);
    if (!branch->error.empty()) json.Key("branch_delete_error").String(branch->error);
  }
  return json.EndObject().Take() + "\n";
}

std::string MergeText(const std::string& source, const std::string& target, bool dry_run,
                      const changes::MergeResult& result) {
  if (result.outcome == changes::Outcome::kAlreadyUpToDate) {
    return fmt::format("{} has everything of {} already\n", target, source);
  }
  std::string text = CountsText(result.counts);
  if (!dry_run) {
    return fmt::format("merged {} into {} as commit {}\n", source, target, result.commit->id) +
           text;
  }
  for (const changes::Conflict& conflict : result.conflicts) {
    text += changes::ConflictText(conflict) + "\n";
  }
  if (!result.conflicts.empty()) {
    return text + fmt::format("{} conflicts: nothing would be written\n", result.conflicts.size());
  }
  return text + fmt::format("would merge {} into {}; nothing was written\n", source, target);
}

}  // namespace tarn::wire
