// Schemas that change, as a user meets it: plans, refusals, exit codes, and every kind of column on
// real Lance. req: SCHEMA-9 SCHEMA-10 SCHEMA-14 SCHEMA-26 SCHEMA-27
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "in_process.h"

namespace tarn::e2e {
namespace {

namespace fs = std::filesystem;

const std::string kData = std::string(TARN_TESTS_FOLDER) + "/data/harbour/harbour.jsonl";

std::string Text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

class SchemaCli : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("tarn-schema-cli-" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    store_ = (folder_ / "harbour").string();
    const std::string schema = std::string(TARN_TESTS_FOLDER) + "/data/harbour/harbour.pg";
    text_ = Text(schema);
    ASSERT_EQ(Tarn({"init", store_, "--schema", schema}).code, 0);
    const Ran loaded = Tarn({"load", store_, "--data", kData, "--mode", "overwrite"});
    ASSERT_EQ(loaded.code, 0) << loaded.err;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string File(const std::string& text) {
    const std::string path = (folder_ / "next.pg").string();
    std::ofstream(path) << text;
    return path;
  }
  Ran Plan(const std::string& text, const std::vector<std::string>& more = {}) {
    return With("plan", text, more);
  }
  Ran Apply(const std::string& text, const std::vector<std::string>& more = {}) {
    return With("apply", text, more);
  }
  std::string Export() { return Tarn({"export", store_}).out; }
  std::string Snapshot() { return Tarn({"snapshot", store_}).out; }

  fs::path folder_;
  std::string store_;
  std::string text_;

 private:
  Ran With(const std::string& verb, const std::string& text, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"schema", verb, store_, "--schema", File(text)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Tarn(arguments);
  }
};

TEST_F(SchemaCli, APlanWritesNothingAndSaysTheSameEveryTime) {
  const std::string next = Replaced(text_, "name: String @index",
                                    "title: String @rename_from(\"name\")\n  note: String?");
  const std::string before = Snapshot();
  const Ran plan = Plan(next);
  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_EQ(plan.out,
            "3 steps\n"
            "  safe         add property Port.note: String?\n"
            "  safe         rename property Port.name to title\n"
            "  safe         drop @index(title) of Port\n");
  for (int i = 0; i < 20; ++i) ASSERT_EQ(Plan(next).out, plan.out);
  EXPECT_EQ(Snapshot(), before);
  const Ran json = Plan(next, {"--json"});
  for (const char* part : {"\"supported\": true", "\"step_count\": 3",
                           "\"kind\": \"rename_property\"", "\"from\": \"name\"",
                           "\"to\": \"title\"", "\"scalar\": \"String\"", "\"tier\": \"safe\""}) {
    EXPECT_NE(json.out.find(part), std::string::npos) << part << " in " << json.out;
  }
  EXPECT_EQ(Plan(text_).out, "nothing to change: this schema is accepted already\n");
}

// Vectors, lists, dates, blobs: what does not change stays, byte for byte.
TEST_F(SchemaCli, EveryKindOfColumnSurvives) {
  const std::string ship =
      R"({"type":"Ship","data":{"imo":9300009,"name":"Dora","photo":"base64:AAEC/w==","log_vec":[0,0,1]}})";
  ASSERT_EQ(Tarn({"load", store_, "--data", "-", "--mode", "append"}, ship).code, 0);
  std::string next = Replaced(text_, "photo: Blob?", "picture: Blob? @rename_from(\"photo\")");
  next = Replaced(next, "depth_m: F32?", "depth_m: F64?");
  next = Replaced(next, "berth: I32?", "berth: I64?\n  fee: F64 @default(2.5)");
  const Ran applied = Apply(next, {"--json"});
  ASSERT_EQ(applied.code, 0) << applied.err;
  EXPECT_NE(applied.out.find("\"applied\": true"), std::string::npos);
  EXPECT_NE(applied.out.find("\"operation\": \"schema:apply\""), std::string::npos);
  const std::string after = Export();
  EXPECT_NE(after.find("\"picture\":\"base64:AAEC/w==\""), std::string::npos) << after;
  EXPECT_NE(after.find("\"fee\":2.5"), std::string::npos);
  EXPECT_NE(after.find("\"log_vec\":[0"), std::string::npos);
  EXPECT_NE(after.find("\"depth_m\":13.5"), std::string::npos);
  EXPECT_EQ(Tarn({"schema", "show", store_}).out, next);
  EXPECT_EQ(Apply(next).out, "not applied: this schema is accepted already\n");
  // The rows are writable and queryable as before.
  EXPECT_EQ(Tarn({"load", store_, "--data", "-", "--mode", "merge"},
                 R"({"type":"Port","data":{"code":"SEGOT","name":"Göteborg","depth_m":19.5}})")
                .code,
            0);
  const Ran rows = Tarn({"query", "--store", store_, "-e",
                         "query q() { match { $s: Ship  $s callsAt $p } return "
                         "{ $s.name, $p.name, $p.depth_m } }",
                         "--format", "csv"});
  EXPECT_EQ(rows.code, 0) << rows.err;
  EXPECT_NE(rows.out.find("Göteborg,19.5"), std::string::npos) << rows.out;
}

TEST_F(SchemaCli, RefusalsNamePlacesRowsAndExitCodes) {
  const std::string before = Snapshot();
  const Ran unsupported = Plan(Replaced(text_, "imo: I64 @key", "imo: I32 @key"));
  EXPECT_EQ(unsupported.code, 1);
  EXPECT_NE(unsupported.out.find("unsupported  [OG-MF-106] property Ship.imo"), std::string::npos)
      << unsupported.out;
  const Ran refused = Apply(Replaced(text_, "imo: I64 @key", "imo: I32 @key"));
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("next.pg:14: [OG-MF-106]"), std::string::npos) << refused.err;
  const Ran rows = Apply(Replaced(text_, "built: Date?", "built: Date"), {"--json"});
  EXPECT_EQ(rows.code, 1);
  EXPECT_NE((rows.out + rows.err).find("Ship.built must have a value"), std::string::npos)
      << rows.out << rows.err;
  const Ran hint = Apply(Replaced(text_, "edge Feeds", "edge Feeder @rename_from(\"Feds\")"));
  EXPECT_EQ(hint.code, 1);
  const Ran missing = Tarn({"schema", "apply", store_});
  EXPECT_EQ(missing.code, 2);
  EXPECT_EQ(Snapshot(), before);
}

TEST_F(SchemaCli, AHintOfThePastIsANote) {
  const std::string next = Replaced(text_, "node Port ", "node Port @rename_from(\"Harbor\") ");
  const Ran plan = Plan(next);
  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_NE(plan.err.find("note[M005]"), std::string::npos) << plan.err;
}

TEST_F(SchemaCli, ARepeatedRequestIsAnsweredWithItsCommit) {
  const std::string next = text_ + "\nnode Crew { name: String @key }\n";
  const Ran first = Apply(next, {"--request-id", "r-1", "--json"});
  ASSERT_EQ(first.code, 0) << first.err;
  const std::string id = first.out.substr(first.out.find("\"graph_commit_id\""), 50);
  const Ran again = Apply(next, {"--request-id", "r-1", "--json"});
  EXPECT_NE(again.out.find(id), std::string::npos) << again.out;
}

}  // namespace
}  // namespace tarn::e2e
