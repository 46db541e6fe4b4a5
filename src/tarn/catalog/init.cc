// Makes a warehouse: identity, schema files, empty tables, and last `__manifest`, whose first
// version is the moment it begins to exist.
//
// Invariants
//   init-1  Before that moment nobody can open the warehouse; whoever comes next starts over under
//   the same identity.
//           Tables and schema files of an attempt that ended early stay behind unreferenced.
//   init-2  Of two inits at once one creates `__manifest`; the other answers kWarehouseExists.
//   init-3  Nothing that was there before is changed or deleted, also with force.

#include <algorithm>
#include <utility>

#include <arrow/type.h>

#include "tarn/base/failpoint.h"
#include "tarn/base/task_group.h"
#include "tarn/catalog/catalog.h"
#include "tarn/catalog/identity.h"
#include "tarn/catalog/landing.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/manifest_codec.h"
#include "tarn/catalog/physical_schema.h"
#include "tarn/catalog/schema_files.h"
#include "tarn/schema/ids.h"

namespace tarn::catalog {
namespace {

Status Exists(const Location& location) {
  return Error(ErrorId::kWarehouseExists, "there is a warehouse at {} already", location.root)
      .WithHint("Nothing was changed. Choose another address.");
}

class Initializer {
 public:
  Initializer(const Request& request, const Location& location, const std::string& source)
      : request_(request), location_(location), source_(source), ids_(*location.clock) {}

  Status Run(bool force) {
    TARN_ASSIGN_OR_RETURN(schema_, schema::CompileNewSchema(source_));
    TARN_RETURN_IF_ERROR(TakeIdentity(force));
    TARN_FAILPOINT("init.after_identity");
    TARN_ASSIGN_OR_RETURN(schema_entry_, WriteSchema(request_.In(Phase::kStage), location_,
                                                     ids_.Next(), source_, schema_));
    TARN_FAILPOINT("init.after_schema");
    TARN_RETURN_IF_ERROR(CreateTables());
    TARN_FAILPOINT("init.after_tables");
    return CreateManifest();
  }

 private:
  /// Ends with this init's identity in place, or that of an init which did not get to its end.
  Status TakeIdentity(bool force) {
    const Request read = request_.In(Phase::kRead);
    const Result<std::string> text = location_.objects->Get(read, kIdentityKey);
    if (text.ok()) return Resume(*text);
    if (text.status().id() != ErrorId::kObjectNotFound) return text.status();
    if (!force) TARN_RETURN_IF_ERROR(CheckEmpty(read));

    identity_ = Identity{.id = ids_.Next(),
                         .created_at_micros = location_.clock->NowMicros(),
                         .product = TARN_VERSION,
                         .put_if_absent = true};
    const std::string own = EncodeIdentity(identity_);
    Status put = PutNew(own);
    if (put.ok()) return ProbePutIfAbsent(own);
    // Somebody else's, or our own put whose answer was lost: the bytes tell which identity it is to
    // be.
    Result<std::string> there = location_.objects->Get(read, kIdentityKey);
    return there.ok() ? Resume(*there) : put;
  }

  Status PutNew(const std::string& text) {
    return location_.objects->Put(request_.In(Phase::kStage), kIdentityKey, text,
                                  store::PutMode::kCreate, location_.sync());
  }

  /// The protocol stands on put-if-absent, so the storage has to prove it: a second put of one name
  /// must be refused.
  Status ProbePutIfAbsent(const std::string& text) {
    Status again = PutNew(text);
    if (again.ok()) {
      return Error(ErrorId::kUnsupported, "the storage of {} overwrites a name that was to be new",
                   location_.root)
          .WithHint("Tarn needs a storage with conditional puts.");
    }
    return again.id() == ErrorId::kObjectExists ? Status::Ok() : again;
  }

  Status Resume(const std::string& text) {
    TARN_ASSIGN_OR_RETURN(identity_, DecodeIdentity(text));
    const auto manifest = location_.tables->Open(
        request_.In(Phase::kRead), Under(location_.root, kManifestFolder), std::nullopt);
    if (manifest.ok()) return Exists(location_);
    return manifest.status().id() == ErrorId::kObjectNotFound ? Status::Ok() : manifest.status();
  }

