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

/// What a replay of an idempotent request is answered with.
struct RequestAnswer {
  CommitRecord commit;
  uint64_t affected_nodes = 0;  ///< by this request; other requests may share the commit
  uint64_t affected_edges = 0;
};

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

  /// 0 for a line that never was cleaned up.
  uint64_t FloorOf(std::string_view line_id) const;
  const TableEntry* FindTable(TableKind kind, std::string_view type_name) const;
  const BranchEntry* FindBranch(std::string_view name) const;
  const TagEntry* FindTag(std::string_view name) const;
};

}  // namespace tarn::catalog
