#include "tarn/schema/to_ast.h"

#include <map>
#include <string>
#include <utility>

namespace tarn::schema {
namespace {

LiteralAst TextLiteral(std::string text) {
  return {.value = {.kind = Literal::Kind::kString, .text = std::move(text)}, .span = {}};
}

AnnotationAst Bare(std::string_view name) {
  return {.name = {std::string(name), {}}, .argument = std::nullopt, .keywords = {}};
}

void AddText(std::string_view name, const std::optional<std::string>& text,
             std::vector<AnnotationAst>& out) {
  if (!text) return;
  out.push_back(Bare(name));
  out.back().argument = TextLiteral(*text);
}

void AddKeyword(std::string_view name, const std::optional<std::string>& text,
                AnnotationAst& annotation) {
  if (text) {
    annotation.keywords.push_back({.name = {std::string(name), {}}, .value = TextLiteral(*text)});
  }
}

void AddOpaque(const std::vector<Annotation>& annotations, std::vector<AnnotationAst>& out) {
  for (const Annotation& annotation : annotations) {
    out.push_back(Bare(annotation.name));
    if (annotation.argument) out.back().argument = LiteralAst{*annotation.argument, {}};
    for (const auto& [name, value] : annotation.keywords) {
      out.back().keywords.push_back({{name, {}}, {value, {}}});
    }
  }
}

/// What stands behind one property.
struct Forms {
  bool is_key = false;
  bool is_unique = false;
  const IndexConstraint* index = nullptr;
};
using FormsByColumn = std::map<std::string, Forms, std::less<>>;

void AddForms(const Forms& forms, std::vector<AnnotationAst>& out) {
  if (forms.is_key) out.push_back(Bare("key"));
  if (forms.is_unique) out.push_back(Bare("unique"));
  if (forms.index == nullptr) return;
  out.push_back(Bare("index"));
  const IndexOptions& options = forms.index->options;
  AddKeyword("kind", options.kind, out.back());
  if (options.metric) AddKeyword("metric", std::string(MetricName(*options.metric)), out.back());
  AddKeyword("analyzer", options.analyzer, out.back());
}

PropertyAst PropertyOf(const Property& property, const FormsByColumn& forms) {
  PropertyAst ast{.name = {property.name, {}}, .type = property.type};
  if (const auto found = forms.find(property.name); found != forms.end()) {
    AddForms(found->second, ast.annotations);
  }
  if (property.embed) {
    AddText("embed", property.embed->property, ast.annotations);
    AddKeyword("model", property.embed->model, ast.annotations.back());
  }
  AddText("description", property.description, ast.annotations);
  AddText("rename_from", property.rename_from, ast.annotations);
  AddOpaque(property.annotations, ast.annotations);
  return ast;
}

/// Interfaces bring their properties and the constraints behind them along, so both are left out.
void AddProperties(const std::vector<Property>& properties, const FormsByColumn& forms,
                   DeclarationAst& out) {
  for (const Property& property : properties) {
    if (!property.from_interface) out.properties.push_back(PropertyOf(property, forms));
  }
}

template <typename Type>
FormsByColumn CollectForms(const Type& type) {
  FormsByColumn forms;
  for (const UniqueConstraint& unique : type.uniques) {
    if (unique.property_form) forms[unique.columns[0]].is_unique = true;
  }
  for (const IndexConstraint& index : type.indexes) {
    if (index.property_form) forms[index.columns[0]].index = &index;
  }
  return forms;
}

void AddConstraint(ConstraintKind kind, const std::vector<std::string>& columns,
                   DeclarationAst& out) {
  ConstraintAst constraint{.kind = kind};
  for (const std::string& column : columns) constraint.arguments.emplace_back(NameAst{column, {}});
  out.constraints.push_back(std::move(constraint));
}

template <typename Type>
void AddBodyForms(const Type& type, DeclarationAst& out) {
  for (const UniqueConstraint& unique : type.uniques) {
    if (!unique.property_form) AddConstraint(ConstraintKind::kUnique, unique.columns, out);
  }
  for (const IndexConstraint& index : type.indexes) {
    if (!index.property_form) AddConstraint(ConstraintKind::kIndex, index.columns, out);
  }
}

void AddMetadata(const TypeMetadata& metadata, DeclarationAst& out) {
  AddText("description", metadata.description, out.annotations);
  AddText("instruction", metadata.instruction, out.annotations);
  AddText("rename_from", metadata.rename_from, out.annotations);
  AddOpaque(metadata.annotations, out.annotations);
}

DeclarationAst InterfaceOf(const Interface& interface) {
  DeclarationAst out{.kind = DeclarationKind::kInterface, .name = {interface.name, {}}};
  FormsByColumn forms = CollectForms(interface);
  for (const KeyConstraint& key : interface.keys) forms[key.columns[0]].is_key = true;
  AddProperties(interface.properties, forms, out);
  return out;
}

DeclarationAst NodeOf(const NodeType& node) {
  DeclarationAst out{.kind = DeclarationKind::kNode, .name = {node.name, {}}};
  for (const std::string& name : node.interfaces) out.interfaces.push_back({name, {}});
  AddMetadata(node.metadata, out);
  FormsByColumn forms = CollectForms(node);
  if (node.key && node.key->property_form) forms[node.key->columns[0]].is_key = true;
  AddProperties(node.properties, forms, out);
  if (node.key && !node.key->property_form) {
    AddConstraint(ConstraintKind::kKey, node.key->columns, out);
  }
  AddBodyForms(node, out);
  for (const RangeConstraint& range : node.ranges) {
    ConstraintAst constraint{.kind = ConstraintKind::kRange};
    constraint.arguments = {NameAst{range.property, {}}, RangeAst{range.low, range.high, {}}};
    out.constraints.push_back(std::move(constraint));
  }
  for (const CheckConstraint& check : node.checks) {
    ConstraintAst constraint{.kind = ConstraintKind::kCheck};
    constraint.arguments = {NameAst{check.property, {}}, TextLiteral(check.pattern)};
    out.constraints.push_back(std::move(constraint));
  }
  return out;
}

DeclarationAst EdgeOf(const EdgeType& edge) {
  DeclarationAst out{.kind = DeclarationKind::kEdge, .name = {edge.name, {}}};
  out.from = {edge.from, {}};
  out.to = {edge.to, {}};
  if (edge.cardinality != Cardinality{}) out.card = CardAst{edge.cardinality, {}};
  AddMetadata(edge.metadata, out);
  AddProperties(edge.properties, CollectForms(edge), out);
  AddBodyForms(edge, out);
  return out;
}

}  // namespace

FileAst ToAst(const Schema& schema) {
  FileAst file;
  for (const Interface& interface : schema.interfaces) {
    file.declarations.push_back(InterfaceOf(interface));
  }
  for (const NodeType& node : schema.nodes) file.declarations.push_back(NodeOf(node));
  for (const EdgeType& edge : schema.edges) file.declarations.push_back(EdgeOf(edge));
  return file;
}

}  // namespace tarn::schema
