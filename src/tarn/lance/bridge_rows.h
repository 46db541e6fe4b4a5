#pragma once

#include <memory>

#include "tarn/base/task_group.h"
#include "tarn/columnar/c_data.h"
#include "tarn/lance/table.h"
#include "tarn/store/bridge_handle.h"

/// Rows on their way out of the bridge and into it.

namespace tarn::lance {

/// The batches of a bridge stream. Each pull obeys `request`, of which a copy is kept.
Result<std::unique_ptr<BatchStream>> ReadBridgeStream(const Request& request,
                                                      store::StreamHandle handle);

/// Hands a BatchStream to a bridge call that stages it.
///
/// The bridge pulls from inside its runtime, where calling it again is refused; a stream that
/// itself reads from the bridge would fail there. So a thread of its own pulls the stream, one
/// batch at a time, only when asked.
///
///   RowPump pump(std::move(rows));
///   TARN_RETURN_IF_ERROR(pump.Export(stream));
///   return pump.Finish(CallBridge(tlb_stage_append, ..., stream.get(), ...));
class RowPump {
 public:
  /// `rows` may be null: then Export leaves the stream empty, and `stream()` of it is nullptr.
  explicit RowPump(std::unique_ptr<BatchStream> rows);
  ~RowPump();

  Status Export(columnar::CStream& out);
  /// Ends the thread; after the call that pulled. Its error is the rows' own, if they had one, else
  /// `outcome`.
  Status Finish(Status outcome);

 private:
  class State;
  class Reader;

  std::shared_ptr<State> state_;  // null without rows
  TaskGroup thread_{1};
};

}  // namespace tarn::lance
