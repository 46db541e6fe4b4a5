#include "tarn/ir/query.h"

#include <algorithm>

#include <fmt/format.h>

#include "tarn/base/check.h"

namespace tarn::ir {
namespace {

std::string_view MetricText(schema::Metric metric) {
  switch (metric) {
    case schema::Metric::kCosine: return "cosine";
    case schema::Metric::kL2: return "l2";
    case schema::Metric::kDot: return "dot";
  }
  TARN_UNREACHABLE("a Metric outside its enum");
}

std::string_view DirectionText(Direction direction) {
  switch (direction) {
    case Direction::kForward: return "forward";
    case Direction::kBackward: return "backward";
    case Direction::kBoth: return "both";
  }
  TARN_UNREACHABLE("a Direction outside its enum");
}

/// Prints expressions. `parameters` is null when only an expression is known; a reference is then
/// its number.
class Printer {
 public:
  Printer(const std::vector<Variable>& variables, const std::vector<Parameter>* parameters)
      : variables_(variables), parameters_(parameters) {}

  std::string Name(VarId id) const {
    TARN_CHECK(id < variables_.size(), "a variable outside its query");
    const Variable& variable = variables_[id];
    return variable.anonymous ? fmt::format("$_{}", id) : "$" + variable.name;
  }

  std::string Text(const ExprPtr& expr) const {
    return std::visit([this](const auto& node) { return Node(node); }, expr->node);
  }

  std::string Node(const Constant& node) const { return ToJson(node.value); }
  std::string Node(const ParameterRef& node) const {
    if (parameters_ == nullptr) return fmt::format("Parameter({})", node.index);
    return fmt::format("Parameter({})", (*parameters_)[node.index].name);
  }
  std::string Node(const Now&) const { return "Now()"; }
  std::string Node(const PropertyRef& node) const {
    return Name(node.variable) + "." + node.property;
  }
  std::string Node(const EntityRef& node) const {
    return fmt::format("Entity({})", Name(node.variable));
  }
  std::string Node(const PathRef& node) const {
    return fmt::format("Path({} of {})", PathPartText(node.part), Name(node.variable));
  }
  std::string Node(const ColumnRef& node) const {
    return fmt::format("Column({})", node.projection);
  }
  std::string Node(const Compare& node) const {
    return fmt::format("Compare({} {} {})", Text(node.left), CompareOpText(node.op),
                       Text(node.right));
  }
  std::string Texts(const std::vector<ExprPtr>& exprs) const {
    std::string out;
    for (const ExprPtr& expr : exprs) out += (out.empty() ? "" : ", ") + Text(expr);
    return out;
  }
  std::string Node(const Logic& node) const {
    return fmt::format("Logic({} {})", LogicOpText(node.op), Texts(node.operands));
  }
  std::string Node(const NullTest& node) const {
    return fmt::format("NullTest({} {})", Text(node.operand),
                       node.negated ? "is not null" : "is null");
  }
  std::string Node(const Membership& node) const {
    return fmt::format("Membership({} in {})", Text(node.item), Text(node.list));
  }
  std::string Node(const Call& node) const {
    return fmt::format("Call({} {})", ScalarFnText(node.fn), Texts(node.arguments));
  }
  std::string Node(const TextMatch& node) const {
    const std::string edits = node.edits == nullptr ? "" : ", edits: " + Text(node.edits);
    return fmt::format("TextMatch({}, field: {}, query: {}{})", TextMatchKindText(node.kind),
                       Node(node.field), Text(node.query), edits);
  }
  std::string Node(const Nearest& node) const {
    return fmt::format("Nearest(field: {}, query: {}, metric: {})", Node(node.field),
                       Text(node.query), MetricText(node.metric));
  }
  std::string Node(const Bm25& node) const {
    return fmt::format("Bm25(field: {}, query: {})", Node(node.field), Text(node.query));
  }
  std::string Node(const Rrf& node) const {
    return fmt::format("Rrf({}, {}, k: {})", Text(node.primary), Text(node.secondary),
                       node.k == nullptr ? "60" : Text(node.k));
  }
  std::string Node(const Aggregate& node) const {
    return fmt::format("Aggregate({}{}, {})", AggregateFnText(node.fn),
                       node.distinct ? " distinct" : "", Text(node.argument));
  }

 private:
  const std::vector<Variable>& variables_;
  const std::vector<Parameter>* parameters_;
};

/// Prints a query or a mutation, one node a line.
class Dump {
 public:
  Dump(const std::vector<Variable>& variables, const std::vector<Parameter>& parameters)
      : variables_(variables), print_(variables, &parameters) {}

  void Line(int depth, std::string_view text) {
    out_.append(static_cast<size_t>(depth) * 2, ' ');
    out_ += text;
    out_ += '\n';
  }
  const Printer& print() const { return print_; }
  std::string Take() { return std::move(out_); }

  void Block(const Match& match, int depth) {
    for (const Clause& clause : match.clauses) {
      std::visit([this, depth](const auto& node) { Node(node, depth); }, clause);
    }
  }

