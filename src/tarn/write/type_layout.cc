#include "tarn/write/type_layout.h"

#include <fmt/format.h>

#include "tarn/catalog/physical_schema.h"

namespace tarn::write {

TypeLayout::TypeLayout(const schema::NodeType& type)
    : kind(catalog::TableKind::kNode), node(&type), table_schema(catalog::PhysicalSchema(type)) {}

TypeLayout::TypeLayout(const schema::EdgeType& type)
    : kind(catalog::TableKind::kEdge), edge(&type), table_schema(catalog::PhysicalSchema(type)) {}

std::string TypeLayout::label() const {
  return fmt::format("{}:{}", catalog::TableKindName(kind), name());
}

}  // namespace tarn::write
