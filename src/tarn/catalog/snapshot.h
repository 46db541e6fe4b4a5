#pragma once

#include <memory>
#include <string_view>

#include "tarn/catalog/manifest.h"
#include "tarn/lance/table.h"

namespace tarn::catalog {

/// A pinned commit: what a reader sees for its whole life. Cheap to copy, thread safe. It keeps the
/// stores of its catalog alive only by reference: the Catalog outlives its snapshots.
class Snapshot {
 public:
  /// `floor` is Manifest::FloorOf its line as main says now.
  Snapshot(std::shared_ptr<const Manifest> manifest, std::string root, lance::TableStore* tables,
           uint64_t floor = 0)
      : manifest_(std::move(manifest)), root_(std::move(root)), tables_(tables), floor_(floor) {}

  const Manifest& manifest() const { return *manifest_; }
  const schema::Schema& schema() const { return *manifest_->schema; }
  const CommitRecord& commit() const { return manifest_->head; }
  /// The store its tables live in, for a writer that stages against them.
  lance::TableStore& tables() const { return *tables_; }
  /// Where the table of an entry is.
  std::string UriOf(const TableEntry& entry) const;

  /// The table of a type at exactly the version this snapshot names. kUnknownType when the schema
  /// has no such type; kSnapshotExpired when a cleanup has removed it.
  Result<std::unique_ptr<lance::Table>> OpenTable(const Request& request, TableKind kind,
                                                  std::string_view type_name) const;

 private:
  std::shared_ptr<const Manifest> manifest_;
  std::string root_;
  lance::TableStore* tables_;
  uint64_t floor_ = 0;
};

}  // namespace tarn::catalog
