#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/status.h"

namespace tarn::store {

/// One scripted event of the in-memory stores.
struct MemoryFault {
  enum class Action : uint8_t {
    kNone,        ///< only runs `before`
    kFail,        ///< not done, reported failed
    kLoseAnswer,  ///< done, then reported failed: kCommitUnknown from a commit, else
                  ///< kStorageUnavailable
  };
  /// Objects: get put list delete. Tables: open exists fork drop stage commit probe scan take sync
  /// verify discard remove folders strays.
  std::string operation;
  uint64_t nth = 1;  ///< the n-th matching call after Add, from 1; 0 = every one
  Action action = Action::kFail;
  std::string where = {};  ///< only keys or URIs that contain this text
  std::function<void()> before =
      {};  ///< runs first, on the caller's thread, no lock held: a second writer's turn
};

/// A script of faults for the in-memory stores; one script may serve both. Thread safe.
///
///   faults->Add({.operation = "commit", .nth = 2, .action = MemoryFault::Action::kLoseAnswer});
class MemoryFaults {
 public:
  void Add(MemoryFault fault);
  void Clear();
  /// How many calls of `operation` were seen since the start, on any path.
  uint64_t calls(std::string_view operation) const;

  /// For the stores: takes note of a call and answers what shall happen to it.
  MemoryFault::Action Hit(std::string_view operation, std::string_view where);

 private:
  struct Armed {
    MemoryFault fault;
    uint64_t seen = 0;
  };
  mutable std::mutex mutex_;
  std::vector<Armed> armed_;
  std::map<std::string, uint64_t, std::less<>> calls_;
};

/// Runs `effect` under the script (which may be null): kFail keeps it from running, kLoseAnswer
/// replaces its success by `lost`. Both are errors of the id given.
template <typename Effect>
auto UnderFaults(MemoryFaults* faults, std::string_view operation, std::string_view where,
                 ErrorId lost, Effect&& effect) -> decltype(effect()) {
  const MemoryFault::Action action =
      faults == nullptr ? MemoryFault::Action::kNone : faults->Hit(operation, where);
  if (action == MemoryFault::Action::kFail) {
    return Error(ErrorId::kStorageUnavailable, "{} of '{}' failed: a scripted fault", operation,
                 where);
  }
  auto outcome = effect();
  if (action == MemoryFault::Action::kLoseAnswer && outcome.ok()) {
    return Error(lost, "the answer to {} of '{}' was lost: a scripted fault", operation, where);
  }
  return outcome;
}

}  // namespace tarn::store
