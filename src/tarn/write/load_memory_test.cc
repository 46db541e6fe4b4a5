// Loads under memory limits that force spilling give what roomy ones give: rows, commits and
// errors.

#include <unistd.h>

#include <filesystem>
#include <random>

#include "tarn/write/test_graph.h"

namespace tarn::write {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSchema = R"(
node User { name: String @key  mail: String? @unique  bio: String?  vec: Vector(4)?  tags: [String]? }
node Event { at: DateTime?  what: String? }
edge Follows: User -> User @card(0..40) { since: I32?  @unique(src, dst) }
edge Saw: User -> Event
)";

/// A random graph of some thousand rows; `faults` adds rows that break rules.
std::string MakeData(uint64_t seed, int users, bool faults) {
  std::mt19937_64 random(seed);
  std::string text;
  for (int i = 0; i < users; ++i) {
    text += fmt::format(
        R"({{"type":"User","data":{{"name":"u{}","mail":"m{}@x","bio":"{}","vec":[{},1,2,3],"tags":["a","b{}"]}}}})"
        "\n",
        i, i, std::string(random() % 60, 'b'), i, i % 7);
    text += fmt::format(R"({{"type":"Event","data":{{"id":"e{}","at":{}}}}})"
                        "\n",
                        i, random() % 1000000);
    for (int k = 0; k < 4; ++k) {
      text += fmt::format(
          R"({{"edge":"Follows","from":"u{}","to":"u{}","data":{{"id":"f{}-{}","since":{}}}}})"
          "\n",
          i, (i + 1 + k * 17) % users, i, k, k);
    }
    text += fmt::format(R"({{"edge":"Saw","from":"u{}","to":"e{}","data":{{"id":"s{}"}}}})"
                        "\n",
                        random() % users, random() % users, i);
  }
  if (!faults) return text;
  text += R"({"type":"User","data":{"name":"u3"}})"
          "\n"
          R"({"type":"User","data":{"name":"v","mail":"m5@x"}})"
          "\n"
          R"({"edge":"Saw","from":"u1","to":"nowhere"})"
          "\n"
          R"({"edge":"Follows","from":"u1","to":"u2","data":{"id":"again"}})"
          "\n";
  for (int i = 1000; i < 1040; ++i) {
    text += fmt::format("{{\"edge\":\"Follows\",\"from\":\"u9\",\"to\":\"u{}\"}}\n", i);
  }
  return text;
}

class LoadMemory : public testing::Test {
 protected:
  LoadOptions Tight() const { return {.memory_bytes_max = 100000, .spill_folder = folder_}; }
  ~LoadMemory() override {
    EXPECT_FALSE(std::filesystem::exists(folder_)) << "temporary files are left behind";
  }

  const std::string folder_ = testing::TempDir() + fmt::format("/tarn-load-{}", ::getpid());
};

// WRITE-16, GRAPH-18: one commit whatever the size.
// req: OPS-13 GRAPH-18
TEST_F(LoadMemory, SpilledLoadsMakeTheSameGraph) {
  TestGraph roomy(kSchema), tight(kSchema);
  const auto both = [&](LoadMode mode, const std::string& text) {
    const auto first = roomy.Load(mode, text);
    const auto second = tight.Load(mode, text, Tight());
    ASSERT_TRUE(first.ok()) << first.status().ToString();
    ASSERT_TRUE(second.ok()) << second.status().ToString();
    EXPECT_EQ(first->total_entities, second->total_entities);
    ASSERT_EQ(first->commit.changes.size(), second->commit.changes.size());
    for (size_t i = 0; i < first->commit.changes.size(); ++i) {
      EXPECT_EQ(first->commit.changes[i].inserted, second->commit.changes[i].inserted);
      EXPECT_EQ(first->commit.changes[i].updated, second->commit.changes[i].updated);
      EXPECT_EQ(first->commit.changes[i].deleted, second->commit.changes[i].deleted);
    }
    EXPECT_EQ(roomy.Export(), tight.Export());
    EXPECT_EQ(roomy.Marks(), tight.Marks());
  };
  both(LoadMode::kAppend, MakeData(1, 1500, false));
  both(LoadMode::kMerge,
       MakeData(2, 2000, false));  // 1500 updates and 500 inserts of each node type
  EXPECT_EQ(tight.Rows("node:User"), 2000u);
  EXPECT_EQ(tight.Rows("edge:Follows"), 8000u);
  both(LoadMode::kMerge, MakeData(3, 300, false));
  both(LoadMode::kOverwrite, MakeData(4, 1200, false));
  EXPECT_EQ(tight.Rows("node:Event"), 1200u);
}

TEST_F(LoadMemory, SpilledLoadsFindTheSameFaults) {
  TestGraph graph(kSchema);
  const std::string text = MakeData(1, 1500, true);
  for (const LoadMode mode : {LoadMode::kAppend, LoadMode::kMerge, LoadMode::kOverwrite}) {
    const auto roomy = graph.Load(mode, text);
    const auto tight = graph.Load(mode, text, Tight());
    ASSERT_FALSE(roomy.ok());
    ASSERT_FALSE(tight.ok());
    EXPECT_EQ(roomy.status().message(), tight.status().message());
    const std::string message = tight.status().message();
    EXPECT_THAT(message, HasSubstr("@unique violation on User.name: the @key 'u3' is there twice"));
    EXPECT_THAT(message,
                HasSubstr("@unique violation on User.mail: value 'm5@x' held by 'u5' and 'v'"));
    EXPECT_THAT(message, HasSubstr("dst 'nowhere' not found in Event"));
    EXPECT_THAT(message, HasSubstr("@unique violation on Follows.(dst, src): value '(u2, u1)'"));
    EXPECT_THAT(message,
                HasSubstr("@card violation on edge Follows: source 'u9' has 44 edges (max 40)"));
  }
  EXPECT_EQ(graph.Marks().at("commits"), 1u);
}

TEST_F(LoadMemory, WithoutAFolderTheErrorSaysWhatToDo) {
  TestGraph graph(kSchema);
  const auto before = graph.Marks();
  const auto refused =
      graph.Load(LoadMode::kAppend, MakeData(1, 1500, false), {.memory_bytes_max = 100000});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().id(), ErrorId::kMemoryBudget);
  EXPECT_THAT(refused.status().hint(), HasSubstr("memory limit"));
  EXPECT_EQ(graph.Marks(), before);
}

}  // namespace
}  // namespace tarn::write
