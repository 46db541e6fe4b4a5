#include "tarn/write/mutate_group.h"

#include <algorithm>

#include "tarn/catalog/conflict.h"
#include "tarn/write/graph_image.h"
#include "tarn/write/judge_image.h"
#include "tarn/write/plan_guard.h"
#include "tarn/write/run_statement.h"
#include "tarn/write/stage_image.h"

namespace tarn::write {
namespace {

/// What needs no data to be refused.
Status CheckMutation(const schema::Schema& schema, const ir::Mutation& mutation,
                     const MutateOptions& options) {
  for (const ir::Statement& statement : mutation.statements) {
    TARN_RETURN_IF_ERROR(CheckStatement(schema, statement));
  }
  const auto deletes = static_cast<size_t>(
      std::ranges::count_if(mutation.statements, [](const ir::Statement& statement) {
        return std::holds_alternative<ir::Delete>(statement);
      }));
  if (!options.reject_mixed || deletes == 0 || deletes == mutation.statements.size()) {
    return Status::Ok();
  }
  return Error(ErrorId::kInvalidArgument,
               "query '{}' mixes inserts/updates and deletes, which the switch "
               "compat.reject_mixed_mutations refuses: split it into two queries",
               mutation.name);
}

std::string StatementName(const ir::Mutation& mutation, size_t index) {
  if (mutation.statements.size() == 1) return fmt::format("query '{}'", mutation.name);
  return fmt::format("query '{}', statement {}", mutation.name, index + 1);
}

MutateResult ReplayOf(const catalog::RequestAnswer& answer) {
  return {.affected_nodes = answer.affected_nodes,
          .affected_edges = answer.affected_edges,
          .commit = answer.commit};
}

/// The request under which a group lands. One member's giving up is no reason for the others.
Request RequestOf(const std::vector<GroupMember*>& members) {
  Request request = members.front()->request;
  request.request_id.clear();
  if (members.size() == 1) return request;
  request.cancel = nullptr;
  request.budget = nullptr;
  for (const GroupMember* const member : members) {
    const auto& deadline = member->request.deadline;
    if (request.deadline && deadline) request.deadline = std::max(*request.deadline, *deadline);
    if (!deadline) request.deadline.reset();
  }
  return request;
}

/// Not a fault of what a member wrote: a lost race, or a commit that may land yet.
bool MayConcernAll(const Status& status) {
  switch (status.id()) {
    case ErrorId::kCommitConflict:
    case ErrorId::kUnknownOutcome:
    case ErrorId::kRecoveryRequired: return true;
    default: return false;
  }
}

/// One round on one head: everybody plans, those who succeed land together.
class Round {
 public:
  /// `is_newest`: the head was looked at since the members came.
  Round(catalog::Catalog& catalog, Clock& clock, KeyMaps& keys, UlidFactory& ulids,
        catalog::Snapshot head, bool is_newest)
      : catalog_(catalog),
        clock_(clock),
        keys_(keys),
        ulids_(ulids),
        head_(std::move(head)),
        is_newest_(is_newest) {}

  /// False when the head turned out to be an old one: nothing was decided that hangs on it.
  Result<bool> Plan(const std::vector<GroupMember*>& members) {
    group_request_ = RequestOf(members);
    image_ = std::make_unique<GraphImage>(group_request_, head_, &keys_);
    for (GroupMember* const member : members) {
      if (member->outcome) continue;
      auto own = std::make_unique<GraphImage>(member->request, head_, &keys_, image_.get());
      Result<MutateResult> result = PlanMember(*member, *own);
      if (result.ok() && own->HasChanges()) {
        TARN_RETURN_IF_ERROR(image_->Absorb(*own));
        planned_.emplace_back(member, std::move(result).value());
        images_.push_back(std::move(own));
        continue;
      }
      if (Status status = member->request.Check(); !status.ok()) {
        member->outcome = std::move(status);
        continue;
      }
      // What was concluded from an old head may not be true.
      const Result<bool> is_newest = IsNewest();
      if (is_newest.ok() && !*is_newest) return false;
      member->outcome = is_newest.ok() ? std::move(result) : is_newest.status();
    }
    return true;
  }

  /// Publishes what was planned. False when it failed for a reason that may be one member's alone:
  /// then nothing was written, and nobody is told anything yet.
  bool Land() {
    if (planned_.empty()) return true;
    Result<catalog::CommitRecord> landed = Commit();
    const bool is_settled = landed.ok() || planned_.size() == 1 || MayConcernAll(landed.status());
    if (!is_settled) return false;
    for (auto& [member, result] : planned_) {
      if (landed.ok()) {
        result.commit = *landed;
        member->outcome = std::move(result);
        continue;
      }
      const bool lost = landed.status().id() == ErrorId::kCommitConflict &&
                        member->retries++ < member->options.conflict_retries_max;
      if (!lost) member->outcome = landed.status();
    }
    return true;
  }

