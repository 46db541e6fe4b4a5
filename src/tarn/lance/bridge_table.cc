#include "tarn/lance/bridge_table.h"

#include <utility>

#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <simdjson.h>

#include "tarn/columnar/arrow_status.h"
#include "tarn/columnar/c_data.h"
#include "tarn/lance/bridge_dataset.h"
#include "tarn/lance/bridge_files.h"
#include "tarn/lance/bridge_rows.h"
#include "tarn/lance/bridge_spec.h"
#include "tarn/lance/bridge_staged.h"
#include "tarn/lance/checks.h"
#include "tarn/lance/fork_uri.h"
#include "tarn/store/bridge_call.h"
#include "tarn/store/bridge_status.h"
#include "tarn/store/store_key.h"

namespace tarn::lance {
namespace {

using columnar::CStream;
using store::BridgeCall;
using store::CallBridge;
using store::Str;
using store::TransactionHandle;

Result<ProbeOutcome> ParseProbe(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::string_view outcome;
  if (parser.parse(text.data(), text.size()).get(json) == simdjson::SUCCESS &&
      json["outcome"].get(outcome) == simdjson::SUCCESS) {
    if (outcome == "ours") return ProbeOutcome::kOurs;
    if (outcome == "foreign") return ProbeOutcome::kForeign;
    if (outcome == "absent") return ProbeOutcome::kAbsent;
  }
  return Error(ErrorId::kInternal, "the bridge's answer to a probe is not what it should be: {}",
               text);
}

Result<BridgeStaged*> AsBridgeStaged(Staged& staged) {
  if (auto* ours = dynamic_cast<BridgeStaged*>(&staged)) return ours;
  return Error(ErrorId::kInvalidArgument, "the transaction on {} belongs to another kind of store",
               staged.uri());
}

Result<std::vector<uint64_t>> ParseVersions(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::array listed;
  std::vector<uint64_t> versions;
  bool is_whole = parser.parse(text.data(), text.size()).get(listed) == simdjson::SUCCESS;
  for (const simdjson::dom::element item : listed) {
    is_whole = is_whole && item.get(versions.emplace_back()) == simdjson::SUCCESS;
  }
  if (is_whole) return versions;
  return Error(ErrorId::kInternal, "the bridge's list of versions is not what it should be: {}",
               text);
}

Result<Removal> ParseRemoval(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  Removal removal;
  if (parser.parse(text.data(), text.size()).get(json) == simdjson::SUCCESS &&
      json["versions"].get(removal.versions) == simdjson::SUCCESS &&
      json["files"].get(removal.files) == simdjson::SUCCESS &&
      json["bytes"].get(removal.bytes) == simdjson::SUCCESS &&
      json["failed_deletes"].get(removal.failed) == simdjson::SUCCESS) {
    return removal;
  }
  return Error(ErrorId::kInternal, "the bridge's report of a cleanup is not what it should be: {}",
               text);
}

/// One row of the columns that are new or change their type; nothing when there are none.
Status ExportFills(const arrow::Schema& base, const std::vector<TableColumn>& columns,
                   CStream& out) {
  arrow::FieldVector fields;
  arrow::ArrayVector values;
  for (const TableColumn& column : columns) {
    const bool is_new = column.from.empty();
    const std::shared_ptr<arrow::DataType>& type = column.field->type();
    if (!is_new && base.GetFieldByName(column.from)->type()->Equals(type)) continue;
    // Nullable here, because a column that only changes its type has no value to show.
    fields.push_back(column.field->WithNullable(true));
    if (is_new && column.fill != nullptr) {
      TARN_ARROW_ASSIGN_OR_RETURN(values.emplace_back(),
                                  arrow::MakeArrayFromScalar(*column.fill, 1));
    } else {
      TARN_ARROW_ASSIGN_OR_RETURN(values.emplace_back(), arrow::MakeArrayOfNull(type, 1));
    }
  }
  if (fields.empty()) return Status::Ok();
  const auto schema = arrow::schema(std::move(fields));
  TARN_ARROW_ASSIGN_OR_RETURN(
      auto reader, arrow::RecordBatchReader::Make(
                       {arrow::RecordBatch::Make(schema, 1, std::move(values))}, schema));
  return columnar::ExportStream(std::move(reader), out);
}

class BridgeTableStore final : public TableStore {
 public:
  explicit BridgeTableStore(std::shared_ptr<const store::Session> session)
      : session_(std::move(session)) {}

