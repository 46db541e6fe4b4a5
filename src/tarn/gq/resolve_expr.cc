#include <fmt/format.h>

#include "tarn/gq/limits.h"
#include "tarn/gq/literal.h"
#include "tarn/gq/resolution.h"
#include "tarn/gq/suggest.h"
#include "tarn/gq/typing.h"

namespace tarn::gq {
namespace {

using schema::Scalar;

/// A bare word in the brackets of a hop.
ir::ExprPtr ResolveHopProperty(const Name& name, Resolution& state) {
  const schema::EdgeType& edge = *state.hop_edge->type;
  const schema::Property* property = edge.FindProperty(name.text);
  if (property == nullptr && name.text == "null") return NullLiteral();
  if (property == nullptr) {
    state.diagnostics.Error("T6", name.span,
                            fmt::format("edge `{}` has no property `{}`", edge.name, name.text),
                            SuggestProperty(name.text, edge.properties));
    return nullptr;
  }
  return ir::MakeExpr(
      ir::PropertyRef{.variable = state.hop_edge->variable, .property = property->name},
      property->type);
}

ir::ExprPtr FailInHop(SourceSpan span, Resolution& state) {
  state.diagnostics.Error("T6", span,
                          "a condition in brackets reads the properties of its own edge",
                          "write the bare name of a property, as in `feeds[nm < 400]`");
  return nullptr;
}

ir::ExprPtr PathExpr(const Slot& slot, ir::PathPart part) {
  schema::PropertyType type =
      part == ir::PathPart::kLength ? MakeType(Scalar::kI64) : MakeType(Scalar::kString);
  type.list = part != ir::PathPart::kLength;
  type.nullable = slot.maybe_absent;
  return ir::MakeExpr(ir::PathRef{.variable = slot.id, .part = part}, std::move(type));
}

/// `$path.nodes`, `$path.edges`, `$path.length`.
ir::ExprPtr ResolvePathPart(const PropertyAst& ast, const Slot& slot, Resolution& state) {
  state.scope.Mention(slot);
  for (const ir::PathPart part :
       {ir::PathPart::kLength, ir::PathPart::kNodes, ir::PathPart::kEdges}) {
    if (ast.property.text == ir::PathPartText(part)) return PathExpr(slot, part);
  }
  state.diagnostics.Error(
      "T6", ast.property.span,
      fmt::format("the path `${}` has no `{}`", ast.variable.text, ast.property.text),
      "a path has `length`, `nodes` and `edges`");
  return nullptr;
}

/// The path of `length($path)`, or null.
const Slot* LengthOfPath(const CallAst& call, const Resolution& state) {
  if (call.scalar != ir::ScalarFn::kLength) return nullptr;
  const auto* variable = std::get_if<VariableAst>(&call.arguments.front().node);
  if (variable == nullptr || state.FindParameter(variable->name.text) != nullptr) return nullptr;
  const Slot* slot = state.scope.Find(variable->name.text);
  return slot != nullptr && slot->path ? slot : nullptr;
}

ir::ExprPtr ResolveUse(const PropertyAst& ast, SourceSpan span, Resolution& state) {
  const Slot* slot = state.scope.Find(ast.variable.text);
  if (slot != nullptr && slot->path) return ResolvePathPart(ast, *slot, state);
  std::optional<ResolvedProperty> resolved = ResolveProperty(ast, "T6", state);
  if (!resolved) return nullptr;
  if (resolved->property->type.scalar == Scalar::kBlob) {
    state.diagnostics.Error("T24", span,
                            fmt::format("`${}.{}` is a Blob, which a query cannot read",
                                        ast.variable.text, ast.property.text),
                            "read it through the blob command");
    return nullptr;
  }
  schema::PropertyType type = resolved->property->type;
  type.nullable = type.nullable || state.scope.Find(ast.variable.text)->maybe_absent;
  return ir::MakeExpr(std::move(resolved->ref), std::move(type));
}

ir::ExprPtr ResolveBareParameter(const Resolution::Declared& declared, const Name& name,
                                 Resolution& state) {
  if (!declared.known) return nullptr;
  ir::ExprPtr expr = state.ParameterExpr(declared);
  if (expr->type.scalar != Scalar::kBlob) return expr;
  state.diagnostics.Error(
      "T24", name.span,
      fmt::format("parameter `${}` is a Blob, which a query cannot read", name.text));
  return nullptr;
}

ir::ExprPtr ResolveUse(const VariableAst& ast, Place place, Resolution& state) {
  const Name& name = ast.name;
  if (const Resolution::Declared* declared = state.FindParameter(name.text)) {
    return ResolveBareParameter(*declared, name, state);
  }
  if (place == Place::kHop) return FailInHop(name.span, state);
  const Slot* slot = state.scope.Find(name.text);
  if (slot == nullptr) {
    state.diagnostics.Error("", name.span, fmt::format("variable ${} is not bound", name.text),
                            SuggestVariable(name.text, state));
    return nullptr;
  }
  state.scope.Mention(*slot);
  if (slot->broken()) return nullptr;
  if (slot->edge != nullptr) {
    state.diagnostics.Error(
        "T23", name.span,
        fmt::format("the {} `${}` has no value of its own", slot->path ? "path" : "edge row",
                    name.text),
        slot->path ? fmt::format("write `length(${0})`, `${0}.nodes` or `${0}.edges`", name.text)
                   : fmt::format("name one of its properties: `${}.property`", name.text));
    return nullptr;
  }
  if (place == Place::kFilter) {
    state.diagnostics.Error("T7", name.span,
                            fmt::format("the node `${}` cannot be compared", name.text),
                            fmt::format("name one of its properties: `${}.property`", name.text));
    return nullptr;
  }
  return ir::MakeExpr(ir::EntityRef{.variable = slot->id},
                      MakeType(Scalar::kString, slot->maybe_absent));
}

ir::ExprPtr ResolveUse(const AliasAst& ast, Place place, Resolution& state) {
  const Name& name = ast.name;
  if (place == Place::kHop) return ResolveHopProperty(name, state);
  const uint32_t* column = FindColumn(name.text, place, state);
  if (name.text == "null" && (place == Place::kFilter || column == nullptr)) return NullLiteral();
  if (place == Place::kFilter) {
    state.diagnostics.Error("T7", name.span,
                            fmt::format("the alias `{}` cannot be compared in a match", name.text),
                            fmt::format("text is written in quotes: \"{}\"", name.text));
    return nullptr;
  }
  if (place == Place::kAggregate) {
    state.diagnostics.Error("T8", name.span,
                            fmt::format("the alias `{}` cannot be aggregated", name.text),
                            "aggregate the expression it names");
    return nullptr;
  }
  if (column == nullptr) {
    state.diagnostics.Error("T6", name.span, fmt::format("unknown alias `{}`", name.text),
                            SuggestAlias(name.text, state));
    return nullptr;
  }
  const ir::ExprPtr& origin = state.columns[*column].expr;
  if (origin == nullptr) return nullptr;
  if (std::holds_alternative<ir::ColumnRef>(origin->node)) return origin;
  return ir::MakeExpr(ir::ColumnRef{.projection = *column}, origin->type);
}

/// An aggregate inside an expression is a column of its own, which the expression reads.
ir::ExprPtr ColumnOfAggregate(const ir::ExprPtr& aggregate, SourceSpan span, Place place,
                              Resolution& state) {
  if (ir::ExprPtr column = ColumnOf(*aggregate, state)) return column;
  if (place == Place::kOrder && !IsAggregateQuery(state)) {
    state.diagnostics.Error("T9", span, "rows cannot be ordered by an aggregate",
                            "return an aggregate too: then groups are ordered");
    return nullptr;
  }
  if (++state.hidden_columns > kHiddenColumnsMax) {
    state.diagnostics.Error(
        "", span,
        fmt::format("more than {} aggregates stand inside expressions", kHiddenColumnsMax));
    return nullptr;
  }
  const auto index = static_cast<uint32_t>(state.columns.size());
  state.columns.push_back({.expr = aggregate, .name = "", .span = span, .hidden = true});
  return ir::MakeExpr(ir::ColumnRef{.projection = index}, aggregate->type);
}

ir::ExprPtr ResolveUse(const CallAst& call, SourceSpan span, Place place, Resolution& state) {
  switch (call.function) {
    case Function::kNow: return ir::MakeExpr(ir::Now{}, MakeType(Scalar::kDateTime));
    case Function::kRrf:
      if (place == Place::kHop) return FailInHop(span, state);
      if (place == Place::kFilter) {
        state.diagnostics.Error(
            "T7", span, "a fused rank cannot be compared: it exists only over the whole result");
        return nullptr;
      }
      if (state.expr_depth > 1) {
        state.diagnostics.Error("T21", span, "a fused rank stands by itself",
                                "give it an alias, and compute with that");
        return nullptr;
      }
      return ResolveSearch(call, span, state);
    case Function::kNearest:
    case Function::kSearch:
    case Function::kFuzzy:
    case Function::kMatchText:
    case Function::kBm25:
      if (place == Place::kHop) return FailInHop(span, state);
      return ResolveSearch(call, span, state);
    case Function::kScalar:
      if (const Slot* path = LengthOfPath(call, state)) {
        state.scope.Mention(*path);
        return PathExpr(*path, ir::PathPart::kLength);
      }
      return ResolveScalar(call.scalar, call.arguments, span, place, state);
    case Function::kCount:
    case Function::kSum:
    case Function::kAvg:
    case Function::kMin:
    case Function::kMax:
    case Function::kIsum:
    case Function::kCollect: break;
  }
  if (place == Place::kFilter || place == Place::kHop) {
    state.diagnostics.Error(
        "T7", span,
        fmt::format("the aggregate `{}` cannot be compared in a match", call.word.text));
    return nullptr;
  }
  if (place == Place::kAggregate) {
    state.diagnostics.Error("T8", span, "an aggregate cannot be aggregated");
    return nullptr;
  }
  const bool is_column = place == Place::kReturn && state.expr_depth == 1;
  ir::ExprPtr aggregate = ResolveAggregate(call, span, state);
  return aggregate == nullptr || is_column ? aggregate
                                           : ColumnOfAggregate(aggregate, span, place, state);
}

ir::ExprPtr ResolveNode(const ExprAst& expr, Place place, Resolution& state) {
  if (const auto* literal = std::get_if<LiteralAst>(&expr.node)) {
    return ResolveLiteral(*literal, state.diagnostics);
  }
  if (const auto* property = std::get_if<PropertyAst>(&expr.node)) {
    if (place == Place::kHop) return FailInHop(expr.span, state);
    return ResolveUse(*property, expr.span, state);
  }
  if (const auto* variable = std::get_if<VariableAst>(&expr.node)) {
    return ResolveUse(*variable, place, state);
  }
  if (const auto* alias = std::get_if<AliasAst>(&expr.node)) {
    return ResolveUse(*alias, place, state);
  }
  if (const auto* call = std::get_if<CallAst>(&expr.node)) {
    return ResolveUse(*call, expr.span, place, state);
  }
  if (const auto* compare = std::get_if<CompareAst>(&expr.node)) {
    return ResolveCompare(*compare, expr.span, place, state);
  }
  if (const auto* logic = std::get_if<LogicAst>(&expr.node)) {
    return ResolveLogic(*logic, place, state);
  }
  if (const auto* test = std::get_if<NullTestAst>(&expr.node)) {
    return ResolveNullTest(*test, place, state);
  }
  if (const auto* membership = std::get_if<MembershipAst>(&expr.node)) {
    return ResolveMembership(*membership, expr.span, place, state);
  }
  const auto& operation = std::get<OperatorAst>(expr.node);
  return ResolveScalar(operation.fn, operation.operands, expr.span, place, state);
}

}  // namespace

ir::ExprPtr ResolveExpr(const ExprAst& expr, Place place, Resolution& state) {
  ++state.expr_depth;
  ir::ExprPtr resolved = ResolveNode(expr, place, state);
  --state.expr_depth;
  return resolved;
}

std::optional<ResolvedProperty> ResolveProperty(const PropertyAst& ast, std::string_view code,
                                                Resolution& state) {
  const Slot* slot = state.scope.Find(ast.variable.text);
  if (slot == nullptr) {
    const bool is_parameter = state.FindParameter(ast.variable.text) != nullptr;
    std::string message = fmt::format("variable ${} is not bound", ast.variable.text);
    if (is_parameter) {
      message = fmt::format("`${}` is a parameter and has no properties", ast.variable.text);
    }
    if (ast.variable.text == "_") message = "`$_` is anonymous and cannot be read";
    state.diagnostics.Error(std::string(code), ast.variable.span, std::move(message),
                            is_parameter ? "" : SuggestVariable(ast.variable.text, state));
    return std::nullopt;
  }
  state.scope.Mention(*slot);
  if (slot->broken()) return std::nullopt;
  const bool of_edge = slot->edge != nullptr;
  const schema::Property* property = of_edge ? slot->edge->FindProperty(ast.property.text)
                                             : slot->node->FindProperty(ast.property.text);
  if (property == nullptr) {
    state.diagnostics.Error(
        std::string(code), ast.property.span,
        fmt::format("{} `{}` has no property `{}`", of_edge ? "edge" : "node type",
                    of_edge ? slot->edge->name : slot->node->name, ast.property.text),
        SuggestPropertyOf(*slot, ast.variable.text, ast.property.text));
    return std::nullopt;
  }
  return ResolvedProperty{.ref = {.variable = slot->id, .property = property->name},
                          .property = property,
                          .of_edge = of_edge};
}

}  // namespace tarn::gq
