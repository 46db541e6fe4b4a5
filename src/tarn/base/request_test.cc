#include "tarn/base/request.h"

#include <gtest/gtest.h>

namespace tarn {
namespace {

// req: GRAPH-25
TEST(MemoryBudget, RefusesWhatDoesNotFitAndTakesNothingThen) {
  MemoryBudget budget(100);
  EXPECT_TRUE(budget.Reserve(60, "sort").ok());
  const Status refused = budget.Reserve(41, "hash table");
  EXPECT_EQ(refused.code(), Code::kResourceExhausted);
  EXPECT_EQ(refused.message(), "hash table needs 41 more bytes; 60 of 100 are in use");
  EXPECT_EQ(refused.detail()->kind, "resource_limit");
  EXPECT_EQ(budget.bytes_used(), 60);
  EXPECT_TRUE(budget.Reserve(40, "sort").ok());
  budget.Release(100);
  EXPECT_EQ(budget.bytes_used(), 0);
  EXPECT_EQ(budget.bytes_peak(), 100);
}

TEST(MemoryBudget, AChildDrawsOnItsParent) {
  MemoryBudget process(50);
  MemoryBudget query(100, &process);
  EXPECT_TRUE(query.Reserve(50, "a").ok());
  EXPECT_FALSE(query.Reserve(1, "b").ok());
  EXPECT_EQ(query.bytes_used(), 50);
  query.Release(50);
  EXPECT_EQ(process.bytes_used(), 0);
}

TEST(BudgetHold, GivesBackWhatItHoldsOnceAndFollowsMoves) {
  MemoryBudget budget(100);
  {
    BudgetHold hold(&budget, "rows");
    EXPECT_TRUE(hold.Resize(80).ok());
    BudgetHold moved = std::move(hold);
    EXPECT_TRUE(moved.Resize(30).ok());
    EXPECT_EQ(budget.bytes_used(), 30);
    EXPECT_FALSE(moved.Resize(101).ok());
    EXPECT_EQ(moved.bytes(), 30);
  }
  EXPECT_EQ(budget.bytes_used(), 0);
}

TEST(Request, StopsWhenCancelledOrPastItsDeadline) {
  Request request;
  EXPECT_TRUE(request.Check().ok());
  CancelToken token;
  request.cancel = &token;
  EXPECT_TRUE(request.Check().ok());
  token.Fire();
  EXPECT_EQ(request.Check().code(), Code::kCancelled);
  Request late;
  late.deadline = std::chrono::steady_clock::time_point::min();
  EXPECT_EQ(late.Check().code(), Code::kDeadlineExceeded);
}

}  // namespace
}  // namespace tarn
