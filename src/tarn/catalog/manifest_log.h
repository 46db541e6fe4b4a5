#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/catalog/manifest_codec.h"

namespace tarn::catalog {

/// What the rows up to one version amount to.
struct ManifestState {
  uint64_t version = 0;
  std::string warehouse_id;
  uint64_t format = 0;
  CommitRecord head;  ///< the newest commit
  LineEntry line;     ///< main's when no row says otherwise
  SchemaEntry schema;
  std::map<std::string, TableEntry, std::less<>> tables;     ///< by id
  std::map<std::string, BranchEntry, std::less<>> branches;  ///< by name
  std::map<std::string, TagEntry, std::less<>> tags;         ///< by name
  std::map<std::string, FloorEntry, std::less<>> floors;     ///< by line id
  BarrierEntry barrier;
};

/// Every row that says the state, the head apart, in the order of their keys: what a checkpoint
/// repeats.
std::vector<RowContent> StateRows(const ManifestState& state);

/// The rows of `__manifest` up to one version, in order of `seq`, never of position, so that
/// rewriting old rows into fewer fragments changes nothing. It may begin with a checkpoint: then
/// the state is known, and what was before is not. Not thread safe.
///
/// Invariants (each held against the rows that are read)
///   log-1  a key has at most one row per version;
///   log-2  a version with rows has exactly one commit, whose parent is the commit before it, or
///          changes nothing but names: branches, tags, the line itself;
///   log-3  all warehouse rows name the same one, their format never falls; there is a schema;
///   log-4  two live tables never share a kind and type name; only a known table, branch or tag is
///          dropped; a name that is taken is not given again;
///   log-5  it begins with version 1 or with a whole checkpoint, and with a commit;
///   log-6  no commit follows the row that closes a line;
///   log-7  the epoch of a barrier is one more than that of the barrier before.
class ManifestLog {
 public:
  uint64_t version() const { return state_.version; }
  const ManifestState& state() const { return state_; }
  /// The first version that is known: 1, or that of a checkpoint.
  uint64_t floor() const { return floor_; }
  /// Oldest first, from the floor on.
  const std::vector<CommitRecord>& commits() const { return commits_; }

  /// Takes the rows of the versions after version() up to `version`; rows at or before version()
  /// are known and skipped. kCorruptData names the row that breaks an invariant, and nothing is
  /// taken.
  Status Advance(uint64_t version, std::vector<ManifestRow> rows);

  /// Puts `older`, which knows all versions below this one's floor, before it. kCorruptData when
  /// the two do not meet, and nothing is taken.
  Status Complete(ManifestLog older);

  /// Every table and fork that a commit of this log named, by location, and every branch, by id.
  std::map<std::string, TableEntry> TablesEver() const;
  std::map<std::string, BranchEntry> BranchesEver() const;
  /// The ids of the schemas that were ever in force.
  std::set<std::string> SchemasEver() const;

  /// The state as of a commit of this log.
  ManifestState StateAt(const CommitRecord& commit) const;

  const CommitRecord* FindCommit(std::string_view id) const;
  /// The ids of commits that begin so, at most two.
  std::vector<std::string> FindByPrefix(std::string_view prefix) const;
  /// What became of commits that their writers did not end. Oldest first.
  std::vector<RecoveryRecord> Recoveries() const;
  /// What an idempotent request did.
  std::optional<RequestAnswer> FindRequest(std::string_view request_id) const;

 private:
  struct Entry {
    uint64_t seq;
    std::string key;
    RowContent content;
  };
  static Result<std::vector<Entry>> Decode(uint64_t after, uint64_t version,
                                           std::vector<ManifestRow> rows);
  static void Fold(const RowContent& content, ManifestState& state);
  Status CheckBeginning(const std::vector<Entry>& entries) const;
  static Status CheckClosed(const std::vector<Entry>& entries, bool closed);
  Status CheckCommits(const std::vector<Entry>& entries) const;
  void Index(size_t from);
  static Status CheckState(const std::vector<Entry>& entries, const ManifestState& before,
                           const ManifestState& after);

  std::vector<Entry> entries_;  // all but the commits, which are in commits_
  std::vector<CommitRecord> commits_;
  std::map<std::string, size_t, std::less<>> commit_by_id_;
  std::map<std::string, RequestEntry, std::less<>> request_by_id_;
  ManifestState state_;
  uint64_t floor_ = 0;
};

}  // namespace tarn::catalog
