#include "tarn/schema/match_declarations.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tarn/base/check.h"
#include "tarn/schema/ast.h"
#include "tarn/schema/findings.h"
#include "tarn/schema/ids.h"
#include "tarn/schema/limits.h"

namespace tarn::schema {
namespace {

const std::optional<std::string>& HintOf(const Property& property) { return property.rename_from; }
const std::optional<std::string>& HintOf(const NodeType& node) { return node.metadata.rename_from; }
const std::optional<std::string>& HintOf(const EdgeType& edge) { return edge.metadata.rename_from; }
const std::optional<std::string>& HintOf(const Interface&) {
  static const std::optional<std::string> kNone;
  return kNone;
}

template <typename Item>
std::map<std::string_view, const Item*> ByName(const std::vector<Item>& items) {
  std::map<std::string_view, const Item*> out;
  for (const Item& item : items) out.emplace(item.name, &item);
  return out;
}

class Matcher {
 public:
  Matcher(const Schema& accepted, const Schema& wanted) : accepted_(accepted), wanted_(wanted) {}

  SchemaMatch Run() {
    Match(accepted_.interfaces, wanted_.interfaces, match_.interfaces, "interface");
    Match(accepted_.nodes, wanted_.nodes, match_.nodes, "node");
    Match(accepted_.edges, wanted_.edges, match_.edges, "edge");
    return std::move(match_);
  }

 private:
  /// Pairs the items of one list. `missing(item, old_name)` reports a hint that names none of them.
  template <typename Item, typename Missing>
  std::vector<std::pair<const Item*, const Item*>> Pair(const std::vector<Item>& before,
                                                        const std::vector<Item>& after,
                                                        const std::string& word,
                                                        Missing&& missing) {
    const auto accepted = ByName(before);
    const auto wanted = ByName(after);
    std::map<std::string_view, const Item*> claimed;
    std::vector<std::pair<const Item*, const Item*>> pairs;
    for (const Item& item : after) {
      const auto same = accepted.find(item.name);
      const auto& hint = HintOf(item);
      if (same != accepted.end()) {
        if (hint) NotePast(word, item.name, *hint, item.span);
        pairs.emplace_back(same->second, &item);
        continue;
      }
      const auto old = hint ? accepted.find(*hint) : accepted.end();
      if (hint && old == accepted.end()) missing(item, *hint);
      if (old == accepted.end()) {
        pairs.emplace_back(nullptr, &item);
        continue;
      }
      const auto still = wanted.find(*hint);
      const auto [first, is_new] = claimed.emplace(old->first, &item);
      if (still != wanted.end()) {
        FailClaimed(word, item.name, *hint, "the file still declares it", item.span);
      } else if (!is_new) {
        FailClaimed(word, item.name, *hint,
                    fmt::format("'{}' claims it already", Shown(first->second->name)), item.span);
      }
      pairs.emplace_back(old->second, &item);
    }
    for (const Item& item : before) {
      if (!wanted.contains(item.name) && !claimed.contains(item.name)) {
        pairs.emplace_back(&item, nullptr);
      }
    }
    return pairs;
  }

  template <typename Type>
  void Match(const std::vector<Type>& before, const std::vector<Type>& after,
             std::vector<TypeMatch<Type>>& out, const std::string& word) {
    const auto missing = [&](const Type& type, const std::string& old) {
      FailMissingType(word, type.name, old, type.span);
    };
    for (const auto& [old, now] : Pair(before, after, word, missing)) {
      TypeMatch<Type> match{.before = old, .after = now, .properties = {}};
      if (old != nullptr && now != nullptr) {
        const auto missing_property = [&, type = now](const Property& property,
                                                      const std::string& name) {
          FailMissingProperty(type->name, property, name);
        };
        for (const auto& [x, y] :
             Pair(old->properties, now->properties, "property", missing_property)) {
          match.properties.push_back({x, y});
        }
      } else {
        // In a new type hints are inert, as they are in a new graph; a dropped one goes as a whole.
        const Type* only = now != nullptr ? now : old;
        for (const Property& property : only->properties) {
          match.properties.push_back(now != nullptr ? PropertyMatch{nullptr, &property}
                                                    : PropertyMatch{&property, nullptr});
        }
      }
      out.push_back(std::move(match));
    }
  }