  void Node(const Binding& node, int depth) {
    Line(depth, fmt::format("Binding {}: {}", print_.Name(node.variable),
                            variables_[node.variable].type_name));
  }
  void Node(const Traversal& node, int depth) {
    std::string edge = node.edge ? fmt::format(", edge: {}", print_.Name(*node.edge)) : "";
    for (const std::string& other : node.alternatives) edge += ", or " + other;
    if (node.path) edge += ", path: " + print_.Name(*node.path);
    if (node.hop_condition != nullptr) edge += ", each hop: " + print_.Text(node.hop_condition);
    Line(depth, fmt::format("Traversal {}: {} {} {}: {}, {}, hops: {}..{}{}",
                            print_.Name(node.left), variables_[node.left].type_name, node.edge_type,
                            print_.Name(node.right), variables_[node.right].type_name,
                            DirectionText(node.direction), node.min_hops, node.max_hops, edge));
  }
  void Node(const Filter& node, int depth) { Line(depth, "Filter " + print_.Text(node.condition)); }
  void Node(const Negation& node, int depth) {
    std::string outer;
    for (const VarId id : node.inner->outer) outer += (outer.empty() ? "" : ", ") + print_.Name(id);
    Line(depth, fmt::format("Negation over ({})", outer));
    Block(*node.inner, depth + 1);
  }

  void Node(const Optional& node, int depth) {
    std::string outer;
    for (const VarId id : node.inner->outer) outer += (outer.empty() ? "" : ", ") + print_.Name(id);
    Line(depth, fmt::format("Optional over ({})", outer));
    Block(*node.inner, depth + 1);
  }

  std::string Assignments(const std::vector<Assignment>& assignments) const {
    std::string out;
    for (const Assignment& assignment : assignments) {
      std::string key;
      for (const KeyPart& part : assignment.key) {
        key += fmt::format("{}{}: {}", key.empty() ? "" : ", ", part.property,
                           print_.Text(part.value));
      }
      out +=
          fmt::format("{}{}: {}", out.empty() ? "" : ", ", assignment.property,
                      assignment.key.empty() ? print_.Text(assignment.value) : "key(" + key + ")");
    }
    return out;
  }
  std::string Where(const Predicate& where) const {
    return fmt::format("{} {} {}", where.property, CompareOpText(where.op),
                       print_.Text(where.value));
  }
  void Node(const Insert& node, int depth) {
    Line(depth, fmt::format("Insert {} {} ({})", node.is_edge ? "edge" : "node", node.type_name,
                            Assignments(node.assignments)));
  }
  void Node(const Update& node, int depth) {
    Line(depth, fmt::format("Update node {} ({}) where {}", node.type_name,
                            Assignments(node.assignments), Where(node.where)));
  }
  void Node(const Delete& node, int depth) {
    Line(depth, fmt::format("Delete {} {} where {}", node.is_edge ? "edge" : "node", node.type_name,
                            Where(node.where)));
  }

 private:
  const std::vector<Variable>& variables_;
  Printer print_;
  std::string out_;
};

std::string Header(std::string_view kind, std::string_view name,
                   const std::vector<Parameter>& parameters) {
  std::string list;
  for (const Parameter& parameter : parameters) {
    list += fmt::format("{}{}: {}", list.empty() ? "" : ", ", parameter.name,
                        schema::TypeName(parameter.type));
  }
  return fmt::format("{} {}({})", kind, name, list);
}

}  // namespace

bool ReadsAggregate(const Expr& expr, const Query& query) {
  if (std::holds_alternative<Aggregate>(expr.node)) return true;
  if (const auto* column = std::get_if<ColumnRef>(&expr.node)) {
    return ReadsAggregate(*query.projections[column->projection].expr, query);
  }
  const std::vector<ExprPtr> children = ChildrenOf(expr);
  return std::any_of(children.begin(), children.end(),
                     [&query](const ExprPtr& child) { return ReadsAggregate(*child, query); });
}

std::string RowCountText(const RowCount& rows, const Query& query) {
  return rows.parameter ? "$" + query.parameters[*rows.parameter].name
                        : std::to_string(rows.literal);
}

std::string ToText(const Query& query) {
  Dump dump(query.variables, query.parameters);
  dump.Line(0, Header("Query", query.name, query.parameters));
  dump.Line(1, "Match");
  dump.Block(query.match, 2);
  dump.Line(1, query.aggregates ? "Return grouped" : "Return");
  for (const Projection& projection : query.projections) {
    dump.Line(
        2, fmt::format("{}: {} = {}{}", projection.column, schema::TypeName(projection.expr->type),
                       dump.print().Text(projection.expr), projection.hidden ? " (hidden)" : ""));
  }
  if (!query.having.empty()) dump.Line(1, "Having");
  for (const ExprPtr& condition : query.having) dump.Line(2, dump.print().Text(condition));
  if (!query.order.empty()) dump.Line(1, "Order");
  for (const Ordering& ordering : query.order) {
    dump.Line(2, dump.print().Text(ordering.expr) + (ordering.descending ? " desc" : " asc"));
  }
  if (query.per_group) {
    dump.Line(1, fmt::format("Limit {} per group", RowCountText(query.per_group->rows, query)));
    for (const ExprPtr& key : query.per_group->keys) dump.Line(2, dump.print().Text(key));
  }
  if (query.offset) dump.Line(1, "Offset " + RowCountText(*query.offset, query));
  if (query.limit) dump.Line(1, "Limit " + RowCountText(*query.limit, query));
  return dump.Take();
}

std::string ToText(const Mutation& mutation) {
  const std::vector<Variable> none;
  Dump dump(none, mutation.parameters);
  dump.Line(0, Header("Mutation", mutation.name, mutation.parameters));
  for (const Statement& statement : mutation.statements) {
    std::visit([&dump](const auto& node) { dump.Node(node, 1); }, statement);
  }
  return dump.Take();
}

std::string ToText(const Expr& expr, const std::vector<Variable>& variables) {
  const Printer print(variables, nullptr);
  return std::visit([&print](const auto& node) { return print.Node(node); }, expr.node);
}

}  // namespace tarn::ir
