#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "tarn/base/source.h"
#include "tarn/schema/ast.h"
#include "tarn/schema/findings.h"
#include "tarn/schema/schema.h"

namespace tarn::schema {

/// A property with what is written behind it. `ast` outlives this.
struct CheckedProperty {
  Property property;
  const PropertyAst* ast = nullptr;
  std::string owner;    ///< the type whose text declares it
  bool is_key = false;  ///< these three: by property form
  bool is_unique = false;
  std::optional<IndexOptions> index;
  SourceSpan key_span, unique_span, index_span, embed_span;

  bool has_type() const { return ast->type.has_value(); }
  /// "Port.code".
  std::string Path() const { return Shown(owner) + "." + Shown(property.name); }
};

/// The properties of one type by name.
class PropertyList {
 public:
  const CheckedProperty* Find(const std::string& name) const;
  /// False if the name is taken; the list stays as it was.
  bool Add(CheckedProperty property);
  const std::vector<CheckedProperty>& items() const { return items_; }
  std::vector<std::string> Names() const;

 private:
  std::vector<CheckedProperty> items_;
  std::unordered_map<std::string, size_t> index_;
};

/// The constraints of one type, of both forms.
struct ConstraintLists {
  std::vector<KeyConstraint> keys;
  std::vector<UniqueConstraint> uniques;
  std::vector<IndexConstraint> indexes;
  std::vector<RangeConstraint> ranges;
  std::vector<CheckConstraint> checks;

  /// Into the order that Schema promises.
  void Sort();
};

/// What the checks of one file share. All of it outlives this.
struct CheckState {
  const SourceText& source;
  const FileAst& file;
  Findings& findings;
  std::unordered_map<std::string, PropertyList> interfaces = {};
  size_t properties = 0;                ///< so far, against kPropertiesMax
  size_t injected_bytes = 0;            ///< against kInjectedBytesMax
  size_t pattern_steps = 0;             ///< against kPatternStepsMax
  std::set<std::string> patterns = {};  ///< that compile

  void Error(Rule rule, SourceSpan span, std::string message, std::string suggestion = "") {
    findings.Error(rule, span, std::move(message), std::move(suggestion));
  }
};

/// The properties that the text of `declaration` declares (check_property.cc).
PropertyList CheckProperties(const DeclarationAst& declaration, CheckState& state);
/// Reads the annotations of one of them into `checked` (check_annotation.cc).
void CheckPropertyAnnotations(const DeclarationAst& owner, CheckedProperty& checked,
                              CheckState& state);
/// Reads the annotations of a type (check_annotation.cc).
TypeMetadata CheckTypeAnnotations(const DeclarationAst& declaration, CheckState& state);
/// `@index(kind = ...)` behind a property (check_index_options.cc).
IndexOptions CheckIndexOptions(const AnnotationAst& annotation, const CheckedProperty& checked,
                               CheckState& state);

/// Adds to a node what its interfaces declare and it does not; answers their names, sorted
/// (check_interface.cc).
std::vector<std::string> InjectInterfaces(const DeclarationAst& node, PropertyList& properties,
                                          CheckState& state);
/// Every @embed names a String property of the node (check_interface.cc).
void CheckEmbedSources(const DeclarationAst& node, const PropertyList& properties,
                       CheckState& state);

/// Whether a constraint of that kind can hold for the property (check_constraint.cc).
void CheckColumn(ConstraintKind kind, bool property_form, const CheckedProperty& property,
                 SourceSpan span, CheckState& state);
/// The constraints behind the properties of a type (check_constraint.cc).
ConstraintLists PropertyForms(const PropertyList& properties);
/// Those and the ones of the body (check_constraint.cc).
ConstraintLists CheckConstraints(const DeclarationAst& declaration, const PropertyList& properties,
                                 CheckState& state);
/// `@range` and `@check` of a body (check_value_rule.cc).
void CheckRange(const DeclarationAst& node, const ConstraintAst& constraint,
                const PropertyList& properties, ConstraintLists& lists, CheckState& state);
void CheckPattern(const DeclarationAst& node, const ConstraintAst& constraint,
                  const PropertyList& properties, ConstraintLists& lists, CheckState& state);
/// The property that an argument names; reports one that the type lacks (check_constraint.cc).
const CheckedProperty* ResolveColumn(const DeclarationAst& declaration, ConstraintKind kind,
                                     const NameAst& name, const PropertyList& properties,
                                     CheckState& state);

}  // namespace tarn::schema
