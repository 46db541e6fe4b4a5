// Differences between commits, held against a walk over all rows of both; the feed of a branch.
//
// req: BRANCH-11; invariant: changes 1 to 4

#include <random>

#include <arrow/record_batch.h>

#include "tarn/catalog/digest.h"
#include "tarn/changes/compare.h"
#include "tarn/changes/feed.h"
#include "tarn/changes/test_branches.h"
#include "tarn/changes/token.h"
#include "tarn/store/memory_meter.h"

namespace tarn::changes {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

const char* const kSchema =
    "node P { code: String @key  n: I32?  x: F64? }\n"
    "node Q { code: String @key }\n"
    "edge E: P -> P { w: I32? }\n";

std::string P(const std::string& code, int n) {
  return fmt::format(R"({{"type":"P","data":{{"code":"{}","n":{}}}}})", code, n) + "\n";
}
std::string E(const std::string& id, const std::string& from, const std::string& to, int w) {
  return fmt::format(R"({{"edge":"E","from":"{}","to":"{}","data":{{"id":"{}","w":{}}}}})", from,
                     to, id, w) +
         "\n";
}

std::vector<std::string> ChangesBetween(Branches& graph,
                                        const std::optional<catalog::Snapshot>& before,
                                        const catalog::Snapshot& after, const Filter& filter = {}) {
  std::vector<std::string> changes;
  const Status walked =
      ForEachChange(graph.request, before, after, filter, std::nullopt,
                    [&](const TypeChanges& told) -> Result<bool> {
                      for (const Change& change : told.batch.changes) {
                        changes.push_back(fmt::format("{} {}:{} {}", OpName(change.op),
                                                      catalog::TableKindName(told.type.kind),
                                                      told.type.name, change.id));
                      }
                      return true;
                    });
  EXPECT_TRUE(walked.ok()) << walked.ToString();
  return changes;
}

TEST(CommitDiff, TellsEachRowOnceInOrder) {
  Branches graph(kSchema);
  graph.Merge("main", P("b", 1) + P("a", 1) + P("c", 1) + E("e1", "a", "b", 1));
  const catalog::Snapshot before = graph.Head();
  graph.Merge("main", P("a", 2) + P("d", 1));
  graph.Merge("main", P("a", 3) + E("e0", "a", "d", 1) + E("e1", "a", "b", 2));
  graph.Merge("main", P("b", 1));  // written, not changed
  const catalog::Snapshot after = graph.Head();
  EXPECT_THAT(
      ChangesBetween(graph, before, after),
      ElementsAre("update node:P a", "insert node:P d", "insert edge:E e0", "update edge:E e1"));
  EXPECT_THAT(
      ChangesBetween(graph, after, before),
      ElementsAre("update node:P a", "delete node:P d", "delete edge:E e0", "update edge:E e1"));
  EXPECT_THAT(ChangesBetween(graph, before, before), IsEmpty());
  EXPECT_THAT(
      ChangesBetween(graph, std::nullopt, before),
      ElementsAre("insert node:P a", "insert node:P b", "insert node:P c", "insert edge:E e1"));
  EXPECT_THAT(ChangesBetween(graph, before, after, {.kinds = {catalog::TableKind::kEdge}}),
              ElementsAre("insert edge:E e0", "update edge:E e1"));
  EXPECT_THAT(ChangesBetween(graph, before, after, {.types = {"P"}, .ops = {Op::kInsert}}),
              ElementsAre("insert node:P d"));
  const auto counts = CountChanges(graph.request, before, after, {}).value();
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].inserted + counts[0].updated * 10 + counts[0].deleted * 100, 11u);
}

// On forks equal row ids and fragment ids are different rows.
TEST(CommitDiff, AcrossBranches) {
  Branches graph(kSchema);
  graph.Merge("main", P("a", 1) + P("b", 1));
  ASSERT_TRUE(graph.catalog->CreateBranch({}, "x", "main").ok());
  graph.Merge("x", P("mine", 1));
  graph.Merge("main", P("theirs", 1));
  graph.Merge("x", P("a", 9));
  EXPECT_THAT(ChangesBetween(graph, graph.Head(), graph.Head("x")),
              ElementsAre("update node:P a", "insert node:P mine", "delete node:P theirs"));
}

