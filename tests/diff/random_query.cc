#include "random_query.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "random_expression.h"

namespace tarn::diff {
namespace {

class Writer : private ExpressionWriter {
 public:
  using ExpressionWriter::ExpressionWriter;

  RandomQuery Write() {
    const std::string match = Block(2 + dice_.Roll(4), 0);
    const std::string tail = dice_.Chance(30) ? Grouped() : Plain();
    RandomQuery query;
    query.text = fmt::format("query q({}) {{\n  match {{\n{}  }}\n{}}}\n", fmt::join(params_, ", "),
                             match, tail);
    query.params_json = "{" + fmt::format("{}", fmt::join(values_, ", ")) + "}";
    return query;
  }

 private:
  std::string Block(size_t clauses, size_t depth) {
    std::string text;
    for (size_t i = 0; i < clauses; ++i)
      text += "    " + std::string(2 * depth, ' ') + Clause(depth) + "\n";
    return text;
  }

  std::string Clause(size_t depth) {
    const size_t roll = dice_.Roll(100);
    if (known_.empty() || roll < 15) return Binding();
    if (roll < 60) return Traversal();
    if (roll < 75) return Filter();
    if (roll < 85) return Condition(2, /*may_fail=*/depth == 0);
    if (depth >= 2) return Filter();
    if (dice_.Chance(40)) return Optional(depth);
    return dice_.Chance(70) ? Negation(depth) : Any(depth);
  }

  std::string Fresh() { return fmt::format("v{}", next_++); }

  std::string Binding() {
    std::vector<Known> nodes;
    for (const Known& known : known_) {
      if (!known.edge && !known.absent) nodes.push_back(known);
    }
    const bool again = !nodes.empty() && dice_.Chance(25);
    const Known variable =
        again ? dice_.Pick(nodes) : Known{Fresh(), dice_.Pick(graph_.node_types).name, false};
    if (!again) known_.push_back(variable);
    std::string text = fmt::format("${}: {}", variable.name, variable.type);
    if (dice_.Chance(60)) return text;
    const RandomProperty* property = SomeProperty(
        variable, [](const RandomProperty& p) { return !p.type.starts_with("Vector"); });
    if (property == nullptr) return text;
    const std::string item = property->type.starts_with("[")
                                 ? property->type.substr(1, property->type.size() - 2)
                                 : property->type;
    if (dice_.Chance(20)) {
      const std::string name = fmt::format("p{}", params_.size());
      const bool is_enum = item.starts_with("enum");
      params_.push_back(fmt::format("${}: {}?", name, is_enum ? "String" : item));
      if (dice_.Chance(60)) {
        values_.push_back(fmt::format("\"{}\": {}", name, ParamJson(RandomValue(item, dice_))));
      }
      return text + fmt::format(" {{ {} ?: ${} }}", property->name, name);
    }
    return text + fmt::format(" {{ {}: {} }}", property->name, ValueText(item));
  }

  /// An end of a traversal: known, new or anonymous.
  std::string End(const std::string& type, std::vector<Known>& introduced) {
    std::vector<Known> fitting;
    for (const Known& known : known_) {
      if (!known.edge && !known.absent && known.type == type) fitting.push_back(known);
    }
    if (!fitting.empty() && dice_.Chance(55)) return "$" + dice_.Pick(fitting).name;
    if (dice_.Chance(20)) return "$_";
    introduced.push_back({Fresh(), type, false});
    return "$" + introduced.back().name;
  }

  std::string Traversal() {
    const RandomEdgeType& edge = dice_.Pick(graph_.edge_types);
    const bool same = edge.from == edge.to;
    std::vector<Known> introduced;
    std::string left = End(edge.from, introduced);
    std::string right = End(edge.to, introduced);
    // The subject of an edge between two types may be either end.
    if (!same && dice_.Chance(30)) std::swap(left, right);
    const bool undirected = same && dice_.Chance(25);
    const std::string word = undirected ? "<" + edge.word + ">" : edge.word;
    std::string text;
    if (dice_.Chance(20)) {
      text = fmt::format("{} {}{} {}", left, HopOf(edge, undirected), Bounds(same), right);
      known_.insert(known_.end(), introduced.begin(), introduced.end());
      if (dice_.Chance(50)) {
        paths_.push_back(Fresh());
        text += " as $" + paths_.back();
      }
      return text;
    }
    if (dice_.Chance(25)) {
      const Known bound{Fresh(), edge.name, true};
      text = fmt::format("{} ${}:{} {}", left, bound.name, word, right);
      introduced.push_back(bound);
    } else if (dice_.Chance(30)) {
      const size_t low = 1 + dice_.Roll(2);
      text = fmt::format("{} {}{{{},{}}} {}", left, word, low, low + dice_.Roll(3), right);
    } else {
      text = fmt::format("{} {} {}", left, word, right);
    }
    known_.insert(known_.end(), introduced.begin(), introduced.end());
    return text;
  }

