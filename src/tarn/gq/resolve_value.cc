#include "tarn/gq/resolve_value.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tarn/base/check.h"
#include "tarn/gq/literal.h"
#include "tarn/gq/suggest.h"
#include "tarn/gq/typing.h"

namespace tarn::gq {
namespace {

using schema::Scalar;
using Use = ValueTarget::Use;

std::string TargetName(const ValueTarget& target) { return target.owner + "." + target.property; }

/// Whether a value of type `offered` fits the target.
bool Fits(const schema::PropertyType& offered, const ValueTarget& target) {
  const schema::PropertyType& type = target.type;
  switch (target.use) {
    case Use::kPattern:
      return type.scalar != Scalar::kVector && IsSingle(offered) && SameKind(type, offered);
    case Use::kPredicate: return IsSingle(type) && IsSingle(offered) && SameKind(type, offered);
    case Use::kAssignment: break;
  }
  if (type.scalar == Scalar::kBlob) return IsText(offered) || offered.scalar == Scalar::kBlob;
  return type.list == offered.list && SameKind(type, offered) &&
         type.dimension == offered.dimension;
}

std::string LiteralHint(const LiteralAst& literal, const schema::PropertyType& type) {
  if (type.scalar == Scalar::kBlob) return "pass the blob as a String or Blob parameter";
  if (literal.kind != LiteralAst::Kind::kString) return "";
  if (type.scalar == Scalar::kDate) return fmt::format("write date(\"{}\")", literal.text);
  if (type.scalar == Scalar::kDateTime) return fmt::format("write datetime(\"{}\")", literal.text);
  return "";
}

ir::ExprPtr FailLiteral(const LiteralAst& literal, const ir::Expr& constant,
                        const ValueTarget& target, Resolution& state) {
  state.diagnostics.Error(
      "T3", literal.span,
      fmt::format("`{}` is {}, which a {} literal cannot fill", TargetName(target),
                  KindName(target.type), KindName(constant.type)),
      LiteralHint(literal, target.type));
  return nullptr;
}

ir::ExprPtr CheckEnum(const LiteralAst& literal, ir::ExprPtr constant, const ValueTarget& target,
                      Resolution& state) {
  const std::vector<std::string>& values = target.type.enum_values;
  // A predicate may order by text that is no member, such as `where region > "m"`.
  if (!target.type.is_enum() || target.use == Use::kPredicate) return constant;
  if (std::binary_search(values.begin(), values.end(), literal.text)) return constant;
  state.diagnostics.Error("T3", literal.span,
                          fmt::format("invalid enum value '{}' for {} (expected: {})", literal.text,
                                      TargetName(target), fmt::join(values, ", ")),
                          SuggestName(literal.text, values));
  return nullptr;
}

/// A list literal against a vector: `constant` is the list.
ir::ExprPtr VectorLiteral(const LiteralAst& literal, const ir::Expr& constant,
                          const ValueTarget& target, Resolution& state) {
  std::optional<ir::Vector> items = VectorOf(constant);
  if (!items) return FailLiteral(literal, constant, target, state);
  if (items->size() != target.type.dimension) {
    state.diagnostics.Error("T3", literal.span,
                            fmt::format("`{}` is {}, and the literal has {} elements",
                                        TargetName(target), KindName(target.type), items->size()));
    return nullptr;
  }
  if (target.use != Use::kAssignment) {
    state.diagnostics.Error("T7", literal.span,
                            fmt::format("the vector `{}` cannot be compared", TargetName(target)),
                            "rank by it with `order { nearest(...) } limit n`");
    return nullptr;
  }
  schema::PropertyType type = target.type;
  type.nullable = false;
  return ir::MakeExpr(ir::Constant{ir::Value{std::move(*items)}}, type);
}

ir::ExprPtr Null(const LiteralAst& literal, const ValueTarget& target, Resolution& state) {
  if (target.use != Use::kAssignment) {
    state.diagnostics.Error(
        "T7", literal.span, "a comparison with null never holds",
        target.use == Use::kPattern
            ? fmt::format("write a clause of its own: `$x.{} is null`", target.property)
            : "");
    return nullptr;
  }
  if (target.type.nullable) return ir::MakeExpr(ir::Constant{}, target.type);
  state.diagnostics.Error("T3", literal.span,
                          fmt::format("`{}` is required and cannot be null", TargetName(target)));
  return nullptr;
}

ir::ExprPtr Literal(const LiteralAst& literal, const ValueTarget& target, Resolution& state) {
  if (literal.kind == LiteralAst::Kind::kNull) return Null(literal, target, state);
  ir::ExprPtr constant = ResolveLiteral(literal, state.diagnostics);
  if (constant == nullptr) return nullptr;
  if (target.type.scalar == Scalar::kBlob) return FailLiteral(literal, *constant, target, state);
  if (target.use == Use::kPredicate && target.type.list) {
    state.diagnostics.Error("T7", literal.span,
                            fmt::format("the list `{}` cannot be compared", TargetName(target)));
    return nullptr;
  }
  if (target.type.scalar == Scalar::kVector && constant->type.list) {
    return VectorLiteral(literal, *constant, target, state);
  }
  if (target.use == Use::kAssignment && target.type.list && IsEmptyList(*constant)) {
    schema::PropertyType type = target.type;
    type.nullable = false;
    return ir::MakeExpr(ir::Constant{ir::Value{ir::ValueList{}}}, type);
  }
  if (!Fits(constant->type, target)) return FailLiteral(literal, *constant, target, state);
  return CheckEnum(literal, std::move(constant), target, state);
}

ir::ExprPtr FailKind(SourceSpan span, std::string_view offered, const ValueTarget& target,
                     Resolution& state) {
  const char* why =
      target.use == Use::kAssignment ? "which {} cannot fill" : "which {} cannot be compared with";
  const std::string tail = fmt::format(fmt::runtime(why), offered);
  state.diagnostics.Error(
      "T7", span, fmt::format("`{}` is {}, {}", TargetName(target), KindName(target.type), tail));
  return nullptr;
}

ir::ExprPtr Parameter(const VariableAst& ast, const ValueTarget& target, Resolution& state) {
  const Name& name = ast.name;
  const Resolution::Declared* declared = state.FindParameter(name.text);
  if (declared == nullptr) {
    const bool is_row = state.scope.Find(name.text) != nullptr;
    state.diagnostics.Error(
        "T14", name.span, fmt::format("`${}` is not a declared parameter", name.text),
        is_row ? "a pattern takes no rows; compare properties with a filter clause"
               : SuggestParameter(name.text, state));
    return nullptr;
  }
  if (!declared->known) return nullptr;
  ir::ExprPtr expr = state.ParameterExpr(*declared);
  if (Fits(expr->type, target)) return expr;
  return FailKind(name.span, fmt::format("the {} parameter `${}`", KindName(expr->type), name.text),
                  target, state);
}

}  // namespace

ir::ExprPtr ResolveValue(const ExprAst& value, const ValueTarget& target, Resolution& state) {
  if (const auto* literal = std::get_if<LiteralAst>(&value.node)) {
    return Literal(*literal, target, state);
  }
  if (const auto* variable = std::get_if<VariableAst>(&value.node)) {
    return Parameter(*variable, target, state);
  }
  const CallAst* call = std::get_if<CallAst>(&value.node);
  TARN_CHECK(call != nullptr && call->function == Function::kNow,
             "the parser lets no other value through");
  const schema::PropertyType type = MakeType(Scalar::kDateTime);
  if (Fits(type, target)) return ir::MakeExpr(ir::Now{}, type);
  return FailKind(value.span, "now(), a DateTime,", target, state);
}

}  // namespace tarn::gq
