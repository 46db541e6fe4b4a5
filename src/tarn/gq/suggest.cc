#include "tarn/gq/suggest.h"

#include <algorithm>

namespace tarn::gq {
namespace {

template <typename Item>
std::vector<std::string> Names(const std::vector<Item>& items) {
  std::vector<std::string> names;
  names.reserve(items.size());
  for (const Item& item : items) names.push_back(item.name);
  return names;
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
  return SuggestName(word, std::move(names));
}

}  // namespace tarn::gq
