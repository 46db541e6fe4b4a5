#include "tarn/catalog/manifest_reader.h"

#include <algorithm>
#include <utility>

#include <arrow/record_batch.h>

#include "tarn/catalog/fold.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/schema_files.h"

namespace tarn::catalog {
namespace {

lance::Filter Seq(lance::Filter::Op op, uint64_t bound) {
  return {.op = op,
          .args = {},
          .column = "seq",
          .values = {{.type = lance::Value::Type::kUint64, .value = bound}}};
}

Result<std::vector<ManifestRow>> ReadRows(const Request& request, const lance::Table& table,
                                          std::optional<lance::Filter> filter,
                                          std::optional<std::vector<uint64_t>> files) {
  lance::ScanSpec spec;
  spec.columns = {"key", "seq", "body"};
  spec.in_order = false;  // `seq` orders the log, not the place
  spec.filter = std::move(filter);
  spec.fragments = std::move(files);
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::BatchStream> stream,
                        table.Scan(request, spec));
  std::vector<ManifestRow> rows;
  while (true) {
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, stream->Next());
    if (batch == nullptr) return rows;
    TARN_RETURN_IF_ERROR(AppendRows(*batch, rows));
  }
}

void DropBeforeCheckpoint(std::vector<ManifestRow>& rows) {
  uint64_t checkpoint = 0;
  for (const ManifestRow& row : rows) {
    if (row.key == kCheckpointKey) checkpoint = std::max(checkpoint, row.seq);
  }
  std::erase_if(rows, [checkpoint](const ManifestRow& row) { return row.seq < checkpoint; });
}

/// Hands the rows after version `known` of a manifest to `take`, which is asked again, with all of
/// them, when it finds that those of few files do not hang together: where rows are is a promise of
/// the writers, what they say is checked.
template <typename Take>
auto ReadSince(const Request& request, const lance::Table& table, uint64_t known, Take&& take)
    -> decltype(take(std::vector<ManifestRow>())) {
  std::optional<lance::Filter> filter;
  if (known > 0) filter = Seq(lance::Filter::Op::kGreater, known);
  TARN_ASSIGN_OR_RETURN(std::optional<std::vector<uint64_t>> files, FilesSince(table, known));
  if (files) {
    TARN_ASSIGN_OR_RETURN(std::vector<ManifestRow> rows,
                          ReadRows(request, table, filter, std::move(files)));
    // At first what is in those files besides does not hang together with what is not.
    if (known == 0) DropBeforeCheckpoint(rows);
    auto taken = take(std::move(rows));
    if (taken.ok() || taken.status().id() != ErrorId::kCorruptData) return taken;
  }
  TARN_ASSIGN_OR_RETURN(std::vector<ManifestRow> rows,
                        ReadRows(request, table, std::move(filter), std::nullopt));
  return take(std::move(rows));
}

}  // namespace

Result<std::unique_ptr<ManifestReader>> ManifestReader::Open(const Request& request,
                                                             const Location& location,
                                                             const std::string& warehouse_id,
                                                             const Line& line,
                                                             std::unique_ptr<lance::Table> newest) {
  std::unique_ptr<ManifestReader> reader(new ManifestReader(location, line));
  const int64_t now = location.clock->UptimeMicros();
  TARN_RETURN_IF_ERROR(reader->TakeSince(request, std::move(newest), 0, now).status());
  const std::string& found = reader->log_.state().warehouse_id;
  if (found != warehouse_id) {
    return Error(ErrorId::kCorruptData, "{} belongs to warehouse {}, {} names {}",
                 ManifestLocation(line.id), found, kIdentityKey, warehouse_id);
  }
  const Line& says = reader->log_.state().line.line;
  if (says != line) {
    return Error(ErrorId::kCorruptData, "{} is that of branch '{}' ({}), not of '{}' ({})",
                 ManifestLocation(line.id), says.name, says.id, line.name, line.id);
  }
  return reader;
}

ManifestReader::Head ManifestReader::known() const {
  std::lock_guard lock(mutex_);
  return head_;
}

