// The verbs that look after storage: optimize, cleanup.
#include <algorithm>
#include <ostream>

#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/wire/maintenance_report.h"

namespace tarn::cli {

Result<int> RunOptimize(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const std::string uri, StoreUri(invocation));
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadWrite));
  TARN_ASSIGN_OR_RETURN(const write::OptimizeResult result,
                        database->Optimize(invocation.request, {}));
  invocation.streams.out << (invocation.args.Has("--json") ? wire::OptimizeJson(uri, result)
                                                           : wire::OptimizeText(result));
  return 0;
}

namespace {

Result<catalog::CleanupOptions> CleanupOptionsOf(const Arguments& args) {
  catalog::CleanupOptions options;
  options.confirm = args.Has("--confirm");
  options.below_minimum = args.Has("--force");
  if (const auto keep = args.Get("--keep")) {
    TARN_ASSIGN_OR_RETURN(options.keep, ParseCount("--keep", *keep));
  }
  if (const auto age = args.Get("--older-than")) {
    TARN_ASSIGN_OR_RETURN(const std::chrono::milliseconds parsed, ParseDuration(*age));
    options.older_than_micros = std::chrono::microseconds(parsed).count();
  }
  return options;
}

}  // namespace

Result<int> RunCleanup(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const std::string uri, StoreUri(invocation));
  TARN_ASSIGN_OR_RETURN(const catalog::CleanupOptions options, CleanupOptionsOf(invocation.args));
  TARN_ASSIGN_OR_RETURN(const auto database,
                        OpenDatabase(invocation, options.confirm ? catalog::Access::kReadWrite
                                                                 : catalog::Access::kReadOnly));
  TARN_ASSIGN_OR_RETURN(const catalog::CleanupReport report,
                        database->Cleanup(invocation.request, options));
  invocation.streams.out << (invocation.args.Has("--json") ? wire::CleanupJson(uri, options, report)
                                                           : wire::CleanupText(options, report));
  const bool failed = std::ranges::any_of(
      report.tables, [](const catalog::CleanedTable& table) { return !table.error.empty(); });
  return failed || !report.strays.error.empty() ? 1 : 0;
}

}  // namespace tarn::cli
