// Real processes on plain files, ended by kill -9 at any moment. What they acknowledged is there,
// what is there is whole, and the next process gets in.
//
// req: WRITE-2, WRITE-40, WRITE-57, OPS-18, OPS-22

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "child.h"
#include "oracle.h"
#include "warehouse.h"

namespace tarn::crash {
namespace {

constexpr int kSampledRounds = 4;
constexpr uint32_t kSeed = 7;

/// Every note has its topic and the edge between them: one commit wrote all three.
void ExpectWholeCommits(engine::Database& database) {
  std::map<std::string, size_t> rows;
  for (const char* type : {"Note", "Topic", "About"}) {
    ASSERT_TRUE(database
                    .Export({}, {}, {type},
                            [&](std::string_view piece) {
                              rows[type] += std::count(piece.begin(), piece.end(), '\n');
                              return Status::Ok();
                            })
                    .ok());
  }
  EXPECT_EQ(rows["Note"], rows["Topic"]);
  EXPECT_EQ(rows["Note"], rows["About"]);
}

TEST(KillTest, WhatWasAcknowledgedSurvivesKill9) {
  const char* wanted = std::getenv("TARN_KILL_ROUNDS");
  const int rounds = wanted == nullptr ? kSampledRounds : std::atoi(wanted);
  std::mt19937 random(kSeed);
  Scratch scratch;
  const auto folder = scratch.path() / "wh";
  MakeTemplate(folder);
  size_t acknowledged = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(fmt::format("round {} of {}, seed {}", round, rounds, kSeed));
    std::vector<pid_t> children;
    for (int i = 0; i < 2; ++i) {
      children.push_back(Start({"append", folder, scratch.path() / fmt::format("log-{}", i),
                                fmt::format("r{}w{}", round, i)}));
    }
    for (pid_t child : children) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200 + random() % 900));
      kill(child, SIGKILL);
    }
    for (pid_t child : children) EXPECT_EQ(WaitFor(child), -SIGKILL) << "it ended by itself";

    const std::string files = FilesOf(folder);
    ASSERT_TRUE(OpenAt(folder, Path::kFile, catalog::Access::kReadOnly).ok());
    EXPECT_EQ(FilesOf(folder), files) << "a read-only open wrote something";
    auto database = OpenAt(folder, Path::kFile, catalog::Access::kReadWrite);
    ASSERT_TRUE(database.ok()) << database.status().ToString();
    const auto notes = NotesIn(**database).value();
    const std::set<std::string> there(notes.begin(), notes.end());
    EXPECT_EQ(there.size(), notes.size()) << "a note is there twice";
    acknowledged = 0;
    for (int i = 0; i < 2; ++i) {
      std::ifstream log(scratch.path() / fmt::format("log-{}", i));
      for (std::string name; std::getline(log, name); ++acknowledged) {
        EXPECT_TRUE(there.contains(name)) << name << " was acknowledged and is gone";
      }
    }
    ExpectWholeCommits(**database);
    EXPECT_EQ((*database)->Drift({}, "main").value().size(), 0u);
    const Status swept = SweepUp(**database);
    EXPECT_TRUE(swept.ok()) << swept.ToString();
    EXPECT_TRUE(AddNote({}, **database, fmt::format("after-{}", round)).ok());
  }
  std::printf("%d rounds, %zu commits acknowledged\n", rounds, acknowledged);
  EXPECT_GT(acknowledged, 0u);
}

// The same for each kind of writer, at a random moment of its work.
TEST(KillTest, EveryWriterLeavesTheOldStateOrTheNew) {
  const char* wanted = std::getenv("TARN_KILL_ROUNDS");
  const int rounds = wanted == nullptr ? 1 : std::atoi(wanted);
  std::mt19937 random(kSeed);
  Oracle oracle;
  for (const Writer& writer : Writers()) {
    Scratch scratch;
    const auto folder = scratch.path() / "wh";
    oracle.Prepare(writer, folder);
    auto database = OpenAt(folder, Path::kFile, catalog::Access::kReadWrite).value();
    oracle.Learn(writer, {}, *database, folder);
  }
  int killed = 0;
  for (const Writer& writer : Writers()) {
    for (int round = 0; round < rounds; ++round) {
      SCOPED_TRACE(fmt::format("{}, round {} of {}, seed {}", writer.name, round, rounds, kSeed));
      Scratch scratch;
      const auto folder = scratch.path() / "wh";
      oracle.Prepare(writer, folder);
      const pid_t child = Start({"run", folder, writer.name});
      std::this_thread::sleep_for(std::chrono::microseconds(5'000 + random() % 60'000));
      kill(child, SIGKILL);
      const Answer answer = WaitFor(child);
      killed += answer == -SIGKILL;
      oracle.ExpectEither(folder, writer.name, answer);
      oracle.ExpectWhole(folder, writer.name, answer);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
  std::printf("%d of %zu writers killed in the middle\n", killed, rounds * Writers().size());
}

}  // namespace
}  // namespace tarn::crash
