#include "random_graph.h"

#include <fmt/format.h>

#include "tarn/base/json_writer.h"

namespace tarn::diff {
namespace {

using ir::Value;

const std::vector<RandomProperty>& PropertyPool() {
  static const std::vector<RandomProperty> pool = {
      {"n", "I32"},       {"i", "I64"},           {"u", "U64"},         {"f", "F32"},
      {"d", "F64"},       {"s", "String"},        {"b", "Bool"},        {"t", "Date"},
      {"m", "DateTime"},  {"e", "enum(x, y, z)"}, {"tags", "[String]"}, {"nums", "[I32]"},
      {"text", "String"}, {"v", "Vector(2)"},     {"w", "U32"}};
  return pool;
}

std::vector<RandomProperty> SomeProperties(Dice& dice, size_t percent, bool edge) {
  std::vector<RandomProperty> some;
  for (RandomProperty property : PropertyPool()) {
    if (edge && (property.name == "text" || property.name == "v")) continue;
    if (!dice.Chance(percent)) continue;
    property.nullable = dice.Chance(70);
    some.push_back(property);
  }
  return some;
}

std::string PropertyLines(const std::vector<RandomProperty>& properties) {
  std::string lines;
  for (const RandomProperty& property : properties) {
    lines +=
        fmt::format("  {}: {}{}\n", property.name, property.type, property.nullable ? "?" : "");
  }
  return lines;
}

Value FilledValue(const RandomProperty& property, Dice& dice) {
  if (property.nullable && dice.Chance(25)) return Value{};
  return RandomValue(property.type, dice);
}

naive::Row RandomRow(const std::string& id, const std::vector<RandomProperty>& properties,
                     Dice& dice) {
  naive::Row row;
  row.id = id;
  for (const RandomProperty& property : properties)
    row.values[property.name] = FilledValue(property, dice);
  return row;
}

void AddNodeType(RandomGraph& made, const std::string& name, Dice& dice) {
  RandomNodeType type{name, SomeProperties(dice, 45, false)};
  const size_t key = dice.Roll(3);  // none, String, I64
  if (key > 0) type.properties.push_back({"k", key == 1 ? "String" : "I64", false});
  made.schema_text += fmt::format("node {} {{\n{}{}}}\n", name, PropertyLines(type.properties),
                                  key > 0 ? "  @key(k)\n" : "");
  const size_t rows = dice.Chance(8) ? 0 : 1 + dice.Roll(6);
  for (size_t i = 0; i < rows; ++i) {
    const std::string id =
        key == 2 ? std::to_string(7 * i + 3) : fmt::format("{}{}", name, (i * 5) % 7);
    naive::Row row = RandomRow(id, type.properties, dice);
    if (key == 1) row.values["k"] = Value{id};
    if (key == 2) row.values["k"] = Value{static_cast<int64_t>(7 * i + 3)};
    made.graph.nodes[name].push_back(std::move(row));
  }
  made.node_types.push_back(std::move(type));
}

void AddEdgeType(RandomGraph& made, size_t number, const std::string& from, const std::string& to,
                 Dice& dice) {
  RandomEdgeType type{fmt::format("Link{}", number), fmt::format("link{}", number), from, to,
                      SomeProperties(dice, 25, true)};
  made.schema_text += fmt::format("edge {}: {} -> {} {{\n{}}}\n", type.name, from, to,
                                  PropertyLines(type.properties));
  const std::vector<naive::Row>& sources = made.graph.nodes[from];
  const std::vector<naive::Row>& targets = made.graph.nodes[to];
  const size_t rows = sources.empty() || targets.empty() ? 0 : dice.Roll(12);
  for (size_t i = 0; i < rows; ++i) {
    naive::Row row = RandomRow(fmt::format("edge{:02}", (i * 7) % 13), type.properties, dice);
    row.src = dice.Pick(sources).id;
    row.dst = dice.Pick(targets).id;
    made.graph.edges[type.name].push_back(std::move(row));
  }
  made.edge_types.push_back(std::move(type));
}

}  // namespace

Value RandomValue(const std::string& type, Dice& dice) {
  static const std::vector<double> kFloats = {0.0, -0.0, 0.25, 1.0, 2.0, 2.5, -1.5, 4.0, 1024.0};
  static const std::vector<std::string> kStrings = {"",  "a", "ab",  "abc",
                                                    "b", "B", "fog", "a\xC3\xA9"};
  static const std::vector<std::string> kTexts = {
      "heavy fog", "the calm sea", "fog and fog", "strait", "", "a the", "sea fog strait"};
  if (type == "I32") return Value{static_cast<int64_t>(dice.Roll(6)) - 1};
  if (type == "U32") return Value{static_cast<int64_t>(dice.Roll(4))};
  if (type == "I64")
    return dice.Chance(15) ? Value{int64_t{9007199254740993}}
                           : Value{static_cast<int64_t>(dice.Roll(5)) - 2};
  if (type == "U64")
    return dice.Chance(15) ? Value{uint64_t{18446744073709551615U}}
                           : Value{static_cast<int64_t>(dice.Roll(4))};
  if (type == "F32" || type == "F64") return Value{dice.Pick(kFloats)};
  if (type == "Bool") return Value{dice.Chance(50)};
  if (type == "Date") return Value{ir::Date{static_cast<int32_t>(dice.Roll(4)) + 100}};
  if (type == "DateTime")
    return Value{ir::DateTime{(static_cast<int64_t>(dice.Roll(4)) + 100) * 86'400'000}};
  if (type.starts_with("enum")) return Value{std::string(1, static_cast<char>('x' + dice.Roll(3)))};
  if (type.starts_with("[")) {
    ir::ValueList items;
    const std::string item = type.substr(1, type.size() - 2);
    for (size_t i = dice.Roll(3); i > 0; --i) items.push_back(RandomValue(item, dice));
    return Value{items};
  }
  if (type.starts_with("Vector")) {
    return Value{
        ir::Vector{static_cast<float>(1 + dice.Roll(3)), static_cast<float>(dice.Roll(3))}};
  }
  return Value{dice.Pick(dice.Chance(50) ? kTexts : kStrings)};
}

std::string ParamJson(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.held)) return JsonQuoted(*text);
  if (const auto* date = std::get_if<ir::Date>(&value.held))
    return fmt::format("\"1970-04-{:02}\"", date->days - 100 + 11);
  if (const auto* time = std::get_if<ir::DateTime>(&value.held)) {
    return fmt::format("\"1970-04-{:02}T00:00:00Z\"", time->ms / 86'400'000 - 100 + 11);
  }
  if (const auto* real = std::get_if<double>(&value.held)) return fmt::format("{:.17g}", *real);
  return ir::ToJson(value);
}

RandomGraph RandomGraph::Make(Dice& dice) {
  RandomGraph made;
  AddNodeType(made, "A", dice);
  AddNodeType(made, "B", dice);
  AddEdgeType(made, 0, "A", "A", dice);
  AddEdgeType(made, 1, "A", "B", dice);
  if (dice.Chance(60)) AddEdgeType(made, 2, "B", "B", dice);
  if (dice.Chance(60)) AddEdgeType(made, 3, "B", "A", dice);
  if (dice.Chance(60)) AddEdgeType(made, 4, "A", "A", dice);
  return made;
}

}  // namespace tarn::diff
