// The command line as a user meets it: help, errors that suggest the fix, exit codes, formats, the
// reference page. req: GRAPH-1 SCHEMA-3 SCHEMA-27 GRAPH-24
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "in_process.h"

namespace tarn::e2e {
namespace {

namespace fs = std::filesystem;

const std::string kTests = TARN_TESTS_FOLDER;
const std::string kSchema = kTests + "/data/harbour/harbour.pg";
const std::string kData = kTests + "/data/harbour/harbour.jsonl";

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("tarn-cli-" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    store_ = (folder_ / "harbour").string();
  }
  void TearDown() override { fs::remove_all(folder_); }

  void MakeHarbour() {
    ASSERT_EQ(Tarn({"init", store_, "--schema", kSchema}).code, 0);
    const Ran loaded = Tarn({"load", store_, "--data", kData, "--mode", "overwrite"});
    ASSERT_EQ(loaded.code, 0) << loaded.err;
  }

  fs::path folder_;
  std::string store_;
};

// req: BRANCH-1 BRANCH-2 BRANCH-11
TEST_F(Cli, BranchesTagsAndTheirJson) {
  MakeHarbour();
  const Ran made = Tarn({"branch", "create", "review", "--store", store_, "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_NE(made.out.find("\"name\": \"review\""), std::string::npos) << made.out;
  EXPECT_NE(made.out.find("\"from\": \"main\""), std::string::npos);
  const std::string oslo = R"({"type":"Port","data":{"code":"NOOSL","name":"Oslo"}})";
  const Ran loaded = Tarn({"load", store_, "--data", "-", "--mode", "append", "--branch", "fix",
                           "--from", "review", "--json"},
                          oslo);
  ASSERT_EQ(loaded.code, 0) << loaded.err;
  EXPECT_NE(loaded.out.find("\"branch_created\": true"), std::string::npos) << loaded.out;
  EXPECT_NE(loaded.out.find("\"base_branch\": \"review\""), std::string::npos);
  EXPECT_EQ(
      Tarn({"load", store_, "--data", "-", "--mode", "append", "--from", "review"}, oslo).code, 2)
      << "main is not made";
  const Ran list = Tarn({"branch", "list", "--store", store_, "--json"});
  EXPECT_EQ(list.out,
            "{\n  \"branches\": [\n    \"fix\",\n    \"main\",\n    \"review\"\n  ]\n}\n");
  const Ran snapshot = Tarn({"snapshot", store_, "--branch", "fix", "--json"});
  EXPECT_NE(snapshot.out.find("\"native_dataset_branch\": \"b_"), std::string::npos);
  EXPECT_NE(snapshot.out.find("\"graph_branch\": \"fix\""), std::string::npos);

  ASSERT_EQ(Tarn({"tag", "create", "q1", "--from", "fix", "--store", store_}).code, 0);
  EXPECT_NE(Tarn({"tag", "list", "--store", store_}).out.find("q1"), std::string::npos);
  const std::string query =
      "query q() { match { $p: Port { code: \"NOOSL\" } } return { $p.name } }";
  EXPECT_NE(Tarn({"query", "--store", store_, "-e", query, "--snapshot", "q1"}).out.find("Oslo"),
            std::string::npos);
  EXPECT_EQ(Tarn({"query", "--store", store_, "-e", query}).out.find("Oslo"), std::string::npos);
  EXPECT_EQ(
      Tarn({"query", "--store", store_, "-e", query, "--snapshot", "q1", "--branch", "fix"}).code,
      2);
  EXPECT_EQ(Tarn({"branch", "delete", "fix", "--store", store_}).code, 1) << "the tag stands on it";
  EXPECT_EQ(Tarn({"tag", "delete", "q1", "--store", store_}).code, 0);
  EXPECT_EQ(Tarn({"branch", "delete", "fix", "--store", store_}).code, 0);
}

// The storage writes down where a fork's parent was; the warehouse moves all the same.
TEST_F(Cli, AWarehouseWithBranchesMayBeMovedAndCopied) {
  MakeHarbour();
  const std::string oslo = R"({"type":"Port","data":{"code":"NOOSL","name":"Oslo"}})";
  const auto load = [&](const std::string& code) {
    return Tarn(
        {"load", store_, "--data", "-", "--mode", "append", "--branch", "fix", "--from", "main"},
        R"({"type":"Port","data":{"code":")" + code + R"(","name":"Port"}})");
  };
  ASSERT_EQ(load("NOOSL").code, 0);
  const std::string old_place = store_;
  store_ = (folder_ / "moved").string();
  fs::rename(old_place, store_);
  const Ran exported = Tarn({"export", store_, "--branch", "fix", "--type", "Port"});
  ASSERT_EQ(exported.code, 0) << exported.err;
  EXPECT_NE(exported.out.find("SEGOT"), std::string::npos) << "a row of the fork's parent";
  EXPECT_NE(exported.out.find("NOOSL"), std::string::npos);
  const Ran more = load("ISREY");
  ASSERT_EQ(more.code, 0) << more.err;
  fs::copy(store_, folder_ / "copy", fs::copy_options::recursive);
  store_ = (folder_ / "copy").string();
  fs::remove_all(folder_ / "moved");
  const Ran again = Tarn({"export", store_, "--branch", "fix", "--type", "Port"});
  EXPECT_NE(again.out.find("ISREY"), std::string::npos) << again.err;
  EXPECT_NE(again.out.find("SEGOT"), std::string::npos);
}

TEST_F(Cli, DiffAndTheFeed) {
  MakeHarbour();
  ASSERT_EQ(Tarn({"branch", "create", "fix", "--store", store_}).code, 0);
  const Ran baseline = Tarn({"changes", "baseline", "--store", store_, "--branch", "fix", "--out",
                             (folder_ / "base.jsonl").string()});
  ASSERT_EQ(baseline.code, 0) << baseline.err;
  const std::string cursor = baseline.out.substr(0, baseline.out.size() - 1);
  const Ran loaded = Tarn({"load", store_, "--data", "-", "--mode", "merge", "--branch", "fix"},
                          R"({"type":"Port","data":{"code":"SEGOT","name":"Goteborg"}})"
                          "\n"
                          R"({"type":"Port","data":{"code":"NOOSL","name":"Oslo"}})");
  ASSERT_EQ(loaded.code, 0) << loaded.err;
  const Ran diff = Tarn({"diff", "main", "fix", "--store", store_});
  ASSERT_EQ(diff.code, 0) << diff.err;
  EXPECT_NE(diff.out.find("node:Port  +1 ~1 -0"), std::string::npos) << diff.out;
  EXPECT_NE(diff.out.find("+ node:Port NOOSL"), std::string::npos);
  EXPECT_NE(diff.out.find("name: \"Gothenburg\" -> \"Goteborg\""), std::string::npos) << diff.out;
  const Ran json = Tarn({"diff", "main", "fix", "--store", store_, "--json", "--op", "update"});
  EXPECT_NE(json.out.find("\"op\": \"update\""), std::string::npos) << json.out;
  EXPECT_EQ(json.out.find("NOOSL"), std::string::npos);
  const Ran poll =
      Tarn({"changes", "poll", "--store", store_, "--branch", "fix", "--cursor", cursor, "--json"});
  ASSERT_EQ(poll.code, 0) << poll.err;
  EXPECT_NE(poll.out.find("\"caught_up\": true"), std::string::npos) << poll.out;
  EXPECT_NE(poll.out.find("NOOSL"), std::string::npos);
  EXPECT_EQ(Tarn({"changes", "poll", "--store", store_, "--cursor", cursor}).code, 1)
      << "of another branch";
  const Ran commits = Tarn({"commit", "list", store_, "--branch", "fix"});
  const Ran changes =
      Tarn({"commit", "changes", commits.out.substr(0, 26), "--store", store_, "--json"});
  EXPECT_NE(changes.out.find("\"authored_branch\": \"fix\""), std::string::npos) << changes.out;
}

// Real Lance: every kind of column comes over, and what did not change is no change.
TEST_F(Cli, BranchesAreMergedRowByRow) {
  MakeHarbour();
  const auto load = [&](const std::string& branch, const std::string& mode,
                        const std::string& lines) {
    const Ran loaded =
        Tarn({"load", store_, "--data", "-", "--mode", mode, "--branch", branch}, lines);
    ASSERT_EQ(loaded.code, 0) << loaded.err;
  };
  const auto ship = [](int imo, const std::string& name, const std::string& photo) {
    return R"({"type":"Ship","data":{"imo":)" + std::to_string(imo) + R"(,"name":")" + name +
           R"(","photo":"base64:)" + photo + R"(","log_vec":[0,0.5,1]}})" + "\n";
  };
  load("main", "merge", ship(1, "Ada", "AAEC") + ship(2, "Bea", "AwQF") + ship(3, "Cid", "BgcI"));
  ASSERT_EQ(Tarn({"branch", "create", "review", "--store", store_}).code, 0);
  load("review", "merge", ship(1, "Ada", "/////w==") + ship(2, "Bea", "AwQF"));
  load("review", "append",
       R"({"type":"Port","data":{"code":"NOOSL","name":"Oslo","tags":["a","b"]}})"
       "\n");
  load("main", "merge", ship(3, "Cyd", "BgcI"));
  const Ran diff = Tarn({"diff", "main", "review", "--store", store_, "--type", "Ship"});
  EXPECT_EQ(diff.err, "");
  EXPECT_EQ(diff.out,
            "node:Ship  +0 ~2 -0\n"
            "~ node:Ship 1  photo: \"base64:AAEC\" -> \"base64://///w==\"\n"
            "~ node:Ship 3  name: \"Cyd\" -> \"Cid\"\n");

  const Ran plan = Tarn({"branch", "merge", "review", "--store", store_, "--dry-run"});
  ASSERT_EQ(plan.code, 0) << plan.err;
  EXPECT_NE(plan.out.find("node:Ship  +0 ~1 -0"), std::string::npos) << plan.out;
  EXPECT_NE(plan.out.find("nothing was written"), std::string::npos);
  const Ran merged = Tarn({"merge", "review", "--store", store_, "--delete-branch", "--json"});
  ASSERT_EQ(merged.code, 0) << merged.err;
  EXPECT_NE(merged.out.find("\"outcome\": \"merged\""), std::string::npos) << merged.out;
  EXPECT_NE(merged.out.find("\"branch_deleted\": true"), std::string::npos) << merged.out;
  const std::string rows = Tarn({"export", store_}).out;
  for (const char* part : {"base64://///w==", "\"Cyd\"", "Oslo", "[\"a\",\"b\"]"}) {
    EXPECT_NE(rows.find(part), std::string::npos) << part << " in " << rows;
  }
}

