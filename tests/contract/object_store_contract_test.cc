// Small objects: what every ObjectStore does, the fake and the real ones.

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "backend.h"

namespace tarn::contract {
namespace {

using store::ObjectStore;
using store::PutMode;
using store::Sync;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ObjectStoreTest : public ContractTest {
 protected:
  std::unique_ptr<ObjectStore> store_ = backend_->Objects();

  Status Put(std::string_view key, std::string_view bytes, PutMode mode = PutMode::kOverwrite) {
    return store_->Put({}, key, bytes, mode, Sync::kProcess);
  }
  std::vector<std::string> Keys(std::string_view prefix, std::string_view after, uint32_t max) {
    std::vector<std::string> keys;
    for (const store::ObjectInfo& info : store_->List({}, prefix, after, max).value())
      keys.push_back(info.key);
    return keys;
  }
};
TARN_ON_EVERY_BACKEND(ObjectStoreTest);

// req: STORE-30
TEST_P(ObjectStoreTest, WhatIsPutIsRead) {
  const std::string bytes("\0\xff binary\n", 10);
  ASSERT_TRUE(Put("_tarn/warehouse.json", bytes).ok());
  EXPECT_EQ(store_->Get({}, "_tarn/warehouse.json").value(), bytes);
  ASSERT_TRUE(Put("_tarn/warehouse.json", "second").ok());
  EXPECT_EQ(store_->Get({}, "_tarn/warehouse.json").value(), "second");
  EXPECT_EQ(backend_->Objects()->Get({}, "_tarn/warehouse.json").value(), "second")
      << "another handle";
  ASSERT_TRUE(Put("empty", "").ok());
  EXPECT_EQ(store_->Get({}, "empty").value(), "");
}

TEST_P(ObjectStoreTest, DurablePutsReadTheSame) {
  ASSERT_TRUE(store_->Put({}, "a/b/c", "x", PutMode::kCreate, Sync::kDurable).ok());
  ASSERT_TRUE(store_->Put({}, "a/b/c", "y", PutMode::kOverwrite, Sync::kDurable).ok());
  EXPECT_EQ(store_->Get({}, "a/b/c").value(), "y");
}

// req: STORE-23
TEST_P(ObjectStoreTest, AMissingKeyIsNotFoundAndDeletingItSucceeds) {
  EXPECT_EQ(store_->Get({}, "nothing").status().id(), ErrorId::kObjectNotFound);
  EXPECT_EQ(store_->Get({}, "no/such/folder").status().id(), ErrorId::kObjectNotFound);
  EXPECT_TRUE(store_->Delete({}, "nothing").ok());
  ASSERT_TRUE(Put("a", "x").ok());
  EXPECT_TRUE(store_->Delete({}, "a").ok());
  EXPECT_EQ(store_->Get({}, "a").status().id(), ErrorId::kObjectNotFound);
}

// req: STORE-28
TEST_P(ObjectStoreTest, CreateRefusesATakenKey) {
  ASSERT_TRUE(Put("k", "first", PutMode::kCreate).ok());
  EXPECT_EQ(Put("k", "second", PutMode::kCreate).id(), ErrorId::kObjectExists);
  EXPECT_EQ(store_->Get({}, "k").value(), "first");
  ASSERT_TRUE(store_->Delete({}, "k").ok());
  EXPECT_TRUE(Put("k", "third", PutMode::kCreate).ok());
}

// req: STORE-28
TEST_P(ObjectStoreTest, OfConcurrentCreatesExactlyOneWins) {
  constexpr int kWriters = 4;
  constexpr int kRounds = 8;
  std::vector<std::unique_ptr<ObjectStore>> stores;
  for (int w = 0; w < kWriters; ++w) stores.push_back(backend_->Objects());
  for (int round = 0; round < kRounds; ++round) {
    const std::string key = fmt::format("lease/{}", round);
    std::atomic<int> ready{0};
    std::atomic<int> wins{0};
    std::atomic<int> refusals{0};
    std::atomic<int> winner{-1};
    std::vector<std::thread> threads;
    for (int w = 0; w < kWriters; ++w) {
      threads.emplace_back([&, w] {
        ++ready;
        while (ready < kWriters) std::this_thread::yield();
        const Status status =
            stores[w]->Put({}, key, std::to_string(w), PutMode::kCreate, Sync::kProcess);
        if (status.ok()) {
          ++wins;
          winner = w;
        } else if (status.id() == ErrorId::kObjectExists) {
          ++refusals;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wins, 1);
    EXPECT_EQ(refusals, kWriters - 1);
    EXPECT_EQ(store_->Get({}, key).value(), std::to_string(winner));
  }
}

// req: STORE-21
TEST_P(ObjectStoreTest, ListsInByteOrderPageByPage) {
  for (std::string_view key : {"j/b", "j/a.x", "j/a/1", "j/Z", "jj/1", "j/c/d/e", "k"}) {
    ASSERT_TRUE(Put(key, "12345").ok()) << key;
  }
  EXPECT_THAT(Keys("j", "", 100), ElementsAre("j/Z", "j/a.x", "j/a/1", "j/b", "j/c/d/e"));
  EXPECT_THAT(Keys("j/", "", 100), ElementsAre("j/Z", "j/a.x", "j/a/1", "j/b", "j/c/d/e"));
  EXPECT_THAT(Keys("j", "", 2), ElementsAre("j/Z", "j/a.x"));
  EXPECT_THAT(Keys("j", "j/a.x", 2), ElementsAre("j/a/1", "j/b"));
  EXPECT_THAT(Keys("j", "j/a/1", 2), ElementsAre("j/b", "j/c/d/e"));
  EXPECT_THAT(Keys("j", "j/c/d/e", 2), IsEmpty());
  EXPECT_THAT(Keys("j", "j/aa", 1), ElementsAre("j/b")) << "`after` need not exist";
  EXPECT_THAT(Keys("j", "a", 1), ElementsAre("j/Z")) << "`after` may lie before the folder";
  EXPECT_THAT(Keys("j", "z", 1), IsEmpty());
  EXPECT_THAT(Keys("", "j/c/d/e", 100), ElementsAre("jj/1", "k"));
  EXPECT_THAT(Keys("nothing", "", 100), IsEmpty());
  EXPECT_EQ(store_->List({}, "k", "", 100).value().size(), 0u) << "a key is not a folder";
  EXPECT_EQ(store_->List({}, "jj", "", 100).value().at(0).size, 5u);
}

TEST_P(ObjectStoreTest, ListsNothingInAnEmptyPlace) { EXPECT_THAT(Keys("", "", 100), IsEmpty()); }

TEST_P(ObjectStoreTest, PagesThroughManyKeysOnceEach) {
  std::vector<std::string> wanted;
  for (int i = 0; i < 60; ++i) {
    wanted.push_back(fmt::format("log/{:03}", i));
    ASSERT_TRUE(Put(wanted.back(), "x").ok());
  }
  std::vector<std::string> found;
  while (true) {
    std::vector<std::string> page = Keys("log", found.empty() ? "" : found.back(), 7);
    if (page.empty()) break;
    found.insert(found.end(), page.begin(), page.end());
  }
  EXPECT_EQ(found, wanted);
}

// req: STORE-27
TEST_P(ObjectStoreTest, RefusesKeysThatLeaveTheRoot) {
  for (std::string_view key : {"..", "../x", "a/../../x", "/etc/passwd", "a//b", "", "a b"}) {
    EXPECT_EQ(store_->Get({}, key).status().id(), ErrorId::kInvalidArgument) << key;
    EXPECT_EQ(Put(key, "x").id(), ErrorId::kInvalidArgument) << key;
    EXPECT_EQ(store_->Delete({}, key).id(), ErrorId::kInvalidArgument) << key;
  }
  EXPECT_EQ(store_->List({}, "..", "", 1).status().id(), ErrorId::kInvalidArgument);
  EXPECT_EQ(store_->List({}, "a", "..", 1).status().id(), ErrorId::kInvalidArgument);
}

TEST_P(ObjectStoreTest, AStoppedRequestDoesNothing) {
  CancelToken token;
  token.Fire();
  Request cancelled;
  cancelled.cancel = &token;
  EXPECT_EQ(store_->Put(cancelled, "a", "x", PutMode::kOverwrite, Sync::kProcess).id(),
            ErrorId::kCancelled);
  Request late;
  late.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_EQ(store_->Put(late, "a", "x", PutMode::kOverwrite, Sync::kProcess).id(),
            ErrorId::kDeadlineExceeded);
  EXPECT_EQ(store_->Get({}, "a").status().id(), ErrorId::kObjectNotFound);
}

}  // namespace
}  // namespace tarn::contract