TEST(CommitDiff, OfRandomHistoriesIsWhatAWalkOverAllRowsFinds) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    std::mt19937 random(seed);
    const auto any = [&](uint32_t below) { return random() % below; };
    Branches graph(kSchema);
    std::vector<std::string> branches = {"main"};
    std::vector<std::string> commits = {graph.Head().commit().id};
    for (int step = 0; step < 24; ++step) {
      const std::string branch = branches[any(branches.size())];
      if (any(6) == 0 && branches.size() < 4) {
        branches.push_back(fmt::format("b{}", step));
        ASSERT_TRUE(graph.catalog->CreateBranch({}, branches.back(), branch).ok());
        continue;
      }
      std::string text;
      for (uint32_t i = 0; i <= any(5); ++i) text += P(fmt::format("p{}", any(12)), any(3));
      const bool overwrites = any(8) == 0;
      if (!overwrites && any(2) == 0) {
        text += P("p0", any(3)) + P("p1", any(3));
        text += E(fmt::format("e{}", any(6)), "p0", "p1", any(3));
      }
      const auto loaded = graph.Load(
          branch, overwrites ? write::LoadMode::kOverwrite : write::LoadMode::kMerge, text);
      if (loaded.ok()) commits.push_back(loaded->commit.id);  // an overwrite may orphan edges
    }
    for (int pair = 0; pair < 40; ++pair) {
      const catalog::Snapshot before = graph.At(commits[any(commits.size())]);
      const catalog::Snapshot after = graph.At(commits[any(commits.size())]);
      ASSERT_THAT(ChangesBetween(graph, before, after),
                  UnorderedElementsAreArray(NaiveChanges(graph.Rows(before), graph.Rows(after))))
          << "seed " << seed << ", " << before.commit().id << " to " << after.commit().id;
    }
  }
}

TEST(CommitDiff, CostsWhatChangedNotWhatIsThere) {
  std::vector<uint64_t> reads;
  for (int rows : {100, 2000}) {
    Branches graph(kSchema);
    std::string text;
    for (int i = 0; i < rows; ++i) text += P(fmt::format("p{}", i), 1);
    graph.Merge("main", text);
    for (int i = 0; i < 5; ++i) graph.Merge("main", P(fmt::format("q{}", i), 1));
    const catalog::Snapshot before = graph.Head();
    graph.Merge("main", P("p7", 2) + P("new", 1));
    const catalog::Snapshot after = graph.Head();
    auto meter = store::NewMemoryMeter();
    graph.request.meter = meter.get();
    EXPECT_EQ(ChangesBetween(graph, before, after).size(), 2u);
    graph.request.meter = nullptr;
    reads.push_back(meter->Read().reads());
  }
  EXPECT_EQ(reads[0], reads[1]);
}

TEST(Compare, PagesAreTheWhole) {
  Branches graph(kSchema);
  graph.Merge("main", P("z", 1));
  const catalog::Snapshot before = graph.Head();
  std::string text;
  for (int i = 0; i < 25; ++i) text += P(fmt::format("p{:02}", i), 1);
  graph.Merge("main", text + E("e1", "p00", "p01", 1) + E("e2", "p00", "p01", 1));
  const catalog::Snapshot after = graph.Head();
  std::vector<std::string> ids;
  std::string token;
  int pages = 0;
  do {
    const auto page = Compare(graph.request, before, after, {}, token, 4);
    ASSERT_TRUE(page.ok()) << page.status().ToString();
    for (const RowChange& change : page->page.changes) ids.push_back(change.id);
    token = page->next_page_token;
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(ids.size(), 27u);
  EXPECT_EQ(pages, 7);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end() - 2));
  EXPECT_EQ(ids.back(), "e2");

  const std::string good = Compare(graph.request, before, after, {}, "", 4)->next_page_token;
  for (const std::string& bad :
       {good + "x", good.substr(1), std::string("x"), std::string(5000, 'x')}) {
    EXPECT_EQ(Compare(graph.request, before, after, {}, bad, 4).status().id(),
              ErrorId::kCursorRejected);
  }
  EXPECT_EQ(Compare(graph.request, after, before, {}, good, 4).status().id(),
            ErrorId::kCursorRejected);
  EXPECT_EQ(Compare(graph.request, before, after, {.types = {"P"}}, good, 4).status().id(),
            ErrorId::kCursorRejected);
  EXPECT_EQ(Compare(graph.request, before, after, {}, "", 0).status().id(),
            ErrorId::kInvalidArgument);
}

