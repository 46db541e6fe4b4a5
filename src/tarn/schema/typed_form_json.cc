#include "tarn/schema/typed_form_json.h"

#include "tarn/base/check.h"
#include "tarn/schema/typed_form.h"

namespace tarn::schema {
namespace {

void WriteOptional(std::string_view name, const std::optional<std::string>& text,
                   JsonWriter& json) {
  if (text) json.Key(name).String(*text);
}

void WriteTexts(std::string_view name, const std::vector<std::string>& texts, JsonWriter& json) {
  json.Key(name).BeginArray();
  for (const std::string& text : texts) json.String(text);
  json.EndArray();
}

std::string_view KindName(Literal::Kind kind) {
  switch (kind) {
    case Literal::Kind::kString: return "string";
    case Literal::Kind::kFloat: return "float";
    case Literal::Kind::kInteger: return "integer";
    case Literal::Kind::kBool: return "bool";
  }
  TARN_UNREACHABLE("a Literal::Kind outside its enum");
}

/// {"integer":"12"}: the text as written, whatever the kind.
void WriteLiteral(const Literal& literal, JsonWriter& json) {
  json.BeginObject().Key(KindName(literal.kind)).String(literal.text).EndObject();
}

void WriteAnnotations(const std::vector<Annotation>& annotations, JsonWriter& json) {
  if (annotations.empty()) return;
  json.Key("annotations").BeginArray();
  for (const Annotation& annotation : annotations) {
    json.BeginObject().Key("name").String(annotation.name);
    if (annotation.argument) {
      json.Key("argument");
      WriteLiteral(*annotation.argument, json);
    }
    json.Key("keywords").BeginArray();
    for (const auto& [name, value] : annotation.keywords) {
      json.BeginObject().Key("name").String(name).Key("value");
      WriteLiteral(value, json);
      json.EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray();
}

/// The shape that schema plans print too: {"scalar","nullable","list","enum_values"}.
void WriteType(const PropertyType& type, JsonWriter& json) {
  json.BeginObject().Key("scalar");
  if (type.scalar == Scalar::kVector) {
    json.BeginObject().Key("Vector").Uint(type.dimension).EndObject();
  } else {
    json.String(ScalarName(type.scalar));
  }
  json.Key("nullable").Bool(type.nullable).Key("list").Bool(type.list);
  if (type.is_enum()) {
    WriteTexts("enum_values", type.enum_values, json);
  } else {
    json.Key("enum_values").Null();
  }
  json.EndObject();
}

void WriteName(const std::string& name, uint64_t id, FormIds ids, JsonWriter& json) {
  json.Key("name").String(name);
  if (ids == FormIds::kWith) json.Key("id").Uint(id);
}

void WriteProperty(const Property& property, FormIds ids, JsonWriter& json) {
  json.BeginObject();
  WriteName(property.name, property.id, ids, json);
  json.Key("type");
  WriteType(property.type, json);
  json.Key("injected").Bool(property.from_interface);
  if (property.embed) {
    json.Key("embed").BeginObject().Key("property").String(property.embed->property);
    WriteOptional("model", property.embed->model, json);
    json.EndObject();
  }
  WriteOptional("description", property.description, json);
  WriteOptional("rename_from", property.rename_from, json);
  WriteAnnotations(property.annotations, json);
  json.EndObject();
}

void WriteProperties(const std::vector<Property>& properties, FormIds ids, JsonWriter& json) {
  json.Key("properties").BeginArray();
  for (const Property& property : properties) WriteProperty(property, ids, json);
  json.EndArray();
}

JsonWriter& BeginConstraint(std::string_view kind, JsonWriter& json) {
  return json.BeginObject().Key("kind").String(kind);
}

void WriteColumns(const std::vector<std::string>& columns, bool property_form, JsonWriter& json) {
  json.Key("form").String(property_form ? "property" : "body");
  WriteTexts("columns", columns, json);
}

void WriteKey(const KeyConstraint& key, JsonWriter& json) {
  BeginConstraint("key", json);
  WriteColumns(key.columns, key.property_form, json);
  json.EndObject();
}

void WriteUniques(const std::vector<UniqueConstraint>& uniques, JsonWriter& json) {
  for (const UniqueConstraint& unique : uniques) {
    BeginConstraint("unique", json);
    WriteColumns(unique.columns, unique.property_form, json);
    json.EndObject();
  }
}

void WriteIndexes(const std::vector<IndexConstraint>& indexes, JsonWriter& json) {
  for (const IndexConstraint& index : indexes) {
    BeginConstraint("index", json);
    WriteColumns(index.columns, index.property_form, json);
    WriteOptional("index_kind", index.options.kind, json);
    if (index.options.metric) json.Key("metric").String(MetricName(*index.options.metric));
    WriteOptional("analyzer", index.options.analyzer, json);
    json.EndObject();
  }
}

void WriteBound(std::string_view name, const std::optional<Literal>& bound, JsonWriter& json) {
  if (!bound) return;
  json.Key(name);
  WriteLiteral(*bound, json);
}

void WriteValueRules(const NodeType& node, JsonWriter& json) {
  for (const RangeConstraint& range : node.ranges) {
    BeginConstraint("range", json).Key("property").String(range.property);
    WriteBound("low", range.low, json);
    WriteBound("high", range.high, json);
    json.EndObject();
  }
  for (const CheckConstraint& check : node.checks) {
    BeginConstraint("check", json)
        .Key("property")
        .String(check.property)
        .Key("pattern")
        .String(check.pattern)
        .EndObject();
  }
}

void WriteMetadata(const TypeMetadata& metadata, JsonWriter& json) {
  WriteOptional("description", metadata.description, json);
  WriteOptional("instruction", metadata.instruction, json);
  WriteOptional("rename_from", metadata.rename_from, json);
  WriteAnnotations(metadata.annotations, json);
}

void WriteInterface(const Interface& interface, FormIds ids, JsonWriter& json) {
  json.BeginObject();
  WriteName(interface.name, interface.id, ids, json);
  WriteProperties(interface.properties, ids, json);
  json.Key("constraints").BeginArray();
  for (const KeyConstraint& key : interface.keys) WriteKey(key, json);
  WriteUniques(interface.uniques, json);
  WriteIndexes(interface.indexes, json);
  json.EndArray().EndObject();
}

void WriteNode(const NodeType& node, FormIds ids, JsonWriter& json) {
  json.BeginObject();
  WriteName(node.name, node.id, ids, json);
  WriteTexts("implements", node.interfaces, json);
  WriteProperties(node.properties, ids, json);
  json.Key("constraints").BeginArray();
  if (node.key) WriteKey(*node.key, json);
  WriteUniques(node.uniques, json);
  WriteIndexes(node.indexes, json);
  WriteValueRules(node, json);
  json.EndArray();
  WriteMetadata(node.metadata, json);
  json.EndObject();
}

void WriteEdge(const EdgeType& edge, FormIds ids, JsonWriter& json) {
  json.BeginObject();
  WriteName(edge.name, edge.id, ids, json);
  json.Key("from").String(edge.from).Key("to").String(edge.to);
  json.Key("cardinality").BeginObject().Key("min").Uint(edge.cardinality.min).Key("max");
  if (edge.cardinality.max) {
    json.Uint(*edge.cardinality.max);
  } else {
    json.Null();
  }
  json.EndObject();
  WriteProperties(edge.properties, ids, json);
  json.Key("constraints").BeginArray();
  WriteUniques(edge.uniques, json);
  WriteIndexes(edge.indexes, json);
  json.EndArray();
  WriteMetadata(edge.metadata, json);
  json.EndObject();
}

}  // namespace

void WriteTypes(const Schema& schema, FormIds ids, JsonWriter& json) {
  json.Key("interfaces").BeginArray();
  for (const Interface& interface : schema.interfaces) WriteInterface(interface, ids, json);
  json.EndArray().Key("nodes").BeginArray();
  for (const NodeType& node : schema.nodes) WriteNode(node, ids, json);
  json.EndArray().Key("edges").BeginArray();
  for (const EdgeType& edge : schema.edges) WriteEdge(edge, ids, json);
  json.EndArray();
}

std::string ToTypedJson(const Schema& schema) {
  JsonWriter json;
  json.BeginObject().Key("format").Uint(kTypedFormVersion).Key("next_id").Uint(schema.next_id);
  WriteTypes(schema, FormIds::kWith, json);
  return json.EndObject().Take();
}

}  // namespace tarn::schema
