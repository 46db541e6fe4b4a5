#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/base/source.h"
#include "tarn/schema/ast.h"
#include "tarn/schema/schema.h"

/// What has to happen to a graph so that its accepted schema becomes another one. Pure: nothing
/// here knows rows.

namespace tarn::schema {

enum class StepKind : uint8_t {
  kAddType,
  kRenameType,
  kChangeImplements,
  kUpdateTypeMetadata,
  kAddProperty,
  kRenameProperty,
  kExtendEnum,
  kChangePropertyType,
  kUpdatePropertyMetadata,
  kDropConstraint,
  kAddConstraint,
  kDropProperty,
  kDropType,
  kRespell,      ///< the same rules, written in other places: kept, so that `show` is true
  kUnsupported,  ///< no step leads there
};
/// "add_type", "rename_property", "unsupported_change".
std::string_view StepKindName(StepKind kind);

/// What a step asks of the rows that exist.
enum class StepTier : uint8_t {
  kSafe,         ///< nothing: every graph can take it
  kValidated,    ///< each is looked at; one that does not fit refuses the whole migration
  kDestructive,  ///< data leaves the schema's sight
};
/// "safe", "validated", "destructive".
std::string_view StepTierName(StepTier tier);

/// An annotation as it becomes; without a text it goes away.
using AnnotationChange = std::pair<std::string, std::optional<std::string>>;

/// One change. Names are those of the wanted schema, except that what is dropped has only its
/// accepted one.
struct MigrationStep {
  StepKind kind = StepKind::kRespell;
  StepTier tier = StepTier::kSafe;
  DeclarationKind type_kind = DeclarationKind::kNode;
  std::string type_name;
  std::string property_name;                  ///< of steps on one property
  std::string from;                           ///< renames: the accepted name
  std::optional<PropertyType> type_before;    ///< kChangePropertyType
  std::optional<PropertyType> type_after;     ///< kAddProperty, kChangePropertyType
  std::vector<std::string> added_values;      ///< kExtendEnum, sorted
  std::vector<std::string> interfaces;        ///< kChangeImplements, sorted
  std::vector<AnnotationChange> annotations;  ///< metadata updates, sorted by name
  std::vector<std::string> columns;  ///< kAddConstraint: what the constraint is about, sorted
  std::string constraint;            ///< "@unique(a, b)": columns by name
  std::string code;                  ///< kUnsupported: "OG-MF-106", or empty
  std::string reason;                ///< kUnsupported: what, and what to do instead
  SourceSpan span;                   ///< kUnsupported: in the wanted text, empty if not there

  bool operator==(const MigrationStep&) const = default;
};

/// "rename property Port.depth to Port.draught": one line, without the tier.
std::string StepText(const MigrationStep& step);
/// "node Port", "property Port.depth": what a step is about.
std::string StepEntity(const MigrationStep& step);

struct Migration {
  /// In a fixed order: interfaces, nodes, edges by name, of each what goes on in it; dropped types
  /// last. Empty when nothing changes.
  std::vector<MigrationStep> steps;
  /// The wanted schema under the accepted ids: what was there keeps its own, what is new gets the
  /// next free ones.
  Schema next;
  /// Notes on hints that say nothing, and the errors of hints that cannot be followed: then there
  /// are no steps, and `next` is empty.
  std::vector<Diagnostic> diagnostics;

  bool is_valid() const;      ///< no error among the diagnostics
  bool is_supported() const;  ///< valid, and no step is kUnsupported
};

/// Plans the way from `accepted`, which has ids, to `wanted`, which has none. Deterministic, and
/// blind to the order of declarations.
///
/// Diagnostics  M001 a rename hint that names nothing accepted, M002 one of another kind, M003 one
///              name claimed twice, M004 a property of another type; note M005 a hint that is past
///              its time.
Migration PlanMigration(const Schema& accepted, const Schema& wanted);

}  // namespace tarn::schema
