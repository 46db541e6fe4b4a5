// invariant: log-1, log-2, log-3, log-4, log-5

#include "tarn/catalog/manifest_log.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/catalog/digest.h"
#include "tarn/catalog/fold.h"
#include "tarn/catalog/layout.h"

namespace tarn::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Id(char last) { return std::string("01ARZ3NDEKTSV4RRFFQ69G5FA") + last; }

TableEntry Table(char id, std::string name, uint64_t version) {
  return {.id = Id(id),
          .type_name = std::move(name),
          .location = TableLocation(Id(id)),
          .version = version};
}
CommitRecord Commit(char id, char parent = 0) {
  CommitRecord commit;
  commit.id = Id(id);
  if (parent != 0) commit.parent_id = Id(parent);
  return commit;
}
const SchemaEntry kSchema{Id('S'), Sha256Hex("s"), Sha256Hex("t"), Sha256Hex("u")};

std::vector<ManifestRow> Rows(uint64_t seq, std::vector<RowContent> contents) {
  std::vector<ManifestRow> rows;
  for (const RowContent& content : contents) rows.push_back(EncodeRow(seq, content));
  return rows;
}
std::vector<ManifestRow> First() {
  return Rows(1, {WarehouseEntry{Id('W'), 2}, kSchema, Table('A', "Person", 1), Commit('1')});
}
ManifestLog Fresh() {
  ManifestLog log;
  EXPECT_TRUE(log.Advance(1, First()).ok());
  return log;
}
std::vector<std::string> Versions(const ManifestState& state) {
  std::vector<std::string> versions;
  for (const auto& [id, table] : state.tables)
    versions.push_back(fmt::format("{}@{}", table.type_name, table.version));
  return versions;
}

TEST(ManifestLog, TheNewestRowOfAKeyIsCurrentAndThePastStays) {
  ManifestLog log = Fresh();
  ASSERT_TRUE(log.Advance(2, Rows(2, {Table('A', "Person", 2), Table('B', "Place", 1),
                                      Commit('2', '1'), RequestEntry{"r", Id('2')}}))
                  .ok());
  ASSERT_TRUE(log.Advance(4, Rows(4, {DroppedTable{Id('A')}, Commit('3', '2')})).ok());
  EXPECT_EQ(log.version(), 4u);
  EXPECT_THAT(Versions(log.state()), ElementsAre("Place@1"));
  EXPECT_THAT(Versions(log.StateAt(*log.FindCommit(Id('2')))), ElementsAre("Person@2", "Place@1"));
  EXPECT_THAT(Versions(log.StateAt(*log.FindCommit(Id('1')))), ElementsAre("Person@1"));
  EXPECT_EQ(log.StateAt(*log.FindCommit(Id('1'))).version, 1u);
  EXPECT_EQ(log.FindRequest("r")->commit.id, Id('2'));
  EXPECT_FALSE(log.FindRequest("s"));
  EXPECT_EQ(log.FindCommit(Id('9')), nullptr);
  EXPECT_THAT(log.FindByPrefix("01ARZ3NDEKTSV4RRFFQ69G5FA2"), ElementsAre(Id('2')));
  EXPECT_EQ(log.FindByPrefix("01ARZ3ND").size(), 2u);
}

TEST(ManifestLog, OrderAndRepetitionOfWhatIsReadDoNotMatter) {
  std::vector<ManifestRow> all = First();
  for (const ManifestRow& row : Rows(2, {Table('A', "Person", 2), Commit('2', '1')}))
    all.push_back(row);
  std::reverse(all.begin(), all.end());
  ManifestLog log;
  ASSERT_TRUE(log.Advance(2, all).ok());
  ASSERT_TRUE(log.Advance(2, all).ok());
  ASSERT_TRUE(log.Advance(3, all).ok());  // a version without rows: content-preserving upkeep
  EXPECT_THAT(Versions(log.state()), ElementsAre("Person@2"));
  EXPECT_EQ(log.commits().size(), 2u);
  EXPECT_EQ(log.version(), 3u);
  ASSERT_TRUE(log.Advance(4, Rows(4, {Commit('3', '2')})).ok());
}

BranchEntry Branch(std::string name, bool closing = false) {
  return {.name = std::move(name), .id = Id('B'), .from = Id('1'), .first = 1, .closing = closing};
}

