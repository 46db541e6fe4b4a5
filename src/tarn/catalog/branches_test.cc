// Branches and tags: what they see, what they cost, who is refused, and what a crash leaves.

#include <gmock/gmock.h>

#include "tarn/catalog/test_world.h"

namespace tarn::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Calls = std::map<std::string, uint64_t>;

class BranchesTest : public ::testing::Test {
 protected:
  BranchesTest() {
    EXPECT_TRUE(process_.Init().ok());
    catalog_ = process_.Open().value();
    Add("main", "ada");
  }
  void Add(const std::string& branch, const std::string& name) {
    const auto added = AddNodes(process_, *catalog_, {{"Person", {name}}}, 1, branch);
    EXPECT_TRUE(added.ok()) << added.status().ToString();
  }
  std::vector<std::string> People(const std::string& branch) {
    auto head = catalog_->Head({}, branch);
    EXPECT_TRUE(head.ok()) << head.status().ToString();
    return head.ok() ? Ids(*head, "Person") : std::vector<std::string>();
  }
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const BranchEntry& branch : catalog_->Branches({}).value()) names.push_back(branch.name);
    return names;
  }
  store::Cost CostOf(const std::function<void()>& work) {
    auto meter = store::NewMemoryMeter();
    process_.request.meter = meter.get();
    work();
    process_.request.meter = nullptr;
    return meter->Read();
  }
  Status Create(const std::string& name, const std::string& from = "main") {
    return catalog_->CreateBranch(process_.request, name, from).status();
  }
  Status Delete(const std::string& name) {
    return catalog_->DeleteBranch(process_.request, name).status();
  }

  World world_;
  Process process_{world_, 1};
  std::unique_ptr<Catalog> catalog_;
};

// req: BRANCH-1 BRANCH-2
TEST_F(BranchesTest, GoTheirOwnWay) {
  const std::string head = catalog_->Head({})->commit().id;
  ASSERT_TRUE(Create("review").ok());
  EXPECT_EQ(catalog_->Head({})->commit().id, head) << "a branch is no commit";
  EXPECT_EQ(catalog_->Head({}, "review")->commit().id, head);
  EXPECT_THAT(People("review"), ElementsAre(Q("ada")));
  Add("review", "bob");
  Add("main", "eve");
  Add("review", "gil");
  EXPECT_THAT(People("review"), ElementsAre(Q("ada"), Q("bob"), Q("gil")));
  EXPECT_THAT(People("main"), ElementsAre(Q("ada"), Q("eve")));
  const TableEntry* table =
      catalog_->Head({}, "review")->manifest().FindTable(TableKind::kNode, "Person");
  EXPECT_TRUE(IsLocationOf(table->location, table->id));
  EXPECT_NE(table->location, TableLocation(table->id)) << "forked";
  const TableEntry* untouched =
      catalog_->Head({}, "review")->manifest().FindTable(TableKind::kNode, "Place");
  EXPECT_EQ(untouched->location, TableLocation(untouched->id)) << "shared until it is written to";

  Process other(world_, 9);
  auto reader = other.Open(Access::kReadOnly).value();
  EXPECT_THAT(Ids(reader->Head({}, "review").value(), "Person"),
              ElementsAre(Q("ada"), Q("bob"), Q("gil")));
}