  void FailMissingType(const std::string& word, const std::string& name, const std::string& old,
                       SourceSpan span) {
    const bool is_node = accepted_.FindNode(old) != nullptr;
    const bool is_interface = accepted_.FindInterface(old) != nullptr;
    const auto edge = std::find_if(accepted_.edges.begin(), accepted_.edges.end(),
                                   [&old](const EdgeType& one) { return one.name == old; });
    if (is_node || is_interface || edge != accepted_.edges.end()) {
      const std::string_view kind = is_node ? "node" : is_interface ? "interface" : "edge";
      return Add("M002", span,
                 fmt::format("{} '{}' cannot be the new name of '{}', which is a{} {}", word,
                             Shown(name), Shown(old), kind == "node" ? "" : "n", kind));
    }
    std::vector<std::string> names;
    if (word == "node") {
      for (const NodeType& node : accepted_.nodes) names.push_back(node.name);
    } else {
      for (const EdgeType& one : accepted_.edges) names.push_back(one.name);
    }
    Add("M001", span,
        fmt::format("{} '{}' is to be the new name of '{}', but the accepted schema has no such {}",
                    word, Shown(name), Shown(old), word),
        SuggestName(old, std::move(names)));
  }

  void FailMissingProperty(const std::string& owner, const Property& property,
                           const std::string& old) {
    if (property.from_interface) return;  // the interface's hint, for nodes that had it before
    const std::string what = fmt::format("property {}.{} is to be the new name of '{}'",
                                         Shown(owner), Shown(property.name), Shown(old));
    const std::string elsewhere = OwnerOf(old);
    if (!elsewhere.empty()) {
      return Add("M004", property.span,
                 fmt::format("{}, which belongs to '{}': a property stays with its type", what,
                             Shown(elsewhere)));
    }
    Add("M001", property.span,
        fmt::format("{}, but the accepted '{}' has no such property", what, Shown(owner)));
  }

  std::string OwnerOf(const std::string& property) const {
    for (const NodeType& node : accepted_.nodes) {
      if (node.FindProperty(property) != nullptr) return node.name;
    }
    for (const EdgeType& edge : accepted_.edges) {
      if (edge.FindProperty(property) != nullptr) return edge.name;
    }
    return "";
  }

  void FailClaimed(const std::string& word, const std::string& name, const std::string& old,
                   const std::string& why, SourceSpan span) {
    Add("M003", span,
        fmt::format("{} '{}' cannot be the new name of '{}': {}", word, Shown(name), Shown(old),
                    why));
  }

  void NotePast(const std::string& word, const std::string& name, const std::string& old,
                SourceSpan span) {
    if (match_.diagnostics.size() >= kDiagnosticsMax) return;
    Add("M005", span,
        fmt::format("the hint that {} '{}' was '{}' says nothing: '{}' is accepted already", word,
                    Shown(name), Shown(old), Shown(name)));
    match_.diagnostics.back().severity = Severity::kNote;
  }

  void Add(std::string code, SourceSpan span, std::string message, std::string suggestion = "") {
    // Notes leave room for the errors.
    if (match_.diagnostics.size() >= 2 * kDiagnosticsMax) return;
    match_.diagnostics.push_back({.severity = Severity::kError,
                                  .code = std::move(code),
                                  .message = std::move(message),
                                  .span = span,
                                  .suggestion = std::move(suggestion)});
  }

  const Schema& accepted_;
  const Schema& wanted_;
  SchemaMatch match_;
};

/// `types` are those of the wanted schema, copied in their order; `matches` begin with them.
template <typename Type>
void CarryTypes(const std::vector<TypeMatch<Type>>& matches, std::vector<Type>& types,
                uint64_t& next_id) {
  for (size_t i = 0; i < types.size(); ++i) {
    TARN_CHECK(matches[i].after->name == types[i].name, "matches in another order than types");
    types[i].id = matches[i].before != nullptr ? matches[i].before->id : next_id++;
  }
}

template <typename Type>
void CarryProperties(const std::vector<TypeMatch<Type>>& matches, std::vector<Type>& types,
                     std::vector<std::pair<uint64_t, Property*>>& added) {
  for (size_t i = 0; i < types.size(); ++i) {
    for (size_t p = 0; p < types[i].properties.size(); ++p) {
      Property& property = types[i].properties[p];
      const Property* before = matches[i].properties[p].before;
      if (before != nullptr) {
        property.id = before->id;
      } else {
        added.emplace_back(types[i].id, &property);
      }
    }
  }
}

}  // namespace

SchemaMatch MatchDeclarations(const Schema& accepted, const Schema& wanted) {
  return Matcher(accepted, wanted).Run();
}

Schema CarryIds(const SchemaMatch& match, const Schema& accepted, const Schema& wanted) {
  Schema next = wanted;
  next.next_id = accepted.next_id;
  CarryTypes(match.interfaces, next.interfaces, next.next_id);
  CarryTypes(match.nodes, next.nodes, next.next_id);
  CarryTypes(match.edges, next.edges, next.next_id);
  std::vector<std::pair<uint64_t, Property*>> added;
  CarryProperties(match.interfaces, next.interfaces, added);
  CarryProperties(match.nodes, next.nodes, added);
  CarryProperties(match.edges, next.edges, added);
  std::stable_sort(added.begin(), added.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [owner, property] : added) property->id = next.next_id++;
  OrderKeyColumns(&next);
  return next;
}

}  // namespace tarn::schema