TEST_F(Cli, MergeConflictsNameEachRowAndHowToSettleIt) {
  MakeHarbour();
  const auto rename = [&](const std::string& branch, const std::string& name) {
    const std::string line = R"({"type":"Port","data":{"code":"SEGOT","name":")" + name + "\"}}\n";
    ASSERT_EQ(
        Tarn({"load", store_, "--data", "-", "--mode", "merge", "--branch", branch}, line).code, 0);
  };
  ASSERT_EQ(Tarn({"branch", "create", "review", "--store", store_}).code, 0);
  rename("review", "Goteborg");
  rename("main", "Gotheburg");
  const Ran refused = Tarn({"branch", "merge", "review", "--store", store_});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("divergent_update of node:Port SEGOT"), std::string::npos)
      << refused.err;
  EXPECT_NE(refused.err.find("--keep \"node:TYPE ID=theirs\""), std::string::npos) << refused.err;
  const Ran plan = Tarn({"branch", "merge", "review", "--store", store_, "--dry-run", "--json"});
  EXPECT_NE(plan.out.find("\"kind\":\"divergent_update\""), std::string::npos) << plan.out;
  for (const std::vector<std::string>& bad : {std::vector<std::string>{"--keep", "mine"},
                                              {"--keep", "Port SEGOT=ours"},
                                              {"--keep", "node:Port SEGOT=both"},
                                              {"--dry-run", "--delete-branch"}}) {
    std::vector<std::string> arguments = {"branch", "merge", "review", "--store", store_};
    arguments.insert(arguments.end(), bad.begin(), bad.end());
    EXPECT_EQ(Tarn(arguments).code, 2) << bad[0];
  }
  const Ran settled = Tarn({"branch", "merge", "review", "--store", store_, "--keep", "ours",
                            "--keep", "node:Port SEGOT=theirs"});
  EXPECT_EQ(settled.code, 0) << settled.err;
  EXPECT_NE(Tarn({"export", store_}).out.find("Goteborg"), std::string::npos);
}

