#include "tarn/lance/bridge_table.h"

#include <utility>

#include <simdjson.h>

#include "tarn/columnar/c_data.h"
#include "tarn/lance/bridge_dataset.h"
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
