// The verbs that print what a warehouse holds: snapshot, schema show, export, commit list, commit
// show, version.
#include <ostream>

#include "tarn/base/json_writer.h"
#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/engine/build_info.h"
#include "tarn/schema/typed_form.h"
#include "tarn/wire/reports.h"

namespace tarn::cli {

Result<int> RunSnapshot(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const engine::ReadTarget target, TargetOf(invocation));
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  TARN_ASSIGN_OR_RETURN(const catalog::Snapshot snapshot,
                        database->Pin(invocation.request, target));
  invocation.streams.out << (invocation.args.Has("--json")
                                 ? wire::SnapshotJson(snapshot.manifest())
                                 : wire::SnapshotText(snapshot.manifest()));
  return 0;
}

Result<int> RunSchemaShow(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const engine::ReadTarget target, TargetOf(invocation));
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  TARN_ASSIGN_OR_RETURN(const std::string source,
                        database->SchemaSource(invocation.request, target));
  if (!invocation.args.Has("--json")) {
    invocation.streams.out << source;
    return 0;
  }
  TARN_ASSIGN_OR_RETURN(const catalog::Snapshot snapshot,
                        database->Pin(invocation.request, target));
  JsonWriter json;
  json.BeginObject().Key("schema_source").String(source);
  json.Key("digest").String(snapshot.manifest().schema_entry.digest);
  json.Key("schema").Raw(schema::ToTypedJson(snapshot.schema())).EndObject();
  invocation.streams.out << json.Take() << "\n";
  return 0;
}

Result<int> RunExport(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const engine::ReadTarget target, TargetOf(invocation));
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  std::ostream& out = invocation.streams.out;
  TARN_RETURN_IF_ERROR(database->Export(
      invocation.request, target, invocation.args.All("--type"), [&out](std::string_view line) {
        out << line << '\n';
        return out ? Status::Ok()
                   : Error(ErrorId::kFileUnreadable,
                           "standard output took no more: it was closed, or its disk is full");
      }));
  return 0;
}

Result<int> RunCommitList(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const engine::ReadTarget target, TargetOf(invocation));
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  TARN_ASSIGN_OR_RETURN(std::vector<catalog::CommitRecord> commits,
                        database->Commits(invocation.request, target.branch));
  if (const auto limit = invocation.args.Get("--limit")) {
    TARN_ASSIGN_OR_RETURN(const uint64_t most, ParseCount("--limit", *limit));
    if (commits.size() > most) commits.resize(most);
  }
  invocation.streams.out << (invocation.args.Has("--json") ? wire::CommitsJson(commits)
                                                           : wire::CommitsText(commits));
  return 0;
}

Result<int> RunCommitShow(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  TARN_ASSIGN_OR_RETURN(const catalog::Snapshot snapshot,
                        database->Pin(invocation.request, {.as_of = *invocation.args.Get("ID")}));
  invocation.streams.out << (invocation.args.Has("--json")
                                 ? wire::CommitJson(snapshot.commit())
                                 : wire::CommitsText({snapshot.commit()}));
  return 0;
}

Result<int> RunVersion(Invocation& invocation) {
  const engine::BuildInfo info = engine::GetBuildInfo();
  if (invocation.args.Has("--json")) {
    JsonWriter json;
    json.BeginObject()
        .Key("tarn")
        .String(info.tarn)
        .Key("bridge")
        .Raw(info.bridge_json)
        .EndObject();
    invocation.streams.out << json.Take() << "\n";
  } else {
    invocation.streams.out << "tarn " << info.tarn << "\nbuilt on " << info.bridge_json << "\n";
  }
  return 0;
}

}  // namespace tarn::cli
