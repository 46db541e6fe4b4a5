#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tarn/catalog/commit_plan.h"
#include "tarn/catalog/location.h"
#include "tarn/catalog/manifest.h"
#include "tarn/catalog/snapshot.h"

namespace tarn::catalog {

/// The manifest of one warehouse: reads snapshots, publishes commits, finishes what a crashed
/// writer left. Thread safe. Several catalogs, in one process or in many, may work on one
/// warehouse.
class Catalog {
 public:
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

  /// The newest commit: one probe of the storage, and what is new.
  Result<Snapshot> Head(const Request& request);
  /// A past commit by its id (or a unique prefix of at least 8 characters). kCommitNotFound
  /// otherwise.
  Result<Snapshot> At(const Request& request, const std::string& commit_id);
  /// All commits, newest first.
  Result<std::vector<CommitRecord>> Commits(const Request& request);
  /// The accepted schema text of a snapshot, byte for byte.
  Result<std::string> SchemaSource(const Request& request, const Snapshot& snapshot);

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

 private:
  class State;
  explicit Catalog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tarn::catalog
