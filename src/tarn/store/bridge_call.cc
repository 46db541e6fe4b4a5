#include "tarn/store/bridge_call.h"

#include <algorithm>
#include <chrono>

#include "tarn/store/meter.h"

namespace tarn::store {
namespace {

/// A point of the steady clock on the wall clock; at least 1, because 0 means no deadline.
int64_t UnixNanos(std::chrono::steady_clock::time_point when) {
  const auto left = when - std::chrono::steady_clock::now();
  const auto wall = std::chrono::system_clock::now().time_since_epoch() + left;
  return std::max<int64_t>(1, std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count());
}

}  // namespace

static_assert(static_cast<uint32_t>(Phase::kOther) == TLB_PHASE_OTHER &&
                  static_cast<uint32_t>(Phase::kPlan) == TLB_PHASE_PLAN &&
                  static_cast<uint32_t>(Phase::kRead) == TLB_PHASE_READ &&
                  static_cast<uint32_t>(Phase::kStage) == TLB_PHASE_STAGE &&
                  static_cast<uint32_t>(Phase::kIntent) == TLB_PHASE_INTENT &&
                  static_cast<uint32_t>(Phase::kEffect) == TLB_PHASE_EFFECT &&
                  static_cast<uint32_t>(Phase::kPublish) == TLB_PHASE_PUBLISH &&
                  static_cast<uint32_t>(Phase::kCleanup) == TLB_PHASE_CLEANUP &&
                  static_cast<uint32_t>(Phase::kRecovery) == TLB_PHASE_RECOVERY,
              "Phase is passed to the bridge by number");

BridgeCall::BridgeCall(const Request& request) {
  call_.struct_size = sizeof(call_);
  call_.phase = static_cast<uint32_t>(request.phase);
  if (request.meter != nullptr)
    call_.meter = static_cast<tlb_meter*>(request.meter->bridge_handle());
  if (request.deadline) call_.deadline_unix_ns = UnixNanos(*request.deadline);
  if (request.cancel != nullptr) {
    cancel_ = CancelHandle(tlb_cancel_new());
    call_.cancel = cancel_.get();
    registration_ = request.cancel->OnFire([handle = cancel_.get()] { tlb_cancel_fire(handle); });
  }
}

}  // namespace tarn::store
