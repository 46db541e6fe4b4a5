#include "random_query.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tarn::diff {
namespace {

/// A variable that is in scope.
struct Known {
  std::string name;
  std::string type;
  bool edge = false;
};

class Writer {
 public:
  Writer(const RandomGraph& graph, Dice& dice) : graph_(graph), dice_(dice) {}

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
    if (roll < 85 || depth >= 2) return Filter();
    return Negation(depth);
  }

  std::string Fresh() { return fmt::format("v{}", next_++); }

  const RandomNodeType& NodeType(const std::string& name) const {
    return *std::find_if(graph_.node_types.begin(), graph_.node_types.end(),
                         [&](const RandomNodeType& type) { return type.name == name; });
  }
  const std::vector<RandomProperty>& PropertiesOf(const Known& variable) const {
    if (!variable.edge) return NodeType(variable.type).properties;
    return std::find_if(graph_.edge_types.begin(), graph_.edge_types.end(),
                        [&](const RandomEdgeType& type) { return type.name == variable.type; })
        ->properties;
  }

  std::string Binding() {
    std::vector<Known> nodes;
    for (const Known& known : known_) {
      if (!known.edge) nodes.push_back(known);
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
    return text + fmt::format(" {{ {}: {} }}", property->name, ValueText(item));
  }

  template <typename Accept>
  const RandomProperty* SomeProperty(const Known& variable, Accept accept) {
    std::vector<const RandomProperty*> fitting;
    for (const RandomProperty& property : PropertiesOf(variable)) {
      if (accept(property)) fitting.push_back(&property);
    }
    return fitting.empty() ? nullptr : dice_.Pick(fitting);
  }

  /// A literal, or a parameter with a value of that type. Negative numbers can only be parameters.
  std::string ValueText(const std::string& type) {
    const bool is_enum = type.starts_with("enum");
    const ir::Value value = RandomValue(type, dice_);
    const std::string literal = Literal(value);
    if (!literal.empty() && dice_.Chance(65)) return literal;
    const std::string name = fmt::format("p{}", params_.size());
    const bool is_null = dice_.Chance(12);
    params_.push_back(
        fmt::format("${}: {}{}", name, is_enum ? "String" : type, is_null ? "?" : ""));
    if (!is_null) values_.push_back(fmt::format("\"{}\": {}", name, ParamJson(value)));
    return "$" + name;
  }

  static std::string Literal(const ir::Value& value) {
    if (const auto* whole = std::get_if<int64_t>(&value.held))
      return *whole < 0 ? "" : std::to_string(*whole);
    if (std::holds_alternative<uint64_t>(value.held)) return "";
    if (const auto* real = std::get_if<double>(&value.held)) {
      return std::signbit(*real) ? "" : fmt::format("{:.2f}", *real);
    }
    if (const auto* flag = std::get_if<bool>(&value.held)) return *flag ? "true" : "false";
    if (const auto* text = std::get_if<std::string>(&value.held)) return "\"" + *text + "\"";
    if (std::holds_alternative<ir::Date>(value.held)) return "date(" + ParamJson(value) + ")";
    if (std::holds_alternative<ir::DateTime>(value.held))
      return "datetime(" + ParamJson(value) + ")";
    return "";
  }

  /// An end of a traversal: known, new or anonymous.
  std::string End(const std::string& type, std::vector<Known>& introduced) {
    std::vector<Known> fitting;
    for (const Known& known : known_) {
      if (!known.edge && known.type == type) fitting.push_back(known);
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
    if (property->name == "text" && dice_.Chance(60)) return TextClause(left);
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

  static const std::vector<std::string>& Numbers() {
    static const std::vector<std::string> numbers = {"I32", "I64", "U32", "U64", "F32", "F64"};
    return numbers;
  }
  static bool IsNumber(const std::string& type) {
    return std::find(Numbers().begin(), Numbers().end(), type) != Numbers().end();
  }
  std::string Comparison() {
    static const std::vector<std::string> ops = {"=", "!=", "<", "<=", ">", ">="};
    return dice_.Pick(ops);
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
    // The first clause mentions an outer variable for sure.
    const std::string first = FilterOn(dice_.Pick(outer));
    std::string inner =
        "    " + std::string(2 * depth + 2, ' ') + first + "\n" + Block(dice_.Roll(3), depth + 1);
    known_ = outer;
    return "not {\n" + inner + "    " + std::string(2 * depth, ' ') + "}";
  }

  std::string FilterOn(const Known& variable) {
    std::vector<RandomEdgeType> edges;
    for (const RandomEdgeType& edge : graph_.edge_types) {
      if (!variable.edge && (edge.from == variable.type || edge.to == variable.type))
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
    std::string text = "  return {\n" + projections + "  }\n";
    if (ranking)
      return text + fmt::format("  order {{ {} }}\n  limit {}\n", *ranking, dice_.Roll(6));
    if (dice_.Chance(60)) text += "  order { " + Order() + " }\n";
    if (dice_.Chance(40)) text += fmt::format("  limit {}\n", dice_.Roll(8));
    return text;
  }

  std::string Projected() {
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
      if (known.edge) continue;
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
    std::string text = "  return {\n" + projections + "  }\n";
    if (dice_.Chance(60)) {
      text += fmt::format("  order {{ c{}{} }}\n", dice_.Roll(columns),
                          dice_.Chance(50) ? " desc" : "");
    }
    if (dice_.Chance(30)) text += fmt::format("  limit {}\n", dice_.Roll(5));
    return text;
  }

  std::string AggregateCall() {
    const Known& variable = dice_.Pick(known_);
    static const std::vector<std::string> kFunctions = {"sum", "avg", "min", "max"};
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

  const RandomGraph& graph_;
  Dice& dice_;
  std::vector<Known> known_;
  std::vector<std::string> params_;
  std::vector<std::string> values_;
  size_t next_ = 0;
};

}  // namespace

RandomQuery RandomQuery::Make(const RandomGraph& graph, Dice& dice) {
  return Writer(graph, dice).Write();
}

}  // namespace tarn::diff
