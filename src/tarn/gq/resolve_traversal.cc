#include <algorithm>

#include <fmt/format.h>

#include "tarn/base/check.h"
#include "tarn/gq/resolution.h"
#include "tarn/gq/suggest.h"

namespace tarn::gq {
namespace {

/// One end of a traversal. `slot` is null while the variable is unbound, which `$_` always is.
struct End {
  const Name& name;
  const Slot* slot = nullptr;

  bool anonymous() const { return name.text == "_"; }
  bool bound() const { return slot != nullptr && !slot->broken(); }
  bool broken() const { return slot != nullptr && slot->broken(); }
};

End FindEnd(const Name& name, Resolution& state) {
  return {.name = name, .slot = name.text == "_" ? nullptr : state.scope.Find(name.text)};
}

/// `$needle contains $part` with no edge of that name is a filter over two parameters.
std::optional<FilterAst> AsFilter(const TraversalAst& ast, const Resolution& state) {
  const bool contains = ast.edge.text == ir::CompareOpText(ir::CompareOp::kContains);
  const bool membership = ast.edge.text == "in";
  if (!contains && !membership && ast.edge.text != ir::CompareOpText(ir::CompareOp::kStartsWith)) {
    return std::nullopt;
  }
  if (ast.hops || ast.edge_variable || ast.undirected || ast.hop_condition || ast.path ||
      !ast.alternatives.empty()) {
    return std::nullopt;
  }
  if (state.schema.FindEdge(ast.edge.text) != nullptr) return std::nullopt;
  std::vector<ExprAst> operands;
  operands.push_back({.node = VariableAst{ast.left}, .span = ast.left.span});
  operands.push_back({.node = VariableAst{ast.right}, .span = ast.right.span});
  if (membership) {
    return FilterAst{{.node = MembershipAst{.operands = std::move(operands)}, .span = ast.span}};
  }
  return FilterAst{
      {.node = CompareAst{.op = contains ? ir::CompareOp::kContains : ir::CompareOp::kStartsWith,
                          .operands = std::move(operands)},
       .span = ast.span}};
}

bool CheckHops(const TraversalAst& ast, Diagnostics& diagnostics) {
  if (!ast.hops) return true;
  const HopsAst& hops = *ast.hops;
  std::string message;
  if (hops.min == 0) {
    message = "the lower hop bound is at least 1";
  } else if (hops.max < hops.min) {
    message = fmt::format("the upper hop bound {} is below the lower bound {}", hops.max, hops.min);
  } else {
    return true;
  }
  diagnostics.Error("T15", hops.span, std::move(message), "write `{min,max}` with 1 <= min <= max");
  return false;
}

bool CheckUndirected(const TraversalAst& ast, const schema::EdgeType& edge,
                     Diagnostics& diagnostics) {
  if (!ast.undirected || edge.from == edge.to) return true;
  diagnostics.Error(
      "T22", ast.edge.span,
      fmt::format(
          "edge `{}` goes from {} to {}; only an edge within one type has an undirected form",
          edge.name, edge.from, edge.to),
      fmt::format("write `{}` without the angle brackets", ast.edge.text));
  return false;
}

bool CheckEdgeVariable(const TraversalAst& ast, const Resolution& state, Diagnostics& diagnostics) {
  if (!ast.edge_variable) return true;
  const Name& name = *ast.edge_variable;
  std::string message;
  if (ast.hops || ast.hop_condition || !ast.alternatives.empty()) {
    message = fmt::format(
        "`${}` cannot name an edge row of a traversal with hop bounds, a condition in brackets or "
        "alternatives",
        name.text);
  } else if (name.text == "_") {
    return true;
  } else if (name.text == ast.left.text || name.text == ast.right.text) {
    message = fmt::format("`${}` cannot be both an edge row and one of its ends", name.text);
  } else if (state.scope.Find(name.text) != nullptr) {
    message = fmt::format("`${}` is bound already and cannot name an edge row", name.text);
  } else {
    return true;
  }
  diagnostics.Error("T23", name.span, std::move(message));
  return false;
}

bool CheckPath(const TraversalAst& ast, Resolution& state) {
  if (!ast.path) return true;
  const Name& name = *ast.path;
  std::string message;
  if (name.text == "_") {
    message = "a path needs a name";
  } else if (ast.edge_variable) {
    message = fmt::format("`${}` names the edge row already: a path has rows of its own",
                          ast.edge_variable->text);
  } else if (name.text == ast.left.text || name.text == ast.right.text ||
             state.scope.Find(name.text) != nullptr) {
    message = fmt::format("`${}` is bound already and cannot name a path", name.text);
  } else {
    return true;
  }
  state.diagnostics.Error("T23", name.span, std::move(message));
  return false;
}

bool CheckNodeEnd(const End& end, Resolution& state) {
  if (end.bound() && end.slot->maybe_absent) {
    FailAbsent(end.name, state);
    return false;
  }
  if (!end.bound() || end.slot->edge == nullptr) return true;
  state.diagnostics.Error("T23", end.name.span,
                          fmt::format("the {} `${}` cannot be an end of an edge",
                                      end.slot->path ? "path" : "edge row", end.name.text));
  return false;
}

void FailEnd(const End& end, const schema::EdgeType& edge, Diagnostics& diagnostics) {
  diagnostics.Error("T5", end.name.span,
                    fmt::format("edge `{}` goes from {} to {}, and `${}` is a {}", edge.name,
                                edge.from, edge.to, end.name.text, end.slot->node->name));
}

/// By the types of what is bound, never by writing order, except on an edge within one type: there
/// the text decides. Nothing if a bound end fits neither side.
std::optional<ir::Direction> InferDirection(const TraversalAst& ast, const End& left,
                                            const End& right, const schema::EdgeType& edge,
                                            Diagnostics& diagnostics) {
  if (ast.undirected) return ir::Direction::kBoth;
  if (edge.from == edge.to || (!left.bound() && !right.bound())) return ir::Direction::kForward;
  const End& known = left.bound() ? left : right;
  const std::string& type = known.slot->node->name;
  const bool is_from = type == edge.from;
  if (!is_from && type != edge.to) {
    FailEnd(known, edge, diagnostics);
    return std::nullopt;
  }
  return is_from == left.bound() ? ir::Direction::kForward : ir::Direction::kBackward;
}

/// Binds the end to `type`, or checks that it is of that type.
std::optional<ir::VarId> BindEnd(const Name& name, const schema::NodeType& type,
                                 const schema::EdgeType& edge, Resolution& state) {
  const End end = FindEnd(name, state);
  if (end.slot != nullptr) {
    state.scope.Mention(*end.slot);
    if (end.slot->broken()) return std::nullopt;
    if (end.slot->node == &type) return end.slot->id;
    FailEnd(end, edge, state.diagnostics);
    return std::nullopt;
  }
  const ir::VarId id = state.AddVariable({.name = name.text,
                                          .kind = ir::Variable::Kind::kNode,
                                          .type_name = type.name,
                                          .anonymous = end.anonymous()});
  if (end.anonymous()) {
    state.scope.BindAnonymous(id);
  } else {
    state.scope.Bind(name.text, {.id = id, .node = &type});
  }
  return id;
}

std::optional<ir::VarId> BindEdge(const Name& name, const schema::EdgeType& edge,
                                  Resolution& state) {
  const bool anonymous = name.text == "_";
  const ir::VarId id = state.AddVariable({.name = name.text,
                                          .kind = ir::Variable::Kind::kEdge,
                                          .type_name = edge.name,
                                          .anonymous = anonymous});
  if (anonymous) {
    state.scope.BindAnonymous(id);
  } else {
    state.scope.Bind(name.text, {.id = id, .edge = &edge});
  }
  return id;
}

/// Marks what a refused traversal would have introduced, so that its uses are not reported as well.
void Break(const TraversalAst& ast, Resolution& state) {
  for (const Name* name : {&ast.left, &ast.right, ast.edge_variable ? &*ast.edge_variable : nullptr,
                           ast.path ? &*ast.path : nullptr}) {
    if (name == nullptr || name->text == "_") continue;
    const Slot* slot = state.scope.Find(name->text);
    if (slot == nullptr) {
      state.scope.Bind(name->text, {});
    } else {
      state.scope.Mention(*slot);
    }
  }
}

/// Every alternative joins the types that the first one joins.
bool CheckAlternatives(const TraversalAst& ast, const schema::EdgeType& first, Resolution& state) {
  for (const Name& name : ast.alternatives) {
    const schema::EdgeType* edge = state.schema.FindEdge(name.text);
    if (edge == nullptr) {
      state.diagnostics.Error("T4", name.span, fmt::format("unknown edge `{}`", name.text),
                              SuggestEdge(name.text, state.schema));
      return false;
    }
    if (edge->from == first.from && edge->to == first.to) continue;
    state.diagnostics.Error(
        "T5", name.span,
        fmt::format("alternatives join the same types: `{}` goes from {} to {}, `{}` from {} to {}",
                    first.name, first.from, first.to, edge->name, edge->from, edge->to));
    return false;
  }
  return true;
}

bool ReadsEdge(const ir::Expr& expr) {
  if (std::holds_alternative<ir::PropertyRef>(expr.node)) return true;
  const std::vector<ir::ExprPtr> children = ir::ChildrenOf(expr);
  return std::any_of(children.begin(), children.end(),
                     [](const ir::ExprPtr& child) { return ReadsEdge(*child); });
}

/// Which edges are asked depends on how the search runs, so none of them may fail.
bool MayFail(const ir::Expr& expr) {
  const auto* call = std::get_if<ir::Call>(&expr.node);
  if (call != nullptr && ir::FnCanFail(call->fn) && ReadsEdge(expr)) return true;
  const std::vector<ir::ExprPtr> children = ir::ChildrenOf(expr);
  return std::any_of(children.begin(), children.end(),
                     [](const ir::ExprPtr& child) { return MayFail(*child); });
}

/// `edge[...]`: a condition on a nameless edge row.
bool AddHopCondition(const TraversalAst& ast, const schema::EdgeType& edge,
                     ir::Traversal& traversal, Resolution& state) {
  const ExprAst& condition = *ast.hop_condition;
  if (!ast.alternatives.empty()) {
    state.diagnostics.Error("T25", condition.span,
                            "a condition in brackets is asked of one edge type, not of several");
    return false;
  }
  traversal.hop_edge = state.AddVariable(
      {.name = "_", .kind = ir::Variable::Kind::kEdge, .type_name = edge.name, .anonymous = true});
  state.hop_edge = Resolution::HopEdge{.variable = *traversal.hop_edge, .type = &edge};
  traversal.hop_condition = ResolveTruth(condition, Place::kHop, state);
  state.hop_edge.reset();
  if (traversal.hop_condition == nullptr) return false;
  if (!MayFail(*traversal.hop_condition)) return true;
  state.diagnostics.Error("T25", condition.span,
                          "a condition in brackets cannot compute what may fail",
                          "compare the properties of the edge themselves");
  return false;
}

std::optional<ir::Clause> Lower(const TraversalAst& ast, const schema::EdgeType& edge,
                                Resolution& state) {
  const End left = FindEnd(ast.left, state);
  const End right = FindEnd(ast.right, state);
  if (!CheckAlternatives(ast, edge, state) || !CheckPath(ast, state) ||
      !CheckHops(ast, state.diagnostics) || !CheckUndirected(ast, edge, state.diagnostics) ||
      !CheckEdgeVariable(ast, state, state.diagnostics) || !CheckNodeEnd(left, state) ||
      !CheckNodeEnd(right, state)) {
    return std::nullopt;
  }
  // Behind an end whose type is unknown the other would be a guess.
  if (left.broken() || right.broken()) return std::nullopt;
  const std::optional<ir::Direction> direction =
      InferDirection(ast, left, right, edge, state.diagnostics);
  if (!direction) return std::nullopt;
  const schema::NodeType* from = state.schema.FindNode(edge.from);
  const schema::NodeType* to = state.schema.FindNode(edge.to);
  TARN_CHECK(from != nullptr && to != nullptr, "a checked schema has both ends of every edge");
  if (*direction == ir::Direction::kBackward) std::swap(from, to);
  const std::optional<ir::VarId> left_id = BindEnd(ast.left, *from, edge, state);
  const std::optional<ir::VarId> right_id = BindEnd(ast.right, *to, edge, state);
  if (!left_id || !right_id) return std::nullopt;
  ir::Traversal traversal{.left = *left_id,
                          .right = *right_id,
                          .edge_type = edge.name,
                          .direction = *direction,
                          .edge = {}};
  if (ast.hops) {
    traversal.min_hops = ast.hops->min;
    traversal.max_hops = ast.hops->max;
  }
  for (const Name& name : ast.alternatives) {
    traversal.alternatives.push_back(state.schema.FindEdge(name.text)->name);
  }
  if (ast.hop_condition && !AddHopCondition(ast, edge, traversal, state)) return std::nullopt;
  if (ast.edge_variable) traversal.edge = BindEdge(*ast.edge_variable, edge, state);
  if (ast.path) {
    traversal.path = state.AddVariable(
        {.name = ast.path->text, .kind = ir::Variable::Kind::kPath, .type_name = edge.name});
    state.scope.Bind(ast.path->text, {.id = *traversal.path, .edge = &edge, .path = true});
  }
  return traversal;
}

}  // namespace

void FailAbsent(const Name& name, Resolution& state) {
  state.diagnostics.Error(
      "T26", name.span,
      fmt::format("`${}` is bound by an `optional` and may have no row here", name.text),
      "put this clause into the `optional { ... }`");
}

std::optional<ir::Clause> ResolveTraversal(const TraversalAst& ast, Resolution& state) {
  if (const std::optional<FilterAst> filter = AsFilter(ast, state)) {
    return ResolveFilter(*filter, state);
  }
  const schema::EdgeType* edge = state.schema.FindEdge(ast.edge.text);
  std::optional<ir::Clause> clause;
  if (edge == nullptr) {
    state.diagnostics.Error("T4", ast.edge.span, fmt::format("unknown edge `{}`", ast.edge.text),
                            SuggestEdge(ast.edge.text, state.schema));
  } else {
    clause = Lower(ast, *edge, state);
  }
  if (!clause) Break(ast, state);
  return clause;
}

}  // namespace tarn::gq
