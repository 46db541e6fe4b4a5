#include <algorithm>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "mutation_model.h"
#include "tarn/engine/memory_warehouse.h"

namespace tarn::diff {
namespace {

constexpr uint64_t kHistories = 60;
constexpr uint64_t kMutationsPerHistory = 40;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

template <typename T>
T Must(Result<T> result) {
  EXPECT_TRUE(result.ok()) << result.status().ToString();
  return std::move(result).value();
}

/// The rows as the model writes them: edges without their ids.
std::vector<std::string> Lines(engine::Database& database) {
  std::vector<std::string> lines;
  const Status status = database.Export({}, {}, {}, [&lines](std::string_view line) {
    std::string text(line);
    const size_t id = text.find("\"id\":");
    const bool is_edge = text.starts_with("{\"edge\"");
    if (is_edge) text.erase(id, text.find(',', id) + 1 - id);
    lines.push_back(std::move(text));
    return Status::Ok();
  });
  EXPECT_TRUE(status.ok()) << status.ToString();
  std::ranges::sort(lines);
  return lines;
}

std::string QueryText(const std::vector<MutationModel::Statement>& statements) {
  std::string text = "query q($null_n: I32?, $null_u: String?) {\n";
  for (const auto& statement : statements) text += "  " + statement.Text() + "\n";
  return text + "}\n";
}

// Random mutations of several statements do what a naive model does: they are refused when it
// refuses them and leave nothing, count what it counts, and leave the rows it leaves, in memory
// kept or not. req: GRAPH-16 GRAPH-17 GRAPH-19 GRAPH-20 GRAPH-21 WRITE-11 WRITE-12 WRITE-42
TEST(RandomMutation, DoesWhatTheModelDoes) {
  const uint64_t first = FromEnvironment("TARN_DIFF_FIRST_SEED", 1);
  const uint64_t histories = FromEnvironment("TARN_DIFF_GRAPHS", kHistories);
  uint64_t accepted = 0, refused = 0;
  for (uint64_t seed = first; seed < first + histories; ++seed) {
    std::mt19937_64 random(seed);
    auto warehouse = engine::MemoryWarehouse::Make();
    ASSERT_TRUE(warehouse->Init({}, SourceText("model.pg", MutationModel::Schema())).ok());
    auto database = Must(warehouse->Open({}, {}));
    MutationModel model;
    for (uint64_t number = 0; number < kMutationsPerHistory; ++number) {
      std::vector<MutationModel::Statement> statements;
      for (uint64_t i = 0, count = 1 + random() % 4; i < count; ++i) {
        statements.push_back(MutationModel::Random(random));
      }
      const SourceText source("random.gq", QueryText(statements));
      const std::string label = fmt::format("seed {} mutation {}\n{}", seed, number, source.text());
      const MutationModel::Outcome want = model.Run(statements);
      const auto got = database->Mutate(
          {}, {.source = &source, .params_json = R"({"null_n":null,"null_u":null})"});
      ASSERT_EQ(got.ok(), want.accepted) << label << (got.ok() ? "" : got.status().ToString());
      ASSERT_EQ(Lines(*database), model.Lines()) << label;
      if (!got.ok()) {
        ASSERT_EQ(got.status().id(), ErrorId::kConstraintViolation) << label;
        ++refused;
        continue;
      }
      ++accepted;
      ASSERT_EQ(got->result.affected_nodes, want.nodes) << label;
      ASSERT_EQ(got->result.affected_edges, want.edges) << label;
    }
  }
  // The test tests nothing when one of the two never happens.
  EXPECT_GT(accepted, histories * kMutationsPerHistory / 4);
  EXPECT_GT(refused, histories * kMutationsPerHistory / 10);
}

}  // namespace
}  // namespace tarn::diff
