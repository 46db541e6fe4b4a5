#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/status.h"
#include "tarn/changes/commit_diff.h"

namespace tarn::changes {

enum class ConflictKind : uint8_t {
  kDivergentInsert,           ///< one id was inserted on both sides with different values
  kDivergentUpdate,           ///< one row was changed on both sides in different ways
  kDeleteVsUpdate,            ///< deleted on one side, changed on the other
  kOrphanEdge,                ///< an edge would end at a node that the other side deleted
  kUniqueViolation,           ///< the merged rows break a @unique
  kCardinalityViolation,      ///< the merged edges break a @card
  kValueConstraintViolation,  ///< a merged value breaks a check
};
/// "divergent_insert", ...: the words of the wire.
std::string_view ConflictName(ConflictKind kind);

/// "node:Port SEGOT": how people name one row.
std::string RowName(const TypeRef& type, std::string_view id);

/// One reason why a merge cannot be.
struct Conflict {
  TypeRef type;
  std::optional<std::string> id;  ///< absent when it is not the fault of one row
  ConflictKind kind = ConflictKind::kDivergentInsert;
  std::string message;
};

/// `[{"entity_kind","type_name","entity_id","kind","message"}]`.
std::string ConflictsJson(const std::vector<Conflict>& conflicts);
/// "divergent_update of node:Port SEGOT: ...".
std::string ConflictText(const Conflict& conflict);

/// The conflicts of one merge, the first kConflictsMax of them.
class ConflictList {
 public:
  void Add(Conflict conflict);
  bool empty() const { return list_.empty(); }
  /// Nodes before edges, then by type, id and kind.
  std::vector<Conflict> Take();
  /// kMergeConflict with all of them in the detail `merge_conflicts`. Precondition: there are some.
  Status ToStatus();

 private:
  std::vector<Conflict> list_;
  bool more_ = false;
};

}  // namespace tarn::changes
