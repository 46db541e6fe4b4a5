// guard: lance-bridge.md §0.6 (a transaction survives its process), §4.1 (encoded form), risks.md
// R7.
#include <csignal>
#include <cstdio>
#include <fstream>

#include "bridge.h"
#include "child.h"

namespace tarn::guard {
namespace {

constexpr char kUuid[] = "33333333-3333-4333-8333-333333333333";

class Redo : public testing::Test {
 protected:
  Redo() : session(Must(NewSession())), uri(folder.In("t.lance")) {
    v1 = Create(session.get(), uri, Numbered(0, 6));
  }

  /// Writes the encoded transaction and lets another process commit it at `expected` + 1.
  int InAnotherProcess(tlb_tx* tx, uint64_t expected) {
    Bind(tx, kUuid);
    const std::string file = folder.In("sidecar");
    std::ofstream(file, std::ios::binary) << Must(Encode(tx));
    return SpawnChild("redo", {uri, "", std::to_string(expected), file});
  }

  Folder folder;
  Session session;
  std::string uri;
  Dataset v1;
};

TEST_F(Redo, AppendDeleteDeltaAndOverwriteInAnotherProcess) {
  const Tx append = Must(StageAppend(v1.get(), Numbered(6, 8)));
  EXPECT_EQ(InAnotherProcess(append.get(), 1), 0);
  EXPECT_EQ(InAnotherProcess(append.get(), 1), 0) << "redone again it is still ours";
  const Dataset v2 = Must(Open(session.get(), uri));
  EXPECT_EQ(RowsOf(v2.get()), Numbered(0, 8));
  EXPECT_TRUE(Contains(Must(Probe(session.get(), uri, 2, kUuid)), "ours"));

  const Tx erase = Must(StageDelete(v2.get(), "id < 2"));
  EXPECT_EQ(Number(TxInfo(erase.get()), "rows_gone"), 2);
  EXPECT_EQ(InAnotherProcess(erase.get(), 2), 0);
  const Dataset v3 = Must(Open(session.get(), uri));
  EXPECT_EQ(RowsOf(v3.get()), Numbered(2, 8));

  const Delta change = {
      .gone = {2, 3}, .updated = {{2, "new", 1}}, .row_ids = {2}, .inserted = Numbered(20, 21)};
  const Tx delta = Must(StageDelta(v3.get(), change));
  EXPECT_EQ(InAnotherProcess(delta.get(), 3), 0);
  const std::vector<Row> changed = {{2, "new", 1}, {4, "n4", 2},   {5, "n5", 2.5},
                                    {6, "n6", 3},  {7, "n7", 3.5}, {20, "n20", 10}};
  EXPECT_EQ(RowsOf(Must(Open(session.get(), uri)).get()), changed);

  const Dataset v4 = Must(Open(session.get(), uri));
  ArrowArrayStream stream;
  Export(nullptr, &stream);
  tlb_tx* raw = nullptr;
  ASSERT_EQ(tlb_stage_overwrite(nullptr, v4.get(), Text(""), &stream, &raw, nullptr), TLB_OK);
  EXPECT_EQ(InAnotherProcess(Tx(raw).get(), 4), 0);
  EXPECT_TRUE(RowsOf(Must(Open(session.get(), uri)).get()).empty());
}

TEST_F(Redo, AnotherProcessIsFencedByAForeignCommit) {
  const Tx mine = Must(StageAppend(v1.get(), Numbered(6, 8)));
  const Tx foreign = Must(StageAppend(v1.get(), Numbered(30, 31)));
  Must(Commit(v1.get(), foreign.get(), 1));
  EXPECT_EQ(InAnotherProcess(mine.get(), 1), 20 + TLB_E_FENCED);
  EXPECT_EQ(RowsOf(Must(Open(session.get(), uri)).get()).size(), 7u);
}

TEST_F(Redo, TheEncodedFormIsRefusedWhenAnythingIsWrong) {
  const Tx tx = Must(StageDelta(v1.get(), {.gone = {1}, .inserted = Numbered(9, 10)}));
  const std::string good = Must(Encode(tx.get()));
  EXPECT_EQ(TxInfo(Must(Decode(good)).get()), TxInfo(tx.get()));
  EXPECT_EQ(Must(Encode(Must(Decode(good)).get())), good) << "encoding is deterministic";
  ExpectCode(TLB_E_CORRUPT, Decode(""));
  ExpectCode(TLB_E_CORRUPT, Decode(good + "x"));
  ExpectCode(TLB_E_CORRUPT, Decode(good.substr(0, good.size() - 1)));
  for (size_t at = 0; at < good.size(); at += 7) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x20);
    ExpectCode(TLB_E_CORRUPT, Decode(bad));
  }
}

