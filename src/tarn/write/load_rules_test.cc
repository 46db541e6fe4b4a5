// The rules over several rows: uniqueness (§3.2), endpoints and cardinality (§3.3), on the image a
// commit would make.

#include "tarn/write/test_graph.h"

namespace tarn::write {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Node(const std::string& type, const std::string& data) {
  return fmt::format("{{\"type\":\"{}\",\"data\":{{{}}}}}\n", type, data);
}
std::string Edge(const std::string& type, const std::string& from, const std::string& to,
                 const std::string& data = "") {
  return fmt::format("{{\"edge\":\"{}\",\"from\":\"{}\",\"to\":\"{}\",\"data\":{{{}}}}}\n", type,
                     from, to, data);
}

constexpr const char* kPeople = R"(
node Person {
  name: String @key
  mail: String? @unique
  room: String?
  desk: I32?
  weight: F64? @unique
  @unique(room, desk)
}
node Note { text: String? @unique }
edge Knows: Person -> Person { since: Date?  @unique(dst, src, since) }
)";

class Uniqueness : public testing::Test {
 protected:
  void Ok(LoadMode mode, const std::string& text) {
    const auto loaded = graph_.Load(mode, text);
    EXPECT_TRUE(loaded.ok()) << loaded.status().ToString();
  }
  void Refused(LoadMode mode, const std::string& text, const std::string& words) {
    const auto before = graph_.Marks();
    ExpectError(graph_.Load(mode, text), ErrorId::kConstraintViolation, words);
    EXPECT_EQ(graph_.Marks(), before);
  }
  TestGraph graph_{kPeople};
};

// req: SCHEMA-23: pass 1, within the input.
TEST_F(Uniqueness, WithinOneInput) {
  Refused(
      LoadMode::kAppend,
      Node("Person", R"("name":"a","mail":"x")") + Node("Person", R"("name":"b","mail":"x")"),
      "line 2: @unique violation on Person.mail: value 'x' held by 'a' and 'b'; first on line 1");
  Refused(LoadMode::kMerge,
          Node("Person", R"("name":"a","room":"r","desk":1)") +
              Node("Person", R"("name":"b","room":"r","desk":1)"),
          "@unique violation on Person.(desk, room): value '(1, r)' held by 'a' and 'b'");
  // Two records of one id with one tuple violate, although the second replaces the first.
  Refused(LoadMode::kMerge,
          Node("Note", R"("id":"n","text":"t")") + Node("Note", R"("id":"n","text":"t")"),
          "@unique violation on Note.text: value 't' held by 'n' and 'n'");
}

// trap: 20; req: SCHEMA-23: tuples are compared as tuples, null exempts, both zeros are one.
TEST_F(Uniqueness, TuplesAreNotJoined) {
  Ok(LoadMode::kAppend, Node("Person", R"("name":"a","room":"1","desk":12)") +
                            Node("Person", R"("name":"b","room":"11","desk":2)") +
                            Node("Person", R"("name":"c","room":"1")") +
                            Node("Person", R"("name":"d","room":"1")") +
                            Node("Person", R"("name":"e","weight":0.0)"));
  Refused(LoadMode::kAppend, Node("Person", R"("name":"f","weight":-0.0)"),
          "@unique violation on Person.weight: value '0' held by 'f' and 'e'");
}

// req: SCHEMA-25: pass 3, against rows committed earlier.
TEST_F(Uniqueness, AgainstStoredRows) {
  Ok(LoadMode::kAppend,
     Node("Person", R"("name":"a","mail":"x")") + Node("Person", R"("name":"b","mail":"y")"));
  for (const LoadMode mode : {LoadMode::kAppend, LoadMode::kMerge}) {
    Refused(mode, Node("Person", R"("name":"c","mail":"x")"),
            "line 1: @unique violation on Person.mail: value 'x' held by 'c' and 'a'");
  }
  // A row that is replaced no longer holds its value; two may even trade.
  Ok(LoadMode::kMerge, Node("Person", R"("name":"a","mail":"x")"));
  Ok(LoadMode::kMerge,
     Node("Person", R"("name":"a","mail":"y")") + Node("Person", R"("name":"b","mail":"x")"));
  Ok(LoadMode::kMerge,
     Node("Person", R"("name":"a")") + Node("Person", R"("name":"c","mail":"y")"));
  Refused(LoadMode::kMerge, Node("Person", R"("name":"d","mail":"x")"), "held by 'd' and 'b'");
  // Overwrite removes them all.
  Ok(LoadMode::kOverwrite, Node("Person", R"("name":"z","mail":"x")"));
}

