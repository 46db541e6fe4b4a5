#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "tarn/schema/constraint_texts.h"
#include "tarn/schema/default_value.h"
#include "tarn/schema/match_declarations.h"
#include "tarn/schema/migration.h"
#include "tarn/schema/typed_form.h"

namespace tarn::schema {
namespace {

/// The annotations of one declaration by name, as texts to compare and to show.
using Annotated = std::map<std::string, std::string>;

std::string ArgumentsText(const Annotation& annotation) {
  std::string out = annotation.argument ? annotation.argument->text : "";
  for (const auto& [name, value] : annotation.keywords) {
    out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, value.text);
  }
  return out;
}

void AddOpaque(const std::vector<Annotation>& annotations, Annotated& out) {
  std::multimap<std::string, std::string> all;
  for (const Annotation& annotation : annotations) {
    all.emplace(annotation.name, ArgumentsText(annotation));
  }
  std::map<std::string, std::multiset<std::string>> sorted;
  for (const auto& [name, text] : all) sorted[name].insert(text);
  for (const auto& [name, texts] : sorted) out[name] = fmt::format("{}", fmt::join(texts, "; "));
}

Annotated AnnotationsOf(const Property& property) {
  Annotated out;
  AddOpaque(property.annotations, out);
  if (property.description) out["description"] = *property.description;
  return out;
}

Annotated AnnotationsOf(const TypeMetadata& metadata) {
  Annotated out;
  AddOpaque(metadata.annotations, out);
  if (metadata.description) out["description"] = *metadata.description;
  if (metadata.instruction) out["instruction"] = *metadata.instruction;
  return out;
}

std::vector<AnnotationChange> ChangesOf(const Annotated& before, const Annotated& after) {
  std::map<std::string, std::optional<std::string>> changes;
  for (const auto& [name, text] : before) {
    if (!after.contains(name)) changes[name] = std::nullopt;
  }
  for (const auto& [name, text] : after) {
    const auto old = before.find(name);
    if (old == before.end() || old->second != text) changes[name] = text;
  }
  return {changes.begin(), changes.end()};
}

std::vector<std::string> Without(const std::vector<std::string>& values,
                                 const std::vector<std::string>& known) {
  std::vector<std::string> out;
  std::set_difference(values.begin(), values.end(), known.begin(), known.end(),
                      std::back_inserter(out));
  return out;
}

/// Every value of `from` has one of `to` that compares, sorts and prints alike.
bool Widens(Scalar from, Scalar to) {
  switch (from) {
    case Scalar::kI32: return to == Scalar::kI64 || to == Scalar::kF64;
    case Scalar::kU32: return to == Scalar::kU64 || to == Scalar::kI64 || to == Scalar::kF64;
    case Scalar::kF32: return to == Scalar::kF64;
    default: return false;
  }
}

/// What rows have to show before their type becomes `after`; nothing when no conversion keeps every
/// value.
std::optional<StepTier> TierOf(const PropertyType& before, const PropertyType& after) {
  const bool same_scalar = before.scalar == after.scalar;
  if (before.list != after.list || before.dimension != after.dimension) return std::nullopt;
  if (!same_scalar && !Widens(before.scalar, after.scalar)) return std::nullopt;
  const bool narrows_enum =
      after.is_enum() &&
      (!before.is_enum() || !Without(before.enum_values, after.enum_values).empty());
  const bool narrows_null = before.nullable && !after.nullable;
  return narrows_enum || narrows_null ? StepTier::kValidated : StepTier::kSafe;
}

bool Loosens(const Cardinality& before, const Cardinality& after) {
  return after.min <= before.min && (!after.max || (before.max && *after.max >= *before.max));
}

/// Accepted names of what is called otherwise now.
using Renames = std::map<std::string, std::string>;

template <typename Item>
void AddRename(const Item* before, const Item* after, Renames& out) {
  if (before != nullptr && after != nullptr && before->name != after->name) {
    out[before->name] = after->name;
  }
}

const std::string& NameNow(const Renames& renames, const std::string& accepted) {
  const auto found = renames.find(accepted);
  return found == renames.end() ? accepted : found->second;
}

class Planner {
 public:
  Planner(const SchemaMatch& match, Migration& migration) : match_(match), out_(migration) {
    for (const auto& node : match.nodes) AddRename(node.before, node.after, node_names_);
  }

