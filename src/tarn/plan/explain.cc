#include <fmt/format.h>

#include "tarn/plan/expr_text.h"
#include "tarn/plan/expr_variables.h"
#include "tarn/plan/node.h"
#include "tarn/plan/plan.h"

namespace tarn::plan {
namespace {

/// Prints what an operator does, without its inputs.
class OperatorText {
 public:
  explicit OperatorText(const ir::Query& query) : query_(query) {}

  std::string operator()(const NodeScan& op) const {
    std::string text =
        fmt::format("NodeScan {}: {}", Name(op.variable), query_.variables[op.variable].type_name);
    if (op.key != nullptr) text += fmt::format(" by key {}", ExprText(op.key, query_));
    return text + Where(op.conditions);
  }
  std::string operator()(const Seed& op) const { return "Seed " + Names(op.variables); }
  std::string operator()(const Expand& op) const {
    std::string text = "Expand " + Step(op.from, op.hop, op.edge, op.to);
    for (const Constraint& also : op.also)
      text += " and " + Step(also.from, also.hop, std::nullopt, op.to);
    text += Where(op.edge_conditions) + Where(op.conditions);
    for (const Leaf& leaf : op.leaves) text += " times " + Text(op.to, leaf);
    return text;
  }
  std::string operator()(const Reach& op) const {
    return "Reach " + Step(op.from, op.hop, std::nullopt, op.to) + Where(op.conditions);
  }
  std::string operator()(const PathReach& op) const {
    return "PathReach " + Step(op.from, op.hop, std::nullopt, op.to) + " as " + Name(op.path) +
           Where(op.conditions);
  }
  std::string operator()(const CloseCycle& op) const {
    return "CloseCycle " + Step(op.left, op.hop, op.edge, op.right) + Where(op.edge_conditions);
  }
  std::string operator()(const CrossProduct&) const { return "CrossProduct"; }
  std::string operator()(const Filter& op) const { return "Filter" + Where(op.conditions); }
  std::string operator()(const AntiJoin& op) const { return "AntiJoin on " + Names(op.outer); }
  std::string operator()(const OptionalJoin& op) const {
    return "OptionalJoin on " + Names(op.outer) +
           (op.bound.empty() ? "" : " binding " + Names(op.bound));
  }
  std::string operator()(const WeightLeaf& op) const {
    return "WeightLeaf " + Text(op.variable, op.leaf);
  }
  std::string operator()(const Merge&) const { return "Merge"; }
  std::string operator()(const Rank& op) const {
    return fmt::format("Rank {}{}", ExprText(op.score, query_), op.required ? " required" : "");
  }
  std::string operator()(const Aggregate& op) const {
    std::string text = "Aggregate";
    for (const AggregateItem& item : op.items) {
      text += fmt::format("{} {}({}{})", &item == op.items.data() ? "" : ",",
                          ir::AggregateFnText(item.fn), item.distinct ? "distinct " : "",
                          ExprText(item.argument, query_));
      if (item.lane > 0) text += fmt::format(" from lane {}", item.lane);
    }
    for (const uint32_t& projection : op.group) {
      text += (&projection == op.group.data() ? " by " : ", ") +
              ExprText(query_.projections[projection].expr, query_);
    }
    return text + (op.identified && !op.group.empty() ? " (one vertex per group)" : "");
  }
  std::string operator()(const Having& op) const { return "Having" + Where(op.conditions); }
  std::string operator()(const Sort& op) const {
    std::string text = "Sort";
    if (op.limit) text += " top" + Rows(op.offset, op.limit);
    for (const SortKey& key : op.keys) {
      text += fmt::format("{} {} {}", &key == op.keys.data() ? "" : ",", ExprText(key.expr, query_),
                          key.descending ? "desc" : "asc");
    }
    if (!op.ties.empty()) text += " ties " + Names(op.ties);
    if (!op.per_group) return text;
    text += fmt::format(" keeping {} of each", ir::RowCountText(op.per_group->rows, query_));
    for (const ir::ExprPtr& key : op.per_group->keys) {
      text += (&key == op.per_group->keys.data() ? " " : ", ") + ExprText(key, query_);
    }
    return text;
  }
  std::string operator()(const Limit& op) const { return "Limit" + Rows(op.offset, op.limit); }
  std::string operator()(const Project&) const {
    std::string text = "Project";
    const char* between = " ";
    for (const ir::Projection& projection : query_.projections) {
      if (projection.hidden) continue;
      text += between + projection.column;
      between = ", ";
    }
    return text;
  }

