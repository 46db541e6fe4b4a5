// guard: lance-bridge.md §1.4 (exact commit), risks.md 2.6, 3.1, 3.2.
#include <algorithm>
#include <filesystem>
#include <thread>

#include "bridge.h"

namespace tarn::guard {
namespace {

constexpr char kUuidA[] = "11111111-1111-4111-8111-111111111111";
constexpr char kUuidB[] = "22222222-2222-4222-8222-222222222222";
constexpr char kTrust[] = R"({"trust_expected":true})";
constexpr char kTrustAndSync[] = R"({"trust_expected":true,"sync":true})";

/// The address under which each kind of store is tried.
class Stores : public testing::TestWithParam<std::string> {
 protected:
  Stores() : session(Must(NewSession(GetParam() == "through" ? R"({"through_store":true})" : ""))) {
    uri = GetParam() == "memory" ? "memory://commit/t.lance" : folder.In("t.lance");
  }
  Folder folder;
  Session session;
  std::string uri;
};

INSTANTIATE_TEST_SUITE_P(Kinds, Stores, testing::Values("file", "through", "memory"));

TEST_P(Stores, CreatedWithStableRowIdsAndCurrentFiles) {
  const Dataset ds = Create(session.get(), uri, Numbered(0, 3));
  EXPECT_EQ(tlb_ds_version(ds.get()), 1u);
  const std::string info = Info(ds.get());
  EXPECT_TRUE(Contains(info, "\"stable_row_ids\":true")) << info;
  EXPECT_TRUE(Contains(info, "\"data_storage_version\":\"2.2\"")) << info;
  EXPECT_EQ(RowsOf(ds.get()), Numbered(0, 3));
}

TEST_P(Stores, CreatingTwiceFailsUnlessItIsTheSameTransaction) {
  const Tx first = Must(StageCreate(session.get(), uri, Numbered(0, 3)));
  const Tx second = Must(StageCreate(session.get(), uri, Numbered(5, 9)));
  Must(CommitCreate(session.get(), uri, first.get(), kTrust));
  ExpectCode(TLB_E_EXISTS, CommitCreate(session.get(), uri, second.get(), kTrust));
  ExpectCode(TLB_E_EXISTS, CommitCreate(session.get(), uri, second.get(), ""));
  const Dataset again = Must(CommitCreate(session.get(), uri, first.get(), kTrust));
  EXPECT_EQ(RowsOf(again.get()), Numbered(0, 3));
  ExpectCode(TLB_E_EXISTS, StageCreate(session.get(), uri, Numbered(0, 1)));
  ExpectCode(TLB_E_INVALID, Commit(again.get(), second.get(), 1, ""));
  const Tx append = Must(StageAppend(again.get(), Numbered(5, 6)));
  ExpectCode(TLB_E_INVALID, CommitCreate(session.get(), uri + "-other", append.get(), ""));
}

TEST_P(Stores, AnEmptyTableIsLegal) {
  const Dataset ds = Create(session.get(), uri, {});
  EXPECT_TRUE(RowsOf(ds.get()).empty());
  const Tx tx = Must(StageAppend(ds.get(), Numbered(0, 2)));
  EXPECT_EQ(RowsOf(Must(Commit(ds.get(), tx.get(), 1, kTrust)).get()), Numbered(0, 2));
}

TEST_P(Stores, TwoHandlesOneWins) {
  for (const char* opts : {"", kTrust, kTrustAndSync}) {
    const std::string table = uri + std::to_string(std::string_view(opts).size());
    const Dataset a = Create(session.get(), table, Numbered(0, 3));
    const Dataset b = Must(Open(session.get(), table));
    const Tx ta = Must(StageAppend(a.get(), Numbered(10, 12)));
    const Tx tb = Must(StageAppend(b.get(), Numbered(20, 22)));
    const Dataset won = Must(Commit(a.get(), ta.get(), 1, opts));
    EXPECT_EQ(tlb_ds_version(won.get()), 2u);
    const Got<Dataset> lost = Commit(b.get(), tb.get(), 1, opts);
    ExpectCode(TLB_E_FENCED, lost);
    EXPECT_EQ(Number(lost.outcome.detail, "version"), 2);
    EXPECT_EQ(lost.value, nullptr);
    const Dataset head = Must(Open(session.get(), table));
    EXPECT_EQ(tlb_ds_version(head.get()), 2u) << "a refusal must not move the table";
    EXPECT_EQ(RowsOf(head.get()).size(), 5u);
  }
}

TEST_P(Stores, EveryKindOfTransactionIsFenced) {
  const Dataset v1 = Create(session.get(), uri, Numbered(0, 6));
  const Tx winner = Must(StageAppend(v1.get(), Numbered(6, 7)));
  const Tx erase = Must(StageDelete(v1.get(), "id = 3"));
  const Tx delta =
      Must(StageDelta(v1.get(), {.gone = {0}, .updated = {{0, "u", 9}}, .row_ids = {0}}));
  ArrowArrayStream stream;
  Export(Batch(Numbered(50, 51)), &stream);
  tlb_tx* raw = nullptr;
  ASSERT_EQ(tlb_stage_overwrite(nullptr, v1.get(), Text(""), &stream, &raw, nullptr), TLB_OK);
  const Tx overwrite(raw);
  Must(Commit(v1.get(), winner.get(), 1, kTrust));
  for (const char* opts : {"", kTrust}) {
    ExpectCode(TLB_E_FENCED, Commit(v1.get(), erase.get(), 1, opts));
    ExpectCode(TLB_E_FENCED, Commit(v1.get(), delta.get(), 1, opts));
    ExpectCode(TLB_E_FENCED, Commit(v1.get(), overwrite.get(), 1, opts));
    tlb_ds* out = nullptr;
    EXPECT_EQ(tlb_restore_exact(nullptr, v1.get(), 1, 1, Text(""), Text(opts), &out, nullptr),
              TLB_E_FENCED);
  }
  EXPECT_EQ(tlb_ds_version(Must(Open(session.get(), uri)).get()), 2u);
}

TEST_P(Stores, AnExpectedVersionAheadOfHeadIsRefused) {
  const Dataset v1 = Create(session.get(), uri, Numbered(0, 3));
  const Tx tx = Must(StageAppend(v1.get(), Numbered(3, 4)));
  ExpectCode(TLB_E_FENCED, Commit(v1.get(), tx.get(), 5, ""));
  ExpectCode(TLB_E_FENCED, Commit(v1.get(), tx.get(), 5, kTrust));
  EXPECT_EQ(tlb_ds_version(Must(Open(session.get(), uri)).get()), 1u);
}

/// risks.md 2.7: derived work staged on an old version may land on top of a newer one that the
/// caller names.
TEST_P(Stores, RebasesBelowTheFenceUpToTheExpectedVersion) {
  const Dataset v1 = Create(session.get(), uri, Numbered(0, 3));
  const Tx old = Must(StageAppend(v1.get(), Numbered(30, 31)));
  const Tx next = Must(StageAppend(v1.get(), Numbered(3, 4)));
  Must(Commit(v1.get(), next.get(), 1, kTrust));
  const Dataset landed = Must(Commit(v1.get(), old.get(), 2, ""));
  EXPECT_EQ(tlb_ds_version(landed.get()), 3u);
  EXPECT_EQ(RowsOf(landed.get()).size(), 5u);
}

TEST_P(Stores, ProbeTellsOursForeignAndAbsentApart) {
  const Dataset v1 = Create(session.get(), uri, Numbered(0, 3));
  const Tx tx = Must(StageAppend(v1.get(), Numbered(3, 4)));
  Bind(tx.get(), kUuidA);
  EXPECT_TRUE(Contains(Must(Probe(session.get(), uri, 2, kUuidA)), "absent"));
  Must(Commit(v1.get(), tx.get(), 1, kTrust));
  EXPECT_TRUE(Contains(Must(Probe(session.get(), uri, 2, kUuidA)), "ours"));
  const std::string foreign = Must(Probe(session.get(), uri, 2, kUuidB));
  EXPECT_TRUE(Contains(foreign, "foreign") && Contains(foreign, kUuidA)) << foreign;
  EXPECT_TRUE(Contains(Must(Probe(session.get(), uri + "x", 1, kUuidA)), "absent"));
  tlb_buf out{};
  ASSERT_EQ(tlb_ds_transaction(nullptr, v1.get(), 2, &out, nullptr), TLB_OK);
  const std::string record = Taken(out);
  EXPECT_TRUE(Contains(record, kUuidA) && Contains(record, "\"actor\":\"guard\"")) << record;
}

/// risks.md 3.1: two helpers redo one append; both must see success, and what version 2 names must
/// stay. Above 20 MiB Lance does not put the transaction into the manifest, so the file that both
/// write is the only copy.
TEST_P(Stores, OwnAppendRedoneByTwoHandles) {
  for (const bool spilled : {false, true}) {
    for (const char* opts : {"", kTrust}) {
      const std::string table =
          uri + std::to_string(std::string_view(opts).size() + (spilled ? 1000 : 0));
      const Dataset v1 = Create(session.get(), table, Numbered(0, 3));
      const Tx staged = Must(StageAppend(v1.get(), Numbered(3, 6)));
      Bind(staged.get(), kUuidA, spilled ? std::string(21 << 20, 'x') : "");
      const Dataset other = Must(Open(session.get(), table));
      const Tx copy = Must(Decode(Must(Encode(staged.get()))));
      const Dataset first = Must(Commit(v1.get(), staged.get(), 1, opts));
      const Dataset second = Must(Commit(other.get(), copy.get(), 1, opts));
      EXPECT_EQ(tlb_ds_version(first.get()), 2u);
      EXPECT_EQ(tlb_ds_version(second.get()), 2u);
      const Dataset head = Must(Open(session.get(), table));
      EXPECT_EQ(tlb_ds_version(head.get()), 2u);
      EXPECT_EQ(RowsOf(head.get()), Numbered(0, 6));
      tlb_buf record{};
      EXPECT_EQ(tlb_ds_transaction(nullptr, v1.get(), 2, &record, nullptr), TLB_OK)
          << "the record is gone";
      EXPECT_TRUE(Contains(Taken(record), kUuidA));
    }
  }
}

TEST(Commit, RefusedWriterLeavesNoFileAndHarmsNone) {
  const Folder folder;
  const Session session = Must(NewSession());
  const std::string uri = folder.In("t.lance");
  const Dataset v1 = Create(session.get(), uri, Numbered(0, 3));
  const Tx winner = Must(StageAppend(v1.get(), Numbered(3, 4)));
  const Tx loser = Must(StageAppend(v1.get(), Numbered(4, 5)));
  Must(Commit(v1.get(), winner.get(), 1, kTrust));
  const auto before = FilesBelow(uri);
  ExpectCode(TLB_E_FENCED, Commit(v1.get(), loser.get(), 1, kTrust));
  ExpectCode(TLB_E_FENCED, Commit(v1.get(), loser.get(), 1, ""));
  EXPECT_EQ(FilesBelow(uri), before);
  Error error;
  EXPECT_EQ(
      error.Of(tlb_tx_discard(nullptr, session.get(), Text(uri), loser.get(), error.out())).code,
      TLB_OK);
  EXPECT_EQ(FilesBelow(uri).size(), before.size() - 1) << "discard deletes the loser's data file";
  EXPECT_EQ(RowsOf(Must(Open(session.get(), uri)).get()), Numbered(0, 4));
}

/// risks.md 2.6, the limit C++ has to know: a fence that lists nothing cannot see that the name is
/// free again.
TEST(Commit, ListFreeFenceLandsBelowHeadAfterPruning) {
  const Folder folder;
  const Session session = Must(NewSession());
  const std::string uri = folder.In("t.lance");
  const Dataset v1 = Create(session.get(), uri, Numbered(0, 3));
  const Tx sleeper = Must(StageAppend(v1.get(), Numbered(100, 101)));
  const Tx listing = Must(StageAppend(v1.get(), Numbered(200, 201)));
  Dataset head = Must(Open(session.get(), uri));
  for (uint64_t version = 1; version < 5; ++version) {
    const int64_t id = 10 + static_cast<int64_t>(version);
    const Tx tx = Must(StageAppend(head.get(), Numbered(id, id + 1)));
    head = Must(Commit(head.get(), tx.get(), version, kTrust));
  }
  for (const std::string& file : FilesBelow(uri + "/_versions")) {
    // V2 names count down from 2^64 - 1; versions 2 and 3 are pruned, 1 and the newest two stay.
    if (file == "18446744073709551613.manifest" || file == "18446744073709551612.manifest") {
      std::filesystem::remove(uri + "/_versions/" + file);
    }
  }
  // With a listing the pause is noticed, and nothing happens.
  ExpectCode(TLB_E_FENCED, Commit(v1.get(), listing.get(), 1, ""));
  // Without, version 2 is written again, below HEAD: acknowledged by the fence, seen by nobody who
  // reads HEAD.
  const Dataset lost = Must(Commit(v1.get(), sleeper.get(), 1, kTrust));
  EXPECT_EQ(tlb_ds_version(lost.get()), 2u);
  uint64_t newest = 0;
  ASSERT_EQ(tlb_ds_head(nullptr, lost.get(), &newest, nullptr), TLB_OK);
  EXPECT_EQ(newest, 5u) << "a look at HEAD after a long pause reveals it (R8)";
  EXPECT_EQ(RowsOf(Must(Open(session.get(), uri)).get()).size(), 7u);
}

TEST_P(Stores, RestoreIsAnExactCommitWithItsOwnUuid) {
  const Dataset v1 = Create(session.get(), uri, Numbered(0, 3));
  const Tx tx = Must(StageAppend(v1.get(), Numbered(3, 9)));
  const Dataset v2 = Must(Commit(v1.get(), tx.get(), 1, kTrust));
  tlb_ds* raw = nullptr;
  Error error;
  const Outcome outcome = error.Of(
      tlb_restore_exact(nullptr, v2.get(), 1, 2, Text(kUuidB), Text(kTrust), &raw, error.out()));
  ASSERT_EQ(outcome.code, TLB_OK) << outcome.message;
  const Dataset v3(raw);
  EXPECT_EQ(tlb_ds_version(v3.get()), 3u);
  EXPECT_EQ(RowsOf(v3.get()), Numbered(0, 3));
  EXPECT_TRUE(Contains(Must(Probe(session.get(), uri, 3, kUuidB)), "ours"));
  // Row ids go on where they were: a restored table never gives an id twice.
  EXPECT_EQ(Number(Info(v3.get()), "next_row_id"), 9);
}

TEST_P(Stores, ExistsHeadAndVersions) {
  const Dataset v1 = Create(session.get(), uri, Numbered(0, 3));
  int32_t exists = -1;
  ASSERT_EQ(tlb_ds_exists(nullptr, v1.get(), 2, &exists, nullptr), TLB_OK);
  EXPECT_EQ(exists, 0);
  const Tx tx = Must(StageAppend(v1.get(), Numbered(3, 4)));
  Must(Commit(v1.get(), tx.get(), 1, kTrust));
  ASSERT_EQ(tlb_ds_exists(nullptr, v1.get(), 2, &exists, nullptr), TLB_OK);
  EXPECT_EQ(exists, 1);
  uint64_t head = 0;
  ASSERT_EQ(tlb_ds_head(nullptr, v1.get(), &head, nullptr), TLB_OK);
  EXPECT_EQ(head, 2u);
  tlb_buf out{};
  ASSERT_EQ(tlb_ds_versions(nullptr, v1.get(), &out, nullptr), TLB_OK);
  EXPECT_EQ(Taken(out), "[1,2]");
  ASSERT_EQ(tlb_ds_validate(nullptr, v1.get(), &out, nullptr), TLB_OK);
  EXPECT_EQ(Taken(out), "{\"ok\":true}");
  EXPECT_EQ(RowsOf(Must(Open(session.get(), uri, R"({"version":1})")).get()).size(), 3u);
  ExpectCode(TLB_E_NOT_FOUND, Open(session.get(), uri, R"({"version":9})"));
  ExpectCode(TLB_E_NOT_FOUND, Open(session.get(), uri + "-not"));
  ExpectCode(TLB_E_INVALID, Open(session.get(), uri, R"({"verzion":1})"));
}

TEST(Commit, RacingThreadsHaveOneWinnerPerVersion) {
  const Folder folder;
  const Session session = Must(NewSession());
  const std::string uri = folder.In("t.lance");
  Dataset head = Create(session.get(), uri, Numbered(0, 1));
  for (uint64_t version = 1; version <= 5; ++version) {
    std::vector<Tx> staged;
    for (int64_t i = 0; i < 4; ++i)
      staged.push_back(Must(StageAppend(head.get(), Numbered(100 + i, 101 + i))));
    std::vector<int32_t> codes(staged.size());
    std::vector<Dataset> handles(staged.size());
    {
      std::vector<std::jthread> threads;
      for (size_t i = 0; i < staged.size(); ++i) {
        threads.emplace_back([&, i] {
          Got<Dataset> got = Commit(head.get(), staged[i].get(), version, i % 2 == 0 ? kTrust : "");
          codes[i] = got.outcome.code;
          handles[i] = std::move(got.value);
        });
      }
    }
    EXPECT_EQ(std::count(codes.begin(), codes.end(), TLB_OK), 1);
    EXPECT_EQ(std::count(codes.begin(), codes.end(), TLB_E_FENCED), 3);
    for (Dataset& handle : handles) {
      if (handle) head = std::move(handle);
    }
    EXPECT_EQ(RowsOf(head.get()).size(), 1 + version);
  }
}

}  // namespace
}  // namespace tarn::guard
