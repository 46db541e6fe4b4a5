#include <fmt/format.h>

#include "tarn/base/check.h"
#include "tarn/gq/literal.h"
#include "tarn/gq/resolution.h"
#include "tarn/gq/suggest.h"
#include "tarn/gq/typing.h"

namespace tarn::gq {
namespace {

using schema::Scalar;

/// One call under way: its code for argument errors, and where to report them.
struct Call {
  const CallAst& ast;
  std::string_view code;
  Resolution& state;

  std::nullptr_t Fail(SourceSpan span, std::string message, std::string suggestion = "") const {
    state.diagnostics.Error(std::string(code), span, std::move(message), std::move(suggestion));
    return nullptr;
  }
  const ExprAst& argument(size_t index) const { return ast.arguments[index]; }
};

/// The first argument of every search function: a property of a node row.
std::optional<ResolvedProperty> NodeProperty(const Call& call, std::string_view unbound_code) {
  const PropertyAst* ast = std::get_if<PropertyAst>(&call.argument(0).node);
  if (ast == nullptr) {
    call.Fail(call.argument(0).span,
              fmt::format("`{}` searches a property `$variable.property`", call.ast.word.text));
    return std::nullopt;
  }
  std::optional<ResolvedProperty> resolved = ResolveProperty(*ast, unbound_code, call.state);
  if (resolved && call.state.scope.Find(ast->variable.text)->maybe_absent) {
    FailAbsent(ast->variable, call.state);
    return std::nullopt;
  }
  if (resolved && resolved->of_edge) {
    call.state.diagnostics.Error("T23", ast->variable.span,
                                 fmt::format("`{}` cannot search the edge row `${}`",
                                             call.ast.word.text, ast->variable.text));
    return std::nullopt;
  }
  return resolved;
}

std::optional<ir::PropertyRef> TextField(const Call& call) {
  std::optional<ResolvedProperty> resolved = NodeProperty(call, "T6");
  if (!resolved) return std::nullopt;
  if (!IsText(resolved->property->type)) {
    call.Fail(call.argument(0).span,
              fmt::format("`{}` searches a String property, and `{}` is {}", call.ast.word.text,
                          resolved->property->name, KindName(resolved->property->type)));
    return std::nullopt;
  }
  return std::move(resolved->ref);
}

/// A parameter, or null: reported unless it names a parameter whose type was refused.
ir::ExprPtr ParameterOf(const VariableAst& ast, const Call& call, std::string_view what) {
  Resolution& state = call.state;
  if (const Resolution::Declared* declared = state.FindParameter(ast.name.text)) {
    return declared->known ? state.ParameterExpr(*declared) : nullptr;
  }
  if (state.scope.Find(ast.name.text) != nullptr) {
    return call.Fail(ast.name.span, fmt::format("{} is a literal or a parameter, not a row", what));
  }
  const bool coded = call.code == "T15";
  state.diagnostics.Error(coded ? std::string(call.code) : "", ast.name.span,
                          fmt::format("variable ${} is not bound", ast.name.text),
                          SuggestParameter(ast.name.text, state));
  return nullptr;
}

ir::ExprPtr LiteralOrParameter(const ExprAst& ast, const Call& call, std::string_view what) {
  if (const auto* literal = std::get_if<LiteralAst>(&ast.node)) {
    return ResolveLiteral(*literal, call.state.diagnostics);
  }
  if (const auto* variable = std::get_if<VariableAst>(&ast.node)) {
    return ParameterOf(*variable, call, what);
  }
  return call.Fail(ast.span, fmt::format("{} is a literal or a parameter", what));
}

ir::ExprPtr TextQuery(const Call& call) {
  ir::ExprPtr query = LiteralOrParameter(call.argument(1), call, "the text to search for");
  if (query == nullptr || IsText(query->type)) return query;
  return call.Fail(call.argument(1).span, fmt::format("`{}` searches for a String, not {}",
                                                      call.ast.word.text, KindName(query->type)));
}

ir::ExprPtr IntegerArgument(const Call& call, std::string_view what) {
  const ExprAst& ast = call.argument(2);
  ir::ExprPtr value = LiteralOrParameter(ast, call, what);
  if (value == nullptr || (!value->type.list && schema::IsInteger(value->type.scalar))) {
    return value;
  }
  return call.Fail(ast.span, fmt::format("{} is an integer, not {}", what, KindName(value->type)));
}

ir::ExprPtr ResolveTextMatch(const Call& call, ir::TextMatchKind kind) {
  std::optional<ir::PropertyRef> field = TextField(call);
  ir::ExprPtr query = TextQuery(call);
  ir::ExprPtr edits;
  if (call.ast.arguments.size() == 3) {
    edits = IntegerArgument(call, "the number of edits");
    if (edits == nullptr) return nullptr;
  }
  if (!field || query == nullptr) return nullptr;
  return ir::MakeExpr(ir::TextMatch{kind, std::move(*field), std::move(query), std::move(edits)},
                      MakeType(Scalar::kBool, true));
}

ir::ExprPtr ResolveBm25(const Call& call) {
  std::optional<ir::PropertyRef> field = TextField(call);
  ir::ExprPtr query = TextQuery(call);
  if (!field || query == nullptr) return nullptr;
  return ir::MakeExpr(ir::Bm25{std::move(*field), std::move(query)}, MakeType(Scalar::kF64, true));
}

/// `vector` is the type of the ranked property.
ir::ExprPtr VectorQuery(const Call& call, const schema::PropertyType& vector) {
  const ExprAst& ast = call.argument(1);
  ir::ExprPtr query = LiteralOrParameter(ast, call, "the query of `nearest`");
  if (query == nullptr || IsText(query->type)) return query;
  const bool is_list = std::holds_alternative<ir::Constant>(query->node) && query->type.list;
  if (query->type.scalar != Scalar::kVector && !is_list) {
    return call.Fail(ast.span, fmt::format("`nearest` needs a {} or a String, not {}",
                                           KindName(vector), KindName(query->type)));
  }
  if (!is_list) {
    if (query->type.dimension == vector.dimension) return query;
    return call.Fail(ast.span, fmt::format("dimension mismatch: the property is {}, the query {}",
                                           KindName(vector), KindName(query->type)));
  }
  std::optional<ir::Vector> items = VectorOf(*query);
  if (!items) return call.Fail(ast.span, "every element of a vector is a number that fits F32");
  if (items->size() != vector.dimension) {
    return call.Fail(
        ast.span, fmt::format("dimension mismatch: the property is {}, the query has {} elements",
                              KindName(vector), items->size()));
  }
  schema::PropertyType type = vector;
  type.nullable = false;
  return ir::MakeExpr(ir::Constant{ir::Value{std::move(*items)}}, type);
}

ir::ExprPtr ResolveNearest(const Call& call) {
  std::optional<ResolvedProperty> resolved = NodeProperty(call, "T15");
  if (!resolved) return nullptr;
  const schema::Property& property = *resolved->property;
  if (property.type.scalar != Scalar::kVector) {
    return call.Fail(call.argument(0).span,
                     fmt::format("`nearest` ranks by a Vector property, and `{}` is {}",
                                 property.name, KindName(property.type)));
  }
  ir::ExprPtr query = VectorQuery(call, property.type);
  if (query == nullptr) return nullptr;
  return ir::MakeExpr(ir::Nearest{std::move(resolved->ref), std::move(query), property.metric},
                      MakeType(Scalar::kF64, true));
}

ir::ExprPtr RankingArm(const Call& call, size_t index) {
  const CallAst* arm = std::get_if<CallAst>(&call.argument(index).node);
  if (arm == nullptr || (arm->function != Function::kNearest && arm->function != Function::kBm25)) {
    return call.Fail(call.argument(index).span,
                     "`rrf` fuses two rankings, each `nearest(...)` or `bm25(...)`");
  }
  return ResolveSearch(*arm, call.argument(index).span, call.state);
}

ir::VarId RankedVariable(const ir::Expr& arm) {
  if (const auto* nearest = std::get_if<ir::Nearest>(&arm.node)) return nearest->field.variable;
  return std::get<ir::Bm25>(arm.node).field.variable;
}

ir::ExprPtr ResolveRrf(const Call& call, SourceSpan span) {
  ir::ExprPtr primary = RankingArm(call, 0);
  ir::ExprPtr secondary = RankingArm(call, 1);
  ir::ExprPtr k;
  if (call.ast.arguments.size() == 3) {
    k = IntegerArgument(call, "the constant k of `rrf`");
    if (k == nullptr) return nullptr;
    const ir::Constant* constant = std::get_if<ir::Constant>(&k->node);
    if (constant != nullptr && constant->value == ir::Value{int64_t{0}}) {
      return call.Fail(call.argument(2).span, "the constant k of `rrf` is greater than 0");
    }
  }
  if (primary == nullptr || secondary == nullptr) return nullptr;
  if (RankedVariable(*primary) != RankedVariable(*secondary)) {
    return call.Fail(span, "both rankings of `rrf` must rank the same variable");
  }
  return ir::MakeExpr(ir::Rrf{std::move(primary), std::move(secondary), std::move(k)},
                      MakeType(Scalar::kF64, true));
}

}  // namespace

ir::ExprPtr ResolveSearch(const CallAst& ast, SourceSpan span, Resolution& state) {
  switch (ast.function) {
    case Function::kSearch:
      return ResolveTextMatch({ast, "T19", state}, ir::TextMatchKind::kSearch);
    case Function::kFuzzy: return ResolveTextMatch({ast, "T19", state}, ir::TextMatchKind::kFuzzy);
    case Function::kMatchText:
      return ResolveTextMatch({ast, "T20", state}, ir::TextMatchKind::kMatchText);
    case Function::kBm25: return ResolveBm25({ast, "T20", state});
    case Function::kNearest: return ResolveNearest({ast, "T15", state});
    case Function::kRrf: return ResolveRrf({ast, "T21", state}, span);
    default: TARN_UNREACHABLE("no search function");
  }
}

}  // namespace tarn::gq