  /// A hop over several edges of the same ends, or over those that satisfy a condition.
  std::string HopOf(const RandomEdgeType& edge, bool undirected) {
    std::string words = edge.word;
    std::vector<const RandomProperty*> properties;
    for (const RandomProperty& property : edge.properties) {
      if (!property.type.starts_with("[") && !property.type.starts_with("Vector"))
        properties.push_back(&property);
    }
    const bool condition = !properties.empty() && dice_.Chance(60);
    for (const RandomEdgeType& other : graph_.edge_types) {
      if (!condition && other.from == edge.from && other.to == edge.to && dice_.Chance(50))
        words += "|" + other.word;
    }
    std::string text = undirected ? "<" + words + ">" : "(" + words + ")";
    if (!condition) return text;
    const RandomProperty& property = *dice_.Pick(properties);
    return text + fmt::format("[{} {} {}]", property.name, Comparison(), ValueText(property.type));
  }
  std::string Bounds(bool same) {
    const size_t low = 1 + dice_.Roll(2);
    if (!same || dice_.Chance(30)) return "";
    if (dice_.Chance(40)) return fmt::format("{{{},}}", low);
    return fmt::format("{{{},{}}}", low, low + dice_.Roll(3));
  }

  std::string Filter() {
    const Known& variable = dice_.Pick(known_);
    const RandomProperty* property = SomeProperty(
        variable, [](const RandomProperty& p) { return !p.type.starts_with("Vector"); });
    if (property == nullptr) return Binding();
    const std::string left = fmt::format("${}.{}", variable.name, property->name);
    if (property->type.starts_with("[")) {
      return fmt::format("{} contains {}", left,
                         ValueText(property->type.substr(1, property->type.size() - 2)));
    }
    if (property->name == "text" && !variable.absent && dice_.Chance(60)) return TextClause(left);
    if (dice_.Chance(25)) {
      if (const std::string other = Comparable(property->type); !other.empty()) {
        return fmt::format("{} {} {}", left, Comparison(), other);
      }
    }
    if (property->type == "String" && dice_.Chance(30)) {
      return fmt::format("{} {} {}", left, dice_.Chance(50) ? "contains" : "starts_with",
                         ValueText("String"));
    }
    if (IsNumber(property->type))
      return fmt::format("{} {} {}", left, Comparison(), ValueText(dice_.Pick(Numbers())));
    return fmt::format("{} {} {}", left, Comparison(), ValueText(property->type));
  }

  std::string TextClause(const std::string& field) {
    static const std::vector<std::string> kQueries = {"fog", "calm strait", "the",
                                                      "foq", "SEA",         "xyzzy"};
    const std::string query = "\"" + dice_.Pick(kQueries) + "\"";
    if (dice_.Chance(30)) return fmt::format("fuzzy({}, {}, {})", field, query, dice_.Roll(3));
    if (dice_.Chance(20)) return fmt::format("search({}, {}) = false", field, query);
    return fmt::format("{}({}, {})", dice_.Chance(50) ? "search" : "match_text", field, query);
  }

  /// A property of any variable that compares with a type.
  std::string Comparable(const std::string& type) {
    const Known& other = dice_.Pick(known_);
    const RandomProperty* property = SomeProperty(other, [&](const RandomProperty& p) {
      return p.type == type || (IsNumber(type) && IsNumber(p.type));
    });
    return property == nullptr ? "" : fmt::format("${}.{}", other.name, property->name);
  }

  std::string Negation(size_t depth) {
    const std::vector<Known> outer = known_;
    const std::vector<std::string> outer_paths = paths_;
    // The first clause mentions an outer variable for sure.
    const std::string first = FilterOn(dice_.Pick(outer));
    std::string inner =
        "    " + std::string(2 * depth + 2, ' ') + first + "\n" + Block(dice_.Roll(3), depth + 1);
    known_ = outer;
    paths_ = outer_paths;
    return "not {\n" + inner + "    " + std::string(2 * depth, ' ') + "}";
  }

  std::string Optional(size_t depth) {
    const size_t outer = known_.size();
    const Known mentioned = dice_.Pick(known_);
    const std::string first = FilterOn(mentioned);
    const std::string rest = Block(dice_.Roll(3), depth + 1);
    for (size_t i = outer; i < known_.size(); ++i) known_[i].absent = true;
    return "optional { " + first + "\n" + rest + "    }";
  }