  void Run() {
    for (const auto& type : match_.interfaces) PlanType(type, DeclarationKind::kInterface);
    for (const auto& type : match_.nodes) PlanType(type, DeclarationKind::kNode);
    for (const auto& type : match_.edges) PlanType(type, DeclarationKind::kEdge);
    // Edges before the nodes they end at.
    PlanDrops(match_.edges, DeclarationKind::kEdge);
    PlanDrops(match_.nodes, DeclarationKind::kNode);
    PlanDrops(match_.interfaces, DeclarationKind::kInterface);
  }

 private:
  template <typename Type>
  void PlanType(const TypeMatch<Type>& type, DeclarationKind kind) {
    if (type.after == nullptr) return;
    kind_ = kind;
    type_name_ = type.after->name;
    if (type.before == nullptr) {
      Add(StepKind::kAddType);
      return;
    }
    if (type.before->name != type.after->name) {
      Add(StepKind::kRenameType).from = type.before->name;
    }
    column_names_.clear();
    for (const PropertyMatch& property : type.properties) {
      AddRename(property.before, property.after, column_names_);
    }
    PlanHead(*type.before, *type.after);
    for (const PropertyMatch& property : type.properties) PlanProperty(property);
    PlanConstraints(type);
    for (const PropertyMatch& property : type.properties) {
      if (property.after != nullptr) continue;
      Add(StepKind::kDropProperty, property.before->name).tier = StepTier::kDestructive;
    }
  }

  void PlanHead(const Interface&, const Interface&) {}

  void PlanHead(const NodeType& before, const NodeType& after) {
    if (before.interfaces != after.interfaces) {
      Add(StepKind::kChangeImplements).interfaces = after.interfaces;
    }
    PlanMetadata(before.metadata, after.metadata);
  }

  void PlanHead(const EdgeType& before, const EdgeType& after) {
    PlanMetadata(before.metadata, after.metadata);
    const std::string from = NameNow(node_names_, before.from),
                      to = NameNow(node_names_, before.to);
    if (from == after.from && to == after.to) return;
    Refuse("", "", after.span,
           fmt::format("it runs {} -> {} and is to run {} -> {}; changing the ends of an edge is "
                       "not supported in schema migration v1. Declare a new edge type and load "
                       "its edges.",
                       from, to, after.from, after.to));
  }

  void PlanMetadata(const TypeMetadata& before, const TypeMetadata& after) {
    auto changes = ChangesOf(AnnotationsOf(before), AnnotationsOf(after));
    if (!changes.empty()) Add(StepKind::kUpdateTypeMetadata).annotations = std::move(changes);
  }

  void PlanProperty(const PropertyMatch& property) {
    if (property.after == nullptr) return;
    const Property& after = *property.after;
    if (property.before == nullptr) return PlanNewProperty(after);
    const Property& before = *property.before;
    if (before.name != after.name) Add(StepKind::kRenameProperty, after.name).from = before.name;
    PlanPropertyType(before, after);
    if (before.embed != after.embed && !IsRenamedSource(before, after)) {
      Refuse("", after.name, after.span,
             "changing @embed is not supported in schema migration v1: the vectors that are "
             "stored were made by the old rule. Add a new property and fill it.");
    }
    auto changes = ChangesOf(AnnotationsOf(before), AnnotationsOf(after));
    if (!changes.empty()) {
      Add(StepKind::kUpdatePropertyMetadata, after.name).annotations = std::move(changes);
    }
  }

  /// The source of an @embed was renamed, and nothing else.
  bool IsRenamedSource(const Property& before, const Property& after) const {
    return before.embed && after.embed && before.embed->model == after.embed->model &&
           NameNow(column_names_, before.embed->property) == after.embed->property;
  }

  void PlanNewProperty(const Property& after) {
    if (kind_ != DeclarationKind::kInterface && !after.type.nullable &&
        DefaultOf(after) == nullptr) {
      return Refuse("OG-MF-103", after.name, after.span,
                    fmt::format("adding a required property is not supported in schema migration "
                                "v1: the rows there are have no value for it. Declare it as {}?, "
                                "or give it a @default.",
                                TypeName(after.type)));
    }
    Add(StepKind::kAddProperty, after.name).type_after = after.type;
  }

