// The guide happened as written: its console sessions are run page by page over the harbour data,
// its schema and query texts are linted. An ellipsis in a session stands for anything.
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tarn/cli/run.h"

namespace tarn::e2e {
namespace {

namespace fs = std::filesystem;

const fs::path kTests = TARN_TESTS_FOLDER;

struct Block {
  std::string language;
  std::vector<std::string> lines;
};

std::vector<Block> BlocksOf(const fs::path& page) {
  std::vector<Block> blocks;
  std::ifstream file(page);
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("```", 0) == 0) {
      if (!inside) blocks.push_back({line.substr(3), {}});
      inside = !inside;
    } else if (inside) {
      blocks.back().lines.push_back(line);
    }
  }
  EXPECT_FALSE(inside) << page << ": a block is not closed";
  return blocks;
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

/// Words as a shell takes them: blanks separate, single quotes hold together.
std::vector<std::string> WordsOf(const std::string& line) {
  std::vector<std::string> words;
  bool quoted = false, open = false;
  for (const char c : line) {
    if (c == ' ' && !quoted) {
      open = false;
      continue;
    }
    if (!open) words.emplace_back();
    open = true;
    if (c == '\'')
      quoted = !quoted;
    else
      words.back() += c;
  }
  return words;
}

struct Ran {
  int code;
  std::string screen;  ///< both streams, in the order a terminal shows them
};

Ran Tarn(const std::vector<std::string>& arguments, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream screen;
  const int code = cli::Run(arguments, {in, screen, screen, false});
  return {code, screen.str()};
}

/// A schema or query text of the page: no error and no doubt.
void Lint(const Block& block) {
  std::vector<std::string> words = {"lint", "--schema", "harbour.pg", "--query", "-"};
  if (block.language == "pg") words = {"lint", "--schema", "-"};
  const Ran ran = Tarn(words, Joined(block.lines));
  EXPECT_EQ(ran.code, 0) << ran.screen;
  EXPECT_EQ(ran.screen.find("warning["), std::string::npos) << ran.screen;
}

bool Matches(const std::string& said, const std::string& written) {
  static const std::regex special(R"([.^$|()\[\]{}*+?\\])");
  const std::string pattern = std::regex_replace(written, special, R"(\$&)");
  return std::regex_match(said, std::regex(std::regex_replace(pattern, std::regex("…"), ".*")));
}

/// Runs one command of a session and holds its output to the lines up to the next command.
void PlayCommand(const Block& block, size_t& at) {
  const std::string command = block.lines[at++].substr(2);
  const std::string here = "cat > ";
  if (command.rfind(here, 0) == 0) {
    std::ofstream file(command.substr(here.size(), command.find(" <<") - here.size()));
    while (at < block.lines.size() && block.lines[at] != "END") file << block.lines[at++] << "\n";
    ++at;
    return;
  }
  std::vector<std::string> words = WordsOf(command);
  ASSERT_EQ(words.front(), "tarn") << command;
  words.erase(words.begin());
  std::istringstream said(Tarn(words).screen);
  for (std::string line; std::getline(said, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const bool more = at < block.lines.size() && block.lines[at].rfind("$ ", 0) != 0;
    ASSERT_TRUE(more) << command << "\nalso said: " << line;
    ASSERT_TRUE(Matches(line, block.lines[at]))
        << command << "\nsaid:    " << line << "\nwritten: " << block.lines[at];
    ++at;
  }
  const bool done = at == block.lines.size() || block.lines[at].rfind("$ ", 0) == 0;
  ASSERT_TRUE(done) << command << "\nnever said: " << block.lines[at];
}

void PlaySession(const Block& block) {
  for (size_t at = 0; at < block.lines.size();) {
    ASSERT_EQ(block.lines[at].rfind("$ ", 0), 0u) << "no command: " << block.lines[at];
    PlayCommand(block, at);
    if (testing::Test::HasFatalFailure()) return;
  }
}

class Guide : public testing::Test {
 protected:
  void SetUp() override {
    before_ = fs::current_path();
    folder_ = fs::temp_directory_path() / ("tarn-guide-" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::copy(kTests / "data/harbour", folder_, fs::copy_options::recursive);
    fs::current_path(folder_);
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }
  fs::path before_, folder_;
};

// req: GRAPH-1 SCHEMA-3
TEST_F(Guide, HappenedAsWritten) {
  size_t sessions = 0, texts = 0;
  for (const auto& page : fs::directory_iterator(kTests / "../docs/guide")) {
    SCOPED_TRACE(page.path().filename().string());
    for (const Block& block : BlocksOf(page.path())) {
      if (block.language == "console") {
        ++sessions;
        PlaySession(block);
      } else if (block.language == "pg" || block.language == "gq") {
        ++texts;
        Lint(block);
      }
    }
    fs::remove_all(folder_ / "harbour");
  }
  EXPECT_GE(sessions, 5u);
  EXPECT_GE(texts, 3u);
}

}  // namespace
}  // namespace tarn::e2e
