#pragma once

#include <string>
#include <vector>

#include "tarn/catalog/catalog.h"

namespace tarn::wire {

/// `{"recoveries":[{"operation_id","recovery_kind","recovery_for_actor","graph_commit_id",...}],
/// "pending":[...]}`.
std::string RecoveriesJson(const std::vector<catalog::RecoveryRecord>& completed,
                           const std::vector<catalog::PendingCommit>& pending);
std::string RecoveriesText(const std::vector<catalog::RecoveryRecord>& completed,
                           const std::vector<catalog::PendingCommit>& pending);

/// What repair found, and what it did or would do.
struct RepairReport {
  std::string uri;
  bool confirmed = false;
  uint64_t manifest_version = 0;
  std::vector<catalog::TableDrift> drifts;
  std::string commit_id;  ///< of the repair; empty = none was made

  /// Is there a table that repair cannot bring back?
  bool IsRefused() const;
};
/// `{"uri","confirm","force","graph_manifest_version","datasets":[{"type_key",...}]}`.
std::string RepairJson(const RepairReport& report);
std::string RepairText(const RepairReport& report);

}  // namespace tarn::wire
