// guard: lance-bridge.md §1.10 (branches), risks.md 3.3 (fork with a fenced handle), 3.4 (ids on
// two branches).
#include "bridge.h"

#include <filesystem>

namespace tarn::guard {
namespace {

constexpr char kTrust[] = R"({"trust_expected":true})";

Got<Dataset> Fork(tlb_ds* at, std::string_view name) {
  tlb_ds* ds = nullptr;
  Error error;
  const int32_t code = tlb_branch_create(nullptr, at, Text(name), /*sync=*/1, &ds, error.out());
  return {Dataset(ds), error.Of(code)};
}

class Branches : public testing::TestWithParam<std::string> {
 protected:
  Branches()
      : session(Must(NewSession(GetParam() == "through" ? R"({"through_store":true})" : ""))) {
    uri = GetParam() == "memory" ? "shared-memory://branch" + folder.path() + "/t.lance"
                                 : folder.In("t.lance");
    main = Create(session.get(), uri, Numbered(0, 3));
  }
  Folder folder;
  Session session;
  std::string uri;
  Dataset main;
};

INSTANTIATE_TEST_SUITE_P(Kinds, Branches, testing::Values("file", "through", "memory"));

TEST_P(Branches, ForkFromAHandleThatCommitted) {
  const Tx tx = Must(StageAppend(main.get(), Numbered(3, 5)));
  const Dataset committed = Must(Commit(main.get(), tx.get(), 1, kTrust));
  const Dataset branch = Must(Fork(committed.get(), "b_one"));
  EXPECT_EQ(tlb_ds_version(branch.get()), 2u) << "version numbers go on from the fork";
  EXPECT_TRUE(Contains(Info(branch.get()), "\"branch\":\"b_one\""));
  EXPECT_EQ(RowsOf(branch.get()), Numbered(0, 5));
}

TEST_P(Branches, CommitsAreFencedPerBranch) {
  const Dataset branch = Must(Fork(main.get(), "b_one"));
  const Tx on_main = Must(StageAppend(main.get(), Numbered(10, 12)));
  const Tx on_branch = Must(StageAppend(branch.get(), Numbered(20, 21)));
  ExpectCode(TLB_E_INVALID, Commit(main.get(), on_branch.get(), 1, kTrust));
  const Dataset main2 = Must(Commit(main.get(), on_main.get(), 1, kTrust));
  const Dataset branch2 = Must(Commit(branch.get(), on_branch.get(), 1, kTrust));
  EXPECT_EQ(tlb_ds_version(main2.get()), 2u);
  EXPECT_EQ(tlb_ds_version(branch2.get()), 2u);
  EXPECT_EQ(RowsOf(main2.get()).size(), 5u);
  EXPECT_EQ(RowsOf(branch2.get()).size(), 4u);
  const Tx late = Must(StageAppend(branch.get(), Numbered(30, 31)));
  for (const char* opts : {"", kTrust})
    ExpectCode(TLB_E_FENCED, Commit(branch.get(), late.get(), 1, opts));
  EXPECT_EQ(RowsOf(Must(Open(session.get(), uri, R"({"branch":"b_one"})")).get()).size(), 4u);
  EXPECT_EQ(
      tlb_ds_version(Must(Open(session.get(), uri, R"({"branch":"b_one","version":1})")).get()),
      1u);
  EXPECT_TRUE(Contains(Must(Probe(session.get(), uri, 2, "", "b_one")), "foreign"));
}

/// risks.md 3.4: a row id or a fragment id says nothing without the branch it was given on.
TEST_P(Branches, RowAndFragmentIdsCollideAcrossBranches) {
  const Dataset branch = Must(Fork(main.get(), "b_one"));
  const Tx on_main = Must(StageAppend(main.get(), Numbered(10, 12)));
  const Tx on_branch = Must(StageAppend(branch.get(), Numbered(20, 22)));
  const Dataset main2 = Must(Commit(main.get(), on_main.get(), 1, kTrust));
  const Dataset branch2 = Must(Commit(branch.get(), on_branch.get(), 1, kTrust));
  const auto ids = [](tlb_ds* ds) {
    return Uints(Must(Scan(ds, R"({"columns":["id"],"row_id":true,"filter_sql":"id >= 10"})")),
                 "_rowid");
  };
  EXPECT_EQ(ids(main2.get()), (std::vector<uint64_t>{3, 4}));
  EXPECT_EQ(ids(branch2.get()), (std::vector<uint64_t>{3, 4})) << "the same ids for other rows";
  const auto fragments = [](tlb_ds* ds) {
    const auto table =
        Must(Scan(ds, R"({"columns":["id"],"row_addr":true,"filter_sql":"id >= 10"})"));
    return Uints(table, "_rowaddr")[0] >> 32;
  };
  EXPECT_EQ(fragments(main2.get()), fragments(branch2.get()));
}

TEST_P(Branches, DeltaRedoAndDiscardOnABranch) {
  const Dataset branch = Must(Fork(main.get(), "b_one"));
  const Delta delta = {
      .gone = {0, 1}, .updated = {{1, "one", 1}}, .row_ids = {1}, .inserted = Numbered(7, 8)};
  const Tx tx = Must(StageDelta(branch.get(), delta));
  tlb_buf out{};
  ASSERT_EQ(tlb_tx_files(tx.get(), &out, nullptr), TLB_OK);
  const std::string files = Taken(out);
  EXPECT_TRUE(Contains(files, "tree/b_one/data/") && Contains(files, "tree/b_one/_deletions/"))
      << files;
  EXPECT_FALSE(Contains(files, "null")) << files;
  const Tx copy = Must(Decode(Must(Encode(tx.get()))));
  Error error;
  const Outcome verified =
      error.Of(tlb_tx_verify(nullptr, session.get(), Text(uri), copy.get(), error.out()));
  EXPECT_EQ(verified.code, TLB_OK) << verified.message;
  EXPECT_EQ(tlb_tx_sync(nullptr, session.get(), Text(uri), copy.get(), nullptr), TLB_OK);
  const Dataset done = Must(Commit(branch.get(), copy.get(), 1, R"({"sync":true})"));
  EXPECT_EQ(RowsOf(done.get()), (std::vector<Row>{{1, "one", 1}, {2, "n2", 1}, {7, "n7", 3.5}}));
  EXPECT_EQ(RowsOf(Must(Open(session.get(), uri)).get()), Numbered(0, 3)) << "main is untouched";
}

TEST_P(Branches, ListDeleteAndNames) {
  const Dataset one = Must(Fork(main.get(), "b_one"));
  const Dataset two = Must(Fork(one.get(), "b_two"));
  tlb_buf out{};
  ASSERT_EQ(tlb_branch_list(nullptr, main.get(), &out, nullptr), TLB_OK);
  EXPECT_EQ(Taken(out), R"([{"name":"b_one","parent_branch":null,"parent_version":1},)"
                        R"({"name":"b_two","parent_branch":"b_one","parent_version":1}])");
  EXPECT_EQ(Fork(main.get(), "b_one").outcome.code, TLB_E_EXISTS);
  ExpectCode(TLB_E_INVALID, Fork(main.get(), "no/../way"));
  ExpectCode(TLB_E_INVALID, Open(session.get(), uri, R"({"branch":"../x"})"));
  ExpectCode(TLB_E_NOT_FOUND, Open(session.get(), uri, R"({"branch":"b_none"})"));
  EXPECT_EQ(tlb_branch_delete(nullptr, main.get(), Text("b_one"), 0, nullptr), TLB_E_REF_IN_USE);
  EXPECT_EQ(tlb_branch_delete(nullptr, main.get(), Text("b_two"), 0, nullptr), TLB_OK);
  EXPECT_EQ(tlb_branch_delete(nullptr, main.get(), Text("b_two"), 0, nullptr), TLB_E_NOT_FOUND);
  EXPECT_EQ(tlb_branch_delete(nullptr, main.get(), Text("b_two"), 1, nullptr), TLB_OK);
  EXPECT_EQ(tlb_branch_delete(nullptr, main.get(), Text("b_one"), 0, nullptr), TLB_OK);
  EXPECT_EQ(RowsOf(Must(Open(session.get(), uri)).get()), Numbered(0, 3));
}

/// A checkout without a branch stays on the handle's branch.
TEST_P(Branches, CheckoutStaysOnTheBranch) {
  const Dataset branch = Must(Fork(main.get(), "b_one"));
  const Tx tx = Must(StageAppend(branch.get(), Numbered(8, 9)));
  Must(Commit(branch.get(), tx.get(), 1, kTrust));
  tlb_ds* raw = nullptr;
  ASSERT_EQ(tlb_ds_checkout(nullptr, branch.get(), Text(""), &raw, nullptr), TLB_OK);
  EXPECT_EQ(RowsOf(Dataset(raw).get()).size(), 4u);
  ASSERT_EQ(tlb_ds_checkout(nullptr, branch.get(), Text(R"({"branch":"main"})"), &raw, nullptr),
            TLB_OK);
  EXPECT_EQ(RowsOf(Dataset(raw).get()).size(), 3u);
}

/// A fork names its parent's files by address; the bridge gives them the address of today.
TEST(MovedBranches, ReadAndCommitWhereTheyAreNow) {
  const Session session = Must(NewSession(""));
  const Folder folder;
  const std::string old_uri = folder.In("old.lance");
  const Dataset main = Create(session.get(), old_uri, Numbered(0, 3));
  const Dataset one = Must(Fork(main.get(), "b_one"));
  const Tx tx = Must(StageAppend(one.get(), Numbered(3, 4)));
  const Dataset one2 = Must(Commit(one.get(), tx.get(), 1, kTrust));
  Must(Fork(one2.get(), "b_two"));

  const std::string uri = folder.In("new.lance");
  std::filesystem::rename(old_uri, uri);
  const Session later = Must(NewSession(""));
  const Dataset two = Must(Open(later.get(), uri, R"({"branch":"b_two"})"));
  EXPECT_EQ(RowsOf(two.get()), Numbered(0, 4));
  const Tx more = Must(StageAppend(two.get(), Numbered(4, 5)));
  const Dataset two3 = Must(Commit(two.get(), more.get(), 2, kTrust));
  EXPECT_EQ(RowsOf(two3.get()), Numbered(0, 5));
  const Dataset three = Must(Fork(two3.get(), "b_three"));
  EXPECT_EQ(RowsOf(three.get()), Numbered(0, 5)) << "a fork of a fork that moved";
  EXPECT_EQ(RowsOf(Must(Open(later.get(), uri, R"({"branch":"b_one","version":1})")).get()),
            Numbered(0, 3));
}

}  // namespace
}  // namespace tarn::guard
