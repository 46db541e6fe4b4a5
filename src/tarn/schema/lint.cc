#include "tarn/schema/lint.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "tarn/schema/check.h"
#include "tarn/schema/decimal.h"
#include "tarn/schema/limits.h"
#include "tarn/schema/parse.h"

namespace tarn::schema {
namespace {

const std::vector<std::string> kKnownAnnotations = {
    "key",         "unique", "index", "embed", "description", "instruction",
    "rename_from", "card",   "range", "check", "default"};
/// Announced for later dialects; kept as metadata today.
constexpr std::array<std::string_view, 3> kLaterAnnotations = {"inverse", "symmetric", "on_delete"};

bool IsIn(std::string_view name, const auto& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

struct IntegerRange {
  std::string_view least, greatest;
};
IntegerRange RangeOf(Scalar scalar) {
  switch (scalar) {
    case Scalar::kI32: return {"-2147483648", "2147483647"};
    case Scalar::kI64: return {"-9223372036854775808", "9223372036854775807"};
    case Scalar::kU32: return {"0", "4294967295"};
    default: return {"0", "18446744073709551615"};
  }
}

class Linter {
 public:
  Linter(const FileAst& file, const Schema& schema) : file_(file), schema_(schema) {}
  std::vector<Diagnostic> Run();

 private:
  void Add(Severity severity, const char* code, SourceSpan span, std::string message,
           std::string suggestion = "");
  void LintDeclaration(const DeclarationAst& declaration);
  void LintAnnotations(const std::vector<AnnotationAst>& annotations);
  void LintLookAlike(const AnnotationAst& annotation);
  void LintInterface(const DeclarationAst& interface);
  void LintNode(const DeclarationAst& node);
  void LintImplements(const DeclarationAst& node);
  void LintCard(const DeclarationAst& edge);
  void LintEmbeds(const DeclarationAst& node);
  void LintRepeats(const DeclarationAst& declaration);
  void LintRanges(const DeclarationAst& node);
  void LintBounds(const RangeAst& range, const Property& property, const std::string& path);

  const FileAst& file_;
  const Schema& schema_;
  std::set<std::string> implemented_;
  size_t look_ups_ = 0;
  std::vector<Diagnostic> found_;
};

std::vector<Diagnostic> Linter::Run() {
  for (const NodeType& node : schema_.nodes) {
    implemented_.insert(node.interfaces.begin(), node.interfaces.end());
  }
  for (const DeclarationAst& declaration : file_.declarations) LintDeclaration(declaration);
  std::stable_sort(found_.begin(), found_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return a.span.begin < b.span.begin;
  });
  return std::move(found_);
}

void Linter::Add(Severity severity, const char* code, SourceSpan span, std::string message,
                 std::string suggestion) {
  if (found_.size() >= kLintFindingsMax) return;
  found_.push_back({.severity = severity,
                    .code = code,
                    .message = std::move(message),
                    .span = span,
                    .suggestion = std::move(suggestion)});
}

void Linter::LintDeclaration(const DeclarationAst& declaration) {
  LintAnnotations(declaration.annotations);
  for (const PropertyAst& property : declaration.properties) LintAnnotations(property.annotations);
  LintRepeats(declaration);
  switch (declaration.kind) {
    case DeclarationKind::kInterface: LintInterface(declaration); break;
    case DeclarationKind::kNode: LintNode(declaration); break;
    case DeclarationKind::kEdge: LintCard(declaration); break;
  }
}

void Linter::LintAnnotations(const std::vector<AnnotationAst>& annotations) {
  for (const AnnotationAst& annotation : annotations) {
    const std::string& name = annotation.name.text;
    const bool is_rule = name == "range" || name == "check" || name == "card";
    if (is_rule || IsIn(name, kLaterAnnotations)) {
      Add(Severity::kWarning, "L105", annotation.name.span,
          fmt::format("@{} has no effect here and is kept as metadata", name),
          is_rule ? fmt::format("write it with its arguments, as `@{}(...)`", name) : "");
    } else if ((name == "description" || name == "instruction") && !annotation.keywords.empty()) {
      Add(Severity::kWarning, "L105", annotation.keywords[0].name.span,
          fmt::format("@{} ignores keywords", name));
    } else if (!IsIn(name, kKnownAnnotations)) {
      LintLookAlike(annotation);
    }
  }
}

/// `@keyed` and `@indexing` are names of their own: more than one letter longer than what they
/// begin with.
void Linter::LintLookAlike(const AnnotationAst& annotation) {
  if (found_.size() >= kLintFindingsMax || ++look_ups_ > kLintLookUpsMax) return;
  const std::string& name = annotation.name.text;
  const std::string nearest = NearestName(name, kKnownAnnotations);
  if (nearest.empty() || (name.starts_with(nearest) && name.size() > nearest.size() + 1)) return;
  Add(Severity::kWarning, "L103", annotation.name.span,
      fmt::format("unknown annotation @{} is kept as metadata", name),
      fmt::format("did you mean `@{}`?", nearest));
}

void Linter::LintInterface(const DeclarationAst& interface) {
  const std::string& name = interface.name.text;
  if (!implemented_.contains(name)) {
    Add(Severity::kWarning, "L107", interface.name.span,
        fmt::format("no node implements interface '{}'", name));
  }
  if (schema_.FindNode(name) != nullptr) {
    Add(Severity::kWarning, "L108", interface.name.span,
        fmt::format("'{}' names an interface and a node type", name), "queries mean the node type");
  }
}

void Linter::LintNode(const DeclarationAst& node) {
  LintImplements(node);
  LintEmbeds(node);
  LintRanges(node);
  if (!schema_.FindNode(node.name.text)->key) {
    Add(Severity::kNote, "L111", node.name.span,
        fmt::format("node '{}' has no @key: rows loaded without an id get a new one each time",
                    node.name.text));
  }
}

void Linter::LintImplements(const DeclarationAst& node) {
  std::set<std::string_view> seen;
  for (const NameAst& name : node.interfaces) {
    if (seen.insert(name.text).second) continue;
    Add(Severity::kWarning, "L106", name.span,
        fmt::format("node '{}' implements '{}' twice", node.name.text, name.text));
  }
}

void Linter::LintCard(const DeclarationAst& edge) {
  if (!edge.card || edge.card->value.min == 0) return;
  Add(Severity::kNote, "L102", edge.card->span,
      fmt::format(
          "a least count of {} is checked for a '{}' only once one of its '{}' edges was written",
          edge.card->value.min, edge.from.text, edge.name.text),
      "a node that never had such an edge is not refused");
}

void Linter::LintEmbeds(const DeclarationAst& node) {
  const NodeType& type = *schema_.FindNode(node.name.text);
  std::set<std::string_view> indexed;
  for (const IndexConstraint& index : type.indexes) {
    indexed.insert(index.columns.begin(), index.columns.end());
  }
  for (const PropertyAst& property : node.properties) {
    const bool is_embedded = type.FindProperty(property.name.text)->embed.has_value();
    if (!is_embedded || indexed.contains(property.name.text)) continue;
    Add(Severity::kWarning, "L104", property.name.span,
        fmt::format("{}.{} has @embed and no @index: each search reads every vector",
                    node.name.text, property.name.text),
        "add `@index` behind it");
  }
}

/// A constraint that another one implies or repeats.
void Linter::LintRepeats(const DeclarationAst& declaration) {
  std::set<std::pair<ConstraintKind, std::vector<std::string>>> seen;
  for (const PropertyAst& property : declaration.properties) {
    const AnnotationAst* unique = nullptr;
    for (const AnnotationAst& annotation : property.annotations) {
      const std::optional<ConstraintKind> kind = FindConstraintKind(annotation.name.text);
      if (kind) seen.insert({*kind, {property.name.text}});
      if (kind == ConstraintKind::kUnique) unique = &annotation;
    }
    if (unique == nullptr || !seen.contains({ConstraintKind::kKey, {property.name.text}})) continue;
    Add(Severity::kWarning, "L109", unique->name.span,
        fmt::format("@unique on {}.{} says nothing new: it is the key", declaration.name.text,
                    property.name.text));
  }
  for (const ConstraintAst& constraint : declaration.constraints) {
    if (constraint.kind == ConstraintKind::kRange || constraint.kind == ConstraintKind::kCheck) {
      continue;
    }
    std::vector<std::string> columns;
    for (const ArgumentAst& argument : constraint.arguments) {
      columns.push_back(std::get<NameAst>(argument).text);
    }
    std::sort(columns.begin(), columns.end());
    if (seen.insert({constraint.kind, std::move(columns)}).second) continue;
    Add(Severity::kWarning, "L109", constraint.span,
        fmt::format("'{}' has this @{} already", declaration.name.text,
                    ConstraintName(constraint.kind)));
  }
}

void Linter::LintRanges(const DeclarationAst& node) {
  const NodeType& type = *schema_.FindNode(node.name.text);
  for (const ConstraintAst& constraint : node.constraints) {
    if (constraint.kind != ConstraintKind::kRange) continue;
    const std::string& name = std::get<NameAst>(constraint.arguments[0]).text;
    const std::string path = node.name.text + "." + name;
    const RangeAst& range = std::get<RangeAst>(constraint.arguments[1]);
    if (!range.low) {
      Add(Severity::kWarning, "L101", range.span,
          fmt::format("the range of {} is open below: other tools read `..{}` as a lower bound",
                      path, range.high->text),
          "write both bounds if this schema is shared");
    }
    LintBounds(range, *type.FindProperty(name), path);
  }
}

void Linter::LintBounds(const RangeAst& range, const Property& property, const std::string& path) {
  if (!IsInteger(property.type.scalar)) return;
  const IntegerRange all = RangeOf(property.type.scalar);
  const bool holds_never = (range.low && CompareDecimals(range.low->text, all.greatest) > 0) ||
                           (range.high && CompareDecimals(range.high->text, all.least) < 0);
  const bool low_is_idle = !range.low || CompareDecimals(range.low->text, all.least) <= 0;
  const bool high_is_idle = !range.high || CompareDecimals(range.high->text, all.greatest) >= 0;
  if (!holds_never && !(low_is_idle && high_is_idle)) return;
  Add(Severity::kWarning, "L110", range.span,
      fmt::format("the range of {} holds for {} {}", path, holds_never ? "no" : "every",
                  ScalarName(property.type.scalar)));
}

}  // namespace

std::vector<Diagnostic> LintSchema(const SourceText& source) {
  Findings findings;
  const FileAst file = Parse(source.text(), findings);
  const std::optional<Schema> schema = Check(source, file, findings);
  if (!schema) return {};
  return Linter(file, *schema).Run();
}

}  // namespace tarn::schema