Result<ManifestReader::Head> ManifestReader::Look(const Request& request) {
  const Head head = known();
  const int64_t now = location_.clock->UptimeMicros();
  const uint64_t version = head.table->version();
  bool moved = true;
  // After a long pause the next version may have come and been cleaned away: then only a listing
  // tells.
  if (now - head.seen_at < kPauseMaxMicros) {
    TARN_ASSIGN_OR_RETURN(moved, location_.tables->Exists(request, *head.table, version + 1));
  }
  if (!moved) {
    std::lock_guard lock(mutex_);
    if (head_.table == head.table) head_.seen_at = std::max(head_.seen_at, now);
    return head_;
  }
  TARN_ASSIGN_OR_RETURN(std::shared_ptr<const lance::Table> newest,
                        location_.tables->Open(request, head.table->uri(), std::nullopt));
  if (newest->version() < version) {
    return Error(ErrorId::kCorruptData, "{} went back from version {} to {}", kManifestFolder,
                 version, newest->version());
  }
  if (newest->version() == version) return Take(request, std::move(newest), {}, now);
  return TakeSince(request, std::move(newest), version, now);
}

/// Takes in the versions after `known`.
Result<ManifestReader::Head> ManifestReader::TakeSince(const Request& request,
                                                       std::shared_ptr<const lance::Table> table,
                                                       uint64_t known, int64_t seen_at) {
  return ReadSince(request, *table, known, [&](std::vector<ManifestRow> rows) {
    return Take(request, table, std::move(rows), seen_at);
  });
}

Status ManifestReader::Advance(const Request& request, std::shared_ptr<const lance::Table> table,
                               std::vector<ManifestRow> rows) {
  return Take(request, std::move(table), std::move(rows), location_.clock->UptimeMicros()).status();
}

Result<ManifestReader::Head> ManifestReader::Take(const Request& request,
                                                  std::shared_ptr<const lance::Table> table,
                                                  std::vector<ManifestRow> rows, int64_t seen_at) {
  std::shared_ptr<const ManifestState> state;
  CommitRecord commit;
  {
    std::lock_guard lock(mutex_);
    TARN_RETURN_IF_ERROR(log_.Advance(table->version(), std::move(rows)));
    state = std::make_shared<const ManifestState>(log_.state());
    commit = log_.state().head;
  }
  // Another thread may be further: then `state` is newer than `table`, and its turn sets the head.
  if (state->version > table->version()) return Look(request);
  TARN_ASSIGN_OR_RETURN(std::shared_ptr<const Manifest> manifest,
                        Build(request, *state, std::move(commit)));
  std::lock_guard lock(mutex_);
  if (head_.table == nullptr || head_.table->version() <= table->version()) {
    head_ = Head{std::move(manifest), std::move(table), std::move(state),
                 std::max(seen_at, head_.seen_at)};
  }
  return head_;
}

Result<std::shared_ptr<const Manifest>> ManifestReader::Build(const Request& request,
                                                              ManifestState state,
                                                              CommitRecord head) {
  auto manifest = std::make_shared<Manifest>();
  TARN_ASSIGN_OR_RETURN(manifest->schema, SchemaOf(request, state.schema));
  manifest->line = line_;
  manifest->closed = state.line.closed;
  manifest->version = line_.NumberOf(state.version);
  manifest->head = Numbered(std::move(head));
  manifest->schema_entry = std::move(state.schema);
  for (auto& [id, table] : state.tables) manifest->tables.push_back(std::move(table));
  std::sort(manifest->tables.begin(), manifest->tables.end(),
            [](const TableEntry& a, const TableEntry& b) { return a.Key() < b.Key(); });
  for (auto& [name, branch] : state.branches) {
    (branch.closing ? manifest->closing : manifest->branches).push_back(std::move(branch));
  }
  for (auto& [name, tag] : state.tags) manifest->tags.push_back(std::move(tag));
  for (auto& [line, floor] : state.floors) manifest->floors.push_back(std::move(floor));
  manifest->barrier = state.barrier.epoch;
  return manifest;
}

Result<std::shared_ptr<const schema::Schema>> ManifestReader::SchemaOf(const Request& request,
                                                                       const SchemaEntry& entry) {
  {
    std::lock_guard lock(mutex_);
    if (auto found = schema_by_id_.find(entry.id); found != schema_by_id_.end())
      return found->second;
  }
  TARN_ASSIGN_OR_RETURN(std::shared_ptr<const schema::Schema> schema,
                        ReadSchema(request, location_, entry));
  std::lock_guard lock(mutex_);
  return schema_by_id_.try_emplace(entry.id, std::move(schema)).first->second;
}

