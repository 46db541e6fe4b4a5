#pragma once

// For the tests of this room: a warehouse in memory, processes that work on it, and a simple
// writer.

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include "tarn/base/failpoint.h"
#include "tarn/catalog/catalog.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/physical_schema.h"
#include "tarn/columnar/row_text.h"
#include "tarn/lance/memory_table.h"
#include "tarn/store/memory_meter.h"
#include "tarn/store/memory_store.h"

namespace tarn::catalog {

inline constexpr std::string_view kTestRoot = "memory://wh";
inline constexpr std::string_view kTestSchema =
    "node Person { name: String @key  born: I32? }\n"
    "node Place { name: String @key }\n"
    "edge Lives: Person -> Place\n";

/// A clock that a test moves by hand.
class HandClock final : public Clock {
 public:
  explicit HandClock(uint64_t seed) : fixed_(1'700'000'000'000'000, seed, 1000) {}
  int64_t NowMicros() override { return fixed_.NowMicros() + passed_; }
  int64_t UptimeMicros() override { return uptime_; }
  uint64_t RandomBits() override { return fixed_.RandomBits(); }
  void Sleep(int64_t micros) { uptime_ += micros; }
  /// Both clocks move on.
  void Pass(int64_t micros) {
    passed_ += micros;
    uptime_ += micros;
  }

 private:
  FixedClock fixed_;
  std::atomic<int64_t> uptime_{0};
  std::atomic<int64_t> passed_{0};
};

/// The storage that all processes share.
struct World {
  std::shared_ptr<store::MemoryObjects> objects = store::NewMemoryObjects();
  std::shared_ptr<lance::MemoryTables> tables = lance::NewMemoryTables();

  /// Every small object, and how many versions each dataset has: what "nothing was written" is
  /// measured by.
  std::map<std::string, std::string> Contents() const {
    std::map<std::string, std::string> contents;
    auto store = store::OpenMemoryStore(objects);
    for (const store::ObjectInfo& object : store->List({}, "", "", 100000).value()) {
      contents[object.key] = store->Get({}, object.key).value();
    }
    return contents;
  }
  /// Newest version of a dataset, 0 when there is none.
  uint64_t Newest(std::string_view location) const {
    auto table =
        lance::OpenMemoryTableStore(tables)->Open({}, Under(kTestRoot, location), std::nullopt);
    return table.ok() ? (*table)->version() : 0;
  }
  std::vector<std::string> Intents() const {
    std::vector<std::string> keys;
    for (const auto& [key, bytes] : Contents()) {
      if (key.starts_with(kIntentFolder)) keys.push_back(key);
    }
    return keys;
  }
};

/// One process: its own handles, clock and faults on a shared world.
class Process {
 public:
  explicit Process(const World& world, uint64_t seed = 1)
      : clock(seed),
        faults(std::make_shared<store::MemoryFaults>()),
        objects(store::OpenMemoryStore(world.objects, faults)),
        tables(lance::OpenMemoryTableStore(world.tables, faults)) {}

  Location location() {
    return {.root = std::string(kTestRoot),
            .objects = objects.get(),
            .tables = tables.get(),
            .clock = &clock};
  }
  Status Init(std::string_view schema = kTestSchema, bool force = false) {
    return Catalog::Init(request, location(), std::string(schema), force);
  }
  Result<std::unique_ptr<Catalog>> Open(Access access = Access::kReadWrite) {
    return Catalog::Open(request, location(), access);
  }

