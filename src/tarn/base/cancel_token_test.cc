// The callbacks of a CancelToken: each runs exactly once or never, and never after its registration
// is gone.

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tarn/base/request.h"

namespace tarn {
namespace {

// req: GRAPH-23 (what lets a storage call stop)
TEST(CancelToken, RunsACallbackOnceWhenItFires) {
  CancelToken token;
  int runs = 0;
  CancelToken::Registration registration = token.OnFire([&] { ++runs; });
  EXPECT_EQ(runs, 0);
  token.Fire();
  token.Fire();
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(token.fired());
}

TEST(CancelToken, RunsACallbackAtOnceWhenItHasFired) {
  CancelToken token;
  token.Fire();
  int runs = 0;
  CancelToken::Registration registration = token.OnFire([&] { ++runs; });
  EXPECT_EQ(runs, 1);
}

TEST(CancelToken, ADroppedRegistrationNeverRuns) {
  CancelToken token;
  int runs = 0;
  CancelToken::Registration kept;
  {
    CancelToken::Registration dropped = token.OnFire([&] { runs += 1; });
    kept = token.OnFire([&] { runs += 10; });
  }
  token.Fire();
  EXPECT_EQ(runs, 10);
}

TEST(CancelToken, AMovedRegistrationStaysRegistered) {
  CancelToken token;
  int runs = 0;
  CancelToken::Registration outer;
  {
    CancelToken::Registration inner = token.OnFire([&] { ++runs; });
    outer = std::move(inner);
  }
  token.Fire();
  EXPECT_EQ(runs, 1);
}

TEST(CancelToken, ThreadsThatRegisterWhileItFiresAllHearIt) {
  CancelToken token;
  std::atomic<int> runs{0};
  std::vector<CancelToken::Registration> registrations(64);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < registrations.size(); i += 4)
        registrations[i] = token.OnFire([&] { ++runs; });
    });
  }
  token.Fire();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(runs, 64);
}

}  // namespace
}  // namespace tarn
