// guard: lance-bridge.md §3 (small objects beside the tables), benchmarks.md §4.1.
#include <regex>
#include <algorithm>
#include <thread>

#include "bridge.h"

namespace tarn::guard {
namespace {

class Objects : public testing::TestWithParam<std::string> {
 protected:
  Objects()
      : session(Must(NewSession(GetParam() == "through" ? R"({"through_store":true})" : ""))) {
    root = GetParam() == "memory" ? "memory://objects" : folder.In("wh");
    tlb_store* raw = nullptr;
    EXPECT_EQ(tlb_store_open(session.get(), Text(root), &raw, nullptr), TLB_OK);
    store.reset(raw);
  }
  bool local() const { return GetParam() != "memory"; }
  int32_t Put(std::string_view key, std::string_view bytes, int32_t mode, std::string_view tag = "",
              std::string* new_tag = nullptr, int32_t sync = 0) {
    tlb_buf out{};
    const int32_t code = tlb_store_put(nullptr, store.get(), Text(key), bytes.data(), bytes.size(),
                                       mode, Text(tag), sync, &out, nullptr);
    const std::string taken = Taken(out);
    if (new_tag) *new_tag = taken;
    return code;
  }
  Got<std::string> Get(std::string_view key, uint64_t off = 0, uint64_t len = 0) {
    tlb_buf out{};
    Error error;
    const int32_t code =
        tlb_store_get(nullptr, store.get(), Text(key), off, len, &out, nullptr, error.out());
    return {Taken(out), error.Of(code)};
  }
  std::string List(std::string_view prefix, std::string_view after = "", uint32_t max = 100) {
    tlb_buf out{};
    EXPECT_EQ(tlb_store_list(nullptr, store.get(), Text(prefix), Text(after), max, &out, nullptr),
              TLB_OK);
    static const std::regex modified(R"(,"modified":[1-9][0-9]{15})");  // microseconds of our days
    return std::regex_replace(Taken(out), modified, "");
  }

  Folder folder;
  Session session;
  std::string root;
  Store store;
};

INSTANTIATE_TEST_SUITE_P(Kinds, Objects, testing::Values("file", "through", "memory"));

TEST_P(Objects, PutGetHeadDelete) {
  EXPECT_EQ(Put("a/b.json", "hello", TLB_PUT_OVERWRITE), TLB_OK);
  EXPECT_EQ(Must(Get("a/b.json")), "hello");
  EXPECT_EQ(Must(Get("a/b.json", 1, 3)), "ell");
  EXPECT_EQ(Must(Get("a/b.json", 2)), "llo");
  uint64_t size = 0;
  tlb_buf tag{};
  EXPECT_EQ(tlb_store_head(nullptr, store.get(), Text("a/b.json"), &size, &tag, nullptr), TLB_OK);
  EXPECT_EQ(size, 5u);
  EXPECT_FALSE(Taken(tag).empty());
  EXPECT_EQ(Put("empty", "", TLB_PUT_CREATE), TLB_OK);
  EXPECT_EQ(Must(Get("empty")), "");
  ExpectCode(TLB_E_NOT_FOUND, Get("nope"));
  EXPECT_EQ(tlb_store_delete(nullptr, store.get(), Text("a/b.json"), nullptr), TLB_OK);
  EXPECT_EQ(tlb_store_delete(nullptr, store.get(), Text("a/b.json"), nullptr), TLB_OK)
      << "a missing key is success";
  ExpectCode(TLB_E_NOT_FOUND, Get("a/b.json"));
}

TEST_P(Objects, CreateHasOneWinner) {
  EXPECT_EQ(Put("slot/1", "a", TLB_PUT_CREATE), TLB_OK);
  EXPECT_EQ(Put("slot/1", "b", TLB_PUT_CREATE), TLB_E_EXISTS);
  EXPECT_EQ(Must(Get("slot/1")), "a");
  std::vector<int32_t> codes(8);
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < codes.size(); ++i) {
      threads.emplace_back(
          [&, i] { codes[i] = Put("slot/2", std::to_string(i), TLB_PUT_CREATE, "", nullptr, 1); });
    }
  }
  EXPECT_EQ(std::count(codes.begin(), codes.end(), TLB_OK), 1);
  EXPECT_EQ(std::count(codes.begin(), codes.end(), TLB_E_EXISTS), 7);
}

