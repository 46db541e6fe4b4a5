// guard: benchmarks.md §4.1–4.2 (every store call counts; serial depth), risks.md 3.2 (a trusted
// commit lists nothing).
#include <thread>

#include "bridge.h"

namespace tarn::guard {
namespace {

constexpr char kTrust[] = R"({"trust_expected":true})";
constexpr char kNoCalls[] = R"("calls":{})";

/// Counted on two stores: in memory under virtual time, and local files through the object store.
class Counting : public testing::TestWithParam<std::string> {
 protected:
  Counting() : env(GetParam() == "memory" ? VirtualEnv() : TheEnv()) {
    session = Must(NewSession(R"({"through_store":true})", env));
    uri = GetParam() == "memory" ? "shared-memory://meter" + folder.path() + "/t.lance"
                                 : folder.In("t.lance");
  }

  /// What one call costs, as the meter reports it.
  template <typename F>
  std::string Cost(uint32_t phase, F run) {
    const Meter meter = NewMeter(env);
    const tlb_call call = CallWith(meter.get(), phase);
    run(&call);
    return Read(meter.get());
  }

  void ExpectDepth(int64_t ticks, const std::string& cost) {
    if (GetParam() == "memory") {
      EXPECT_EQ(Number(cost, "depth"), ticks) << cost;
    }
  }

