#include "tarn/gq/literal.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include "tarn/base/check.h"
#include "tarn/gq/typing.h"
#include "tarn/schema/values.h"

namespace tarn::gq {
namespace {

using schema::Scalar;
using Kind = LiteralAst::Kind;

/// The parser has checked that an integer fits.
int64_t IntegerOf(const std::string& digits) {
  int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

ir::ExprPtr Make(ir::Value value, Scalar scalar) {
  return ir::MakeExpr(ir::Constant{std::move(value)}, MakeType(scalar));
}

ir::ExprPtr ResolveFloat(const LiteralAst& literal, Diagnostics& diagnostics) {
  const std::string& text = literal.text;
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    // Said of a value too small as well as of one too large, and only the latter is wrong.
    value = std::strtod(text.c_str(), nullptr);
    if (std::isinf(value)) {
      diagnostics.Error("", literal.span, "the number exceeds F64");
      return nullptr;
    }
  }
  return Make({value}, Scalar::kF64);
}

ir::ExprPtr ResolveDate(const LiteralAst& literal, Diagnostics& diagnostics) {
  const std::optional<int32_t> days = schema::ParseDate(literal.text);
  if (days) return Make({ir::Date{*days}}, Scalar::kDate);
  diagnostics.Error("", literal.span, fmt::format("invalid Date literal '{}'", literal.text),
                    "write it as date(\"2026-01-31\")");
  return nullptr;
}

ir::ExprPtr ResolveDateTime(const LiteralAst& literal, Diagnostics& diagnostics) {
  const std::optional<int64_t> ms = schema::ParseDateTime(literal.text);
  if (ms) return Make({ir::DateTime{*ms}}, Scalar::kDateTime);
  diagnostics.Error("", literal.span, fmt::format("invalid DateTime literal '{}'", literal.text),
                    "write it as datetime(\"2026-01-31T08:00:00Z\")");
  return nullptr;
}

ir::ExprPtr ResolveList(const LiteralAst& literal, Diagnostics& diagnostics) {
  ir::ValueList items;
  items.reserve(literal.items.size());
  schema::PropertyType type = MakeType(Scalar::kString);
  for (const LiteralAst& ast : literal.items) {
    if (ast.kind == Kind::kList) {
      diagnostics.Error("", ast.span, "a list cannot hold a nested list");
      return nullptr;
    }
    const ir::ExprPtr item = ResolveLiteral(ast, diagnostics);
    if (item == nullptr) return nullptr;
    if (items.empty()) type = item->type;
    if (!SameKind(type, item->type)) {
      diagnostics.Error("", ast.span,
                        fmt::format("mixed list literal: the first item is {}, this one {}",
                                    KindName(type), KindName(item->type)));
      return nullptr;
    }
    items.push_back(std::get<ir::Constant>(item->node).value);
  }
  type.list = true;
  return ir::MakeExpr(ir::Constant{ir::Value{std::move(items)}}, type);
}

const ir::ValueList* ListOf(const ir::Expr& expr) {
  const ir::Constant* constant = std::get_if<ir::Constant>(&expr.node);
  return constant == nullptr ? nullptr : std::get_if<ir::ValueList>(&constant->value.held);
}

}  // namespace

ir::ExprPtr ResolveLiteral(const LiteralAst& literal, Diagnostics& diagnostics) {
  switch (literal.kind) {
    case Kind::kString: return Make({literal.text}, Scalar::kString);
    case Kind::kInteger: return Make({IntegerOf(literal.text)}, Scalar::kI64);
    case Kind::kFloat: return ResolveFloat(literal, diagnostics);
    case Kind::kBool: return Make({literal.text == "true"}, Scalar::kBool);
    case Kind::kDate: return ResolveDate(literal, diagnostics);
    case Kind::kDateTime: return ResolveDateTime(literal, diagnostics);
    case Kind::kList: return ResolveList(literal, diagnostics);
    case Kind::kNull: return NullLiteral();
  }
  TARN_UNREACHABLE("a literal kind outside its enum");
}

ir::ExprPtr NullLiteral() {
  return ir::MakeExpr(ir::Constant{}, MakeType(Scalar::kString, /*nullable=*/true));
}

bool IsNullLiteral(const ir::Expr& expr) {
  const ir::Constant* constant = std::get_if<ir::Constant>(&expr.node);
  return constant != nullptr && constant->value.is_null();
}

bool IsEmptyList(const ir::Expr& expr) {
  const ir::ValueList* list = ListOf(expr);
  return list != nullptr && list->empty();
}

std::optional<ir::Vector> VectorOf(const ir::Expr& expr) {
  const ir::ValueList* list = ListOf(expr);
  if (list == nullptr) return std::nullopt;
  ir::Vector vector;
  vector.reserve(list->size());
  for (const ir::Value& item : *list) {
    double number = 0;
    if (const int64_t* integer = std::get_if<int64_t>(&item.held)) {
      number = static_cast<double>(*integer);
    } else if (const double* real = std::get_if<double>(&item.held)) {
      number = *real;
    } else {
      return std::nullopt;
    }
    if (std::abs(number) > static_cast<double>(std::numeric_limits<float>::max())) {
      return std::nullopt;
    }
    vector.push_back(static_cast<float>(number));
  }
  return vector;
}

}  // namespace tarn::gq
