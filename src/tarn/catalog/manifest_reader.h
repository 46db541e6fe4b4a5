#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tarn/catalog/location.h"
#include "tarn/catalog/manifest.h"
#include "tarn/catalog/manifest_log.h"

namespace tarn::catalog {

/// The manifest of one line of a warehouse as this process knows it. What is known is never read
/// again: a look reads the rows that are new. What happened before the newest checkpoint is read
/// when somebody first asks for it. Thread safe; no lock is held while the storage works.
class ManifestReader {
 public:
  struct Head {
    std::shared_ptr<const Manifest> manifest;
    std::shared_ptr<const lance::Table> table;   ///< `__manifest` pinned at manifest->version
    std::shared_ptr<const ManifestState> state;  ///< what manifest was built from
    int64_t seen_at = 0;  ///< Clock::UptimeMicros when this was last seen to be the newest
  };

  /// Reads the state of `newest`, the manifest of `line`. kCorruptData for a manifest that breaks
  /// its invariants, or of another warehouse than `warehouse_id`, or of another line.
  static Result<std::unique_ptr<ManifestReader>> Open(const Request& request,
                                                      const Location& location,
                                                      const std::string& warehouse_id,
                                                      const Line& line,
                                                      std::unique_ptr<lance::Table> newest);

  const Line& line() const { return line_; }
  /// The newest commit this process has seen. No I/O.
  Head known() const;
  /// The newest commit there is: one probe, and the delta when the head moved.
  Result<Head> Look(const Request& request);
  /// Takes in the commit that `rows` wrote at the version of `table`.
  Status Advance(const Request& request, std::shared_ptr<const lance::Table> table,
                 std::vector<ManifestRow> rows);

  // The following know of no commit after known().

  /// A past commit; null when there is none.
  Result<std::shared_ptr<const Manifest>> At(const Request& request, const std::string& commit_id);
  /// The full ids of the commits that begin so, at most two.
  Result<std::vector<std::string>> IdsByPrefix(const Request& request, const std::string& prefix);
  /// What an idempotent request did.
  Result<std::optional<RequestAnswer>> FindRequest(const Request& request,
                                                   const std::string& request_id);
  /// Oldest first.
  Result<std::vector<CommitRecord>> Commits(const Request& request);
  /// ManifestLog::TablesEver, BranchesEver and SchemasEver.
  Result<std::map<std::string, TableEntry>> TablesEver(const Request& request);
  Result<std::map<std::string, BranchEntry>> BranchesEver(const Request& request);
  Result<std::set<std::string>> SchemasEver(const Request& request);
  /// Oldest first.
  Result<std::vector<RecoveryRecord>> Recoveries(const Request& request);

 private:
  ManifestReader(const Location& location, const Line& line) : location_(location), line_(line) {}

  /// The log counts versions as the manifest does; the outside gets what they count as.
  CommitRecord Numbered(CommitRecord commit) const {
    commit.manifest_version = line_.NumberOf(commit.manifest_version);
    return commit;
  }

  Result<std::shared_ptr<const Manifest>> Build(const Request& request, ManifestState state,
                                                CommitRecord head);
  Result<std::shared_ptr<const schema::Schema>> SchemaOf(const Request& request,
                                                         const SchemaEntry& entry);
  Result<Head> Take(const Request& request, std::shared_ptr<const lance::Table> table,
                    std::vector<ManifestRow> rows, int64_t seen_at);
  Result<Head> TakeSince(const Request& request, std::shared_ptr<const lance::Table> table,
                         uint64_t known, int64_t seen_at);
  /// Makes log_ begin with version 1.
  Status LoadHistory(const Request& request);

  const Location location_;
  const Line line_;
  mutable std::mutex mutex_;
  // All below is guarded by mutex_.
  ManifestLog log_;
  Head head_;
  std::map<std::string, std::shared_ptr<const schema::Schema>> schema_by_id_;
};

/// What the rows of a manifest amount to that nobody has open: read whole, for who undoes a commit.
Result<ManifestState> ReadState(const Request& request, const lance::Table& manifest);

}  // namespace tarn::catalog
