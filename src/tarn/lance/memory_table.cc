#include "tarn/lance/memory_table.h"

#include <algorithm>
#include <utility>

#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>

#include "tarn/lance/fork_uri.h"
#include "tarn/lance/memory_files.h"
#include "tarn/lance/memory_handles.h"
#include "tarn/lance/memory_scan.h"
#include "tarn/lance/memory_stage.h"
#include "tarn/lance/memory_version.h"
#include "tarn/lance/checks.h"
#include "tarn/store/memory_meter.h"
#include "tarn/store/store_key.h"

namespace tarn::lance {
namespace {

using Kind = MemoryTransaction::Kind;
using store::CountCall;
using store::UnderFaults;

class MemoryTableStore final : public TableStore {
 public:
  MemoryTableStore(std::shared_ptr<MemoryTables> tables,
                   std::shared_ptr<store::MemoryFaults> faults)
      : tables_(std::move(tables)), faults_(std::move(faults)) {}

  Result<std::unique_ptr<Table>> Open(const Request& request, std::string_view uri,
                                      std::optional<uint64_t> version) override {
    TARN_RETURN_IF_ERROR(request.Check());
    CountCall(request, {.verb = version ? "head" : "list", .class_name = VersionClass(uri)});
    CountCall(request, {.verb = "get", .class_name = VersionClass(uri)});
    return UnderFaults(faults_.get(), "open", uri, ErrorId::kStorageUnavailable,
                       [&]() -> Result<std::unique_ptr<Table>> {
                         TARN_ASSIGN_OR_RETURN(std::shared_ptr<const MemoryVersion> found,
                                               Find(uri, version));
                         return TableOf(std::string(uri), std::move(found));
                       });
  }

  Result<bool> Exists(const Request& request, const Table& table, uint64_t version) override {
    TARN_RETURN_IF_ERROR(request.Check());
    CountCall(request, {.verb = "head", .class_name = VersionClass(table.uri())});
    return UnderFaults(faults_.get(), "exists", table.uri(), ErrorId::kStorageUnavailable,
                       [&]() -> Result<bool> { return Find(table.uri(), version).ok(); });
  }

  Result<std::unique_ptr<Staged>> StageCreate(const Request& request, std::string_view uri,
                                              std::unique_ptr<BatchStream> rows,
                                              const StageOptions& options) override {
    if (Find(uri, std::nullopt).ok())
      return Error(ErrorId::kObjectExists, "the table {} exists", uri);
    MemoryTransaction draft = Draft(Kind::kCreate, std::string(uri), 0, rows->schema());
    CountCall(request, {.verb = "list", .class_name = VersionClass(uri)});
    return Stage(request, std::move(draft), [&](MemoryTransaction& transaction) {
      return StageInserted(request, *rows, options, transaction);
    });
  }
  Result<std::unique_ptr<Staged>> StageAppend(const Request& request, const Table& base,
                                              std::unique_ptr<BatchStream> rows,
                                              const StageOptions& options) override {
    return Stage(request, Draft(Kind::kAppend, base.uri(), base.version(), base.schema()),
                 [&](MemoryTransaction& transaction) {
                   return StageInserted(request, *rows, options, transaction);
                 });
  }
  Result<std::unique_ptr<Staged>> StageOverwrite(const Request& request, const Table& base,
                                                 std::unique_ptr<BatchStream> rows,
                                                 const StageOptions& options) override {
    return Stage(request, Draft(Kind::kOverwrite, base.uri(), base.version(), rows->schema()),
                 [&](MemoryTransaction& transaction) {
                   return StageInserted(request, *rows, options, transaction);
                 });
  }
  Result<std::unique_ptr<Staged>> StageDelta(const Request& request, const Table& base,
                                             RowDelta delta, const StageOptions& options) override {
    TARN_ASSIGN_OR_RETURN(const MemoryTable* table, Ours(base));
    return Stage(request, Draft(Kind::kDelta, base.uri(), base.version(), base.schema()),
                 [&](MemoryTransaction& transaction) {
                   return StageChanges(request, table->content(), std::move(delta), options,
                                       transaction);
                 });
  }

