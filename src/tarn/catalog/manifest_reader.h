#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tarn/catalog/location.h"
#include "tarn/catalog/manifest.h"
#include "tarn/catalog/manifest_log.h"

namespace tarn::catalog {

/// The manifest of one warehouse as this process knows it. What is known is never read again: a
/// look reads the rows that are new. Thread safe; no lock is held while the storage works.
class ManifestReader {
 public:
  struct Head {
    std::shared_ptr<const Manifest> manifest;
    std::shared_ptr<const lance::Table> table;  ///< `__manifest` pinned at manifest->version
    int64_t seen_at = 0;  ///< Clock::UptimeMicros when this was last seen to be the newest
  };

  /// Reads all rows of `newest`. kCorruptData for a manifest that breaks its invariants, or of
  /// another warehouse than `warehouse_id`.
  static Result<std::unique_ptr<ManifestReader>> Open(const Request& request,
                                                      const Location& location,
                                                      const std::string& warehouse_id,
                                                      std::unique_ptr<lance::Table> newest);

  /// The newest commit this process has seen. No I/O.
  Head known() const;
  /// The newest commit there is: one probe, and the delta when the head moved.
  Result<Head> Look(const Request& request);
  /// Takes in the commit that `rows` wrote at the version of `table`.
  Status Advance(const Request& request, std::shared_ptr<const lance::Table> table,
                 std::vector<ManifestRow> rows);

  /// A past commit among those known; null when there is none.
  Result<std::shared_ptr<const Manifest>> At(const Request& request, const std::string& commit_id);
  /// The full ids of the known commits that begin so, at most two.
  std::vector<std::string> IdsByPrefix(const std::string& prefix) const;
  std::optional<CommitRecord> FindRequest(const std::string& request_id) const;
  /// Oldest first.
  std::vector<CommitRecord> commits() const;

 private:
  explicit ManifestReader(const Location& location) : location_(location) {}

  Result<std::shared_ptr<const Manifest>> Build(const Request& request, ManifestState state,
                                                CommitRecord head);
  Result<std::shared_ptr<const schema::Schema>> SchemaOf(const Request& request,
                                                         const SchemaEntry& entry);
  Result<Head> Take(const Request& request, std::shared_ptr<const lance::Table> table,
                    std::vector<ManifestRow> rows, int64_t seen_at);

  const Location location_;
  mutable std::mutex mutex_;
  // All below is guarded by mutex_.
  ManifestLog log_;
  Head head_;
  std::map<std::string, std::shared_ptr<const schema::Schema>> schema_by_id_;
};

}  // namespace tarn::catalog
