#include <array>

#include <fmt/format.h>

#include "tarn/gq/resolution.h"
#include "tarn/gq/typing.h"

namespace tarn::gq {
namespace {

using schema::Scalar;

constexpr std::array kBaseTypes = {Scalar::kString, Scalar::kBool, Scalar::kI32,     Scalar::kI64,
                                   Scalar::kU32,    Scalar::kU64,  Scalar::kF32,     Scalar::kF64,
                                   Scalar::kDate,   Scalar::kBlob, Scalar::kDateTime};

std::optional<Scalar> FindBase(std::string_view name) {
  for (const Scalar scalar : kBaseTypes) {
    if (schema::ScalarName(scalar) == name) return scalar;
  }
  return std::nullopt;
}

std::vector<std::string> BaseNames() {
  std::vector<std::string> names = {"Vector"};
  for (const Scalar scalar : kBaseTypes) names.emplace_back(schema::ScalarName(scalar));
  return names;
}

std::optional<schema::PropertyType> ResolveType(const ParameterTypeAst& ast,
                                                Diagnostics& diagnostics) {
  schema::PropertyType type = MakeType(Scalar::kVector, ast.nullable);
  type.list = ast.list;
  if (ast.base.text == "Vector") {
    if (ast.dimension == 0) {
      diagnostics.Error("", ast.span, "a vector has at least one dimension");
      return std::nullopt;
    }
    type.dimension = static_cast<uint32_t>(ast.dimension);
    return type;
  }
  const std::optional<Scalar> base = FindBase(ast.base.text);
  if (!base) {
    diagnostics.Error("", ast.base.span, fmt::format("unknown parameter type `{}`", ast.base.text),
                      SuggestName(ast.base.text, BaseNames()));
    return std::nullopt;
  }
  if (*base == Scalar::kBlob && ast.list) {
    diagnostics.Error("", ast.span, "list of Blob is not supported");
    return std::nullopt;
  }
  type.scalar = *base;
  return type;
}

void CheckName(const Name& name, Diagnostics& diagnostics) {
  if (name.text == "__nanograph_now") {
    diagnostics.Error("", name.span,
                      "parameter `$__nanograph_now` is reserved for runtime timestamp injection",
                      "write now() where the time is wanted");
  }
  if (name.text == "_") {
    diagnostics.Error("", name.span, "`$_` is the anonymous variable and cannot be a parameter");
  }
}

}  // namespace

void ResolveParameters(const QueryAst& query, Resolution& state) {
  for (const ParameterAst& ast : query.parameters) {
    CheckName(ast.name, state.diagnostics);
    const std::optional<schema::PropertyType> type = ResolveType(ast.type, state.diagnostics);
    const uint32_t index = static_cast<uint32_t>(state.parameters.size());
    state.parameters.push_back(
        {.name = ast.name.text, .type = type.value_or(schema::PropertyType{})});
    state.parameter_by_name.emplace(
        ast.name.text, Resolution::Declared{.index = index, .known = type.has_value()});
  }
}

const Resolution::Declared* Resolution::FindParameter(const std::string& name) const {
  const auto found = parameter_by_name.find(name);
  return found == parameter_by_name.end() ? nullptr : &found->second;
}

ir::ExprPtr Resolution::ParameterExpr(const Declared& declared) const {
  return ir::MakeExpr(ir::ParameterRef{.index = declared.index}, parameters[declared.index].type);
}

ir::VarId Resolution::AddVariable(ir::Variable variable) {
  variables.push_back(std::move(variable));
  return static_cast<ir::VarId>(variables.size() - 1);
}

}  // namespace tarn::gq
