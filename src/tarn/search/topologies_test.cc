#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tarn/search/resident.h"
#include "tarn/search/test_analyser.h"
#include "tarn/search/test_graph.h"
#include "tarn/store/memory_store.h"

namespace tarn::search {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr int64_t kPlenty = 1 << 28;
using Side = Resident::Side;

std::shared_ptr<arrow::Schema> PortColumns() {
  return arrow::schema({arrow::field("id", arrow::utf8(), false)});
}

/// Tables, the storage beside them, and processes that come and go.
struct World {
  void Fill() {
    graph_.AddNodeType("Port");
    graph_.AddNodeType("Ship");
    graph_.AddEdgeType("Feeds", "Port", "Port");
    graph_.AddEdgeType("CallsAt", "Ship", "Port");
    for (int i = 0; i < 12; ++i) AddNode("Port");
    for (int i = 0; i < 5; ++i) AddNode("Ship");
    for (int i = 0; i < 40; ++i) AddEdges("Feeds", "Port", 1);
    for (int i = 0; i < 20; ++i) AddEdges("CallsAt", "Ship", 1);
  }

  void AddNode(const std::string& type) {
    names_[type].push_back(fmt::format("{}{}", type, next_++));
    graph_.Put(kNode, type, PortColumns(), fmt::format(R"([["{}"]])", names_[type].back()));
  }
  void AddEdges(const std::string& type, const std::string& from, int count) {
    std::string rows;
    for (int i = 0; i < count; ++i) {
      rows += fmt::format(R"({}["e{}","{}","{}"])", i > 0 ? "," : "", next_++,
                          names_[from][random_() % names_[from].size()],
                          names_["Port"][random_() % names_["Port"].size()]);
      ++edges_[type];
    }
    graph_.Put(kEdge, type, EdgeColumns(), "[" + rows + "]");
  }
  /// A port that no edge names comes and goes, so that numbers shift.
  void AddAndRemovePort() {
    graph_.Put(kNode, "Port", PortColumns(), fmt::format(R"([["x{}"]])", next_++));
    graph_.Remove(kNode, "Port", names_["Port"].size());
  }

  std::unique_ptr<Resident> Process(bool may_write = true, int64_t bytes_max = kPlenty) {
    return MakeResident(bytes_max, AnalysePlainly,
                        {.objects = objects_.get(), .may_write = may_write, .edges_min = 1});
  }
  std::vector<std::string> Files() {
    std::vector<std::string> keys;
    for (const auto& object : objects_->List({}, "_topology", "", 1000).value())
      keys.push_back(object.key);
    return keys;
  }
  std::shared_ptr<const Adjacency> Ask(Resident& resident, const std::string& type, Side side) {
    auto adjacency = resident.AdjacencyOf({}, graph_.Now(), type, side);
    EXPECT_TRUE(adjacency.ok()) << adjacency.status().ToString();
    return *adjacency;
  }
  void ExpectSame(Resident& resident, const std::string& type, Side side) {
    const auto oracle = MakeResident(0, AnalysePlainly);
    const auto wanted = Ask(*oracle, type, side);
    const auto got = Ask(resident, type, side);
    EXPECT_TRUE(std::ranges::equal(got->offsets, wanted->offsets)) << got->origin;
    EXPECT_TRUE(std::ranges::equal(got->neighbours, wanted->neighbours)) << got->origin;
    EXPECT_TRUE(std::ranges::equal(got->edge_rows, wanted->edge_rows)) << got->origin;
    EXPECT_EQ(got->simple, wanted->simple) << got->origin;
  }
  std::string OriginOf(Resident& resident, const std::string& type = "Feeds") {
    ExpectSame(resident, type, Side::kOut);
    return Ask(resident, type, Side::kOut)->origin;
  }

