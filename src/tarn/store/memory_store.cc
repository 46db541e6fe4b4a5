#include "tarn/store/memory_store.h"

#include <map>
#include <mutex>
#include <utility>

#include "tarn/store/memory_meter.h"
#include "tarn/store/store_key.h"

namespace tarn::store {

class MemoryObjects {
 public:
  std::mutex mutex;
  std::map<std::string, std::string, std::less<>> bytes_by_key;  // guarded by mutex
};

namespace {

class MemoryStore final : public ObjectStore {
 public:
  MemoryStore(std::shared_ptr<MemoryObjects> objects, std::shared_ptr<MemoryFaults> faults)
      : objects_(std::move(objects)), faults_(std::move(faults)) {}

  Result<std::string> Get(const Request& request, std::string_view key) override {
    TARN_RETURN_IF_ERROR(Enter(request, CheckKey(key)));
    Result<std::string> bytes = Do("get", key, [&] { return Find(key); });
    CountCall(request, {.verb = "get",
                        .class_name = ClassOf(key),
                        .bytes_read = bytes.ok() ? bytes->size() : 0,
                        .failed = IsFailure(bytes.status())});
    return bytes;
  }

  Status Put(const Request& request, std::string_view key, std::string_view bytes, PutMode mode,
             Sync) override {
    TARN_RETURN_IF_ERROR(Enter(request, CheckKey(key)));
    Status status = Do("put", key, [&] { return Store(key, bytes, mode); });
    CountCall(request, {.verb = mode == PutMode::kCreate ? "put-if-absent" : "put",
                        .class_name = ClassOf(key),
                        .bytes_written = status.ok() ? bytes.size() : 0,
                        .failed = IsFailure(status)});
    return status;
  }

  Result<std::vector<ObjectInfo>> List(const Request& request, std::string_view prefix,
                                       std::string_view after, uint32_t max) override {
    TARN_RETURN_IF_ERROR(Enter(request, CheckListing(prefix, after)));
    std::string folder(prefix);
    if (!folder.empty() && folder.back() != '/') folder += '/';
    Result<std::vector<ObjectInfo>> found =
        Do("list", folder, [&] { return Below(folder, after, max); });
    CountCall(request,
              {.verb = "list", .class_name = ClassOf(folder), .failed = IsFailure(found.status())});
    return found;
  }

  Status Delete(const Request& request, std::string_view key) override {
    TARN_RETURN_IF_ERROR(Enter(request, CheckKey(key)));
    Status status = Do("delete", key, [&] { return Erase(key); });
    CountCall(request, {.verb = "delete", .class_name = ClassOf(key), .failed = IsFailure(status)});
    return status;
  }

 private:
  /// Does the storage's own meter count it? "No such key" and "taken" are answers, not failures.
  static bool IsFailure(const Status& status) {
    return !status.ok() && status.id() != ErrorId::kObjectNotFound &&
           status.id() != ErrorId::kObjectExists;
  }

  static Status Enter(const Request& request, Status argument) {
    TARN_RETURN_IF_ERROR(request.Check());
    return argument;
  }

  template <typename Effect>
  auto Do(std::string_view operation, std::string_view key, Effect&& effect) -> decltype(effect()) {
    return UnderFaults(faults_.get(), operation, key, ErrorId::kStorageUnavailable, [&] {
      std::lock_guard lock(objects_->mutex);
      return effect();
    });
  }

  Result<std::string> Find(std::string_view key) const {
    auto found = objects_->bytes_by_key.find(key);
    if (found == objects_->bytes_by_key.end())
      return Error(ErrorId::kObjectNotFound, "there is no object '{}'", key);
    return found->second;
  }

  Status Store(std::string_view key, std::string_view bytes, PutMode mode) {
    auto [slot, is_new] = objects_->bytes_by_key.try_emplace(std::string(key));
    if (!is_new && mode == PutMode::kCreate)
      return Error(ErrorId::kObjectExists, "the object '{}' exists", key);
    slot->second.assign(bytes);
    return Status::Ok();
  }

  Result<std::vector<ObjectInfo>> Below(const std::string& folder, std::string_view after,
                                        uint32_t max) const {
    std::vector<ObjectInfo> found;
    const auto& map = objects_->bytes_by_key;
    auto at = std::string_view(folder) > after ? map.lower_bound(folder) : map.upper_bound(after);
    for (; at != map.end() && at->first.starts_with(folder) && found.size() < max; ++at) {
      found.push_back({.key = at->first, .size = at->second.size()});
    }
    return found;
  }

  Status Erase(std::string_view key) {
    auto found = objects_->bytes_by_key.find(key);
    if (found != objects_->bytes_by_key.end()) objects_->bytes_by_key.erase(found);
    return Status::Ok();
  }

  const std::shared_ptr<MemoryObjects> objects_;
  const std::shared_ptr<MemoryFaults> faults_;  // may be null
};

}  // namespace

std::shared_ptr<MemoryObjects> NewMemoryObjects() { return std::make_shared<MemoryObjects>(); }

std::unique_ptr<ObjectStore> OpenMemoryStore(std::shared_ptr<MemoryObjects> objects,
                                             std::shared_ptr<MemoryFaults> faults) {
  return std::make_unique<MemoryStore>(std::move(objects), std::move(faults));
}

std::unique_ptr<ObjectStore> OpenMemoryStore() {
  return OpenMemoryStore(NewMemoryObjects(), nullptr);
}

}  // namespace tarn::store