  std::string Any(size_t depth) {
    const std::vector<Known> outer = known_;
    const std::vector<std::string> outer_paths = paths_;
    std::string text;
    for (size_t i = 1 + dice_.Roll(3); i > 0; --i) {
      const std::string first = FilterOn(dice_.Pick(outer));
      text += "{ " + first + "\n";
      text += Block(dice_.Roll(2), depth + 1) + " } ";
      known_ = outer;
      paths_ = outer_paths;
    }
    return "any { " + text + "}";
  }

  std::string FilterOn(const Known& variable) {
    std::vector<RandomEdgeType> edges;
    for (const RandomEdgeType& edge : graph_.edge_types) {
      if (!variable.edge && !variable.absent &&
          (edge.from == variable.type || edge.to == variable.type))
        edges.push_back(edge);
    }
    if (!edges.empty() && dice_.Chance(70)) {
      const RandomEdgeType& edge = dice_.Pick(edges);
      const Known other{Fresh(), edge.from == variable.type ? edge.to : edge.from, false};
      known_.push_back(other);
      return edge.from == variable.type
                 ? fmt::format("${} {} ${}", variable.name, edge.word, other.name)
                 : fmt::format("${} {} ${}", other.name, edge.word, variable.name);
    }
    const RandomProperty* property = SomeProperty(variable, [](const RandomProperty& p) {
      return !p.type.starts_with("Vector") && !p.type.starts_with("[");
    });
    if (property == nullptr) return Binding();
    return fmt::format("${}.{} {} {}", variable.name, property->name, Comparison(),
                       ValueText(property->type));
  }

  std::string Plain() {
    std::string projections;
    std::vector<std::string> aliases;
    for (size_t i = 1 + dice_.Roll(3); i > 0; --i) {
      const std::string alias = fmt::format("c{}", aliases.size());
      projections += fmt::format("    {} as {}\n", Projected(), alias);
      aliases.push_back(alias);
    }
    const std::optional<std::string> ranking = dice_.Chance(25) ? Ranking() : std::nullopt;
    if (ranking && dice_.Chance(40)) projections += fmt::format("    {} as score\n", *ranking);
    if (!ranking && dice_.Chance(15)) {
      std::string text = "  return distinct {\n" + projections + "  }\n";
      if (dice_.Chance(50)) text += "  order { c0 }\n";
      return text + Counts();
    }
    std::string text = "  return {\n" + projections + "  }\n";
    if (ranking) {
      text += fmt::format("  order {{ {} }}\n", *ranking);
      if (dice_.Chance(20)) text += fmt::format("  offset {}\n", dice_.Roll(3));
      return text + fmt::format("  limit {}\n", dice_.Roll(6));
    }
    if (dice_.Chance(60)) {
      text += "  order { " + Order() + " }\n";
      if (dice_.Chance(20)) {
        text += fmt::format("  limit {} per {{ {} }}\n", dice_.Roll(3), Operand("", true));
      }
    }
    return text + Counts();
  }

  /// Offset and limit, by a number or a parameter.
  std::string Counts() {
    std::string text;
    if (dice_.Chance(20)) text += fmt::format("  offset {}\n", Count(4));
    if (dice_.Chance(40)) text += fmt::format("  limit {}\n", Count(8));
    return text;
  }
  std::string Count(size_t sides) {
    if (dice_.Chance(60)) return std::to_string(dice_.Roll(sides));
    const std::string name = fmt::format("p{}", params_.size());
    params_.push_back(fmt::format("${}: I64", name));
    values_.push_back(fmt::format("\"{}\": {}", name, dice_.Roll(sides)));
    return "$" + name;
  }

  std::string Projected() {
    if (dice_.Chance(25)) return Operand("", true);
    const Known& variable = dice_.Pick(known_);
    if (!variable.edge && dice_.Chance(20)) return "$" + variable.name;
    const RandomProperty* property =
        SomeProperty(variable, [](const RandomProperty&) { return true; });
    if (property == nullptr) return "7";
    return fmt::format("${}.{}", variable.name, property->name);
  }

  std::optional<std::string> Ranking() {
    std::vector<std::string> arms;
    for (const Known& known : known_) {
      if (known.edge || known.absent) continue;
      std::vector<std::string> own;
      for (const RandomProperty& property : NodeType(known.type).properties) {
        if (property.name == "text")
          own.push_back(fmt::format("bm25(${}.text, \"fog strait\")", known.name));
        if (property.name == "v")
          own.push_back(fmt::format("nearest(${}.v, [1.0, {}.0])", known.name, dice_.Roll(3)));
      }
      if (own.size() == 2 && dice_.Chance(60))
        own.push_back(fmt::format("rrf({}, {})", own[dice_.Roll(2)], own[dice_.Roll(2)]));
      arms.insert(arms.end(), own.begin(), own.end());
    }
    return arms.empty() ? std::nullopt : std::optional(dice_.Pick(arms));
  }