  Result<std::unique_ptr<Staged>> StageColumns(const Request& request, const Table& base,
                                               std::vector<TableColumn> columns,
                                               const StageOptions&) override {
    TARN_ASSIGN_OR_RETURN(const MemoryTable* table, Ours(base));
    TARN_RETURN_IF_ERROR(CheckTableColumns(*base.schema(), columns));
    return Stage(request, Draft(Kind::kColumns, base.uri(), base.version(), SchemaOf(columns)),
                 [&](MemoryTransaction& transaction) {
                   return StageRewritten(table->content(), columns, transaction);
                 });
  }

  Result<std::unique_ptr<Staged>> Decode(std::string_view uri, std::string_view encoded) override {
    std::lock_guard lock(tables_->mutex);
    const bool is_ours = encoded.starts_with(kEncodedPrefix);
    auto found = tables_->staged_by_uuid.find(is_ours ? encoded.substr(kEncodedPrefix.size()) : "");
    if (found == tables_->staged_by_uuid.end() || found->second->uri != uri) {
      return Error(ErrorId::kCorruptData, "these bytes are not an encoded transaction of {}", uri);
    }
    return std::make_unique<MemoryStaged>(tables_, faults_, found->second);
  }

  Result<std::unique_ptr<Table>> CommitExact(const Request& request, const Table& base,
                                             Staged& staged,
                                             const CommitOptions& options) override {
    TARN_ASSIGN_OR_RETURN(const MemoryStaged* ours, Ours(staged));
    TARN_RETURN_IF_ERROR(CheckFollows(base, staged, ours->transaction().read_version));
    return Commit(request, *ours, options);
  }
  Result<std::unique_ptr<Table>> CommitCreate(const Request& request, Staged& staged,
                                              const CommitOptions& options) override {
    TARN_ASSIGN_OR_RETURN(const MemoryStaged* ours, Ours(staged));
    if (!ours->creates_table()) {
      return Error(ErrorId::kInvalidArgument, "the transaction on {} does not create a table",
                   ours->uri());
    }
    return Commit(request, *ours, options);
  }

  Result<std::unique_ptr<Table>> RestoreExact(const Request& request, const Table& head,
                                              uint64_t to, std::string_view uuid,
                                              const CommitOptions& options) override {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_RETURN_IF_ERROR(CheckRestore(head, to));
    if (!options.trust_expected)
      CountCall(request, {.verb = "list", .class_name = VersionClass(head.uri())});
    CountCall(request, {.verb = "put-if-absent", .class_name = VersionClass(head.uri())});
    return UnderFaults(faults_.get(), "commit", head.uri(), ErrorId::kCommitUnknown,
                       [&] { return LandRestore(head.uri(), head.version(), to, uuid); });
  }

  Result<std::unique_ptr<Table>> Fork(const Request& request, const Table& base,
                                      std::string_view name, bool) override {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(const MemoryTable* table, Ours(base));
    const std::string uri = ForkUri(SplitForkUri(base.uri()).root, name);
    CountCall(request, {.verb = "put", .class_name = FileClass(uri, "_transactions")});
    CountCall(request, {.verb = "put-if-absent", .class_name = VersionClass(uri)});
    CountCall(request, {.verb = "put-if-absent", .class_name = FileClass(uri, "_refs")});
    return UnderFaults(faults_.get(), "fork", uri, ErrorId::kStorageUnavailable,
                       [&] { return MakeFork(*table, uri); });
  }

  Status DropFork(const Request& request, std::string_view uri) override {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_RETURN_IF_ERROR(CheckFork(uri));
    CountCall(request, {.verb = "delete", .class_name = VersionClass(uri)});
    return UnderFaults(faults_.get(), "drop", uri, ErrorId::kStorageUnavailable,
                       [&] { return EraseFork(uri); });
  }

  Result<std::vector<uint64_t>> Versions(const Request& request, const Table& table) override {
    TARN_RETURN_IF_ERROR(request.Check());
    CountCall(request, {.verb = "list", .class_name = VersionClass(table.uri())});
    std::lock_guard lock(tables_->mutex);
    std::vector<uint64_t> versions;
    for (const auto& version : tables_->versions_by_uri[table.uri()]) {
      if (version != nullptr) versions.push_back(version->number);
    }
    return versions;
  }