// Real Lance: vectors, lists and blobs are rewritten as they are.
TEST_F(Cli, OptimizeRewritesFilesAndKeepsEveryRow) {
  MakeHarbour();
  const std::string ship =
      R"({"type":"Ship","data":{"imo":930000%,"name":"Dora","photo":"base64:AAEC/w==","log_vec":[0,0,1]}})";
  for (const char* digit : {"4", "5", "6"}) {
    std::string line = ship;
    line.replace(line.find('%'), 1, digit);
    ASSERT_EQ(Tarn({"load", store_, "--data", "-", "--mode", "append"}, line).code, 0);
  }
  const Ran before = Tarn({"export", store_});
  ASSERT_NE(before.out.find("base64:AAEC/w=="), std::string::npos);
  const Ran optimized = Tarn({"optimize", store_, "--json"});
  ASSERT_EQ(optimized.code, 0) << optimized.err;
  EXPECT_NE(optimized.out.find("\"fragments_removed\": 4"), std::string::npos) << optimized.out;
  EXPECT_EQ(Tarn({"export", store_}).out, before.out);
  EXPECT_EQ(Tarn({"optimize", store_}).out, "nothing to optimize: no commit was made\n");
}

// Within the first hour nothing goes: what is shown here is the door, cleanup_test.cc has the rest.
TEST_F(Cli, CleanupPreviewsAndKeepsWhatIsYoung) {
  MakeHarbour();
  const Ran preview = Tarn({"cleanup", store_, "--keep", "3"});
  EXPECT_EQ(preview.code, 0) << preview.err;
  EXPECT_NE(preview.out.find("nothing was removed; --confirm does it"), std::string::npos);
  const Ran refused = Tarn({"cleanup", store_, "--keep", "2", "--confirm"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("the least is 3"), std::string::npos) << refused.err;
  const Ran done = Tarn({"cleanup", store_, "--keep", "2", "--force", "--confirm", "--json"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.out.find("\"commits_given_up\": 0"), std::string::npos) << done.out;
}

TEST_F(Cli, HelpNamesEveryVerbAndEveryVerbHasExamples) {
  const Ran help = Tarn({"help"});
  EXPECT_EQ(help.code, 0);
  for (const char* verb : {"init", "load", "query", "explain", "lint", "schema show", "snapshot",
                           "export", "commit list"}) {
    EXPECT_NE(help.out.find(verb), std::string::npos) << verb;
    std::vector<std::string> words;
    std::istringstream path(verb);
    for (std::string word; path >> word;) words.push_back(word);
    words.push_back("--help");
    const Ran one = Tarn(words);
    EXPECT_EQ(one.code, 0);
    EXPECT_NE(one.out.find("examples:\n  tarn "), std::string::npos) << verb;
  }
}

TEST_F(Cli, TheReferencePageIsWhatTheTableSays) {
  std::ostringstream page;
  page << std::ifstream(kTests + "/../docs/reference/cli.md").rdbuf();
  EXPECT_EQ(page.str(), Tarn({"help", "--markdown"}).out)
      << "run: tarn help --markdown > docs/reference/cli.md";
}

TEST_F(Cli, SlipsGetASuggestionAndExitCode2) {
  EXPECT_EQ(Tarn({}).code, 2);
  const Ran verb = Tarn({"qeury"});
  EXPECT_EQ(verb.code, 2);
  EXPECT_NE(verb.err.find("did you mean `tarn query`?"), std::string::npos) << verb.err;
  const Ran flag = Tarn({"init", store_, "--shema", kSchema});
  EXPECT_EQ(flag.code, 2);
  EXPECT_NE(flag.err.find("did you mean --schema?"), std::string::npos) << flag.err;
  EXPECT_EQ(Tarn({"snapshot"}).code, 2);
  EXPECT_EQ(Tarn({"snapshot", "http://localhost"}).code, 2);
  EXPECT_EQ(Tarn({"query", "--store", store_}).code, 2);
  EXPECT_EQ(Tarn({"load", store_, "--data", kData, "--mode", "replace"}).code, 2);
}

TEST_F(Cli, AWrongCommandLineNamesTheWordThatIsWrong) {
  const auto error_of = [](const std::vector<std::string>& arguments) {
    const Ran ran = Tarn(arguments);
    EXPECT_EQ(ran.code, 2) << ran.err;
    return ran.err;
  };
  const auto expect = [](const std::string& text, const std::string& words) {
    EXPECT_NE(text.find(words), std::string::npos) << text;
  };
  expect(error_of({"snapshot", store_, "--frobnicate"}),
         "`tarn snapshot` has no flag --frobnicate");
  expect(error_of({"init", "--shema", kSchema, store_}), "has no flag --shema");
  expect(error_of({"lint", "--schema"}), "--schema needs a value: --schema FILE");
  expect(error_of({"lint", kSchema}), "tarn lint --schema " + kSchema);
  expect(error_of({"load", store_, kData, "--mode", "append"}), "--data FILE");
  expect(error_of({"query", store_, "callers"}), "takes the warehouse as --store URI");
  expect(error_of({"snapshot", "--store", "a", "--store", "b"}), "--store is given twice");
  expect(error_of({"query", "--store", "a", "--query", "-", "--params-file", "-"}), "read once");
  expect(error_of({"commit", "list", store_, "--as", "a\nb"}), "--as takes a name");
  expect(error_of({"schema"}), "`tarn schema show`");
  expect(error_of({"commit", "lst"}), "`tarn commit list`");
  EXPECT_EQ(Tarn({"qeury", "--json"}).out.substr(0, 1), "{");
}

TEST_F(Cli, HelpForOneVerbIsThatVerbsHelp) {
  EXPECT_EQ(Tarn({"help", "schema", "get"}).out, Tarn({"schema", "show", "--help"}).out);
  EXPECT_EQ(Tarn({"help", "commit", "list"}).out, Tarn({"commit", "list", "--help"}).out);
  EXPECT_EQ(Tarn({"help", "nosuch"}).code, 2);
}

TEST_F(Cli, AnAnswerThatCannotBeWrittenIsAFailure) {
  MakeHarbour();
  std::istringstream in;
  std::ostringstream err;
  std::ofstream full("/dev/full");
  const std::vector<std::string> query = {"query", "--store", store_, "-e",
                                          "query q() { match { $p: Port } return { $p.code } }"};
  EXPECT_EQ(cli::Run(query, {in, full, err, false}), 1);
  EXPECT_NE(err.str().find("standard output took no more"), std::string::npos) << err.str();
}

TEST_F(Cli, QueriesSchemasAndPipesCanComeFromStandardInput) {
  ASSERT_EQ(Tarn({"init", store_, "--schema", "-"}, "node Note { text: String }\n").code, 0);
  const std::string pipe = (folder_ / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe) << R"({"type":"Note","data":{"text":"hi"}})"; });
  const Ran loaded = Tarn({"load", store_, "--data", pipe, "--mode", "append"});
  writer.join();
  EXPECT_EQ(loaded.code, 0) << loaded.err;
  EXPECT_NE(loaded.out.find("loaded 1 entity (append)"), std::string::npos) << loaded.out;
  const Ran asked = Tarn({"query", "--store", store_, "--query", "-", "--format", "csv"},
                         "query q() { match { $n: Note } return { $n.text } }");
  EXPECT_EQ(asked.out, "n.text\r\nhi\r\n") << asked.err;
}

