#include "tarn/schema/check.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include <fmt/format.h>

#include "tarn/schema/check_state.h"
#include "tarn/schema/limits.h"

namespace tarn::schema {
namespace {

std::string Fold(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

template <typename Item>
void SortByName(std::vector<Item>& items) {
  std::sort(items.begin(), items.end(),
            [](const Item& a, const Item& b) { return a.name < b.name; });
}

std::vector<Property> SortedProperties(const PropertyList& list) {
  std::vector<Property> properties;
  properties.reserve(list.items().size());
  for (const CheckedProperty& checked : list.items()) properties.push_back(checked.property);
  SortByName(properties);
  return properties;
}

class Checker {
 public:
  Checker(const SourceText& source, const FileAst& file, Findings& findings)
      : state_{.source = source, .file = file, .findings = findings} {}

  std::optional<Schema> Run();

 private:
  using FirstByName = std::unordered_map<std::string, const DeclarationAst*>;

  void CheckNames();
  void CheckFreshName(const DeclarationAst& declaration, FirstByName& names);
  void CheckFold(const DeclarationAst& edge);
  template <typename Step>
  void ForEach(DeclarationKind kind, Step step);
  void AddInterface(const DeclarationAst& declaration);
  void AddNode(const DeclarationAst& declaration);
  void AddEdge(const DeclarationAst& declaration);
  void CheckEndpoint(const DeclarationAst& edge, const NameAst& endpoint);
  void CheckOneKey(const DeclarationAst& node, const PropertyList& properties,
                   const std::vector<KeyConstraint>& keys);

  CheckState state_;
  FirstByName interfaces_, nodes_, edges_, folded_edges_;
  Schema schema_;
};

std::optional<Schema> Checker::Run() {
  if (state_.file.declarations.size() > kTypesMax) {
    state_.Error(Rule::kTooLarge, state_.file.declarations[kTypesMax].name.span,
                 fmt::format("a schema has at most {} types", kTypesMax));
    return std::nullopt;
  }
  CheckNames();
  ForEach(DeclarationKind::kInterface,
          [this](const DeclarationAst& declaration) { AddInterface(declaration); });
  ForEach(DeclarationKind::kNode,
          [this](const DeclarationAst& declaration) { AddNode(declaration); });
  ForEach(DeclarationKind::kEdge,
          [this](const DeclarationAst& declaration) { AddEdge(declaration); });
  if (!state_.findings.empty()) return std::nullopt;
  SortByName(schema_.interfaces);
  SortByName(schema_.nodes);
  SortByName(schema_.edges);
  return std::move(schema_);
}

template <typename Step>
void Checker::ForEach(DeclarationKind kind, Step step) {
  for (const DeclarationAst& declaration : state_.file.declarations) {
    if (declaration.kind == kind && !state_.findings.full()) step(declaration);
  }
}

void Checker::CheckNames() {
  for (const DeclarationAst& declaration : state_.file.declarations) {
    switch (declaration.kind) {
      case DeclarationKind::kInterface: CheckFreshName(declaration, interfaces_); break;
      case DeclarationKind::kNode: CheckFreshName(declaration, nodes_); break;
      case DeclarationKind::kEdge:
        CheckFreshName(declaration, edges_);
        CheckFold(declaration);
        break;
    }
  }
}

void Checker::CheckFreshName(const DeclarationAst& declaration, FirstByName& names) {
  const auto [first, is_new] = names.try_emplace(declaration.name.text, &declaration);
  if (is_new) return;
  state_.Error(Rule::kDuplicateType, declaration.name.span,
               fmt::format("{} '{}' is declared twice; the first is on line {}",
                           DeclarationWord(declaration.kind), Shown(declaration.name.text),
                           state_.source.PlaceOf(first->second->name.span.begin).line));
}

/// Queries and loads find an edge by its name in lower case.
void Checker::CheckFold(const DeclarationAst& edge) {
  const auto [first, is_new] = folded_edges_.try_emplace(Fold(edge.name.text), &edge);
  if (is_new || first->second->name.text == edge.name.text) return;
  state_.Error(Rule::kEdgeNameCollision, edge.name.span,
               fmt::format("edge name collision after case folding: '{}' and '{}'",
                           Shown(first->second->name.text), Shown(edge.name.text)),
               "choose names that differ in more than their case");
}

void Checker::AddInterface(const DeclarationAst& declaration) {
  PropertyList properties = CheckProperties(declaration, state_);
  ConstraintLists lists = PropertyForms(properties);
  lists.Sort();
  schema_.interfaces.push_back({.name = declaration.name.text,
                                .properties = SortedProperties(properties),
                                .keys = std::move(lists.keys),
                                .uniques = std::move(lists.uniques),
                                .indexes = std::move(lists.indexes),
                                .span = declaration.name.span});
  state_.interfaces.try_emplace(declaration.name.text, std::move(properties));
}

void Checker::AddNode(const DeclarationAst& declaration) {
  NodeType node{.name = declaration.name.text, .span = declaration.name.span};
  node.metadata = CheckTypeAnnotations(declaration, state_);
  PropertyList properties = CheckProperties(declaration, state_);
  node.interfaces = InjectInterfaces(declaration, properties, state_);
  CheckEmbedSources(declaration, properties, state_);
  ConstraintLists lists = CheckConstraints(declaration, properties, state_);
  CheckOneKey(declaration, properties, lists.keys);
  if (!lists.keys.empty()) node.key = std::move(lists.keys.front());
  node.properties = SortedProperties(properties);
  node.uniques = std::move(lists.uniques);
  node.indexes = std::move(lists.indexes);
  node.ranges = std::move(lists.ranges);
  node.checks = std::move(lists.checks);
  schema_.nodes.push_back(std::move(node));
}

/// Points at the last key that the node itself writes, if there is one.
void Checker::CheckOneKey(const DeclarationAst& node, const PropertyList& properties,
                          const std::vector<KeyConstraint>& keys) {
  if (keys.size() < 2) return;
  SourceSpan span = node.name.span;
  for (const KeyConstraint& key : keys) {
    const bool injected =
        key.property_form && properties.Find(key.columns[0])->property.from_interface;
    if (!injected && key.span.begin > span.begin) span = key.span;
  }
  state_.Error(Rule::kMultipleKeys, span,
               fmt::format("node '{}' has multiple @key constraints", Shown(node.name.text)),
               "a key over several properties is one constraint: `@key(a, b)`");
}

void Checker::AddEdge(const DeclarationAst& declaration) {
  EdgeType edge{.name = declaration.name.text,
                .from = declaration.from.text,
                .to = declaration.to.text,
                .span = declaration.name.span};
  if (!edge.from.empty()) CheckEndpoint(declaration, declaration.from);
  if (!edge.to.empty()) CheckEndpoint(declaration, declaration.to);
  if (declaration.card) {
    edge.cardinality = declaration.card->value;
    if (edge.cardinality.max && edge.cardinality.min > *edge.cardinality.max) {
      state_.Error(Rule::kCardBounds, declaration.card->span,
                   fmt::format("cardinality min ({}) exceeds max ({})", edge.cardinality.min,
                               *edge.cardinality.max));
    }
  }
  edge.metadata = CheckTypeAnnotations(declaration, state_);
  const PropertyList properties = CheckProperties(declaration, state_);
  ConstraintLists lists = CheckConstraints(declaration, properties, state_);
  edge.properties = SortedProperties(properties);
  edge.uniques = std::move(lists.uniques);
  edge.indexes = std::move(lists.indexes);
  schema_.edges.push_back(std::move(edge));
}

void Checker::CheckEndpoint(const DeclarationAst& edge, const NameAst& endpoint) {
  if (nodes_.contains(endpoint.text) || !state_.file.is_whole) return;
  std::string suggestion = "interfaces cannot be endpoints: name a node type";
  if (!interfaces_.contains(endpoint.text)) {
    std::vector<std::string> names;
    for (const auto& [name, declaration] : nodes_) names.push_back(name);
    std::sort(names.begin(), names.end());
    suggestion = SuggestName(endpoint.text, std::move(names));
  }
  state_.Error(Rule::kUnknownEndpoint, endpoint.span,
               fmt::format("edge '{}' references unknown node type '{}'", Shown(edge.name.text),
                           Shown(endpoint.text)),
               std::move(suggestion));
}

}  // namespace

std::optional<Schema> Check(const SourceText& source, const FileAst& file, Findings& findings) {
  return Checker(source, file, findings).Run();
}

}  // namespace tarn::schema