  Result<Removal> RemoveVersions(const Request& request, const Table& newest,
                                 std::span<const uint64_t> versions, bool dry_run) override {
    TARN_RETURN_IF_ERROR(request.Check());
    const auto remove = [&]() -> Result<Removal> {
      std::lock_guard lock(tables_->mutex);
      auto& there = tables_->versions_by_uri[newest.uri()];
      Removal removal;
      for (const uint64_t version : versions) {
        const bool is_old = version > 0 && version < there.size();
        if (!is_old || there[version - 1] == nullptr) continue;
        ++removal.versions;
        if (!dry_run) there[version - 1] = nullptr;
      }
      return removal;
    };
    return UnderFaults(faults_.get(), "remove", newest.uri(), ErrorId::kStorageUnavailable, remove);
  }

  Result<std::vector<std::string>> Folders(const Request& request,
                                           std::string_view folder) override {
    TARN_RETURN_IF_ERROR(request.Check());
    CountCall(request, {.verb = "list", .class_name = store::ClassOf(folder)});
    return UnderFaults(
        faults_.get(), "folders", folder, ErrorId::kStorageUnavailable,
        [&]() -> Result<std::vector<std::string>> { return MemoryFolders(*tables_, folder); });
  }
  Result<Removal> RemoveFolder(const Request& request, std::string_view folder,
                               bool dry_run) override {
    TARN_RETURN_IF_ERROR(request.Check());
    return UnderFaults(
        faults_.get(), "remove", folder, ErrorId::kStorageUnavailable,
        [&]() -> Result<Removal> { return RemoveMemoryFolder(*tables_, folder, dry_run); });
  }
  Result<std::vector<StrayFile>> Strays(const Request& request, std::string_view uri) override {
    TARN_RETURN_IF_ERROR(request.Check());
    CountCall(request, {.verb = "list", .class_name = DataClass(uri)});
    return UnderFaults(
        faults_.get(), "strays", uri, ErrorId::kStorageUnavailable,
        [&]() -> Result<std::vector<StrayFile>> { return MemoryStrays(*tables_, uri); });
  }
  Status RemoveStrays(const Request& request, std::string_view uri,
                      std::span<const StrayFile> files) override {
    TARN_RETURN_IF_ERROR(request.Check());
    CountCall(request, {.verb = "delete", .class_name = DataClass(uri), .count = files.size()});
    return UnderFaults(faults_.get(), "remove", uri, ErrorId::kStorageUnavailable, [&] {
      RemoveMemoryStrays(*tables_, uri, files);
      return Status::Ok();
    });
  }

  Result<ProbeOutcome> Probe(const Request& request, std::string_view uri, uint64_t version,
                             std::string_view uuid) override {
    TARN_RETURN_IF_ERROR(request.Check());
    return UnderFaults(
        faults_.get(), "probe", uri, ErrorId::kStorageUnavailable, [&]() -> Result<ProbeOutcome> {
          Result<std::shared_ptr<const MemoryVersion>> found = Find(uri, version);
          CountCall(
              request,
              {.verb = "head", .class_name = VersionClass(uri), .count = found.ok() ? 1u : 2u});
          if (!found.ok()) return ProbeOutcome::kAbsent;
          CountCall(request, {.verb = "range", .class_name = VersionClass(uri)});
          return (*found)->uuid == uuid ? ProbeOutcome::kOurs : ProbeOutcome::kForeign;
        });
  }

 private:
  std::unique_ptr<Table> TableOf(std::string uri,
                                 std::shared_ptr<const MemoryVersion> version) const {
    return std::make_unique<MemoryTable>(std::move(uri), std::move(version), faults_);
  }

