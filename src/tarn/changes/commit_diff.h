#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/catalog/snapshot.h"
#include "tarn/changes/table_diff.h"

namespace tarn::changes {

/// Which changes are wanted; what is empty admits all.
struct Filter {
  std::vector<catalog::TableKind> kinds;
  std::vector<std::string> types;
  std::vector<Op> ops;
  /// A type that `before` does not have counts as empty there, instead of being refused.
  bool new_types = false;

  bool Admits(catalog::TableKind kind, const std::string& type) const;
  bool Admits(Op op) const;
};

/// A type, as changes name it. The id survives renames; a type that is made again is another one.
struct TypeRef {
  catalog::TableKind kind = catalog::TableKind::kNode;
  uint64_t id = 0;
  std::string name;
};

/// The columns of a type's table; null when the schema has no such type.
std::shared_ptr<arrow::Schema> RowSchema(const schema::Schema& schema, catalog::TableKind kind,
                                         const std::string& type);

/// Do two entries name one state of one table?
bool SameVersion(const catalog::TableEntry& a, const catalog::TableEntry& b);

/// kDiffRefused for a type whose properties are others on the other side.
Status SchemaBoundary(const std::string& type, std::string message, std::string hint);

/// Where in the order of changes a change stands: nodes before edges, then by type, then by id.
struct Position {
  bool is_edge = false;
  uint64_t type_id = 0;
  std::string id;

  auto operator<=>(const Position&) const = default;
};

/// One type whose tables differ.
struct TypeDiff {
  const TypeRef& type;
  const std::vector<schema::Property>& properties;  ///< columns: id, for edges src and dst, these
  const TableDiff& rows;
  std::optional<std::string> after_id;  ///< what is up to here was told before
};

/// The types of which some rows may differ, in the order of changes, until `visit` answers false.
/// Only tables whose version differs are opened. The rest as for ForEachChange.
Status ForEachTypeDiff(const Request& request, const std::optional<catalog::Snapshot>& before,
                       const catalog::Snapshot& after, const Filter& filter,
                       const std::optional<Position>& from,
                       const std::function<Result<bool>(const TypeDiff&)>& visit);

/// The properties of the rows of a batch.
struct TypeChanges {
  const TypeRef& type;
  const std::vector<schema::Property>& properties;  ///< columns: id, for edges src and dst, these
  const ChangeBatch& batch;                         ///< of the ops that are wanted
};

/// What is different in `after`: every row that was inserted, updated or deleted, once, however
/// many commits did it. Only tables whose version differs are opened.
///
/// `before` may be absent: then all rows of `after` count as inserted. Changes behind `from` are
/// told, in order, until `visit` answers false.
///
/// Errors  kDiffRefused when a type that has changes has other properties on the other side.
Status ForEachChange(const Request& request, const std::optional<catalog::Snapshot>& before,
                     const catalog::Snapshot& after, const Filter& filter,
                     const std::optional<Position>& from,
                     const std::function<Result<bool>(const TypeChanges&)>& visit);

/// How many rows of each type changed.
struct TypeCount {
  TypeRef type;
  uint64_t inserted = 0;
  uint64_t updated = 0;
  uint64_t deleted = 0;
};
Result<std::vector<TypeCount>> CountChanges(const Request& request,
                                            const std::optional<catalog::Snapshot>& before,
                                            const catalog::Snapshot& after, const Filter& filter);

}  // namespace tarn::changes
