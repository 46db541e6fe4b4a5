#include <ostream>

#include "tarn/base/json_writer.h"
#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/schema/lint.h"
#include "tarn/wire/reports.h"

namespace tarn::cli {

Result<int> RunInit(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const std::string uri, StoreUri(invocation));
  const std::string path = *invocation.args.Get("--schema");
  TARN_ASSIGN_OR_RETURN(const SourceText schema, ReadInput(invocation, path));
  TARN_RETURN_IF_ERROR(
      engine::Database::Init(invocation.request, uri, schema, invocation.args.Has("--force"), {}));
  // A word that may be a slip is kept as metadata for good, so this is the moment to say so.
  if (!invocation.quiet) {
    for (const Diagnostic& finding : schema::LintSchema(schema)) {
      if (finding.severity == Severity::kWarning)
        invocation.streams.err << RenderDiagnostic(schema, finding);
    }
  }
  TARN_ASSIGN_OR_RETURN(
      const auto database,
      engine::Database::Open(invocation.request, uri, {.access = catalog::Access::kReadOnly}));
  TARN_ASSIGN_OR_RETURN(const catalog::Snapshot snapshot, database->Pin(invocation.request, {}));
  if (invocation.args.Has("--json")) {
    invocation.streams.out << wire::SnapshotJson(snapshot.manifest());
    return 0;
  }
  invocation.streams.out << "made warehouse " << uri << ": "
                         << wire::CountText(snapshot.schema().nodes.size(), "node type") << ", "
                         << wire::CountText(snapshot.schema().edges.size(), "edge type")
                         << ", commit " << snapshot.commit().id << "\n";
  return 0;
}

}  // namespace tarn::cli
