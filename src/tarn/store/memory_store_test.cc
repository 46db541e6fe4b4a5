// The in-memory object store, its faults and its meter. What it shares with the real stores is in
// tests/contract.

#include "tarn/store/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/store/memory_meter.h"
#include "tarn/store/store_key.h"

namespace tarn::store {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using Action = MemoryFault::Action;

Status PutNew(ObjectStore& store, std::string_view key, std::string_view bytes,
              const Request& request = {}) {
  return store.Put(request, key, bytes, PutMode::kCreate, Sync::kProcess);
}

// req: STORE-30
TEST(MemoryStore, HandlesOfOneBackingSeeTheSameObjects) {
  auto objects = NewMemoryObjects();
  ASSERT_TRUE(PutNew(*OpenMemoryStore(objects), "a/b", "x").ok());
  EXPECT_EQ(OpenMemoryStore(objects)->Get({}, "a/b").value(), "x");
  EXPECT_EQ(OpenMemoryStore()->Get({}, "a/b").status().id(), ErrorId::kObjectNotFound);
}

TEST(MemoryStore, AFailedCallDoesNothingAndALostAnswerDoesAll) {
  auto faults = std::make_shared<MemoryFaults>();
  auto store = OpenMemoryStore(NewMemoryObjects(), faults);
  faults->Add({.operation = "put", .nth = 2, .action = Action::kFail, .where = "__recovery/"});
  faults->Add(
      {.operation = "put", .nth = 3, .action = Action::kLoseAnswer, .where = "__recovery/"});
  EXPECT_TRUE(PutNew(*store, "other", "0").ok());
  EXPECT_TRUE(PutNew(*store, "__recovery/1", "1").ok());
  EXPECT_EQ(PutNew(*store, "__recovery/2", "2").id(), ErrorId::kStorageUnavailable);
  EXPECT_EQ(PutNew(*store, "__recovery/3", "3").id(), ErrorId::kStorageUnavailable);
  EXPECT_TRUE(PutNew(*store, "__recovery/4", "4").ok());
  EXPECT_EQ(store->Get({}, "__recovery/2").status().id(), ErrorId::kObjectNotFound);
  EXPECT_EQ(store->Get({}, "__recovery/3").value(), "3");
  EXPECT_EQ(faults->calls("put"), 5u);
  EXPECT_EQ(faults->calls("list"), 0u);
}

TEST(MemoryStore, ASecondWriterCanTakeItsTurnBeforeACall) {
  auto faults = std::make_shared<MemoryFaults>();
  auto objects = NewMemoryObjects();
  auto store = OpenMemoryStore(objects, faults);
  auto rival = OpenMemoryStore(objects);
  faults->Add({.operation = "put", .action = Action::kNone, .before = [&] {
                 ASSERT_TRUE(PutNew(*rival, "lease/1", "rival").ok());
               }});
  EXPECT_EQ(PutNew(*store, "lease/1", "ours").id(), ErrorId::kObjectExists);
  EXPECT_EQ(store->Get({}, "lease/1").value(), "rival");
}

TEST(MemoryStore, AStoppedRequestDoesNothing) {
  auto store = OpenMemoryStore();
  CancelToken token;
  token.Fire();
  Request request;
  request.cancel = &token;
  EXPECT_EQ(PutNew(*store, "a", "x", request).id(), ErrorId::kCancelled);
  EXPECT_EQ(store->Get({}, "a").status().id(), ErrorId::kObjectNotFound);
}

TEST(MemoryMeter, CountsByVerbClassAndPhase) {
  auto store = OpenMemoryStore();
  std::unique_ptr<Meter> meter = NewMemoryMeter();
  Request request;
  request.meter = meter.get();
  ASSERT_TRUE(PutNew(*store, "__recovery/1.json", "12345", request.In(Phase::kIntent)).ok());
  ASSERT_FALSE(PutNew(*store, "__recovery/1.json", "12345", request.In(Phase::kIntent)).ok());
  ASSERT_TRUE(store->Get(request.In(Phase::kRecovery), "__recovery/1.json").ok());
  ASSERT_TRUE(store->List(request.In(Phase::kRecovery), "__recovery", "", 10).ok());
  ASSERT_TRUE(store->Delete(request.In(Phase::kCleanup), "__recovery/1.json").ok());
  const Cost cost = meter->Read();
  EXPECT_THAT(cost.calls,
              ElementsAre(Pair("delete/intent@cleanup", 1), Pair("get/intent@recovery", 1),
                          Pair("list/intent@recovery", 1), Pair("put-if-absent/intent@intent", 2)));
  EXPECT_EQ(cost.total(), 5u);
  EXPECT_EQ(cost.reads(), 1u);
  EXPECT_EQ(cost.writes(), 3u);
  EXPECT_EQ(cost.lists(), 1u);
  EXPECT_EQ(cost.bytes_written, 5u);
  EXPECT_EQ(cost.bytes_read, 5u);
  EXPECT_EQ(cost.failures, 0u) << "a taken key is an answer";
  EXPECT_EQ(meter->bridge_handle(), nullptr);
}

TEST(StoreKey, AcceptsWhatEveryStorageKeepsAndRefusesTheRest) {
  for (std::string_view good :
       {"a", "_tarn/warehouse.json", "__recovery/01J.json", "a/b=1/c-d.e_f"}) {
    EXPECT_TRUE(CheckKey(good).ok()) << good;
  }
  for (std::string_view bad :
       {"", "/a", "a/", "a//b", "..", "a/../b", "./a", "a b", "a%2fb", "a\\b", "é", "a#1"}) {
    EXPECT_EQ(CheckKey(bad).id(), ErrorId::kInvalidArgument) << bad;
  }
  EXPECT_FALSE(CheckKey(std::string(kKeyBytesMax + 1, 'a')).ok());
  EXPECT_FALSE(CheckKey(std::string(kKeySegmentMax + 1, 'a')).ok());
  EXPECT_TRUE(CheckPrefix("").ok());
  EXPECT_TRUE(CheckPrefix("a/b/").ok());
  EXPECT_FALSE(CheckPrefix("/").ok());
  EXPECT_FALSE(CheckPrefix("../a").ok());
}

TEST(StoreKey, RefusesAddressesThatDependOnTheWorkingFolder) {
  for (std::string_view good : {"/srv/wh", "s3://bucket/wh", "file:///srv/wh", "memory://wh"}) {
    EXPECT_TRUE(CheckAddress(good).ok()) << good;
  }
  for (std::string_view bad :
       {"", "wh", "./wh", "../wh", "/srv/../etc", "s3://bucket/..", "://x"}) {
    EXPECT_EQ(CheckAddress(bad).id(), ErrorId::kInvalidArgument) << bad;
  }
}

TEST(StoreKey, NamesTheClassOfEveryPlaceInAWarehouse) {
  EXPECT_EQ(ClassOf("tables/01J.lance/data/x.lance"), "data");
  EXPECT_EQ(ClassOf("tables/01J.lance/_deletions/0-1-2.arrow"), "deletion");
  EXPECT_EQ(ClassOf("tables/01J.lance/_indices/u/index.idx"), "index");
  EXPECT_EQ(ClassOf("tables/01J.lance/_transactions/0-u.txn"), "txn");
  EXPECT_EQ(ClassOf("tables/01J.lance/_versions/1.manifest"), "table-manifest");
  EXPECT_EQ(ClassOf("__manifest/_versions/1.manifest"), "manifest");
  EXPECT_EQ(ClassOf("__manifest/data/x.lance"), "manifest");
  EXPECT_EQ(ClassOf("tables/01J.lance/_versions/latest_version_hint.json"), "hint");
  EXPECT_EQ(ClassOf("__recovery/01J.json"), "intent");
  EXPECT_EQ(ClassOf("_schema/01J.pg"), "schema");
  EXPECT_EQ(ClassOf("_tarn/warehouse.json"), "identity");
  EXPECT_EQ(ClassOf("/srv/wh/_topology/x"), "topology");
  EXPECT_EQ(ClassOf("readme"), "other");
}

}  // namespace
}  // namespace tarn::store
