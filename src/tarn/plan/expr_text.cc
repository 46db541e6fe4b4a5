#include "tarn/plan/expr_text.h"

#include <fmt/format.h>

namespace tarn::plan {
namespace {

using namespace ir;

class ExprPrinter {
 public:
  explicit ExprPrinter(const Query& query) : query_(query) {}

  std::string Text(const ExprPtr& expr) const {
    return std::visit([this](const auto& node) { return Node(node); }, expr->node);
  }

 private:
  std::string Node(const Constant& node) const { return ToJson(node.value); }
  std::string Node(const ParameterRef& node) const {
    return "$" + query_.parameters[node.index].name;
  }
  std::string Node(const Now&) const { return "now()"; }
  std::string Node(const PropertyRef& node) const {
    return VariableText(node.variable, query_) + "." + node.property;
  }
  std::string Node(const EntityRef& node) const { return VariableText(node.variable, query_); }
  std::string Node(const PathRef& node) const {
    return fmt::format("{}({})", PathPartText(node.part), VariableText(node.variable, query_));
  }
  std::string Node(const ColumnRef& node) const {
    const Projection& projection = query_.projections[node.projection];
    return projection.hidden ? Text(projection.expr) : projection.column;
  }
  std::string Node(const Compare& node) const {
    return fmt::format("{} {} {}", Text(node.left), CompareOpText(node.op), Text(node.right));
  }
  std::string Joined(const std::vector<ExprPtr>& exprs, std::string_view between) const {
    std::string out;
    for (const ExprPtr& expr : exprs) {
      if (!out.empty()) out += between;
      out += Text(expr);
    }
    return out;
  }
  std::string Node(const Logic& node) const {
    if (node.op == LogicOp::kNot) return "not (" + Text(node.operands.front()) + ")";
    return "(" + Joined(node.operands, node.op == LogicOp::kAnd ? " and " : " or ") + ")";
  }
  std::string Node(const NullTest& node) const {
    return Text(node.operand) + (node.negated ? " is not null" : " is null");
  }
  std::string Node(const Membership& node) const {
    return Text(node.item) + " in " + Text(node.list);
  }
  std::string Node(const Call& node) const {
    const std::string_view name = ScalarFnText(node.fn);
    if (node.arguments.size() == 2 && name.size() == 1) {
      return fmt::format("({} {} {})", Text(node.arguments[0]), name, Text(node.arguments[1]));
    }
    return fmt::format("{}({})", name, Joined(node.arguments, ", "));
  }
  std::string Node(const TextMatch& node) const {
    return fmt::format("{}({}, {}{})", TextMatchKindText(node.kind), Node(node.field),
                       Text(node.query), node.edits == nullptr ? "" : ", " + Text(node.edits));
  }
  std::string Node(const Nearest& node) const {
    return fmt::format("nearest({}, {})", Node(node.field), Text(node.query));
  }
  std::string Node(const Bm25& node) const {
    return fmt::format("bm25({}, {})", Node(node.field), Text(node.query));
  }
  std::string Node(const Rrf& node) const {
    return fmt::format("rrf({}, {}{})", Text(node.primary), Text(node.secondary),
                       node.k == nullptr ? "" : ", " + Text(node.k));
  }
  std::string Node(const Aggregate& node) const {
    return fmt::format("{}({}{})", AggregateFnText(node.fn), node.distinct ? "distinct " : "",
                       Text(node.argument));
  }

  const Query& query_;
};

}  // namespace

std::string ExprText(const ExprPtr& expr, const Query& query) {
  return ExprPrinter(query).Text(expr);
}

std::string VariableText(VarId variable, const Query& query) {
  const Variable& facts = query.variables[variable];
  return facts.anonymous ? fmt::format("$_{}", variable) : "$" + facts.name;
}

}  // namespace tarn::plan