TEST_F(BranchesTest, OfBranchesOfThePastAndOfTags) {
  const std::string first = catalog_->Commits({})->back().id;
  ASSERT_TRUE(Create("review").ok());
  Add("review", "bob");
  ASSERT_TRUE(Create("deeper", "review").ok());
  Add("deeper", "eve");
  Add("review", "gil");
  ASSERT_TRUE(Create("empty", first).ok());
  ASSERT_TRUE(Create("second", "v2").ok());
  ASSERT_TRUE(catalog_->CreateTag({}, "t", "deeper").ok());
  ASSERT_TRUE(Create("tagged", "t").ok());
  EXPECT_THAT(People("deeper"), ElementsAre(Q("ada"), Q("bob"), Q("eve")));
  EXPECT_THAT(People("tagged"), ElementsAre(Q("ada"), Q("bob"), Q("eve")));
  EXPECT_THAT(People("empty"), IsEmpty());
  EXPECT_THAT(People("second"), ElementsAre(Q("ada")));
  Add("tagged", "kim");
  EXPECT_THAT(People("deeper"), ElementsAre(Q("ada"), Q("bob"), Q("eve")));
  EXPECT_EQ(Create("x", "nowhere").id(), ErrorId::kBranchNotFound);

  // Histories hold what was before, newest first, with numbers that only grow.
  const auto history = catalog_->Commits({}, "tagged").value();
  ASSERT_EQ(history.size(), 5u);
  EXPECT_EQ(history.back().id, first);
  for (size_t i = 1; i < history.size(); ++i) {
    EXPECT_EQ(history[i - 1].parent_id, history[i].id);
    EXPECT_GT(history[i - 1].manifest_version, history[i].manifest_version);
  }
  EXPECT_EQ(history[0].branch, "tagged");
  EXPECT_EQ(history[1].branch, "deeper");
  EXPECT_EQ(history[2].branch, "review");
  // Every commit is found by its id from everywhere, and is what it was.
  Process other(world_, 9);
  auto reader = other.Open(Access::kReadOnly).value();
  for (size_t i = 0; i < history.size(); ++i) {
    auto at = reader->At({}, history[i].id);
    ASSERT_TRUE(at.ok()) << at.status().ToString();
    EXPECT_EQ(Ids(*at, "Person").size(), 4 - i);
    EXPECT_EQ(at->manifest().line.name, history[i].branch);
    EXPECT_EQ(
        reader->AsOf({}, "tagged", fmt::format("v{}", history[i].manifest_version))->commit().id,
        history[i].id);
    EXPECT_EQ(
        reader->AsOf({}, "tagged", "@" + FormatMicros(history[i].created_at_micros))->commit().id,
        history[i].id);
  }
  EXPECT_EQ(reader->AsOf({}, "main", "t")->commit().id, history[1].id);
  EXPECT_EQ(reader->AsOf({}, "main", "manifest:tagged:v5:etag:x")->commit().id, history[0].id);
}

TEST_F(BranchesTest, AHistoryHoldsWhatOthersWroteInBetween) {
  ASSERT_TRUE(Create("review").ok());
  Process elsewhere(world_, 9);
  auto other = elsewhere.Open().value();
  ASSERT_TRUE(other->Head({}, "review").ok());  // known there from here on
  Add("review", "bob");
  ASSERT_TRUE(Create("deeper", "review").ok());
  EXPECT_EQ(other->Commits({}, "deeper")->size(), 3u);
  EXPECT_EQ(other->AsOf({}, "deeper", "v3")->commit().id,
            catalog_->Head({}, "review")->commit().id);
}

// req: BRANCH-11
TEST_F(BranchesTest, RefsThatMeanNothingAreRefused) {
  for (const char* ref :
       {"v0", "v99", "@1999-01-01", "@soon", "manifest:main:x", "01ARZ3ND", "t"}) {
    EXPECT_EQ(IdOf(catalog_->AsOf({}, "main", ref)), ErrorId::kCommitNotFound) << ref;
  }
  EXPECT_EQ(IdOf(catalog_->AsOf({}, "nowhere", "v1")), ErrorId::kBranchNotFound);
  EXPECT_EQ(IdOf(catalog_->Head({}, "nowhere")), ErrorId::kBranchNotFound);
  EXPECT_EQ(IdOf(catalog_->Commits({}, "nowhere")), ErrorId::kBranchNotFound);
}

// req: BRANCH-10
TEST_F(BranchesTest, NamesAreChecked) {
  for (const char* bad : {"", "  ", "main", " main ", "__schema_apply_lock__", "a//b", "/a", "a/",
                          "a/../b", "a b", "a\\b", "a:b", "\xff"}) {
    EXPECT_EQ(Create(bad).id(), ErrorId::kNameInvalid) << bad;
  }
  EXPECT_EQ(Create(std::string(201, 'x')).id(), ErrorId::kNameInvalid);
  EXPECT_EQ(Delete("__schema_apply_lock__").id(), ErrorId::kNameInvalid);
  EXPECT_EQ(Delete("main").id(), ErrorId::kNameInvalid);
  for (const char* bad : {"v12", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "@now", "a:b", ""}) {
    EXPECT_EQ(IdOf(catalog_->CreateTag({}, bad, "main")), ErrorId::kNameInvalid) << bad;
  }
  ASSERT_TRUE(Create(" fix/größe ").ok());
  EXPECT_THAT(Names(), ElementsAre("fix/größe"));
  for (const char* taken : {"fix/größe", "fix", "fix/größe/x"}) {
    EXPECT_EQ(Create(taken).id(), ErrorId::kBranchExists) << taken;
  }
  EXPECT_TRUE(Create("fixes").ok()) << "no path of it";
}