  Result<std::shared_ptr<const MemoryVersion>> Find(std::string_view uri,
                                                    std::optional<uint64_t> version) const {
    std::lock_guard lock(tables_->mutex);
    auto found = tables_->versions_by_uri.find(uri);
    if (found == tables_->versions_by_uri.end()) {
      return Error(ErrorId::kObjectNotFound, "there is no table at {}", uri);
    }
    const uint64_t wanted = version.value_or(found->second.size());
    if (wanted == 0 || wanted > found->second.size() || found->second[wanted - 1] == nullptr) {
      return Error(ErrorId::kObjectNotFound, "the table at {} has no version {}", uri, wanted);
    }
    return found->second[wanted - 1];
  }

  /// The fork's versions begin at the number of `base`; those before it are null.
  Result<std::unique_ptr<Table>> MakeFork(const MemoryTable& base, const std::string& uri) {
    auto first = std::make_shared<MemoryVersion>(base.content());
    std::lock_guard lock(tables_->mutex);
    first->uuid = fmt::format("00000000-0000-4000-9000-{:012x}", tables_->next_uuid++);
    auto [made, is_new] = tables_->versions_by_uri.try_emplace(uri);
    if (!is_new) return Error(ErrorId::kObjectExists, "the fork {} exists", uri);
    made->second.resize(first->number);
    made->second.back() = first;
    tables_->parent_by_fork[uri] = base.uri();
    return TableOf(uri, std::move(first));
  }

  Status EraseFork(std::string_view uri) {
    std::lock_guard lock(tables_->mutex);
    for (const auto& [fork, parent] : tables_->parent_by_fork) {
      if (parent == uri)
        return Error(ErrorId::kStorageConflict, "{} shares files of the fork {}", fork, uri);
    }
    tables_->versions_by_uri.erase(std::string(uri));
    tables_->parent_by_fork.erase(std::string(uri));
    for (const auto& [uuid, transaction] : tables_->staged_by_uuid) {
      if (transaction->uri == uri) tables_->has_files_by_uuid[uuid] = false;
    }
    return Status::Ok();
  }

  MemoryTransaction Draft(Kind kind, std::string uri, uint64_t read_version,
                          std::shared_ptr<arrow::Schema> schema) {
    MemoryTransaction draft;
    draft.kind = kind;
    draft.uri = std::move(uri);
    draft.read_version = read_version;
    draft.schema = std::move(schema);
    std::lock_guard lock(tables_->mutex);
    draft.uuid = fmt::format("00000000-0000-4000-8000-{:012x}", tables_->next_uuid++);
    return draft;
  }

  template <typename Fill>
  Result<std::unique_ptr<Staged>> Stage(const Request& request, MemoryTransaction draft,
                                        Fill&& fill) {
    TARN_RETURN_IF_ERROR(request.Check());
    const auto effect = [&]() -> Result<std::unique_ptr<Staged>> {
      TARN_RETURN_IF_ERROR(fill(draft));
      for (const auto& [path, bytes] : draft.files) {
        CountCall(request, {.verb = "put",
                            .class_name = store::ClassOf(draft.uri + "/" + path),
                            .bytes_written = bytes});
      }
      auto transaction = std::make_shared<const MemoryTransaction>(std::move(draft));
      std::lock_guard lock(tables_->mutex);
      tables_->staged_by_uuid[transaction->uuid] = transaction;
      tables_->has_files_by_uuid[transaction->uuid] = true;
      return std::make_unique<MemoryStaged>(tables_, faults_, std::move(transaction));
    };
    return UnderFaults(faults_.get(), "stage", draft.uri, ErrorId::kStorageUnavailable, effect);
  }

  Result<std::unique_ptr<Table>> Commit(const Request& request, const MemoryStaged& staged,
                                        const CommitOptions& options) {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_RETURN_IF_ERROR(staged.CheckFiles());
    if (!options.trust_expected)
      CountCall(request, {.verb = "list", .class_name = VersionClass(staged.uri())});
    CountCall(request, {.verb = "put", .class_name = FileClass(staged.uri(), "_transactions")});
    Result<std::unique_ptr<Table>> table =
        UnderFaults(faults_.get(), "commit", staged.uri(), ErrorId::kCommitUnknown,
                    [&] { return Land(staged.transaction()); });
    CountCall(request, {.verb = "put-if-absent",
                        .class_name = VersionClass(staged.uri()),
                        .failed = !table.ok() && table.status().id() != ErrorId::kFenced});
    return table;
  }