  HandClock clock;
  std::shared_ptr<store::MemoryFaults> faults;
  std::unique_ptr<store::ObjectStore> objects;
  std::unique_ptr<lance::TableStore> tables;
  Request request;
};

/// The id of an error, nothing for a success: where Status::id would end the test program.
inline std::optional<ErrorId> IdOf(const Status& status) {
  return status.ok() ? std::nullopt : std::optional(status.id());
}
template <typename T>
std::optional<ErrorId> IdOf(const Result<T>& result) {
  return IdOf(result.status());
}

/// Which rows a write appends: a node type and the names of the new nodes.
using NewNodes = std::vector<std::pair<std::string, std::vector<std::string>>>;

inline std::unique_ptr<lance::BatchStream> NodeRows(const std::shared_ptr<arrow::Schema>& schema,
                                                    const std::vector<std::string>& names) {
  std::string rows;
  for (const std::string& name : names) {
    rows += fmt::format(R"({}{{"id":"{}","name":"{}"}})", rows.empty() ? "[" : ",", name, name);
  }
  auto batch = columnar::BatchFromJson(schema, rows + "]");
  EXPECT_TRUE(batch.ok()) << batch.status().ToString();
  return lance::StreamOf(schema, {*batch});
}

/// Adds to `plan` the append of nodes to a table.
inline Status StageNodes(Process& process, WritableTable table,
                         const std::vector<std::string>& names, CommitPlan& plan) {
  Effect& effect = plan.effects.emplace_back();
  effect.before = std::move(table.entry);
  effect.forked = table.forked;
  effect.base = std::move(table.table);
  TARN_ASSIGN_OR_RETURN(effect.staged,
                        process.tables->StageAppend(process.request.In(Phase::kStage), *effect.base,
                                                    NodeRows(effect.base->schema(), names), {}));
  effect.change.inserted = names.size();
  effect.rows_after = effect.before.rows + names.size();
  return Status::Ok();
}

/// Plans to append nodes on `base`, a commit of main.
inline Result<CommitPlan> PlanNodes(Process& process, const Snapshot& base, const NewNodes& nodes) {
  CommitPlan plan{.base = base, .operation = "load:append", .effects = {}, .if_commit = ""};
  for (const auto& [type, names] : nodes) {
    WritableTable table{.entry = *base.manifest().FindTable(TableKind::kNode, type)};
    TARN_ASSIGN_OR_RETURN(table.table, base.OpenTable(process.request, TableKind::kNode, type));
    TARN_RETURN_IF_ERROR(StageNodes(process, std::move(table), names, plan));
  }
  return plan;
}

/// The same on any branch, as a writer does it: what fails leaves nothing behind.
inline Result<CommitPlan> PlanNodesOn(Process& process, Catalog& catalog, const Snapshot& base,
                                      const NewNodes& nodes) {
  CommitPlan plan{.base = base, .operation = "load:append", .effects = {}, .if_commit = ""};
  for (const auto& [type, names] : nodes) {
    Result<WritableTable> table =
        catalog.OpenForWrite(process.request, base, TableKind::kNode, type);
    Status staged =
        table.ok() ? StageNodes(process, std::move(table).value(), names, plan) : table.status();
    if (staged.ok()) continue;
    catalog.Abandon(process.request, std::move(plan));
    return staged;
  }
  return plan;
}

/// Appends nodes on the head, planning again while others are quicker.
inline Result<CommitRecord> AddNodes(Process& process, Catalog& catalog, const NewNodes& nodes,
                                     int attempts = 1, const std::string& branch = "main") {
  while (true) {
    TARN_ASSIGN_OR_RETURN(const Snapshot base, catalog.Head(process.request, branch));
    TARN_ASSIGN_OR_RETURN(CommitPlan plan, PlanNodesOn(process, catalog, base, nodes));
    Result<CommitRecord> record = catalog.Commit(process.request, std::move(plan));
    if (record.ok() || record.status().id() != ErrorId::kCommitConflict || --attempts == 0)
      return record;
  }
}

/// The ids of a node type, sorted.
inline std::vector<std::string> Ids(const Snapshot& snapshot, std::string_view type) {
  auto table = snapshot.OpenTable({}, TableKind::kNode, type);
  EXPECT_TRUE(table.ok()) << table.status().ToString();
  if (!table.ok()) return {"unreadable"};
  auto stream =
      (*table)->Scan({}, {.columns = {"id"}, .filter = std::nullopt, .limit = std::nullopt});
  EXPECT_TRUE(stream.ok()) << stream.status().ToString();
  return columnar::SortedRowTexts(lance::ReadAll(**stream).value());
}

/// A quoted id, as Ids answers it.
inline std::string Q(std::string_view id) { return fmt::format("\"{}\"", id); }

/// Disarms every failpoint when a test ends.
struct FailpointScope {
  ~FailpointScope() { DisarmAllFailpoints(); }
  void Stop(std::string_view name) {
    ASSERT_TRUE(ArmFailpoint(name, [] {
                  return Error(ErrorId::kStorageUnavailable, "the process ends here");
                }).ok());
  }
  /// Runs `turn` at the first hit only.
  void Once(std::string_view name, std::function<void()> turn) {
    auto is_first = std::make_shared<std::atomic<bool>>(true);
    ASSERT_TRUE(ArmFailpoint(name, [is_first, turn = std::move(turn)] {
                  if (is_first->exchange(false)) turn();
                  return Status::Ok();
                }).ok());
  }
};

}  // namespace tarn::catalog