// Names move the manifest, not the head.
TEST(ManifestLog, NamesMakeNoCommit) {
  ManifestLog log = Fresh();
  ASSERT_TRUE(
      log.Advance(2, Rows(2, {Branch("b"), TagEntry{.name = "t", .commit = Id('1')}})).ok());
  EXPECT_EQ(log.version(), 2u);
  EXPECT_EQ(log.commits().size(), 1u);
  EXPECT_EQ(log.state().branches.at("b").id, Id('B'));
  EXPECT_EQ(log.state().tags.at("t").commit, Id('1'));
  ASSERT_TRUE(log.Advance(3, Rows(3, {Commit('2', '1')})).ok());
  EXPECT_EQ(log.Advance(4, Rows(4, {Branch("b")})).id(), ErrorId::kCorruptData) << "taken";
  ASSERT_TRUE(log.Advance(4, Rows(4, {Branch("b", true)})).ok());
  EXPECT_TRUE(log.state().branches.at("b").closing);
  ASSERT_TRUE(log.Advance(5, Rows(5, {DroppedBranch{"b"}, DroppedTag{"t"}})).ok());
  ASSERT_TRUE(log.Advance(6, Rows(6, {Branch("b")})).ok()) << "free again";
  EXPECT_TRUE(log.state().tags.empty());
}

TEST(ManifestLog, NothingFollowsTheEndOfALine) {
  const Line line{.id = Id('B'), .name = "b", .first = 1};
  ManifestLog log = Fresh();
  ASSERT_TRUE(log.Advance(2, Rows(2, {LineEntry{.line = line}, Commit('2', '1')})).ok());
  ASSERT_TRUE(log.Advance(3, Rows(3, {LineEntry{.line = line, .closed = true}})).ok());
  EXPECT_TRUE(log.state().line.closed);
  EXPECT_THAT(log.Advance(4, Rows(4, {Commit('3', '2')})).message(), HasSubstr("closed"));
}

TEST(ManifestLog, BrokenHistoriesAreRefusedWhole) {
  struct Case {
    const char* why;
    std::vector<ManifestRow> rows;
  };
  std::vector<ManifestRow> twice = Rows(2, {Table('A', "Person", 2), Commit('2', '1')});
  twice.push_back(twice[0]);
  for (const Case& broken : std::vector<Case>{
           {"there twice", twice},
           {"no commit", Rows(2, {Table('A', "Person", 2)})},
           {"no commit", Rows(2, {Table('A', "Person", 2), Branch("b")})},
           {"nothing of this name", Rows(2, {DroppedBranch{"b"}})},
           {"nothing of this name", Rows(2, {DroppedTag{"t"}})},
           {"nothing of this name", Rows(2, {Branch("b", true)})},
           {"another commit", Rows(2, {Commit('2', '1'), Commit('3', '1')})},
           {"not the commit before", Rows(2, {Commit('2')})},
           {"not the commit before", Rows(2, {Commit('3', '2')})},
           {"there already", Rows(2, {Commit('1', '1')})},
           {"ends at version 2", Rows(3, {Commit('2', '1')})},
           {"another warehouse", Rows(2, {WarehouseEntry{Id('X'), 2}, Commit('2', '1')})},
           {"an older format", Rows(2, {WarehouseEntry{Id('W'), 1}, Commit('2', '1')})},
           {"no such table", Rows(2, {DroppedTable{Id('Z')}, Commit('2', '1')})},
           {"another table of node:Person", Rows(2, {Table('B', "Person", 1), Commit('2', '1')})},
       }) {
    ManifestLog log = Fresh();
    const Status status = log.Advance(2, broken.rows);
    EXPECT_EQ(status.id(), ErrorId::kCorruptData) << broken.why;
    EXPECT_THAT(status.message(), HasSubstr(broken.why));
    EXPECT_EQ(log.version(), 1u);
    EXPECT_THAT(Versions(log.state()), ElementsAre("Person@1"));
  }
  ManifestLog empty;
  EXPECT_THAT(empty.Advance(1, {}).message(), HasSubstr("no rows"));
  EXPECT_THAT(empty.Advance(1, Rows(1, {kSchema, Commit('1')})).message(),
              HasSubstr("no warehouse row"));
  EXPECT_THAT(empty.Advance(1, Rows(1, {WarehouseEntry{Id('W'), 1}, Commit('1')})).message(),
              HasSubstr("no schema row"));
}