  Result<std::unique_ptr<Table>> Open(const Request& request, std::string_view uri,
                                      std::optional<uint64_t> version) override {
    TARN_RETURN_IF_ERROR(Enter(request, uri));
    store::DatasetHandle handle;
    const ForkAddress at = SplitForkUri(uri);
    TARN_RETURN_IF_ERROR(CallBridge(tlb_ds_open, BridgeCall(request).get(), session_->handle(),
                                    Str(at.root), Str(RefJson(at.fork, version)), handle.Out()));
    return BridgeTable::Make(session_, std::string(uri), std::move(handle));
  }

  Result<bool> Exists(const Request& request, const Table& table, uint64_t version) override {
    TARN_ASSIGN_OR_RETURN(const BridgeTable* ours, AsBridgeTable(table));
    int32_t exists = 0;
    TARN_RETURN_IF_ERROR(
        CallBridge(tlb_ds_exists, BridgeCall(request).get(), ours->handle(), version, &exists));
    return exists != 0;
  }

  Result<std::unique_ptr<Staged>> StageCreate(const Request& request, std::string_view uri,
                                              std::unique_ptr<BatchStream> rows,
                                              const StageOptions& options) override {
    TARN_RETURN_IF_ERROR(Enter(request, uri));
    const std::string params = StageJson(options);
    return StageRows(
        std::string(uri), std::move(rows), [&](CStream& stream, TransactionHandle& out) {
          return CallBridge(tlb_stage_create, BridgeCall(request).get(), session_->handle(),
                            Str(uri), Str(params), stream.get(), out.Out());
        });
  }
  Result<std::unique_ptr<Staged>> StageAppend(const Request& request, const Table& base,
                                              std::unique_ptr<BatchStream> rows,
                                              const StageOptions& options) override {
    return StageOn(tlb_stage_append, request, base, std::move(rows), options);
  }
  Result<std::unique_ptr<Staged>> StageOverwrite(const Request& request, const Table& base,
                                                 std::unique_ptr<BatchStream> rows,
                                                 const StageOptions& options) override {
    return StageOn(tlb_stage_overwrite, request, base, std::move(rows), options);
  }
  Result<std::unique_ptr<Staged>> StageDelta(const Request& request, const Table& base,
                                             RowDelta delta, const StageOptions& options) override {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(const BridgeTable* ours, AsBridgeTable(base));
    RowPump updated(std::move(delta.updated));
    RowPump inserted(std::move(delta.inserted));
    CStream updated_stream;
    CStream inserted_stream;
    TARN_RETURN_IF_ERROR(updated.Export(updated_stream));
    TARN_RETURN_IF_ERROR(inserted.Export(inserted_stream));
    TransactionHandle handle;
    Status outcome = CallBridge(tlb_stage_delta, BridgeCall(request).get(), ours->handle(),
                                delta.gone.data(), delta.gone.size(), OrNull(updated_stream),
                                delta.updated_row_ids.data(), delta.updated_row_ids.size(),
                                OrNull(inserted_stream), Str(StageJson(options)), handle.Out());
    TARN_RETURN_IF_ERROR(inserted.Finish(updated.Finish(std::move(outcome))));
    return BridgeStaged::Make(session_, base.uri(), std::move(handle));
  }

  Result<std::unique_ptr<Staged>> StageColumns(const Request& request, const Table& base,
                                               std::vector<TableColumn> columns,
                                               const StageOptions& options) override {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(const BridgeTable* ours, AsBridgeTable(base));
    TARN_RETURN_IF_ERROR(CheckTableColumns(*base.schema(), columns));
    CStream fills;
    TARN_RETURN_IF_ERROR(ExportFills(*base.schema(), columns, fills));
    TransactionHandle handle;
    TARN_RETURN_IF_ERROR(CallBridge(tlb_stage_columns, BridgeCall(request).get(), ours->handle(),
                                    Str(TableColumnsJson(columns, options)), OrNull(fills),
                                    handle.Out()));
    return BridgeStaged::Make(session_, base.uri(), std::move(handle));
  }

  Result<std::unique_ptr<Staged>> Decode(std::string_view uri, std::string_view encoded) override {
    TARN_RETURN_IF_ERROR(store::CheckAddress(uri));
    TransactionHandle handle;
    TARN_RETURN_IF_ERROR(CallBridge(tlb_tx_decode, encoded.data(), encoded.size(), handle.Out()));
    return BridgeStaged::Make(session_, std::string(uri), std::move(handle));
  }

  Result<std::unique_ptr<Table>> CommitExact(const Request& request, const Table& base,
                                             Staged& staged,
                                             const CommitOptions& options) override {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(const BridgeTable* table, AsBridgeTable(base));
    TARN_ASSIGN_OR_RETURN(const BridgeStaged* ours, AsBridgeStaged(staged));
    TARN_RETURN_IF_ERROR(CheckFollows(base, staged, ours->read_version()));
    store::DatasetHandle handle;
    TARN_RETURN_IF_ERROR(CallBridge(tlb_commit_exact, BridgeCall(request).get(), table->handle(),
                                    ours->handle(), base.version(), Str(CommitJson(options)),
                                    handle.Out()));
    return BridgeTable::Make(session_, base.uri(), std::move(handle));
  }