Status ManifestReader::LoadHistory(const Request& request) {
  uint64_t floor = 0;
  std::shared_ptr<const lance::Table> table;
  {
    std::lock_guard lock(mutex_);
    floor = log_.floor();
    table = head_.table;
  }
  if (floor <= 1) return Status::Ok();
  TARN_ASSIGN_OR_RETURN(
      std::vector<ManifestRow> rows,
      ReadRows(request, *table, Seq(lance::Filter::Op::kLess, floor), std::nullopt));
  ManifestLog older;
  TARN_RETURN_IF_ERROR(older.Advance(floor - 1, std::move(rows)));
  std::lock_guard lock(mutex_);
  return log_.floor() <= 1 ? Status::Ok() : log_.Complete(std::move(older));
}

Result<std::shared_ptr<const Manifest>> ManifestReader::At(const Request& request,
                                                           const std::string& commit_id) {
  const auto find = [&]() -> std::optional<std::pair<ManifestState, CommitRecord>> {
    std::lock_guard lock(mutex_);
    const CommitRecord* found = log_.FindCommit(commit_id);
    if (found == nullptr) return std::nullopt;
    return std::pair(log_.StateAt(*found), *found);
  };
  auto past = find();
  if (!past) {
    TARN_RETURN_IF_ERROR(LoadHistory(request));
    past = find();
  }
  if (!past) return std::shared_ptr<const Manifest>();
  return Build(request, std::move(past->first), std::move(past->second));
}

Result<std::vector<std::string>> ManifestReader::IdsByPrefix(const Request& request,
                                                             const std::string& prefix) {
  TARN_RETURN_IF_ERROR(LoadHistory(request));
  std::lock_guard lock(mutex_);
  return log_.FindByPrefix(prefix);
}

Result<std::optional<RequestAnswer>> ManifestReader::FindRequest(const Request& request,
                                                                 const std::string& request_id) {
  const auto find = [&] {
    std::lock_guard lock(mutex_);
    std::optional<RequestAnswer> found = log_.FindRequest(request_id);
    if (found) found->commit = Numbered(found->commit);
    return found;
  };
  std::optional<RequestAnswer> answer = find();
  if (answer) return answer;
  TARN_RETURN_IF_ERROR(LoadHistory(request));
  return find();
}

Result<std::vector<CommitRecord>> ManifestReader::Commits(const Request& request) {
  TARN_RETURN_IF_ERROR(LoadHistory(request));
  std::lock_guard lock(mutex_);
  std::vector<CommitRecord> commits = log_.commits();
  for (CommitRecord& commit : commits) commit = Numbered(std::move(commit));
  return commits;
}

Result<std::map<std::string, TableEntry>> ManifestReader::TablesEver(const Request& request) {
  TARN_RETURN_IF_ERROR(LoadHistory(request));
  std::lock_guard lock(mutex_);
  return log_.TablesEver();
}

Result<std::map<std::string, BranchEntry>> ManifestReader::BranchesEver(const Request& request) {
  TARN_RETURN_IF_ERROR(LoadHistory(request));
  std::lock_guard lock(mutex_);
  return log_.BranchesEver();
}

Result<std::set<std::string>> ManifestReader::SchemasEver(const Request& request) {
  TARN_RETURN_IF_ERROR(LoadHistory(request));
  std::lock_guard lock(mutex_);
  return log_.SchemasEver();
}

Result<std::vector<RecoveryRecord>> ManifestReader::Recoveries(const Request& request) {
  TARN_RETURN_IF_ERROR(LoadHistory(request));
  std::lock_guard lock(mutex_);
  return log_.Recoveries();
}

Result<ManifestState> ReadState(const Request& request, const lance::Table& manifest) {
  return ReadSince(request, manifest, 0,
                   [&](std::vector<ManifestRow> rows) -> Result<ManifestState> {
                     ManifestLog log;
                     TARN_RETURN_IF_ERROR(log.Advance(manifest.version(), std::move(rows)));
                     return log.state();
                   });
}

}  // namespace tarn::catalog
