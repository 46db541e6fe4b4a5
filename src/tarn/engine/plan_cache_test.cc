#include "tarn/engine/plan_cache.h"

#include <gtest/gtest.h>

namespace tarn::engine {
namespace {

std::shared_ptr<const PreparedQuery> Prepared(const std::string& commit) {
  return std::make_shared<const PreparedQuery>(PreparedQuery{.commit_id = commit});
}

// invariant: plan_cache-1
TEST(PlanCache, TellsTextsNamesAndSchemasApart) {
  PlanCache cache;
  const PlanCache::Key key{.text = "query q() {}", .name = "q", .schema_id = "s1"};
  EXPECT_EQ(cache.Find(key), nullptr);
  cache.Keep(key, Prepared("c1"));
  EXPECT_EQ(cache.Find(key)->commit_id, "c1");
  EXPECT_EQ(cache.Find({.text = key.text, .name = "", .schema_id = "s1"}), nullptr);
  EXPECT_EQ(cache.Find({.text = key.text, .name = "q", .schema_id = "s2"}), nullptr);
  EXPECT_EQ(cache.Find({.text = "query q() { }", .name = "q", .schema_id = "s1"}), nullptr);
  EXPECT_EQ(cache.Find({.text = "uery q() {}", .name = "qq", .schema_id = "s1"}), nullptr);
  cache.Keep(key, Prepared("c2"));
  EXPECT_EQ(cache.Find(key)->commit_id, "c2") << "the newest plan stands";
}

// invariant: plan_cache-2
TEST(PlanCache, DropsWhatWasNotUsedForLongest) {
  PlanCache cache;
  const auto keep = [&cache](const std::string& text) {
    cache.Keep({.text = text, .name = "", .schema_id = "s"}, Prepared(text));
  };
  const auto holds = [&cache](const std::string& text) {
    return cache.Find({.text = text, .name = "", .schema_id = "s"}) != nullptr;
  };
  keep("first");
  keep("second");
  for (size_t i = 2; i < PlanCache::kQueriesMax; ++i) keep(std::to_string(i));
  EXPECT_TRUE(holds("first"));
  keep("one more");
  EXPECT_TRUE(holds("first"));
  EXPECT_FALSE(holds("second"));
  keep(std::string(PlanCache::kTextBytesMax - 10, 'x'));
  EXPECT_FALSE(holds("one more")) << "texts are bounded in bytes as well";
  keep(std::string(PlanCache::kTextBytesMax + 1, 'y'));
  EXPECT_FALSE(holds(std::string(PlanCache::kTextBytesMax + 1, 'y')));
}

}  // namespace
}  // namespace tarn::engine
