#pragma once

// For the tests of this room: tables in memory that change version by version, snapshots of them
// made by hand, and a record of what was read.

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "tarn/catalog/snapshot.h"
#include "tarn/columnar/row_text.h"
#include "tarn/lance/memory_table.h"

namespace tarn::search {

/// What was asked of the tables, as "scan tables/node:Port id,_rowid" and "take tables/node:Port
/// code 3".
struct ReadLog {
  std::mutex mutex;
  std::vector<std::string> lines;                   // guarded by mutex
  std::function<void(const std::string&)> on_read;  // called outside of it

  void Add(const std::string& line) {
    {
      std::lock_guard lock(mutex);
      lines.push_back(line);
    }
    if (on_read) on_read(line);
  }
  std::vector<std::string> Take() {
    std::lock_guard lock(mutex);
    return std::exchange(lines, {});
  }
};

class WatchedTable final : public lance::Table {
 public:
  WatchedTable(std::unique_ptr<lance::Table> table, ReadLog* log)
      : table_(std::move(table)), log_(log) {}
  uint64_t version() const override { return table_->version(); }
  const std::string& uri() const override { return table_->uri(); }
  std::shared_ptr<arrow::Schema> schema() const override { return table_->schema(); }
  Result<lance::TableFacts> Facts() const override { return table_->Facts(); }
  Result<std::vector<lance::Fragment>> Fragments() const override { return table_->Fragments(); }
  std::unique_ptr<lance::Table> Clone() const override {
    return std::make_unique<WatchedTable>(table_->Clone(), log_);
  }
  Result<std::unique_ptr<lance::BatchStream>> Scan(const Request& request,
                                                   const lance::ScanSpec& spec) const override {
    std::vector<std::string> columns = spec.columns;
    if (spec.row_id) columns.emplace_back(lance::kRowIdColumn);
    log_->Add(fmt::format("scan {} {}", uri(), fmt::join(columns, ",")));
    return table_->Scan(request, spec);
  }
  Result<std::shared_ptr<arrow::RecordBatch>> Take(
      const Request& request, std::span<const uint64_t> row_ids,
      const std::vector<std::string>& columns) const override {
    log_->Add(fmt::format("take {} {} {}", uri(), fmt::join(columns, ","), row_ids.size()));
    return table_->Take(request, row_ids, columns);
  }

 private:
  std::unique_ptr<lance::Table> table_;
  ReadLog* log_;
};

/// Opens watched tables; everything else is the in-memory store's own.
class WatchedStore final : public lance::TableStore {
 public:
  explicit WatchedStore(ReadLog* log) : log_(log) {}
  lance::TableStore& inner() { return *inner_; }

