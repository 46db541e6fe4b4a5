#include "tarn/changes/merge_base.h"

#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tarn::changes {
namespace {

using catalog::CommitRecord;

/// The commits that two heads contain, read line by line as they are needed.
class Lineage {
 public:
  Lineage(const Request& request, catalog::Catalog& catalog)
      : request_(request), catalog_(catalog) {}

  /// Every commit that `head` contains, itself included. One that was only on a branch that is gone
  /// by now is an end.
  Result<std::set<std::string>> ContainedIn(const std::string& head) {
    std::set<std::string> contained;
    std::vector<std::string> next = {head};
    while (!next.empty()) {
      const std::string id = std::move(next.back());
      next.pop_back();
      if (!contained.insert(id).second) continue;
      TARN_ASSIGN_OR_RETURN(const CommitRecord* commit, Find(id));
      for (const auto* parent : {&commit->parent_id, &commit->merged_parent_id}) {
        if (parent->has_value()) next.push_back(**parent);
      }
    }
    return contained;
  }

  /// The commit that `head` is another name of.
  Result<std::string> Resolve(std::string head) {
    while (true) {
      TARN_ASSIGN_OR_RETURN(const CommitRecord* commit, Find(head));
      if (commit->operation != kFastForwardOperation || !commit->merged_parent_id) return head;
      head = *commit->merged_parent_id;
    }
  }

  /// A commit without parents when it is gone.
  Result<const CommitRecord*> Find(const std::string& id) {
    if (auto found = commit_by_id_.find(id); found != commit_by_id_.end()) return &found->second;
    const Result<catalog::Snapshot> at = catalog_.At(request_, id);
    if (!at.ok() && at.status().id() == ErrorId::kCommitNotFound) return &commit_by_id_[id];
    TARN_RETURN_IF_ERROR(at.status());
    TARN_ASSIGN_OR_RETURN(std::vector<CommitRecord> commits,
                          catalog_.Commits(request_, at->manifest().line.name));
    for (CommitRecord& commit : commits) {
      std::string key = commit.id;
      commit_by_id_.try_emplace(std::move(key), std::move(commit));
    }
    return &commit_by_id_.try_emplace(id, at->commit()).first->second;
  }

 private:
  const Request& request_;
  catalog::Catalog& catalog_;
  std::unordered_map<std::string, CommitRecord> commit_by_id_;
};

}  // namespace

Result<Relation> Relate(const Request& request, catalog::Catalog& catalog,
                        const catalog::Snapshot& source, const catalog::Snapshot& target) {
  Lineage lineage(request, catalog);
  TARN_ASSIGN_OR_RETURN(const std::string source_id, lineage.Resolve(source.commit().id));
  TARN_ASSIGN_OR_RETURN(const std::string target_id, lineage.Resolve(target.commit().id));
  TARN_ASSIGN_OR_RETURN(const std::set<std::string> of_source,
                        lineage.ContainedIn(source.commit().id));
  TARN_ASSIGN_OR_RETURN(const std::set<std::string> of_target,
                        lineage.ContainedIn(target.commit().id));
  Relation relation{.base = "",
                    .has_source = of_target.contains(source_id),
                    .has_target = of_source.contains(target_id)};
  std::set<std::string> newest;  // of the common ones those that no other contains
  for (const std::string& id : of_source) {
    if (of_target.contains(id)) newest.insert(id);
  }
  for (const std::string& id : std::vector<std::string>(newest.begin(), newest.end())) {
    TARN_ASSIGN_OR_RETURN(const CommitRecord* commit, lineage.Find(id));
    for (const auto* parent : {&commit->parent_id, &commit->merged_parent_id}) {
      if (parent->has_value()) newest.erase(**parent);
    }
  }
  int64_t made_at = INT64_MIN;
  for (const std::string& id : newest) {
    TARN_ASSIGN_OR_RETURN(const CommitRecord* commit, lineage.Find(id));
    if (commit->created_at_micros < made_at) continue;
    made_at = commit->created_at_micros;
    relation.base = id;
  }
  if (!relation.base.empty()) return relation;
  return Error(ErrorId::kCorruptData,
               "the commits {} and {} of one warehouse have no commit in common", source_id,
               target_id);
}

}  // namespace tarn::changes