TEST_F(Redo, FilesAreListedVerifiedAndDiscarded) {
  const Tx tx = Must(StageDelta(v1.get(), {.gone = {1}, .inserted = Numbered(9, 10)}));
  tlb_buf out{};
  ASSERT_EQ(tlb_tx_files(tx.get(), &out, nullptr), TLB_OK);
  const std::string files = Taken(out);
  EXPECT_TRUE(Contains(files, "\"data/") && Contains(files, "\"_deletions/0-1-")) << files;
  EXPECT_FALSE(Contains(files, "null")) << "every size is known: " << files;
  Error verified;
  EXPECT_EQ(
      verified.Of(tlb_tx_verify(nullptr, session.get(), Text(uri), tx.get(), verified.out())).code,
      TLB_OK);
  std::string deletion;
  for (const std::string& file : FilesBelow(uri)) {
    if (file.starts_with("_deletions/")) deletion = uri + "/" + file;
  }
  std::ofstream(deletion, std::ios::app) << "torn";
  Error torn;
  const Outcome refused =
      torn.Of(tlb_tx_verify(nullptr, session.get(), Text(uri), tx.get(), torn.out()));
  EXPECT_EQ(refused.code, TLB_E_CORRUPT);
  EXPECT_TRUE(Contains(refused.message, "_deletions/")) << refused.message;
  EXPECT_EQ(tlb_tx_discard(nullptr, session.get(), Text(uri), tx.get(), nullptr), TLB_OK);
  EXPECT_EQ(tlb_tx_discard(nullptr, session.get(), Text(uri), tx.get(), nullptr), TLB_OK)
      << "twice is fine";
  EXPECT_EQ(tlb_tx_verify(nullptr, session.get(), Text(uri), tx.get(), nullptr), TLB_E_CORRUPT);
  EXPECT_EQ(RowsOf(Must(Open(session.get(), uri)).get()), Numbered(0, 6));
}

/// A process may end between the manifest and the transaction's own file, which go side by side.
TEST_F(Redo, AManifestRepeatsItsTransaction) {
  const Tx early = Must(StageAppend(v1.get(), Numbered(6, 7)));
  const Tx first = Must(StageAppend(v1.get(), Numbered(7, 8)));
  Bind(first.get(), kUuid);
  Must(Commit(v1.get(), first.get(), 1, "", nullptr));
  int removed = 0;
  for (const std::string& file : FilesBelow(uri)) {
    if (file.starts_with("_transactions/")) removed += std::remove((uri + "/" + file).c_str()) == 0;
  }
  EXPECT_EQ(removed, 2);
  const Session fresh = Must(NewSession());
  const Dataset v2 = Must(Open(fresh.get(), uri));
  EXPECT_TRUE(Contains(Must(Probe(fresh.get(), uri, 2, kUuid)), "ours"));
  Must(Commit(v2.get(), early.get(), 2, "", nullptr));  // it has to look at what landed in between
  EXPECT_EQ(RowsOf(Must(Open(fresh.get(), uri)).get()).size(), 8u);
}

/// The process dies at the worst moments of a commit; the table is either before or after it, never
/// between.
TEST_F(Redo, AKilledCommitIsAllOrNothing) {
  const auto crash = [&](const std::string& verb, const std::string& cls, bool after) {
    const std::string script = R"([{"verb":")" + verb + R"(","class":")" + cls +
                               R"(","nth":1,"action":"abort","after":)" +
                               (after ? "true" : "false") + "}]";
    return SpawnChild("crash", {uri, script});
  };
  uint64_t version = 1;
  size_t rows = 6;
  const auto has_landed = [&] {
    const Dataset now = Must(Open(session.get(), uri));
    const bool landed = tlb_ds_version(now.get()) == version + 1;
    version += landed;
    rows += landed;
    EXPECT_EQ(tlb_ds_version(now.get()), version);
    EXPECT_EQ(RowsOf(now.get()).size(), rows);
    return landed;
  };
  // The file of the transaction goes beside the manifest, which repeats it: either may be first.
  // Whoever commits next can do without the file.
  for (const bool after : {false, true}) {
    EXPECT_EQ(crash("put", "txn", after), -SIGABRT);
    (void)has_landed();
  }
  EXPECT_EQ(crash("put-if-absent", "table-manifest", false), -SIGABRT);
  EXPECT_FALSE(has_landed());
  EXPECT_EQ(crash("put-if-absent", "table-manifest", true), -SIGABRT);
  EXPECT_TRUE(has_landed());
}

}  // namespace
}  // namespace tarn::guard
