#pragma once

#include <functional>
#include <string>

#include "explore.h"
#include "storage.h"

namespace tarn::model {

/// The commit protocol that was not built: intents named by a random id, tables first, and the
/// manifest's slot found at the publish. With no rule in force it is the protocol as it was first
/// written down; with all of them it is rules R1 to R8 of the risk list. (R9 and R10 are about
/// deletes and clocks, which this model has none of.)
///
/// Actors: two writers with one commit each, a recoverer that may take any intent it finds at any
/// time, and a later writer that comes when all have ended. One storage call is one step.
class UlidProtocol {
 public:
  static constexpr uint8_t kWriters = 2, kRecoverer = 2, kLater = 3, kActors = 4, kWorld = 4;
  static constexpr uint8_t kFirstPasser = 5;

  struct Bounds {
    uint8_t touches[kWriters] = {0b11, 0b11};
    uint8_t relies_on[kWriters] = {0, 0};  ///< bit t: what it writes is right only if t stays
    uint8_t crashes = 0;
    uint8_t cancels = 0;
    uint8_t failed_retires = 0;
    uint8_t expiries = 0;  ///< old rows of the history are dropped
    uint8_t cleanups = 0;
    uint8_t passers = 0;
    uint8_t recoveries = 0;
    uint8_t later_attempts = 0;
    bool decision_rows = false;      ///< R1, R2: an abort row comes before any undo
    bool sorted_tables = false;      ///< R3 as far as two writers need it: one order of tables
    bool checks_read_set = false;    ///< R4
    bool restores_own_top = false;   ///< R5
    bool knows_stale = false;        ///< R6
    bool bounded_staleness = false;  ///< R8
    bool burns = false;  ///< R2: undo also takes the version that a table had not reached yet
  };
  /// All rules; `burns` apart, for which there is no good choice.
  static Bounds AllRules();

  enum Step : uint8_t {
    kPlan,
    kIntent,
    kEffect,
    kPublish,
    kRetire,
    kRead,
    kJudge,
    kAbortRow,
    kRestore,
    kUndoPublish,
    kCancel,
    kCrash,
    kFailedRetire,
    kExpiry,
    kCleanup,
    kPasser,
    kIdle,
    kEnded
  };
  struct Intent {
    uint8_t is_there = 0;
    uint8_t base = 0;  ///< the manifest version it was planned on
    uint8_t expected[kTables] = {};
  };
  struct Actor {
    uint8_t next = kIdle;
    uint8_t own = kNobody;     ///< its own commit; nobody for the recoverer
    uint8_t target = kNobody;  ///< the commit it lands or undoes
    Intent intent;
    uint8_t slot = 0;  ///< where it will publish
    uint8_t done = 0;  ///< bit t: landed, or restored
    uint8_t named[kTables] = {};
    uint8_t is_stale = 0;
    uint8_t left = 0;
  };
  struct State {
    Dataset table[kTables];
    Manifest manifest;
    Intent intent[5];
    Actor actor[kActors];
    uint8_t floor = 0;  ///< rows of versions below were dropped
    uint8_t discarded = 0, acknowledged = 0, refused = 0;
    uint8_t is_stuck = 0, is_skewed = 0, has_crashed = 0;
    uint8_t crashes = 0, cancels = 0, failed_retires = 0, expiries = 0, cleanups = 0, passers = 0;
  };
  using Emit = std::function<void(Label, const State&)>;

  explicit UlidProtocol(const Bounds& bounds) : bounds_(bounds) {}
  State Initial() const;
  void Successors(const State& state, const Emit& emit) const;
  std::string Violation(const State& state) const;
  static std::string Describe(Label label, const State& after);

 private:
  uint8_t TouchedBy(uint8_t commit) const;
  uint8_t ReliedOnBy(uint8_t commit) const;
  bool OthersHaveEnded(const State& state) const;
  void Act(const State& state, uint8_t actor, const Emit& emit) const;
  void WorldActs(const State& state, const Emit& emit) const;

  void Plan(State& state, Actor& actor) const;
  void Land(State& state, Actor& actor, int table) const;
  void PublishNext(State& state, Actor& actor) const;
  bool MayPublish(const State& state, const Actor& actor) const;
  void Judge(State& state, Actor& actor) const;
  void GiveUp(Actor& actor) const;
  void AbortRow(State& state, Actor& actor) const;
  void Restore(State& state, Actor& actor, int table) const;
  void UndoPublish(State& state, Actor& actor) const;
  void Retire(State& state, Actor& actor, bool deletes) const;
  void Finish(State& state, Actor& actor) const;

  const Bounds bounds_;
};

}  // namespace tarn::model