/// Four versions, the third of which is a checkpoint.
std::vector<ManifestRow> FourVersions() {
  std::vector<ManifestRow> rows = First();
  const auto add = [&rows](std::vector<ManifestRow> more) {
    rows.insert(rows.end(), more.begin(), more.end());
  };
  add(Rows(2, {Table('B', "Place", 1), Commit('2', '1'), RequestEntry{"r", Id('2')}}));
  ManifestLog log;
  EXPECT_TRUE(log.Advance(2, rows).ok());
  add(CheckpointRows(3, log.state(), Rows(3, {Table('A', "Person", 2), Commit('3', '2')})));
  add(Rows(4, {DroppedTable{Id('B')}, Commit('4', '3')}));
  return rows;
}
std::vector<ManifestRow> From(uint64_t seq, std::vector<ManifestRow> rows) {
  std::erase_if(rows, [seq](const ManifestRow& row) { return row.seq < seq; });
  return rows;
}
std::vector<ManifestRow> Below(uint64_t seq, std::vector<ManifestRow> rows) {
  std::erase_if(rows, [seq](const ManifestRow& row) { return row.seq >= seq; });
  return rows;
}

TEST(ManifestLog, ACheckpointStandsForAllBeforeIt) {
  ManifestLog whole;
  ASSERT_TRUE(whole.Advance(4, FourVersions()).ok());
  ManifestLog log;
  ASSERT_TRUE(log.Advance(4, From(3, FourVersions())).ok());
  EXPECT_EQ(log.floor(), 3u);
  EXPECT_EQ(Versions(log.state()), Versions(whole.state()));
  EXPECT_EQ(log.state().warehouse_id, Id('W'));
  EXPECT_EQ(log.state().schema.id, kSchema.id);
  EXPECT_THAT(Versions(log.StateAt(*log.FindCommit(Id('3')))), ElementsAre("Person@2", "Place@1"));
  EXPECT_EQ(log.FindCommit(Id('2')), nullptr);
  EXPECT_FALSE(log.FindRequest("r"));

  ManifestLog older;
  ASSERT_TRUE(older.Advance(2, Below(3, FourVersions())).ok());
  ASSERT_TRUE(log.Complete(std::move(older)).ok());
  EXPECT_EQ(log.floor(), 1u);
  EXPECT_EQ(log.version(), 4u);
  EXPECT_EQ(log.FindRequest("r")->commit.id, Id('2'));
  for (char id : {'1', '2', '3', '4'}) {
    EXPECT_EQ(Versions(log.StateAt(*log.FindCommit(Id(id)))),
              Versions(whole.StateAt(*whole.FindCommit(Id(id)))));
  }
  ASSERT_TRUE(log.Advance(5, Rows(5, {Commit('5', '4')})).ok());
}

TEST(ManifestLog, APartThatIsNoCheckpointIsRefused) {
  const std::vector<ManifestRow> rows = FourVersions();
  for (const auto& [why, part] : std::vector<std::pair<std::string, std::vector<ManifestRow>>>{
           {"version 2, which is no checkpoint", From(2, rows)},
           {"version 4, which is no checkpoint", From(4, rows)},
           {"5 rows, 6 are promised",
            [&] {
              std::vector<ManifestRow> cut = From(3, rows);
              std::erase_if(cut, [](const ManifestRow& row) { return row.key == "schema"; });
              return cut;
            }()},
       }) {
    ManifestLog log;
    const Status status = log.Advance(4, part);
    EXPECT_EQ(status.id(), ErrorId::kCorruptData) << why;
    EXPECT_THAT(status.message(), HasSubstr(why));
  }
}

TEST(ManifestLog, AHistoryThatDoesNotLeadHereIsRefused) {
  ManifestLog log;
  ASSERT_TRUE(log.Advance(4, From(3, FourVersions())).ok());
  EXPECT_EQ(log.Complete(ManifestLog()).id(), ErrorId::kCorruptData);
  EXPECT_EQ(log.Complete(Fresh()).id(), ErrorId::kCorruptData);
  ManifestLog other = Fresh();
  ASSERT_TRUE(other.Advance(2, Rows(2, {Commit('7', '1')})).ok());
  EXPECT_EQ(log.Complete(other).id(), ErrorId::kCorruptData);
  EXPECT_EQ(log.floor(), 3u);
  EXPECT_EQ(log.commits().size(), 2u);
}

}  // namespace
}  // namespace tarn::catalog