 private:
  std::string Name(VarId variable) const { return VariableText(variable, query_); }

  std::string Names(const std::vector<VarId>& variables) const {
    std::string text;
    for (const VarId variable : variables) text += (text.empty() ? "" : ", ") + Name(variable);
    return text.empty() ? "nothing" : text;
  }

  std::string Step(VarId from, const Hop& hop, const std::optional<VarId>& edge, VarId to) const {
    std::string bounds;
    if (hop.max_hops == UINT32_MAX) {
      bounds = fmt::format("{{{},}}", hop.min_hops);
    } else if (hop.max_hops > 1) {
      bounds = fmt::format("{{{},{}}}", hop.min_hops, hop.max_hops);
    }
    std::string types = hop.edge_type;
    for (const std::string& other : hop.alternatives) types += "|" + other;
    if (hop.condition != nullptr) types += "[" + ExprText(hop.condition, query_) + "]";
    const std::string label = (edge ? Name(*edge) + ":" : "") + types + bounds;
    switch (hop.direction) {
      case ir::Direction::kForward: return fmt::format("{} -{}-> {}", Name(from), label, Name(to));
      case ir::Direction::kBackward: return fmt::format("{} <-{}- {}", Name(from), label, Name(to));
      case ir::Direction::kBoth: return fmt::format("{} -{}- {}", Name(from), label, Name(to));
    }
    TARN_UNREACHABLE("a Direction outside its enum");
  }

  /// " 10", " 10 behind 20", " all behind 20".
  std::string Rows(const std::optional<ir::RowCount>& offset,
                   const std::optional<ir::RowCount>& limit) const {
    std::string text = limit ? " " + ir::RowCountText(*limit, query_) : " all";
    if (offset) text += " behind " + ir::RowCountText(*offset, query_);
    return text;
  }

  std::string Where(const std::vector<ir::ExprPtr>& conditions) const {
    std::string text;
    for (const ir::ExprPtr& condition : conditions) {
      text += (text.empty() ? " where " : " and ") + ExprText(condition, query_);
    }
    return text;
  }

  std::string Text(VarId parent, const Leaf& leaf) const {
    std::string text = Step(parent, leaf.hop, leaf.edge, leaf.variable) +
                       Where(leaf.edge_conditions) + Where(leaf.conditions);
    for (const LaneTest& test : leaf.lanes) {
      text += fmt::format(" lane {} if {} is not null", test.lane, ExprText(test.argument, query_));
    }
    for (const Leaf& child : leaf.children)
      text += fmt::format(" ({})", Text(leaf.variable, child));
    return text;
  }

  const ir::Query& query_;
};

void Print(const Plan& plan, const Node& node, size_t depth, const NodeNote& note,
           std::string& out) {
  const std::string what = std::visit(OperatorText(*plan.query), node.op);
  out += fmt::format("{:{}}#{} {}  [rows {:.0f}, cost {:.0f}]", "", 2 * depth, node.id, what,
                     node.rows, node.cost);
  if (note) out += note(node.id);
  out += '\n';
  for (const std::shared_ptr<Node>& input : node.inputs) Print(plan, *input, depth + 1, note, out);
}

}  // namespace

std::string Explain(const Plan& plan) { return Explain(plan, nullptr); }

std::string Explain(const Plan& plan, const NodeNote& note) {
  std::string out;
  Print(plan, *plan.root, 0, note, out);
  for (const std::string& choice : plan.choices) out += "choice: " + choice + "\n";
  for (const std::string& line : plan.statistics) out += "statistic: " + line + "\n";
  return out;
}

}  // namespace tarn::plan