TEST_F(Uniqueness, ASupersededRecordDoesNotClashWithStoredRows) {
  Ok(LoadMode::kAppend, Node("Note", R"("id":"old","text":"t")"));
  Ok(LoadMode::kMerge,
     Node("Note", R"("id":"n","text":"t")") + Node("Note", R"("id":"n","text":"u")"));
  Refused(LoadMode::kMerge,
          Node("Note", R"("id":"m","text":"v")") + Node("Note", R"("id":"m","text":"t")"),
          "held by 'm' and 'old'");
}

// §3.2, example.
TEST_F(Uniqueness, EdgesBySourceTargetAndProperty) {
  const auto harbour = LoadedHarbour();
  ExpectError(
      harbour->Append(Edge("CallsAt", "9300001", "SEGOT", R"("arrived":"2026-01-02T08:00:00Z")")),
      ErrorId::kConstraintViolation,
      "@unique violation on CallsAt.(arrived, dst, src): value '(1767340800000, SEGOT, 9300001)' "
      "held by");
  EXPECT_TRUE(
      harbour
          ->Append(Edge("CallsAt", "9300001", "SEGOT", R"("arrived":"2026-01-02T08:00:00.001Z")"))
          .ok());
  Ok(LoadMode::kAppend, Node("Person", R"("name":"a")") + Node("Person", R"("name":"b")") +
                            Edge("Knows", "a", "b") + Edge("Knows", "a", "b") +
                            Edge("Knows", "a", "b", R"("since":1)") +
                            Edge("Knows", "b", "a", R"("since":1)"));
  Refused(LoadMode::kMerge, Edge("Knows", "a", "b", R"("since":"1970-01-02")"),
          "value '(b, 1, a)'");
}

TEST_F(Uniqueness, ViolationsOfSeveralRulesAreReportedTogether) {
  const auto refused =
      graph_.Append(Node("Person", R"("name":"a","mail":"x","room":"r","desk":1)") +
                    Node("Person", R"("name":"b","mail":"x","room":"r","desk":1)") +
                    Node("Person", R"("name":"a")") + Edge("Knows", "a", "nobody"));
  ASSERT_FALSE(refused.ok());
  const std::string message = refused.status().message();
  EXPECT_THAT(message, HasSubstr("4 problems in data.jsonl"));
  EXPECT_THAT(message, HasSubstr("line 2: @unique violation on Person.mail"));
  EXPECT_THAT(message, HasSubstr("line 2: @unique violation on Person.(desk, room)"));
  EXPECT_THAT(message, HasSubstr("line 3: @unique violation on Person.name"));
  EXPECT_THAT(message, HasSubstr("line 4: dst 'nobody' not found in Person"));
  EXPECT_EQ(refused.status().detail()->kind, "constraint_violation");
}

constexpr const char* kCards = R"(
node P { k: String @key }
node Q { k: String @key }
edge One: P -> P @card(0..1)
edge Some: P -> Q @card(1..2)
edge Fixed: P -> Q @card(2..2)
)";

class CardinalityTest : public Uniqueness {
 protected:
  CardinalityTest() {
    Ok(LoadMode::kAppend, Node("P", R"("k":"a")") + Node("P", R"("k":"b")") +
                              Node("P", R"("k":"c")") + Node("Q", R"("k":"q")") +
                              Node("Q", R"("k":"r")"));
  }
  void Ok(LoadMode mode, const std::string& text) {
    const auto loaded = cards_.Load(mode, text);
    EXPECT_TRUE(loaded.ok()) << loaded.status().ToString();
  }
  void Refused(LoadMode mode, const std::string& text, const std::string& words) {
    const auto before = cards_.Marks();
    ExpectError(cards_.Load(mode, text), ErrorId::kConstraintViolation, words);
    EXPECT_EQ(cards_.Marks(), before);
  }
  TestGraph cards_{kCards};
};

// req: SCHEMA-5
TEST_F(CardinalityTest, TheUpperBoundCountsStoredEdges) {
  Refused(LoadMode::kAppend, Edge("One", "a", "b") + Edge("One", "b", "c") + Edge("One", "a", "c"),
          "line 3: @card violation on edge One: source 'a' has 2 edges (max 1)");
  Ok(LoadMode::kAppend, Edge("One", "a", "b"));
  Refused(LoadMode::kAppend, Edge("One", "a", "c"), "source 'a' has 2 edges (max 1)");
  Refused(LoadMode::kMerge, Edge("One", "a", "c"), "source 'a' has 2 edges (max 1)");
  Ok(LoadMode::kOverwrite, Edge("One", "a", "c"));
}

