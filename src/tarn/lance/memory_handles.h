#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>

#include "tarn/lance/memory_scan.h"
#include "tarn/lance/memory_version.h"
#include "tarn/lance/table.h"
#include "tarn/store/memory_faults.h"
#include "tarn/store/memory_meter.h"
#include "tarn/store/store_key.h"

/// The handles on in-memory tables: a table at a version, a staged transaction.

namespace tarn::lance {

inline constexpr std::string_view kEncodedPrefix = "tarn in-memory transaction 1 ";

/// The meter's class of a file of a table, by the folder it is in.
inline std::string_view FileClass(std::string_view uri, std::string_view folder) {
  return store::ClassOf(fmt::format("{}/{}/x", uri, folder));
}
inline std::string_view VersionClass(std::string_view uri) { return FileClass(uri, "_versions"); }
inline std::string_view DataClass(std::string_view uri) { return FileClass(uri, "data"); }

class MemoryTable final : public Table {
 public:
  MemoryTable(std::string uri, std::shared_ptr<const MemoryVersion> version,
              std::shared_ptr<store::MemoryFaults> faults)
      : uri_(std::move(uri)), version_(std::move(version)), faults_(std::move(faults)) {}

  uint64_t version() const override { return version_->number; }
  const std::string& uri() const override { return uri_; }
  std::shared_ptr<arrow::Schema> schema() const override { return version_->schema; }
  const MemoryVersion& content() const { return *version_; }
  std::unique_ptr<Table> Clone() const override { return std::make_unique<MemoryTable>(*this); }

  Result<TableFacts> Facts() const override {
    TableFacts facts;
    facts.fragments = version_->fragments.size();
    for (const MemoryFragment& fragment : version_->fragments) {
      facts.rows += fragment.LiveRows();
      facts.bytes += static_cast<uint64_t>(arrow::util::TotalBufferSize(*fragment.rows));
    }
    return facts;
  }

  Result<std::vector<Fragment>> Fragments() const override {
    std::vector<Fragment> fragments;
    for (const MemoryFragment& fragment : version_->fragments) {
      const uint64_t rows = fragment.LiveRows();
      const uint64_t gone = fragment.gone->size() - rows;
      fragments.push_back({.id = fragments.size(),
                           .rows = rows,
                           .gone = gone,
                           .data = fragment.data,
                           .deletions = fragment.deletions});
    }
    return fragments;
  }

  Result<std::unique_ptr<BatchStream>> Scan(const Request& request,
                                            const ScanSpec& spec) const override {
    const size_t files = spec.fragments ? spec.fragments->size() : version_->fragments.size();
    store::CountCall(request, {.verb = "get", .class_name = DataClass(uri_), .count = files});
    return store::UnderFaults(faults_.get(), "scan", uri_, ErrorId::kStorageUnavailable,
                              [&] { return ScanVersion(request, version_, spec); });
  }

  Result<std::shared_ptr<arrow::RecordBatch>> Take(
      const Request& request, std::span<const uint64_t> row_ids,
      const std::vector<std::string>& columns) const override {
    TARN_RETURN_IF_ERROR(request.Check());
    store::CountCall(
        request,
        {.verb = "get", .class_name = DataClass(uri_), .count = row_ids.empty() ? 0u : 1u});
    return store::UnderFaults(faults_.get(), "take", uri_, ErrorId::kStorageUnavailable,
                              [&] { return TakeFromVersion(*version_, row_ids, columns); });
  }

 private:
  const std::string uri_;
  const std::shared_ptr<const MemoryVersion> version_;
  const std::shared_ptr<store::MemoryFaults> faults_;  // may be null
};

class MemoryStaged final : public Staged {
 public:
  MemoryStaged(std::shared_ptr<MemoryTables> tables, std::shared_ptr<store::MemoryFaults> faults,
               std::shared_ptr<const MemoryTransaction> transaction)
      : tables_(std::move(tables)),
        faults_(std::move(faults)),
        transaction_(std::move(transaction)) {}

  const std::string& uri() const override { return transaction_->uri; }
  std::string uuid() const override { return transaction_->uuid; }
  bool creates_table() const override {
    return transaction_->kind == MemoryTransaction::Kind::kCreate;
  }
  Result<std::string> Encode() const override {
    return std::string(kEncodedPrefix) + transaction_->uuid;
  }
  Result<std::vector<std::pair<std::string, uint64_t>>> Files() const override {
    return transaction_->files;
  }
  const MemoryTransaction& transaction() const { return *transaction_; }

  Status Sync(const Request& request) override {
    return Do(request, "sync", [] { return Status::Ok(); });
  }
  Status Verify(const Request& request) override {
    store::CountCall(
        request,
        {.verb = "head", .class_name = DataClass(uri()), .count = transaction_->files.size()});
    return Do(request, "verify", [&] { return CheckFiles(); });
  }
  Status Discard(const Request& request) override {
    store::CountCall(
        request,
        {.verb = "delete", .class_name = DataClass(uri()), .count = transaction_->files.size()});
    return Do(request, "discard", [&] {
      std::lock_guard lock(tables_->mutex);
      tables_->has_files_by_uuid[transaction_->uuid] = false;
      return Status::Ok();
    });
  }
  Status CheckFiles() const {
    std::lock_guard lock(tables_->mutex);
    if (transaction_->files.empty() || tables_->has_files_by_uuid[transaction_->uuid])
      return Status::Ok();
    return Error(ErrorId::kCorruptData, "the staged file {} of {} does not exist",
                 transaction_->files[0].first, transaction_->uri);
  }

 private:
  template <typename Effect>
  Status Do(const Request& request, std::string_view operation, Effect&& effect) {
    TARN_RETURN_IF_ERROR(request.Check());
    return store::UnderFaults(faults_.get(), operation, transaction_->uri,
                              ErrorId::kStorageUnavailable, effect);
  }

  const std::shared_ptr<MemoryTables> tables_;
  const std::shared_ptr<store::MemoryFaults> faults_;  // may be null
  const std::shared_ptr<const MemoryTransaction> transaction_;
};

}  // namespace tarn::lance
