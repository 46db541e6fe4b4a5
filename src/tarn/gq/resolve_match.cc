#include <fmt/format.h>

#include "tarn/gq/literal.h"
#include "tarn/gq/resolution.h"
#include "tarn/gq/resolve_value.h"
#include "tarn/gq/suggest.h"
#include "tarn/gq/typing.h"

namespace tarn::gq {
namespace {

using schema::Scalar;
using Clauses = std::vector<ir::Clause>;

const schema::NodeType* ResolveNodeType(const Name& type, Resolution& state) {
  const schema::NodeType* node = state.schema.FindNode(type.text);
  if (node != nullptr) return node;
  std::string message = fmt::format("unknown node type `{}`", type.text);
  std::string suggestion;
  if (state.schema.FindInterface(type.text) != nullptr) {
    message = fmt::format("`{}` is an interface, and a query matches node types", type.text);
  } else if (state.schema.FindEdge(type.text) != nullptr) {
    message = fmt::format("`{}` is an edge, and a query matches node types", type.text);
    suggestion = "an edge is traversed: `$a edge $b`, or `$a $e:edge $b` to name its row";
  } else {
    suggestion = SuggestNode(type.text, state.schema);
  }
  state.diagnostics.Error("T1", type.span, std::move(message), std::move(suggestion));
  return nullptr;
}

bool IsNullableParameter(const ir::Expr& value) {
  return std::holds_alternative<ir::ParameterRef>(value.node) && value.type.nullable;
}

/// `{ p: value }`: equality, or membership if p is a list.
std::optional<ir::Clause> ResolvePattern(const PatternAst& pattern, const schema::NodeType& node,
                                         std::optional<ir::VarId> variable, Resolution& state) {
  const schema::Property* property = node.FindProperty(pattern.property.text);
  if (property == nullptr) {
    state.diagnostics.Error(
        "T2", pattern.property.span,
        fmt::format("node type `{}` has no property `{}`", node.name, pattern.property.text),
        SuggestProperty(pattern.property.text, node.properties));
    return std::nullopt;
  }
  if (property->type.scalar == Scalar::kBlob) {
    state.diagnostics.Error(
        "T3", pattern.property.span,
        fmt::format("`{}.{}` is a Blob, which a pattern cannot test", node.name, property->name));
    return std::nullopt;
  }
  ir::ExprPtr value = ResolveValue(pattern.value,
                                   {.use = ValueTarget::Use::kPattern,
                                    .owner = node.name,
                                    .property = property->name,
                                    .type = property->type},
                                   state);
  if (value != nullptr && pattern.unless_null && !IsNullableParameter(*value)) {
    state.diagnostics.Error(
        "T7", pattern.value.span,
        fmt::format("`{} ?:` takes a nullable parameter: nothing else can be left out",
                    property->name),
        "declare it `$x: T?`, or write `:`");
    return std::nullopt;
  }
  if (value == nullptr || !variable) return std::nullopt;
  ir::ExprPtr held = ir::MakeExpr(
      ir::PropertyRef{.variable = *variable, .property = property->name}, property->type);
  const ir::CompareOp op = property->type.list ? ir::CompareOp::kContains : ir::CompareOp::kEqual;
  const schema::PropertyType truth = MakeType(Scalar::kBool, true);
  ir::ExprPtr test =
      ir::MakeExpr(ir::Compare{.op = op, .left = std::move(held), .right = value}, truth);
  if (!pattern.unless_null) return ir::Filter{std::move(test)};
  ir::ExprPtr unsaid = ir::MakeExpr(ir::NullTest{.operand = value}, MakeType(Scalar::kBool));
  return ir::Filter{ir::MakeExpr(
      ir::Logic{.op = ir::LogicOp::kOr, .operands = {std::move(unsaid), std::move(test)}}, truth)};
}

/// Introduces the variable, or checks that it is this type already. Nothing if that failed.
struct Introduced {
  ir::VarId variable = 0;
  bool is_new = false;
};
std::optional<Introduced> Introduce(const BindingAst& binding, const schema::NodeType& node,
                                    Resolution& state) {
  const Name& name = binding.variable;
  if (name.text == "_") {
    state.diagnostics.Error("", name.span, "the anonymous `$_` cannot be bound to a type",
                            "give it a name");
    return std::nullopt;
  }
  const Slot* slot = state.scope.Find(name.text);
  if (slot == nullptr) {
    const ir::VarId id = state.AddVariable({.name = name.text,
                                            .kind = ir::Variable::Kind::kNode,
                                            .type_name = node.name,
                                            .anonymous = false});
    state.scope.Bind(name.text, {.id = id, .node = &node});
    return Introduced{.variable = id, .is_new = true};
  }
  state.scope.Mention(*slot);
  if (slot->broken()) return std::nullopt;
  if (slot->maybe_absent) {
    FailAbsent(name, state);
    return std::nullopt;
  }
  if (slot->edge != nullptr) {
    state.diagnostics.Error(
        "T23", name.span,
        fmt::format("`${}` is an edge row and cannot be bound as a node", name.text));
    return std::nullopt;
  }
  if (slot->node != &node) {
    state.diagnostics.Error(
        "", name.span,
        fmt::format("variable `${}` is already bound to type '{}'", name.text, slot->node->name));
    return std::nullopt;
  }
  return Introduced{.variable = slot->id};
}

Clauses ResolveBinding(const BindingAst& binding, Resolution& state) {
  const schema::NodeType* node = ResolveNodeType(binding.type, state);
  if (node == nullptr) {
    const Slot* slot = state.scope.Find(binding.variable.text);
    if (slot == nullptr) {
      state.scope.Bind(binding.variable.text, {});
    } else {
      state.scope.Mention(*slot);
    }
    return {};
  }
  const std::optional<Introduced> introduced = Introduce(binding, *node, state);
  Clauses clauses;
  if (introduced && introduced->is_new) clauses.push_back(ir::Binding{introduced->variable});
  for (const PatternAst& pattern : binding.patterns) {
    std::optional<ir::Clause> filter = ResolvePattern(
        pattern, *node, introduced ? std::optional(introduced->variable) : std::nullopt, state);
    if (filter) clauses.push_back(std::move(*filter));
  }
  return clauses;
}

/// A block that is asked for existence; `what` names its owner in messages.
std::optional<ir::Negation> ResolveBlock(const NegationAst& block_ast, std::string_view what,
                                         Resolution& state) {
  const size_t errors_before = state.diagnostics.size();
  state.scope.Open();
  ir::Match inner{.clauses = ResolveClauses(block_ast.clauses, state), .bound = {}, .outer = {}};
  Scope::Block block = state.scope.Close();
  if (!block.touches_outer && state.diagnostics.size() == errors_before) {
    state.diagnostics.Error(
        "T9", block_ast.span,
        fmt::format("no clause of this `{}` mentions a variable from outside it", what),
        "name an outer variable in one of its own clauses");
  }
  if (state.diagnostics.size() != errors_before) return std::nullopt;
  inner.bound = std::move(block.bound);
  inner.outer = std::move(block.outer);
  return ir::Negation{std::make_shared<const ir::Match>(std::move(inner))};
}

std::optional<ir::Clause> ResolveNegation(const NegationAst& negation, Resolution& state) {
  return ResolveBlock(negation, "not", state);
}

std::optional<ir::Clause> ResolveOptional(const OptionalAst& optional, Resolution& state) {
  const size_t errors_before = state.diagnostics.size();
  state.scope.Open();
  ir::Match inner{
      .clauses = ResolveClauses(optional.block.clauses, state), .bound = {}, .outer = {}};
  Scope::Block block = state.scope.CloseOptional();
  if (!block.touches_outer && state.diagnostics.size() == errors_before) {
    state.diagnostics.Error("T9", optional.block.span,
                            "no clause of this `optional` mentions a variable from outside it",
                            "name an outer variable in one of its own clauses");
  }
  for (const ir::VarId variable : block.bound) state.variables[variable].optional = true;
  if (state.diagnostics.size() != errors_before) return std::nullopt;
  inner.bound = std::move(block.bound);
  inner.outer = std::move(block.outer);
  return ir::Optional{std::make_shared<const ir::Match>(std::move(inner))};
}

/// One of the blocks has a match: it is not so that none of them has one.
std::optional<ir::Clause> ResolveAny(const AnyAst& any, Resolution& state) {
  ir::Match none;
  bool failed = false;
  state.scope.Open();
  for (const NegationAst& block : any.blocks) {
    std::optional<ir::Negation> negation = ResolveBlock(block, "any", state);
    failed = failed || !negation;
    if (negation) none.clauses.push_back(std::move(*negation));
  }
  none.outer = state.scope.Close().outer;
  if (failed) return std::nullopt;
  return ir::Negation{std::make_shared<const ir::Match>(std::move(none))};
}

void Append(std::optional<ir::Clause> clause, Clauses& clauses) {
  if (clause) clauses.push_back(std::move(*clause));
}

}  // namespace

std::vector<ir::Clause> ResolveClauses(const std::vector<ClauseAst>& asts, Resolution& state) {
  Clauses clauses;
  for (const ClauseAst& ast : asts) {
    if (state.diagnostics.full()) break;
    if (const auto* binding = std::get_if<BindingAst>(&ast)) {
      for (ir::Clause& clause : ResolveBinding(*binding, state)) {
        clauses.push_back(std::move(clause));
      }
    } else if (const auto* traversal = std::get_if<TraversalAst>(&ast)) {
      Append(ResolveTraversal(*traversal, state), clauses);
    } else if (const auto* filter = std::get_if<FilterAst>(&ast)) {
      Append(ResolveFilter(*filter, state), clauses);
    } else if (const auto* negation = std::get_if<std::unique_ptr<NegationAst>>(&ast)) {
      Append(ResolveNegation(**negation, state), clauses);
    } else if (const auto* optional = std::get_if<std::unique_ptr<OptionalAst>>(&ast)) {
      Append(ResolveOptional(**optional, state), clauses);
    } else {
      Append(ResolveAny(*std::get<std::unique_ptr<AnyAst>>(ast), state), clauses);
    }
  }
  return clauses;
}

}  // namespace tarn::gq