TEST_P(Objects, MatchReplacesOnlyTheKnownVersion) {
  std::string tag;
  EXPECT_EQ(Put("m", "1", TLB_PUT_OVERWRITE, "", &tag), TLB_OK);
  if (local()) {
    EXPECT_EQ(Put("m", "2", TLB_PUT_MATCH, tag), TLB_E_UNSUPPORTED);
    return;
  }
  EXPECT_EQ(Put("m", "2", TLB_PUT_MATCH, tag), TLB_OK);
  EXPECT_EQ(Put("m", "3", TLB_PUT_MATCH, tag), TLB_E_PRECONDITION);
  EXPECT_EQ(Must(Get("m")), "2");
}

TEST_P(Objects, ListIsSortedAndPaged) {
  for (const char* key : {"i/03", "i/01", "i/02", "i/sub/9", "j/1"})
    EXPECT_EQ(Put(key, key, TLB_PUT_CREATE), TLB_OK);
  EXPECT_EQ(List("i"),
            R"([{"key":"i/01","size":4},{"key":"i/02","size":4},{"key":"i/03","size":4},)"
            R"({"key":"i/sub/9","size":7}])");
  EXPECT_EQ(List("i", "i/01", 2), R"([{"key":"i/02","size":4},{"key":"i/03","size":4}])");
  EXPECT_EQ(List("", "i/sub/9"), R"([{"key":"j/1","size":3}])");
  EXPECT_EQ(List("none"), "[]");
  EXPECT_EQ(List("i", "", 0), "[]");
}

TEST_P(Objects, KeysStayBelowTheRoot) {
  for (const char* key : {"../x", "a/../../x", "/abs", "a//b", "./a", "a/."}) {
    EXPECT_EQ(Put(key, "x", TLB_PUT_OVERWRITE), TLB_E_INVALID) << key;
    ExpectCode(TLB_E_INVALID, Get(key));
  }
  EXPECT_EQ(Put("", "x", TLB_PUT_OVERWRITE), TLB_E_INVALID);
  EXPECT_EQ(Put("k", "x", 7), TLB_E_INVALID);
}

TEST_P(Objects, ProbeTriesForRealAndLeavesNothing) {
  tlb_buf out{};
  ASSERT_EQ(tlb_store_probe(nullptr, store.get(), Text("_tarn/probe"), &out, nullptr), TLB_OK);
  const std::string found = Taken(out);
  EXPECT_TRUE(Contains(found, "\"put_if_absent\":true") &&
              Contains(found, "\"list_after_write\":true"))
      << found;
  EXPECT_TRUE(Contains(found, local() ? "\"put_if_match\":false" : "\"put_if_match\":true"))
      << found;
  EXPECT_EQ(List("_tarn/probe"), "[]");
}

/// A dataset and a store of one session see the same bytes, in memory too.
TEST_P(Objects, StoreSeesTheDatasetsFiles) {
  const Dataset ds = Create(session.get(), root + "/tables/t.lance", Numbered(0, 3));
  const std::string listed = List("tables/t.lance");
  EXPECT_TRUE(Contains(listed, "tables/t.lance/_versions/18446744073709551614.manifest")) << listed;
  EXPECT_TRUE(Contains(listed, "tables/t.lance/data/")) << listed;
  EXPECT_FALSE(Contains(listed, "latest_version_hint")) << listed;
}

TEST(Sessions, ReportTheirCaches) {
  const Session session = Must(NewSession());
  const Dataset ds = Create(session.get(), "memory://stats/t", Numbered(0, 10));
  EXPECT_EQ(RowsOf(ds.get()).size(), 10u);
  tlb_buf out{};
  ASSERT_EQ(tlb_session_stats(session.get(), &out, nullptr), TLB_OK);
  const std::string stats = Taken(out);
  EXPECT_TRUE(Contains(stats, "\"index\"") && Contains(stats, "\"metadata\"") &&
              Contains(stats, "\"hits\""))
      << stats;
}

TEST(MemoryStores, BelongToTheirSessionUnlessShared) {
  const Session one = Must(NewSession());
  const Session two = Must(NewSession());
  Create(one.get(), "memory://mine/t", Numbered(0, 1));
  ExpectCode(TLB_E_NOT_FOUND, Open(two.get(), "memory://mine/t"));
  const Folder unique;
  const std::string ours = "shared-memory://ours" + unique.path();
  Create(one.get(), ours, Numbered(0, 1));
  EXPECT_EQ(RowsOf(Must(Open(two.get(), ours)).get()), Numbered(0, 1));
}

}  // namespace
}  // namespace tarn::guard