TEST(ChangesOf, ACommitAgainstItsParent) {
  Branches graph(kSchema);
  const std::string init = graph.Head().commit().id;
  graph.Merge("main", P("a", 1));
  graph.Merge("main", P("a", 2));
  const auto changes =
      ChangesOf(graph.request, *graph.catalog, graph.Head().commit().id, {}, "", 9);
  ASSERT_TRUE(changes.ok()) << changes.status().ToString();
  ASSERT_EQ(changes->page.changes.size(), 1u);
  const RowChange& change = changes->page.changes[0];
  EXPECT_EQ(change.op, Op::kUpdate);
  EXPECT_FALSE(SameRow(*change.before, 0, *change.after, 0));
  EXPECT_EQ(ChangesOf(graph.request, *graph.catalog, init, {}, "", 9).status().id(),
            ErrorId::kDiffRefused);
}

// ---- the feed

struct Reader {
  Branches& graph;
  FeedRequest next;
  std::vector<std::string> seen;

  /// Polls until it is caught up.
  void CatchUp() {
    for (bool caught_up = false; !caught_up;) {
      const auto page = Poll(graph.request, *graph.catalog, next);
      ASSERT_TRUE(page.ok()) << page.status().ToString();
      for (const FeedBlock& block : page->blocks) {
        for (const RowChange& change : block.page.changes)
          seen.push_back(fmt::format("{} {}", OpName(change.op), change.id));
      }
      next.start = "";
      next.page_token = page->next_page_token;
      next.cursor = page->cursor;
      caught_up = page->caught_up;
    }
  }
};

TEST(Feed, TellsEveryCommitOnceWhateverThePages) {
  Branches graph(kSchema);
  graph.Merge("main", P("a", 1) + P("b", 1) + P("c", 1));
  graph.Merge("main", P("a", 2));
  for (const size_t changes_max : {1, 2, 3, 100}) {
    for (const size_t commits_max : {1, 2, 100}) {
      Reader reader{
          .graph = graph,
          .next = {.start = "beginning", .changes_max = changes_max, .commits_max = commits_max},
          .seen = {}};
      reader.CatchUp();
      EXPECT_THAT(reader.seen, ElementsAre("insert a", "insert b", "insert c", "update a"))
          << changes_max << " changes, " << commits_max << " commits";
    }
  }
  Reader reader{.graph = graph, .next = {}, .seen = {}};
  reader.CatchUp();
  EXPECT_THAT(reader.seen, IsEmpty()) << "now";
  graph.Merge("main", P("d", 1));
  reader.CatchUp();
  graph.Merge("main", P("a", 2));  // changes nothing
  reader.CatchUp();
  EXPECT_THAT(reader.seen, ElementsAre("insert d"));
}

TEST(Feed, ABaselineAndItsCursorAreEverything) {
  Branches graph(kSchema);
  graph.Merge("main", P("a", 1) + P("b", 1) + E("e", "a", "b", 1));
  std::vector<std::string> lines;
  const Filter filter{.types = {"P"}};
  const auto baseline =
      TakeBaseline(graph.request, *graph.catalog, "main", filter, [&](std::string_view line) {
        lines.emplace_back(line);
        return Status::Ok();
      });
  ASSERT_TRUE(baseline.ok()) << baseline.status().ToString();
  EXPECT_EQ(lines.size(), 2u);
  EXPECT_EQ(baseline->commit, graph.Head().commit().id);
  graph.Merge("main", P("c", 1) + E("f", "a", "c", 1));
  Reader reader{.graph = graph, .next = {.cursor = baseline->cursor, .filter = filter}, .seen = {}};
  reader.CatchUp();
  EXPECT_THAT(reader.seen, ElementsAre("insert c"));
}

