#include <gtest/gtest.h>

#include "ask.h"
#include "random_query.h"
#include "tarn/gq/compile.h"

namespace tarn::diff {
namespace {

constexpr uint64_t kGraphs = 60;
constexpr uint64_t kQueriesPerGraph = 40;

/// Longer runs: TARN_DIFF_GRAPHS=5000 TARN_DIFF_FIRST_SEED=1000000 random_graph_test.
uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Random queries over random graphs answer what nested loops over plain rows answer, whatever the
// size of batches and whatever stays resident. req: GRAPH-1 GRAPH-4 GRAPH-5 GRAPH-10 GRAPH-11
// GRAPH-12
TEST(RandomGraph, AnswersAreTheNaiveOnes) {
  const uint64_t first = FromEnvironment("TARN_DIFF_FIRST_SEED", 1);
  const uint64_t graphs = FromEnvironment("TARN_DIFF_GRAPHS", kGraphs);
  uint64_t compiled = 0;
  uint64_t with_rows = 0;
  for (uint64_t seed = first; seed < first + graphs; ++seed) {
    Dice dice(seed);
    const RandomGraph random = RandomGraph::Make(dice);
    World world(random.schema_text, random.graph);
    ASSERT_FALSE(HasFailure()) << random.schema_text;
    for (uint64_t number = 0; number < kQueriesPerGraph; ++number) {
      const RandomQuery asked = RandomQuery::Make(random, dice);
      const auto query = gq::CompileRead(SourceText("random.gq", asked.text), "", world.schema());
      if (!query.ok()) continue;  // what the writer got wrong is the compiler's tests' matter
      const auto parameters = gq::BindParameters(query->parameters, asked.params_json);
      ASSERT_TRUE(parameters.ok())
          << parameters.status().ToString() << asked.text << asked.params_json;
      ++compiled;
      std::vector<std::string> rows;
      const std::string label = fmt::format("seed {} query {}\n{}{}\n{}", seed, number,
                                            random.schema_text, asked.text, asked.params_json);
      if (!AgreesWithNaive(world, std::make_shared<const ir::Query>(*query), *parameters, label,
                           &rows))
        return;
      with_rows += rows.empty() ? 0 : 1;
    }
  }
  // The test tests nothing when the writer only writes nonsense.
  EXPECT_GT(compiled, graphs * kQueriesPerGraph * 3 / 4);
  EXPECT_GT(with_rows, compiled / 4);
}

}  // namespace
}  // namespace tarn::diff
