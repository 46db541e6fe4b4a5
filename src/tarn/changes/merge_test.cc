// Merges of branches, held against a comparison of all rows of the three commits.
//
// req: BRANCH-3 BRANCH-5 BRANCH-6 BRANCH-12

#include <random>
#include <set>

#include "tarn/base/failpoint.h"
#include "tarn/changes/merge.h"
#include "tarn/changes/merge_base.h"
#include "tarn/changes/merge_type.h"
#include "tarn/changes/test_branches.h"
#include "tarn/store/memory_meter.h"
#include "tarn/write/row_commit.h"

namespace tarn::changes {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const char* const kSchema =
    "node P { code: String @key  n: I32?  u: I32? @unique }\n"
    "node Q { code: String @key }\n"
    "edge E: P -> P { w: I32? }\n"
    "edge F: P -> Q @card(0..1)\n";

std::string P(const std::string& code, int n) {
  return fmt::format(R"({{"type":"P","data":{{"code":"{}","n":{}}}}})", code, n) + "\n";
}
std::string U(const std::string& code, int u) {
  return fmt::format(R"({{"type":"P","data":{{"code":"{}","u":{}}}}})", code, u) + "\n";
}
std::string Q(const std::string& code) {
  return fmt::format(R"({{"type":"Q","data":{{"code":"{}"}}}})", code) + "\n";
}
std::string Edge(const std::string& type, const std::string& id, const std::string& from,
                 const std::string& to) {
  return fmt::format(R"({{"edge":"{}","from":"{}","to":"{}","data":{{"id":"{}"}}}})", type, from,
                     to, id) +
         "\n";
}
std::string E(const std::string& id, const std::string& from, const std::string& to, int w) {
  return fmt::format(R"({{"edge":"E","from":"{}","to":"{}","data":{{"id":"{}","w":{}}}}})", from,
                     to, id, w) +
         "\n";
}

class MergeBranches : public ::testing::Test {
 protected:
  void Branch(const std::string& name, const std::string& from = "main") {
    ASSERT_TRUE(graph_.catalog->CreateBranch({}, name, from).ok());
  }
  Result<MergeResult> Merge(const std::string& source, const std::string& target,
                            const MergeOptions& options = {}) {
    return changes::Merge(graph_.request, *graph_.catalog, graph_.clock, source, target, options);
  }
  MergeResult Merged(const std::string& source, const std::string& target,
                     const MergeOptions& options = {}) {
    auto result = Merge(source, target, options);
    EXPECT_TRUE(result.ok()) << result.status().ToString();
    return result.ok() ? std::move(result).value() : MergeResult();
  }
  /// Every conflict as text, of a dry run; the merge itself is refused and changes nothing.
  std::vector<std::string> ConflictsOf(const std::string& source, const std::string& target,
                                       const MergeOptions& options = {}) {
    const std::string head = graph_.Head(target).commit().id;
    MergeOptions dry = options;
    dry.dry_run = true;
    std::vector<std::string> texts;
    for (const Conflict& conflict : Merged(source, target, dry).conflicts) {
      texts.push_back(ConflictText(conflict));
    }
    const auto refused = Merge(source, target, options);
    EXPECT_EQ(refused.status().id(), ErrorId::kMergeConflict);
    EXPECT_THAT(refused.status().message(), StartsWith("merge conflicts: "));
    EXPECT_EQ(refused.status().detail()->kind, "merge_conflicts");
    EXPECT_EQ(graph_.Head(target).commit().id, head);
    return texts;
  }
  /// Deletes rows named "node:P a", and the edges at deleted nodes.
  void Delete(const std::string& branch, std::set<std::string> names) {
    const catalog::Snapshot head = graph_.Head(branch);
    for (const auto& [name, line] : graph_.Rows(head)) {
      for (const std::string& gone : std::set(names)) {
        if (!gone.starts_with("node:")) continue;
        const std::string id = gone.substr(gone.find(' ') + 1);
        const bool touches = line.find("\"from\":\"" + id + "\"") != line.npos ||
                             line.find("\"to\":\"" + id + "\"") != line.npos;
        if (name.starts_with("edge:") && touches) names.insert(name);
      }
    }
    write::RowCommit rows(graph_.request, *graph_.catalog, graph_.clock, head);
    for (const std::string& name : names) {
      const auto kind =
          name.starts_with("node:") ? catalog::TableKind::kNode : catalog::TableKind::kEdge;
      const size_t space = name.find(' ');
      const std::string type = name.substr(5, space - 5), id = name.substr(space + 1);
      const Status found = ForEachChange(
          graph_.request, std::nullopt, head, {.types = {type}}, std::nullopt,
          [&](const TypeChanges& told) -> Result<bool> {
            for (const Change& change : told.batch.changes) {
              if (change.id != id || told.type.kind != kind) continue;
              const auto table = head.OpenTable(graph_.request, kind, type).value();
              const auto places = PlacesOf(graph_.request, *table, {change.after_row_id},
                                           kind == catalog::TableKind::kEdge);
              TARN_RETURN_IF_ERROR(places.status());
              TARN_RETURN_IF_ERROR(rows.Delete(kind, type, id, places->front()));
            }
            return true;
          });
      ASSERT_TRUE(found.ok()) << found.ToString();
    }
    const auto landed = rows.Land("delete", std::nullopt);
    ASSERT_TRUE(landed.ok()) << landed.status().ToString();
  }
  std::map<std::string, std::string> Rows(const std::string& branch) {
    return graph_.Rows(graph_.Head(branch));
  }

