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

/// One Lance dataset as the manifest knows it: the only authority on which version of it is
/// current.
struct TableEntry {
  std::string
      id;  ///< ULID; the folder is tables/{id}.lance, never reused, never derived from a name
  TableKind kind = TableKind::kNode;
  uint64_t type_id = 0;   ///< stable id of the schema type
  std::string type_name;  ///< name of the type in this manifest's schema
  std::string location;   ///< relative to the warehouse root
  uint64_t version = 0;   ///< the Lance version that is current
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
  std::string id;  ///< ULID
  uint64_t manifest_version = 0;
  std::string branch = "main";
  std::optional<std::string> parent_id;
  std::optional<std::string> merged_parent_id;
  std::string actor;
  std::string operation;   ///< "init", "load:append", "load:merge", "load:overwrite", ...
  std::string request_id;  ///< empty = none
  int64_t created_at_micros = 0;
  std::vector<TableChange> changes;
};

/// The state of a warehouse at one commit. Immutable.
struct Manifest {
  uint64_t version = 0;  ///< Lance version of __manifest
  CommitRecord head;
  SchemaEntry schema_entry;
  std::shared_ptr<const schema::Schema> schema;
  std::vector<TableEntry> tables;  ///< sorted by Key(): every edge before every node

  const TableEntry* FindTable(TableKind kind, std::string_view type_name) const;
};

}  // namespace tarn::catalog