  Folder folder;
  tlb_env* env;
  Session session;
  std::string uri;
};

INSTANTIATE_TEST_SUITE_P(Kinds, Counting, testing::Values("memory", "through"));

TEST_P(Counting, AWriteCostsExactlyThis) {
  Tx tx;
  const std::string created = Cost(TLB_PHASE_STAGE, [&](auto* call) {
    tx = Must(StageCreate(session.get(), uri, Numbered(0, 9), call));
  });
  EXPECT_TRUE(Contains(created, R"("calls":{"list/table-manifest@stage":1,"put/data@stage":1})"))
      << created;
  Dataset v1;
  const std::string made = Cost(TLB_PHASE_EFFECT, [&](auto* call) {
    v1 = Must(CommitCreate(session.get(), uri, tx.get(), kTrust, call));
  });
  EXPECT_TRUE(
      Contains(made, R"("calls":{"put-if-absent/table-manifest@effect":1,"put/txn@effect":1})"))
      << made;
  ExpectDepth(1, made);

  const std::string staged = Cost(TLB_PHASE_STAGE, [&](auto* call) {
    tx = Must(StageAppend(v1.get(), Numbered(9, 10), call));
  });
  EXPECT_TRUE(Contains(staged, R"("calls":{"put/data@stage":1})")) << staged;
  ExpectDepth(1, staged);
  EXPECT_GT(Number(staged, "bytes_written"), 100);
  Dataset v2;
  const std::string trusted = Cost(TLB_PHASE_PUBLISH, [&](auto* call) {
    v2 = Must(Commit(v1.get(), tx.get(), 1, kTrust, call));
  });
  EXPECT_TRUE(Contains(trusted,
                       R"("calls":{"put-if-absent/table-manifest@publish":1,"put/txn@publish":1})"))
      << trusted;
  ExpectDepth(1, trusted);
  EXPECT_EQ(Number(trusted, "failures"), 0);

  tx = Must(StageAppend(v2.get(), Numbered(10, 11)));
  const std::string listed =
      Cost(TLB_PHASE_EFFECT, [&](auto* call) { Must(Commit(v2.get(), tx.get(), 2, "", call)); });
  EXPECT_TRUE(Contains(listed, R"("calls":{"list/table-manifest@effect":1,)"
                               R"("put-if-absent/table-manifest@effect":1,"put/txn@effect":1})"))
      << listed;
  ExpectDepth(2, listed);
}

TEST_P(Counting, ARowDeltaWritesItsThreeFilesSideBySide) {
  const Dataset v1 = Create(session.get(), uri, Numbered(0, 9));
  Tx tx;
  const Delta delta = {
      .gone = {0, 1}, .updated = {{1, "x", 1}}, .row_ids = {1}, .inserted = Numbered(20, 21)};
  const std::string staged =
      Cost(TLB_PHASE_STAGE, [&](auto* call) { tx = Must(StageDelta(v1.get(), delta, call)); });
  EXPECT_TRUE(Contains(staged, R"("calls":{"put/data@stage":2,"put/deletion@stage":1})")) << staged;
  ExpectDepth(1, staged);
  const std::string done = Cost(
      TLB_PHASE_EFFECT, [&](auto* call) { Must(Commit(v1.get(), tx.get(), 1, kTrust, call)); });
  EXPECT_TRUE(
      Contains(done, R"("calls":{"put-if-absent/table-manifest@effect":1,"put/txn@effect":1})"))
      << done;
}

/// History must not make a commit dearer.
TEST_P(Counting, ATrustedCommitIsFlatInHistory) {
  Dataset head = Create(session.get(), uri, Numbered(0, 1));
  std::string first;
  for (uint64_t version = 1; version <= 40; ++version) {
    const int64_t id = static_cast<int64_t>(version);
    const Tx tx = Must(StageAppend(head.get(), Numbered(id, id + 1)));
    const std::string cost = Cost(TLB_PHASE_EFFECT, [&](auto* call) {
      head = Must(Commit(head.get(), tx.get(), version, kTrust, call));
    });
    const std::string calls = cost.substr(0, cost.find("}"));
    if (version == 1) first = calls.substr(calls.find("\"calls\""));
    EXPECT_EQ(calls.substr(calls.find("\"calls\"")), first) << version;
  }
}

TEST_P(Counting, ReadsOfSpawnedTasksCount) {
  const Dataset v1 = Create(session.get(), uri, Numbered(0, 50000));
  const Session cold = Must(NewSession(R"({"through_store":true})", env));
  Dataset ds;
  const std::string opened = Cost(TLB_PHASE_READ, [&](auto* call) {
    ds = Must(Open(cold.get(), uri, R"({"version":1})", call));
  });
  EXPECT_TRUE(Contains(opened, "\"head/table-manifest@read\":1")) << opened;
  ExpectDepth(2, opened);
  const std::string scanned = Cost(TLB_PHASE_READ, [&](auto* call) {
    EXPECT_EQ(Must(Scan(ds.get(), "", call))->num_rows(), 50000);
  });
  EXPECT_TRUE(Contains(scanned, "/data@read")) << scanned;
  EXPECT_FALSE(Contains(scanned, "@other") || Contains(scanned, "/other@")) << scanned;
  EXPECT_GT(Number(scanned, "bytes_read"), 100000) << scanned;
}

/// Two streams of one meter are open at once: a background read belongs to both, and counts once.
TEST_P(Counting, TwoOpenStreamsOfOneMeterCountOnce) {
  Create(session.get(), uri, Numbered(0, 20000));
  const auto cost = [&](int streams) {
    const Session cold = Must(NewSession(R"({"through_store":true})", env));
    const Dataset ds = Must(Open(cold.get(), uri));
    const Meter meter = NewMeter(env);
    const tlb_call call = CallWith(meter.get(), TLB_PHASE_READ);
    std::vector<Stream> open;
    for (int i = 0; i < streams; ++i) {
      tlb_stream* raw = nullptr;
      EXPECT_EQ(tlb_scan(&call, ds.get(), Text(R"({"columns":["id"]})"), &raw, nullptr), TLB_OK);
      open.emplace_back(raw);
    }
    EXPECT_EQ(Must(Drain(open[0].get(), &call))->num_rows(), 20000);
    open.resize(1);
    return Number(Read(meter.get()), "bytes_read");
  };
  const int64_t one = cost(1);
  EXPECT_GT(one, 0);
  // The second stream may read ahead for itself, but the first one's reads must not be charged
  // twice on top.
  EXPECT_LE(cost(2), 2 * one);
}

TEST_P(Counting, PhasesAndMetersAreKeptApart) {
  const Dataset v1 = Create(session.get(), uri, Numbered(0, 3));
  const Meter one = NewMeter(env);
  tlb_call call = CallWith(one.get(), TLB_PHASE_STAGE);
  const Tx tx = Must(StageAppend(v1.get(), Numbered(3, 4), &call));
  call.phase = TLB_PHASE_EFFECT;
  Must(Commit(v1.get(), tx.get(), 1, kTrust, &call));
  EXPECT_TRUE(Contains(
      Read(one.get()),
      R"("calls":{"put-if-absent/table-manifest@effect":1,"put/data@stage":1,"put/txn@effect":1})"))
      << Read(one.get());
  const Meter idle = NewMeter(env);
  EXPECT_TRUE(Contains(Read(idle.get()), kNoCalls));
  call.phase = 99;
  EXPECT_EQ(tlb_ds_exists(&call, v1.get(), 1, nullptr, nullptr), TLB_E_INVALID);
}

TEST_P(Counting, SmallObjectsHaveTheirClasses) {
  tlb_store* raw = nullptr;
  const std::string root =
      GetParam() == "memory" ? "shared-memory://meter" + folder.path() : folder.path();
  ASSERT_EQ(tlb_store_open(session.get(), Text(root), &raw, nullptr), TLB_OK);
  const Store store(raw);
  const auto put = [&](std::string_view key, int32_t mode) {
    return Cost(TLB_PHASE_INTENT, [&](auto* call) {
      EXPECT_EQ(tlb_store_put(call, store.get(), Text(key), "abc", 3, mode, Text(""), 0, nullptr,
                              nullptr),
                TLB_OK);
    });
  };
  EXPECT_TRUE(
      Contains(put("__recovery/main/1.json", TLB_PUT_CREATE), "\"put-if-absent/intent@intent\":1"));
  EXPECT_TRUE(Contains(put("_schema/1.json", TLB_PUT_OVERWRITE), "\"put/schema@intent\":1"));
  EXPECT_TRUE(Contains(put("_tarn/id", TLB_PUT_CREATE), "\"put-if-absent/identity@intent\":1"));
  EXPECT_TRUE(Contains(put("__manifest/x", TLB_PUT_CREATE), "\"put-if-absent/manifest@intent\":1"));
  const std::string deleted = Cost(TLB_PHASE_CLEANUP, [&](auto* call) {
    EXPECT_EQ(tlb_store_delete(call, store.get(), Text("__recovery/main/1.json"), nullptr), TLB_OK);
  });
  EXPECT_TRUE(Contains(deleted, R"("calls":{"delete/intent@cleanup":1})")) << deleted;
  const std::string read = Cost(TLB_PHASE_READ, [&](auto* call) {
    tlb_buf out{};
    EXPECT_EQ(
        tlb_store_get(call, store.get(), Text("_schema/1.json"), 1, 1, &out, nullptr, nullptr),
        TLB_OK);
    EXPECT_EQ(Taken(out), "b");
    uint64_t size = 0;
    EXPECT_EQ(tlb_store_head(call, store.get(), Text("_schema/1.json"), &size, nullptr, nullptr),
              TLB_OK);
    EXPECT_EQ(size, 3u);
  });
  EXPECT_TRUE(Contains(read, R"("calls":{"head/schema@read":1,"range/schema@read":1})")) << read;
  EXPECT_EQ(Number(read, "bytes_read"), 1);
}

/// Overlapping calls of one meter: their common time counts once, their store calls all count.
TEST(VirtualTime, OverlappingCallsOfOneMeter) {
  const Session session = Must(NewSession("", VirtualEnv()));
  const std::string root = "memory://overlap/";
  std::vector<Dataset> tables;
  for (int i = 0; i < 3; ++i)
    tables.push_back(Create(session.get(), root + std::to_string(i), Numbered(0, 3)));
  const Meter meter = NewMeter(VirtualEnv());
  const tlb_call call = CallWith(meter.get(), TLB_PHASE_STAGE);
  std::vector<Tx> staged(tables.size());
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < tables.size(); ++i) {
      threads.emplace_back(
          [&, i] { staged[i] = Must(StageAppend(tables[i].get(), Numbered(5, 6), &call)); });
    }
  }
  const std::string cost = Read(meter.get());
  EXPECT_EQ(Number(cost, "put/data@stage"), 3) << cost;
  EXPECT_LE(Number(cost, "depth"), 3) << cost;
  EXPECT_GE(Number(cost, "depth"), 1) << cost;
}

