// What questions about a graph with hubs hold in memory, as it is counted: they answer within one
// budget for all that lives, cache included, or fail by name, and leave nothing behind.
#include <filesystem>
#include <sstream>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tarn/engine/database.h"

namespace tarn {
namespace {

constexpr int kPersons = 60'000;
constexpr int kHubs = 5;
constexpr int64_t kMiB = int64_t{1} << 20;

/// Everybody follows every hub, every hub follows everybody, and each the next two: 720,000 edges,
/// and eighteen thousand million walks of two steps between two persons.
std::string Lines() {
  std::string lines;
  const auto edge = [&lines](int from, int to) {
    lines += fmt::format("{{\"edge\":\"Follows\",\"from\":\"p{}\",\"to\":\"p{}\"}}\n", from, to);
  };
  for (int i = 0; i < kPersons; ++i) {
    lines += fmt::format(
        "{{\"type\":\"Person\",\"data\":{{\"key\":\"p{}\",\"age\":{},\"about\":\"person number {} "
        "of this graph\"}}}}\n",
        i, i % 100, i);
  }
  for (int i = 0; i < kPersons; ++i) {
    for (int hub = 0; hub < kHubs; ++hub) {
      edge(i, hub);
      edge(hub, i);
    }
    for (int step = 1; step <= 2; ++step) edge(i, (i + step) % kPersons);
  }
  return lines;
}

class MemoryTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new std::filesystem::path(std::filesystem::path(testing::TempDir()) / "memory_test");
    std::filesystem::remove_all(*folder_);
    const SourceText schema("memory.pg",
                            "node Person { key: String @key  age: I32  about: String }\n"
                            "edge Follows: Person -> Person\n");
    ASSERT_TRUE(engine::Database::Init({}, folder_->string(), schema, false, {}).ok());
    auto database = engine::Database::Open({}, folder_->string(), {}).value();
    const std::string lines = Lines();
    const write::OpenInput input = [&]() -> Result<std::unique_ptr<std::istream>> {
      return std::unique_ptr<std::istream>(std::make_unique<std::istringstream>(lines));
    };
    const auto loaded = database->Load({}, input, {.spill_folder = testing::TempDir()});
    ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  }
  static void TearDownTestSuite() {
    std::filesystem::remove_all(*folder_);
    delete folder_;
  }

  static std::unique_ptr<engine::Database> Open(MemoryBudget& memory) {
    engine::OpenOptions options;
    options.access = catalog::Access::kReadOnly;
    options.memory = &memory;
    options.resident_bytes_max = memory.bytes_max() / 2;
    return engine::Database::Open({}, folder_->string(), options).value();
  }

  /// The first cell of the answer as text.
  static Result<std::string> Ask(engine::Database& database, MemoryBudget& memory,
                                 const std::string& query) {
    const SourceText source("memory.gq", query);
    Request request;
    request.budget = &memory;
    TARN_ASSIGN_OR_RETURN(
        const engine::ReadAnswer answer,
        database.Query(request,
                       {.source = &source, .query_name = "", .params_json = "", .target = {}}));
    return answer.result.rows->column(0)->GetScalar(0).ValueOrDie()->ToString() + " of " +
           std::to_string(answer.result.rows->num_rows());
  }

  static std::filesystem::path* folder_;
};

std::filesystem::path* MemoryTest::folder_ = nullptr;

// What a hub reaches, its walks, triangles through it, and rows of columns that are not numbers.
const char* const kQuestions[] = {
    R"(query q() {
         match { $a: Person { key: "p0" } $a follows{1,3} $b } return { count($b) as n } })",
    R"(query q() {
         match { $a: Person { key: "p1" } $a follows $b $b follows $c $c follows $d }
         return { count($d) as n } })",
    R"(query q() {
         match { $a: Person $a follows $b $b follows $c } return { count($c) as n } })",
    R"(query q() {
         match { $a: Person { key: "p2" } $a follows $b $b follows $c $a follows $c }
         return { count($c) as n } })",
    R"(query q() {
         match { $a: Person { key: "p3" } $a follows $b }
         return { $b.about as about } order { about desc } limit 10 })",
    R"(query q() {
         match { $a: Person $a follows $b }
         return { $b.key as k, count($a) as n } order { n desc, k } limit 3 })",
};

// req: GRAPH-8, GRAPH-25
TEST_F(MemoryTest, HubsAreAnsweredWithinOneBudgetOrRefusedByName) {
  MemoryBudget plenty(int64_t{1} << 40);
  std::vector<std::string> answers;
  {
    const auto database = Open(plenty);
    for (const char* question : kQuestions) {
      const auto answer = Ask(*database, plenty, question);
      ASSERT_TRUE(answer.ok()) << answer.status().ToString();
      answers.push_back(*answer);
    }
  }
  EXPECT_EQ(plenty.bytes_used(), 0);
  int refused = 0;
  for (const int64_t mib : {1, 4, 12, 24, 48}) {
    MemoryBudget memory(mib * kMiB);
    {
      const auto database = Open(memory);
      for (int round = 0; round < 2; ++round) {
        for (size_t i = 0; i < std::size(kQuestions); ++i) {
          const auto answer = Ask(*database, memory, kQuestions[i]);
          if (answer.ok()) {
            EXPECT_EQ(*answer, answers[i]) << mib << " MiB: " << kQuestions[i];
          } else {
            EXPECT_EQ(answer.status().id(), ErrorId::kMemoryBudget) << answer.status().ToString();
            EXPECT_LT(mib, 48) << "enough for each: " << kQuestions[i];
            ++refused;
          }
          EXPECT_LE(memory.bytes_used(), mib * kMiB / 2) << "what stays is what is cached";
        }
      }
      EXPECT_LE(memory.bytes_peak(), mib * kMiB);
    }
    EXPECT_EQ(memory.bytes_used(), 0) << "and it goes with the database";
  }
  EXPECT_GT(refused, 0) << "the smallest budgets are too small for anything";
}

}  // namespace
}  // namespace tarn