TEST(Feed, CursorsAreBoundToWarehouseBranchAndFilter) {
  Branches graph(kSchema);
  graph.Merge("main", P("a", 1));
  ASSERT_TRUE(graph.catalog->CreateBranch({}, "x", "main").ok());
  const std::string main = CursorAt(*graph.catalog, graph.Head(), {}).value();
  const std::string branch = CursorAt(*graph.catalog, graph.Head("x"), {}).value();
  const auto poll = [&](FeedRequest feed) { return Poll(graph.request, *graph.catalog, feed); };
  EXPECT_TRUE(poll({.cursor = main}).ok());
  EXPECT_TRUE(poll({.branch = "x", .cursor = branch}).ok());
  Branches other(kSchema);
  other.clock.RandomBits();
  for (const FeedRequest& bad :
       std::vector<FeedRequest>{{.branch = "x", .cursor = main},
                                {.cursor = branch},
                                {.cursor = main, .filter = {.types = {"P"}}},
                                {.cursor = "nonsense"},
                                {.page_token = main}}) {
    const auto refused = poll(bad);
    EXPECT_EQ(refused.status().id(), ErrorId::kCursorRejected);
    EXPECT_THAT(refused.status().message(), HasSubstr("change cursor rejected: "));
  }
  ASSERT_TRUE(graph.catalog->DeleteBranch({}, "x").ok());
  ASSERT_TRUE(graph.catalog->CreateBranch({}, "x", "main").ok());
  EXPECT_EQ(poll({.branch = "x", .cursor = branch}).status().id(), ErrorId::kCursorRejected)
      << "another branch of the same name";
  EXPECT_EQ(poll({.cursor = main, .start = "now"}).status().id(), ErrorId::kInvalidArgument);
  EXPECT_EQ(poll({.start = "later"}).status().id(), ErrorId::kInvalidArgument);
  EXPECT_EQ(poll({.branch = "nowhere"}).status().id(), ErrorId::kBranchNotFound);
}

TEST(Feed, ACommitThatIsNotThereIsAGap) {
  Branches graph(kSchema);
  graph.Merge("main", P("a", 1));
  FeedToken token = DecodeFeedToken(CursorAt(*graph.catalog, graph.Head(), {}).value()).value();
  token.commit = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  const auto gap = Poll(graph.request, *graph.catalog, {.cursor = EncodeFeedToken(token).value()});
  EXPECT_EQ(gap.status().id(), ErrorId::kChangeFeedGap);
  EXPECT_EQ(gap.status().detail()->kind, "change_feed_gap");
}

TEST(Token, ComesBack) {
  const FeedToken feed{.warehouse = "W",
                       .line = "main",
                       .filter = "all",
                       .commit = "C",
                       .head = "H",
                       .position = Position{.is_edge = true, .type_id = 7, .id = "a.~\xc3\xa9 "}};
  EXPECT_EQ(DecodeFeedToken(EncodeFeedToken(feed).value()).value(), feed);
  const DiffToken diff{.before = "A", .after = "B", .filter = "x", .position = *feed.position};
  EXPECT_EQ(DecodeDiffToken(EncodeDiffToken(diff).value()).value(), diff);
  EXPECT_EQ(DecodeDiffToken(EncodeFeedToken(feed).value()).status().id(), ErrorId::kCursorRejected);
  FeedToken long_id = feed;
  long_id.position->id = std::string(kTokenBytesMax, 'x');
  EXPECT_EQ(EncodeFeedToken(long_id).status().id(), ErrorId::kCursorRejected);
  EXPECT_EQ(FilterDigest({.types = {"b", "a"}}), FilterDigest({.types = {"a", "b"}}));
  EXPECT_NE(FilterDigest({.types = {"a"}}), FilterDigest({.kinds = {catalog::TableKind::kNode}}));
}

}  // namespace
}  // namespace tarn::changes