TEST(VirtualTime, TheSameVerbTakesTheSameTicksEveryTime) {
  const Session session = Must(NewSession("", VirtualEnv()));
  std::string first;
  for (int i = 0; i < 5; ++i) {
    const std::string uri = "memory://same/" + std::to_string(i);
    const Dataset v1 = Create(session.get(), uri, Numbered(0, 100));
    const Meter meter = NewMeter(VirtualEnv());
    const tlb_call call = CallWith(meter.get(), TLB_PHASE_READ);
    Must(Scan(v1.get(), R"({"filter":{"op":">","column":"id","value":50,"type":"int64"}})", &call));
    const Tx tx = Must(StageDelete(v1.get(), "id = 7", &call));
    Must(Commit(v1.get(), tx.get(), 1, "", &call));
    std::string cost = Read(meter.get());
    cost = cost.substr(cost.find("\"calls\""));
    if (i == 0) first = cost;
    EXPECT_EQ(cost, first);
  }
}

TEST(Durable, SyncedCommitsSyncFilesAndFolders) {
  for (const char* config : {"", R"({"through_store":true})"}) {
    const Folder folder;
    const Session session = Must(NewSession(config));
    const std::string uri = folder.In("t.lance");
    const Dataset v1 = Create(session.get(), uri, Numbered(0, 3));
    const Delta delta = {
        .gone = {0}, .updated = {{0, "x", 1}}, .row_ids = {0}, .inserted = Numbered(5, 6)};
    const Tx tx = Must(StageDelta(v1.get(), delta));
    const Meter meter = NewMeter();
    const tlb_call call = CallWith(meter.get());
    ASSERT_EQ(tlb_tx_sync(&call, session.get(), Text(uri), tx.get(), nullptr), TLB_OK);
    const std::string first = Read(meter.get());
    EXPECT_EQ(Number(first, "barriers"), 1) << first;
    // Two data files, one deletion file, their two folders, and once the four folders above.
    EXPECT_EQ(Number(first, "fsyncs"), 9) << first;
    ASSERT_EQ(tlb_tx_sync(&call, session.get(), Text(uri), tx.get(), nullptr), TLB_OK);
    EXPECT_EQ(Number(Read(meter.get()), "fsyncs"), 9 + 5) << "the folders above are durable by now";
    Must(Commit(v1.get(), tx.get(), 1, R"({"trust_expected":true,"sync":true})", &call));
    EXPECT_EQ(Number(Read(meter.get()), "fsyncs"), 9 + 5 + 5)
        << "manifest, transaction, their folders, and the one that names these";
    EXPECT_EQ(Number(Read(meter.get()), "barriers"), 3);
  }
}

}  // namespace
}  // namespace tarn::guard
