#include "tarn/write/key_ledger.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::write {
namespace {

constexpr uint64_t kSeed = 42;

KeyHash Key(uint64_t number) { return HashKey(fmt::format("key-{}", number), kSeed); }

/// One random history of entries, and what a plain map makes of it.
struct History {
  struct Truth {
    std::vector<uint64_t> rows;
    std::vector<uint64_t> stored;
    bool asked = false;
  };
  std::vector<uint64_t> rows, asked, stored;  // key numbers
  std::map<KeyHash, Truth> truth;

  explicit History(uint64_t seed, size_t entries, uint64_t keys) {
    std::mt19937_64 random(seed);
    for (size_t i = 0; i < entries; ++i) {
      rows.push_back(random() % keys);
      asked.push_back(random() % keys);
      stored.push_back(random() % keys);
    }
    for (size_t i = 0; i < entries; ++i) {
      truth[Key(rows[i])].rows.push_back(i);
      truth[Key(asked[i])].asked = true;
    }
    for (size_t i = 0; i < entries; ++i) truth[Key(stored[i])].stored.push_back(i + 1000);
  }
};

struct Seen {
  std::map<KeyHash, KeyFacts> facts;
  std::multiset<std::pair<uint64_t, uint64_t>> repeats;
  uint64_t spills = 0;
};

Seen RunLedger(const History& history, int64_t bytes_max, int64_t resolve_bytes_max, bool filters) {
  const std::string folder = testing::TempDir() + fmt::format("/tarn-ledger-{}", ::getpid());
  Seen seen;
  {
    ScratchSpace scratch(folder);
    SpillGroup group(bytes_max);
    KeyLedger ledger(scratch, group,
                     {.filters_stored = filters, .resolve_bytes_max = resolve_bytes_max});
    const auto add = [&](const std::vector<uint64_t>& keys, auto entry) {
      for (size_t i = 0; i < keys.size(); ++i) {
        entry(Key(keys[i]), i);
        if (i % 500 == 0) {
          EXPECT_TRUE(group.Balance().ok());
        }
      }
    };
    add(history.rows, [&](KeyHash key, size_t i) { ledger.AddRow(key, i); });
    add(history.asked, [&](KeyHash key, size_t) { ledger.Ask(key); });
    add(history.stored, [&](KeyHash key, size_t i) { ledger.AddStored(key, i + 1000, i + 5000); });
    KeyLedger::Visitor visitor;
    visitor.on_repeat = [&](uint64_t earlier, uint64_t later) {
      seen.repeats.emplace(earlier, later);
    };
    visitor.on_key = [&](const KeyFacts& facts) {
      EXPECT_TRUE(seen.facts.emplace(facts.key, facts).second);
    };
    EXPECT_TRUE(ledger.Finish({}, visitor).ok());
    EXPECT_EQ(ledger.bytes_held(), 0);
    seen.spills = group.spills();
  }
  EXPECT_FALSE(std::filesystem::exists(folder)) << "scratch space is left behind";
  return seen;
}

void ExpectTruth(const History& history, const Seen& seen, bool filters) {
  size_t joined = 0;
  for (const auto& [key, truth] : history.truth) {
    const auto found = seen.facts.find(key);
    if (truth.rows.empty() && !truth.asked) {
      EXPECT_TRUE(filters || found != seen.facts.end());
      continue;
    }
    ++joined;
    ASSERT_NE(found, seen.facts.end());
    const KeyFacts& facts = found->second;
    EXPECT_EQ(facts.rows, truth.rows.size());
    EXPECT_EQ(facts.stored, truth.stored.size());
    EXPECT_EQ(facts.asked, truth.asked);
    if (!truth.rows.empty()) {
      EXPECT_EQ(facts.first_row, truth.rows.front());
      EXPECT_EQ(facts.last_row, truth.rows.back());
    }
    if (!truth.stored.empty()) {
      EXPECT_EQ(facts.row_id, truth.stored.back());
      EXPECT_EQ(facts.row_addr, truth.stored.back() + 4000);
    }
  }
  EXPECT_GT(joined, 0u);
  std::multiset<std::pair<uint64_t, uint64_t>> repeats;
  for (const auto& [key, truth] : history.truth) {
    for (size_t i = 1; i < truth.rows.size(); ++i)
      repeats.emplace(truth.rows[i - 1], truth.rows[i]);
  }
  EXPECT_EQ(seen.repeats, repeats);
}

// req: SCHEMA-23, SCHEMA-6 rest on this join; it must be the same whatever fits in memory.
TEST(KeyLedger, AgreesWithAPlainMapWithAndWithoutSpilling) {
  for (const uint64_t keys : {1u, 7u, 3000u, 100000u}) {
    const History history(keys, 4000, keys);
    for (const bool filters : {false, true}) {
      const Seen roomy = RunLedger(history, int64_t{1} << 30, int64_t{1} << 30, filters);
      EXPECT_EQ(roomy.spills, 0u);
      ExpectTruth(history, roomy, filters);
      const Seen tight = RunLedger(history, 20000, 2000, filters);
      EXPECT_GT(tight.spills, 2u);
      ExpectTruth(history, tight, filters);
    }
  }
}

TEST(KeyLedger, ATableOfOneKeyAtATimeStillJoinsEverything) {
  const History history(5, 300, 40);
  ExpectTruth(history, RunLedger(history, 1, 1, true), true);
}

TEST(KeyLedger, SkippedRowsLeaveNoTrace) {
  ScratchSpace scratch("");
  SpillGroup group(int64_t{1} << 30);
  KeyLedger ledger(scratch, group, {});
  ledger.AddRow(Key(1), 0);
  ledger.AddRow(Key(1), 1);
  ledger.AddRow(Key(2), 2);
  std::vector<std::pair<uint64_t, uint64_t>> seen;
  KeyLedger::Visitor visitor;
  visitor.skip_row = [](uint64_t ordinal) { return ordinal != 1; };
  visitor.on_key = [&](const KeyFacts& facts) { seen.emplace_back(facts.rows, facts.first_row); };
  ASSERT_TRUE(ledger.Finish({}, visitor).ok());
  EXPECT_THAT(seen, testing::ElementsAre(std::pair<uint64_t, uint64_t>(1, 1)));
}

TEST(KeyLedger, WithoutAFolderShortMemoryIsATypedError) {
  ScratchSpace scratch("");
  SpillGroup group(1);
  KeyLedger ledger(scratch, group, {});
  ledger.AddRow(Key(1), 0);
  const Status status = group.Balance();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.id(), ErrorId::kMemoryBudget);
}

