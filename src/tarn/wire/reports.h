#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tarn/base/json_writer.h"
#include "tarn/base/status.h"
#include "tarn/catalog/manifest.h"
#include "tarn/store/meter.h"
#include "tarn/write/load.h"

namespace tarn::wire {

/// `{"error","code"?,"number","hint"?, one structured member?}`: the body of every failed call.
std::string ErrorJson(const Status& status);

/// `{"graph_commit_id","graph_branch","graph_manifest_version","parent_commit_id",...}`.
void WriteCommit(JsonWriter& json, const catalog::CommitRecord& commit);
std::string CommitJson(const catalog::CommitRecord& commit);
std::string CommitsJson(const std::vector<catalog::CommitRecord>& commits);
std::string CommitsText(const std::vector<catalog::CommitRecord>& commits);

/// `{"graph_branch","graph_manifest_version","internal_schema_version","datasets":[...]}`, edges
/// before nodes.
std::string SnapshotJson(const catalog::Manifest& manifest);
std::string SnapshotText(const catalog::Manifest& manifest);

/// `{"analyzed","plan":[...]}`: the lines of a plan; their text is for people and may change.
std::string ExplainJson(const std::string& lines, bool analyzed);

struct LoadReport {
  std::string uri;
  std::string branch = "main";
  std::optional<std::string> base_branch = {};  ///< what the branch was to be made of
  bool branch_created = false;
  write::LoadMode mode = write::LoadMode::kAppend;
  write::LoadResult result;
};
std::string_view LoadModeName(write::LoadMode mode);
std::string LoadJson(const LoadReport& report);
std::string LoadText(const LoadReport& report);

/// `{"branches":[names]}`, main among them, sorted.
std::string BranchesJson(const std::vector<catalog::BranchEntry>& branches);
std::string BranchesText(const std::vector<catalog::BranchEntry>& branches);
/// `{"uri","from","name","actor_id","graph_commit_id"}`.
std::string BranchMadeJson(const std::string& uri, const std::string& from,
                           const catalog::BranchEntry& branch);
/// `{"uri","name","actor_id"}`: a branch or tag that was deleted.
std::string NameGoneJson(const std::string& uri, const std::string& name, const std::string& actor);
/// `{"name","graph_commit_id","actor_id","created_at"}`.
std::string TagJson(const catalog::TagEntry& tag);
std::string TagsJson(const std::vector<catalog::TagEntry>& tags);
std::string TagsText(const std::vector<catalog::TagEntry>& tags);

/// "12 reads, 3 writes, 0 lists, 1.2 MB read": what a verb cost the storage.
std::string CostText(const store::Cost& cost);
/// 1 -> "1 row", 2 -> "2 rows"; `plural` is for nouns that do not just take an s.
std::string CountText(uint64_t count, std::string_view noun, std::string_view plural = "");
/// 1234567 -> "1.2 MB".
std::string BytesText(uint64_t bytes);

}  // namespace tarn::wire