TEST_F(Cli, FileAddressesAreUnescapedAndNameNoHost) {
  const std::string spaced = (folder_ / "my harbour").string();
  const std::string address = "file://" + folder_.string() + "/my%20harbour";
  ASSERT_EQ(Tarn({"init", address, "--schema", kSchema}).code, 0);
  EXPECT_EQ(Tarn({"snapshot", spaced}).code, 0);
  EXPECT_EQ(Tarn({"snapshot", "file://harbour"}).code, 1);
  EXPECT_NE(Tarn({"snapshot", "file:///a%2"}).err.find("two hex digits"), std::string::npos);
}

TEST_F(Cli, AWordThatLooksLikeASlipIsSaidAtInit) {
  const std::string schema = "node Note { text: String @indx }\n";
  const Ran ran = Tarn({"init", store_, "--schema", "-"}, schema);
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.err.find("did you mean `@index`?"), std::string::npos) << ran.err;
}

TEST_F(Cli, AWarehouseThatIsNotThereSaysWhatToRun) {
  const Ran ran = Tarn({"snapshot", store_});
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("TARN-5000"), std::string::npos) << ran.err;
  EXPECT_NE((ran.err).find("tarn init"), std::string::npos) << ran.err;
  EXPECT_FALSE(fs::exists(store_)) << "a read made a folder";
}