// trap: 19: the lower bound is judged for touched sources only.
TEST_F(CardinalityTest, TheLowerBoundHoldsForTouchedSources) {
  Refused(LoadMode::kAppend, Edge("Fixed", "a", "q"), "source 'a' has 1 edges (min 2)");
  Ok(LoadMode::kAppend,
     Edge("Fixed", "a", "q") + Edge("Fixed", "a", "r"));  // b and c have none, nobody minds
  Refused(LoadMode::kAppend, Edge("Fixed", "a", "q"), "source 'a' has 3 edges (max 2)");
}

// trap: 19: re-pointing an edge touches its old source.
TEST_F(CardinalityTest, MovingAnEdgeTouchesItsOldSource) {
  Ok(LoadMode::kAppend,
     Edge("Some", "a", "q", R"("id":"e1")") + Edge("Some", "b", "q", R"("id":"e2")"));
  Refused(LoadMode::kMerge, Edge("Some", "b", "q", R"("id":"e1")"),
          "source 'a' has 0 edges (min 1)");
  Ok(LoadMode::kMerge, Edge("Some", "a", "r", R"("id":"e1")"));  // same source: still one
  Ok(LoadMode::kMerge,
     Edge("Some", "b", "q", R"("id":"e1")") + Edge("Some", "a", "q", R"("id":"e3")"));
  EXPECT_EQ(cards_.Rows("edge:Some"), 3u);
}

TEST_F(CardinalityTest, ASupersededRecordDoesNotCount) {
  Ok(LoadMode::kMerge, Edge("One", "a", "b", R"("id":"e")") + Edge("One", "c", "b", R"("id":"e")") +
                           Edge("One", "a", "c", R"("id":"f")"));
  Refused(LoadMode::kMerge,
          Edge("One", "b", "b", R"("id":"g")") + Edge("One", "a", "b", R"("id":"g")"),
          "source 'a' has 2 edges (max 1)");
}

TEST_F(CardinalityTest, OverwriteTouchesTheSourcesOfRemovedEdges) {
  Ok(LoadMode::kAppend, Edge("Some", "a", "q") + Edge("Some", "b", "q"));
  Refused(LoadMode::kOverwrite, Edge("Some", "b", "q"), "source 'a' has 0 edges (min 1)");
  Ok(LoadMode::kOverwrite, Edge("Some", "b", "q") + Edge("Some", "a", "r"));
  // A source whose node goes in the same commit is not judged.
  Ok(LoadMode::kOverwrite, Edge("Some", "b", "q") + Node("P", R"("k":"b")"));
  // One whose node is loaded anew is.
  Refused(LoadMode::kOverwrite,
          Edge("Some", "c", "q") + Node("P", R"("k":"b")") + Node("P", R"("k":"c")"),
          "source 'b' has 0 edges (min 1)");
}

TEST_F(CardinalityTest, ASupersededEdgeNeedsNoEndpoints) {
  Ok(LoadMode::kMerge,
     Edge("One", "nobody", "nowhere", R"("id":"e")") + Edge("One", "a", "b", R"("id":"e")"));
}

TEST(Offending, EachEdgeThatEndsNowhereIsNamedOnce) {
  TestGraph graph(kCards);
  std::string text = Node("P", R"("k":"a")");
  for (int i = 0; i < 30; ++i) text += Edge("One", "a", "gone");
  const auto refused = graph.Append(text);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.status().message(), HasSubstr("line 2: dst 'gone' not found in P"));
  EXPECT_THAT(refused.status().message(), HasSubstr("line 31: dst 'gone' not found in P"));
  EXPECT_THAT(refused.status().message(), HasSubstr("31 problems"));  // and the cardinality
}

TEST(Offending, AConflictHidesWhatFollowsFromIt) {
  TestGraph graph(kPeople);
  const std::string line = Node("Person", R"("name":"a","mail":"x")");
  ASSERT_TRUE(graph.Append(line).ok());
  const auto refused = graph.Append(line + Node("Person", R"("name":"b","mail":"x")"));
  ExpectError(refused, ErrorId::kKeyConflict, "id 'a' of node:Person exists already");
  EXPECT_THAT(refused.status().message(), Not(HasSubstr("@unique")));
}

}  // namespace
}  // namespace tarn::write
