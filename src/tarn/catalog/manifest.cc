#include "tarn/catalog/manifest.h"

#include <algorithm>
#include <iterator>

#include "tarn/base/check.h"

namespace tarn::catalog {

std::string_view TableKindName(TableKind kind) {
  switch (kind) {
    case TableKind::kNode: return "node";
    case TableKind::kEdge: return "edge";
  }
  TARN_UNREACHABLE("a TableKind outside its enum");
}

std::string TableEntry::Key() const { return fmt::format("{}:{}", TableKindName(kind), type_name); }

const TableEntry* Manifest::FindTable(TableKind kind, std::string_view type_name) const {
  for (const TableEntry& table : tables) {
    if (table.kind == kind && table.type_name == type_name) return &table;
  }
  return nullptr;
}

const BranchEntry* Manifest::FindBranch(std::string_view name) const {
  for (const BranchEntry& branch : branches) {
    if (branch.name == name) return &branch;
  }
  return nullptr;
}

uint64_t Manifest::FloorOf(std::string_view line_id) const {
  const auto found = std::find_if(floors.begin(), floors.end(), [line_id](const FloorEntry& floor) {
    return floor.line_id == line_id;
  });
  return found == floors.end() ? 0 : found->number;
}

const TagEntry* Manifest::FindTag(std::string_view name) const {
  for (const TagEntry& tag : tags) {
    if (tag.name == name) return &tag;
  }
  return nullptr;
}

namespace {

constexpr std::string_view kStandingNames[] = {"NoMovement", "RolledPastExpected", "UnexpectedAtP1",
                                               "UnexpectedMultistep", "InvariantViolation"};

}  // namespace

std::string_view TableStandingName(TableStanding standing) {
  return kStandingNames[static_cast<size_t>(standing)];
}

std::optional<TableStanding> TableStandingOf(std::string_view name) {
  const auto found = std::find(std::begin(kStandingNames), std::end(kStandingNames), name);
  if (found == std::end(kStandingNames)) return std::nullopt;
  return static_cast<TableStanding>(found - std::begin(kStandingNames));
}

std::string_view RecoveryKindName(RecoveryRecord::Kind kind) {
  switch (kind) {
    case RecoveryRecord::Kind::kRolledBack: return "rolled_back";
    case RecoveryRecord::Kind::kRolledForward: return "rolled_forward";
    case RecoveryRecord::Kind::kRepaired: return "repaired";
  }
  return "";
}

}  // namespace tarn::catalog