TEST_F(Cli, InitRefusesAForeignFolderAndAnExistingWarehouse) {
  fs::create_directories(store_);
  std::ofstream(store_ + "/notes.txt") << "mine";
  EXPECT_EQ(Tarn({"init", store_, "--schema", kSchema}).code, 1);
  EXPECT_EQ(Tarn({"init", store_, "--schema", kSchema, "--force"}).code, 0);
  EXPECT_TRUE(fs::exists(store_ + "/notes.txt"));
  const Ran again = Tarn({"init", store_, "--schema", kSchema, "--force"});
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.err.find("TARN-5001"), std::string::npos) << again.err;
}

TEST_F(Cli, ABadSchemaShowsItsPlaceAndNothingIsMade) {
  const std::string path = (folder_ / "bad.pg").string();
  std::ofstream(path) << "node Port { code: Sting @key }\n";
  const Ran ran = Tarn({"init", store_, "--schema", path});
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("bad.pg:1:19"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("String"), std::string::npos) << ran.err;
  EXPECT_FALSE(fs::exists(store_));
  EXPECT_EQ(Tarn({"lint", "--schema", path}).code, 1);
  EXPECT_EQ(Tarn({"lint", "--schema", kSchema}).code, 0);
}

TEST_F(Cli, FormatsOfOneAnswer) {
  MakeHarbour();
  const std::string text =
      "query q() { match { $p: Port } return { $p.code, $p.depth_m } order { $p.code } limit 2 }";
  const auto query = [&](const std::string& format) {
    const Ran ran = Tarn({"query", "--store", store_, "-e", text, "--format", format});
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.out;
  };
  EXPECT_EQ(query("csv"), "p.code,p.depth_m\r\nEETLL,\r\nFIHEL,13.5\r\n");
  EXPECT_EQ(query("kv"),
            "2 rows from branch main via q\nrow 1\n  p.code: EETLL\n  p.depth_m: \nrow 2\n  "
            "p.code: FIHEL\n  p.depth_m: 13.5\n");
  EXPECT_NE(query("jsonl").find("{\"kind\":\"metadata\",\"query_name\":\"q\""), std::string::npos);
  EXPECT_NE(query("jsonl").find("\n{\"p.code\":\"FIHEL\",\"p.depth_m\":13.5}\n"),
            std::string::npos);
  EXPECT_NE(query("json").find("\"row_count\": 2"), std::string::npos);
  EXPECT_NE(query("table").find("FIHEL        13.5"), std::string::npos) << query("table");
  EXPECT_EQ(Tarn({"query", "--store", store_, "-e", text, "--format", "xml"}).code, 2);
}

