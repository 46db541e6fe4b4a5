#include "tarn/base/failpoint.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>

namespace tarn {
namespace {

std::atomic<int> armed_count{0};
std::mutex mutex;
std::map<std::string, FailpointAction, std::less<>>& Armed() {
  static std::map<std::string, FailpointAction, std::less<>> armed;
  return armed;
}

}  // namespace

const std::vector<std::string>& FailpointNames() {
  // The steps of an init, of one commit and of a change of branches, in order; the crash suites
  // visit each.
  static const std::vector<std::string> names = {
      "init.after_identity",  "init.after_schema",     "init.after_tables",
      "init.before_publish",  "init.after_publish",    "commit.after_stage",
      "commit.after_sync",    "commit.after_intent",   "commit.after_effect",
      "commit.after_effects", "commit.before_publish", "commit.after_publish",
      "commit.after_retire",  "branch.after_stage",    "branch.after_closing",
      "branch.after_close",   "cleanup.after_floor",   "cleanup.after_barrier",
      "cleanup.after_strays", "undo.after_restore",    "undo.after_publish",
      "merge.before_stage",
  };
  return names;
}

bool AnyFailpointArmed() { return armed_count.load(std::memory_order_relaxed) != 0; }

Status ArmFailpoint(std::string_view name, FailpointAction action) {
  const auto& names = FailpointNames();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    return Error(ErrorId::kInvalidArgument, "no failpoint is called '{}'", name);
  }
  std::lock_guard lock(mutex);
  if (action == nullptr) {
    Armed().erase(std::string(name));
  } else {
    Armed()[std::string(name)] = std::move(action);
  }
  armed_count.store(static_cast<int>(Armed().size()), std::memory_order_relaxed);
  return Status::Ok();
}

void DisarmAllFailpoints() {
  std::lock_guard lock(mutex);
  Armed().clear();
  armed_count.store(0, std::memory_order_relaxed);
}

Status ArmFailpointsFromText(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string_view entry = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t equals = entry.find('=');
    const std::string_view action =
        equals == std::string_view::npos ? "" : entry.substr(equals + 1);
    const std::string name(entry.substr(0, equals));
    if (action == "abort") {
      TARN_RETURN_IF_ERROR(ArmFailpoint(name, []() -> Status { std::_Exit(86); }));
    } else if (action == "fail") {
      TARN_RETURN_IF_ERROR(ArmFailpoint(name, [name]() {
        return Error(ErrorId::kStorageUnavailable, "failpoint {} fired", name);
      }));
    } else {
      return Error(ErrorId::kInvalidArgument, "failpoint '{}' needs =abort or =fail", entry);
    }
  }
  return Status::Ok();
}

Status HitFailpoint(std::string_view name) {
  const auto& names = FailpointNames();
  TARN_CHECK(std::find(names.begin(), names.end(), name) != names.end(),
             "a failpoint outside the catalog");
  FailpointAction action;
  {
    std::lock_guard lock(mutex);
    auto found = Armed().find(name);
    if (found == Armed().end()) return Status::Ok();
    action = found->second;
  }
  return action();
}

}  // namespace tarn
