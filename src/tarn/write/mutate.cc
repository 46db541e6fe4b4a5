#include "tarn/write/mutate.h"

#include <algorithm>

#include "tarn/write/mutate_group.h"

namespace tarn::write {

/// One caller in the queue.
class WaitingMutation {
 public:
  WaitingMutation(const Request& request, const BindMutation& bind, const MutateOptions& options)
      : member{.request = request, .bind = bind, .options = options} {}

  GroupMember member;
  bool taken = false;  // a leader has it; guarded by the queue's mutex, as is `done`
  bool done = false;
};

std::vector<WaitingMutation*> MutationQueue::TakeGroup() {
  std::vector<WaitingMutation*> group;
  const auto fits = [&group](const WaitingMutation& next) {
    const GroupMember& first = group.front()->member;
    const bool is_alone =
        !first.options.if_commit.empty() || !next.member.options.if_commit.empty();
    const bool is_twin =
        !next.member.request.request_id.empty() &&
        std::ranges::any_of(group, [&next](const WaitingMutation* other) {
          return other->member.request.request_id == next.member.request.request_id;
        });
    const bool is_kin = first.request.actor == next.member.request.actor &&
                        first.options.branch == next.member.options.branch;
    return !is_alone && !is_twin && is_kin;
  };
  while (!waiting_.empty() && group.size() < kGroupMembersMax) {
    if (!group.empty() && !fits(*waiting_.front())) break;
    waiting_.front()->taken = true;
    group.push_back(waiting_.front());
    waiting_.pop_front();
  }
  return group;
}

void MutationQueue::Lead(std::unique_lock<std::mutex>& lock) {
  leading_ = true;
  const std::vector<WaitingMutation*> group = TakeGroup();
  lock.unlock();
  std::vector<GroupMember*> members;
  for (WaitingMutation* const waiting : group) members.push_back(&waiting->member);
  RunGroup(catalog_, clock_, keys_, members);
  lock.lock();
  leading_ = false;
  for (WaitingMutation* const waiting : group) waiting->done = true;
  changed_.notify_all();
}

void MutationQueue::Leave(const WaitingMutation& waiting) {
  std::erase(waiting_, &waiting);
  changed_.notify_all();  // who is first now has to know
}

Result<MutateResult> MutationQueue::Run(const Request& request, const BindMutation& bind,
                                        const MutateOptions& options) {
  WaitingMutation mine(request, bind, options);
  CancelToken::Registration on_cancel;  // dropped after the lock: its callback takes it
  if (request.cancel != nullptr) {
    on_cancel = request.cancel->OnFire([this] {
      std::lock_guard lock(mutex_);
      changed_.notify_all();
    });
  }
  std::unique_lock lock(mutex_);
  waiting_.push_back(&mine);
  while (!mine.done) {
    if (!mine.taken) {
      if (Status status = request.Check(); !status.ok()) {
        Leave(mine);
        return status;
      }
      if (!leading_ && waiting_.front() == &mine) {
        Lead(lock);
        continue;
      }
    }
    if (!mine.taken && request.deadline) {
      changed_.wait_until(lock, *request.deadline);
    } else {
      changed_.wait(lock);
    }
  }
  return std::move(*mine.member.outcome);
}

}  // namespace tarn::write