  Status CheckEmpty(const Request& read) {
    TARN_ASSIGN_OR_RETURN(const std::vector<store::ObjectInfo> found,
                          location_.objects->List(read, "", "", 1));
    if (found.empty()) return Status::Ok();
    return Error(ErrorId::kForeignFolder, "{} is not empty: it holds '{}'", location_.root,
                 found[0].key)
        .WithHint("Choose an empty place, or use --force: it deletes nothing.");
  }

  /// One table per type, with no rows.
  Status CreateTables() {
    for (const schema::NodeType& node : schema_.nodes)
      AddTable(TableKind::kNode, node.id, node.name);
    for (const schema::EdgeType& edge : schema_.edges)
      AddTable(TableKind::kEdge, edge.id, edge.name);
    const Request stage = request_.In(Phase::kStage);
    TaskGroup group(std::min(kTableThreadsMax, tables_.size()));
    for (const TableEntry& table : tables_) {
      group.Spawn([&] { return CreateTable(stage, table); });
    }
    return group.Wait();
  }

  void AddTable(TableKind kind, uint64_t type_id, const std::string& name) {
    TableEntry& table = tables_.emplace_back();
    table.id = ids_.Next();
    table.kind = kind;
    table.type_id = type_id;
    table.type_name = name;
    table.location = TableLocation(table.id);
    table.version = 1;
  }

  std::shared_ptr<arrow::Schema> ColumnsOf(const TableEntry& table) const {
    return table.kind == TableKind::kNode ? PhysicalSchema(*schema_.FindNode(table.type_name))
                                          : PhysicalSchema(*schema_.FindEdge(table.type_name));
  }

  Status CreateTable(const Request& request, const TableEntry& table) {
    return Land(request, table.Key(), table.location, lance::StreamOf(ColumnsOf(table), {}))
        .While(table.Key());
  }

  Status CreateManifest() {
    CommitRecord record;
    record.id = ids_.Next();
    record.manifest_version = 1;
    record.actor = request_.actor;
    record.operation = "init";
    record.request_id = request_.request_id;
    record.created_at_micros = location_.clock->NowMicros();
    std::vector<ManifestRow> rows = {EncodeRow(1, WarehouseEntry{identity_.id, kFormatVersion}),
                                     EncodeRow(1, schema_entry_)};
    for (const TableEntry& table : tables_) {
      rows.push_back(EncodeRow(1, table));
      record.changes.push_back({.table_id = table.id, .version = 1});
    }
    rows.push_back(EncodeRow(1, record));
    if (!record.request_id.empty())
      rows.push_back(EncodeRow(1, RequestEntry{record.request_id, record.id}));

    TARN_FAILPOINT("init.before_publish");
    Status created =
        Land(request_.In(Phase::kPublish), std::string(kManifestFolder),
             std::string(kManifestFolder), lance::StreamOf(ManifestSchema(), {RowsToBatch(rows)}));
    // init-2: a manifest that is there already, or a first version that is not ours, is a quicker
    // init's.
    const bool is_taken = !created.ok() && (created.id() == ErrorId::kObjectExists ||
                                            created.id() == ErrorId::kRecoveryRequired);
    if (is_taken) return Exists(location_);
    TARN_RETURN_IF_ERROR(std::move(created));
    TARN_FAILPOINT("init.after_publish");
    return Status::Ok();
  }

  /// Creates one dataset at version 1, files durable before the version that names them.
  Status Land(const Request& request, std::string what, std::string folder,
              std::unique_ptr<lance::BatchStream> rows) {
    Landing landing;
    landing.what = std::move(what);
    landing.uri = Under(location_.root, folder);
    TARN_ASSIGN_OR_RETURN(landing.staged,
                          location_.tables->StageCreate(request, landing.uri, std::move(rows),
                                                        lance::StageOptions{}));
    if (location_.durable()) TARN_RETURN_IF_ERROR(landing.staged->Sync(request));
    landing.uuid = landing.staged->uuid();
    // The name is new, or its taker refuses us.
    return LandOne(request, location_, "init", landing, /*trust_expected=*/true);
  }

  const Request& request_;
  const Location& location_;
  const std::string& source_;
  UlidFactory ids_;
  schema::Schema schema_;
  Identity identity_;
  SchemaEntry schema_entry_;
  std::vector<TableEntry> tables_;
};

}  // namespace

Status Catalog::Init(const Request& request, const Location& location,
                     const std::string& schema_source, bool force) {
  return Initializer(request, location, schema_source).Run(force);
}

}  // namespace tarn::catalog
