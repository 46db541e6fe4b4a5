#include "random_expression.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace tarn::diff {

const RandomNodeType& ExpressionWriter::NodeType(const std::string& name) const {
  return *std::find_if(graph_.node_types.begin(), graph_.node_types.end(),
                       [&](const RandomNodeType& type) { return type.name == name; });
}
const std::vector<RandomProperty>& ExpressionWriter::PropertiesOf(const Known& variable) const {
  if (!variable.edge) return NodeType(variable.type).properties;
  return std::find_if(graph_.edge_types.begin(), graph_.edge_types.end(),
                      [&](const RandomEdgeType& type) { return type.name == variable.type; })
      ->properties;
}

std::string ExpressionWriter::ValueText(const std::string& type) {
  const bool is_enum = type.starts_with("enum");
  const ir::Value value = RandomValue(type, dice_);
  const std::string literal = Literal(value);
  if (!literal.empty() && dice_.Chance(65)) return literal;
  const std::string name = fmt::format("p{}", params_.size());
  const bool is_null = dice_.Chance(12);
  params_.push_back(fmt::format("${}: {}{}", name, is_enum ? "String" : type, is_null ? "?" : ""));
  if (!is_null) values_.push_back(fmt::format("\"{}\": {}", name, ParamJson(value)));
  return "$" + name;
}

std::string ExpressionWriter::Literal(const ir::Value& value) {
  if (const auto* whole = std::get_if<int64_t>(&value.held)) return std::to_string(*whole);
  if (std::holds_alternative<uint64_t>(value.held)) return "";
  if (const auto* real = std::get_if<double>(&value.held)) {
    return fmt::format("{:.2f}", *real);
  }
  if (const auto* flag = std::get_if<bool>(&value.held)) return *flag ? "true" : "false";
  if (const auto* text = std::get_if<std::string>(&value.held)) return "\"" + *text + "\"";
  if (std::holds_alternative<ir::Date>(value.held)) return "date(" + ParamJson(value) + ")";
  if (std::holds_alternative<ir::DateTime>(value.held)) return "datetime(" + ParamJson(value) + ")";
  return "";
}

std::string ExpressionWriter::Condition(size_t depth, bool may_fail) {
  const size_t roll = dice_.Roll(depth == 0 ? 70 : 100);
  if (roll >= 90) return "not (" + Condition(depth - 1, may_fail) + ")";
  if (roll >= 70) {
    std::string text = Condition(depth - 1, may_fail);
    const std::string word = dice_.Chance(50) ? " and " : " or ";
    for (size_t i = 1 + dice_.Roll(2); i > 0; --i) text += word + Condition(depth - 1, may_fail);
    return "(" + text + ")";
  }
  if (roll < 15) {
    const std::string operand = Operand("", may_fail);
    return fmt::format("({} is {}null)", operand, dice_.Chance(50) ? "" : "not ");
  }
  if (roll < 30) return Membership(may_fail);
  const std::string type = dice_.Pick(OperandTypes());
  if (type == "String" && dice_.Chance(30)) {
    return fmt::format("{}({}, {})", dice_.Chance(50) ? "starts_with" : "ends_with",
                       Operand(type, may_fail), Operand(type, may_fail));
  }
  return fmt::format("({} {} {})", Operand(type, may_fail), Comparison(), Operand(type, may_fail));
}

std::string ExpressionWriter::Membership(bool may_fail) {
  const std::string type = dice_.Pick(OperandTypes());
  std::string list;
  if (dice_.Chance(70)) {
    for (size_t i = dice_.Roll(4); i > 0; --i) {
      const std::string literal = Literal(RandomValue(type == "Number" ? "I32" : type, dice_));
      list += (list.empty() ? "" : ", ") + literal;
    }
    list = "[" + list + "]";
  } else {
    list = ListOperand(type);
  }
  return fmt::format("({} {}in {})", Operand(type, may_fail), dice_.Chance(30) ? "not " : "", list);
}

const std::vector<std::string>& ExpressionWriter::OperandTypes() {
  static const std::vector<std::string> types = {"Number", "Number", "String",
                                                 "Date",   "Bool",   "DateTime"};
  return types;
}

std::string ExpressionWriter::ListOperand(const std::string& type) {
  if (type == "String" && !paths_.empty() && dice_.Chance(40)) {
    return fmt::format("${}.{}", dice_.Pick(paths_), dice_.Chance(50) ? "nodes" : "edges");
  }
  const std::string wanted = type == "String" ? "[String]" : "[I32]";
  for (const Known& known : known_) {
    const RandomProperty* list =
        SomeProperty(known, [&](const RandomProperty& p) { return p.type == wanted; });
    if (list != nullptr) return fmt::format("${}.{}", known.name, list->name);
  }
  return type == "String" ? "[\"a\", \"fog\"]" : "[]";
}