  TestGraph graph_;
  std::unique_ptr<store::ObjectStore> objects_ = store::OpenMemoryStore(store::NewMemoryObjects());
  std::map<std::string, std::vector<std::string>> names_;
  std::map<std::string, int> edges_;
  std::mt19937 random_{7};
  int next_ = 0;
};

class TopologiesTest : public ::testing::Test, protected World {
 protected:
  void SetUp() override { Fill(); }
};

// req: GRAPH-7
TEST_F(TopologiesTest, AreStoredAndLoadedByTheNextProcess) {
  EXPECT_EQ(OriginOf(*Process()), "read from its table");
  EXPECT_THAT(Files(), ElementsAre("_topology/edge-Feeds/out-main.main.main-40-12-12.csr"));
  const auto next = Process();
  graph_.log.Take();
  EXPECT_EQ(Ask(*next, "Feeds", Side::kOut)->origin, "stored");
  EXPECT_THAT(graph_.log.Take(), ElementsAre("scan root/tables/node:Port id,_rowid"))
      << "the edges are not read";
  EXPECT_EQ(OriginOf(*next), "stored");
  EXPECT_EQ(Ask(*next, "Feeds", Side::kIn)->origin, "turned round from the other direction");
  ExpectSame(*next, "Feeds", Side::kIn);
}

TEST_F(TopologiesTest, ASmallChangeReadsOnlyWhatIsNew) {
  const auto process = Process();
  OriginOf(*process);
  AddEdges("Feeds", "Port", 2);
  graph_.Remove(kEdge, "Feeds", 5);
  EXPECT_EQ(OriginOf(*process), "made of that of version 40, 3 edges changed since");
  graph_.Rewrite(kNode, "Port", 3);
  EXPECT_EQ(OriginOf(*process), "made of that of version 42, 0 edges changed since");
  AddNode("Port");
  EXPECT_EQ(OriginOf(*process), "made of that of version 42, 0 edges changed since");
  const auto next = Process();
  EXPECT_EQ(OriginOf(*next), "made of the stored one of version 40, 3 edges changed since");
  EXPECT_EQ(Files().size(), 1u) << "few edges have changed since it was stored";
  AddEdges("Feeds", "Port", 6);
  OriginOf(*next);
  EXPECT_EQ(Files().size(), 2u) << "more than a tenth has";
  EXPECT_EQ(OriginOf(*Process()), "stored");
}

TEST_F(TopologiesTest, ALargeChangeReadsEverything) {
  OriginOf(*Process());
  AddEdges("Feeds", "Port", 60);
  EXPECT_EQ(OriginOf(*Process()),
            "read from its table, because too much has changed since the stored topology of "
            "version 40");
}

TEST_F(TopologiesTest, StorageIsBounded) {
  for (int i = 0; i < 6; ++i) {
    AddEdges("Feeds", "Port", 40);
    OriginOf(*Process());
  }
  EXPECT_THAT(Files(), ElementsAre("_topology/edge-Feeds/out-main.main.main-45-12-12.csr",
                                   "_topology/edge-Feeds/out-main.main.main-46-12-12.csr"));
}

TEST_F(TopologiesTest, OneOfThePastIsNotStored) {
  const catalog::Snapshot past = graph_.Now();
  for (int i = 0; i < 2; ++i) {
    AddEdges("Feeds", "Port", 40);
    OriginOf(*Process());
  }
  const std::vector<std::string> files = Files();
  EXPECT_EQ(files.size(), 2u);
  EXPECT_EQ(Process()->AdjacencyOf({}, past, "Feeds", Side::kOut).value()->origin,
            "read from its table");
  EXPECT_EQ(Files(), files);
}

TEST_F(TopologiesTest, ADamagedOrForeignFileIsNotUsed) {
  OriginOf(*Process());
  const std::string key = Files().at(0);
  const std::string whole = objects_->Get({}, key).value();
  const auto origin_with = [&](std::string bytes) {
    EXPECT_TRUE(
        objects_->Put({}, key, bytes, store::PutMode::kOverwrite, store::Sync::kProcess).ok());
    return OriginOf(*Process(/*may_write=*/false));
  };
  std::string damaged = whole;
  damaged[damaged.size() / 2] ^= 1;
  EXPECT_THAT(origin_with(damaged),
              Eq("read from its table, because a stored topology is damaged: its checksum does "
                 "not fit"));
  EXPECT_THAT(origin_with(whole.substr(0, 100)), HasSubstr("read from its table, because"));
  EXPECT_THAT(origin_with(""), HasSubstr("read from its table, because"));
  EXPECT_EQ(origin_with(whole), "stored");
  // Another table's file under this one's name: the versions are right, what they hold is not.
  AddEdges("CallsAt", "Ship", 20);
  OriginOf(*Process(), "CallsAt");
  const std::string other =
      objects_->Get({}, "_topology/edge-CallsAt/out-main.main.main-21-5-12.csr").value();
  EXPECT_THAT(origin_with(other), StartsWith("read from its table"));
}

// A version number is given again when a power cut has taken the version that had it: the same name
// and the same number of rows, other files.
TEST_F(TopologiesTest, AFileOfAVersionThatIsNoMoreIsNotUsed) {
  OriginOf(*Process());
  const std::string key = Files().at(0);
  World other;
  other.graph_.Put(kNode, "Other", PortColumns(), R"([["x"]])");
  other.random_.seed(8);
  other.Fill();
  ASSERT_TRUE(other.objects_
                  ->Put({}, key, objects_->Get({}, key).value(), store::PutMode::kCreate,
                        store::Sync::kProcess)
                  .ok());
  EXPECT_THAT(other.OriginOf(*other.Process()), StartsWith("read from its table, because"));
  EXPECT_EQ(other.Files(), Files()) << "it was written over";
  EXPECT_EQ(other.OriginOf(*other.Process()), "stored");
}

TEST_F(TopologiesTest, AReadOnlyProcessWritesNothing) {
  const auto reader = Process(/*may_write=*/false);
  EXPECT_EQ(OriginOf(*reader), "read from its table");
  EXPECT_THAT(Files(), IsEmpty());
  OriginOf(*Process());
  AddEdges("Feeds", "Port", 8);
  EXPECT_THAT(OriginOf(*Process(/*may_write=*/false)), StartsWith("made of the stored one"));
  EXPECT_EQ(Files().size(), 1u);
}

// req: GRAPH-7, GRAPH-10
TEST_F(TopologiesTest, EveryWayGivesWhatReadingGives) {
  auto staying = Process();
  for (int step = 0; step < 150; ++step) {
    switch (random_() % 7) {
      case 0: AddNode(random_() % 2 == 0 ? "Port" : "Ship"); break;
      case 1: AddEdges("Feeds", "Port", static_cast<int>(random_() % 3) + 1); break;
      case 2: AddEdges("CallsAt", "Ship", 1); break;
      case 3: graph_.Rewrite(kNode, "Port", random_() % names_["Port"].size()); break;
      case 4: graph_.Rewrite(kNode, "Ship", random_() % names_["Ship"].size()); break;
      case 5:
        graph_.Remove(kEdge, "Feeds", random_() % static_cast<size_t>(edges_["Feeds"]));
        --edges_["Feeds"];
        break;
      case 6:
        graph_.Rewrite(kEdge, "CallsAt", random_() % static_cast<size_t>(edges_["CallsAt"]));
        break;
    }
    if (random_() % 5 == 0) AddAndRemovePort();
    if (random_() % 10 == 0) staying = Process();
    const auto fresh = Process(random_() % 2 == 0);
    for (Resident* resident : {staying.get(), fresh.get()}) {
      for (const char* type : {"Feeds", "CallsAt"}) {
        ExpectSame(*resident, type, random_() % 2 == 0 ? Side::kOut : Side::kIn);
      }
    }
    ASSERT_FALSE(HasFailure()) << "step " << step;
  }
}

// req: GRAPH-25
TEST_F(TopologiesTest, ARequestThatCannotHoldAStoredOneSaysSo) {
  OriginOf(*Process());
  const auto next = Process();
  ASSERT_TRUE(next->VerticesOf({}, graph_.Now(), kNode, "Port").ok());
  MemoryBudget budget(300);
  Request request;
  request.budget = &budget;
  EXPECT_EQ(next->AdjacencyOf(request, graph_.Now(), "Feeds", Side::kOut).status().id(),
            ErrorId::kMemoryBudget);
  EXPECT_EQ(budget.bytes_used(), 0);
}

}  // namespace
}  // namespace tarn::search
