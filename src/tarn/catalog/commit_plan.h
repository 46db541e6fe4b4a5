#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tarn/catalog/snapshot.h"
#include "tarn/lance/table.h"

namespace tarn::catalog {

/// A table that a plan may write to, as Catalog::OpenForWrite answers it.
struct WritableTable {
  TableEntry entry;  ///< location and owner are those of the fork, if one was made
  std::unique_ptr<lance::Table> table;  ///< pinned at entry.version
  bool forked = false;                  ///< the fork is new, and goes when the plan is given up
};

/// What a writer is about to do to one table: one staged Lance transaction, one new version.
struct Effect {
  TableEntry before;    ///< of the base snapshot, or its fork; new: version 0
  bool forked = false;  ///< WritableTable::forked
  std::unique_ptr<lance::Table> base = nullptr;     ///< pinned at before.version; new: null
  std::unique_ptr<lance::Staged> staged = nullptr;  ///< files written, nothing visible
  TableChange change = {};                          ///< counts; version is before.version + 1
  uint64_t rows_after = 0;
  uint64_t bytes_after = 0;
};

/// A branch that a plan makes: the staged first version of its manifest.
struct NewBranch {
  BranchEntry entry;
  std::unique_ptr<lance::Staged> staged = nullptr;
};

/// A change of what the line itself says: names of main, whether a branch is closed, what a cleanup
/// gave up, that files are about to go.
using NameChange = std::variant<BranchEntry, DroppedBranch, TagEntry, DroppedTag, LineEntry,
                                FloorEntry, BarrierEntry>;

/// The schema a commit puts in force, and what becomes of the tables of its types. The effects of
/// the plan bring the columns and the new tables.
struct SchemaChange {
  SchemaEntry entry;                           ///< of Catalog::StageSchema
  std::map<std::string, std::string> renamed;  ///< table id to the new name of its type
  /// Ids of tables that no type has any more. Their files stay: older commits name them.
  std::vector<std::string> dropped;
};

/// Everything one commit changes, planned on `base`. Handed to Catalog::Commit, which is the only
/// door to a new warehouse version. The base snapshot is the read set: the commit lands only
/// directly on top of it, so every constraint that was judged against it still holds.
struct CommitPlan {
  Snapshot base;
  std::string operation;  ///< "load:append", ...
  std::vector<Effect> effects = {};
  /// What replays of the requests that this commit answers are told; the id of a single one is the
  /// commit's own. Empty: the request it is committed under, if that has an id.
  struct Answered {
    std::string request_id;
    uint64_t affected_nodes = 0;
    uint64_t affected_edges = 0;
  };
  std::vector<Answered> requests = {};
  std::optional<SchemaChange> schema = {};
  /// Lands only if the head is this commit; a mismatch is kPreconditionFailed and never retried.
  std::string if_commit = {};
  /// The commit of another line that this one brings in.
  std::optional<std::string> merged_parent = {};
  /// The plan changes no content, so it holds on every head that has its tables at the same
  /// versions, whatever else happened since `base`; but not across a barrier.
  bool keeps_content = false;
  /// A plan that makes a branch or changes names has no effects and makes no commit: the head
  /// stays, and only the manifest moves. It lands only while no name has changed since `base`.
  std::optional<NewBranch> new_branch = {};
  std::vector<NameChange> names = {};

  /// What this commit writes down about commits that were finished for others; their commit_id is
  /// filled in.
  std::vector<RecoveryRecord> recoveries = {};

  bool IsCommit() const { return !new_branch && names.empty(); }
};

}  // namespace tarn::catalog
