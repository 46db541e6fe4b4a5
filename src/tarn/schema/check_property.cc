#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tarn/schema/check_state.h"
#include "tarn/schema/limits.h"

namespace tarn::schema {
namespace {

constexpr std::array<std::string_view, 5> kVirtualColumns = {
    "_rowid", "_rowaddr", "_rowoffset", "_row_created_at_version", "_row_last_updated_at_version"};

/// Why a type cannot have a property of this name, or "".
std::string PhysicalUse(DeclarationKind owner, std::string_view name) {
  const bool is_edge = owner == DeclarationKind::kEdge;
  if (name == "id") return "is taken by the column that holds the id of each row";
  if (name == "_tombstone") return "is taken by the mark of deleted rows";
  if (is_edge && (name == "src" || name == "dst")) {
    return "is taken by the column that holds an endpoint of the edge";
  }
  if (is_edge && (name == "from" || name == "to")) {
    return "names an endpoint in mutations and loads";
  }
  return "";
}

void CheckName(const DeclarationAst& owner, const NameAst& name, CheckState& state) {
  if (std::find(kVirtualColumns.begin(), kVirtualColumns.end(), name.text) !=
      kVirtualColumns.end()) {
    state.Error(Rule::kReservedName, name.span,
                fmt::format("property name '{}' is reserved for a virtual storage system column",
                            name.text),
                "choose another name");
    return;
  }
  if (const std::string use = PhysicalUse(owner.kind, name.text); !use.empty()) {
    state.Error(Rule::kPhysicalName, name.span,
                fmt::format("property name '{}' of {} '{}' {}", name.text,
                            DeclarationWord(owner.kind), Shown(owner.name.text), use),
                "choose another name");
  }
}

void CheckForms(CheckedProperty& checked, CheckState& state) {
  if (!checked.has_type()) return;
  if (checked.is_key) CheckColumn(ConstraintKind::kKey, true, checked, checked.key_span, state);
  if (checked.is_unique) {
    CheckColumn(ConstraintKind::kUnique, true, checked, checked.unique_span, state);
  }
  if (checked.index) {
    CheckColumn(ConstraintKind::kIndex, true, checked, checked.index_span, state);
    checked.property.metric = checked.index->metric.value_or(Metric::kCosine);
  }
}

CheckedProperty CheckProperty(const DeclarationAst& owner, const PropertyAst& ast,
                              CheckState& state) {
  CheckName(owner, ast.name, state);
  CheckedProperty checked{.ast = &ast, .owner = owner.name.text};
  checked.property.name = ast.name.text;
  checked.property.span = ast.name.span;
  if (ast.type) checked.property.type = *ast.type;
  CheckPropertyAnnotations(owner, checked, state);
  CheckForms(checked, state);
  return checked;
}

}  // namespace

const CheckedProperty* PropertyList::Find(const std::string& name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &items_[found->second];
}

bool PropertyList::Add(CheckedProperty property) {
  if (!index_.try_emplace(property.property.name, items_.size()).second) return false;
  items_.push_back(std::move(property));
  return true;
}

std::vector<std::string> PropertyList::Names() const {
  const size_t count = std::min(items_.size(), kSuggestionCandidatesMax);
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back(items_[i].property.name);
  return names;
}

PropertyList CheckProperties(const DeclarationAst& declaration, CheckState& state) {
  PropertyList list;
  for (const PropertyAst& ast : declaration.properties) {
    if (state.findings.full()) break;
    const bool too_many =
        list.items().size() >= kPropertiesPerTypeMax || state.properties >= kPropertiesMax;
    if (too_many) {
      state.Error(Rule::kTooLarge, ast.name.span,
                  fmt::format("a type has at most {} properties, and a schema {}",
                              kPropertiesPerTypeMax, kPropertiesMax));
      break;
    }
    ++state.properties;
    if (list.Add(CheckProperty(declaration, ast, state))) continue;
    const CheckedProperty* first = list.Find(ast.name.text);
    state.Error(Rule::kDuplicateProperty, ast.name.span,
                fmt::format("property '{}' of '{}' is declared twice; the first is on line {}",
                            Shown(ast.name.text), Shown(declaration.name.text),
                            state.source.PlaceOf(first->property.span.begin).line));
  }
  return list;
}

}  // namespace tarn::schema