  Result<std::unique_ptr<lance::Table>> Open(const Request& request, std::string_view uri,
                                             std::optional<uint64_t> version) override {
    TARN_ASSIGN_OR_RETURN(auto table, inner_->Open(request, uri, version));
    return std::make_unique<WatchedTable>(std::move(table), log_);
  }
  Result<bool> Exists(const Request& request, const lance::Table& table,
                      uint64_t version) override {
    return inner_->Exists(request, table, version);
  }
  Result<std::unique_ptr<lance::Staged>> StageCreate(const Request&, std::string_view,
                                                     std::unique_ptr<lance::BatchStream>,
                                                     const lance::StageOptions&) override {
    return ReadOnly();
  }
  Result<std::unique_ptr<lance::Staged>> StageAppend(const Request&, const lance::Table&,
                                                     std::unique_ptr<lance::BatchStream>,
                                                     const lance::StageOptions&) override {
    return ReadOnly();
  }
  Result<std::unique_ptr<lance::Staged>> StageOverwrite(const Request&, const lance::Table&,
                                                        std::unique_ptr<lance::BatchStream>,
                                                        const lance::StageOptions&) override {
    return ReadOnly();
  }
  Result<std::unique_ptr<lance::Staged>> StageDelta(const Request&, const lance::Table&,
                                                    lance::RowDelta,
                                                    const lance::StageOptions&) override {
    return ReadOnly();
  }
  Result<std::vector<uint64_t>> Versions(const Request&, const lance::Table&) override {
    return ReadOnly();
  }
  Result<lance::Removal> RemoveVersions(const Request&, const lance::Table&,
                                        std::span<const uint64_t>, bool) override {
    return ReadOnly();
  }
  Result<std::vector<std::string>> Folders(const Request&, std::string_view) override {
    return ReadOnly();
  }
  Result<lance::Removal> RemoveFolder(const Request&, std::string_view, bool) override {
    return ReadOnly();
  }
  Result<std::vector<lance::StrayFile>> Strays(const Request&, std::string_view) override {
    return ReadOnly();
  }
  Status RemoveStrays(const Request&, std::string_view,
                      std::span<const lance::StrayFile>) override {
    return ReadOnly();
  }
  Result<std::unique_ptr<lance::Staged>> Decode(std::string_view, std::string_view) override {
    return ReadOnly();
  }
  Result<std::unique_ptr<lance::Table>> CommitExact(const Request&, const lance::Table&,
                                                    lance::Staged&,
                                                    const lance::CommitOptions&) override {
    return ReadOnly();
  }
  Result<std::unique_ptr<lance::Table>> CommitCreate(const Request&, lance::Staged&,
                                                     const lance::CommitOptions&) override {
    return ReadOnly();
  }
  Result<std::unique_ptr<lance::Table>> Fork(const Request&, const lance::Table&, std::string_view,
                                             bool) override {
    return ReadOnly();
  }
  Status DropFork(const Request&, std::string_view) override { return ReadOnly(); }
  Result<std::unique_ptr<lance::Staged>> StageColumns(const Request&, const lance::Table&,
                                                      std::vector<lance::TableColumn>,
                                                      const lance::StageOptions&) override {
    return ReadOnly();
  }
  Result<std::unique_ptr<lance::Table>> RestoreExact(const Request&, const lance::Table&, uint64_t,
                                                     std::string_view,
                                                     const lance::CommitOptions&) override {
    return ReadOnly();
  }
  Result<lance::ProbeOutcome> Probe(const Request&, std::string_view, uint64_t,
                                    std::string_view) override {
    return ReadOnly();
  }

 private:
  static Status ReadOnly() { return Error(ErrorId::kInternal, "resident state writes nothing"); }

  ReadLog* log_;
  std::unique_ptr<lance::TableStore> inner_ = lance::OpenMemoryTableStore();
};

/// Tables by name, each at its newest version, and the schema they belong to.
class TestGraph {
 public:
  ReadLog log;

  /// Adds a node type to the schema.
  schema::NodeType& AddNodeType(const std::string& name) {
    schema_.nodes.push_back({.name = name});
    return schema_.nodes.back();
  }
  void AddEdgeType(const std::string& name, const std::string& from, const std::string& to) {
    schema_.edges.push_back({.name = name, .from = from, .to = to});
  }

  /// Creates the table of a type, or appends to it: either way one more version.
  void Put(catalog::TableKind kind, const std::string& type,
           const std::shared_ptr<arrow::RecordBatch>& rows) {
    catalog::TableEntry& entry = EntryOf(kind, type);
    const std::string uri = "root/" + entry.location;
    lance::TableStore& store = store_.inner();
    std::unique_ptr<lance::BatchStream> stream = lance::StreamOf(rows->schema(), {rows});
    if (entry.version == 0) {
      auto staged = store.StageCreate({}, uri, std::move(stream), {}).value();
      entry.version = store.CommitCreate({}, *staged, {}).value()->version();
    } else {
      auto base = store.Open({}, uri, entry.version).value();
      auto staged = store.StageAppend({}, *base, std::move(stream), {}).value();
      entry.version = store.CommitExact({}, *base, *staged, {}).value()->version();
    }
    entry.rows += static_cast<uint64_t>(rows->num_rows());
  }
  void Put(catalog::TableKind kind, const std::string& type,
           const std::shared_ptr<arrow::Schema>& columns, std::string_view json) {
    Put(kind, type, columnar::BatchFromJson(columns, json).value());
  }