  Branches graph_{kSchema};
};

TEST_F(MergeBranches, WhatOneSideDidIsTakenOver) {
  graph_.Merge("main", P("a", 1) + P("b", 1) + P("c", 1) + E("e", "a", "b", 1));
  Branch("x");
  graph_.Merge("x", P("a", 2) + P("new", 1) + E("f", "new", "a", 1));
  Delete("x", {"edge:E e"});
  graph_.Merge("main", P("b", 5) + P("other", 1));
  const std::string head = graph_.Head().commit().id;
  const std::string source = graph_.Head("x").commit().id;

  const MergeResult plan = Merged("x", "main", {.dry_run = true});
  EXPECT_EQ(plan.outcome, Outcome::kMerged);
  EXPECT_FALSE(plan.commit.has_value());
  EXPECT_EQ(graph_.Head().commit().id, head) << "a dry run writes nothing";

  const MergeResult result = Merged("x", "main");
  EXPECT_EQ(result.outcome, Outcome::kMerged);
  EXPECT_EQ(result.source, source);
  ASSERT_EQ(result.counts.size(), 2u);
  EXPECT_EQ(result.counts[0].inserted, 1u);
  EXPECT_EQ(result.counts[0].updated, 1u);
  EXPECT_EQ(result.counts[1].inserted, 1u);
  EXPECT_EQ(result.counts[1].deleted, 1u);
  EXPECT_EQ(result.commit->parent_id, head);
  EXPECT_EQ(result.commit->merged_parent_id, source);
  const auto rows = Rows("main");
  EXPECT_THAT(rows.at("node:P a"), HasSubstr("\"n\":2"));
  EXPECT_THAT(rows.at("node:P b"), HasSubstr("\"n\":5"));
  EXPECT_TRUE(rows.contains("node:P new") && rows.contains("node:P other"));
  EXPECT_TRUE(rows.contains("edge:E f") && !rows.contains("edge:E e"));

  EXPECT_EQ(Merged("x", "main").outcome, Outcome::kAlreadyUpToDate);
  EXPECT_EQ(graph_.Head().commit().id, result.commit->id);
  EXPECT_EQ(Merged("main", "x").outcome, Outcome::kFastForward);
  EXPECT_EQ(Rows("x"), Rows("main"));
  EXPECT_EQ(Merged("x", "main").outcome, Outcome::kAlreadyUpToDate);
}

TEST_F(MergeBranches, AWaitingBranchIsPublishedAsAFastForward) {
  graph_.Merge("main", P("a", 1));
  Branch("x");
  EXPECT_EQ(Merged("x", "main").outcome, Outcome::kAlreadyUpToDate) << "it has no commit";
  graph_.Merge("x", P("a", 2) + P("b", 1) + Q("q") + Edge("F", "f", "b", "q"));
  EXPECT_EQ(Merged("x", "main").outcome, Outcome::kFastForward);
  EXPECT_EQ(Rows("x"), Rows("main"));
}

TEST_F(MergeBranches, IntoAnotherBranchThanMain) {
  graph_.Merge("main", P("a", 1));
  Branch("x");
  Branch("y");
  graph_.Merge("x", P("a", 2) + P("b", 1));
  graph_.Merge("y", P("c", 1));
  EXPECT_EQ(Merged("x", "y").outcome, Outcome::kMerged);
  EXPECT_EQ(Rows("y").size(), 3u);
  EXPECT_EQ(Rows("main").size(), 1u);
}

TEST_F(MergeBranches, EveryKindOfConflictOfTwoRows) {
  graph_.Merge("main", P("upd", 1) + P("del", 1) + P("gone", 1) + P("same", 1) + P("both", 1));
  Branch("x");
  graph_.Merge("x", P("upd", 2) + P("del", 2) + P("ins", 1) + P("same", 3) + P("twin", 1));
  Delete("x", {"node:P gone", "node:P both"});
  graph_.Merge("main", P("upd", 3) + P("gone", 2) + P("ins", 2) + P("same", 3) + P("twin", 1));
  Delete("main", {"node:P del", "node:P both"});
  const std::vector<std::string> all = {
      "delete_vs_update of node:P del: deleted on the target, changed on the source",
      "delete_vs_update of node:P gone: deleted on the source, changed on the target",
      "divergent_insert of node:P ins: inserted on both sides with different values",
      "divergent_update of node:P upd: changed on both sides in different ways"};
  EXPECT_EQ(ConflictsOf("x", "main"), all);
  EXPECT_EQ(ConflictsOf("x", "main",
                        {.keep_of = {{"node:P ins", Keep::kOurs}, {"node:P upd", Keep::kTheirs}}}),
            std::vector(all.begin(), all.begin() + 2));

  Branch("ours");
  const auto before = Rows("main");
  Merged("x", "ours", {.keep = Keep::kOurs});
  EXPECT_EQ(Rows("ours"), before);
  Merged("x", "main", {.keep = Keep::kTheirs, .keep_of = {{"node:P upd", Keep::kOurs}}});
  auto wanted = Rows("x");
  wanted["node:P upd"] = before.at("node:P upd");
  EXPECT_EQ(Rows("main"), wanted);
}

TEST_F(MergeBranches, EdgesAtDeletedNodes) {
  graph_.Merge("main", P("a", 1) + P("b", 1) + P("c", 1) + E("old", "a", "b", 1));
  Branch("x");
  Delete("x", {"node:P b"});
  graph_.Merge("main", E("kept", "c", "b", 1));
  EXPECT_THAT(ConflictsOf("x", "main"),
              ElementsAre("orphan_edge of edge:E kept: dst 'b' of P is deleted by the merge"));
  EXPECT_THAT(ConflictsOf("x", "main", {.keep = Keep::kTheirs}), ::testing::SizeIs(1))
      << "two rows are not in conflict here";

  Branch("y");
  Merged("x", "y", {.keep_of = {{"edge:E kept", Keep::kTheirs}}});
  EXPECT_EQ(Rows("y").size(), 2u);
  // The node may stay instead: then the edges that went with it are a choice of their own.
  Merged("x", "main", {.keep_of = {{"node:P b", Keep::kOurs}}});
  EXPECT_TRUE(Rows("main").contains("edge:E kept") && Rows("main").contains("node:P b"));

  // The other way round: the source adds an edge to what the target deleted.
  Branch("z");
  graph_.Merge("z", E("late", "a", "c", 1));
  Delete("main", {"node:P c"});
  EXPECT_THAT(ConflictsOf("z", "main"),
              ElementsAre("orphan_edge of edge:E late: dst 'c' not found in P"));
}

TEST_F(MergeBranches, RulesOfTheMergedRows) {
  graph_.Merge("main", P("a", 1) + Q("q") + Q("r"));
  Branch("x");
  graph_.Merge("x", U("left", 7) + Edge("F", "f1", "a", "q"));
  graph_.Merge("main", U("right", 7) + Edge("F", "f2", "a", "r"));
  EXPECT_THAT(ConflictsOf("x", "main"),
              ElementsAre(HasSubstr("unique_violation of node:P left"),
                          HasSubstr("cardinality_violation of edge:F: @card violation")));
  Merged("x", "main", {.keep_of = {{"node:P left", Keep::kOurs}, {"edge:F f1", Keep::kOurs}}});
  EXPECT_FALSE(Rows("main").contains("node:P left"));
}

TEST_F(MergeBranches, TheBaseIsWhatBothContain) {
  graph_.Merge("main", P("a", 1));
  Branch("x");
  graph_.Merge("x", P("a", 2));
  const std::string first = Merged("x", "main").source;
  graph_.Merge("x", P("a", 3));
  graph_.Merge("main", P("b", 1));
  const MergeResult second = Merged("x", "main");
  EXPECT_EQ(second.base, first) << "not the commit the branch was made of";
  EXPECT_THAT(Rows("main").at("node:P a"), HasSubstr("\"n\":3"));

  // Through a third branch: y has x's changes by way of main.
  Branch("y");
  graph_.Merge("x", P("a", 4));
  graph_.Merge("y", P("y", 1));
  EXPECT_EQ(Merged("x", "y").base, second.source);
  EXPECT_EQ(Merged("y", "main").outcome, Outcome::kFastForward);
  EXPECT_EQ(Merged("x", "main").outcome, Outcome::kAlreadyUpToDate);

  // A branch whose commits were merged may go; what it brought stays known.
  ASSERT_TRUE(graph_.catalog->DeleteBranch({}, "x").ok());
  graph_.Merge("y", P("later", 1));
  EXPECT_EQ(Merged("y", "main").outcome, Outcome::kFastForward);
  EXPECT_EQ(Rows("y"), Rows("main"));
  EXPECT_EQ(Merged("main", "y").outcome, Outcome::kAlreadyUpToDate)
      << "what main has since is y's own";
}

TEST_F(MergeBranches, SomebodyElseCommitsMeanwhile) {
  graph_.Merge("main", P("a", 1));
  Branch("x");
  graph_.Merge("x", P("b", 1));
  int turns = 0;
  const Status armed = ArmFailpoint("merge.before_stage", [&]() -> Status {
    if (turns++ == 0) graph_.Merge("main", P("c", 1));
    return Status::Ok();
  });
  ASSERT_TRUE(armed.ok());
  const MergeResult result = Merged("x", "main");
  DisarmAllFailpoints();
  EXPECT_EQ(turns, 2);
  EXPECT_EQ(result.outcome, Outcome::kMerged);
  EXPECT_EQ(Rows("main").size(), 3u);
}

TEST_F(MergeBranches, WhatCannotBe) {
  graph_.Merge("main", P("a", 1));
  EXPECT_EQ(Merge("main", "main").status().id(), ErrorId::kInvalidArgument);
  EXPECT_EQ(Merge("nowhere", "main").status().id(), ErrorId::kBranchNotFound);
  EXPECT_EQ(Merge("main", "nowhere").status().id(), ErrorId::kBranchNotFound);
  Branch("x");
  std::string text;
  for (int i = 0; i < 2000; ++i) text += P(fmt::format("p{}", i), i);
  graph_.Merge("x", text);
  graph_.Merge("main", P("b", 1));
  MemoryBudget budget(64 << 10);
  graph_.request.budget = &budget;
  const Status refused = Merge("x", "main").status();
  graph_.request.budget = nullptr;
  EXPECT_EQ(refused.id(), ErrorId::kMemoryBudget);
  EXPECT_EQ(budget.bytes_used(), 0);
  EXPECT_EQ(Rows("main").size(), 2u);
}

TEST_F(MergeBranches, NewRowsOfAnySizeAreFastForwardedWithinASmallBudget) {
  graph_.Merge("main", P("a", 1));
  Branch("x");
  std::string text;
  for (int i = 0; i < 2000; ++i) text += P(fmt::format("p{}", i), i);
  graph_.Merge("x", text);
  MemoryBudget budget(64 << 10);
  graph_.request.budget = &budget;
  EXPECT_EQ(Merged("x", "main").outcome, Outcome::kFastForward);
  graph_.request.budget = nullptr;
  EXPECT_EQ(Rows("x"), Rows("main"));
}

/// What a merge has to make of three states, row by row.
struct Expected {
  std::map<std::string, std::string> rows;
  std::set<std::string> conflicts;  // "divergent_update node:P a"
};
Expected NaiveMerge(const std::map<std::string, std::string>& base,
                    const std::map<std::string, std::string>& source,
                    const std::map<std::string, std::string>& target) {
  Expected expected{.rows = target, .conflicts = {}};
  std::set<std::string> names;
  for (const auto* side : {&base, &source, &target}) {
    for (const auto& [name, line] : *side) names.insert(name);
  }
  const auto at = [](const std::map<std::string, std::string>& rows, const std::string& name) {
    const auto found = rows.find(name);
    return found == rows.end() ? std::string() : found->second;
  };
  for (const std::string& name : names) {
    const std::string b = at(base, name), s = at(source, name), t = at(target, name);
    if (s == b || s == t) continue;
    if (t == b) {
      if (s.empty()) {
        expected.rows.erase(name);
      } else {
        expected.rows[name] = s;
      }
      continue;
    }
    const char* const kind = b.empty()                ? "divergent_insert "
                             : s.empty() || t.empty() ? "delete_vs_update "
                                                      : "divergent_update ";
    expected.conflicts.insert(kind + name);
  }
  for (const auto& [name, line] : expected.rows) {
    if (!name.starts_with("edge:")) continue;
    for (const char* end : {"\"from\":\"", "\"to\":\""}) {
      const size_t begin = line.find(end) + std::string(end).size();
      const std::string node = "node:P " + line.substr(begin, line.find('"', begin) - begin);
      if (!expected.rows.contains(node)) expected.conflicts.insert("orphan_edge " + name);
    }
  }
  return expected;
}

TEST(MergeOfRandomHistories, IsWhatThreeWaysOfAllRowsGive) {
  int merged = 0, refused = 0;
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    std::mt19937 random(seed);
    const auto any = [&](size_t below) { return static_cast<uint32_t>(random() % below); };
    Branches graph(kSchema);
    std::vector<std::string> branches = {"main"};
    for (int step = 0; step < 40; ++step) {
      const std::string branch = branches[any(branches.size())];
      if (branches.size() < 4 && any(8) == 0) {
        branches.push_back(fmt::format("b{}", step));
        ASSERT_TRUE(graph.catalog->CreateBranch({}, branches.back(), branch).ok());
        continue;
      }
      const std::string other = branches[any(branches.size())];
      if (other == branch || any(3) != 0) {
        std::string text;
        for (uint32_t i = 0; i <= any(4); ++i) text += P(fmt::format("p{}", any(9)), any(3));
        const bool overwrites = any(4) == 0;  // what is not in it is deleted
        if (any(2) == 0) {
          text += P("p0", any(3)) + P(fmt::format("q{}", any(2)), 1) + P("q0", 1) + P("q1", 1);
          text += E(fmt::format("e{}", any(5)), fmt::format("q{}", any(2)), "p0", any(3));
        }
        (void)graph.Load(branch, overwrites ? write::LoadMode::kOverwrite : write::LoadMode::kMerge,
                         text);
        continue;
      }
      const catalog::Snapshot source = graph.Head(branch), target = graph.Head(other);
      const Relation relation = Relate(graph.request, *graph.catalog, source, target).value();
      const Expected expected =
          NaiveMerge(graph.Rows(graph.At(relation.base)), graph.Rows(source), graph.Rows(target));
      const auto found =
          Merge(graph.request, *graph.catalog, graph.clock, branch, other, {.dry_run = true});
      ASSERT_TRUE(found.ok()) << found.status().ToString();
      std::set<std::string> conflicts;
      for (const Conflict& conflict : found->conflicts) {
        conflicts.insert(fmt::format("{} {}", ConflictName(conflict.kind),
                                     RowName(conflict.type, conflict.id.value_or(""))));
      }
      const std::string where = fmt::format("seed {}, step {}", seed, step);
      if (!relation.has_source) {
        ASSERT_EQ(conflicts, expected.conflicts) << where;
      }
      const auto result = Merge(graph.request, *graph.catalog, graph.clock, branch, other, {});
      if (relation.has_source || expected.conflicts.empty()) {
        ASSERT_TRUE(result.ok()) << where << result.status().ToString();
        ASSERT_EQ(graph.Rows(graph.Head(other)),
                  relation.has_source ? graph.Rows(target) : expected.rows)
            << where;
        ++merged;
      } else {
        ASSERT_EQ(result.status().id(), ErrorId::kMergeConflict) << where;
        ASSERT_EQ(graph.Head(other).commit().id, target.commit().id) << where;
        ++refused;
      }
    }
  }
  EXPECT_GT(merged, 20);
  EXPECT_GT(refused, 10);
}

// A merge reads what the source changed, whatever the warehouse holds and whatever its history is.
TEST(MergeCost, IsThatOfTheChange) {
  std::vector<uint64_t> calls;
  for (int rows : {50, 2000}) {
    Branches graph(kSchema);
    std::string text;
    for (int i = 0; i < rows; ++i) text += P(fmt::format("p{}", i), 1);
    graph.Merge("main", text);
    ASSERT_TRUE(graph.catalog->CreateBranch({}, "x", "main").ok());
    graph.Merge("x", P("p7", 2) + P("new", 1));
    graph.Merge("main", Q("q"));
    auto meter = store::NewMemoryMeter();
    graph.request.meter = meter.get();
    ASSERT_TRUE(Merge(graph.request, *graph.catalog, graph.clock, "x", "main", {}).ok());
    graph.request.meter = nullptr;
    calls.push_back(meter->Read().reads() + meter->Read().writes());
  }
  EXPECT_EQ(calls[0], calls[1]);
}

}  // namespace
}  // namespace tarn::changes