TEST_F(BranchesTest, WritersOfTwoBranchesNeverConflict) {
  ASSERT_TRUE(Create("review").ok());
  const Snapshot main = catalog_->Head({}).value();
  const Snapshot review = catalog_->Head({}, "review").value();
  CommitPlan one = PlanNodesOn(process_, *catalog_, main, {{"Person", {"bob"}}}).value();
  CommitPlan two = PlanNodesOn(process_, *catalog_, review, {{"Person", {"eve"}}}).value();
  ASSERT_TRUE(Create("other").ok()) << "names move under both";
  EXPECT_TRUE(catalog_->Commit({}, std::move(one)).ok()) << "main's head is what it was";
  EXPECT_TRUE(catalog_->Commit({}, std::move(two)).ok());
  EXPECT_THAT(People("main"), ElementsAre(Q("ada"), Q("bob")));
  EXPECT_THAT(People("review"), ElementsAre(Q("ada"), Q("eve")));
}

TEST_F(BranchesTest, APlanThatIsGivenUpLeavesNoFork) {
  ASSERT_TRUE(Create("review").ok());
  const Snapshot base = catalog_->Head({}, "review").value();
  CommitPlan late = PlanNodesOn(process_, *catalog_, base, {{"Person", {"late"}}}).value();
  const std::string fork = late.effects[0].before.location;
  EXPECT_EQ(world_.Newest(fork), 2u);
  Add("review", "bob");
  EXPECT_EQ(IdOf(catalog_->Commit({}, std::move(late))), ErrorId::kCommitConflict);
  EXPECT_EQ(world_.Newest(fork), 0u);
  EXPECT_THAT(People("review"), ElementsAre(Q("ada"), Q("bob")));
}

// req: BRANCH-7 BRANCH-8
TEST_F(BranchesTest, ADeletedBranchIsGoneAndItsNameIsFree) {
  ASSERT_TRUE(Create("review").ok());
  Add("review", "bob");
  const std::string commit = catalog_->Head({}, "review")->commit().id;
  const Snapshot old = catalog_->Head({}, "review").value();
  CommitPlan late = PlanNodesOn(process_, *catalog_, old, {{"Person", {"late"}}}).value();
  Process elsewhere(world_, 9);
  auto other = elsewhere.Open().value();
  CommitPlan theirs =
      PlanNodesOn(elsewhere, *other, other->Head({}, "review").value(), {{"Person", {"x"}}})
          .value();

  ASSERT_TRUE(Delete("review").ok());
  EXPECT_EQ(Delete("review").id(), ErrorId::kBranchNotFound);
  EXPECT_THAT(Names(), IsEmpty());
  EXPECT_EQ(IdOf(catalog_->Head({}, "review")), ErrorId::kBranchNotFound);
  EXPECT_EQ(IdOf(other->Head({}, "review")), ErrorId::kBranchNotFound);
  EXPECT_EQ(IdOf(catalog_->At({}, commit)), ErrorId::kCommitNotFound);
  EXPECT_EQ(IdOf(catalog_->Commit({}, std::move(late))), ErrorId::kBranchNotFound);
  EXPECT_EQ(IdOf(other->Commit({}, std::move(theirs))), ErrorId::kBranchNotFound)
      << "whoever had found it before is refused";
  EXPECT_THAT(Ids(old, "Person"), ElementsAre(Q("ada"), Q("bob"))) << "a reader keeps what it has";

  ASSERT_TRUE(Create("review").ok());
  EXPECT_THAT(People("review"), ElementsAre(Q("ada"))) << "another branch, not the old one";
  EXPECT_THAT(world_.Intents(), IsEmpty());
}

TEST_F(BranchesTest, WhatStandsOnABranchKeepsIt) {
  ASSERT_TRUE(Create("review").ok());
  ASSERT_TRUE(catalog_->CreateTag({}, "inherited", "review").ok());
  ASSERT_TRUE(Create("deeper", "review").ok());
  Add("review", "bob");
  EXPECT_EQ(Delete("review").id(), ErrorId::kBranchInUse);
  ASSERT_TRUE(Delete("deeper").ok());
  ASSERT_TRUE(catalog_->CreateTag({}, "own", "review").ok());
  const Status refused = Delete("review");
  EXPECT_EQ(refused.id(), ErrorId::kBranchInUse);
  EXPECT_THAT(refused.message(), HasSubstr("'own'")) << "the inherited commit is main's";
  Add("review", "eve");
  ASSERT_TRUE(catalog_->DeleteTag({}, "own").ok());
  EXPECT_TRUE(Delete("review").ok());
  EXPECT_EQ(catalog_->Tags({})->size(), 1u);
  EXPECT_EQ(IdOf(catalog_->CreateTag({}, "inherited", "main")), ErrorId::kTagExists);
  EXPECT_EQ(IdOf(catalog_->DeleteTag({}, "own")), ErrorId::kTagNotFound);
}

