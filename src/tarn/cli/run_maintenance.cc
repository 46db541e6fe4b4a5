// The verbs that look after storage: optimize.
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

}  // namespace tarn::cli
