#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/status.h"
#include "tarn/schema/schema.h"

namespace tarn::catalog {

enum class TableKind : uint8_t { kNode, kEdge };
/// "node" or "edge".
std::string_view TableKindName(TableKind kind);

/// A line of commits with a manifest of its own: main, or a branch from the moment it was made. Its
/// id tells this branch from another one that had its name before.
struct Line {
  std::string id = "main";  ///< "main", or the ULID of the branch
  std::string name = "main";
  /// What the first version of its manifest counts as: main's counts 1, a branch goes on from the
  /// commit it was made of, so the numbers of a history only grow.
  uint64_t first = 1;

  bool operator==(const Line&) const = default;
  uint64_t NumberOf(uint64_t manifest_version) const { return manifest_version + first - 1; }
};

/// One Lance dataset as the manifest knows it: the only authority on which version of it is
/// current.
struct TableEntry {
  std::string
      id;  ///< ULID; the folder is tables/{id}.lance, never reused, never derived from a name
  TableKind kind = TableKind::kNode;
  uint64_t type_id = 0;   ///< stable id of the schema type
  std::string type_name;  ///< name of the type in this manifest's schema
  std::string location;   ///< relative to the warehouse root; of the table or of a fork of it
  /// The line whose commits write there. Another line forks the table before its first write.
  std::string owner = "main";
  uint64_t version = 0;  ///< the Lance version that is current
  uint64_t rows = 0;
  uint64_t bytes = 0;

  /// "node:Person", the key clients see in conflicts.
  std::string Key() const;
};

/// Which schema is accepted, and where its text is.
struct SchemaEntry {
  std::string id;             ///< ULID; _schema/{id}.pg and _schema/{id}.json
  std::string digest;         ///< SHA-256 hex of the canonical form
  std::string source_digest;  ///< SHA-256 hex of the .pg bytes
  std::string form_digest;    ///< SHA-256 hex of the .json bytes
};

/// What one commit did to one table.
struct TableChange {
  std::string table_id;
  uint64_t version = 0;
  uint64_t inserted = 0;
  uint64_t updated = 0;
  uint64_t deleted = 0;
};

/// One row of history. Written in the same publish as the versions it describes.
struct CommitRecord {
  std::string id;                 ///< ULID
  uint64_t manifest_version = 0;  ///< Line::NumberOf the version that published it
  std::string branch = "main";
  std::optional<std::string> parent_id;
  std::optional<std::string> merged_parent_id;
  std::string actor;
  std::string operation;   ///< "init", "load:append", "load:merge", "load:overwrite", ...
  std::string request_id;  ///< empty = none
  int64_t created_at_micros = 0;
  std::vector<TableChange> changes;
};

/// A branch as main's manifest names it.
struct BranchEntry {
  std::string name;
  std::string id = {};          ///< ULID of this incarnation
  std::string parent = "main";  ///< id of the line it was made of
  std::string from = {};        ///< the commit it was made of
  uint64_t first = 0;           ///< Line::first
  std::string actor = {};
  int64_t created_at_micros = 0;
  bool closing = false;  ///< deleted; the name is held until no writer can land on the branch

  bool operator==(const BranchEntry&) const = default;
  Line line() const { return {.id = id, .name = name, .first = first}; }
};

/// A name for one commit. It never moves.
struct TagEntry {
  std::string name;
  std::string commit = {};
  std::string line = "main";  ///< id of the line whose manifest has the commit
  std::string actor = {};
  int64_t created_at_micros = 0;

  bool operator==(const TagEntry&) const = default;
};

struct DroppedBranch {
  std::string name;
};
struct DroppedTag {
  std::string name;
};
/// Whose manifest this is, and whether commits may follow.
struct LineEntry {
  Line line = {};
  bool closed = false;
};

/// Commits of a line below this number were given up by a cleanup: their tables may be gone.
struct FloorEntry {
  std::string line_id = "main";
  uint64_t number = 0;  ///< Line::NumberOf