  Result<std::unique_ptr<Table>> CommitCreate(const Request& request, Staged& staged,
                                              const CommitOptions& options) override {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(const BridgeStaged* ours, AsBridgeStaged(staged));
    if (!ours->creates_table()) {
      return Error(ErrorId::kInvalidArgument, "the transaction on {} does not create a table",
                   ours->uri());
    }
    store::DatasetHandle handle;
    Status status =
        CallBridge(tlb_commit_create, BridgeCall(request).get(), session_->handle(),
                   Str(ours->uri()), ours->handle(), Str(CommitJson(options)), handle.Out());
    if (!status.ok() && status.id() == ErrorId::kObjectExists) {
      return Error(ErrorId::kFenced, "version 1 of {} is taken", ours->uri());
    }
    TARN_RETURN_IF_ERROR(std::move(status));
    return BridgeTable::Make(session_, ours->uri(), std::move(handle));
  }

  Result<std::unique_ptr<Table>> Fork(const Request& request, const Table& base,
                                      std::string_view name, bool durable) override {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(const BridgeTable* ours, AsBridgeTable(base));
    store::DatasetHandle handle;
    TARN_RETURN_IF_ERROR(CallBridge(tlb_branch_create, BridgeCall(request).get(), ours->handle(),
                                    Str(name), durable ? 1 : 0, handle.Out()));
    return BridgeTable::Make(session_, ForkUri(SplitForkUri(base.uri()).root, name),
                             std::move(handle));
  }

  Status DropFork(const Request& request, std::string_view uri) override {
    const ForkAddress at = SplitForkUri(uri);
    TARN_RETURN_IF_ERROR(CheckFork(uri));
    TARN_ASSIGN_OR_RETURN(const std::unique_ptr<Table> root, Open(request, at.root, std::nullopt));
    TARN_ASSIGN_OR_RETURN(const BridgeTable* ours, AsBridgeTable(*root));
    return CallBridge(tlb_branch_delete, BridgeCall(request).get(), ours->handle(), Str(at.fork),
                      /*force=*/1);
  }

  Result<std::vector<uint64_t>> Versions(const Request& request, const Table& table) override {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(const BridgeTable* ours, AsBridgeTable(table));
    store::BridgeBytes bytes;
    TARN_RETURN_IF_ERROR(
        CallBridge(tlb_ds_versions, BridgeCall(request).get(), ours->handle(), bytes.Out()));
    return ParseVersions(bytes.view());
  }

  Result<Removal> RemoveVersions(const Request& request, const Table& newest,
                                 std::span<const uint64_t> versions, bool dry_run) override {
    TARN_RETURN_IF_ERROR(request.Check());
    if (versions.empty()) return Removal();
    TARN_ASSIGN_OR_RETURN(const BridgeTable* ours, AsBridgeTable(newest));
    store::BridgeBytes bytes;
    TARN_RETURN_IF_ERROR(CallBridge(tlb_cleanup, BridgeCall(request).get(), ours->handle(),
                                    versions.data(), versions.size(), dry_run ? 1 : 0,
                                    bytes.Out()));
    return ParseRemoval(bytes.view());
  }

  Result<std::vector<std::string>> Folders(const Request& request,
                                           std::string_view folder) override {
    TARN_RETURN_IF_ERROR(Enter(request, folder));
    return FoldersIn(request, session_, folder);
  }
  Result<Removal> RemoveFolder(const Request& request, std::string_view folder,
                               bool dry_run) override {
    TARN_RETURN_IF_ERROR(Enter(request, folder));
    return RemoveAllIn(request, session_, folder, dry_run);
  }
  Result<std::vector<StrayFile>> Strays(const Request& request, std::string_view uri) override {
    TARN_RETURN_IF_ERROR(Enter(request, uri));
    TARN_ASSIGN_OR_RETURN(TableFiles files, FilesOf(request, session_, uri));
    TARN_RETURN_IF_ERROR(EraseNamed(request, std::string(uri), files));
    for (const std::string& fork : files.forks)
      TARN_RETURN_IF_ERROR(EraseNamed(request, ForkUri(uri, fork), files));
    std::vector<StrayFile> strays;
    for (auto& [name, file] : files.by_name) strays.push_back(std::move(file));
    return strays;
  }
  Status RemoveStrays(const Request& request, std::string_view uri,
                      std::span<const StrayFile> files) override {
    TARN_RETURN_IF_ERROR(Enter(request, uri));
    return RemoveFilesOf(request, session_, uri, files);
  }