TEST_F(Cli, StandardInputLoadsAndExportComesBackEqual) {
  MakeHarbour();
  const Ran exported = Tarn({"export", store_});
  ASSERT_EQ(exported.code, 0) << exported.err;
  const std::string copy = (folder_ / "copy").string();
  ASSERT_EQ(Tarn({"init", copy, "--schema", kSchema}).code, 0);
  const Ran loaded = Tarn({"load", copy, "--data", "-", "--mode", "overwrite"}, exported.out);
  ASSERT_EQ(loaded.code, 0) << loaded.err;
  EXPECT_EQ(Tarn({"export", copy}).out, exported.out);
}

TEST_F(Cli, AnEmptyLoadMakesNoCommit) {
  MakeHarbour();
  const std::string before = Tarn({"commit", "list", store_}).out;
  EXPECT_EQ(Tarn({"load", store_, "--data", "-", "--mode", "overwrite"}, "\n").code, 0);
  EXPECT_EQ(Tarn({"commit", "list", store_}).out, before);
}

TEST_F(Cli, SchemaShowGivesTheBytesThatWereAccepted) {
  MakeHarbour();
  std::ostringstream source;
  source << std::ifstream(kSchema).rdbuf();
  EXPECT_EQ(Tarn({"schema", "show", store_}).out, source.str());
}

