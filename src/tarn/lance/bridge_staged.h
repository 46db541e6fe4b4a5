#pragma once

#include <memory>
#include <string>

#include "tarn/lance/fork_uri.h"
#include "tarn/lance/table.h"
#include "tarn/store/bridge_handle.h"
#include "tarn/store/bridge_session.h"

namespace tarn::lance {

/// A transaction that the bridge staged or decoded.
class BridgeStaged final : public Staged {
 public:
  static Result<std::unique_ptr<Staged>> Make(std::shared_ptr<const store::Session> session,
                                              std::string uri, store::TransactionHandle handle);

  const std::string& uri() const override { return uri_; }
  std::string uuid() const override { return uuid_; }
  bool creates_table() const override { return read_version_ == 0; }
  uint64_t read_version() const { return read_version_; }
  tlb_tx* handle() const { return handle_.get(); }

  Result<std::string> Encode() const override;
  Result<std::vector<std::pair<std::string, uint64_t>>> Files() const override;
  Status Sync(const Request& request) override;
  Status Verify(const Request& request) override;
  Status Discard(const Request& request) override;

 private:
  BridgeStaged(std::shared_ptr<const store::Session> session, std::string uri,
               store::TransactionHandle handle)
      : session_(std::move(session)), uri_(std::move(uri)), handle_(std::move(handle)) {}

  /// The table that `uri_` is, or is a fork of: the bridge's transaction knows its fork itself.
  std::string_view root() const { return SplitForkUri(uri_).root; }

  const std::shared_ptr<const store::Session> session_;
  const std::string uri_;
  const store::TransactionHandle handle_;
  std::string uuid_;
  uint64_t read_version_ = 0;
};

}  // namespace tarn::lance