TEST_F(BranchesTest, ADeleteThatWasInterruptedIsFinishedByTheNextChange) {
  for (const char* where : {"branch.after_closing", "branch.after_close"}) {
    ASSERT_TRUE(Create("review").ok());
    Add("review", "bob");
    {
      FailpointScope scope;
      scope.Stop(where);
      (void)Delete("review");
    }
    EXPECT_THAT(Names(), IsEmpty()) << where;
    EXPECT_EQ(IdOf(catalog_->Head({}, "review")), ErrorId::kBranchNotFound);
    Process next(world_, 9);
    auto other = next.Open().value();
    ASSERT_TRUE(other->CreateBranch({}, "review", "main").ok()) << where;
    EXPECT_THAT(Ids(other->Head({}, "review").value(), "Person"), ElementsAre(Q("ada")));
    ASSERT_TRUE(other->DeleteBranch({}, "review").ok());
  }
}

TEST_F(BranchesTest, AReadOnlyCatalogChangesNoNames) {
  ASSERT_TRUE(Create("review").ok());
  const auto before = world_.Contents();
  Process other(world_, 9);
  auto reader = other.Open(Access::kReadOnly).value();
  EXPECT_EQ(IdOf(reader->CreateBranch({}, "x", "main")), ErrorId::kReadOnlyWarehouse);
  EXPECT_EQ(IdOf(reader->DeleteBranch({}, "review")), ErrorId::kReadOnlyWarehouse);
  EXPECT_EQ(IdOf(reader->CreateTag({}, "x", "main")), ErrorId::kReadOnlyWarehouse);
  EXPECT_EQ(IdOf(reader->OpenForWrite({}, reader->Head({}, "review").value(), TableKind::kNode,
                                      "Person")),
            ErrorId::kReadOnlyWarehouse);
  EXPECT_EQ(world_.Contents(), before);
}

// req: BRANCH-1: the same few calls whatever the warehouse holds.
TEST_F(BranchesTest, CostTheSameWhateverTheWarehouseHolds) {
  Calls create, remove, read;
  for (int tables : {1, 10, 100}) {
    for (int history : {1, 20}) {
      World world;
      Process process(world, 1);
      std::string schema = "node Person { name: String @key }\n";
      for (int i = 1; i < tables; ++i)
        schema += fmt::format("node Other{} {{ name: String @key }}\n", i);
      ASSERT_TRUE(process.Init(schema).ok());
      auto catalog = process.Open().value();
      for (int i = 1; i < history; ++i)
        ASSERT_TRUE(AddNodes(process, *catalog, {{"Person", {fmt::format("p{}", i)}}}).ok());
      const auto cost = [&](const std::function<bool()>& work) {
        auto meter = store::NewMemoryMeter();
        process.request.meter = meter.get();
        EXPECT_TRUE(work());
        process.request.meter = nullptr;
        return meter->Read().calls;
      };
      const Calls made =
          cost([&] { return catalog->CreateBranch(process.request, "b", "main").ok(); });
      const Calls seen = cost([&] { return catalog->Head(process.request, "b").ok(); });
      const Calls gone = cost([&] { return catalog->DeleteBranch(process.request, "b").ok(); });
      if (create.empty()) {
        create = made;
        read = seen;
        remove = gone;
      }
      EXPECT_EQ(made, create) << tables << " tables, " << history << " commits";
      EXPECT_EQ(seen, read);
      EXPECT_EQ(gone, remove);
    }
  }
  EXPECT_EQ(create, (Calls{{"head/manifest@read", 3},
                           {"list/manifest@stage", 1},
                           {"put/manifest@stage", 2},  // the branch's first state, main's row
                           {"put-if-absent/intent@intent", 1},
                           {"head/manifest@intent", 1},
                           {"put/manifest@effect", 1},
                           {"put-if-absent/manifest@effect", 1},
                           {"put/manifest@publish", 1},
                           {"put-if-absent/manifest@publish", 1},
                           {"delete/intent@cleanup", 1}}));
  EXPECT_EQ(read, (Calls{{"head/manifest@read", 2},
                         {"list/manifest@read", 1},
                         {"get/manifest@read", 2},
                         {"get/schema@read", 1}}));
  EXPECT_EQ(remove, (Calls{{"head/manifest@read", 4},
                           {"put/manifest@stage", 3},  // closing, closed, gone
                           {"put-if-absent/intent@intent", 3},
                           {"head/manifest@intent", 3},
                           {"put/manifest@publish", 3},
                           {"put-if-absent/manifest@publish", 3},
                           {"delete/intent@cleanup", 3}}));
}

}  // namespace
}  // namespace tarn::catalog
