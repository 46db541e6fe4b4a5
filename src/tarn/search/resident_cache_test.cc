#include "tarn/search/resident_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace tarn::search {
namespace {

using Built = ResidentCache::Built<std::string>;

class ResidentCacheTest : public ::testing::Test {
 protected:
  Result<std::shared_ptr<const std::string>> Get(ResidentCache& cache, const std::string& key,
                                                 int64_t bytes = 1000,
                                                 const Request& request = {}) {
    return cache.Get<std::string>(request, key, [&]() -> Result<Built> {
      ++builds_;
      return Built{std::make_shared<const std::string>("value of " + key), bytes};
    });
  }

  std::atomic<int> builds_ = 0;
};

// req: GRAPH-7, invariant: resident_cache-4
TEST_F(ResidentCacheTest, DropsTheLeastRecentlyUsed) {
  ResidentCache cache(3000);
  const auto a = Get(cache, "a").value();
  ASSERT_TRUE(Get(cache, "b").ok());
  ASSERT_TRUE(Get(cache, "a").ok());
  ASSERT_TRUE(Get(cache, "c").ok()) << "with book-keeping, two fit";
  EXPECT_EQ(builds_, 3);
  EXPECT_NE(cache.Find<std::string>("a"), nullptr);
  EXPECT_EQ(cache.Find<std::string>("b"), nullptr);
  ASSERT_TRUE(Get(cache, "huge", 10'000).ok());
  EXPECT_EQ(cache.Find<std::string>("huge"), nullptr)
      << "larger than the limit: handed out, not kept";
  EXPECT_NE(cache.Find<std::string>("c"), nullptr) << "and nothing else dropped for it";
  ASSERT_TRUE(Get(cache, "d", 2700).ok());
  EXPECT_EQ(*a, "value of a") << "what was handed out lives on";
  const ResidentStats stats = cache.stats();
  EXPECT_EQ(stats.misses, 5u);
  EXPECT_EQ(stats.hits, 3u);
  EXPECT_EQ(stats.evictions, 3u);
  EXPECT_LE(stats.bytes, 3000);
}

TEST_F(ResidentCacheTest, KeepsNothingWithoutBytes) {
  ResidentCache cache(0);
  EXPECT_EQ(*Get(cache, "a", 0).value(), "value of a");
  EXPECT_EQ(*Get(cache, "a", 0).value(), "value of a");
  EXPECT_EQ(builds_, 2);
  EXPECT_EQ(cache.stats().bytes, 0);
}

// req: GRAPH-25, invariant: resident_cache-5
TEST_F(ResidentCacheTest, WhatIsAliveDrawsOnTheBudget) {
  MemoryBudget memory(4000);
  {
    ResidentCache cache(1 << 20, &memory);
    auto a = Get(cache, "a").value();
    ASSERT_TRUE(Get(cache, "b").ok());
    EXPECT_EQ(memory.bytes_used(), cache.stats().bytes);
    ASSERT_TRUE(Get(cache, "c", 2400).ok()) << "dropping others makes room";
    EXPECT_NE(cache.Find<std::string>("c"), nullptr);
    EXPECT_EQ(cache.Find<std::string>("b"), nullptr);
    EXPECT_GT(memory.bytes_used(), cache.stats().bytes) << "the first is still held here";
    EXPECT_EQ(Get(cache, "d", 3500).status().id(), ErrorId::kMemoryBudget);
    a.reset();
    ASSERT_TRUE(Get(cache, "d", 3500).ok());
    EXPECT_EQ(memory.bytes_used(), cache.stats().bytes);
    EXPECT_LE(memory.bytes_peak(), 4000);
  }
  EXPECT_EQ(memory.bytes_used(), 0);
}

/// A value whose builder stands still until the test lets it go on.
class Gate {
 public:
  Result<Built> Build(Status outcome = Status::Ok()) {
    entered_.set_value();
    open_.get_future().wait();
    if (!outcome.ok()) return outcome;
    return Built{std::make_shared<const std::string>("gated"), 1};
  }
  void AwaitBuilder() { entered_.get_future().wait(); }
  void Open() { open_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> open_;
};

/// Waits until `count` callers were counted as hits: all but the builder wait for it then.
void AwaitHits(const ResidentCache& cache, uint64_t count) {
  while (cache.stats().hits < count) std::this_thread::yield();
}

// invariant: resident_cache-1
TEST_F(ResidentCacheTest, BuildsOnceForAllWhoAskAtOnce) {
  for (int64_t bytes_max : {int64_t{1} << 20, int64_t{0}}) {
    ResidentCache cache(bytes_max);
    Gate gate;
    const auto builder = std::async(std::launch::async, [&] {
      return cache.Get<std::string>({}, "a", [&] { return gate.Build(); });
    });
    gate.AwaitBuilder();
    std::vector<std::future<std::string>> waiters;
    for (int i = 0; i < 4; ++i) {
      waiters.push_back(std::async(std::launch::async, [&] { return *Get(cache, "a").value(); }));
    }
    AwaitHits(cache, 4);
    gate.Open();
    for (auto& waiter : waiters) EXPECT_EQ(waiter.get(), "gated");
    EXPECT_EQ(builds_, 0) << "nobody else built";
    EXPECT_EQ(cache.stats().misses, 1u);
  }
}

// invariant: resident_cache-2
TEST_F(ResidentCacheTest, AFailureIsTheBuildersOwn) {
  ResidentCache cache(1 << 20);
  Gate gate;
  auto builder = std::async(std::launch::async, [&] {
    return cache
        .Get<std::string>({}, "a", [&] { return gate.Build(Error(ErrorId::kCancelled, "gone")); })
        .status();
  });
  gate.AwaitBuilder();
  auto waiter = std::async(std::launch::async, [&] { return *Get(cache, "a").value(); });
  AwaitHits(cache, 1);
  gate.Open();
  EXPECT_EQ(builder.get().id(), ErrorId::kCancelled);
  EXPECT_EQ(waiter.get(), "value of a");
  EXPECT_EQ(builds_, 1);
}

// req: GRAPH-25, invariant: resident_cache-2
TEST_F(ResidentCacheTest, WhoWaitsObeysItsOwnRequest) {
  ResidentCache cache(1 << 20);
  Gate gate;
  auto builder = std::async(std::launch::async, [&] {
    return cache.Get<std::string>({}, "a", [&] { return gate.Build(); });
  });
  gate.AwaitBuilder();
  CancelToken cancel;
  Request cancelled;
  cancelled.cancel = &cancel;
  auto waiter =
      std::async(std::launch::async, [&] { return Get(cache, "a", 1, cancelled).status(); });
  AwaitHits(cache, 1);
  cancel.Fire();
  EXPECT_EQ(waiter.get().id(), ErrorId::kCancelled);
  Request late;
  late.deadline = std::chrono::steady_clock::time_point::min();
  EXPECT_EQ(Get(cache, "a", 1, late).status().id(), ErrorId::kDeadlineExceeded);
  gate.Open();
  EXPECT_TRUE(builder.get().ok());
}

TEST_F(ResidentCacheTest, ABuilderThatThrowsLeavesNobodyWaiting) {
  ResidentCache cache(1 << 20);
  EXPECT_THROW((void)cache.Get<std::string>(
                   {}, "a", []() -> Result<Built> { throw std::runtime_error("broken"); }),
               std::runtime_error);
  EXPECT_EQ(*Get(cache, "a").value(), "value of a");
}

}  // namespace
}  // namespace tarn::search
