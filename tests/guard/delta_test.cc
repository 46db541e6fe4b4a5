// guard: lance-bridge.md §1.8 (insert, update and delete of one table in one version), §1.11,
// risks.md 3.5.
#include <algorithm>
#include <map>

#include "bridge.h"

namespace tarn::guard {
namespace {

constexpr char kTrust[] = R"({"trust_expected":true})";
constexpr char kAll[] =
    R"({"columns":["id","_row_created_at_version","_row_last_updated_at_version"],"row_id":true,"row_addr":true})";

/// What a scan says about one row beside its values.
struct Lineage {
  uint64_t row_id;
  uint64_t addr;
  uint64_t created;
  uint64_t updated;
};

std::map<int64_t, Lineage> LineageOf(tlb_ds* ds) {
  const auto table = Must(Scan(ds, kAll));
  const auto ids = Ints(table, "id");
  const auto row_ids = Uints(table, "_rowid");
  const auto addrs = Uints(table, "_rowaddr");
  const auto created = Uints(table, "_row_created_at_version");
  const auto updated = Uints(table, "_row_last_updated_at_version");
  std::map<int64_t, Lineage> out;
  for (size_t i = 0; i < ids.size(); ++i)
    out[ids[i]] = {row_ids[i], addrs[i], created[i], updated[i]};
  return out;
}

class RowDelta : public testing::Test {
 protected:
  RowDelta() : session(Must(NewSession())), uri(folder.In("t.lance")) {
    head = Create(session.get(), uri, Numbered(0, 10));
  }

  /// Applies a change given by keys, as the engine would: addresses and row ids come from a scan.
  void Apply(const std::vector<int64_t>& erase, const std::vector<Row>& update,
             const std::vector<Row>& insert) {
    const auto lineage = LineageOf(head.get());
    Delta delta{.updated = update, .inserted = insert};
    for (const int64_t id : erase) delta.gone.push_back(lineage.at(id).addr);
    for (const Row& row : update) {
      delta.gone.push_back(lineage.at(row.id).addr);
      delta.row_ids.push_back(lineage.at(row.id).row_id);
    }
    const Tx tx = Must(StageDelta(head.get(), delta));
    head = Must(Commit(head.get(), tx.get(), tlb_ds_version(head.get()), kTrust));
    tlb_buf report{};
    ASSERT_EQ(tlb_ds_validate(nullptr, head.get(), &report, nullptr), TLB_OK);
    EXPECT_EQ(Taken(report), "{\"ok\":true}");
  }

