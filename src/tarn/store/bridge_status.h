#pragma once

#include <cstdint>

#include "tarn/base/status.h"
#include "tarn/store/bridge_handle.h"

/// The only place where the bridge's errors become Tarn's.

namespace tarn::store {

/// The error id of a TLB_E_ code; kInternal for a code this program does not know.
ErrorId ErrorIdOf(int32_t code);

/// The outcome of a call: `code` as it returned it, `error` as it filled it (may be empty).
Status FromBridge(int32_t code, const ErrorHandle& error);

/// Calls a fallible function of the bridge with everything but its last parameter, the error.
///
///   TARN_RETURN_IF_ERROR(CallBridge(tlb_session_create, env, Str("{}"), session.Out()));
template <typename Function, typename... Args>
Status CallBridge(Function function, Args... args) {
  ErrorHandle error;
  const int32_t code = function(args..., error.Out());
  return FromBridge(code, error);
}

}  // namespace tarn::store
