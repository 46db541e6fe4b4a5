#include "tarn/schema/ids.h"

#include <algorithm>
#include <string>

#include "tarn/schema/compile.h"

namespace tarn::schema {
namespace {

uint64_t IdOf(const NodeType& node, const std::string& column) {
  const Property* property = node.FindProperty(column);
  TARN_CHECK(property != nullptr, "a key names a property that its node lacks");
  return property->id;
}

template <typename Type>
void AssignProperties(std::vector<Type>& types, uint64_t& next_id) {
  for (Type& type : types) {
    for (Property& property : type.properties) property.id = next_id++;
  }
}

template <typename Type>
void AssignTypes(std::vector<Type>& types, uint64_t& next_id) {
  for (Type& type : types) type.id = next_id++;
}

}  // namespace

void AssignIds(Schema* schema) {
  TARN_CHECK(schema->next_id == 1, "ids are handed out once");
  // Types and properties are sorted by name, and owners of a later kind have greater ids.
  AssignTypes(schema->interfaces, schema->next_id);
  AssignTypes(schema->nodes, schema->next_id);
  AssignTypes(schema->edges, schema->next_id);
  AssignProperties(schema->interfaces, schema->next_id);
  AssignProperties(schema->nodes, schema->next_id);
  AssignProperties(schema->edges, schema->next_id);
  OrderKeyColumns(schema);
}

void OrderKeyColumns(Schema* schema) {
  for (NodeType& node : schema->nodes) {
    if (!node.key) continue;
    node.key_columns = node.key->columns;
    std::sort(node.key_columns.begin(), node.key_columns.end(),
              [&node](const std::string& a, const std::string& b) {
                return IdOf(node, a) < IdOf(node, b);
              });
  }
}

Result<Schema> CompileNewSchema(std::string_view text) {
  const SourceText source("schema.pg", std::string(text));
  Compiled compiled = CompileSchema(source);
  if (!compiled.schema) return FirstError(source, compiled.diagnostics);
  AssignIds(&*compiled.schema);
  return std::move(*compiled.schema);
}

}  // namespace tarn::schema
