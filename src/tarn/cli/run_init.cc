#include <ostream>

#include "tarn/base/json_writer.h"
#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/wire/reports.h"

namespace tarn::cli {

Result<int> RunInit(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const std::string uri, StoreUri(invocation));
  const std::string path = *invocation.args.Get("--schema");
  TARN_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  const SourceText schema(path, std::move(text));
  TARN_RETURN_IF_ERROR(
      engine::Database::Init(invocation.request, uri, schema, invocation.args.Has("--force"), {}));
  TARN_ASSIGN_OR_RETURN(
      const auto database,
      engine::Database::Open(invocation.request, uri, {.access = catalog::Access::kReadOnly}));
  TARN_ASSIGN_OR_RETURN(const catalog::Snapshot snapshot, database->Pin(invocation.request, {}));
  if (invocation.args.Has("--json")) {
    invocation.streams.out << wire::SnapshotJson(snapshot.manifest());
    return 0;
  }
  invocation.streams.out << "made warehouse " << uri << ": " << snapshot.schema().nodes.size()
                         << " node types, " << snapshot.schema().edges.size()
                         << " edge types, commit " << snapshot.commit().id << "\n";
  return 0;
}

}  // namespace tarn::cli
