#pragma once

#include <memory>
#include <string>

#include "tarn/lance/table.h"
#include "tarn/store/bridge_handle.h"
#include "tarn/store/bridge_session.h"

namespace tarn::lance {

/// A Lance dataset pinned at one version.
class BridgeTable final : public Table {
 public:
  static Result<std::unique_ptr<Table>> Make(std::shared_ptr<const store::Session> session,
                                             std::string uri, store::DatasetHandle handle);

  BridgeTable(std::shared_ptr<const store::Session> session, std::string uri,
              store::DatasetHandle handle, std::shared_ptr<arrow::Schema> schema)
      : session_(std::move(session)),
        uri_(std::move(uri)),
        handle_(std::move(handle)),
        schema_(std::move(schema)) {}

  uint64_t version() const override { return tlb_ds_version(handle()); }
  const std::string& uri() const override { return uri_; }
  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  tlb_ds* handle() const { return handle_.get(); }

  Result<TableFacts> Facts() const override;
  Result<std::vector<Fragment>> Fragments() const override;
  std::unique_ptr<Table> Clone() const override;
  Result<std::unique_ptr<BatchStream>> Scan(const Request& request,
                                            const ScanSpec& spec) const override;
  Result<std::shared_ptr<arrow::RecordBatch>> Take(
      const Request& request, std::span<const uint64_t> row_ids,
      const std::vector<std::string>& columns) const override;

 private:
  const std::shared_ptr<const store::Session> session_;
  const std::string uri_;
  const store::DatasetHandle handle_;
  const std::shared_ptr<arrow::Schema> schema_;
};

/// kInvalidArgument for a table of another kind of store.
Result<const BridgeTable*> AsBridgeTable(const Table& table);

}  // namespace tarn::lance
