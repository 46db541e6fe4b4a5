#include "tarn/changes/conflict.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "tarn/base/json_writer.h"
#include "tarn/changes/limits.h"

namespace tarn::changes {

std::string_view ConflictName(ConflictKind kind) {
  switch (kind) {
    case ConflictKind::kDivergentInsert: return "divergent_insert";
    case ConflictKind::kDivergentUpdate: return "divergent_update";
    case ConflictKind::kDeleteVsUpdate: return "delete_vs_update";
    case ConflictKind::kOrphanEdge: return "orphan_edge";
    case ConflictKind::kUniqueViolation: return "unique_violation";
    case ConflictKind::kCardinalityViolation: return "cardinality_violation";
    case ConflictKind::kValueConstraintViolation: return "value_constraint_violation";
  }
  TARN_UNREACHABLE("a ConflictKind outside its enum");
}

std::string RowName(const TypeRef& type, std::string_view id) {
  return fmt::format("{}:{} {}", catalog::TableKindName(type.kind), type.name, id);
}

std::string ConflictsJson(const std::vector<Conflict>& conflicts) {
  JsonWriter json;
  json.BeginArray();
  for (const Conflict& conflict : conflicts) {
    json.BeginObject().Key("entity_kind").String(catalog::TableKindName(conflict.type.kind));
    json.Key("type_name").String(conflict.type.name).Key("entity_id");
    conflict.id ? json.String(*conflict.id) : json.Null();
    json.Key("kind").String(ConflictName(conflict.kind));
    json.Key("message").String(conflict.message).EndObject();
  }
  return json.EndArray().Take();
}

std::string ConflictText(const Conflict& conflict) {
  return fmt::format("{} of {}: {}", ConflictName(conflict.kind),
                     conflict.id ? RowName(conflict.type, *conflict.id)
                                 : fmt::format("{}:{}", catalog::TableKindName(conflict.type.kind),
                                               conflict.type.name),
                     conflict.message);
}

void ConflictList::Add(Conflict conflict) {
  if (list_.size() < kConflictsMax) {
    list_.push_back(std::move(conflict));
  } else {
    more_ = true;
  }
}

std::vector<Conflict> ConflictList::Take() {
  const auto place = [](const Conflict& conflict) {
    return std::tuple(conflict.type.kind == catalog::TableKind::kEdge, conflict.type.id,
                      conflict.id, conflict.kind, conflict.message);
  };
  std::sort(list_.begin(), list_.end(),
            [&](const Conflict& a, const Conflict& b) { return place(a) < place(b); });
  return std::exchange(list_, {});
}

Status ConflictList::ToStatus() {
  const std::vector<Conflict> conflicts = Take();
  std::string shown;
  for (size_t i = 0; i < std::min(conflicts.size(), kConflictsShownMax); ++i) {
    shown += (i == 0 ? "" : "; ") + ConflictText(conflicts[i]);
  }
  if (conflicts.size() > kConflictsShownMax) {
    shown +=
        fmt::format("; and {}{} more", more_ ? "over " : "", conflicts.size() - kConflictsShownMax);
  }
  return Error(ErrorId::kMergeConflict, "merge conflicts: {}", shown)
      .WithHint(
          "Change one of the branches, or choose: --keep ours or --keep theirs for all "
          "conflicts between two rows, --keep \"node:TYPE ID=theirs\" for one row")
      .WithDetail("merge_conflicts", ConflictsJson(conflicts));
}

}  // namespace tarn::changes
