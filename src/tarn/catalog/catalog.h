#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tarn/catalog/cleanup.h"
#include "tarn/catalog/commit_plan.h"
#include "tarn/catalog/location.h"
#include "tarn/catalog/manifest.h"
#include "tarn/catalog/snapshot.h"

namespace tarn::catalog {

struct Sweep;

/// A commit that is under way, or was when its writer ended.
struct PendingCommit {
  std::string line_id;  ///< "main", or the id of the branch
  uint64_t slot = 0;    ///< the version of the line's manifest that it wants
  CommitRecord commit;
};

/// A table that somebody moved beside Tarn.
struct TableDrift {
  TableEntry entry;  ///< as the head names it
  TableStanding found = TableStanding::kNoMovement;
  uint64_t head = 0;  ///< its newest Lance version
};

/// The manifests of one warehouse, main's and those of its branches: reads snapshots, publishes
/// commits, finishes what a crashed writer left. Thread safe. Several catalogs, in one process or
/// in many, may work on one warehouse.
class Catalog {
 public:
  class State;  ///< of this room only

  /// Makes a warehouse: identity, one empty table per node and edge type, the accepted schema, and
  /// the first commit, all visible at once or not at all. An init that was interrupted is taken up
  /// again. Errors  kWarehouseExists; kForeignFolder when the root holds something else (unless
  /// `force`); kUnsupported for a
  ///         storage without put-if-absent; those of the schema.
  static Status Init(const Request& request, const Location& location,
                     const std::string& schema_source, bool force);

  /// Errors  kWarehouseNotFound with what to run; kFormatUnsupported for a newer format;
  /// kCorruptData naming the file.
  ///         For writing also kRecoveryRequired naming an intent that nobody can finish. A
  ///         read-only open writes nothing.
  static Result<std::unique_ptr<Catalog>> Open(const Request& request, const Location& location,
                                               Access access);

  ~Catalog();

  /// The id of the warehouse. It stays the same when the folder is moved.
  const std::string& warehouse_id() const;

  /// The newest commit of a branch that this process has seen: no I/O for main. What is planned on
  /// it lands only if it is the newest there is, but what is concluded from it may be old.
  /// kBranchNotFound.
  Result<Snapshot> Known(const Request& request, const std::string& branch = "main");
  /// The newest commit of a branch: one probe of the storage (two for another branch than main),
  /// and what is new. kBranchNotFound.
  Result<Snapshot> Head(const Request& request, const std::string& branch = "main");
  /// A past commit of any branch by its id (or a unique prefix of at least 8 characters).
  /// kCommitNotFound otherwise.
  Result<Snapshot> At(const Request& request, const std::string& commit_id);
  /// The commit that `ref` means: a tag, a commit id or its prefix, each of any branch; or, in the
  /// history of `branch`, "v12" for what was there at that manifest version and
  /// "@2026-05-01T00:00:00Z" for what was there at that time. Also "manifest:{branch}:v12", as
  /// answers name a view. kCommitNotFound, kBranchNotFound.
  Result<Snapshot> AsOf(const Request& request, const std::string& branch, const std::string& ref);
  /// The history of a branch, newest first: its own commits, and those before it was made.
  Result<std::vector<CommitRecord>> Commits(const Request& request,
                                            const std::string& branch = "main");
  /// What became of commits of a branch whose writers did not end them, newest first.
  Result<std::vector<RecoveryRecord>> Recoveries(const Request& request,
                                                 const std::string& branch = "main");
  /// Commits under way on every line: of live writers, and of such that ended.
  Result<std::vector<PendingCommit>> Pending(const Request& request);
  /// Brings to their end, on every line, the commits whose writers ended: what opening for writing
  /// does, for a process that stays. kReadOnlyWarehouse; otherwise as Open.
  Status Recover(const Request& request);
  /// Tables of a branch whose newest Lance version is not the one its head names. kRecoveryRequired
  /// while a commit is under way: what it has moved is no drift.
  Result<std::vector<TableDrift>> Drift(const Request& request, const std::string& branch = "main");
  /// Brings those tables back to what the head names, as one commit of the recovery actor. No row
  /// that Tarn did not commit becomes visible. The record of it; nothing when there was no drift.
  Result<std::optional<RecoveryRecord>> Repair(const Request& request,
                                               const std::string& branch = "main");
  /// What an idempotent request did on the branch of `snapshot`, in whatever process, up to the
  /// newest commit of it that this process has seen.
  Result<std::optional<RequestAnswer>> FindRequest(const Request& request, const Snapshot& snapshot,
                                                   const std::string& request_id);
  /// The accepted schema text of a snapshot, byte for byte.
  Result<std::string> SchemaSource(const Request& request, const Snapshot& snapshot);

