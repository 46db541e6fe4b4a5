#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "tarn/schema/check_state.h"

namespace tarn::schema {
namespace {

/// How messages call a type that constraints cannot hold for, or "".
std::string_view ShapeWord(const PropertyType& type) {
  if (type.list) return "list";
  if (type.scalar == Scalar::kVector) return "vector";
  return type.scalar == Scalar::kBlob ? "blob" : "";
}

/// The reference compares lists and vectors of a body @unique only when it writes, and then always
/// fails.
bool CanHold(ConstraintKind kind, bool property_form, const PropertyType& type) {
  if (kind != ConstraintKind::kIndex) return ShapeWord(type).empty();
  return (type.scalar != Scalar::kBlob) && !(property_form && type.list);
}

bool IsEndpoint(const DeclarationAst& declaration, const std::string& name) {
  return declaration.kind == DeclarationKind::kEdge && (name == "src" || name == "dst");
}

void FailArguments(const ConstraintAst& constraint, SourceSpan span, CheckState& state) {
  const std::string_view name = ConstraintName(constraint.kind);
  state.Error(Rule::kConstraintArguments, span,
              fmt::format("the arguments of @{} are names of properties, without quotes", name),
              fmt::format("write `@{}(a)` or `@{}(a, b)`", name, name));
}

/// The columns of a constraint over properties; nothing if any of them is wrong or in doubt.
std::optional<std::vector<std::string>> Columns(const DeclarationAst& declaration,
                                                const ConstraintAst& constraint,
                                                const PropertyList& properties, CheckState& state) {
  std::vector<std::string> columns;
  std::set<std::string_view> seen;
  bool is_whole = true;
  for (const ArgumentAst& argument : constraint.arguments) {
    const NameAst* name = std::get_if<NameAst>(&argument);
    if (name == nullptr) {
      FailArguments(constraint, constraint.span, state);
      return std::nullopt;
    }
    if (!seen.insert(name->text).second) {
      state.Error(
          Rule::kDuplicateColumn, name->span,
          fmt::format("@{} on '{}' names property '{}' twice", ConstraintName(constraint.kind),
                      Shown(declaration.name.text), Shown(name->text)));
      is_whole = false;
    }
    columns.push_back(name->text);
    if (IsEndpoint(declaration, name->text)) continue;
    const CheckedProperty* property =
        ResolveColumn(declaration, constraint.kind, *name, properties, state);
    if (property != nullptr) {
      CheckColumn(constraint.kind, /*property_form=*/false, *property, name->span, state);
    }
    is_whole = is_whole && property != nullptr;
  }
  if (!is_whole) return std::nullopt;
  return columns;
}

void CheckOverColumns(const DeclarationAst& declaration, const ConstraintAst& constraint,
                      const PropertyList& properties, ConstraintLists& lists, CheckState& state) {
  std::optional<std::vector<std::string>> columns =
      Columns(declaration, constraint, properties, state);
  if (!columns) return;
  switch (constraint.kind) {
    case ConstraintKind::kKey:
      lists.keys.push_back({.columns = std::move(*columns), .span = constraint.span});
      return;
    case ConstraintKind::kUnique:
      lists.uniques.push_back({.columns = std::move(*columns), .span = constraint.span});
      return;
    default: lists.indexes.push_back({.columns = std::move(*columns), .span = constraint.span});
  }
}

bool RefuseOnEdge(const ConstraintAst& constraint, CheckState& state) {
  switch (constraint.kind) {
    case ConstraintKind::kKey:
      state.Error(Rule::kKeyOnEdge, constraint.span,
                  "@key is not supported on edges: edges have no key",
                  "to forbid parallel edges write `@unique(src, dst)`");
      return true;
    case ConstraintKind::kRange:
    case ConstraintKind::kCheck:
      state.Error(Rule::kNodeConstraintOnEdge, constraint.span,
                  fmt::format("@{} is not supported on edges", ConstraintName(constraint.kind)));
      return true;
    default: return false;
  }
}

template <typename Constraint>
void SortByColumns(std::vector<Constraint>& list) {
  std::stable_sort(list.begin(), list.end(), [](const Constraint& a, const Constraint& b) {
    return a.property_form != b.property_form ? a.property_form : a.columns < b.columns;
  });
}

std::string BoundText(const std::optional<Literal>& bound) { return bound ? bound->text : ""; }

}  // namespace

void ConstraintLists::Sort() {
  SortByColumns(keys);
  SortByColumns(uniques);
  SortByColumns(indexes);
  std::stable_sort(ranges.begin(), ranges.end(),
                   [](const RangeConstraint& a, const RangeConstraint& b) {
                     return std::tuple(a.property, BoundText(a.low), BoundText(a.high)) <
                            std::tuple(b.property, BoundText(b.low), BoundText(b.high));
                   });
  std::stable_sort(checks.begin(), checks.end(),
                   [](const CheckConstraint& a, const CheckConstraint& b) {
                     return std::tie(a.property, a.pattern) < std::tie(b.property, b.pattern);
                   });
}

const CheckedProperty* ResolveColumn(const DeclarationAst& declaration, ConstraintKind kind,
                                     const NameAst& name, const PropertyList& properties,
                                     CheckState& state) {
  const CheckedProperty* property = properties.Find(name.text);
  if (property != nullptr || !declaration.is_whole) return property;
  std::vector<std::string> names = properties.Names();
  if (declaration.kind == DeclarationKind::kEdge) names.insert(names.begin(), {"src", "dst"});
  state.Error(Rule::kUnknownProperty, name.span,
              fmt::format("@{} on '{}' references unknown property '{}'", ConstraintName(kind),
                          Shown(declaration.name.text), Shown(name.text)),
              SuggestName(name.text, std::move(names)));
  return nullptr;
}

void CheckColumn(ConstraintKind kind, bool property_form, const CheckedProperty& property,
                 SourceSpan span, CheckState& state) {
  if (!property.has_type()) return;
  const PropertyType& type = property.property.type;
  if (!CanHold(kind, property_form, type)) {
    state.Error(Rule::kUnsupportedProperty, span,
                fmt::format("@{} is not supported on {} property {}", ConstraintName(kind),
                            ShapeWord(type), property.Path()));
  }
  if (kind == ConstraintKind::kKey && type.nullable) {
    state.Error(Rule::kNullableKey, span,
                fmt::format("@key property {} cannot be nullable", property.Path()),
                "leave the `?` of its type out");
  }
}

ConstraintLists PropertyForms(const PropertyList& properties) {
  ConstraintLists lists;
  for (const CheckedProperty& checked : properties.items()) {
    const std::vector<std::string> columns = {checked.property.name};
    if (checked.is_key) lists.keys.push_back({columns, /*property_form=*/true, checked.key_span});
    if (checked.is_unique) {
      lists.uniques.push_back({columns, /*property_form=*/true, checked.unique_span});
    }
    if (checked.index) {
      lists.indexes.push_back(
          {columns, /*property_form=*/true, *checked.index, checked.index_span});
    }
  }
  return lists;
}

ConstraintLists CheckConstraints(const DeclarationAst& declaration, const PropertyList& properties,
                                 CheckState& state) {
  ConstraintLists lists = PropertyForms(properties);
  for (const ConstraintAst& constraint : declaration.constraints) {
    if (state.findings.full()) break;
    if (declaration.kind == DeclarationKind::kEdge && RefuseOnEdge(constraint, state)) continue;
    if (constraint.kind == ConstraintKind::kRange) {
      CheckRange(declaration, constraint, properties, lists, state);
    } else if (constraint.kind == ConstraintKind::kCheck) {
      CheckPattern(declaration, constraint, properties, lists, state);
    } else {
      CheckOverColumns(declaration, constraint, properties, lists, state);
    }
  }
  lists.Sort();
  return lists;
}

}  // namespace tarn::schema