  Folder folder;
  Session session;
  std::string uri;
  Dataset head;
};

TEST_F(RowDelta, AllThreeInOneVersion) {
  const auto before = LineageOf(head.get());
  Apply({0, 9}, {{3, "three", 33}, {4, "four", 44}}, Numbered(20, 23));
  EXPECT_EQ(tlb_ds_version(head.get()), 2u);
  EXPECT_EQ(RowsOf(head.get()), (std::vector<Row>{{1, "n1", 0.5},
                                                  {2, "n2", 1},
                                                  {3, "three", 33},
                                                  {4, "four", 44},
                                                  {5, "n5", 2.5},
                                                  {6, "n6", 3},
                                                  {7, "n7", 3.5},
                                                  {8, "n8", 4},
                                                  {20, "n20", 10},
                                                  {21, "n21", 10.5},
                                                  {22, "n22", 11}}));
  const auto after = LineageOf(head.get());
  for (const int64_t id : {1, 2, 3, 4, 8})
    EXPECT_EQ(after.at(id).row_id, before.at(id).row_id) << id;
  EXPECT_NE(after.at(3).addr, before.at(3).addr) << "an updated row moves";
  for (const int64_t id : {1, 3, 4}) EXPECT_EQ(after.at(id).created, 1u) << id;
  EXPECT_EQ(after.at(1).updated, 1u);
  EXPECT_EQ(after.at(3).updated, 2u);
  for (const int64_t id : {20, 21, 22}) {
    EXPECT_EQ(after.at(id).created, 2u) << id;
    EXPECT_EQ(after.at(id).updated, 2u) << id;
    EXPECT_GE(after.at(id).row_id, 10u) << "fresh ids continue the table's counter";
  }
  EXPECT_EQ(Number(Info(head.get()), "next_row_id"), 13);
}

TEST_F(RowDelta, CreatedAtSurvivesSecondAndThirdUpdate) {
  Apply({}, {{5, "a", 1}}, Numbered(30, 31));
  Apply({}, {{5, "b", 2}, {30, "x", 3}}, {});
  Apply({7}, {{5, "c", 3}, {30, "y", 4}}, Numbered(40, 41));
  const auto lineage = LineageOf(head.get());
  EXPECT_EQ(lineage.at(5).created, 1u);
  EXPECT_EQ(lineage.at(5).updated, 4u);
  EXPECT_EQ(lineage.at(5).row_id, 5u);
  EXPECT_EQ(lineage.at(30).created, 2u);
  EXPECT_EQ(lineage.at(30).updated, 4u);
  EXPECT_EQ(lineage.at(40).created, 4u);
  EXPECT_EQ(lineage.at(40).updated, 4u);
}

TEST_F(RowDelta, AFragmentThatLosesAllItsRowsIsRemoved) {
  Apply({0, 1, 2, 3, 4}, {{5, "5", 5}, {6, "6", 6}, {7, "7", 7}, {8, "8", 8}, {9, "9", 9}}, {});
  const auto lineage = LineageOf(head.get());
  ASSERT_EQ(lineage.size(), 5u);
  for (const auto& [id, row] : lineage) {
    EXPECT_EQ(row.row_id, static_cast<uint64_t>(id));
    EXPECT_EQ(row.created, 1u)
        << "the origin is known although its fragment goes away in the same commit";
    EXPECT_EQ(row.updated, 2u);
  }
  EXPECT_FALSE(Contains(Info(head.get()), "\"id\":0,\"physical_rows\""));
  // The whole table once more: no fragment of version 1 or 2 is left.
  Apply({}, {{5, "z", 0}, {6, "z", 0}, {7, "z", 0}, {8, "z", 0}, {9, "z", 0}}, {});
  EXPECT_EQ(LineageOf(head.get()).at(5).created, 1u);
  Apply({5, 6, 7, 8, 9}, {}, {});
  EXPECT_TRUE(RowsOf(head.get()).empty());
  Apply({}, {}, Numbered(50, 51));
  EXPECT_EQ(LineageOf(head.get()).at(50).row_id, 10u);
}

/// The classes of the change feed, as the two version columns define them between versions 1 and 3.
TEST_F(RowDelta, TheFeedCanTellInsertedFromUpdated) {
  Apply({1}, {{2, "two", 2}}, Numbered(60, 61));
  Apply({3}, {{60, "sixty", 6}}, Numbered(70, 71));
  const auto changed = [&](const std::string& filter) {
    auto table = Must(Scan(head.get(), R"({"columns":["id"],"filter_sql":")" + filter + "\"}"));
    auto ids = Ints(table, "id");
    std::sort(ids.begin(), ids.end());
    return ids;
  };
  EXPECT_EQ(changed("_row_created_at_version > 1"), (std::vector<int64_t>{60, 70}));
  EXPECT_EQ(changed("_row_created_at_version <= 1 AND _row_last_updated_at_version > 1"),
            (std::vector<int64_t>{2}));
  EXPECT_EQ(changed("_row_last_updated_at_version > 2"), (std::vector<int64_t>{60, 70}));
}

TEST_F(RowDelta, EachKindAlone) {
  Apply({}, {}, Numbered(20, 22));
  EXPECT_EQ(RowsOf(head.get()).size(), 12u);
  Apply({20, 3}, {}, {});
  EXPECT_EQ(RowsOf(head.get()).size(), 10u);
  Apply({}, {{4, "four", 4}}, {});
  EXPECT_EQ(Ids(head.get(), R"({"op":"=","column":"name","value":"four","type":"utf8"})"),
            (std::vector<int64_t>{4}));
  const Tx nothing = Must(StageDelta(head.get(), {}));
  EXPECT_TRUE(Contains(TxInfo(nothing.get()), "\"empty\":true"));
}

TEST_F(RowDelta, OrderOfRowIdsFollowsTheStreamAcrossFiles) {
  std::vector<Row> many;
  for (int64_t i = 0; i < 1000; ++i) many.push_back({1000 + i, "m", 0});
  Apply({}, {}, many);
  const auto before = LineageOf(head.get());
  Delta delta;
  for (int64_t i = 999; i >= 0; --i) {
    delta.updated.push_back({1000 + i, "moved", 1});
    delta.gone.push_back(before.at(1000 + i).addr);
    delta.row_ids.push_back(before.at(1000 + i).row_id);
  }
  ArrowArrayStream updated;
  Export(Batch(delta.updated), &updated);
  tlb_tx* raw = nullptr;
  Error error;
  const int32_t code = tlb_stage_delta(
      nullptr, head.get(), delta.gone.data(), delta.gone.size(), &updated, delta.row_ids.data(),
      delta.row_ids.size(), nullptr, Text(R"({"max_rows_per_file":300})"), &raw, error.out());
  const Outcome outcome = error.Of(code);
  ASSERT_EQ(outcome.code, TLB_OK) << outcome.message;
  head = Must(Commit(head.get(), Tx(raw).get(), 2, kTrust));
  const auto after = LineageOf(head.get());
  for (const auto& [id, row] : after) EXPECT_EQ(row.row_id, before.at(id).row_id) << id;
}

TEST_F(RowDelta, BadChangesAreRefusedAndLeaveNoFile) {
  const auto before = FilesBelow(uri);
  const std::vector<Row> one = {{3, "x", 0}};
  ExpectCode(TLB_E_INVALID, StageDelta(head.get(), {.gone = {99}}));
  ExpectCode(TLB_E_INVALID, StageDelta(head.get(), {.gone = {uint64_t{7} << 32}}));
  ExpectCode(TLB_E_INVALID, StageDelta(head.get(), {.gone = {1, 1}}));
  ExpectCode(TLB_E_INVALID, StageDelta(head.get(), {.gone = {3}, .updated = one}));
  ExpectCode(TLB_E_INVALID,
             StageDelta(head.get(), {.gone = {3}, .updated = one, .row_ids = {3, 4}}));
  ExpectCode(TLB_E_INVALID, StageDelta(head.get(), {.gone = {3}, .updated = one, .row_ids = {4}}));
  ExpectCode(TLB_E_INVALID, StageDelta(head.get(), {.updated = one, .row_ids = {3}}));
  ExpectCode(TLB_E_INVALID, StageDelta(head.get(), {.gone = {3}, .row_ids = {3}}));
  ExpectCode(TLB_E_INVALID, StageDelta(head.get(), {.gone = {3, 4},
                                                    .updated = {{3, "x", 0}, {3, "y", 0}},
                                                    .row_ids = {3, 3}}));
  EXPECT_EQ(FilesBelow(uri), before);
  Apply({3}, {}, {});
  ExpectCode(TLB_E_INVALID, StageDelta(head.get(), {.gone = {3}}));
}

/// The encoded delta lands with the same rows, row ids and versions wherever and however often it
/// is redone.
TEST_F(RowDelta, RedoIsDeterministic) {
  const Delta delta = {
      .gone = {2, 5}, .updated = {{5, "five", 5}}, .row_ids = {5}, .inserted = Numbered(80, 83)};
  const Tx tx = Must(StageDelta(head.get(), delta));
  const std::string encoded = Must(Encode(tx.get()));
  const Dataset first = Must(Commit(head.get(), tx.get(), 1, kTrust));
  const Tx copy = Must(Decode(encoded));
  const Dataset second = Must(Commit(head.get(), copy.get(), 1));
  const auto a = LineageOf(first.get());
  const auto b = LineageOf(second.get());
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [id, row] : a) {
    EXPECT_EQ(row.row_id, b.at(id).row_id);
    EXPECT_EQ(row.addr, b.at(id).addr);
    EXPECT_EQ(row.updated, b.at(id).updated);
  }
  EXPECT_EQ(a.at(80).row_id, 10u);
  EXPECT_EQ(tlb_ds_version(Must(Open(session.get(), uri)).get()), 2u);
}

TEST_F(RowDelta, StagedDeleteByFilter) {
  const Tx tx = Must(StageDelete(head.get(), "id >= 7 OR name = 'n0'"));
  EXPECT_EQ(Number(TxInfo(tx.get()), "rows_gone"), 4);
  EXPECT_EQ(RowsOf(Must(Open(session.get(), uri)).get()).size(), 10u) << "staged is not visible";
  head = Must(Commit(head.get(), tx.get(), 1, kTrust));
  EXPECT_EQ(RowsOf(head.get()), Numbered(1, 7));
  EXPECT_TRUE(Contains(TxInfo(Must(StageDelete(head.get(), "id > 1000")).get()), "\"empty\":true"));
  const Tx all = Must(StageDelete(head.get(), "true"));
  EXPECT_EQ(Number(TxInfo(all.get()), "rows_gone"), 6);
  EXPECT_TRUE(RowsOf(Must(Commit(head.get(), all.get(), 2, kTrust)).get()).empty());
  ExpectCode(TLB_E_INVALID, StageDelete(head.get(), " "));
  ExpectCode(TLB_E_SCHEMA, StageDelete(head.get(), "nobody = 1"));
}

}  // namespace
}  // namespace tarn::guard
