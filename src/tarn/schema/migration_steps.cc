#include <fmt/format.h>

#include "tarn/base/check.h"
#include "tarn/schema/migration.h"

namespace tarn::schema {
namespace {

std::string NamesOf(const std::vector<AnnotationChange>& changes) {
  std::string out;
  for (const auto& [name, text] : changes) {
    out += fmt::format("{}{}@{}", out.empty() ? "" : ", ", text ? "" : "no ", name);
  }
  return out;
}

}  // namespace

std::string_view StepKindName(StepKind kind) {
  switch (kind) {
    case StepKind::kAddType: return "add_type";
    case StepKind::kRenameType: return "rename_type";
    case StepKind::kChangeImplements: return "change_implements";
    case StepKind::kUpdateTypeMetadata: return "update_type_metadata";
    case StepKind::kAddProperty: return "add_property";
    case StepKind::kRenameProperty: return "rename_property";
    case StepKind::kExtendEnum: return "extend_enum";
    case StepKind::kChangePropertyType: return "change_property_type";
    case StepKind::kUpdatePropertyMetadata: return "update_property_metadata";
    case StepKind::kDropConstraint: return "drop_constraint";
    case StepKind::kAddConstraint: return "add_constraint";
    case StepKind::kDropProperty: return "drop_property";
    case StepKind::kDropType: return "drop_type";
    case StepKind::kRespell: return "respell";
    case StepKind::kUnsupported: return "unsupported_change";
  }
  TARN_UNREACHABLE("a StepKind outside its enum");
}

std::string_view StepTierName(StepTier tier) {
  switch (tier) {
    case StepTier::kSafe: return "safe";
    case StepTier::kValidated: return "validated";
    case StepTier::kDestructive: return "destructive";
  }
  TARN_UNREACHABLE("a StepTier outside its enum");
}

std::string StepEntity(const MigrationStep& step) {
  if (step.type_name.empty()) return "schema";
  if (step.property_name.empty()) {
    return fmt::format("{} {}", DeclarationWord(step.type_kind), step.type_name);
  }
  return fmt::format("property {}.{}", step.type_name, step.property_name);
}

std::string StepText(const MigrationStep& step) {
  const std::string entity = StepEntity(step);
  switch (step.kind) {
    case StepKind::kAddType: return "add " + entity;
    case StepKind::kRenameType:
      return fmt::format("rename {} {} to {}", DeclarationWord(step.type_kind), step.from,
                         step.type_name);
    case StepKind::kChangeImplements:
      return step.interfaces.empty()
                 ? entity + " implements nothing any more"
                 : fmt::format("{} implements {}", entity, fmt::join(step.interfaces, ", "));
    case StepKind::kUpdateTypeMetadata:
    case StepKind::kUpdatePropertyMetadata:
      return fmt::format("annotate {}: {}", entity, NamesOf(step.annotations));
    case StepKind::kAddProperty:
      return fmt::format("add {}: {}", entity, TypeName(*step.type_after));
    case StepKind::kRenameProperty:
      return fmt::format("rename property {}.{} to {}", step.type_name, step.from,
                         step.property_name);
    case StepKind::kExtendEnum:
      return fmt::format("{} also allows {}", entity, fmt::join(step.added_values, ", "));
    case StepKind::kChangePropertyType:
      return fmt::format("{} becomes {} instead of {}", entity, TypeName(*step.type_after),
                         TypeName(*step.type_before));
    case StepKind::kDropConstraint:
      return fmt::format("drop {} of {}", step.constraint, step.type_name);
    case StepKind::kAddConstraint:
      return fmt::format("add {} to {}", step.constraint, step.type_name);
    case StepKind::kDropProperty:
    case StepKind::kDropType: return "drop " + entity;
    case StepKind::kRespell: return "the same rules, written elsewhere";
    case StepKind::kUnsupported:
      return step.code.empty() ? fmt::format("{}: {}", entity, step.reason)
                               : fmt::format("[{}] {}: {}", step.code, entity, step.reason);
  }
  TARN_UNREACHABLE("a StepKind outside its enum");
}

}  // namespace tarn::schema