TEST_F(Cli, ErrorsComeAsJsonWhenAskedFor) {
  MakeHarbour();
  const Ran ran = Tarn({"load", store_, "--data", "-", "--mode", "append", "--json"},
                       R"({"type":"Port","data":{"code":"SEGOT","name":"again"}})");
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.out.find("\"key_conflict\""), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("\"entity_id\":\"SEGOT\""), std::string::npos) << ran.out;
}

TEST_F(Cli, LoadErrorsSayWhatToDo) {
  MakeHarbour();
  const auto error_of = [&](const std::string& input) {
    const Ran ran = Tarn({"load", store_, "--data", "-", "--mode", "append"}, input);
    EXPECT_EQ(ran.code, 1);
    return ran.err;
  };
  const auto expect = [](const std::string& text, const std::string& words) {
    EXPECT_NE(text.find(words), std::string::npos) << text;
  };
  expect(error_of(R"({"type":"Port","data":{"code":"SEGOT","name":"again"}})"), "--mode merge");
  expect(error_of(R"({"type":"Port","code":"NOOSL"})"), R"(hint: a record is {"type":T,"data":)");
  expect(error_of(R"({"type":"Feeds","from":"SEGOT","to":"EETLL"})"), R"(an edge has "edge")");
  expect(error_of(R"([{"type":"Port"}])"), "jq -c '.[]'");
  expect(error_of("\x1F\x8B\x08"), "zcat FILE");
  expect(error_of(R"({"type":"Port","data":{"code":"NOOSL"}})"), "the record leaves it out");
  expect(Tarn({"export", store_, "--type", "Prot"}).err, "did you mean Port?");
}

TEST_F(Cli, AQueryErrorShowsItsPlaceAndItsHintOnce) {
  MakeHarbour();
  const auto error_of = [&](const std::string& text) {
    return Tarn({"query", "--store", store_, "-e", text, "--params", R"({"x":1})"}).err;
  };
  const std::string slip = error_of("query q() { match { $p: Port } return { $p.nme } }");
  EXPECT_NE(slip.find("= help: did you mean `name`?"), std::string::npos) << slip;
  EXPECT_EQ(slip.find("hint:"), std::string::npos) << slip;
  const std::string two = "query a() { match { $p: Port } return { $p } }\n";
  EXPECT_NE(error_of(two + "query b() { match { $p: Port } return { $p } }").find("it holds a, b"),
            std::string::npos);
  EXPECT_NE(error_of(two).find("param 'x' is ignored"), std::string::npos);
}

TEST_F(Cli, AnUnknownCommitOrBranchIsNotFound) {
  MakeHarbour();
  EXPECT_EQ(Tarn({"snapshot", store_, "--snapshot", "01ARZ3NDEKTSV4RRFFQ69G5FAV"}).code, 1);
  EXPECT_NE(Tarn({"snapshot", store_, "--branch", "dev"}).err.find("branch 'dev' not found"),
            std::string::npos);
}

TEST_F(Cli, ExplainAnalyzeShowsWhatEachOperatorDid) {
  MakeHarbour();
  const Ran ran = Tarn({"explain", "--analyze", "--store", store_, "-e",
                        "query q() { match { $a: Port  $a feeds $b } return { count($b) as n } }"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  for (const char* word : {"rows", "actual", "statistic", "store: "})
    EXPECT_NE(ran.out.find(word), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace tarn::e2e