  /// Deletes the row at a dense number: one more version.
  void Remove(catalog::TableKind kind, const std::string& type, size_t row) {
    catalog::TableEntry& entry = EntryOf(kind, type);
    lance::TableStore& store = store_.inner();
    auto base = store.Open({}, "root/" + entry.location, entry.version).value();
    auto stream = base->Scan({}, {.row_addr = true}).value();
    std::vector<uint64_t> addresses;
    for (const auto& batch : lance::ReadAll(*stream).value()) {
      const auto& column = static_cast<const arrow::UInt64Array&>(*batch->column(0));
      addresses.insert(addresses.end(), column.raw_values(), column.raw_values() + column.length());
    }
    lance::RowDelta delta;
    delta.gone = {addresses[row]};
    auto staged = store.StageDelta({}, *base, std::move(delta), {}).value();
    entry.version = store.CommitExact({}, *base, *staged, {}).value()->version();
    --entry.rows;
  }

  /// Writes the row at a dense number anew, as an update does: it keeps its row id and moves to the
  /// end.
  void Rewrite(catalog::TableKind kind, const std::string& type, size_t row) {
    catalog::TableEntry& entry = EntryOf(kind, type);
    lance::TableStore& store = store_.inner();
    auto base = store.Open({}, "root/" + entry.location, entry.version).value();
    const std::vector<std::string> columns = base->schema()->field_names();
    auto stream =
        base->Scan({}, {.columns = columns, .row_id = true, .row_addr = true, .batch_rows = 1})
            .value();
    const auto batch = lance::ReadAll(*stream).value().at(row);
    const auto number = [&](int behind) {
      return static_cast<const arrow::UInt64Array&>(
                 *batch->column(static_cast<int>(columns.size()) + behind))
          .Value(0);
    };
    std::vector<std::shared_ptr<arrow::Array>> cells = batch->columns();
    cells.resize(columns.size());
    lance::RowDelta delta;
    delta.gone = {number(1)};
    delta.updated_row_ids = {number(0)};
    delta.updated = lance::StreamOf(
        base->schema(), {arrow::RecordBatch::Make(base->schema(), 1, std::move(cells))});
    auto staged = store.StageDelta({}, *base, std::move(delta), {}).value();
    entry.version = store.CommitExact({}, *base, *staged, {}).value()->version();
  }

  catalog::Snapshot Now() {
    auto manifest = std::make_shared<catalog::Manifest>();
    manifest->head.id = "01TEST";
    auto schema = std::make_shared<schema::Schema>(schema_);
    std::sort(schema->nodes.begin(), schema->nodes.end(),
              [](auto& a, auto& b) { return a.name < b.name; });
    std::sort(schema->edges.begin(), schema->edges.end(),
              [](auto& a, auto& b) { return a.name < b.name; });
    manifest->schema = std::move(schema);
    for (const auto& [key, entry] : entries_) manifest->tables.push_back(entry);
    return catalog::Snapshot(std::move(manifest), "root", &store_);
  }

  std::unique_ptr<lance::Table> Open(catalog::TableKind kind, const std::string& type) {
    return Now().OpenTable({}, kind, type).value();
  }

 private:
  catalog::TableEntry& EntryOf(catalog::TableKind kind, const std::string& type) {
    catalog::TableEntry entry;
    entry.kind = kind;
    entry.type_name = type;
    const std::string key = entry.Key();
    entry.id = key;
    std::replace(entry.id.begin(), entry.id.end(), ':', '-');
    entry.location = "tables/" + key;
    return entries_.try_emplace(key, entry).first->second;
  }

  WatchedStore store_{&log};
  schema::Schema schema_;
  std::map<std::string, catalog::TableEntry> entries_;
};

inline constexpr catalog::TableKind kNode = catalog::TableKind::kNode;
inline constexpr catalog::TableKind kEdge = catalog::TableKind::kEdge;

inline std::shared_ptr<arrow::Schema> EdgeColumns() {
  return arrow::schema({arrow::field("id", arrow::utf8(), false),
                        arrow::field("src", arrow::utf8(), false),
                        arrow::field("dst", arrow::utf8(), false)});
}

}  // namespace tarn::search
