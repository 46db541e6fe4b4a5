#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request.h"

namespace tarn::store {

struct ObjectInfo {
  std::string key;
  uint64_t size = 0;
  int64_t modified_micros = 0;  ///< since 1970, by the storage's clock; 0 = it does not tell
};

enum class PutMode : uint8_t {
  kOverwrite,
  kCreate,  ///< kObjectExists when the key is taken; exactly one of several concurrent callers wins
};

enum class Sync : uint8_t {
  kProcess,
  kDurable
};  ///< survives a killed process; survives a power cut

/// Small objects below one root, on a folder, an object store or in memory. Keys are relative,
/// '/'-separated segments of letters, digits and `._-=`, without ".."; anything else is
/// kInvalidArgument. Thread safe.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// kObjectNotFound when there is no such key.
  virtual Result<std::string> Get(const Request& request, std::string_view key) = 0;
  virtual Status Put(const Request& request, std::string_view key, std::string_view bytes,
                     PutMode mode, Sync sync) = 0;
  /// At most `max` keys in the folder `prefix` ("" = all) and below it that sort bytewise after
  /// `after`, in order. A prefix names whole segments: "a" lists "a/b", not "ab".
  virtual Result<std::vector<ObjectInfo>> List(const Request& request, std::string_view prefix,
                                               std::string_view after, uint32_t max) = 0;
  /// A missing key is success.
  virtual Status Delete(const Request& request, std::string_view key) = 0;
};

/// For tests of the layers above: no bridge, no files.
std::unique_ptr<ObjectStore> OpenMemoryStore();

}  // namespace tarn::store