TEST(KeyLedger, ObeysCancellation) {
  ScratchSpace scratch("");
  SpillGroup group(int64_t{1} << 30);
  KeyLedger ledger(scratch, group, {});
  ledger.AddRow(Key(1), 0);
  CancelToken cancel;
  cancel.Fire();
  Request request;
  request.cancel = &cancel;
  EXPECT_EQ(ledger.Finish(request, {.on_key = [](const KeyFacts&) {}}).id(), ErrorId::kCancelled);
}

TEST(KeyFilter, NeverForgetsAndSeldomInvents) {
  KeyFilter filter;
  for (uint64_t i = 0; i < 200000; ++i) filter.Add(Key(i));
  for (uint64_t i = 0; i < 200000; ++i) ASSERT_TRUE(filter.MayHold(Key(i))) << i;
  uint64_t invented = 0;
  for (uint64_t i = 200000; i < 300000; ++i) invented += filter.MayHold(Key(i)) ? 1 : 0;
  EXPECT_LT(invented, 40000u);
  EXPECT_LE(filter.bytes_held(), static_cast<int64_t>(kKeyFilterBytesMax));
}

TEST(HashKey, DependsOnTheSeed) {
  EXPECT_EQ(HashKey("a", 1), HashKey("a", 1));
  EXPECT_NE(HashKey("a", 1), HashKey("a", 2));
  EXPECT_NE(HashKey("", 1), HashKey(std::string_view("\0", 1), 1));
}

}  // namespace
}  // namespace tarn::write
