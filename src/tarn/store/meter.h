#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tarn::store {

/// What a piece of work cost the storage. Exact, also on a noisy machine.
struct Cost {
  std::map<std::string, uint64_t> calls;  ///< by "verb/class@phase", as tarn_bridge.h spells them
  uint64_t bytes_read = 0;
  uint64_t bytes_written = 0;
  uint64_t failures = 0;
  uint64_t fsyncs = 0;    ///< files and folders made durable
  uint64_t barriers = 0;  ///< groups of fsyncs waited for together
  uint64_t depth = 0;     ///< longest chain of dependent calls; only under a virtual clock

  uint64_t total() const;
  uint64_t reads() const;   ///< get, range, head
  uint64_t writes() const;  ///< every other verb but list
  uint64_t lists() const;
};

}  // namespace tarn::store

namespace tarn {

/// Attached to a Request, counts every store call made on its behalf. Thread safe.
class Meter {
 public:
  virtual ~Meter() = default;
  /// What was counted so far.
  virtual store::Cost Read() const = 0;
  /// The bridge's handle, or nullptr for a meter of the in-memory fakes.
  virtual void* bridge_handle() const = 0;
};

}  // namespace tarn
