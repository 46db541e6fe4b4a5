#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/catalog/snapshot.h"
#include "tarn/lance/filter.h"
#include "tarn/write/key_map.h"
#include "tarn/write/pending_table.h"
#include "tarn/write/stored_rows.h"

namespace tarn::write {

/// The graph as a mutation leaves it: the rows of one commit, and over them what the statements
/// did. Reads of a type that has no stored rows touch nothing.
class GraphImage {
 public:
  /// `request` outlives this; the pending rows draw on its budget. `below` is what mutations of the
  /// same group did before: to this one its rows are stored, at places that mean nothing.
  /// `keys`, if given, outlives this too.
  GraphImage(const Request& request, catalog::Snapshot base, KeyMaps* keys = nullptr,
             const GraphImage* below = nullptr)
      : request_(request),
        base_(std::move(base)),
        keys_(keys),
        below_(below),
        hold_(request.Hold("pending rows")) {}

  const Request& request() const { return request_; }
  const catalog::Snapshot& base() const { return base_; }
  const schema::Schema& schema() const { return base_.schema(); }

  PendingTable& Of(const schema::NodeType& node);
  PendingTable& Of(const schema::EdgeType& edge);
  /// By "node:Port" or "edge:Feeds".
  using Tables = std::map<std::string, std::unique_ptr<PendingTable>>;
  const Tables& tables() const { return tables_; }
  /// The pending rows of a node type; null when no statement touched it.
  const PendingTable* FindNode(const std::string& name) const;
  /// The same for any type, by its label.
  const PendingTable* Find(const std::string& label) const;

  /// Takes over what a mutation did whose `below` this is.
  Status Absorb(const GraphImage& later);

  /// Tells without reading whether a type has a stored row of an id.
  using HasId = std::function<bool(std::string_view id)>;
  /// Empty when only the storage knows. Valid until the next call.
  Result<HasId> StoredIdsOf(const TypeLayout& layout);

  /// Streams `columns`, the first of which is `id`, of the stored rows that `filter` keeps (absent:
  /// all), whether a pending row hides them or not.
  Status ForEachStored(const TypeLayout& layout, const std::vector<std::string>& columns,
                       std::optional<lance::Filter> filter,
                       const std::function<Status(const StoredBatch&)>& visit);

  /// Would this image, landed, change a row?
  bool HasChanges() const;

  /// Call it after pending rows were added. Errors  kMemoryBudget.
  Status Charge();

 private:
  PendingTable& Of(TypeLayout layout);
  Status ForEachInStorage(const TypeLayout& layout, const std::vector<std::string>& columns,
                          std::optional<lance::Filter> filter,
                          const std::function<Status(const StoredBatch&)>& visit);

  const Request& request_;
  const catalog::Snapshot base_;
  KeyMaps* const keys_;
  const GraphImage* const below_;  // outlives this; null for the first of a group
  BudgetHold hold_;
  Tables tables_;
  std::map<std::string, std::unique_ptr<lance::Table>> stored_;
};

/// Rows whose `column` is one of `texts`; nothing, which keeps all rows, when there are too many to
/// list. So the caller looks at each row itself.
std::optional<lance::Filter> AnyOf(const std::string& column,
                                   const std::vector<std::string>& texts);

}  // namespace tarn::write
