#pragma once

#include <string>
#include <vector>

#include "random_graph.h"

namespace tarn::diff {

/// A variable that is in scope.
struct Known {
  std::string name;
  std::string type;
  bool edge = false;
  bool absent = false;  ///< bound by an optional block: neither an end nor searched
};

/// Writes expressions over the variables in scope, with the parameters they need.
class ExpressionWriter {
 public:
  ExpressionWriter(const RandomGraph& graph, Dice& dice) : graph_(graph), dice_(dice) {}

 protected:
  const RandomNodeType& NodeType(const std::string& name) const;
  const std::vector<RandomProperty>& PropertiesOf(const Known& variable) const;
  template <typename Accept>
  const RandomProperty* SomeProperty(const Known& variable, Accept accept) {
    std::vector<const RandomProperty*> fitting;
    for (const RandomProperty& property : PropertiesOf(variable)) {
      if (accept(property)) fitting.push_back(&property);
    }
    return fitting.empty() ? nullptr : dice_.Pick(fitting);
  }

  /// A literal, or a parameter with a value of that type.
  std::string ValueText(const std::string& type);
  /// "" for a value that no literal spells.
  static std::string Literal(const ir::Value& value);
  /// A truth value in parentheses. Without `may_fail` nothing in it can fail.
  std::string Condition(size_t depth, bool may_fail);
  /// Something of a type: a property, a literal, or a function of such. "" is any type.
  std::string Operand(const std::string& type, bool may_fail, size_t depth = 2);
  std::string Comparison();
  static const std::vector<std::string>& Numbers();
  static bool IsNumber(const std::string& type);

  const RandomGraph& graph_;
  Dice& dice_;
  std::vector<Known> known_;
  std::vector<std::string> paths_;   ///< names of paths in scope
  std::vector<std::string> params_;  ///< declarations
  std::vector<std::string> values_;  ///< JSON members

 private:
  std::string Membership(bool may_fail);
  static const std::vector<std::string>& OperandTypes();
  std::string ListOperand(const std::string& type);
  std::string Function(const std::string& type, bool may_fail, size_t depth);
  std::string NumberFunction(bool fails, bool may_fail, size_t depth);
};

}  // namespace tarn::diff