  /// The put-if-absent of the next version; success when it is ours already.
  Result<std::unique_ptr<Table>> Land(const MemoryTransaction& transaction) {
    std::lock_guard lock(tables_->mutex);
    auto found = tables_->versions_by_uri.find(transaction.uri);
    const uint64_t newest = found == tables_->versions_by_uri.end() ? 0 : found->second.size();
    if (newest > transaction.read_version) {
      const auto& there = found->second[transaction.read_version];
      if (there != nullptr && there->uuid == transaction.uuid) {
        return TableOf(transaction.uri, there);
      }
    }
    if (newest != transaction.read_version) {
      return Error(ErrorId::kFenced, "version {} of {} is taken; the newest is {}",
                   transaction.read_version + 1, transaction.uri, newest);
    }
    const MemoryVersion* base = newest == 0 ? nullptr : found->second.back().get();
    std::shared_ptr<const MemoryVersion> next = Apply(base, transaction);
    tables_->versions_by_uri[transaction.uri].push_back(next);
    tables_->landed_uuids.insert(transaction.uuid);
    return TableOf(transaction.uri, std::move(next));
  }

  Result<std::unique_ptr<Table>> LandRestore(const std::string& uri, uint64_t expected, uint64_t to,
                                             std::string_view uuid) {
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const MemoryVersion> old, Find(uri, to));
    std::lock_guard lock(tables_->mutex);
    auto& versions = tables_->versions_by_uri.find(uri)->second;
    const uint64_t newest = versions.size();
    if (newest > expected && versions[expected] != nullptr && versions[expected]->uuid == uuid) {
      return TableOf(uri, versions[expected]);
    }
    if (newest != expected) {
      return Error(ErrorId::kFenced, "version {} of {} is taken; the newest is {}", expected + 1,
                   uri, newest);
    }
    auto next = std::make_shared<MemoryVersion>(*old);
    next->number = expected + 1;
    next->next_row_id = std::max(old->next_row_id, versions.back()->next_row_id);
    next->uuid = uuid;
    versions.push_back(next);
    return TableOf(uri, std::move(next));
  }

  static Result<const MemoryTable*> Ours(const Table& table) {
    if (const auto* ours = dynamic_cast<const MemoryTable*>(&table)) return ours;
    return Error(ErrorId::kInvalidArgument, "the table {} belongs to another kind of store",
                 table.uri());
  }
  static Result<const MemoryStaged*> Ours(const Staged& staged) {
    if (const auto* ours = dynamic_cast<const MemoryStaged*>(&staged)) return ours;
    return Error(ErrorId::kInvalidArgument,
                 "the transaction on {} belongs to another kind of store", staged.uri());
  }

  const std::shared_ptr<MemoryTables> tables_;
  const std::shared_ptr<store::MemoryFaults> faults_;  // may be null
};

}  // namespace

std::shared_ptr<MemoryTables> NewMemoryTables() { return std::make_shared<MemoryTables>(); }

void ForgetVersions(MemoryTables& tables, std::string_view uri, uint64_t keep_from) {
  std::lock_guard lock(tables.mutex);
  auto found = tables.versions_by_uri.find(uri);
  if (found == tables.versions_by_uri.end()) return;
  TARN_CHECK(keep_from <= found->second.size(), "the newest version is never cleaned away");
  for (uint64_t version = 1; version < keep_from; ++version) found->second[version - 1] = nullptr;
}

std::unique_ptr<TableStore> OpenMemoryTableStore(std::shared_ptr<MemoryTables> tables,
                                                 std::shared_ptr<store::MemoryFaults> faults) {
  return std::make_unique<MemoryTableStore>(std::move(tables), std::move(faults));
}

std::unique_ptr<TableStore> OpenMemoryTableStore() {
  return OpenMemoryTableStore(NewMemoryTables(), nullptr);
}

}  // namespace tarn::lance