std::string ExpressionWriter::Operand(const std::string& type, bool may_fail, size_t depth) {
  const std::string wanted = type.empty() ? dice_.Pick(OperandTypes()) : type;
  if (wanted == "Number" && !paths_.empty() && dice_.Chance(25)) {
    return fmt::format("length(${})", dice_.Pick(paths_));
  }
  if (depth > 0 && dice_.Chance(35)) return Function(wanted, may_fail, depth - 1);
  if (dice_.Chance(75)) {
    const Known& variable = dice_.Pick(known_);
    const RandomProperty* property = SomeProperty(variable, [&](const RandomProperty& p) {
      return wanted == "Number" ? IsNumber(p.type) : p.type == wanted;
    });
    if (property != nullptr) return fmt::format("${}.{}", variable.name, property->name);
  }
  return ValueText(wanted == "Number" ? dice_.Pick(Numbers()) : wanted);
}

std::string ExpressionWriter::Function(const std::string& type, bool may_fail, size_t depth) {
  const auto arg = [&](const char* of) { return Operand(of, may_fail, depth); };
  const bool fails = may_fail && dice_.Chance(60);
  if (type == "Number") return NumberFunction(fails, may_fail, depth);
  if (type == "String") {
    switch (dice_.Roll(fails ? 8 : 5)) {
      case 0: return fmt::format("lower({})", arg("String"));
      case 1: return fmt::format("upper({})", arg("String"));
      case 2: return fmt::format("trim({})", arg("String"));
      case 3: return fmt::format("substring({}, {})", arg("String"), dice_.Roll(4));
      case 4: return fmt::format("coalesce({}, {})", arg("String"), arg("String"));
      case 5: return fmt::format("concat({}, {})", arg("String"), arg("String"));
      case 6: return fmt::format("replace({}, \"a\", {})", arg("String"), arg("String"));
      default: return fmt::format("join({}, \"-\")", ListOperand("String"));
    }
  }
  if (type == "Date") {
    static const std::vector<std::string> units = {"day", "week", "month", "quarter", "year"};
    if (fails)
      return fmt::format("date_add({}, {}, \"{}\")", arg("Date"),
                         static_cast<int>(dice_.Roll(80)) - 40, dice_.Pick(units));
    if (dice_.Chance(30)) return fmt::format("to_date({})", arg("DateTime"));
    return fmt::format("date_trunc({}, \"{}\")", arg("Date"), dice_.Pick(units));
  }
  if (type == "DateTime") {
    if (fails) return fmt::format("date_add({}, {}, \"hour\")", arg("DateTime"), dice_.Roll(50));
    if (dice_.Chance(40)) return fmt::format("to_datetime({})", arg("Date"));
    return fmt::format("coalesce({}, {})", arg("DateTime"), arg("DateTime"));
  }
  return Condition(0, may_fail);
}

std::string ExpressionWriter::NumberFunction(bool fails, bool may_fail, size_t depth) {
  const auto arg = [&](const char* of) { return Operand(of, may_fail, depth); };
  if (fails) {
    static const std::vector<std::string> ops = {"+", "-", "*", "/"};
    if (dice_.Chance(15)) return fmt::format("mod({}, {})", arg("Number"), arg("Number"));
    if (dice_.Chance(15)) return fmt::format("abs({})", arg("Number"));
    if (dice_.Chance(15)) return fmt::format("-({})", arg("Number"));
    return fmt::format("({} {} {})", arg("Number"), dice_.Pick(ops), arg("Number"));
  }
  switch (dice_.Roll(7)) {
    case 0: return fmt::format("length({})", arg("String"));
    case 1: return fmt::format("length({})", ListOperand("String"));
    case 2: return fmt::format("item({}, {})", ListOperand("Number"), dice_.Roll(3));
    case 3: return fmt::format("weekday({})", arg(dice_.Chance(50) ? "Date" : "DateTime"));
    case 4: return fmt::format("day({})", arg("Date"));
    case 5:
      return fmt::format("date_diff({}, {}, \"{}\")", arg("Date"), arg("Date"),
                         dice_.Chance(50) ? "day" : "month");
    default: return fmt::format("coalesce({}, {})", arg("Number"), arg("Number"));
  }
}

const std::vector<std::string>& ExpressionWriter::Numbers() {
  static const std::vector<std::string> numbers = {"I32", "I64", "U32", "U64", "F32", "F64"};
  return numbers;
}
bool ExpressionWriter::IsNumber(const std::string& type) {
  return std::find(Numbers().begin(), Numbers().end(), type) != Numbers().end();
}
std::string ExpressionWriter::Comparison() {
  static const std::vector<std::string> ops = {"=", "!=", "<", "<=", ">", ">="};
  return dice_.Pick(ops);
}

}  // namespace tarn::diff