  /// The table of a type, for a writer on the head `snapshot`. The first time that a branch writes
  /// to a table, this forks it: a few storage calls whatever its size, and nothing a reader sees.
  /// Every writable table goes into a plan that is committed or abandoned.
  Result<WritableTable> OpenForWrite(const Request& request, const Snapshot& snapshot,
                                     TableKind kind, std::string_view type_name);

  /// Writes the files of a schema, durable and under a new id, for a plan to name. A plan that does
  /// not land takes them away again.
  Result<SchemaEntry> StageSchema(const Request& request, const std::string& source,
                                  const schema::Schema& schema);

  /// Makes the plan visible as one commit, or does nothing that a reader can see.
  ///
  /// Steps   sync staged files; A put intent; B commit each table; C publish; D retire the intent.
  /// Replay  A request id that a commit on or before plan.base carries is answered with that
  /// commit, and nothing is
  ///         written.
  /// Errors  kCommitConflict when the head moved since plan.base: nothing was written, plan again
  /// on a new snapshot.
  ///         Its detail is published_dataset_version_conflict for a table both touched, else
  ///         read_set_conflict. kPreconditionFailed for a lost if_commit. kUnknownOutcome names the
  ///         commit id to ask for. kRecoveryRequired when an unfinished commit stands in the way
  ///         that nobody can finish.
  Result<CommitRecord> Commit(const Request& request, CommitPlan plan);

  /// Discards the staged files of a plan that will not be committed.
  void Abandon(const Request& request, CommitPlan plan);

  /// All branches but main, by name.
  Result<std::vector<BranchEntry>> Branches(const Request& request);
  /// Makes a branch of what `from` means: a branch, or anything that AsOf takes of main. Costs the
  /// same few storage calls whatever the number and size of the tables; no data is copied, and no
  /// commit is made: the branch stands on the commit it was made of.
  /// kNameInvalid, kBranchExists, kBranchNotFound, kCommitNotFound.
  Result<BranchEntry> CreateBranch(const Request& request, const std::string& name,
                                   const std::string& from);
  /// Deletes a branch and the history that only it has: gone from every view at once. Its files are
  /// cleared away by a later cleanup.
  /// kNameInvalid for main; kBranchNotFound; kBranchInUse when a branch was made of it or a tag
  /// stands on it.
  Result<BranchEntry> DeleteBranch(const Request& request, const std::string& name);

  /// Removes table versions, manifests and folders that no kept commit needs, and files that
  /// nothing names; a preview unless confirmed. What others have staged and not committed has to be
  /// staged anew where something goes. Kept are, of every line, the newest commits, what was
  /// current within the last hour, tagged commits, and those that branches were made of or the next
  /// merge stands on.
  /// kInvalidArgument for a `keep` below the minimum; kRecoveryRequired while a commit is under
  /// way.
  Result<CleanupReport> Cleanup(const Request& request, const CleanupOptions& options);

  /// All tags, by name.
  Result<std::vector<TagEntry>> Tags(const Request& request);
  /// Names the commit that `from` means, as CreateBranch takes it. kNameInvalid, kTagExists, and as
  /// there.
  Result<TagEntry> CreateTag(const Request& request, const std::string& name,
                             const std::string& from);
  /// kTagNotFound.
  Result<TagEntry> DeleteTag(const Request& request, const std::string& name);

 private:
  explicit Catalog(std::unique_ptr<State> state);
  Result<Snapshot> Source(const Request& request, const std::string& from);
  Status Close(const Request& request, const BranchEntry& branch);
  Status FinishDeletes(const Request& request);
  Status RaiseBarriers(const Request& request, const std::set<std::string>& line_ids);
  void WriteDown(const Request& request, Sweep sweep);
  std::unique_ptr<State> state_;
};

}  // namespace tarn::catalog