 private:
  Result<bool> IsNewest() {
    if (is_newest_) return true;
    TARN_ASSIGN_OR_RETURN(
        const catalog::Snapshot now,
        catalog_.Head(group_request_.In(Phase::kPlan), head_.manifest().line.name));
    is_newest_ = now.manifest().version == head_.manifest().version;
    return is_newest_;
  }

  /// Runs and judges one member on what those before it did. Without changes in `own` it is done.
  Result<MutateResult> PlanMember(const GroupMember& member, GraphImage& own) {
    TARN_RETURN_IF_ERROR(member.request.Check());
    if (!member.request.request_id.empty()) {
      TARN_ASSIGN_OR_RETURN(const std::optional<catalog::RequestAnswer> answer,
                            catalog_.FindRequest(member.request, head_, member.request.request_id));
      if (answer) return ReplayOf(*answer);
    }
    const std::string& wanted = member.options.if_commit;
    if (!wanted.empty() && wanted != head_.commit().id) {
      return catalog::PreconditionFailure(wanted, head_.commit().id);
    }
    TARN_ASSIGN_OR_RETURN(const BoundMutation bound, member.bind(head_.schema()));
    const ir::Mutation& mutation = bound.mutation;
    TARN_RETURN_IF_ERROR(CheckMutation(head_.schema(), mutation, member.options));
    StatementRunner runner(own, bound.parameters, ulids_, clock_.NowMicros() / 1000);
    for (size_t i = 0; i < mutation.statements.size(); ++i) {
      TARN_RETURN_IF_ERROR(runner.Run(mutation.statements[i], StatementName(mutation, i)));
    }
    TARN_RETURN_IF_ERROR(
        JudgeImage(own, fmt::format("query '{}'", mutation.name), clock_.RandomBits()));
    return MutateResult{.query_name = mutation.name,
                        .affected_nodes = runner.affected().nodes,
                        .affected_edges = runner.affected().edges};
  }

  Result<catalog::CommitRecord> Commit() {
    PlanGuard guard(group_request_, catalog_,
                    {.base = head_,
                     .operation = "mutate",
                     .if_commit = planned_.front().first->options.if_commit});
    for (const auto& [member, result] : planned_) {
      if (member->request.request_id.empty()) continue;
      guard.plan().requests.push_back(
          {member->request.request_id, result.affected_nodes, result.affected_edges});
    }
    TARN_RETURN_IF_ERROR(StageImage(catalog_, *image_, guard.plan()));
    std::vector<catalog::TableEntry> changed;
    for (const catalog::Effect& effect : guard.plan().effects) changed.push_back(effect.before);
    Result<catalog::CommitRecord> landed = catalog_.Commit(group_request_, guard.Take());
    if (!landed.ok()) return landed;
    for (const catalog::TableEntry& entry : changed) {
      keys_.Advance(entry, *image_->Find(entry.Key()));
    }
    return landed;
  }

  catalog::Catalog& catalog_;
  Clock& clock_;
  KeyMaps& keys_;
  UlidFactory& ulids_;
  const catalog::Snapshot head_;
  bool is_newest_;
  Request group_request_;
  std::unique_ptr<GraphImage> image_;                // of all members that succeeded so far
  std::vector<std::unique_ptr<GraphImage>> images_;  // of each: they hold the members' budgets
  std::vector<std::pair<GroupMember*, MutateResult>> planned_;
};

void Fail(const std::vector<GroupMember*>& members, const Status& why) {
  for (GroupMember* const member : members) {
    if (!member->outcome) member->outcome = why;
  }
}

}  // namespace

void RunGroup(catalog::Catalog& catalog, Clock& clock, KeyMaps& keys,
              const std::vector<GroupMember*>& members) {
  UlidFactory ulids(clock);
  const auto open = [&members] {
    return std::ranges::any_of(members, [](const GroupMember* m) { return !m->outcome; });
  };
  // The head this process knows costs nothing to ask for, and is mostly the newest.
  const std::string& branch = members.front()->options.branch;
  const auto plan_request = [&members] { return RequestOf(members).In(Phase::kPlan); };
  Result<catalog::Snapshot> head = catalog.Known(plan_request(), branch);
  bool is_newest = false;
  while (open()) {
    if (!head.ok()) return Fail(members, head.status());
    Round round(catalog, clock, keys, ulids, *head, is_newest);
    const Result<bool> planned = round.Plan(members);
    if (!planned.ok()) return Fail(members, planned.status());
    if (*planned && !round.Land()) {
      for (GroupMember* const member : members) {
        if (!member->outcome) RunGroup(catalog, clock, keys, {member});
      }
    }
    if (!open()) return;
    head = catalog.Head(plan_request(), branch);
    is_newest = true;
  }
}

}  // namespace tarn::write
