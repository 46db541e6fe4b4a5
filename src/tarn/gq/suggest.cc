#include "tarn/gq/suggest.h"

#include <algorithm>

#include <fmt/format.h>

namespace tarn::gq {
namespace {

template <typename Item>
std::vector<std::string> Names(const std::vector<Item>& items) {
  std::vector<std::string> names;
  names.reserve(items.size());
  for (const Item& item : items) names.push_back(item.name);
  return names;
}

/// The first variable, by name, whose type has such a property; "" if none has.
std::string VariableWithProperty(const std::string& property, const Resolution& state) {
  std::string first;
  for (const auto& [name, slot] : state.scope.top().slots) {
    const bool has = slot.node != nullptr   ? slot.node->FindProperty(property) != nullptr
                     : slot.edge != nullptr ? slot.edge->FindProperty(property) != nullptr
                                            : false;
    if (has && (first.empty() || name < first)) first = name;
  }
  return first;
}

/// `$`-spelled, so that the suggestion can be copied.
std::string SuggestDollar(const std::string& word, std::vector<std::string> names) {
  for (std::string& name : names) name = "$" + name;
  return SuggestName("$" + word, std::move(names));
}

}  // namespace

std::string SuggestNode(const std::string& word, const schema::Schema& schema) {
  return SuggestName(word, Names(schema.nodes));
}

std::string SuggestEdge(const std::string& word, const schema::Schema& schema) {
  std::vector<std::string> names = Names(schema.edges);
  for (std::string& name : names) name[0] = static_cast<char>(name[0] - 'A' + 'a');
  return SuggestName(word, std::move(names));
}

std::string SuggestTarget(const std::string& word, const schema::Schema& schema) {
  std::vector<std::string> names = Names(schema.nodes);
  for (std::string& name : Names(schema.edges)) names.push_back(std::move(name));
  return SuggestName(word, std::move(names));
}

std::string SuggestProperty(const std::string& word,
                            const std::vector<schema::Property>& properties) {
  return SuggestName(word, Names(properties));
}

std::string SuggestVariable(const std::string& word, const Resolution& state) {
  std::vector<std::string> names;
  for (const ir::Variable& variable : state.variables) {
    if (!variable.anonymous && state.scope.Find(variable.name) != nullptr) {
      names.push_back(variable.name);
    }
    if (names.size() == 128) break;
  }
  for (const ir::Parameter& parameter : state.parameters) {
    if (names.size() == 256) break;
    names.push_back(parameter.name);
  }
  return SuggestDollar(word, std::move(names));
}

std::string SuggestParameter(const std::string& word, const Resolution& state) {
  return SuggestDollar(word, Names(state.parameters));
}

std::string SuggestAlias(const std::string& word, const Resolution& state) {
  std::vector<std::string> names;
  for (const auto& [alias, index] : state.column_by_alias) names.push_back(alias);
  std::sort(names.begin(), names.end());
  std::string near = SuggestName(word, std::move(names));
  if (!near.empty()) return near;
  if (word == "distinct") return "it stands before the braces: `return distinct { ... }`";
  const std::string variable = VariableWithProperty(word, state);
  return variable.empty() ? "" : fmt::format("write `${}.{}`", variable, word);
}

std::string SuggestPropertyOf(const Slot& slot, const std::string& variable,
                              const std::string& word) {
  if (slot.node != nullptr) {
    if (word == "id") return fmt::format("the id of a node is the variable alone: `${}`", variable);
    return SuggestProperty(word, slot.node->properties);
  }
  if (word == "id" || word == "from" || word == "to" || word == "src" || word == "dst")
    return "the ends of an edge are the variables on both sides of it";
  return SuggestProperty(word, slot.edge->properties);
}

}  // namespace tarn::gq
