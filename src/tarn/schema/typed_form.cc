#include "tarn/schema/typed_form.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "tarn/schema/check.h"
#include "tarn/schema/form_object.h"
#include "tarn/schema/ids.h"
#include "tarn/schema/lexer.h"
#include "tarn/schema/to_ast.h"
#include "tarn/schema/typed_form_json.h"

namespace tarn::schema {
namespace {

using simdjson::dom::element;

/// Whether a text, read as source, is one token of that kind and nothing else.
bool IsToken(const std::string& text, TokenKind kind) {
  const LexResult lexed = Lex(text);
  return lexed.errors.empty() && lexed.tokens.size() == 2 && lexed.tokens[0].kind == kind &&
         lexed.tokens[0].span == SourceSpan{0, text.size()};
}

bool IsEnumValue(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

std::string NameOf(FormObject& object, TokenKind kind) {
  std::string name = object.Text("name");
  if (!IsToken(name, kind)) object.Fail(fmt::format("'{}' is no such name", name));
  object.Locate(object.where() + "." + name);
  return name;
}

Literal ReadLiteral(FormObject object) {
  Literal literal;
  if (object.Has("string")) {
    literal = {Literal::Kind::kString, object.Text("string")};
  } else if (object.Has("bool")) {
    literal = {Literal::Kind::kBool, object.Text("bool")};
    if (literal.text != "true" && literal.text != "false") {
      object.Fail("a bool is neither true nor false");
    }
  } else {
    const bool is_float = object.Has("float");
    literal = {is_float ? Literal::Kind::kFloat : Literal::Kind::kInteger,
               object.Text(is_float ? "float" : "integer")};
    const bool is_signed = literal.text.starts_with('-');
    const std::string digits = literal.text.substr(is_signed ? 1 : 0);
    if (!IsToken(digits, is_float ? TokenKind::kFloat : TokenKind::kInteger)) {
      object.Fail("a number is malformed");
    }
  }
  object.Finish();
  return literal;
}

std::vector<Annotation> ReadAnnotations(FormObject& owner) {
  std::vector<Annotation> annotations;
  for (const element item : owner.OptionalItems("annotations")) {
    FormObject object(item, owner.where() + ".annotations", owner.failure());
    Annotation annotation{.name = NameOf(object, TokenKind::kIdent)};
    if (object.Has("argument")) annotation.argument = ReadLiteral(object.Object("argument"));
    for (const element pair : object.Items("keywords")) {
      FormObject keyword(pair, object.where(), owner.failure());
      const std::string name = NameOf(keyword, TokenKind::kIdent);
      if (!annotation.keywords.emplace(name, ReadLiteral(keyword.Object("value"))).second) {
        keyword.Fail("it is there twice");
      }
      keyword.Finish();
    }
    const bool is_bare = !annotation.argument && annotation.keywords.empty();
    const bool is_constraint = FindConstraintKind(annotation.name) || annotation.name == "card";
    if (is_constraint && !is_bare) object.Fail("a constraint is stored as an annotation");
    object.Finish();
    annotations.push_back(std::move(annotation));
  }
  return annotations;
}

std::optional<Scalar> FindScalar(std::string_view name) {
  for (int i = 0; i < static_cast<int>(Scalar::kVector); ++i) {
    if (ScalarName(static_cast<Scalar>(i)) == name) return static_cast<Scalar>(i);
  }
  return std::nullopt;
}

void ReadScalar(FormObject& object, PropertyType& type) {
  if (!object.IsText("scalar")) {
    FormObject vector = object.Object("scalar");
    type.scalar = Scalar::kVector;
    type.dimension =
        static_cast<uint32_t>(vector.Number("Vector", std::numeric_limits<int32_t>::max()));
    if (type.dimension == 0) vector.Fail("the dimension is 0");
    vector.Finish();
    return;
  }
  const std::string name = object.Text("scalar");
  const std::optional<Scalar> scalar = FindScalar(name);
  if (!scalar) object.Fail(fmt::format("'{}' is no type", name));
  type.scalar = scalar.value_or(Scalar::kString);
}

PropertyType ReadType(FormObject object) {
  PropertyType type;
  ReadScalar(object, type);
  type.nullable = object.Flag("nullable");
  type.list = object.Flag("list");
  if (object.IsNull("enum_values")) {
    object.NumberOrNull("enum_values", 0);
  } else {
    type.enum_values = object.Texts("enum_values");
    const std::vector<std::string>& values = type.enum_values;
    const bool sorted =
        std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) == values.end();
    const bool is_good =
        !values.empty() && sorted && std::all_of(values.begin(), values.end(), IsEnumValue);
    if (!is_good || type.scalar != Scalar::kString) {
      object.Fail("the values of an enum are not what a schema can declare");
    }
  }
  if (type.list &&
      (type.is_enum() || type.scalar == Scalar::kBlob || type.scalar == Scalar::kVector)) {
    object.Fail("there is no list of this type");
  }
  object.Finish();
  return type;
}

EmbedSource ReadEmbed(FormObject object) {
  EmbedSource embed{.property = object.Text("property"), .model = object.OptionalText("model")};
  object.Finish();
  return embed;
}

std::vector<Property> ReadProperties(FormObject& owner) {
  std::vector<Property> properties;
  for (const element item : owner.Items("properties")) {
    FormObject object(item, owner.where(), owner.failure());
    Property property{.name = NameOf(object, TokenKind::kIdent)};
    property.id = object.Number("id");
    property.type = ReadType(object.Object("type"));
    property.from_interface = object.Flag("injected");
    if (object.Has("embed")) property.embed = ReadEmbed(object.Object("embed"));
    property.description = object.OptionalText("description");
    property.rename_from = object.OptionalText("rename_from");
    property.annotations = ReadAnnotations(object);
    object.Finish();
    properties.push_back(std::move(property));
  }
  return properties;
}

/// What the constraints of a type are read into; a kind that the type cannot have is left for the
/// check to miss.
struct ReadConstraints {
  std::vector<KeyConstraint> keys;
  std::vector<UniqueConstraint> uniques;
  std::vector<IndexConstraint> indexes;
  std::vector<RangeConstraint> ranges;
  std::vector<CheckConstraint> checks;
};

bool ReadForm(FormObject& object, std::vector<std::string>& columns) {
  const std::string form = object.Text("form");
  if (form != "property" && form != "body") {
    object.Fail(fmt::format("'{}' is no form of a constraint", form));
  }
  columns = object.Texts("columns");
  const bool is_property = form == "property";
  if (columns.empty() || (is_property && columns.size() != 1)) {
    object.Fail("a constraint has the wrong number of columns");
  }
  return is_property;
}

IndexConstraint ReadIndex(FormObject& object) {
  IndexConstraint index;
  index.property_form = ReadForm(object, index.columns);
  index.options.kind = object.OptionalText("index_kind");
  index.options.analyzer = object.OptionalText("analyzer");
  if (const std::optional<std::string> metric = object.OptionalText("metric")) {
    index.options.metric = FindMetric(*metric);
    if (!index.options.metric) object.Fail(fmt::format("'{}' is no metric", *metric));
  }
  return index;
}

RangeConstraint ReadRange(FormObject& object) {
  RangeConstraint range{.property = object.Text("property")};
  if (object.Has("low")) range.low = ReadLiteral(object.Object("low"));
  if (object.Has("high")) range.high = ReadLiteral(object.Object("high"));
  for (const std::optional<Literal>& bound : {range.low, range.high}) {
    const bool is_number =
        !bound || bound->kind == Literal::Kind::kInteger || bound->kind == Literal::Kind::kFloat;
    if (!is_number) object.Fail("a bound is no number");
  }
  if (!range.low && !range.high) object.Fail("a range has no bound");
  return range;
}

void ReadConstraint(FormObject& object, ReadConstraints& out) {
  const std::string kind = object.Text("kind");
  if (kind == "key") {
    KeyConstraint& key = out.keys.emplace_back();
    key.property_form = ReadForm(object, key.columns);
  } else if (kind == "unique") {
    UniqueConstraint& unique = out.uniques.emplace_back();
    unique.property_form = ReadForm(object, unique.columns);
  } else if (kind == "index") {
    out.indexes.push_back(ReadIndex(object));
  } else if (kind == "range") {
    out.ranges.push_back(ReadRange(object));
  } else if (kind == "check") {
    out.checks.push_back({.property = object.Text("property"), .pattern = object.Text("pattern")});
  } else {
    object.Fail(fmt::format("'{}' is no kind of constraint", kind));
  }
}

ReadConstraints ReadAllConstraints(FormObject& owner) {
  ReadConstraints out;
  for (const element item : owner.Items("constraints")) {
    FormObject object(item, owner.where() + ".constraints", owner.failure());
    ReadConstraint(object, out);
    object.Finish();
  }
  return out;
}

TypeMetadata ReadMetadata(FormObject& object) {
  return {.description = object.OptionalText("description"),
          .instruction = object.OptionalText("instruction"),
          .rename_from = object.OptionalText("rename_from"),
          .annotations = ReadAnnotations(object)};
}

Interface ReadInterface(FormObject& object) {
  Interface interface{.name = NameOf(object, TokenKind::kTypeName)};
  interface.id = object.Number("id");
  interface.properties = ReadProperties(object);
  ReadConstraints constraints = ReadAllConstraints(object);
  interface.keys = std::move(constraints.keys);
  interface.uniques = std::move(constraints.uniques);
  interface.indexes = std::move(constraints.indexes);
  return interface;
}

NodeType ReadNode(FormObject& object) {
  NodeType node{.name = NameOf(object, TokenKind::kTypeName)};
  node.id = object.Number("id");
  node.interfaces = object.Texts("implements");
  node.properties = ReadProperties(object);
  ReadConstraints constraints = ReadAllConstraints(object);
  if (constraints.keys.size() > 1) object.Fail("it has several keys");
  if (!constraints.keys.empty()) node.key = std::move(constraints.keys.front());
  node.uniques = std::move(constraints.uniques);
  node.indexes = std::move(constraints.indexes);
  node.ranges = std::move(constraints.ranges);
  node.checks = std::move(constraints.checks);
  node.metadata = ReadMetadata(object);
  return node;
}

Cardinality ReadCardinality(FormObject object) {
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
  Cardinality cardinality{.min = static_cast<uint32_t>(object.Number("min", kMost))};
  if (const auto max = object.NumberOrNull("max", kMost)) {
    cardinality.max = static_cast<uint32_t>(*max);
  }
  object.Finish();
  return cardinality;
}

EdgeType ReadEdge(FormObject& object) {
  EdgeType edge{.name = NameOf(object, TokenKind::kTypeName)};
  edge.id = object.Number("id");
  edge.from = object.Text("from");
  edge.to = object.Text("to");
  edge.cardinality = ReadCardinality(object.Object("cardinality"));
  edge.properties = ReadProperties(object);
  ReadConstraints constraints = ReadAllConstraints(object);
  edge.uniques = std::move(constraints.uniques);
  edge.indexes = std::move(constraints.indexes);
  edge.metadata = ReadMetadata(object);
  return edge;
}

template <typename Type>
std::vector<Type> ReadTypes(FormObject& root, std::string_view name, Type (*read)(FormObject&)) {
  std::vector<Type> types;
  for (const element item : root.Items(name)) {
    FormObject object(item, std::string(name), root.failure());
    types.push_back(read(object));
    object.Finish();
    if (root.failure().is_set()) break;
  }
  return types;
}

/// Every stable id of the schema, in an order that depends on its declarations only.
std::vector<uint64_t*> IdsOf(Schema& schema) {
  std::vector<uint64_t*> ids;
  const auto add = [&ids](auto& types) {
    for (auto& type : types) {
      ids.push_back(&type.id);
      for (Property& property : type.properties) ids.push_back(&property.id);
    }
  };
  add(schema.interfaces);
  add(schema.nodes);
  add(schema.edges);
  return ids;
}

/// All zero before AssignIds, else distinct and below next_id.
bool AreIdsPossible(Schema& schema) {
  const std::vector<uint64_t*> ids = IdsOf(schema);
  if (schema.next_id == 1) {
    return std::all_of(ids.begin(), ids.end(), [](const uint64_t* id) { return *id == 0; });
  }
  std::set<uint64_t> seen;
  return schema.next_id > 0 && std::all_of(ids.begin(), ids.end(), [&](const uint64_t* id) {
           return *id > 0 && *id < schema.next_id && seen.insert(*id).second;
         });
}

std::string MeaningOf(const Schema& schema) {
  JsonWriter json;
  json.BeginObject();
  WriteTypes(schema, FormIds::kWithout, json);
  return json.EndObject().Take();
}

/// Declares the stored schema anew and compares, so that whatever the language forbids is found.
Result<Schema> Verify(Schema stored) {
  const SourceText source("typed form", "");
  Findings findings;
  const FileAst file = ToAst(stored);
  std::optional<Schema> checked = Check(source, file, findings);
  FormFailure failure;
  if (!checked) {
    failure.Set("the schema",
                "it breaks a rule of the language: " + findings.Take().front().message);
    return failure.status();
  }
  if (MeaningOf(*checked) != MeaningOf(stored)) {
    failure.Set("the schema", "its parts contradict one another");
    return failure.status();
  }
  const std::vector<uint64_t*> from = IdsOf(stored);
  const std::vector<uint64_t*> to = IdsOf(*checked);
  for (size_t i = 0; i < from.size(); ++i) *to[i] = *from[i];
  checked->next_id = stored.next_id;
  if (!AreIdsPossible(*checked)) {
    failure.Set("the schema", "its stable ids are not distinct numbers below next_id");
    return failure.status();
  }
  if (checked->next_id > 1) OrderKeyColumns(&*checked);
  return std::move(*checked);
}

}  // namespace

Result<Schema> FromTypedJson(std::string_view json) {
  FormFailure failure;
  if (json.size() > kTypedFormBytesMax) {
    failure.Set("the text", fmt::format("it has {} bytes; at most {} are read", json.size(),
                                        kTypedFormBytesMax));
    return failure.status();
  }
  simdjson::dom::parser parser;
  element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root);
      error != simdjson::SUCCESS) {
    failure.Set("the text", fmt::format("it is no JSON: {}", simdjson::error_message(error)));
    return failure.status();
  }
  FormObject object(root, "the schema", failure);
  const uint64_t format = object.Number("format");
  if (!failure.is_set() && format > kTypedFormVersion) {
    return Error(ErrorId::kSchemaFormUnsupported,
                 "the typed form of the schema has format {}; this program reads up to {}", format,
                 kTypedFormVersion);
  }
  if (format == 0) object.Fail("format 0 was never written");
  Schema schema;
  schema.next_id = object.Number("next_id");
  schema.interfaces = ReadTypes<Interface>(object, "interfaces", ReadInterface);
  schema.nodes = ReadTypes<NodeType>(object, "nodes", ReadNode);
  schema.edges = ReadTypes<EdgeType>(object, "edges", ReadEdge);
  object.Finish();
  if (failure.is_set()) return failure.status();
  return Verify(std::move(schema));
}

}  // namespace tarn::schema
