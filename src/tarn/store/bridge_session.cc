#include "tarn/store/bridge_session.h"

#include <mutex>
#include <utility>

#include "tarn/base/json_writer.h"
#include "tarn/store/bridge_status.h"

namespace tarn::store {
namespace {

std::string EnvironmentConfig(const EnvironmentOptions& options) {
  JsonWriter json;
  json.BeginObject();
  json.Key("threads").Uint(options.threads);
  json.Key("memory_pool_bytes").Uint(options.memory_pool_bytes);
  if (!options.spill_folder.empty()) json.Key("spill_dir").String(options.spill_folder);
  json.Key("virtual_clock").Bool(options.virtual_clock);
  return json.EndObject().Take();
}

std::string SessionConfig(const SessionOptions& options) {
  JsonWriter json;
  json.BeginObject();
  json.Key("index_cache_bytes").Uint(options.index_cache_bytes);
  json.Key("metadata_cache_bytes").Uint(options.metadata_cache_bytes);
  json.Key("storage_options").BeginObject();
  for (const auto& [name, value] : options.storage_options) json.Key(name).String(value);
  json.EndObject();
  json.Key("through_store").Bool(options.through_store);
  json.Key("durable_puts").Bool(options.durable_puts);
  return json.EndObject().Take();
}

Status CheckAbi() {
  constexpr uint32_t kWanted = TLB_ABI_MAJOR << 16 | TLB_ABI_MINOR;
  const uint32_t found = tlb_abi_version();
  if (found >> 16 == TLB_ABI_MAJOR && found >= kWanted) return Status::Ok();
  return Error(ErrorId::kBridgeMismatch,
               "this program needs bridge ABI {}.{}, the library has {}.{}", TLB_ABI_MAJOR,
               TLB_ABI_MINOR, found >> 16, found & 0xffff);
}

class BridgeEnvironment final : public Environment {
 public:
  BridgeEnvironment(EnvironmentHandle handle, EnvironmentOptions options)
      : handle_(std::move(handle)), options_(std::move(options)) {}
  tlb_env* handle() const override { return handle_.get(); }
  Status ScriptFaults(std::string_view script) const override {
    return CallBridge(tlb_fault_script, handle_.get(), Str(script));
  }
  const EnvironmentOptions& options() const { return options_; }

 private:
  const EnvironmentHandle handle_;
  const EnvironmentOptions options_;
};

class BridgeSession final : public Session {
 public:
  BridgeSession(std::shared_ptr<const Environment> environment, SessionHandle handle)
      : environment_(std::move(environment)), handle_(std::move(handle)) {}
  tlb_session* handle() const override { return handle_.get(); }
  const Environment& environment() const override { return *environment_; }

 private:
  const std::shared_ptr<const Environment> environment_;
  const SessionHandle handle_;  // after environment_: released first
};

/// The one environment of the process while it lives.
std::mutex living_mutex;
std::weak_ptr<const BridgeEnvironment> living;  // guarded by living_mutex

}  // namespace

std::string_view BridgeBuildInfo() { return ViewOf(tlb_build_info()); }

Result<std::shared_ptr<const Environment>> Environment::Open(const EnvironmentOptions& options) {
  std::lock_guard lock(living_mutex);
  if (std::shared_ptr<const BridgeEnvironment> found = living.lock()) {
    if (found->options() == options) return found;
    return Error(ErrorId::kInvalidArgument,
                 "the storage runtime of this process runs with other options");
  }
  TARN_RETURN_IF_ERROR(CheckAbi());
  EnvironmentHandle handle;
  TARN_RETURN_IF_ERROR(CallBridge(tlb_env_create, Str(EnvironmentConfig(options)), handle.Out()));
  auto made = std::make_shared<const BridgeEnvironment>(std::move(handle), options);
  living = made;
  return made;
}

Result<std::shared_ptr<const Session>> Session::Open(std::shared_ptr<const Environment> environment,
                                                     const SessionOptions& options) {
  SessionHandle handle;
  TARN_RETURN_IF_ERROR(CallBridge(tlb_session_create, environment->handle(),
                                  Str(SessionConfig(options)), handle.Out()));
  return std::make_shared<const BridgeSession>(std::move(environment), std::move(handle));
}

}  // namespace tarn::store
