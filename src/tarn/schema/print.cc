#include "tarn/schema/print.h"

#include <fmt/format.h>

#include "tarn/schema/to_ast.h"

namespace tarn::schema {
namespace {

/// Strings have five escapes; every other character stands for itself.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out += c;
    }
  }
  return out + '"';
}

std::string LiteralText(const Literal& literal) {
  return literal.kind == Literal::Kind::kString ? Quoted(literal.text) : literal.text;
}

std::string AnnotationText(const AnnotationAst& annotation) {
  std::string arguments = annotation.argument ? LiteralText(annotation.argument->value) : "";
  for (const KeywordAst& keyword : annotation.keywords) {
    arguments += fmt::format("{}{}={}", arguments.empty() ? "" : ", ", keyword.name.text,
                             LiteralText(keyword.value.value));
  }
  return annotation.is_bare() ? "@" + annotation.name.text
                              : fmt::format("@{}({})", annotation.name.text, arguments);
}

std::string ArgumentText(const ArgumentAst& argument) {
  if (const auto* name = std::get_if<NameAst>(&argument)) return name->text;
  if (const auto* literal = std::get_if<LiteralAst>(&argument)) return LiteralText(literal->value);
  const RangeAst& range = std::get<RangeAst>(argument);
  return (range.low ? range.low->text : "") + ".." + (range.high ? range.high->text : "");
}

std::string ConstraintText(const ConstraintAst& constraint) {
  std::string arguments;
  for (const ArgumentAst& argument : constraint.arguments) {
    arguments += (arguments.empty() ? "" : ", ") + ArgumentText(argument);
  }
  return fmt::format("@{}({})", ConstraintName(constraint.kind), arguments);
}

std::string HeaderText(const DeclarationAst& declaration) {
  std::string out = fmt::format("{} {}", DeclarationWord(declaration.kind), declaration.name.text);
  if (declaration.kind == DeclarationKind::kEdge) {
    out += fmt::format(": {} -> {}", declaration.from.text, declaration.to.text);
  }
  if (declaration.card) {
    const Cardinality& card = declaration.card->value;
    out += fmt::format(" @card({}..{})", card.min, card.max ? std::to_string(*card.max) : "");
  }
  for (const AnnotationAst& annotation : declaration.annotations) {
    out += " " + AnnotationText(annotation);
  }
  for (size_t i = 0; i < declaration.interfaces.size(); ++i) {
    out += (i == 0 ? " implements " : ", ") + declaration.interfaces[i].text;
  }
  return out;
}

void PrintDeclaration(const DeclarationAst& declaration, std::string& out) {
  out += HeaderText(declaration);
  const bool is_empty = declaration.properties.empty() && declaration.constraints.empty();
  if (is_empty) {
    out += declaration.kind == DeclarationKind::kEdge ? "\n" : " {}\n";
    return;
  }
  out += " {\n";
  for (const PropertyAst& property : declaration.properties) {
    out += fmt::format("  {}: {}", property.name.text, TypeName(*property.type));
    for (const AnnotationAst& annotation : property.annotations) {
      out += " " + AnnotationText(annotation);
    }
    out += '\n';
  }
  for (const ConstraintAst& constraint : declaration.constraints) {
    out += "  " + ConstraintText(constraint) + "\n";
  }
  out += "}\n";
}

}  // namespace

std::string PrintSchema(const Schema& schema) {
  std::string out;
  for (const DeclarationAst& declaration : ToAst(schema).declarations) {
    if (!out.empty()) out += '\n';
    PrintDeclaration(declaration, out);
  }
  return out;
}

}  // namespace tarn::schema
