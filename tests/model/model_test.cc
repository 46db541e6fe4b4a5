// Explicit-state models of the commit protocol: the one that is built, and two that are not. Each
// hole that the design names is a rule switched off, and the model must find it.
//
// invariant: risks R1-R5, R8, slot-1, slot-2, slot-3; req: WRITE-2, WRITE-8, WRITE-30, WRITE-35,
// WRITE-40, WRITE-57

#include <cstdlib>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "slot_protocol.h"
#include "tarn/base/failpoint.h"
#include "ulid_protocol.h"

namespace tarn::model {
namespace {

constexpr uint64_t kStatesMax = 30'000'000;

bool IsDeep() { return std::getenv("TARN_MODEL_DEEP") != nullptr; }

template <typename Model>
std::string TraceOf(const Exploration<typename Model::State>& result) {
  std::string text;
  for (const auto& [label, after] : result.trace) text += "\n  " + Model::Describe(label, after);
  return text;
}

template <typename Model>
Exploration<typename Model::State> Run(const typename Model::Bounds& bounds) {
  auto result = Explore(Model(bounds), kStatesMax);
  std::printf("%9lu states %9lu steps, depth %3lu, %6.2f s  %s\n",
              static_cast<unsigned long>(result.states),
              static_cast<unsigned long>(result.transitions),
              static_cast<unsigned long>(result.depth), result.seconds, result.violation.c_str());
  EXPECT_TRUE(result.complete) << "the bounds are too large to explore";
  return result;
}

template <typename Model>
void ExpectSafe(const typename Model::Bounds& bounds) {
  const auto result = Run<Model>(bounds);
  EXPECT_EQ(result.violation, "") << TraceOf<Model>(result);
}

/// The shortest history to a violation, which must be the named one.
template <typename Model>
void ExpectHole(const typename Model::Bounds& bounds, const std::string& violation) {
  const auto result = Run<Model>(bounds);
  EXPECT_EQ(result.violation, violation) << TraceOf<Model>(result);
  if (IsDeep()) std::printf("%s\n", TraceOf<Model>(result).c_str());
}

// ---- the protocol that is built

using Slot = SlotProtocol::Bounds;

TEST(SlotProtocol, HoldsUnderCrashesAndLostAnswers) {
  ExpectSafe<SlotProtocol>({.crashes = 1, .lost_answers = 1});
  ExpectSafe<SlotProtocol>({.touches = {0b01, 0b10}, .crashes = 1, .lost_answers = 1});
  ExpectSafe<SlotProtocol>({.crashes = 2, .helper_sweeps = 2});
}

TEST(SlotProtocol, HoldsWhenAnHourPassesAndCleanupRuns) {
  ExpectSafe<SlotProtocol>({.crashes = 1, .cleanups = 1, .passers = 2});
  ExpectSafe<SlotProtocol>({.touches = {0b01, 0b10}, .crashes = 1, .cleanups = 1, .passers = 2});
}

// A Lance client that does not know Tarn appends to a table at any time.
TEST(SlotProtocol, NobodyIsRefusedForEverBecauseOfAStranger) {
  ExpectSafe<SlotProtocol>({.touches = {0b11, 0}, .crashes = 1, .strangers_appends = 1});
  ExpectSafe<SlotProtocol>({.crashes = 1, .strangers_appends = 1, .helper_sweeps = 0});
  ExpectSafe<SlotProtocol>({.touches = {0b11, 0}, .lost_answers = 1, .strangers_appends = 1});
}

// Undo needs no proof that going forward is impossible: the slot decides.
TEST(SlotProtocol, AnUndoWithoutNeedLosesNothing) {
  ExpectSafe<SlotProtocol>({.needless_undos = 1});
  ExpectSafe<SlotProtocol>({.touches = {0b01, 0b10}, .crashes = 1, .needless_undos = 1});
}

// A sweeper sleeps and wakes between the steps of writers that stage, move along, crash and are
// finished by others: it takes nothing that anybody still lands. It holds no lease.
TEST(SlotProtocol, ASweepTakesOnlyWhatNobodyCanLand) {
  ExpectSafe<SlotProtocol>({.crashes = 1, .sweeps = 1});
  ExpectSafe<SlotProtocol>({.touches = {0b01, 0b10}, .crashes = 1, .sweeps = 1, .tags = 1});
  ExpectSafe<SlotProtocol>({.touches = {0b11, 0}, .lost_answers = 1, .sweeps = 2, .tags = 1});
  ExpectSafe<SlotProtocol>(
      {.touches = {0b11, 0}, .crashes = 1, .cleanups = 1, .passers = 2, .sweeps = 1});
  ExpectSafe<SlotProtocol>(
      {.touches = {0b11, 0}, .crashes = 1, .needless_undos = 1, .sweeps = 1, .helper_sweeps = 2});
}

TEST(SlotProtocol, HoldsInLargerWorlds) {
  if (!IsDeep()) GTEST_SKIP() << "set TARN_MODEL_DEEP=1";
  ExpectSafe<SlotProtocol>({.crashes = 1, .strangers_appends = 1});
  ExpectSafe<SlotProtocol>({.lost_answers = 1, .strangers_appends = 1});
  ExpectSafe<SlotProtocol>({.crashes = 2, .lost_answers = 1, .cleanups = 1, .passers = 2});
  ExpectSafe<SlotProtocol>({.crashes = 1, .needless_undos = 2});
  ExpectSafe<SlotProtocol>({.strangers_appends = 1, .cleanups = 1, .passers = 2});
  ExpectSafe<SlotProtocol>({.crashes = 1, .lost_answers = 1, .sweeps = 1, .tags = 1});
  ExpectSafe<SlotProtocol>({.crashes = 1, .strangers_appends = 1, .sweeps = 1});
}

TEST(SlotProtocol, EveryRuleIsNeeded) {
  // A table with a stranger's version on top has to be given up by somebody.
  ExpectHole<SlotProtocol>({.strangers_appends = 1, .undo = false}, "a table is refused for ever");
  // The slot's version may be cleaned away while the writer sleeps; its row stays.
  ExpectHole<SlotProtocol>({.cleanups = 1, .outcome_by_row = false}, "visible files were deleted");
  ExpectHole<SlotProtocol>({.cleanups = 1, .passers = 2, .bounded_staleness = false},
                           "an acknowledged commit is gone");
  // A sweep without a barrier takes what a sleeping writer is about to land; so it does when a plan
  // moves along across the barrier, or when what was named meanwhile is not left.
  ExpectHole<SlotProtocol>({.touches = {0b11, 0}, .sweeps = 1, .barriers = false},
                           "visible files were deleted");
  ExpectHole<SlotProtocol>({.touches = {0b11, 0}, .sweeps = 1, .stays_behind_barrier = false},
                           "visible files were deleted");
  ExpectHole<SlotProtocol>({.touches = {0b11, 0}, .sweeps = 1, .looks_again = false},
                           "visible files were deleted");
  // Without undo the look keeps a void intent from touching anything.
  ExpectHole<SlotProtocol>({.touches = {0b01, 0b10}, .undo = false, .look_after_intent = false},
                           "a table is refused for ever");
}

// The model's steps are the places of the code, one for one.
TEST(SlotProtocol, StepsAreTheFailpoints) {
  std::set<std::string> modelled;
  for (const SlotProtocol::StepFacts& facts : SlotProtocol::Steps()) {
    EXPECT_EQ(facts.writes, !facts.failpoints.empty()) << facts.name;
    for (const char* name : facts.failpoints) {
      EXPECT_TRUE(modelled.insert(name).second) << name << " is behind two steps";
    }
  }
  std::set<std::string> built;
  for (const std::string& name : FailpointNames()) {
    // Not of the protocol: init has no rival with effects, a change of names is one commit, and a
    // cleanup gives up commits by a change of names.
    const bool is_other = name.starts_with("init.") || name.starts_with("branch.") ||
                          name.starts_with("merge.") || name == "cleanup.after_floor";
    if (!is_other) built.insert(name);
  }
  EXPECT_EQ(modelled, built);
}

// ---- the protocol as it was first written down, with the holes of the risk list

TEST(UlidProtocol, RecoveryBuriesALiveWriter) {
  ExpectHole<UlidProtocol>({.touches = {0b11, 0b10}, .recoveries = 1},
                           "an acknowledged commit is gone");
}

TEST(UlidProtocol, TwoWritersAndNoWinner) {
  ExpectHole<UlidProtocol>({}, "two writers, and no winner");
}

TEST(UlidProtocol, WriteSkew) {
  ExpectHole<UlidProtocol>({.touches = {0b01, 0b10}, .relies_on = {0b10, 0b01}},
                           "a commit landed on other data than it judged");
}

TEST(UlidProtocol, AbortDeletesWhatRedoNeeds) {
  ExpectHole<UlidProtocol>({.touches = {0b11, 0}, .cancels = 1, .recoveries = 1},
                           "visible files were deleted");
}

TEST(UlidProtocol, AnOldIntentIsTakenForAnUnfinishedOne) {
  ExpectHole<UlidProtocol>(
      {.touches = {0b01, 0b01}, .failed_retires = 1, .expiries = 1, .recoveries = 1},
      "an acknowledged commit is gone");
}

TEST(UlidProtocol, AnHoursPauseAcrossCleanup) {
  ExpectHole<UlidProtocol>({.touches = {0b11, 0}, .cleanups = 1, .passers = 2},
                           "an acknowledged commit is gone");
}

// ---- random names with every rule: nothing is lost, but somebody may be left with nothing

UlidProtocol::Bounds WithRules(UlidProtocol::Bounds bounds, bool burns = false) {
  const UlidProtocol::Bounds rules = UlidProtocol::AllRules();
  bounds.decision_rows = rules.decision_rows;
  bounds.sorted_tables = rules.sorted_tables;
  bounds.checks_read_set = rules.checks_read_set;
  bounds.restores_own_top = rules.restores_own_top;
  bounds.knows_stale = rules.knows_stale;
  bounds.bounded_staleness = rules.bounded_staleness;
  bounds.burns = burns;
  return bounds;
}

TEST(UlidProtocol, TheRulesCloseTheHoles) {
  ExpectSafe<UlidProtocol>(
      WithRules({.touches = {0b11, 0b10}, .recoveries = 1, .later_attempts = 3}));
  ExpectSafe<UlidProtocol>(WithRules({.later_attempts = 3}));
  ExpectSafe<UlidProtocol>(
      WithRules({.touches = {0b01, 0b10}, .relies_on = {0b10, 0b01}, .later_attempts = 3}));
  ExpectSafe<UlidProtocol>(
      WithRules({.touches = {0b11, 0}, .cancels = 1, .recoveries = 1, .later_attempts = 3}));
  ExpectSafe<UlidProtocol>(
      WithRules({.touches = {0b11, 0}, .cleanups = 1, .passers = 2, .later_attempts = 3}));
  ExpectSafe<UlidProtocol>(WithRules({.crashes = 1, .recoveries = 2, .later_attempts = 3}));
}

TEST(UlidProtocol, ButUndoHasNoGoodChoice) {
  // It leaves the versions alone that a table had not reached: a late landing blocks the table.
  ExpectHole<UlidProtocol>(
      WithRules(
          {.touches = {0b11, 0}, .crashes = 1, .cancels = 1, .recoveries = 2, .later_attempts = 3}),
      "a table is refused for ever");
  // Or it takes them too: then it takes them from the writer that was about to win.
  ExpectHole<UlidProtocol>(WithRules({}, /*burns=*/true), "two writers, and no winner");
  // And an intent whose history was dropped is left alone (R6), with its effects in the way.
  ExpectHole<UlidProtocol>(
      WithRules({.touches = {0b01, 0b01}, .expiries = 1, .recoveries = 1, .later_attempts = 3}),
      "a table is refused for ever");
}

}  // namespace
}  // namespace tarn::model
