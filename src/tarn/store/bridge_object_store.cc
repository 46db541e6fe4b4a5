#include <utility>

#include <simdjson.h>

#include "tarn/store/bridge_call.h"
#include "tarn/store/bridge_session.h"
#include "tarn/store/bridge_status.h"
#include "tarn/store/store_key.h"

namespace tarn::store {
namespace {

Result<std::vector<ObjectInfo>> ParseListing(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::array items;
  if (parser.parse(text.data(), text.size()).get(items) != simdjson::SUCCESS) {
    return Error(ErrorId::kInternal, "the bridge's listing is not a JSON array");
  }
  std::vector<ObjectInfo> found;
  for (const simdjson::dom::element& item : items) {
    std::string_view key;
    ObjectInfo info;
    if (item["key"].get(key) != simdjson::SUCCESS ||
        item["size"].get(info.size) != simdjson::SUCCESS ||
        item["modified"].get(info.modified_micros) != simdjson::SUCCESS) {
      return Error(ErrorId::kInternal, "the bridge's listing lacks a key, a size or a time");
    }
    info.key = key;
    found.push_back(std::move(info));
  }
  return found;
}

class BridgeObjectStore final : public ObjectStore {
 public:
  BridgeObjectStore(std::shared_ptr<const Session> session, StoreHandle handle)
      : session_(std::move(session)), handle_(std::move(handle)) {}

  Result<std::string> Get(const Request& request, std::string_view key) override {
    TARN_RETURN_IF_ERROR(CheckKey(key));
    BridgeBytes bytes;
    tlb_buf* no_etag = nullptr;
    TARN_RETURN_IF_ERROR(CallBridge(tlb_store_get, BridgeCall(request).get(), handle_.get(),
                                    Str(key), /*off=*/0,
                                    /*len=*/0, bytes.Out(), no_etag));
    return std::string(bytes.view());
  }

  Status Put(const Request& request, std::string_view key, std::string_view bytes, PutMode mode,
             Sync sync) override {
    TARN_RETURN_IF_ERROR(CheckKey(key));
    const int32_t bridge_mode = mode == PutMode::kCreate ? TLB_PUT_CREATE : TLB_PUT_OVERWRITE;
    tlb_buf* no_etag = nullptr;
    return CallBridge(tlb_store_put, BridgeCall(request).get(), handle_.get(), Str(key),
                      bytes.data(), bytes.size(), bridge_mode, Str(""),
                      sync == Sync::kDurable ? 1 : 0, no_etag);
  }

  Result<std::vector<ObjectInfo>> List(const Request& request, std::string_view prefix,
                                       std::string_view after, uint32_t max) override {
    TARN_RETURN_IF_ERROR(CheckListing(prefix, after));
    if (prefix.ends_with('/')) prefix.remove_suffix(1);
    BridgeBytes bytes;
    TARN_RETURN_IF_ERROR(CallBridge(tlb_store_list, BridgeCall(request).get(), handle_.get(),
                                    Str(prefix), Str(after), max, bytes.Out()));
    return ParseListing(bytes.view());
  }

  Status Delete(const Request& request, std::string_view key) override {
    TARN_RETURN_IF_ERROR(CheckKey(key));
    return CallBridge(tlb_store_delete, BridgeCall(request).get(), handle_.get(), Str(key));
  }

 private:
  const std::shared_ptr<const Session> session_;
  const StoreHandle handle_;
};

}  // namespace

Result<std::unique_ptr<ObjectStore>> OpenBridgeStore(std::shared_ptr<const Session> session,
                                                     std::string_view root) {
  TARN_RETURN_IF_ERROR(CheckAddress(root));
  StoreHandle handle;
  TARN_RETURN_IF_ERROR(CallBridge(tlb_store_open, session->handle(), Str(root), handle.Out()));
  return std::make_unique<BridgeObjectStore>(std::move(session), std::move(handle));
}

}  // namespace tarn::store
