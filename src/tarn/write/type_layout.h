#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/catalog/manifest.h"

namespace tarn::write {

/// What loading and exporting need to know of one node or edge type. Points into a schema, which
/// outlives it.
struct TypeLayout {
  catalog::TableKind kind = catalog::TableKind::kNode;
  const schema::NodeType* node = nullptr;  ///< one of the two is set
  const schema::EdgeType* edge = nullptr;
  std::shared_ptr<arrow::Schema> table_schema;

  explicit TypeLayout(const schema::NodeType& type);
  explicit TypeLayout(const schema::EdgeType& type);

  bool is_edge() const { return edge != nullptr; }
  const std::string& name() const { return is_edge() ? edge->name : node->name; }
  std::string label() const;  ///< "node:Port"
  const std::vector<schema::Property>& properties() const {
    return is_edge() ? edge->properties : node->properties;
  }
  const std::vector<schema::UniqueConstraint>& uniques() const {
    return is_edge() ? edge->uniques : node->uniques;
  }
  /// Nodes with `@key`: their id is derived.
  bool is_keyed() const { return node != nullptr && node->key.has_value(); }
  /// Columns before the first property: `id`, or `id`, `src`, `dst`.
  int first_property_column() const { return is_edge() ? 3 : 1; }
};

}  // namespace tarn::write
