// The verbs about commits that were not ended, and tables moved beside Tarn: recovery list, repair.
#include <ostream>

#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/wire/recovery_report.h"

namespace tarn::cli {

Result<int> RunRecoveryList(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const engine::ReadTarget target, TargetOf(invocation));
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  TARN_ASSIGN_OR_RETURN(const std::vector<catalog::RecoveryRecord> completed,
                        database->Recoveries(invocation.request, target.branch));
  TARN_ASSIGN_OR_RETURN(const std::vector<catalog::PendingCommit> pending,
                        database->Pending(invocation.request));
  invocation.streams.out << (invocation.args.Has("--json")
                                 ? wire::RecoveriesJson(completed, pending)
                                 : wire::RecoveriesText(completed, pending));
  return 0;
}

Result<int> RunRepair(Invocation& invocation) {
  wire::RepairReport report;
  report.confirmed = invocation.args.Has("--confirm");
  TARN_ASSIGN_OR_RETURN(report.uri, StoreUri(invocation));
  TARN_ASSIGN_OR_RETURN(const engine::ReadTarget target, TargetOf(invocation));
  const auto access = report.confirmed ? catalog::Access::kReadWrite : catalog::Access::kReadOnly;
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, access));
  TARN_ASSIGN_OR_RETURN(report.drifts, database->Drift(invocation.request, target.branch));
  if (report.confirmed && !report.IsRefused()) {
    TARN_ASSIGN_OR_RETURN(const std::optional<catalog::RecoveryRecord> record,
                          database->Repair(invocation.request, target.branch));
    if (record) report.commit_id = record->commit_id;
  }
  TARN_ASSIGN_OR_RETURN(const catalog::Snapshot head, database->Pin(invocation.request, target));
  report.manifest_version = head.manifest().version;
  invocation.streams.out << (invocation.args.Has("--json") ? wire::RepairJson(report)
                                                           : wire::RepairText(report));
  return report.IsRefused() ? 1 : 0;
}

}  // namespace tarn::cli
