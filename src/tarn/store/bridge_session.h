#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "tarn/base/request.h"
#include "tarn/store/meter.h"
#include "tarn/store/object_store.h"

struct tlb_env;
struct tlb_session;

namespace tarn::store {

/// Versions of the bridge and of the libraries in it, as JSON.
std::string_view BridgeBuildInfo();

struct EnvironmentOptions {
  uint32_t threads = 2;  ///< of the storage runtime
  uint64_t memory_pool_bytes =
      uint64_t{512} << 20;   ///< what sorts and SQL may hold at once, all requests together
  std::string spill_folder;  ///< absolute; empty = the system's temporary folder
  /// Tests only: one thread, a clock that stands still while work runs, and one tick per store
  /// call, so that Cost::depth is exact.
  bool virtual_clock = false;

  bool operator==(const EnvironmentOptions&) const = default;
};

/// The storage runtime of this process. Thread safe. It lives as long as somebody holds it or a
/// session of it; it is made before the process starts other threads, and not forked over.
class Environment {
 public:
  /// The living environment, or a new one. kInvalidArgument when one lives with other options;
  /// kBridgeMismatch when the loaded bridge has another ABI.
  static Result<std::shared_ptr<const Environment>> Open(const EnvironmentOptions& options);

  virtual ~Environment() = default;
  virtual tlb_env* handle() const = 0;
  /// Replaces the fault script of every store of the process; "" removes it. Tests only:
  /// kUnsupported unless TARN_ENABLE_FAULTS=1 was set when the environment was made. The script's
  /// JSON is described in tarn_bridge.h.
  virtual Status ScriptFaults(std::string_view script) const = 0;
};

struct SessionOptions {
  uint64_t index_cache_bytes = uint64_t{64} << 20;
  uint64_t metadata_cache_bytes = uint64_t{64} << 20;
  std::map<std::string, std::string>
      storage_options;  ///< credentials, region, endpoint: names of object_store
  /// Local files go through the object store, so that meters and faults see them. Slower.
  bool through_store = false;
  /// The name of a local file appears once its bytes are durable, and a put returns once the name
  /// is. Without it, what is put durably may be there after a power cut as a name without bytes.
  bool durable_puts = false;
};

/// Caches and credentials shared by stores and tables. Thread safe. `memory://` addresses live as
/// long as the session.
class Session {
 public:
  static Result<std::shared_ptr<const Session>> Open(std::shared_ptr<const Environment> environment,
                                                     const SessionOptions& options);
  virtual ~Session() = default;
  virtual tlb_session* handle() const = 0;
  virtual const Environment& environment() const = 0;
};

/// The objects below `root`: an absolute folder or a URI.
Result<std::unique_ptr<ObjectStore>> OpenBridgeStore(std::shared_ptr<const Session> session,
                                                     std::string_view root);

/// A meter that counts real store calls.
std::unique_ptr<Meter> NewBridgeMeter(std::shared_ptr<const Environment> environment);

}  // namespace tarn::store
