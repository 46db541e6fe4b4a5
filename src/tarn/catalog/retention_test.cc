// req: INDEX-26 INDEX-30; keep-1, keep-2, keep-3

#include "tarn/catalog/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/catalog/limits.h"

namespace tarn::catalog {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kHour = int64_t{3600} * 1'000'000;
constexpr int64_t kNow = 1000 * kHour;

/// Commits of these ages in hours, oldest first.
std::vector<CommitRecord> Aged(const std::vector<int>& hours) {
  std::vector<CommitRecord> commits;
  for (int age : hours) {
    commits.push_back({.id = fmt::format("c{}", commits.size()),
                       .manifest_version = commits.size() + 1,
                       .created_at_micros = kNow - age * kHour});
  }
  return commits;
}

std::vector<bool> Of(const std::vector<CommitRecord>& commits, const RetentionRule& rule,
                     const Manifest& names = {}) {
  return Retained(commits, "main", names, {}, rule, kNow);
}

TEST(Retention, TheNewestStay) {
  EXPECT_THAT(Of(Aged({9, 8, 7, 6, 5}), {.keep = 2}), ElementsAre(0, 0, 0, 1, 1));
  EXPECT_THAT(Of(Aged({9, 8}), {.keep = 7}), ElementsAre(1, 1));
  EXPECT_THAT(Of(Aged({9, 8}), {.keep = 0}), ElementsAre(0, 1)) << "the head is never given up";
}

TEST(Retention, WhatWasCurrentWithinTheHourStays) {
  EXPECT_THAT(Of(Aged({9, 8, 7, 0, 0}), {.keep = 1}), ElementsAre(0, 0, 1, 1, 1))
      << "the third was current until the fourth came";
  EXPECT_THAT(Of(Aged({9, 0}), {.keep = 1}), ElementsAre(1, 1));
}

TEST(Retention, BothRulesMustLetGo) {
  EXPECT_THAT(Of(Aged({90, 80, 70, 20, 10}), {.keep = 1, .older_than_micros = 48 * kHour}),
              ElementsAre(0, 0, 1, 1, 1));
  EXPECT_THAT(Of(Aged({90, 80, 70, 60, 50}), {.keep = 3, .older_than_micros = 48 * kHour}),
              ElementsAre(0, 0, 1, 1, 1));
}

TEST(Retention, NamesHold) {
  Manifest names;
  names.tags = {{.name = "t", .commit = "c1", .line = "main"},
                {.name = "u", .commit = "c0", .line = "another"}};
  names.branches = {{.name = "b", .parent = "main", .from = "c2"}};
  const auto commits = Aged({9, 8, 7, 6, 5});
  const auto retained = Of(commits, {.keep = 1}, names);
  EXPECT_THAT(retained, ElementsAre(0, 1, 1, 0, 1));
  EXPECT_EQ(FloorAfter(commits, retained), 5u);
}

TEST(Retention, WhatTheNextMergeStandsOnStays) {
  const auto commits = Aged({9, 8, 7, 6, 5});
  EXPECT_THAT(Retained(commits, "main", {}, {"c1", "of another line"}, {.keep = 1}, kNow),
              ElementsAre(0, 1, 0, 0, 1));

  const auto line = [](const std::vector<std::pair<std::string, std::string>>& ids) {
    std::vector<CommitRecord> made;
    for (const auto& [id, merged] : ids) {
      made.push_back({.id = id});
      if (!merged.empty()) made.back().merged_parent_id = merged;
    }
    return made;
  };
  EXPECT_THAT(MergeBases({line({{"m0", ""}, {"m1", "x1"}, {"m2", "x2"}, {"m3", "y1"}, {"m4", ""}}),
                          line({{"m0", ""}, {"x1", ""}, {"x2", ""}, {"x3", "m2"}}),
                          line({{"m0", ""}, {"y1", ""}, {"y2", "gone"}})}),
              ElementsAre("m2", "x2", "y1"));
}

TEST(Retention, TheFloorIsBelowTheOldestWithoutAGap) {
  const auto commits = Aged({9, 8, 7});
  EXPECT_EQ(FloorAfter(commits, {false, true, true}), 2u);
  EXPECT_EQ(FloorAfter(commits, {true, true, true}), 0u) << "nothing is given up";
}

}  // namespace
}  // namespace tarn::catalog
