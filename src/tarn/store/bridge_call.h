#pragma once

#include "tarn/base/request.h"
#include "tarn/store/bridge_handle.h"

namespace tarn::store {

/// A Request as the bridge sees it, for the length of one call: its phase and meter, its deadline
/// in wall time, and a cancel handle that fires when the request's token does.
class BridgeCall {
 public:
  explicit BridgeCall(const Request& request);
  BridgeCall(const BridgeCall&) = delete;
  BridgeCall& operator=(const BridgeCall&) = delete;

  const tlb_call* get() const { return &call_; }

 private:
  CancelHandle cancel_;
  CancelToken::Registration registration_;  // after cancel_: gone before the handle it fires
  tlb_call call_{};
};

}  // namespace tarn::store
