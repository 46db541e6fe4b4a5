#include "tarn/lance/bridge_staged.h"

#include <utility>

#include <simdjson.h>

#include "tarn/store/bridge_call.h"
#include "tarn/store/bridge_status.h"

namespace tarn::lance {

using store::BridgeBytes;
using store::BridgeCall;
using store::CallBridge;
using store::Str;

Result<std::unique_ptr<Staged>> BridgeStaged::Make(std::shared_ptr<const store::Session> session,
                                                   std::string uri,
                                                   store::TransactionHandle handle) {
  std::unique_ptr<BridgeStaged> staged(
      new BridgeStaged(std::move(session), std::move(uri), std::move(handle)));
  BridgeBytes info;
  TARN_RETURN_IF_ERROR(CallBridge(tlb_tx_info, staged->handle(), info.Out()));
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::string_view uuid;
  if (parser.parse(info.view().data(), info.view().size()).get(json) != simdjson::SUCCESS ||
      json["uuid"].get(uuid) != simdjson::SUCCESS ||
      json["read_version"].get(staged->read_version_) != simdjson::SUCCESS) {
    return Error(ErrorId::kInternal, "the bridge's transaction facts are not what they should be");
  }
  staged->uuid_ = uuid;
  return std::unique_ptr<Staged>(std::move(staged));
}

Result<std::string> BridgeStaged::Encode() const {
  BridgeBytes bytes;
  TARN_RETURN_IF_ERROR(CallBridge(tlb_tx_encode, handle(), bytes.Out()));
  return std::string(bytes.view());
}

Result<std::vector<std::pair<std::string, uint64_t>>> BridgeStaged::Files() const {
  BridgeBytes bytes;
  TARN_RETURN_IF_ERROR(CallBridge(tlb_tx_files, handle(), bytes.Out()));
  simdjson::dom::parser parser;
  simdjson::dom::array items;
  if (parser.parse(bytes.view().data(), bytes.view().size()).get(items) != simdjson::SUCCESS) {
    return Error(ErrorId::kInternal, "the bridge's list of staged files is not a JSON array");
  }
  std::vector<std::pair<std::string, uint64_t>> files;
  for (const simdjson::dom::element& item : items) {
    std::string_view path;
    uint64_t size = 0;
    if (item["path"].get(path) != simdjson::SUCCESS ||
        item["size"].get(size) != simdjson::SUCCESS) {
      return Error(ErrorId::kInternal, "the bridge does not know the size of staged file {}", path);
    }
    files.emplace_back(path, size);
  }
  return files;
}

Status BridgeStaged::Sync(const Request& request) {
  return CallBridge(tlb_tx_sync, BridgeCall(request).get(), session_->handle(), Str(root()),
                    handle());
}

Status BridgeStaged::Verify(const Request& request) {
  return CallBridge(tlb_tx_verify, BridgeCall(request).get(), session_->handle(), Str(root()),
                    handle());
}

Status BridgeStaged::Discard(const Request& request) {
  return CallBridge(tlb_tx_discard, BridgeCall(request).get(), session_->handle(), Str(root()),
                    handle());
}

}  // namespace tarn::lance