  bool operator==(const FloorEntry&) const = default;
};

/// Published on a line before files go that nothing names. What a writer staged on a version before
/// it may be among them, so it cannot land after it.
struct BarrierEntry {
  uint64_t epoch = 0;  ///< one more than that of the barrier before; 0 = there never was one
  std::string actor = {};
  int64_t created_at_micros = 0;

  bool operator==(const BarrierEntry&) const = default;
};

/// What a replay of an idempotent request is answered with.
struct RequestAnswer {
  CommitRecord commit;
  uint64_t affected_nodes = 0;  ///< by this request; other requests may share the commit
  uint64_t affected_edges = 0;
};
/// Where a table stood that a recovery looked at, beside the version that its commit was to follow.
enum class TableStanding : uint8_t {
  kNoMovement,           ///< there
  kRolledPastExpected,   ///< one further, by the commit itself
  kUnexpectedAtP1,       ///< one further, by somebody else
  kUnexpectedMultistep,  ///< further than that
  kInvariantViolation,   ///< behind it: the version that the manifest names is gone
};
/// "NoMovement" and so on, as operators of such systems know them.
std::string_view TableStandingName(TableStanding standing);
std::optional<TableStanding> TableStandingOf(std::string_view name);

struct RecoveredTable {
  std::string table_id;
  std::string table_key;  ///< "node:Person"
  TableStanding found = TableStanding::kNoMovement;
  uint64_t head = 0;        ///< the newest Lance version then
  uint64_t to_version = 0;  ///< the version whose content holds
  uint64_t version = 0;     ///< the version that the manifest names since: with the same content

  bool operator==(const RecoveredTable&) const = default;
};

/// What became of a commit that its writer did not bring to its end. One that was rolled back is
/// decided by this row: no commit row can follow.
struct RecoveryRecord {
  enum class Kind : uint8_t { kRolledBack, kRolledForward, kRepaired };

  std::string operation_id;  ///< the commit that was finished or given up
  std::string commit_id;     ///< the commit by which the recovery actor wrote this down
  Kind kind = Kind::kRolledBack;
  std::string for_actor;  ///< whose commit it was
  std::string reason;
  int64_t created_at_micros = 0;
  std::vector<RecoveredTable> tables;

  bool operator==(const RecoveryRecord&) const = default;
};
/// "rolled_back", "rolled_forward", "repaired".
std::string_view RecoveryKindName(RecoveryRecord::Kind kind);

inline constexpr std::string_view kRecoveryActor = "tarn:recovery";
/// The operation of a commit that is made only to be undone: it brings tables back that somebody
/// moved beside Tarn.
inline constexpr std::string_view kRepairOperation = "repair";

/// The state of a line at one of its commits. Immutable.
struct Manifest {
  Line line;
  bool closed = false;   ///< a branch that is being deleted: no commit follows
  uint64_t version = 0;  ///< Line::NumberOf the manifest's version, which may name no new commit
  CommitRecord head;
  SchemaEntry schema_entry;
  std::shared_ptr<const schema::Schema> schema;
  std::vector<TableEntry> tables;     ///< sorted by Key(): every edge before every node
  std::vector<BranchEntry> branches;  ///< main's only; sorted by name
  std::vector<BranchEntry> closing;   ///< main's only: deleted branches that still hold their name
  std::vector<TagEntry> tags;         ///< main's only; sorted by name
  std::vector<FloorEntry> floors;     ///< main's only, of every line that was cleaned up
  uint64_t barrier = 0;               ///< BarrierEntry::epoch

  /// 0 for a line that never was cleaned up.
  uint64_t FloorOf(std::string_view line_id) const;
  const TableEntry* FindTable(TableKind kind, std::string_view type_name) const;
  const BranchEntry* FindBranch(std::string_view name) const;
  const TagEntry* FindTag(std::string_view name) const;
};

}  // namespace tarn::catalog
