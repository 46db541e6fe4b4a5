// What verbs cost the storage, exactly: calls by verb, class and phase, and the longest chain of
// dependent calls, on the in-memory object store under a clock that stands still while work runs.
// Goldens are in goldens/. req: WRITE-1 GRAPH-18
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "golden.h"
#include "tarn/engine/warehouse_database.h"
#include "tarn/lance/bridge_table.h"
#include "tarn/lance/bridge_tokenize.h"
#include "tarn/store/bridge_session.h"

namespace tarn::cost {
namespace {

const std::string kData = std::string(TARN_TESTS_FOLDER) + "/data/harbour/";

std::string ReadAll(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

template <typename T>
T Must(Result<T> result) {
  TARN_CHECK(result.ok(), result.status().ToString());
  return std::move(result).value();
}

/// A warehouse in memory behind the real bridge, its calls counted under the virtual clock.
class Warehouse {
 public:
  Warehouse()
      : environment_(Must(store::Environment::Open({.threads = 1, .virtual_clock = true}))),
        session_(Must(store::Session::Open(environment_, {}))),
        clock_(1'700'000'000'000'000, 1, 1000) {}

  engine::Stores Stores() {
    engine::Stores stores{.root = "memory://cost"};
    stores.objects = Must(store::OpenBridgeStore(session_, stores.root));
    stores.tables = lance::OpenBridgeTableStore(session_);
    stores.analyser = [](const std::vector<std::string_view>& texts, std::string_view analyser) {
      return lance::Tokenize(texts, analyser);
    };
    stores.make_meter = [this] { return store::NewBridgeMeter(environment_); };
    stores.clock = &clock_;
    return stores;
  }

  store::Cost Measure(const std::function<Status(const Request&)>& verb) {
    const std::unique_ptr<Meter> meter = store::NewBridgeMeter(environment_);
    Request request;
    request.meter = meter.get();
    const Status status = verb(request);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return meter->Read();
  }

  store::Cost Init(const std::string& schema_text) {
    return Measure([&](const Request& request) {
      return engine::InitWarehouse(request, Stores(), SourceText("cost.pg", schema_text), false,
                                   catalog::Durability::kProcess);
    });
  }

  std::unique_ptr<engine::Database> Open(const Request& request = {},
                                         const engine::OpenOptions& options = {
                                             .durability = catalog::Durability::kProcess}) {
    return Must(engine::OpenWarehouse(request, Stores(), options));
  }

  store::Cost Load(engine::Database& database, const std::string& lines, write::LoadMode mode) {
    return Measure([&](const Request& request) {
      const write::OpenInput input = [&]() -> Result<std::unique_ptr<std::istream>> {
        return std::unique_ptr<std::istream>(std::make_unique<std::istringstream>(lines));
      };
      return database.Load(request, input, {.mode = mode, .spill_folder = testing::TempDir()})
          .status();
    });
  }

  store::Cost Mutate(engine::Database& database, const std::string& statements) {
    return Measure([&](const Request& request) {
      const SourceText source("cost.gq", "query q() { " + statements + " }");
      return database.Mutate(request, {.source = &source}).status();
    });
  }

  store::Cost Query(engine::Database& database, const std::string& text) {
    return Measure([&](const Request& request) {
      const SourceText source("cost.gq", text);
      return database
          .Query(request, {.source = &source, .query_name = "", .params_json = "", .target = {}})
          .status();
    });
  }

 private:
  std::shared_ptr<const store::Environment> environment_;
  std::shared_ptr<const store::Session> session_;
  FixedClock clock_;
};

std::string Port(int number) {
  return fmt::format(R"({{"type":"Port","data":{{"code":"P{:04}","name":"port {}"}}}})", number,
                     number) +
         "\n";
}

constexpr std::string_view kPorts =
    "node Port { code: String @key  name: String }\nedge Feeds: Port -> Port\n";

TEST(Cost, OfEachVerbIsItsGolden) {
  Warehouse warehouse;
  EXPECT_EQ(CompareWithGolden("init", warehouse.Init(ReadAll(kData + "harbour.pg"))), "");
  auto database = warehouse.Open();
  EXPECT_EQ(CompareWithGolden("load-overwrite-harbour",
                              warehouse.Load(*database, ReadAll(kData + "harbour.jsonl"),
                                             write::LoadMode::kOverwrite)),
            "");
  const std::string one = R"({"type":"Port","data":{"code":"NOOSL","name":"Oslo"}})";
  EXPECT_EQ(CompareWithGolden("load-append-one-node",
                              warehouse.Load(*database, one, write::LoadMode::kAppend)),
            "");
  EXPECT_EQ(CompareWithGolden("load-merge-one-node",
                              warehouse.Load(*database, one, write::LoadMode::kMerge)),
            "");
  database.reset();
  EXPECT_EQ(CompareWithGolden("open", warehouse.Measure([&](const Request& request) {
              database = warehouse.Open(request);
              return Status::Ok();
            })),
            "");
  const std::string lookup =
      R"(query q() { match { $p: Port { code: "SEGOT" } } return { $p.name } })";
  EXPECT_EQ(CompareWithGolden("query-key-first", warehouse.Query(*database, lookup)), "");
  // The second one finds that it pays to hold the column.
  EXPECT_EQ(CompareWithGolden("query-key-second", warehouse.Query(*database, lookup)), "");
  EXPECT_EQ(CompareWithGolden("query-key-warm", warehouse.Query(*database, lookup)), "");
  const std::string hops =
      R"(query q() { match { $a: Port { code: "SEGOT" } $a feeds{1,2} $b } return { count($b) } })";
  EXPECT_EQ(CompareWithGolden("query-two-hops-first", warehouse.Query(*database, hops)), "");
  EXPECT_EQ(CompareWithGolden("query-two-hops-warm", warehouse.Query(*database, hops)), "");
}

// A process that finds adjacency stored reads no edges; after a commit it reads the new ones.
// req: GRAPH-7
TEST(Cost, OfAFirstHopOverStoredAdjacencyIsItsGolden) {
  Warehouse warehouse;
  warehouse.Init(ReadAll(kData + "harbour.pg"));
  const auto open = [&](catalog::Access access) {
    return warehouse.Open({}, {.access = access,
                               .durability = catalog::Durability::kProcess,
                               .stored_topology_edges_min = 0});
  };
  auto database = open(catalog::Access::kReadWrite);
  warehouse.Load(*database, ReadAll(kData + "harbour.jsonl"), write::LoadMode::kOverwrite);
  const std::string hops =
      R"(query q() { match { $a: Port { code: "SEGOT" } $a feeds{1,2} $b } return { count($b) } })";
  EXPECT_EQ(CompareWithGolden("query-two-hops-storing", warehouse.Query(*database, hops)), "");
  database = open(catalog::Access::kReadOnly);
  EXPECT_EQ(CompareWithGolden("query-two-hops-stored", warehouse.Query(*database, hops)), "");
  database = warehouse.Open();  // stores none that small
  warehouse.Query(*database, hops);
  warehouse.Mutate(*database, "insert Feeds { from: \"EETLL\" to: \"SEGOT\" nm: 1.0 }");
  EXPECT_EQ(CompareWithGolden("query-two-hops-after-a-commit", warehouse.Query(*database, hops)),
            "");
  database = open(catalog::Access::kReadOnly);
  EXPECT_EQ(CompareWithGolden("query-two-hops-stored-before", warehouse.Query(*database, hops)),
            "");
}

// Opening asks for the files since the last checkpoint, however long the past is.
TEST(Cost, OfAnOpenIsTheSameAfterEveryCheckpoint) {
  Warehouse warehouse;
  warehouse.Init(std::string(kPorts));
  auto database = warehouse.Open();
  const auto cost_at = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      warehouse.Load(*database, Port(i), write::LoadMode::kAppend);
    }
    return warehouse.Measure([&](const Request& request) {
      warehouse.Open(request);
      return Status::Ok();
    });
  };
  const store::Cost early = cost_at(1, 70);    // version 70: 6 behind a checkpoint
  const store::Cost later = cost_at(70, 134);  // version 134: 6 behind another
  EXPECT_EQ(later.reads(), early.reads());
  EXPECT_EQ(later.lists(), early.lists());
  EXPECT_EQ(later.depth, early.depth);
  EXPECT_LT(later.bytes_read, early.bytes_read + 2000);
}

std::string InsertPort(const std::string& code) {
  return fmt::format("insert Port {{ code: \"{}\" name: \"a port\" }}", code);
}

// The first of each as the command line meets it, and warm as a process that stays open does.
// req: GRAPH-18
TEST(Cost, OfEachMutationIsItsGolden) {
  Warehouse warehouse;
  warehouse.Init(ReadAll(kData + "harbour.pg"));
  auto database = warehouse.Open();
  warehouse.Load(*database, ReadAll(kData + "harbour.jsonl"), write::LoadMode::kOverwrite);
  const auto measure = [&](const std::string& name, const std::string& statements) {
    EXPECT_EQ(CompareWithGolden(name, warehouse.Mutate(*database, statements)), "");
  };
  database = warehouse.Open();
  measure("mutate-insert-node-first", InsertPort("NOOSL"));
  measure("mutate-insert-node-warm", InsertPort("NOBGO"));
  const std::string edge = "insert Feeds { from: \"NOOSL\" to: \"SEGOT\" nm: 1.0 }";
  measure("mutate-insert-edge-first", edge);
  measure("mutate-insert-edge-warm", edge);
  measure("mutate-update-warm", "update Port set { name: \"Oslo\" } where code = \"NOOSL\"");
  measure("mutate-delete-warm", "delete Port where code = \"NOBGO\"");
  measure("mutate-three-tables-warm",
          InsertPort("NOTRD") + " insert Ship { imo: 1 name: \"Dora\" } " +
              "insert CallsAt { from: \"1\" to: \"NOTRD\" arrived: now() }");
}

// An insert may not cost more because there is more history, or because there are more tables.
TEST(Cost, OfAnInsertIsFlatInHistoryAndInTables) {
  const auto costs = [](int tables, int commits) {
    std::string schema(kPorts);
    for (int i = 0; i < tables; ++i) schema += fmt::format("node T{} {{ k: String @key }}\n", i);
    Warehouse warehouse;
    warehouse.Init(schema);
    auto database = warehouse.Open();
    for (int i = 0; i < commits; ++i) warehouse.Mutate(*database, InsertPort(std::to_string(i)));
    return warehouse.Mutate(*database, InsertPort("the last"));
  };
  const store::Cost early = costs(0, 3);
  for (const store::Cost& late : {costs(0, 60), costs(60, 3)}) {
    EXPECT_EQ(late.reads(), early.reads());
    EXPECT_EQ(late.writes(), early.writes());
    EXPECT_EQ(late.lists(), 0u);
    EXPECT_EQ(late.depth, early.depth);
  }
}

/// What the life of one branch costs: made, written to for the first time, merged, deleted.
struct BranchCosts {
  store::Cost create, first_write, merge, remove;
};
BranchCosts CostsOfABranch(Warehouse& warehouse, engine::Database& database) {
  BranchCosts costs;
  costs.create = warehouse.Measure([&](const Request& request) {
    return database.CreateBranch(request, "review", "main").status();
  });
  costs.first_write = warehouse.Measure([&](const Request& request) {
    const SourceText source("cost.gq", "query q() { " + InsertPort("NOSVG") + " }");
    return database.Mutate(request, {.source = &source, .options = {.branch = "review"}}).status();
  });
  // The target goes on, so that the merge is one of three states.
  warehouse.Mutate(database, InsertPort("NOKRS"));
  costs.merge = warehouse.Measure([&](const Request& request) {
    return database.MergeBranch(request, "review", "main", {}).status();
  });
  costs.remove = warehouse.Measure(
      [&](const Request& request) { return database.DeleteBranch(request, "review").status(); });
  return costs;
}

// req: BRANCH-1
TEST(Cost, OfBranchesIsTheirGolden) {
  Warehouse warehouse;
  warehouse.Init(ReadAll(kData + "harbour.pg"));
  auto database = warehouse.Open();
  warehouse.Load(*database, ReadAll(kData + "harbour.jsonl"), write::LoadMode::kOverwrite);
  const BranchCosts costs = CostsOfABranch(warehouse, *database);
  EXPECT_EQ(CompareWithGolden("branch-create", costs.create), "");
  EXPECT_EQ(CompareWithGolden("branch-first-write", costs.first_write), "");
  EXPECT_EQ(CompareWithGolden("branch-merge-one-row", costs.merge), "");
  EXPECT_EQ(CompareWithGolden("branch-delete", costs.remove), "");
}

TEST(Cost, OfBranchesIsFlatInTablesAndRows) {
  const auto costs = [](int tables, int rows) {
    std::string schema(kPorts), ports;
    for (int i = 0; i < tables; ++i) schema += fmt::format("node T{} {{ k: String @key }}\n", i);
    for (int i = 0; i < rows; ++i) ports += Port(i);
    Warehouse warehouse;
    warehouse.Init(schema);
    auto database = warehouse.Open();
    warehouse.Load(*database, ports, write::LoadMode::kAppend);
    return CostsOfABranch(warehouse, *database);
  };
  // Below these sizes whole files are read at once, which is fewer calls.
  const BranchCosts small = costs(30, 3000);
  for (const BranchCosts& large : {costs(90, 3000), costs(30, 9000)}) {
    EXPECT_EQ(large.create.total(), small.create.total());
    // The branch's manifest is read whole the first time: a longer file may take a range more.
    EXPECT_LE(large.first_write.total(), small.first_write.total() + 2);
    EXPECT_EQ(large.merge.total(), small.merge.total());
    EXPECT_EQ(large.remove.total(), small.remove.total());
  }
}

// A property that may be null is metadata: whatever the rows are, no file of theirs is written.
// req: SCHEMA-9
TEST(Cost, OfASchemaChangeIsItsGolden) {
  Warehouse warehouse;
  warehouse.Init(std::string(kPorts));
  auto database = warehouse.Open();
  warehouse.Load(*database, Port(1), write::LoadMode::kAppend);
  const SourceText wanted(
      "cost.pg",
      "node Port { code: String @key  name: String  note: String? }\nedge Feeds: Port -> Port\n");
  EXPECT_EQ(
      CompareWithGolden("schema-apply-one-property", warehouse.Measure([&](const Request& request) {
        return database->ApplySchema(request, wanted, {}).status();
      })),
      "");
}

// A write may not cost more because there is more history, as long as the process stays open.
TEST(Cost, OfAnAppendIsFlatInHistory) {
  Warehouse warehouse;
  warehouse.Init(std::string(kPorts));
  auto database = warehouse.Open();
  const store::Cost second = (warehouse.Load(*database, Port(1), write::LoadMode::kAppend),
                              warehouse.Load(*database, Port(2), write::LoadMode::kAppend));
  for (int i = 3; i < 60; ++i) warehouse.Load(*database, Port(i), write::LoadMode::kAppend);
  const store::Cost late = warehouse.Load(*database, Port(60), write::LoadMode::kAppend);
  EXPECT_EQ(late.writes(), second.writes());
  EXPECT_EQ(late.lists(), second.lists());
}

// Nothing that Tarn does may land in the class of unknown paths, but for init's one look at what
// the root holds.
TEST(Cost, EveryCallHasAClass) {
  Warehouse warehouse;
  const store::Cost cost = warehouse.Init(std::string(kPorts));
  EXPECT_GT(cost.total(), 0u);
  for (const auto& [key, count] : cost.calls) {
    EXPECT_TRUE(key.find("/other@") == std::string::npos || key == "list/other@read")
        << key << " x " << count;
  }
}

}  // namespace
}  // namespace tarn::cost