  void PlanPropertyType(const Property& before, const Property& after) {
    if (before.type == after.type) return;
    const std::optional<StepTier> tier = TierOf(before.type, after.type);
    if (!tier && kind_ != DeclarationKind::kInterface) {
      return Refuse(
          "OG-MF-106", after.name, after.span,
          fmt::format("changing its type from {} to {} is not supported in schema migration v1: "
                      "not every value has one of the new type. Add a new property beside it.",
                      TypeName(before.type), TypeName(after.type)));
    }
    const bool extends_enum = before.type.is_enum() && after.type.is_enum() &&
                              before.type.nullable == after.type.nullable &&
                              Without(before.type.enum_values, after.type.enum_values).empty();
    if (extends_enum) {
      Add(StepKind::kExtendEnum, after.name).added_values =
          Without(after.type.enum_values, before.type.enum_values);
      return;
    }
    MigrationStep& step = Add(StepKind::kChangePropertyType, after.name);
    // An interface has no rows; its nodes say for themselves what theirs have to show.
    step.tier = kind_ == DeclarationKind::kInterface ? StepTier::kSafe : *tier;
    step.type_before = before.type;
    step.type_after = after.type;
  }

  void PlanConstraints(const TypeMatch<Interface>&) {}

  template <typename Type>
  void PlanConstraints(const TypeMatch<Type>& type) {
    const auto before = ConstraintTexts(
        *type.before, [this](const std::string& column) { return NameNow(column_names_, column); });
    const auto after =
        ConstraintTexts(*type.after, [](const std::string& column) { return column; });
    for (const auto& [text, columns] : before) {
      if (!after.contains(text)) Add(StepKind::kDropConstraint).constraint = text;
    }
    for (const auto& [text, columns] : after) {
      if (before.contains(text)) continue;
      MigrationStep& step = Add(StepKind::kAddConstraint);
      step.constraint = text;
      step.columns = columns;
      step.tier =
          NeedsNoLook(*type.before, *type.after, text) ? StepTier::kSafe : StepTier::kValidated;
    }
  }

  static bool NeedsNoLook(const NodeType&, const NodeType&, const std::string& text) {
    return text.starts_with("@index(");
  }
  static bool NeedsNoLook(const EdgeType& before, const EdgeType& after, const std::string& text) {
    return text.starts_with("@index(") ||
           (text.starts_with("@card(") && Loosens(before.cardinality, after.cardinality));
  }

  template <typename Type>
  void PlanDrops(const std::vector<TypeMatch<Type>>& types, DeclarationKind kind) {
    kind_ = kind;
    for (const auto& type : types) {
      if (type.after != nullptr) continue;
      type_name_ = type.before->name;
      Add(StepKind::kDropType).tier =
          kind == DeclarationKind::kInterface ? StepTier::kSafe : StepTier::kDestructive;
    }
  }

  MigrationStep& Add(StepKind kind, const std::string& property = "") {
    MigrationStep& step = out_.steps.emplace_back();
    step.kind = kind;
    step.type_kind = kind_;
    step.type_name = type_name_;
    step.property_name = property;
    return step;
  }

  void Refuse(std::string code, const std::string& property, SourceSpan span, std::string reason) {
    MigrationStep& step = Add(StepKind::kUnsupported, property);
    step.code = std::move(code);
    step.reason = std::move(reason);
    step.span = span;
  }

  const SchemaMatch& match_;
  Migration& out_;
  DeclarationKind kind_ = DeclarationKind::kNode;  // of the type at hand
  std::string type_name_;
  Renames node_names_;    // accepted name to wanted one
  Renames column_names_;  // likewise, of the type at hand
};

}  // namespace

bool Migration::is_valid() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Severity::kError;
  });
}

bool Migration::is_supported() const {
  return is_valid() && std::none_of(steps.begin(), steps.end(), [](const MigrationStep& step) {
           return step.kind == StepKind::kUnsupported;
         });
}

Migration PlanMigration(const Schema& accepted, const Schema& wanted) {
  Migration migration;
  SchemaMatch match = MatchDeclarations(accepted, wanted);
  migration.diagnostics = std::move(match.diagnostics);
  if (!migration.is_valid()) return migration;
  Planner(match, migration).Run();
  migration.next = CarryIds(match, accepted, wanted);
  // Whatever the steps do not say is a matter of form.
  if (migration.steps.empty() && SchemaDigest(accepted) != SchemaDigest(wanted)) {
    migration.steps.push_back({.kind = StepKind::kRespell});
  }
  return migration;
}

}  // namespace tarn::schema