  Result<std::unique_ptr<Table>> RestoreExact(const Request& request, const Table& head,
                                              uint64_t to, std::string_view uuid,
                                              const CommitOptions& options) override {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_RETURN_IF_ERROR(CheckRestore(head, to));
    TARN_ASSIGN_OR_RETURN(const BridgeTable* table, AsBridgeTable(head));
    store::DatasetHandle handle;
    TARN_RETURN_IF_ERROR(CallBridge(tlb_restore_exact, BridgeCall(request).get(), table->handle(),
                                    to, head.version(), Str(uuid), Str(CommitJson(options)),
                                    handle.Out()));
    return BridgeTable::Make(session_, head.uri(), std::move(handle));
  }

  Result<ProbeOutcome> Probe(const Request& request, std::string_view uri, uint64_t version,
                             std::string_view uuid) override {
    TARN_RETURN_IF_ERROR(Enter(request, uri));
    store::BridgeBytes bytes;
    const ForkAddress at = SplitForkUri(uri);
    TARN_RETURN_IF_ERROR(CallBridge(tlb_commit_probe, BridgeCall(request).get(), session_->handle(),
                                    Str(at.root), Str(at.fork), version, Str(uuid), bytes.Out()));
    return ParseProbe(bytes.view());
  }

 private:
  static Status Enter(const Request& request, std::string_view uri) {
    TARN_RETURN_IF_ERROR(request.Check());
    return store::CheckAddress(uri);
  }

  /// Leaves of `files` what no version of the line at `uri` names.
  Status EraseNamed(const Request& request, const std::string& uri, TableFiles& files) {
    if (files.by_name.empty()) return Status::Ok();
    Result<std::unique_ptr<Table>> newest = Open(request, uri, std::nullopt);
    // A table of which nothing but staged files was ever written.
    if (!newest.ok() && newest.status().id() == ErrorId::kObjectNotFound) return Status::Ok();
    TARN_RETURN_IF_ERROR(newest.status());
    TARN_RETURN_IF_ERROR(EraseNamedBy(**newest, files));
    if (files.by_name.empty()) return Status::Ok();
    TARN_ASSIGN_OR_RETURN(const std::vector<uint64_t> versions, Versions(request, **newest));
    for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
      if (*version == (*newest)->version()) continue;
      const Result<std::unique_ptr<Table>> table = Open(request, uri, *version);
      // A cleanup beside this one was quicker, and took the files that only it named.
      if (!table.ok() && table.status().id() == ErrorId::kObjectNotFound) continue;
      TARN_RETURN_IF_ERROR(table.status());
      TARN_RETURN_IF_ERROR(EraseNamedBy(**table, files));
    }
    return Status::Ok();
  }
  static Status EraseNamedBy(const Table& table, TableFiles& files) {
    TARN_ASSIGN_OR_RETURN(const std::set<std::string> names, NamesIn(table));
    std::erase_if(files.by_name, [&](const auto& file) { return names.contains(file.first); });
    return Status::Ok();
  }

  static ArrowArrayStream* OrNull(CStream& stream) {
    return stream.get()->release == nullptr ? nullptr : stream.get();
  }

  template <typename Call>
  Result<std::unique_ptr<Staged>> StageRows(std::string uri, std::unique_ptr<BatchStream> rows,
                                            Call&& call) {
    RowPump pump(std::move(rows));
    CStream stream;
    TARN_RETURN_IF_ERROR(pump.Export(stream));
    TransactionHandle handle;
    TARN_RETURN_IF_ERROR(pump.Finish(call(stream, handle)));
    return BridgeStaged::Make(session_, std::move(uri), std::move(handle));
  }

  template <typename Function>
  Result<std::unique_ptr<Staged>> StageOn(Function function, const Request& request,
                                          const Table& base, std::unique_ptr<BatchStream> rows,
                                          const StageOptions& options) {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(const BridgeTable* ours, AsBridgeTable(base));
    const std::string params = StageJson(options);
    return StageRows(base.uri(), std::move(rows), [&](CStream& stream, TransactionHandle& out) {
      return CallBridge(function, BridgeCall(request).get(), ours->handle(), Str(params),
                        stream.get(), out.Out());
    });
  }

  const std::shared_ptr<const store::Session> session_;
};

}  // namespace

std::unique_ptr<TableStore> OpenBridgeTableStore(std::shared_ptr<const store::Session> session) {
  return std::make_unique<BridgeTableStore>(std::move(session));
}

}  // namespace tarn::lance