  std::string Order() {
    std::string keys;
    for (size_t i = 1 + dice_.Roll(2); i > 0; --i) {
      const Known& variable = dice_.Pick(known_);
      const RandomProperty* property = SomeProperty(variable, [](const RandomProperty& p) {
        return !p.type.starts_with("Vector") && !p.type.starts_with("[");
      });
      if (property == nullptr) continue;
      if (dice_.Chance(20)) {
        keys += fmt::format("{}{}", keys.empty() ? "" : ", ", Operand("", true));
        continue;
      }
      keys += fmt::format("{}${}.{}{}", keys.empty() ? "" : ", ", variable.name, property->name,
                          dice_.Chance(40) ? " desc" : "");
    }
    return keys.empty() ? "c0" : keys;
  }

  std::string Grouped() {
    std::string projections;
    size_t columns = 0;
    for (size_t i = dice_.Roll(3); i > 0; --i) {
      const std::string projected = Projected();
      if (projected != "7") projections += fmt::format("    {} as c{}\n", projected, columns++);
    }
    for (size_t i = 1 + dice_.Roll(3); i > 0; --i)
      projections += fmt::format("    {} as c{}\n", AggregateCall(), columns++);
    if (dice_.Chance(25)) {
      projections += fmt::format("    coalesce({}, 0) * 2 + {} as c{}\n", NumericAggregate(),
                                 NumericAggregate(), columns++);
    }
    std::string text = "  return {\n" + projections + "  }\n";
    if (dice_.Chance(25)) {
      text +=
          fmt::format("  having {{ {} {} {} }}\n", NumericAggregate(), Comparison(), dice_.Roll(4));
    }
    if (dice_.Chance(60)) {
      const std::string key =
          dice_.Chance(75) ? fmt::format("c{}", dice_.Roll(columns)) : NumericAggregate();
      text += fmt::format("  order {{ {}{} }}\n", key, dice_.Chance(50) ? " desc" : "");
    }
    return text + Counts();
  }

  std::string NumericAggregate() {
    const Known& variable = dice_.Pick(known_);
    const RandomProperty* whole =
        SomeProperty(variable, [](const RandomProperty& p) { return p.type == "I32"; });
    if (whole != nullptr) {
      return fmt::format("{}(${}.{})", dice_.Chance(50) ? "isum" : "max", variable.name,
                         whole->name);
    }
    return variable.edge ? "count(1)" : fmt::format("count(distinct ${})", variable.name);
  }

  std::string AggregateCall() {
    const Known& variable = dice_.Pick(known_);
    static const std::vector<std::string> kFunctions = {"sum", "avg", "min", "max"};
    if (dice_.Chance(25)) {
      const RandomProperty* single = SomeProperty(variable, [](const RandomProperty& p) {
        return !p.type.starts_with("Vector") && !p.type.starts_with("[");
      });
      static const std::vector<std::string> kOthers = {"count(distinct", "collect(",
                                                       "collect(distinct", "min(", "max("};
      if (single != nullptr)
        return fmt::format("{} ${}.{})", dice_.Pick(kOthers), variable.name, single->name);
    }
    if (dice_.Chance(10)) {
      const RandomProperty* whole =
          SomeProperty(variable, [](const RandomProperty& p) { return p.type == "I32"; });
      if (whole != nullptr) return fmt::format("sum(${}.{} * 2 - 1)", variable.name, whole->name);
    }
    if (dice_.Chance(45)) {
      const RandomProperty* numeric =
          SomeProperty(variable, [](const RandomProperty& p) { return IsNumber(p.type); });
      if (numeric != nullptr)
        return fmt::format("{}(${}.{})", dice_.Pick(kFunctions), variable.name, numeric->name);
    }
    const RandomProperty* any = SomeProperty(variable, [](const RandomProperty&) { return true; });
    if (any != nullptr && (variable.edge || dice_.Chance(50)))
      return fmt::format("count(${}.{})", variable.name, any->name);
    return variable.edge ? "count(1)" : fmt::format("count(${})", variable.name);
  }

  size_t next_ = 0;
};

}  // namespace

RandomQuery RandomQuery::Make(const RandomGraph& graph, Dice& dice) {
  return Writer(graph, dice).Write();
}

}  // namespace tarn::diff
