#include "tarn/store/memory_faults.h"

#include <utility>

namespace tarn::store {

void MemoryFaults::Add(MemoryFault fault) {
  std::lock_guard lock(mutex_);
  armed_.push_back({std::move(fault)});
}

void MemoryFaults::Clear() {
  std::lock_guard lock(mutex_);
  armed_.clear();
}

uint64_t MemoryFaults::calls(std::string_view operation) const {
  std::lock_guard lock(mutex_);
  auto found = calls_.find(operation);
  return found == calls_.end() ? 0 : found->second;
}

MemoryFault::Action MemoryFaults::Hit(std::string_view operation, std::string_view where) {
  std::vector<std::function<void()>> before;
  MemoryFault::Action action = MemoryFault::Action::kNone;
  {
    std::lock_guard lock(mutex_);
    ++calls_[std::string(operation)];
    for (Armed& armed : armed_) {
      const MemoryFault& fault = armed.fault;
      if (fault.operation != operation || where.find(fault.where) == std::string_view::npos)
        continue;
      ++armed.seen;
      if (fault.nth != 0 && armed.seen != fault.nth) continue;
      if (fault.before) before.push_back(fault.before);
      if (fault.action != MemoryFault::Action::kNone) action = fault.action;
    }
  }
  for (const std::function<void()>& run : before) run();
  return action;
}

}  // namespace tarn::store
