#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "tarn/base/request.h"
#include "tarn/store/meter.h"

namespace tarn::store {

/// A meter for the in-memory stores. It counts the calls that the real storage would see in the
/// same place, spelled as the bridge spells them, so that a cost test can run on either. `depth`
/// stays 0.
std::unique_ptr<Meter> NewMemoryMeter();

/// The phase's part of a meter key: "stage".
std::string_view PhaseName(Phase phase);

/// One call that a fake makes in place of the storage.
struct MeteredCall {
  std::string_view verb;        ///< "get", "put-if-absent", ...
  std::string_view class_name;  ///< as ClassOf answers
  uint64_t count = 1;
  uint64_t bytes_read = 0;
  uint64_t bytes_written = 0;
  bool failed = false;
};

/// Counts `call` if the request carries a meter of NewMemoryMeter. For the fakes of this room and
/// of `lance`.
void CountCall(const Request& request, const MeteredCall& call);

}  // namespace tarn::store
