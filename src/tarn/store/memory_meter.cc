#include "tarn/store/memory_meter.h"

#include <mutex>
#include <string>

namespace tarn::store {
namespace {

class MemoryMeter final : public Meter {
 public:
  Cost Read() const override {
    std::lock_guard lock(mutex_);
    return cost_;
  }
  void* bridge_handle() const override { return nullptr; }

  void Count(Phase phase, const MeteredCall& call) {
    std::lock_guard lock(mutex_);
    cost_.calls[fmt::format("{}/{}@{}", call.verb, call.class_name, PhaseName(phase))] +=
        call.count;
    cost_.bytes_read += call.bytes_read;
    cost_.bytes_written += call.bytes_written;
    cost_.failures += call.failed ? 1 : 0;
  }

 private:
  mutable std::mutex mutex_;
  Cost cost_;
};

}  // namespace

std::unique_ptr<Meter> NewMemoryMeter() { return std::make_unique<MemoryMeter>(); }

std::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kOther: return "other";
    case Phase::kPlan: return "plan";
    case Phase::kRead: return "read";
    case Phase::kStage: return "stage";
    case Phase::kIntent: return "intent";
    case Phase::kEffect: return "effect";
    case Phase::kPublish: return "publish";
    case Phase::kCleanup: return "cleanup";
    case Phase::kRecovery: return "recovery";
  }
  TARN_UNREACHABLE("a Phase outside its enum");
}

void CountCall(const Request& request, const MeteredCall& call) {
  if (auto* meter = dynamic_cast<MemoryMeter*>(request.meter); meter != nullptr && call.count > 0) {
    meter->Count(request.phase, call);
  }
}

}  // namespace tarn::store
